"""The elements of a catalog entry (核心元数据, A7-A9), each told once: what it is called and for,
what it may hold, where it is filled in, what search finds by it.

Whatever handles elements is made from this table: the facts of a version, what the verbs take,
forms, the pages of check, review and entry, the API, what is published. A new text is a line here,
a column of `models.Version` and its migration. Every text is searched for markings (A3): it comes
through a verb, and `checks.classified` reads all facts.
"""

from __future__ import annotations

from collections.abc import Mapping

from huitong.catalog.rules.categories import THEMES, Category
from huitong.catalog.rules.element import Element, Kind, Search, Section
from huitong.catalog.rules.vocabulary import (
    Cycle,
    Format,
    Industry,
    Layer,
    OpenClass,
    OpenMode,
    Origin,
    Shape,
    ShareClass,
    ShareMode,
    Usage,
)

SHARED = (ShareClass.UNCONDITIONAL, ShareClass.CONDITIONAL)
CONDITIONAL = ("share_class", (ShareClass.CONDITIONAL,))
B, I, H = Section.BASICS, Section.ITEMS, Section.SHARING  # noqa: E741
O, U, R = Section.OPENING, Section.UPDATING, Section.RELATING  # noqa: E741
CHOICE, CHOICES = Kind.CHOICE, Kind.CHOICES
CYCLES = tuple(Cycle)

