"""More time to bring a catalog up to date, with the bureau's consent (政务数据共享条例)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from huitong.catalog.rules.changes_under_decree import CHANGE_PART_UNDER_DECREE
from huitong.kernel.actor import BUREAU, PROVIDER, Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.clocks import check_extension
from huitong.kernel.doing import step
from huitong.kernel.workdays import today
from huitong.work import actions as work

Reasons = Annotated[str, Field(title="理由", max_length=1000)]


@step(CHANGE_PART_UNDER_DECREE)
def ask_extension(
    actor: Actor,
    case: Case,
    *,
    days: Annotated[int, Field(title="延长的工作日数", ge=1, le=100)],
    reasons: Reasons,
) -> None:
    """Ask the bureau for more time; the limit runs on meanwhile."""
    check_extension(CHANGE_PART_UNDER_DECREE, case, "update", days, today())
    case.facts |= {"days": days, "extension": "waiting", "extension_reasons": reasons}
    _tell(actor, case, BUREAU.name, f"申请延长更新时限 {days} 个工作日", reasons)


@step(CHANGE_PART_UNDER_DECREE)
def consent(actor: Actor, case: Case, *, opinion: Reasons = "") -> None:
    """Let the body take longer, by what it asked for."""
    case.facts |= {"extension": "granted"}
    _tell(actor, case, PROVIDER.name, f"同意延长更新时限 {case.facts['days']} 个工作日", opinion)


@step(CHANGE_PART_UNDER_DECREE)
def deny(actor: Actor, case: Case, *, reasons: Reasons) -> None:
    """Leave the limit as it is."""
    case.facts |= {"extension": "denied"}
    _tell(actor, case, PROVIDER.name, "不同意延长更新时限", reasons)


def _tell(actor: Actor, case: Case, party: str, what: str, text: str) -> None:
    url = reverse("work:case", args=[case.pk])
    work.tell_bodies(actor, {case.body_of(party)}, f"{what}：{case.title}", text, url, case)
