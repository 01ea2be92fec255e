"""The verbs of a consultation."""

from typing import Annotated

from pydantic import Field
from tests.toys.consultation.rules import CONSULTATION

from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.doing import step
from huitong.work.queries import bodies_to_choose
from huitong.work.rules import Pick

Body = Annotated[int, Pick(bodies_to_choose)]


@step(CONSULTATION)
def convene(
    actor: Actor,
    case: Case,
    *,
    question: Annotated[str, Field(title="会商事项", min_length=2, max_length=80)],
    provider: Annotated[Body, Field(title="提供部门")],
    consumer: Annotated[Body, Field(title="使用部门")],
) -> None:
    """发起会商，征求两个部门和本局的意见。"""
    case.between(provider=provider, consumer=consumer)
    case.title = f"会商：{question}"


@step(CONSULTATION)
def advise(
    actor: Actor, case: Case, *, opinion: Annotated[str, Field(title="意见", min_length=2)]
) -> None:
    """提出本部门的意见。"""


@step(CONSULTATION)
def close_collecting(actor: Actor, case: Case) -> None:
    """时限届满，未提意见的视为无意见。"""


@step(CONSULTATION)
def conclude(
    actor: Actor, case: Case, *, text: Annotated[str, Field(title="结论", min_length=2)]
) -> None:
    """形成会商结论。"""
