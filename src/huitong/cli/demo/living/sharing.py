"""What was asked of the catalog, granted and delivered in the years before: forms, applications,
grants, deliveries."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from django.core.files.uploadedfile import SimpleUploadedFile

from huitong.access import queries
from huitong.access.models import Application, DeliveryFact, Form, Grant
from huitong.access.rules import APPLICATION, GRANT, UNUSED
from huitong.catalog.models import InformationSystem
from huitong.catalog.rules import ShareClass
from huitong.cli.demo.living import resources as data
from huitong.cli.demo.living.catalog import Compiled
from huitong.cli.demo.living.history import Keys, Past, Running, insert
from huitong.cli.demo.living.people import Office
from huitong.cli.demo.stamping import drawn
from huitong.kernel import watches
from huitong.kernel.actor import Actor
from huitong.kernel.workdays import SHANGHAI, day_of
from huitong.organizations.models import Duty, Matter
from huitong.publishing.models import Mount
from huitong.publishing.rules import Authorization, Mode
from huitong.ui import pdf
from huitong.work import actions as work

#: forms of the past, and how many of them are still open
FORMS, OPEN = 780, 36
#: working days ago: the oldest and the youngest of those decided, of those still open
DECIDED, STILL_OPEN = (14, 494), (4, 12)
#: working days between two steps of an application, and since a decision at least
GAPS, SINCE = (1, 1, 1, 2, 2, 4, 8), 3
#: one of so many older grants nobody has used for longer than the limit (A26)
IDLE, IDLE_FOR = 15, timedelta(days=118)
#: a year of use is asked for, and a year of deliveries planted
YEAR = timedelta(days=365)
#: what is published is mounted the next working day; one of so many still waits for it
UNMOUNTED = 11
#: the plane that delivers each mode, how often in days, rows at a time
DELIVERS = {
    Mode.API: ("gateway", 3, (3, 400)),
    Mode.TABLE: ("tables", 5, (2_000, 90_000)),
    Mode.FILE: ("files", 21, None),
}
#: what becomes of an application, by its turn
OUTCOMES = ("granted",) * 13 + ("refused", "refused", "declined", "withdrawn")
#: of what is open, where it stands
STANDING = ("submitted", "deciding", "deciding", "sealed", "deciding", "submitted")
#: what was said of personal data, where any were asked for
HANDLING = {
    "legal_basis": "duty",
    "impact_purpose": "办理所列事项是法定职责；只取所必需的信息，逐件核对。",
    "impact_effect": "泄露会影响个人生活安宁；只供办理时核对，不另存，风险低。",
    "impact_measures": "按目录脱敏；专人专号，操作留日志，离岗即停用账号。",
}
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
REVOKED = {
    "ground": "basis_gone",
    "cites": "使用目的",
    "reasons": "所办事项已经取消，不再需要这些数据。",
}
#: grants of the past end so; only files can be had of what was mounted then
ENDED = ("expire", "expire", "expire", "give_back", "expire", "revoke")


class Days(NamedTuple):
    """When a form was begun, printed, sealed, submitted, accepted and decided on."""

    begun: datetime
    printed: datetime
    sealed: datetime
    submitted: datetime
    accepted: datetime
    decided: datetime


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
    systems: dict[int, InformationSystem] = field(default_factory=dict)
    idle: set[int] = field(default_factory=set)
    delivered: int = 0

    def plant(self, compiled: list[Compiled]) -> None:
        self.keys = {model: Keys(model) for model in (Mount, Form, Application, Grant)}
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
        insert(self.forms)
        insert([row for row, _, _ in self.applications])
        insert([row for row, _, _ in self.grants])
        since = day_of(self.now) - IDLE_FOR
        old = [g for g, r, _ in self.grants if r.case.state == "active" and g.valid_from < since]
        self.idle = {grant.pk for grant in old[::IDLE]}
        facts = list(self._deliveries())
        insert(facts)
        self.delivered = len(facts)
        for form in self.forms[-OPEN:]:
            self._stamp(form)
        for grant, running, c in self.grants:
            if grant.ended_at is None and running.case.state == "active":
                authority = running.case.facts["authority"]
                watches.begin(
                    UNUSED[authority],
                    grant,
                    body=(c.office if authority == "provider" else self.bureau).body.pk,
                    title=running.case.title,
                    on=max(grant.valid_from, day_of(self.now) - self._unused_for(grant)),
                )

    # -- inside ------------------------------------------------------------------------------------

    def _mount(self, compiled: list[Compiled]) -> None:
        """Each way of sharing of what is published, but for some that still wait."""
        for c in compiled:
            if c.published_at is None:
                continue
            at = self.past.later(c.published_at, 1)
            for n, mode in enumerate(map(Mode, c.resource.modes)):
                if (c.entry.pk + n) % UNMOUNTED == 5:
                    continue
                mount = Mount(
                    pk=next(self.keys[Mount]),
                    mounted_at=at,
                    changed_at=at,
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
        names = c.resource.shared
        lines = [",".join(names)]
        lines += [",".join(f"示例{n}-{k}" for k in range(len(names))) for n in range(1, 9)]
        content = "\ufeff" + "\r\n".join(lines) + "\r\n"
        upload = SimpleUploadedFile(f"{c.resource.name}.csv", content.encode())
        return work.attach(c.office.clerk, upload=upload)

    def _systems(self) -> None:
        """The system of each body that uses data: the first of a department's, a county's one."""
        named = {d.short_name: d.systems[0] for d in data.departments().values()}
        named |= {r["body"]: r["system"] for r in data.rows("counties")}
        names = {self.offices[body].body.pk: system for body, system in named.items()}
        for system in InformationSystem.objects.filter(body__in=names):
            if system.name == names[system.body_id]:
                self.systems[system.body_id] = system

    def _ask(self, n: int) -> None:
        """One form by one body, for one resource or two."""
        is_open = n >= FORMS - OPEN
        consumer = self.dice.choice([self.offices[name] for name in self._consumers()])
        days = self._days(n, is_open)
        offered = [
            (mount, c)
            for mount, c in self.mounts
            if c.office.body != consumer.body
            and c.resource.share_class is not ShareClass.NOT_SHARED
            and mount.mounted_at < days.begun
        ]
        duty = self.dice.choice(self.duties[consumer.body.pk])
        purpose = self.dice.choice(data.rows("purposes"))
        form = Form(
            pk=next(self.keys[Form]),
            consumer=consumer.body,
            duty=duty,
            matter=self.matters.get(duty.pk),
            system=self.systems[consumer.body.pk],
            purpose=purpose["purpose"],
            period_from=day_of(days.begun),
            period_to=day_of(days.begun) + YEAR - timedelta(days=1),
            contact=consumer.clerk.name,
            phone="0513-85001234",
            opened_by=consumer.clerk.person,
            opened_at=days.begun,
            printed_at=days.printed if is_open else None,
            archive_number=f"{days.begun.year}-ZW-{n + 1:04d}",
        )
        form.number = f"SQB{day_of(days.begun):%Y%m%d}{form.pk:06d}"
        self.forms.append(form)
        for k, (mount, c) in enumerate(self.dice.sample(offered, 1 + n % 2)):
            turn = n + k * 5
            outcome = STANDING[turn % len(STANDING)] if is_open else OUTCOMES[turn % len(OUTCOMES)]
            self._apply(form, mount, c, consumer, purpose["frequency"], days, outcome)

    def _days(self, n: int, is_open: bool) -> Days:
        youngest, oldest = STILL_OPEN if is_open else DECIDED
        if is_open:
            back, until = self.dice.randrange(youngest, oldest), 1
        else:
            back, until = oldest - n * (oldest - youngest) // FORMS, SINCE
        return Days(*self.past.moments(back, len(Days._fields), GAPS, until))

    def _apply(
        self,
        form: Form,
        mount: Mount,
        c: Compiled,
        consumer: Office,
        frequency: str,
        days: Days,
        outcome: str,
    ) -> None:
        running = self.past.open(
            APPLICATION, "draft", consumer.clerk, days.begun, consumer=form.consumer_id
        )
        case = running.case
        application = Application(
            pk=next(self.keys[Application]),
            form=form,
            case=case,
            mount=mount,
            scope={"items": c.resource.shared[: 4 + form.pk % 9]},
            frequency=frequency,
        )
        if mount.mode == Mode.TABLE:
            application.target_table = mount.table
        case.title = f"申请使用：{c.resource.name}（{Mode(mount.mode).label}）"
        is_open_to_all = c.resource.share_class is ShareClass.UNCONDITIONAL
        authority = "platform" if is_open_to_all else "provider"
        case.facts |= {
            "form": form.pk,
            "form_number": form.number,
            "application": application.pk,
            "mount": mount.pk,
            "authority": authority,
            "provider": c.office.body.pk,
        }
        if any(i.personal for i in c.resource.items if i.name in application.scope["items"]):
            for name, words in HANDLING.items():
                setattr(form, name, words)
            form.impact_by, form.impact_on = consumer.clerk.name, form.period_from
        self.applications.append((application, running, c))
        running.do("seal", consumer.clerk, days.sealed, papers=["scan"])
        if outcome == "withdrawn":
            running.do("withdraw", consumer.clerk, days.submitted)
        if outcome in ("sealed", "withdrawn"):
            return
        case.between(provider=c.office.body.pk)
        running.do("submit", consumer.manager, days.submitted, papers=["scan"])
        form.submitted_at = days.submitted
        if outcome == "declined":
            running.do("decline", self.bureau.clerk, days.accepted, **DECLINED)
        elif outcome != "submitted":
            running.do("accept", self.bureau.clerk, days.accepted)
        decider = c.office.manager if authority == "provider" else self.bureau.manager
        if outcome == "refused":
            running.do("refuse", decider, days.decided, **REFUSED)
        if outcome == "granted":
            running.do("grant", decider, days.decided)
            self._grant(application, c, consumer, decider, days.decided)

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
            legal_basis=form.legal_basis,
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
        verb = ENDED[grant.pk % len(ENDED)]
        if grant.valid_to < day_of(self.now):
            verb = "expire"
        elif mount.mode == Mode.FILE:
            return
        later = self.past.moments(self.dice.randrange(1, self.past.back_to(at)), 1, ())
        if verb == "expire":  # the platform acts at midnight; some were granted for a shorter time
            grant.valid_to = min(grant.valid_to, day_of(next(later)))
            ended = datetime.combine(grant.valid_to + timedelta(days=1), time(0, 5), SHANGHAI)
        else:
            ended = next(later)
        grant.ended_at = ended
        who = {"expire": Actor.system(bureau_body=self.bureau.body.pk), "give_back": consumer.clerk}
        given = REVOKED if verb == "revoke" else {}
        running.do(verb, who.get(verb, decider), ended, **given)

    def _deliveries(self) -> Iterator[DeliveryFact]:
        """A year of deliveries, more on working days in the middle of the month."""
        year = day_of(self.now) - YEAR
        for grant, _, _ in self.grants:
            plane, every, rows = DELIVERS[Mode(grant.mount.mode)]
            first = max(year, grant.valid_from + timedelta(days=1))
            last = day_of(grant.ended_at or self.now)
            if grant.pk in self.idle:
                last -= IDLE_FOR
            for n in range((last - first).days // every):
                on = first + timedelta(days=n * every)
                if on.weekday() > 4 and plane != "tables":
                    continue
                at = datetime.combine(on, time(9 + grant.pk % 9, n % 60), SHANGHAI)
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

    def _unused_for(self, grant: Grant) -> timedelta:
        return IDLE_FOR if grant.pk in self.idle else timedelta(days=grant.pk % 60)

    def _stamp(self, form: Form) -> None:
        """The stamped paper of a form somebody still works on: what it says is what it says."""
        content = queries.content_of(form)
        form.printed_content, form.printed_hash = content, pdf.fingerprint(content)
        form.scanned_hash = form.printed_hash
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
