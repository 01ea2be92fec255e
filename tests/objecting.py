"""Doubts for tests: Housing doubts what Civil Affairs delivered (``sharing``), one call a stage.

``objecting.called()`` → a call under Housing's grant · ``raised()`` · ``about_entry()`` ·
``upheld()`` · ``admitted()`` · ``corrected()`` · ``confirmed()`` · ``at(objection)`` → its state
now; ``adopt_decree()`` for what is raised from then on.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import pytest
from django.utils import timezone
from tests.sharing import Sharing

from huitong.access.models import Grant
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import writing
from huitong.kernel.workdays import SHANGHAI, today
from huitong.objections import actions
from huitong.objections.models import Objection
from huitong.objections.rules import Doubt, S, Satisfaction
from huitong.organizations import actions as organizations
from huitong.planes.gateway.models import Call
from huitong.planes.gateway.rules import Verdict
from huitong.scope.identifiers import make_citizen_number
from huitong.work import jobs
from huitong.work.models import Notice

#: what a clerk writes of one record that came wrong
WRONG: dict[str, Any] = {
    "kind": Doubt.CONTENT,
    "words": "申请人出示的结婚证与返回的登记日期不一致。",
    "item": "登记日期",
    "locator": "登记证字号 A0***7",
    "held": "2020-01-08",
    "believed": "2020-08-01",
}
REQUEST = "7d0f2a52-96f2-4f6e-8f4d-2f7f3c1b9e10"
#: an invented number, right by its check digit
PERSON_TEXT = make_citizen_number(Random(29))
RIGHT = "经核对登记档案，登记日期与原始登记表一致。"
DONE = "已在婚姻登记系统更正登记日期。"


class Objecting:
    """See the module's docstring."""

    def __init__(self, sharing: Sharing, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sharing, self.cast = sharing, sharing.cast
        self._clock = monkeypatch
        self._grant: Grant | None = None

    def adopt_decree(self) -> None:
        """Let what is raised from now on run under the decree."""
        organizations.adopt_law(
            self.cast.system_admin,
            law="national-2025",
            in_force=today(),
            basis="市政府办公室关于贯彻政务数据共享条例的通知",
        )

    def on(self, day: date) -> None:
        """Let what follows be done on this day, in the forenoon."""
        moment = datetime.combine(day, time(10), SHANGHAI)
        self._clock.setattr("django.utils.timezone.now", lambda: moment)

    def lapsed(self, objection: Objection, clock: str) -> None:
        """Let a limit be over, and the platform notice it."""
        due = Clock.objects.filter(case=objection.case_id, name=clock).latest("due_on").due_on
        self.on(due + timedelta(1))
        jobs.watch(due + timedelta(1))

    def grant(self) -> Grant:
        if self._grant is None:
            self._grant = self.sharing.granted(self.sharing.mount("marriage", "api"))
        return self._grant

    def called(self, request: str = REQUEST, verdict: Verdict = Verdict.ALLOWED) -> dict[str, Any]:
        """A call under the grant as the gateway keeps it; what the doubt says of it."""
        with writing("test"):
            Call.objects.get_or_create(
                stream=request,
                ended=True,
                defaults={
                    "at": timezone.now(),
                    "request_id": request,
                    "grant": self.grant(),
                    "method": "GET",
                    "path": f"/data/{self.grant().pk}",
                    "status": 200,
                    "verdict": verdict,
                },
            )
        return {"grant": self.grant().pk, "delivery": request}

    def raised(self, **changes: Any) -> Objection:
        given = WRONG | self.called() | changes
        objection: Objection = actions.report(self.cast.housing_operator, **given)
        return objection

    def about_entry(self, who: str = "housing", **changes: Any) -> Objection:
        """A doubt about the catalog alone, of whoever sees the entry."""
        entry = self.sharing.mount("marriage", "api").entry_id
        given = {"kind": Doubt.CATALOG, "words": "摘要写的起始年份与实际不符。", "entry": entry}
        objection: Objection = actions.report(
            getattr(self.cast, f"{who}_operator"), **given | changes
        )
        return objection

    def upheld(self, objection: Objection | None = None) -> Objection:
        objection = objection or self.raised()
        actions.uphold(self.cast.civil_operator, self.case(objection), reasons=RIGHT)
        return self.again(objection)

    def admitted(self, objection: Objection | None = None) -> Objection:
        objection = objection or self.raised()
        planned = today() + timedelta(3)
        actions.admit(self.cast.civil_operator, self.case(objection), planned_on=planned)
        return self.again(objection)

    def corrected(self, objection: Objection | None = None) -> Objection:
        objection = self.admitted(objection)
        given = {"corrected_on": today(), "correction": DONE}
        actions.correct(self.cast.civil_operator, self.case(objection), **given)
        return self.again(objection)

    def confirmed(self, objection: Objection | None = None) -> Objection:
        objection = self.corrected(objection)
        actions.confirm(self.cast.civil_manager, self.case(objection))
        return self.again(objection)

    def dissatisfied(self) -> Objection:
        objection = self.upheld()
        given = {"satisfied": Satisfaction.NO, "evaluation": "证件原件与登记表不同，请再核对。"}
        actions.evaluate(self.cast.housing_operator, self.case(objection), **given)
        return self.again(objection)

    @staticmethod
    def again(objection: Objection) -> Objection:
        return Objection.objects.get(pk=objection.pk)

    @staticmethod
    def case(objection: Objection) -> Case:
        return Case.objects.get(pk=objection.case_id)

    def titles(self, who: str) -> list[str]:
        """What somebody was told, in order."""
        rows = Notice.objects.filter(person=getattr(self.cast, who).person)
        return [f"{row.title}：{row.text}" for row in rows.order_by("pk")]

    def at(self, objection: Objection) -> S:
        return S(self.case(objection).state)


@pytest.fixture
def objecting(sharing: Sharing, monkeypatch: pytest.MonkeyPatch) -> Objecting:
    return Objecting(sharing, monkeypatch)
