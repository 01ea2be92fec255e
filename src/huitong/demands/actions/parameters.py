"""What is asked of who fills in or answers a demand: the parameters of its verbs (A24, A25)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from huitong.demands import queries
from huitong.demands.rules import items_named
from huitong.publishing.rules import Mode
from huitong.work.rules import Find, Hidden, Pick

Title = Annotated[
    str,
    Field(
        title="需要的数据",
        description="用几个字说明，如“公积金缴存信息”。",
        min_length=2,
        max_length=120,
    ),
]
Items = Annotated[
    list[str],
    AfterValidator(items_named),
    Field(title="需要的信息项", description="每行一项，如“缴存单位”。", min_length=1),
]
WantedMode = Annotated[Mode | None, Field(title="希望的共享方式")]
Addressed = Annotated[
    tuple[int, ...],
    Pick(queries.bodies_to_address),
    Field(
        title="向哪个部门提出",
        description="可选几个部门，各自答复。不清楚的不选，由大数据管理局查明后转交。",
    ),
]
Again = Annotated[
    int | None, Hidden(), Field(title="再次提出的需求", description="此前无部门掌握的那一件。")
]
OtherBody = Annotated[
    int | None,
    Pick(queries.other_bodies),
    Field(title="应由哪个部门提供", description="知道的请写明，供大数据管理局转交时参考。"),
]
AssignedTo = Annotated[int, Pick(queries.bodies_to_assign), Field(title="转交给哪个部门", ge=1)]
AnswerRef = Annotated[
    int,
    Find(queries.find_answers, queries.answer_names),
    Field(title="用来答复的目录", description="须已发布、已挂接，并且需求部门可以申请。", ge=1),
]
PlannedOn = Annotated[date, Field(title="计划发布日期")]
Until = Annotated[date, Field(title="预计到何时", description="到这一天须再次答复。")]
Words = Annotated[str, Field(title="说明", max_length=1000)]
Reasons = Annotated[str, Field(title="理由", max_length=1000)]
Opinion = Annotated[str, Field(title="意见", max_length=1000)]
