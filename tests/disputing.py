"""Disputes for tests: Housing was refused what Civil Affairs has (``sharing``), one call a stage.

``disputing.refused()`` → the refused application · ``drafted()`` · ``submitted()`` · ``convened()``
· ``stated()`` · ``recorded()`` · ``confirmed()`` · ``concluded("agreed")`` · ``at(dispute)`` → its
state now; ``adopt_decree()`` for what is opened from then on.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from tests.sharing import REFUSED, Sharing

from huitong.access import actions as access
from huitong.access.models import Application
from huitong.disputes import actions
from huitong.disputes.models import Dispute
from huitong.disputes.rules import Outcome, S, Subject
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.workdays import SHANGHAI, today
from huitong.organizations import actions as organizations
from huitong.work import jobs

CLAIM: dict[str, Any] = {
    "subject": Subject.RESULT,
    "words": "不予授权的理由与保障性住房条例第八条不符，本部门承担该项审核职责。",
    "wish": "同意提供男方、女方姓名和登记日期。",
}
MINUTES = "三方到会。民政局同意提供姓名和登记日期，住建局补充条例依据。"


class Disputing:
    """See the module's docstring."""

    def __init__(self, sharing: Sharing, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sharing, self.cast = sharing, sharing.cast
        self._clock = monkeypatch

    def adopt_decree(self) -> None:
        """Let what is opened from now on run under the decree."""
        organizations.adopt_law(
            self.cast.system_admin,
            law="national-2025",
            in_force=today(),
            basis="市政府办公室关于贯彻政务数据共享条例的通知",
        )

    @property
    def tomorrow(self) -> dict[str, Any]:
        return {"on": today() + timedelta(1), "at": "09:30", "place": "市民中心 302 会议室"}

    def on(self, day: date) -> None:
        """Let what follows be done on this day, in the forenoon."""
        moment = datetime.combine(day, time(10), SHANGHAI)
        self._clock.setattr("django.utils.timezone.now", lambda: moment)

    def lapsed(self, dispute: Dispute, clock: str) -> None:
        """Let a limit be over, and the platform notice it."""
        due = Clock.objects.filter(case=dispute.case_id, name=clock).latest("due_on").due_on
        self.on(due + timedelta(1))
        jobs.watch(due + timedelta(1))

    def refused(self) -> Application:
        application = self.sharing.accepted(self.sharing.mount("marriage"))
        access.refuse(self.cast.civil_manager, application.case, **REFUSED)
        return application

    def drafted(self, about: Case | None = None, who: str = "housing", **changes: Any) -> Dispute:
        about = about or self.refused().case
        clerk = getattr(self.cast, f"{who}_operator")
        dispute: Dispute = actions.draft(clerk, about=about.pk, **CLAIM | changes)
        return dispute

    def submitted(self, about: Case | None = None, who: str = "housing") -> Dispute:
        dispute = self.drafted(about, who)
        actions.submit(getattr(self.cast, f"{who}_manager"), self.case(dispute))
        return dispute

    def convened(self, about: Case | None = None, who: str = "housing") -> Dispute:
        dispute = self.submitted(about, who)
        actions.convene(self.cast.bureau_operator, self.case(dispute), **self.tomorrow)
        return dispute

    def stated(self, about: Case | None = None, who: str = "housing") -> Dispute:
        dispute = self.convened(about, who)
        for body in ("civil", "bureau", "housing"):
            clerk = getattr(self.cast, f"{body}_operator")
            actions.present(clerk, self.case(dispute), words=f"{body} 的意见")
        return dispute

    def recorded(self, about: Case | None = None, who: str = "housing") -> Dispute:
        dispute = self.stated(about, who)
        self.on(today() + timedelta(1))
        actions.record(self.cast.bureau_operator, self.case(dispute), minutes=MINUTES)
        return dispute

    def confirmed(
        self, about: Case | None = None, who: str = "housing", objection: str = ""
    ) -> Dispute:
        dispute = self.recorded(about, who)
        actions.confirm(self.cast.housing_manager, self.case(dispute), objection=objection)
        actions.confirm(self.cast.civil_manager, self.case(dispute))
        return dispute

    def concluded(
        self, outcome: str = "agreed", about: Case | None = None, who: str = "housing"
    ) -> Dispute:
        dispute = self.confirmed(about, who)
        actions.conclude(
            self.cast.bureau_manager,
            self.case(dispute),
            outcome=Outcome(outcome),
            words="同意提供三项信息，住建局重新申请。",
        )
        return Dispute.objects.get(pk=dispute.pk)

    @staticmethod
    def case(dispute: Dispute) -> Case:
        return Case.objects.get(pk=dispute.case_id)

    def at(self, dispute: Dispute) -> S:
        return S(self.case(dispute).state)


@pytest.fixture
def disputing(sharing: Sharing, monkeypatch: pytest.MonkeyPatch) -> Disputing:
    return Disputing(sharing, monkeypatch)
