"""The verbs of a campaign and of its parts."""

from datetime import date
from typing import Annotated

from pydantic import Field
from tests.toys.campaign.rules import CAMPAIGN, PART

from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.doing import step
from huitong.work.queries import bodies_to_choose
from huitong.work.rules import Pick


@step(CAMPAIGN)
def launch(
    actor: Actor,
    case: Case,
    *,
    name: Annotated[str, Field(title="普查名称", min_length=2, max_length=60)],
    bodies: Annotated[list[int], Pick(bodies_to_choose), Field(title="部门", min_length=1)],
    until: Annotated[date, Field(title="截止日期")],
) -> None:
    """向各部门下达普查任务。"""
    case.title = f"普查：{name}"
    for body in bodies:
        assign(actor, parent=case, body=body, name=name, until=until)


@step(CAMPAIGN)
def finish(actor: Actor, case: Case) -> None:
    """各部门都已确认。"""


@step(PART, inner=True)
def assign(
    actor: Actor,
    case: Case,
    *,
    body: Annotated[int, Field(title="部门")],
    name: Annotated[str, Field(title="普查名称")],
    until: Annotated[date, Field(title="截止日期")],
) -> None:
    """一个部门的任务。"""
    case.between(provider=body)
    case.title = f"普查填报：{name}"
    case.facts["until"] = until.isoformat()


@step(PART)
def report(actor: Actor, case: Case, *, count: Annotated[int, Field(title="目录数", ge=0)]) -> None:
    """填报本部门的目录。"""


@step(PART)
def confirm(actor: Actor, case: Case) -> None:
    """确认本部门的填报。"""
