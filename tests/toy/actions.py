"""The verbs of borrowing a room."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field
from tests.toy.rules import ROOM

from huitong.kernel.actor import Actor, Labelled
from huitong.kernel.case import Case
from huitong.kernel.doing import step
from huitong.work.queries import bodies_to_choose
from huitong.work.rules import AttachmentId, Pick


class Size(Labelled):
    """How large a room is wanted."""

    SMALL = "small", "小会议室"
    LARGE = "large", "大会议室"


@step(ROOM)
def ask_room(
    actor: Actor,
    case: Case,
    *,
    lender: Annotated[int, Pick(bodies_to_choose), Field(title="出借部门")],
    purpose: Annotated[str, Field(title="用途", min_length=2, max_length=80)],
    on: Annotated[date, Field(title="日期")],
    seats: Annotated[int, Field(title="人数", ge=1, le=300)] = 10,
    size: Annotated[Size, Field(title="规格")] = Size.SMALL,
    projector: Annotated[bool, Field(title="需要投影")] = False,
    guests: Annotated[list[str], Field(title="来宾", description="每行一人")] = (),
    half: Annotated[Literal["上午", "下午"], Field(title="时段")] = "上午",
    letter: Annotated[AttachmentId | None, Field(title="公函")] = None,
) -> None:
    """填写借用会议室的用途和时间。"""
    case.between(consumer=actor.body, provider=lender)
    case.title = f"借用会议室：{purpose}"


@step(ROOM)
def send(actor: Actor, case: Case) -> None:
    """提交给出借部门。"""


@step(ROOM)
def lend(
    actor: Actor, case: Case, *, opinion: Annotated[str, Field(title="意见", max_length=200)] = ""
) -> None:
    """同意借用。"""


@step(ROOM)
def refuse(
    actor: Actor, case: Case, *, reasons: Annotated[str, Field(title="理由", max_length=500)] = ""
) -> None:
    """不同意借用，须写明理由。"""
