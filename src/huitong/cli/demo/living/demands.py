"""What the catalog did not have and bodies demanded of each other: a few, each at another point of
its way (A24, A25)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from huitong.cli.demo.living import resources as data
from huitong.cli.demo.living.history import Keys, Past, Running, insert
from huitong.cli.demo.living.people import Office
from huitong.cli.demo.stamping import drawn
from huitong.demands import queries
from huitong.demands.models import Answer, Demand
from huitong.demands.rules import DEMAND, Kind
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.workdays import day_of
from huitong.organizations.models import Duty, Matter
from huitong.ui import pdf
from huitong.work import actions as work

#: begun, sealed, submitted, answered, closed; and the working days between
STEPS, GAPS = 5, (1, 1)
#: how long after the answer a promise, and an obstacle, reaches
PROMISED, PUT_OFF = timedelta(days=12), timedelta(days=75)
NOT_OURS = "该数据不由本部门采集，也不在本部门系统中。"


@dataclass
class DemandsOfTheCity:
    """Gathers demands with their answers, and writes them."""

    past: Past
    offices: dict[str, Office]
    bureau: Office
    demands: list[tuple[Demand, Running, Office]] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    def plant(self) -> None:
        self.keys = Keys(Demand)
        for row in data.rows("demands"):
            self._demand(row)

    def write(self) -> None:
        for demand, running, office in self.demands:
            self._stamp(demand, running, office)
        insert([demand for demand, _, _ in self.demands])
        insert(self.answers)

    @property
    def cases(self) -> list[Case]:
        return [running.case for _, running, _ in self.demands]

    # -- inside ------------------------------------------------------------------------------------

    def _demand(self, row: dict[str, str]) -> None:
        office, body = self.offices[row["consumer"]], self.offices.get(row["body"])
        moments = self.past.moments(int(row["back"]), STEPS, GAPS)
        begun = next(moments)
        running = self.past.open(DEMAND, "draft", office.clerk, begun, consumer=office.body.pk)
        duty = Duty.objects.filter(body=office.body, valid_to=None).order_by("pk")[0]
        demand = Demand(
            pk=next(self.keys),
            case=running.case,
            consumer=office.body,
            title=row["title"],
            items=row["items"].split(data.LISTED),
            duty=duty,
            matter=Matter.objects.filter(duty=duty, valid_to=None).order_by("pk").first(),
            purpose=row["purpose"],
            addressed=[body.body.pk] if body else [],
            contact=office.clerk.name,
            phone="0513-85001234",
            printed_at=begun + timedelta(minutes=5),
            archive_number=f"{begun.year}-XQ-{len(self.demands) + 1:04d}",
        )
        running.case.title = f"需求申请：{demand.title}"
        self.demands.append((demand, running, office))
        running.do("seal", office.clerk, next(moments), papers=["scan"])
        demand.submitted_at, demand.provider = next(moments), body.body if body else None
        running.case.between(provider=demand.provider.pk if demand.provider else None)
        running.do(
            "submit",
            office.manager,
            demand.submitted_at,
            papers=["scan"],
            goes_to="body" if body else "bureau",
        )
        if body is not None:
            self._answer(demand, running, body, row, moments)

    def _answer(
        self,
        demand: Demand,
        running: Running,
        office: Office,
        row: dict[str, str],
        moments: Iterator[datetime],
    ) -> None:
        """What the body said, as far as it has spoken."""
        at, words = next(moments), row["words"]
        if row["outcome"] == "promised":
            running.do("promise", office.clerk, at)
            self._say(demand, office.clerk, Kind.PROMISED, at, words, on=day_of(at) + PROMISED)
        elif row["outcome"] == "deferred":
            until = day_of(at) + PUT_OFF
            given = {"ground": "not_digital", "reasons": words}
            running.case.facts["until"] = until.isoformat()
            running.do("obstacle", office.clerk, at, **given)
            self._say(
                demand, office.clerk, Kind.DEFERRED, at, words, on=until, ground="not_digital"
            )
        elif row["outcome"] == "unmet":
            running.do("not_ours", office.clerk, at, reasons=NOT_OURS)
            self._say(demand, office.clerk, Kind.NOT_OURS, at, NOT_OURS)
            running.case.parties.pop("provider")
            running.case.between(readers=[office.body.pk])
            demand.provider, closed = None, next(moments)
            running.do("close", self.bureau.clerk, closed, reasons=words)
            self._say(demand, self.bureau.clerk, Kind.UNMET, closed, words)

    def _say(
        self, demand: Demand, who: Actor, kind: Kind, at: datetime, words: str, **more: object
    ) -> None:
        row = Answer(demand=demand, body_id=who.body, kind=kind.value, words=words, by=who.name)
        row.at = at
        for name, value in more.items():
            setattr(row, name, value)
        self.answers.append(row)

    def _stamp(self, demand: Demand, running: Running, office: Office) -> None:
        """The stamped paper: what it says is what the demand says."""
        submitted, demand.submitted_at = demand.submitted_at, None
        content = queries.content_of(demand)
        demand.submitted_at = submitted
        demand.printed_content, demand.printed_hash = content, pdf.fingerprint(content)
        demand.scanned_hash, number = demand.printed_hash, running.case.number or ""
        upload = SimpleUploadedFile(f"{number}盖章件.jpg", drawn(number))
        demand.scan = work.attach(office.clerk, upload=upload)
        running.case.facts |= {"scan": demand.scan_id, "scan_doubts": []}