ELEMENTS: Mapping[str, Element] = {
    e.name: e
    for e in (
        Element(
            "name",
            "资源名称",
            B,
            required=True,
            hint="让外单位一看就懂，如“婚姻登记信息”；不要用表名或“数据表1”。",
            shortest=2,
            longest=120,
            search=Search.OWN,
        ),
        Element(
            "system",
            "信息系统名称",
            B,
            Kind.SYSTEM,
            required=True,
            hint="产生或保存这项资源的信息系统。",
            search=Search.SHARED,
        ),
        Element(
            "origin",
            "采集来源",
            B,
            CHOICE,
            "A2",
            required=True,
            hint="直接采集、通过第三方采集、依法授权管理，或因履职在信息系统中形成。",
            choices=tuple(Origin),
        ),
        Element(
            "summary",
            "资源摘要",
            B,
            required=True,
            hint="写明内容、范围、来源和时间跨度，不少于 10 个字。",
            longest=2000,
            lines=4,
            search=Search.OWN,
        ),
        Element(
            "category",
            "资源分类",
            B,
            CHOICE,
            required=True,
            hint="决定资源代码的前三位；本市部门、县（市）区、园区自有的资源选“省及其下各级政务部门”。",
            choices=tuple(Category),
            search=Search.SHARED,
        ),
        Element(
            "industry",
            "所属行业",
            B,
            CHOICE,
            "A20",
            hint="国民经济行业分类（GB/T 4754-2017）门类。",
            choices=tuple(Industry),
        ),
        Element(
            "themes", "所属主题", B, CHOICES, "A20", hint="便于按主题查找，可多选。", choices=THEMES
        ),
        Element(
            "format",
            "资源格式",
            B,
            CHOICE,
            required=True,
            hint="数据现在以什么形式保存。",
            choices=tuple(Format),
        ),
        Element("format_detail", "格式说明", B, hint="如 PostgreSQL、xlsx。", longest=60),
        Element("items", "信息项", I, Kind.ITEMS, required=True, longest=1600, search=Search.OWN),
        Element(
            "standard",
            "执行的数据标准",
            I,
            article="A9",
            hint="如 WS/T 303、MZ/T 044；没有可写“本部门数据标准”。",
            longest=200,
        ),
        Element(
            "dictionary",
            "数据字典说明",
            I,
            article="A9",
            hint="代码类信息项引用的代码表，如 GB/T 2261.1 性别代码。",
            longest=300,
        ),
        Element(
            "share_class",
            "共享类型",
            H,
            CHOICE,
            "A8",
            required=True,
            hint=(
                "无条件：所有部门都可用；有条件：限部门、限内容、脱敏或仅比对；不予：须有法律、"
                "法规、规章或政策依据。"
            ),
            choices=tuple(ShareClass),
            radio=True,
        ),
        Element(
            "shapes",
            "共享条件的形式",
            H,
            CHOICES,
            "A8",
            only_for=CONDITIONAL,
            hint="有条件共享须至少选择一种，可以组合。",
            choices=tuple(Shape),
        ),
        Element(
            "named_bodies",
            "指定的部门",
            H,
            Kind.BODIES,
            "A8",
            only_for=("shapes", (Shape.NAMED_BODIES,)),
            hint="选“仅提供给指定部门”时勾选。",
            longest=500,
        ),
        Element(
            "condition",
            "共享条件说明",
            H,
            article="A8",
            only_for=CONDITIONAL,
            hint="用一句话说明谁、为什么事、可以用哪些内容。",
            longest=500,
            lines=2,
            search=Search.OWN,
        ),
        Element(
            "sharing_terms",
            "共享条件及依据",
            H,
            Kind.TERMS,
            "A8",
            only_for=CONDITIONAL,
            hint=(
                "逐条写明限制使用的条件和所依据的法律、法规、规章或国家有关规定；"
                "没有依据的条件不得设置，市大数据管理局可以撤销。"
            ),
            longest=20,
            search=Search.OWN,
        ),
        Element(
            "personal_reason",
            "无条件共享个人信息的理由",
            H,
            article="A8",
            only_for=("share_class", (ShareClass.UNCONDITIONAL,)),
            hint="信息项含个人信息而所有部门都可以用时必填：依据什么、为什么不必限制或脱敏。",
            longest=500,
            lines=2,
        ),
        Element(
            "share_modes",
            "共享方式",
            H,
            CHOICES,
            "A13",
            required=True,
            only_for=("share_class", SHARED),
            choices=tuple(ShareMode),
        ),
        Element(
            "usage",
            "使用特点",
            H,
            CHOICES,
            "A13",
            only_for=("share_class", SHARED),
            hint="据此建议共享方式。",
            choices=tuple(Usage),
        ),
        Element(
            "control_parameters",
            "管控参数",
            H,
            Kind.PARAMETERS,
            "A18",
            only_for=("share_class", SHARED),
            hint="每次调用须说明的内容，如事项编码、办件号。",
            longest=20,
        ),
        Element(
            "grounds",
            "不予共享的依据",
            H,
            Kind.GROUNDS,
            "A8",
            only_for=("share_class", (ShareClass.NOT_SHARED,)),
        ),
        Element(
            "open_class",
            "开放类型",
            O,
            CHOICE,
            required=True,
            hint="是否向社会公众开放，与部门间共享分别认定。",
            choices=tuple(OpenClass),
            radio=True,
        ),
        Element(
            "open_mode",
            "开放方式",
            O,
            CHOICE,
            required=True,
            only_for=("open_class", (OpenClass.UNCONDITIONAL, OpenClass.CONDITIONAL)),
            otherwise=OpenMode.NONE,
            choices=tuple(OpenMode),
            radio=True,
        ),
        Element(
            "open_condition",
            "开放条件",
            O,
            only_for=("open_class", (OpenClass.CONDITIONAL,)),
            longest=300,
            lines=2,
        ),
        Element(
            "update_cycle",
            "业务更新周期",
            U,
            CHOICE,
            required=True,
            hint="业务上多久变化一次。",
            choices=CYCLES,
        ),
        Element(
            "data_cycle",
            "数据更新周期",
            U,
            CHOICE,
            required=True,
            hint="共享出来的数据多久更新一次；不选则与业务更新周期相同。",
            same_as="update_cycle",
            choices=CYCLES,
        ),
        # A10: passed, it is published promptly; so the day is a fact, not a wish
        Element("publish_on", "发布日期", U, Kind.DAY, filled_in="发布时自动填写"),
        Element("contact_office", "联系处室", U, article="A20", longest=80),
        Element("contact_name", "联系人", U, article="A20", longest=60),
        Element("contact_phone", "联系电话", U, article="A20", longest=40),
        Element("remark", "备注", U, longest=500, lines=2),
        Element(
            "catalog_item",
            "目",
            R,
            hint="分类的第三级，如“婚姻管理”；编码规范用到目的，先写编号，如“012 婚姻管理”。",
            longest=60,
            search=Search.SHARED,
        ),
        Element(
            "sub_item",
            "细目",
            R,
            hint="分类的第四级，如“结婚登记”；编码规范用到细目的，先写编号。",
            longest=60,
            search=Search.SHARED,
        ),
        Element("layer", "层级", R, CHOICE, "A6", hint="由哪一级掌握。", choices=tuple(Layer)),
        Element(
            "keywords",
            "关键词",
            R,
            Kind.WORDS,
            "A20",
            hint="人们会用来查找它的词，用顿号或空格分开，最多 10 个。",
            longest=10,
            each=20,
            search=Search.OWN,
        ),
        Element(
            "related_codes",
            "关联资源代码",
            R,
            Kind.CODES,
            hint="与它有关的资源的代码，用顿号或空格分开，如 307001/000001。",
            longest=20,
            each=40,
        ),
        Element(
            "difference",
            "与相似目录的区别",
            R,
            article="A10",
            hint="检查提示与已有目录相似时填写：为什么不能使用已有数据，本目录有何不同。",
            longest=500,
            lines=2,
        ),
    )
}


def label_of(field: str) -> str:
    """What a field is called; items are addressed ``items`` or ``items.<name of the item>``."""
    head, _, item = field.partition(".")
    element = ELEMENTS.get(head)
    return f"{element.label}“{item}”" if element and item else element.label if element else field


def section_of(field: str) -> Section:
    return ELEMENTS[field.partition(".")[0]].section


def of_kind(*kinds: Kind) -> list[str]:
    """The names of the elements of these kinds, in the order of the table."""
    return [name for name, element in ELEMENTS.items() if element.kind in kinds]
