"""The columns of what is edited row by row: information items, control parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pydantic import BaseModel

from huitong.catalog.rules import MASKS, STRICTEST, ItemRow, Kind, Level, Shape, ShareClass, Term
from huitong.scope.literals import ItemType
from huitong.scope.masks import NAMED
from huitong.ui.grids import Choice, Column

#: what else an item type is called: in clerks' tables, and by databases
TYPE_WORDS: Mapping[ItemType, str] = {
    ItemType.TEXT: "字符 字符串 文本 varchar varchar2 nvarchar char text string",
    ItemType.NUMBER: "数值 数字 number numeric decimal",
    ItemType.MONEY: "货币 金额 money",
    ItemType.DATE: "日期 date",
    ItemType.TIME: "日期时间 时间 时间戳 datetime timestamp",
    ItemType.TRUTH: "逻辑 布尔 布尔型 bool boolean",
    ItemType.MEMO: "备注 大文本 clob longtext",
    ItemType.GENERAL: "通用 二进制 blob bytea",
    ItemType.DOUBLE: "双精度 double",
    ItemType.INTEGER: "整数 整型数字 int integer bigint smallint",
    ItemType.FLOAT: "浮点 浮点数 float real",
}


def _yes_no(*empty: str) -> tuple[Choice, ...]:
    """Yes and no; what an empty cell means is among the other words of no."""
    return (
        Choice("1", "是", ("Y", "yes", "true", "√", "✓", "PK", "可空", "可为空")),
        Choice("0", "否", ("N", "no", "false", "×", "非空", "不可空", *empty)),
    )


def _mask(name: str, label: str) -> Choice:
    fits = frozenset(kind.value for kind in ItemType if name in MASKS[kind])
    return Choice(name, label, (label.partition("（")[0],), fits)


def longest_of(name: str, row: type[BaseModel] = ItemRow) -> int:
    """How many characters a text of a row may have; 0 where nothing limits it."""
    metadata = row.model_fields[name].metadata
    return next((m.max_length for m in metadata if hasattr(m, "max_length")), 0)


ITEM_COLUMNS = (
    Column(
        "name",
        "名称",
        "wide",
        ("信息项名称", "信息项", "中文名称", "中文名", "字段中文名", "数据项", "数据项名称"),
        required=True,
        longest=longest_of("name"),
    ),
    Column(
        "column",
        "列名",
        "usual",
        ("对应列名", "字段", "字段名", "字段名称", "英文名", "英文名称", "字段英文名", "代码"),
        longest=longest_of("column"),
    ),
    Column(
        "type",
        "类型",
        "short",
        ("数据类型", "字段类型"),
        tuple(Choice(t.value, t.label, tuple(TYPE_WORDS[t].split())) for t in ItemType),
        start=ItemType.TEXT.value,
    ),
    Column("length", "长度", "narrow", ("数据长度", "字段长度"), whole=(1, 100_000_000)),
    Column("is_key", "主键", "narrow", ("是否主键",), _yes_no(""), start="0"),
    Column("nullable", "可空", "narrow", ("是否可空", "可为空", "允许为空"), _yes_no(), start="1"),
    Column(
        "level",
        "分级",
        "short",
        ("数据分级", "级别", "数据级别", "安全级别"),
        tuple(
            Choice(v.value, v.label[:2], (v.label, f"{v.value}级", v.label[3:-1])) for v in Level
        ),
        start=STRICTEST.level,
    ),
    Column(
        "share_class",
        "共享类型",
        "short",
        ("共享属性", "共享"),
        tuple(
            Choice(v.value, short, (v.label,))
            for v, short in zip(ShareClass, ("无条件", "有条件", "不予"), strict=True)
        ),
        start=STRICTEST.share_class,
    ),
    Column(
        "mask",
        "脱敏",
        "wide",
        ("脱敏方式", "脱敏规则"),
        (Choice("", "不脱敏", ("无", "否")), *(_mask(n, label) for n, (label, _) in NAMED.items())),
        start=STRICTEST.mask,
        by="type",
    ),
    Column("code_list", "数据字典", "wide", longest=longest_of("code_list")),
    Column("standard", "数据标准", also=("引用标准",), longest=longest_of("standard")),
    Column("dictionary", "代码表", also=("引用的代码表",), longest=longest_of("dictionary")),
    Column("remark", "说明", also=("备注", "描述", "信息项说明"), longest=longest_of("remark")),
)
PARAMETER_COLUMNS = (
    Column("name", "英文名", also=("参数", "参数名", "名称"), required=True, longest=60),
    Column("title", "中文名", also=("参数中文名", "说明"), required=True, longest=60),
    Column(
        "kind",
        "种类",
        also=("类型",),
        choices=(
            Choice("", "自动", ("",)),
            Choice("text", "一般"),
            Choice("matter", "事项", ("只放行授权载明的事项",)),
        ),
    ),
    Column(
        "recorded",
        "怎样记录",
        also=("记录",),
        choices=(
            Choice("", "自动", ("",)),
            Choice("plain", "原样"),
            Choice("hashed", "只留摘要", ("摘要",)),
        ),
    ),
)
TERM_COLUMNS = (
    Column(
        "shape",
        "形式",
        "usual",
        ("条件形式",),
        (Choice("", "其他", ("",)), *(Choice(s.value, s.label) for s in Shape)),
    ),
    Column(
        "text",
        "条件",
        "wide",
        ("条件内容", "共享条件"),
        required=True,
        longest=longest_of("text", Term),
    ),
    Column(
        "document", "依据文件", "wide", ("文件名称", "依据"), longest=longest_of("document", Term)
    ),
    Column("article", "条款或文号", also=("条款", "文号"), longest=longest_of("article", Term)),
)
#: words of one choice: what else it goes by
Offered = Sequence[tuple[str, tuple[str, ...]]]


def offering(column: Column, choices: Offered) -> Column:
    """The column with what is filed now to choose from; an empty cell cites nothing."""
    rows = (Choice(value, value, also) for value, also in choices)
    return replace(column, choices=(Choice("", ""), *rows))


#: the elements that are edited row by row
COLUMNS: Mapping[Kind, tuple[Column, ...]] = {
    Kind.ITEMS: ITEM_COLUMNS,
    Kind.PARAMETERS: PARAMETER_COLUMNS,
    Kind.TERMS: TERM_COLUMNS,
}
