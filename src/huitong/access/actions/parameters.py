"""What is asked of who fills in a form: the parameters of its verbs (A20)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from huitong.access import queries
from huitong.access.rules.answers import TABLE_NAME
from huitong.access.rules.scoping import Filtered, Items, read_json
from huitong.catalog import queries as catalog
from huitong.work.rules import Find, Hidden, Pick

FormRef = Annotated[int, Hidden(), Field(title="申请表", ge=1)]
ApplicationRef = Annotated[int, Hidden(), Field(title="申请", ge=1)]
MountRef = Annotated[
    int, Find(queries.find_mounts, queries.mount_names), Field(title="申请的资源", ge=1)
]
DutyRef = Annotated[
    int, Pick(queries.duty_choices), Field(title="履职依据", description="本部门三定职责。", ge=1)
]
MatterRef = Annotated[int | None, Pick(queries.matter_choices), Field(title="办理事项")]
SystemRef = Annotated[int, Pick(catalog.system_choices), Field(title="使用数据的信息系统", ge=1)]
TargetRef = Annotated[
    int | None,
    Pick(queries.target_choices),
    Field(title="接收数据的前置库", description="库表方式必填：数据送到本部门登记的前置库。"),
]
Purpose = Annotated[
    str,
    Field(
        title="使用目的",
        description="用数据办什么事，只能用于此目的。",
        min_length=4,
        max_length=500,
    ),
]
Scenario = Annotated[
    str, Field(title="使用场景", description="在哪个环节、由谁、怎样使用。", max_length=500)
]
From = Annotated[date, Field(title="使用期限起")]
To = Annotated[date, Field(title="使用期限止")]
Contact = Annotated[str, Field(title="联系人", min_length=2, max_length=60)]
Phone = Annotated[str, Field(title="联系电话", min_length=5, max_length=40)]
Frequency = Annotated[
    str, Field(title="使用频度和数据量", description="如“每个工作日约 200 次”。", max_length=100)
]
TargetTable = Annotated[
    str,
    Field(
        title="送达表名",
        description="不填与来源表同名。",
        max_length=63,
        pattern=f"^({TABLE_NAME})?$",
    ),
]

CircumstanceRef = Annotated[
    str,
    Pick(queries.circumstance_choices),
    Field(
        title="特殊情况",
        description="季节性应用等特殊情况下，不使用不计为长期未使用（第二十六条）。没有的不选。",
        max_length=40,
    ),
]
Months = Annotated[
    list[Annotated[int, Field(ge=1, le=12)]],
    Pick(queries.month_choices),
    Field(title="使用月份", description="季节性应用填写每年使用的月份。", max_length=12),
]
CircumstanceWords = Annotated[
    str, Field(title="特殊情况说明", description="其他特殊情况须说明。", max_length=200)
]

BasisRef = Annotated[
    str,
    Pick(queries.basis_choices),
    Field(
        title="处理个人信息的依据",
        description="申请个人信息的须选一项（《个人信息保护法》第十三条）。",
        max_length=40,
    ),
]
BasisWords = Annotated[
    str, Field(title="依据的法律、行政法规", description="写明名称和条款。", max_length=200)
]
ImpactPurpose = Annotated[
    str,
    Field(
        title="目的和方式是否合法、正当、必要",
        description="个人信息保护影响评估第一项（《个人信息保护法》第五十六条）。",
        max_length=1000,
    ),
]
ImpactEffect = Annotated[
    str,
    Field(
        title="对个人权益的影响和安全风险",
        description="泄露、误用会对个人造成什么影响，可能性多大。",
        max_length=1000,
    ),
]
ImpactMeasures = Annotated[
    str,
    Field(
        title="保护措施",
        description="采取哪些措施，是否合法、有效并与风险程度相适应。",
        max_length=1000,
    ),
]
ImpactBy = Annotated[str, Field(title="评估人", max_length=60)]
ImpactOn = Annotated[
    date | None, Field(title="评估日期", description="处理前评估；记录至少保存三年。")
]


class RequestedResource(BaseModel):
    """One resource of a form."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    mount: int = Field(title="资源")
    items: Items = None
    row_filter: Filtered = None
    frequency: Frequency = ""
    target: int | None = Field(None, title="接收数据的前置库")
    target_table: TargetTable = ""


Resources = Annotated[
    list[RequestedResource],
    Field(
        title="申请的资源",
        description="每项：mount、items、row_filter …",
        min_length=1,
        max_length=50,
    ),
    BeforeValidator(read_json),
]
