"""What is asked of who raises, verifies, corrects or evaluates: the parameters of the verbs
(A29)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from huitong.objections import queries
from huitong.objections.rules import Doubt, Satisfaction, masked
from huitong.work.rules import AttachmentId, Hidden, Pick

#: words in which numbers of persons are masked before anything is kept; it stands behind the
#: length, for what is too long is refused unread
Unnamed = AfterValidator(masked)

About = Annotated[int | None, Hidden(), Field(title="目录", ge=1)]
OfMount = Annotated[int | None, Hidden(), Field(title="资源", ge=1)]
Granted = Annotated[int | None, Hidden(), Field(title="授权", ge=1)]
Again = Annotated[int | None, Hidden(), Field(title="再次提出的疑义", ge=1)]
Kind = Annotated[Doubt, Field(title="疑义类别")]
Words = Annotated[
    str,
    Field(
        title="疑义和依据",
        description="写明哪里可能有误、依据是什么。不要写姓名、身份号码、电话；号码会自动脱敏。",
        min_length=2,
        max_length=2000,
    ),
    Unnamed,
]
Delivery = Annotated[
    str,
    Field(
        title="哪一次交付",
        description="接口填请求编号，库表填执行编号，文件填校验值；从收到数据的页面提出时已填好。",
        max_length=120,
    ),
]
ItemName = Annotated[str, Field(title="信息项", description="如“登记日期”。", max_length=100)]
Locator = Annotated[
    str,
    Field(
        title="哪一条记录",
        description="脱敏后的标识，如“登记证字号 320623-****-0012”；身份号码、电话会自动脱敏。",
        max_length=200,
    ),
    Unnamed,
]
Held = Annotated[
    SecretStr | None,
    Field(title="收到的值", description="加密保存，当事部门须点“查看”才能看到。", max_length=500),
]
Believed = Annotated[
    SecretStr | None,
    Field(title="认为正确的值", description="不清楚的不填；加密保存。", max_length=500),
]
Files = Annotated[
    list[AttachmentId],
    Field(title="证明材料", description="请先遮盖无关的个人信息。", max_length=10),
]
Reasons = Annotated[str, Field(title="理由", max_length=1000), Unnamed]
PlannedOn = Annotated[date, Field(title="最迟哪天更正", description="不能晚于本市设定的更正期限。")]
CorrectedOn = Annotated[date, Field(title="更正日期")]
Correction = Annotated[
    str,
    Field(
        title="怎样更正的",
        description="写明在哪个系统、更正了什么；号码会自动脱敏。",
        min_length=2,
        max_length=1000,
    ),
    Unnamed,
]
ByVersion = Annotated[
    int | None,
    Pick(queries.versions_since),
    Field(title="更正所发布的目录版本", description="对目录内容的疑义须选；其他的不选。"),
]
Remark = Annotated[str, Field(title="说明", max_length=1000), Unnamed]
RightBody = Annotated[
    int | None,
    Pick(queries.other_bodies),
    Field(title="应由哪个部门校核", description="知道的请写明，供大数据管理局转交时参考。"),
]
AssignedTo = Annotated[int, Pick(queries.bodies_to_assign), Field(title="转交给哪个部门", ge=1)]
Satisfied = Annotated[Satisfaction, Field(title="评价", description="办结后不能修改。")]
Evaluation = Annotated[
    str,
    Field(title="评价说明", description="不满意的，写明还有什么疑义。", max_length=1000),
    Unnamed,
]
ObjectionRef = Annotated[int, Hidden(), Field(ge=1, title="疑义")]
