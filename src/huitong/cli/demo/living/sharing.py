"""What was asked of the catalog, granted and delivered in the years before: forms, applications,
grants, deliveries."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import qrcode
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from huitong.access import queries
from huitong.access.models import Application, ApplicationSystem, DeliveryFact, Form, Grant
from huitong.access.rules import APPLICATION, GRANT, UNUSED
from huitong.cli.demo.living import resources as data
from huitong.cli.demo.living.catalog import Compiled
from huitong.cli.demo.living.history import Keys, Past, Running, insert
from huitong.cli.demo.living.people import Office
from huitong.cli.demo.stamping import SEAL
from huitong.kernel import watches
from huitong.kernel.actor import Actor
from huitong.kernel.workdays import day_of
from huitong.organizations.models import Duty, Matter
from huitong.publishing.models import Mount
from huitong.publishing.rules import Authorization, Mode
from huitong.ui import pdf
from huitong.work import actions as work

#: forms of the past, and how many of them are still open
FORMS, OPEN = 780, 36
#: the plane that delivers each mode, how often in days, rows at a time
DELIVERS = {
    Mode.API: ("gateway", 5, (3, 400)),
    Mode.TABLE: ("tables", 7, (2_000, 90_000)),
    Mode.FILE: ("files", 21, None),
}
#: what becomes of an application, by its turn
OUTCOMES = ("granted",) * 13 + ("refused", "refused", "declined", "withdrawn")
#: of what is open, where it stands
STANDING = ("submitted", "deciding", "deciding", "sealed", "deciding", "submitted")
REFUSED = {
    "ground": "more_than_needed",
    "cites": "信息项",
    "reasons": "申请的信息项超出所列事项的需要，请按事项办理需要重新选择。",
}
DECLINED = {
    "ground": "papers_incomplete",
    "cites": "盖章件",
    "reasons": "上传的盖章件第二页不清晰，看不清使用范围，请重新扫描后申请。",
}
#: stands for a scan that is not here
PAPER = 1
#: grants of the past end so; only files can be had of what was mounted then
ENDED = ("expire", "expire", "expire", "give_back", "expire", "revoke")


@dataclass
class SharingOfTheCity:
    """Gathers mounts, forms, applications, grants and deliveries, and writes them."""

    past: Past
    offices: dict[str, Office]
    bureau: Office
    now: datetime
    dice: random.Random = field(default_factory=lambda: random.Random("sharing"))  # noqa: S311
    mounts: list[tuple[Mount, Compiled]] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    applications: list[tuple[Application, Running, Compiled]] = field(default_factory=list)
    grants: list[tuple[Grant, Running, Compiled]] = field(default_factory=list)
    systems: dict[int, ApplicationSystem] = field(default_factory=dict)
    delivered: int = 0

    def plant(self, compiled: list[Compiled]) -> None:
        self.keys = {
            model: Keys(model) for model in (Mount, ApplicationSystem, Form, Application, Grant)
        }
        self._mount(compiled)
        self._systems()
        duties = Duty.objects.filter(valid_to=None).order_by("pk")
        self.duties: dict[int, list[Duty]] = {}
        for duty in duties:
            self.duties.setdefault(duty.body_id, []).append(duty)
        self.matters = {m.duty_id: m for m in Matter.objects.order_by("-pk")}
        for n in range(FORMS):
            self._ask(n)

    def write(self) -> None:
        insert(list(self.systems.values()))
        insert(self.forms)
        insert([row for row, _, _ in self.applications])
        insert([row for row, _, _ in self.grants])
        facts = list(self._deliveries())
        insert(facts)
        self.delivered = len(facts)
        for form in self.forms[-OPEN:]:
            self._stamp(form)
        for grant, running, c in self.grants:
            if grant.ended_at is None and running.case.state == "active":
                watches.begin(
                    UNUSED,
                    grant,
                    body=c.office.body.pk,
                    title=running.case.title,
                    on=day_of(self.now - timedelta(days=grant.pk % 60)),
                )

    # -- inside ------------------------------------------------------------------------------------

    def _mount(self, compiled: list[Compiled]) -> None:
        """Each way of sharing of what is published, but for every eleventh that still waits."""
        for c in compiled:
            if c.published_at is None:
                continue
            for n, mode in enumerate(data.MODES.get(m, m) for m in c.resource.modes):
                if (c.entry.pk + n) % 11 == 5:
                    continue
                mount = Mount(
                    pk=next(self.keys[Mount]),
                    mounted_at=c.published_at + timedelta(days=1),
                    changed_at=c.published_at + timedelta(days=1),
                    entry=c.entry,
                    mode=mode,
                    looked_at=c.entry.current.number,
                    authorization=Authorization.DIRECT,
                    responsible=c.office.clerk.name,
                    trained_on=day_of(c.published_at) - timedelta(days=90),
                    update_method="按更新周期由业务系统自动更新",
                )
                if mode == Mode.FILE:
                    mount.file = self._file(c)
                    mount.secrecy = {}
                else:
                    mount.database, mount.schema = c.entry.database, c.entry.source_schema
                    mount.table, mount.key = c.entry.source_table, [c.resource.items[0].column]
                    mount.columns = {item.column: "text" for item in c.resource.items}
                self.mounts.append((mount, c))
        insert([mount for mount, _ in self.mounts])

    def _file(self, c: Compiled) -> Any:
        """A small table of the resource, as its department would hand it out."""
        names = [item.name for item in c.resource.items if item.share_class != "3"]
        lines = [",".join(names)]
        lines += [",".join(f"示例{n}-{k}" for k in range(len(names))) for n in range(1, 9)]
        content = "\ufeff" + "\r\n".join(lines) + "\r\n"
        upload = SimpleUploadedFile(f"{c.resource.name}.csv", content.encode())
        return work.attach(c.office.clerk, upload=upload)

    def _systems(self) -> None:
        named = {d.short_name: d.systems[0] for d in data.departments().values()}
        named |= {r["body"]: r["system"] for r in data.rows("counties")}
        for name, system in named.items():
            body = self.offices[name].body
            self.systems[body.pk] = ApplicationSystem(
                pk=next(self.keys[ApplicationSystem]),
                body=body,
                name=system,
                protection_level="3",
                protection_filing=f"32060{body.pk:05d}-25001",
            )

    def _ask(self, n: int) -> None:
        """One form by one body, for one resource or two."""
        is_open = n >= FORMS - OPEN
        consumer = self.dice.choice([self.offices[name] for name in self._consumers()])
        mounts = [
            (mount, c)
            for mount, c in self.dice.sample(self.mounts, 6)
            if c.office.body != consumer.body and c.resource.share_class != "3"
        ][: 1 + n % 2]
        back = self.dice.randrange(2, 16) if is_open else 20 + (FORMS - n) * 700 // FORMS
        days = self._moments(self.now - timedelta(days=back))
        duty = self.dice.choice(self.duties[consumer.body.pk])
        purpose = self.dice.choice(data.rows("purposes"))
        start = next(days)
        form = Form(
            pk=next(self.keys[Form]),
            consumer=consumer.body,
            duty=duty,
            matter=self.matters.get(duty.pk),
            system=self.systems[consumer.body.pk],
            purpose=purpose["purpose"],
            period_from=day_of(start),
            period_to=day_of(start) + timedelta(days=364),
            contact=consumer.clerk.name,
            phone="0513-85001234",
            opened_by=consumer.clerk.person,
            opened_at=start,
            archive_number=f"{day_of(start).year}-ZW-{n + 1:04d}",
        )
        form.number = f"SQB{day_of(start):%Y%m%d}{form.pk:06d}"
        self.forms.append(form)
        for k, (mount, c) in enumerate(mounts):
            turn = n + k * 5
            outcome = STANDING[turn % len(STANDING)] if is_open else OUTCOMES[turn % len(OUTCOMES)]
            self._apply(form, mount, c, consumer, purpose["frequency"], start, days, outcome)

    def _apply(
        self,
        form: Form,
        mount: Mount,
        c: Compiled,
        consumer: Office,
        frequency: str,
        start: datetime,
        days: Iterator[datetime],
        outcome: str,
    ) -> None:
        running = self.past.open(
            APPLICATION, "draft", consumer.clerk, start, consumer=form.consumer_id
        )
        case = running.case
        names = [i.name for i in c.resource.items if i.share_class != "3"]
        application = Application(
            pk=next(self.keys[Application]),
            form=form,
            case=case,
            mount=mount,
            scope={"items": names[: 4 + form.pk % 9]},
            frequency=frequency,
        )
        if mount.mode == Mode.TABLE:
            application.target_table = mount.table
        case.title = f"申请使用：{c.resource.name}（{Mode(mount.mode).label}）"
        authority = "platform" if c.resource.share_class == "1" else "provider"
        case.facts |= {
            "form": form.pk,
            "form_number": form.number,
            "application": application.pk,
            "mount": mount.pk,
            "authority": authority,
            "provider": c.office.body.pk,
        }
        self.applications.append((application, running, c))
        # the papers of the past lie in the departments' archives
        running.do("seal", consumer.clerk, next(days), scan=PAPER)
        case.facts |= {"scan": PAPER}
        if outcome == "withdrawn":
            running.do("withdraw", consumer.clerk, next(days))
        if outcome in ("sealed", "withdrawn"):
            return
        case.between(provider=c.office.body.pk)
        running.do("submit", consumer.manager, at := next(days))
        form.submitted_at = form.submitted_at or at
        if outcome == "declined":
            running.do("decline", self.bureau.clerk, next(days), **DECLINED)
        elif outcome != "submitted":
            running.do("accept", self.bureau.clerk, next(days))
        decider = c.office.manager if authority == "provider" else self.bureau.manager
        if outcome == "refused":
            running.do("refuse", decider, next(days), **REFUSED)
        if outcome == "granted":
            running.do("grant", decider, at := next(days))
            self._grant(application, c, consumer, decider, at)
        if not case.is_open:
            del case.facts["scan"]

    def _grant(
        self, application: Application, c: Compiled, consumer: Office, decider: Actor, at: datetime
    ) -> None:
        """The grant, and how it ended: of tables and interfaces nothing is live here, for their
        databases are not there."""
        form, mount = application.form, application.mount
        running = self.past.open(
            GRANT, "issue", decider, at, consumer=form.consumer_id, provider=c.office.body.pk
        )
        case = running.case
        case.title = f"授权：{c.resource.name} → {consumer.body.short_name}"
        grant = Grant(
            pk=next(self.keys[Grant]),
            case=case,
            application=application,
            mount=mount,
            consumer=form.consumer,
            system=form.system,
            matter=form.matter,
            purpose=form.purpose,
            scope=application.scope,
            per_second=10,
            valid_from=day_of(at),
            valid_to=form.period_to,
            target_table=application.target_table,
        )
        authority = "provider" if decider is c.office.manager else "platform"
        case.facts |= {"application": application.pk, "grant": grant.pk, "authority": authority}
        application.case.facts |= {"grant": grant.pk, "partly": False}
        self.grants.append((grant, running, c))
        over = grant.valid_to < day_of(self.now)
        if mount.mode == Mode.FILE and not over:
            return
        verb = "expire" if over else ENDED[grant.pk % len(ENDED)]
        if verb == "expire" and not over:  # asked for a shorter time
            grant.valid_to = day_of(self.now) - timedelta(days=1 + grant.pk % 40)
            if grant.valid_to <= grant.valid_from:
                verb = "give_back"
        ended = self.now - timedelta(days=1 + grant.pk % 30, hours=grant.pk % 5)
        if verb == "expire":
            ended = datetime.combine(
                grant.valid_to + timedelta(days=1), datetime.min.time(), self.now.tzinfo
            )
        grant.ended_at = min(max(ended, at + timedelta(hours=3)), self.now - timedelta(minutes=1))
        who = {"expire": Actor.system(bureau_body=self.bureau.body.pk), "give_back": consumer.clerk}
        given = {
            "ground": "basis_gone",
            "cites": "使用目的",
            "reasons": "所办事项已经取消，不再需要这些数据。",
        }
        running.do(
            verb, who.get(verb, decider), grant.ended_at, **(given if verb == "revoke" else {})
        )

    def _deliveries(self) -> Iterator[DeliveryFact]:
        """A year of deliveries, more on working days in the middle of the month."""
        year = self.now - timedelta(days=365)
        for grant, _, _ in self.grants:
            plane, every, rows = DELIVERS[Mode(grant.mount.mode)]
            first = max(year.date(), grant.valid_from)
            last = min(self.now.date(), (grant.ended_at or self.now).date())
            for n in range((last - first).days // every):
                on = first + timedelta(days=n * every)
                if on.weekday() > 4 and plane != "tables":
                    continue
                at = datetime(
                    on.year, on.month, on.day, 1 + grant.pk % 9, n % 60, tzinfo=self.now.tzinfo
                )
                count = self.dice.randrange(*rows) if rows else None
                failed = (grant.pk + n) % 97 == 0
                yield DeliveryFact(
                    grant=grant,
                    plane=plane,
                    reference=f"past-{grant.pk}-{n}",
                    at=at,
                    rows=0 if failed else count,
                    bytes=0 if failed else (count or 400) * 96,
                    status="failed" if failed else "delivered",
                )

    def _stamp(self, form: Form) -> None:
        """The stamped paper of a form somebody still works on: what it says is what it says."""
        content = queries.content_of(form)
        form.printed_content, form.printed_hash = content, pdf.fingerprint(content)
        form.scanned_hash, form.printed_at = form.printed_hash, self.now - timedelta(days=1)
        office = next(o for o in self.offices.values() if o.body.pk == form.consumer_id)
        upload = SimpleUploadedFile(f"{form.number}盖章件.jpg", drawn(form.number))
        form.scan = work.attach(office.clerk, upload=upload)
        form.save()
        for application, running, _ in self.applications:
            if application.form_id == form.pk:
                application.form = form
                running.case.facts |= {"scan": form.scan_id, "scan_doubts": []}
                if form.submitted_at:
                    running.case.facts |= {"stamped": queries.stamp_of(application)}

    def _consumers(self) -> list[str]:
        ids = {system.body_id for system in self.systems.values()}
        return sorted(n for n, o in self.offices.items() if o.body.pk in ids)

    def _moments(self, start: datetime) -> Iterator[datetime]:
        """Moments of work, a day to six after another; never ahead of now."""
        at = start
        while True:
            on = self.past.calendar.after(day_of(at), self.dice.choice((1, 1, 1, 2, 2, 4, 8))).on
            hour, minute = 1 + self.dice.randrange(8), self.dice.randrange(60)
            at = datetime(on.year, on.month, on.day, hour, minute, tzinfo=self.now.tzinfo)
            if at >= self.now:
                at = self.now - timedelta(minutes=5)
            yield at


def drawn(number: str) -> bytes:
    """A stamped page as a scanner sees it: the number as a code, and a red ring."""
    page, out = Image.new("RGB", (620, 877), "white"), io.BytesIO()
    code = qrcode.QRCode(box_size=4, border=2)
    code.add_data(number)
    page.paste(code.make_image().get_image().convert("RGB"), (440, 30))
    ImageDraw.Draw(page).ellipse((400, 640, 560, 800), outline=SEAL, width=7)
    page.save(out, "JPEG", quality=70)
    return out.getvalue()
