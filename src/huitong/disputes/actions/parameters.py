"""What is asked of who opens, states, records or decides: the parameters of the verbs (A27)."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated

from pydantic import Field

from huitong.disputes.rules import Outcome, Ruling
from huitong.disputes.rules import Subject as SubjectOf
from huitong.work.rules import AttachmentId, CaseId

About = CaseId
Subject = Annotated[SubjectOf, Field(title="分歧在哪里")]
Words = Annotated[
    str,
    Field(
        title="分歧和理由",
        description="写明对方的做法、本部门的看法和依据。",
        min_length=2,
        max_length=4000,
    ),
]
Wish = Annotated[
    str, Field(title="请求", description="希望怎样解决。", min_length=2, max_length=2000)
]
View = Annotated[str, Field(title="意见", min_length=2, max_length=4000)]
Files = Annotated[list[AttachmentId], Field(title="附件", max_length=20)]
MeetsOn = Annotated[date, Field(title="协商日期")]
MeetsAt = Annotated[time, Field(title="时间", description="如 09:30。")]
Meeting = Annotated[
    str,
    Field(
        title="地点或方式",
        description="会议室，或线上会议的名称和号码。",
        min_length=2,
        max_length=200,
    ),
]
Minutes = Annotated[
    str,
    Field(
        title="会议纪要",
        description="到会人员、各方意见、达成一致和没有达成一致的事项。",
        min_length=2,
        max_length=8000,
    ),
]
MinutesFile = Annotated[AttachmentId | None, Field(title="签字的纪要扫描件")]
Objection = Annotated[
    str,
    Field(
        title="对纪要的意见",
        description="与协商情况不符的，写明哪里不符；没有的不填。",
        max_length=2000,
    ),
]
Refusal = Annotated[
    str,
    Field(
        title="不接受的理由",
        description="写明的，报请本级人民政府决定；接受的不填。",
        max_length=2000,
    ),
]
Result = Annotated[Outcome, Field(title="结果")]
Decision = Annotated[Ruling, Field(title="决定")]
ResultWords = Annotated[
    str,
    Field(
        title="结果内容",
        description="一致的事项、接下来怎么办；没有谈成的，写明分歧。",
        min_length=2,
        max_length=4000,
    ),
]
DecisionWords = Annotated[str, Field(title="决定内容和理由", min_length=2, max_length=4000)]
DecisionScan = Annotated[AttachmentId, Field(title="政府决定文件扫描件")]
Reasons = Annotated[str, Field(title="理由", max_length=1000)]
