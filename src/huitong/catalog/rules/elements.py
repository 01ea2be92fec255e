"""The elements of a catalog entry: what each is called, in which section it is filled, which
article asks for it.

One table serves forms, review remarks, error messages, the entry page and the API's documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from huitong.kernel.actor import Labelled


class Section(Labelled):
    """The sections a clerk fills one after the other."""

    BASICS = "basics", "基本信息"
    ITEMS = "items", "信息项"
    SHARING = "sharing", "共享属性"
    OPENING = "opening", "开放属性"
    UPDATING = "updating", "更新与发布"


@dataclass(frozen=True)
class Element:
    """One element. ``required`` by A7 for a complete entry (conditions between fields are checks
    of their own)."""

    name: str
    label: str
    section: Section
    article: str = "A7"
    required: bool = False
    hint: str = ""


B, I, H, O, U = (Section.BASICS, Section.ITEMS, Section.SHARING, Section.OPENING, Section.UPDATING)  # noqa: E741

ELEMENTS: Mapping[str, Element] = {
    e.name: e
    for e in (
        Element(
            "name",
            "资源名称",
            B,
            required=True,
            hint="让外单位一看就懂，如“婚姻登记信息”；不要用表名或“数据表1”。",
        ),
        Element("system", "信息系统名称", B, required=True, hint="产生或保存这项资源的业务系统。"),
        Element(
            "origin",
            "采集来源",
            B,
            "A2",
            required=True,
            hint="直接采集、通过第三方采集、依法授权管理，或因履职在业务系统中形成。",
        ),
        Element(
            "summary",
            "资源摘要",
            B,
            required=True,
            hint="写明内容、范围、来源和时间跨度，不少于 10 个字。",
        ),
        Element("category", "资源分类", B, required=True, hint="决定资源代码的前三位。"),
        Element("themes", "所属主题", B, "A20", hint="便于按主题查找，可多选。"),
        Element("industry", "所属行业", B, "A20", hint="国民经济行业分类（GB/T 4754-2017）门类。"),
        Element("format", "资源格式", B, required=True, hint="数据现在以什么形式保存。"),
        Element("format_detail", "格式说明", B, hint="如 PostgreSQL、xlsx。"),
        Element("items", "信息项", I, required=True),
        Element(
            "standard",
            "执行的数据标准",
            I,
            "A9",
            hint="如 WS/T 303、MZ/T 044；没有可写“本部门数据标准”。",
        ),
        Element(
            "dictionary",
            "数据字典说明",
            I,
            "A9",
            hint="代码类信息项引用的代码表，如 GB/T 2261.1 性别代码。",
        ),
        Element(
            "share_class",
            "共享类型",
            H,
            "A8",
            required=True,
            hint=(
                "无条件：所有部门都可用；有条件：限部门、限内容、脱敏或仅比对；不予：须有法律、"
                "法规、规章或政策依据。"
            ),
        ),
        Element("shapes", "共享条件的形式", H, "A8", hint="有条件共享须至少选择一种，可以组合。"),
        Element("named_bodies", "指定的部门", H, "A8"),
        Element(
            "condition", "共享条件说明", H, "A8", hint="用一句话说明谁、为什么事、可以用哪些内容。"
        ),
        Element(
            "personal_reason",
            "无条件共享个人信息的理由",
            H,
            "A8",
            hint="信息项含个人信息而所有部门都可以用时必填：依据什么、为什么不必限制或脱敏。",
        ),
        Element("share_modes", "共享方式", H, "A13", required=True),
        Element("usage", "使用特点", H, "A13", hint="据此建议共享方式。"),
        Element(
            "control_parameters",
            "管控参数",
            H,
            "A18",
            hint="每次调用须说明的内容，如事项编码、办件号。",
        ),
        Element("grounds", "不予共享的依据", H, "A8"),
        Element(
            "open_class",
            "开放类型",
            O,
            required=True,
            hint="是否向社会公众开放，与部门间共享分别认定。",
        ),
        Element("open_mode", "开放方式", O, required=True),
        Element("open_condition", "开放条件", O),
        Element("update_cycle", "业务更新周期", U, required=True, hint="业务上多久变化一次。"),
        Element(
            "data_cycle", "数据更新周期", U, required=True, hint="共享出来的数据多久更新一次。"
        ),
        Element("publish_on", "发布日期", U, required=True),
        Element("contact_office", "联系处室", U, "A20"),
        Element("contact_name", "联系人", U, "A20"),
        Element("contact_phone", "联系电话", U, "A20"),
        Element("remark", "备注", U),
    )
}


def label_of(field: str) -> str:
    """What a field is called; items are addressed ``items`` or ``items.<name of the item>``."""
    head, _, item = field.partition(".")
    element = ELEMENTS.get(head)
    return f"{element.label}“{item}”" if element and item else element.label if element else field


def section_of(field: str) -> Section:
    return ELEMENTS[field.partition(".")[0]].section
