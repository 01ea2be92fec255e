"""The verbs of a change."""

from datetime import date
from typing import Annotated

from pydantic import Field
from tests.toys.change.rules import CHANGE

from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.clocks import check_extension
from huitong.kernel.doing import step
from huitong.kernel.workdays import today


@step(CHANGE)
def register(
    actor: Actor,
    case: Case,
    *,
    document: Annotated[str, Field(title="文件", min_length=2, max_length=80)],
    published_on: Annotated[date, Field(title="公布日期")],
) -> None:
    """登记法规修订，自公布之日起计时。"""
    case.between(provider=actor.body)
    case.title = f"法规变更：{document}"
    case.facts["published_on"] = published_on.isoformat()


@step(CHANGE)
def ask_extension(
    actor: Actor,
    case: Case,
    *,
    days: Annotated[int, Field(title="延长工作日", ge=1)],
    reasons: Annotated[str, Field(title="理由")],
) -> None:
    """申请延长更新时限。"""
    check_extension(CHANGE, case, "update", days, today())
    case.facts["days"] = days


@step(CHANGE)
def agree(actor: Actor, case: Case) -> None:
    """同意延期。"""


@step(CHANGE)
def disagree(actor: Actor, case: Case) -> None:
    """不同意延期。"""


@step(CHANGE)
def update(actor: Actor, case: Case) -> None:
    """确认目录已更新。"""
