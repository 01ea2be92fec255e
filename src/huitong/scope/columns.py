"""Properties of a column that follow from its database type: being compared, being masked in part,
ordering pages.

Types are named as PostgreSQL's ``format_type`` writes them. What has no line in `READ_AS` is of the
provider's own making (a domain, an enum, a type of an extension) and is read through its text,
whatever it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from huitong.scope.filters import Filter, IsNull, leaves
from huitong.scope.literals import ItemType
from huitong.scope.masks import Mask
from huitong.scope.reading import ScopeError


@dataclass(frozen=True)
class Column:
    """The column of an item: its name, item type, and its own type (``format_type``) when the
    platform has read it."""

    name: str
    item_type: ItemType
    sql_type: str = ""

    @property
    def bare_type(self) -> str:
        """The column's own type without length, scale or precision."""
        return bare(self.sql_type)


#: families of `ItemType` as which PostgreSQL can read a column of this type at all; every type has
#: a text
READ_AS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("smallint", "integer", "bigint"), ("number", "float", "truth", "text")),
    **dict.fromkeys(("numeric", "real", "double precision"), ("number", "float", "text")),
    "money": ("number", "text"),
    "oid": ("number", "text"),
    "boolean": ("truth", "text"),
    "bit": ("truth", "text"),
    **dict.fromkeys(
        ("date", "timestamp without time zone", "timestamp with time zone"),
        ("date", "time", "text"),
    ),
    **dict.fromkeys(
        ("text", "character varying", "character", "name", '"char"'),
        ("text", "number", "float", "date", "time", "truth"),
    ),
    **dict.fromkeys(
        ("uuid", "inet", "cidr", "macaddr", "macaddr8", "json", "jsonb", "xml"), ("text",)
    ),
}
# fmt: off
#: types of PostgreSQL the catalog has no type for: 通用型, or their text
OPAQUE = frozenset(
    (
        "bytea", "interval", "time without time zone", "time with time zone", "bit varying",
        "tsvector", "tsquery", "jsonpath", "point", "line", "lseg", "box", "path", "polygon",
        "circle", "int2vector", "oidvector", "pg_lsn", "tid", "xid", "xid8", "cid",
        *(
            f"{of}{many}range"
            for of in ("int4", "int8", "num", "ts", "tstz", "date")
            for many in ("", "multi")
        ),
    )
)
# fmt: on
#: types whose text says one thing: a partial mask of a list or an object would show part of a
#: bracket, or of the wrong member
COMPOUND = (OPAQUE | {"json", "jsonb", "xml"}) - {
    "interval",
    "time without time zone",
    "time with time zone",
}
# fmt: off
#: types in whose own order pages go, so that the key's index serves; of any other the text is
#: ordered, by code point
ORDERED = frozenset(
    (
        "smallint", "integer", "bigint", "oid", "numeric", "money", "real", "double precision",
        "text", "character varying", "character", "name", "uuid", "date",
        "timestamp without time zone",
        "timestamp with time zone",
        "time without time zone",
        "time with time zone",
        "interval",
        "boolean",
        "bytea",
        "inet",
        "cidr",
        "macaddr",
        "macaddr8",
        "bit",
        "bit varying",
    )
)
# fmt: on


def bare(sql_type: str) -> str:
    """``numeric(10,2)[]`` → ``numeric[]``."""
    return re.sub(r"\(.*?\)", "", sql_type).strip()


def is_opaque(sql_type: str) -> bool:
    """Whether the catalog has no type for such a column: arrays, ranges, bytes, shapes."""
    return bare(sql_type).endswith("[]") or bare(sql_type) in OPAQUE


def read_as(item_type: ItemType, sql_type: str) -> bool:
    """Whether the database can read a column of this type as its item promises. Of unknown types
    only the values can tell."""
    if not item_type.family:
        return False
    if is_opaque(sql_type):
        return item_type.family == "text"
    return item_type.family in READ_AS.get(bare(sql_type), (item_type.family,))


def through_text(sql_type: str) -> bool:
    """Whether the database must read it as text first to read it as anything else: it may know no
    cast, and would refuse the query."""
    return bare(sql_type) in ("oid", '"char"') or (bool(sql_type) and bare(sql_type) not in READ_AS)


def check_comparable(tree: Filter | None, columns: Mapping[str, Column]) -> None:
    """Every item a filter compares must be one the database can compare. Raises `ScopeError`
    that says what the column is."""
    for leaf in leaves(tree):
        column = columns.get(leaf.item)
        if (
            column is not None
            and not isinstance(leaf, IsNull)
            and not read_as(column.item_type, column.sql_type)
        ):
            raise ScopeError("row_filter", not_comparable(leaf.item, column))


def not_comparable(item: str, column: Column) -> str:
    """Say in words why rows cannot be chosen by this item."""
    return f"信息项“{item}”是{column.item_type.label}，来源列类型为 {column.sql_type or '未知'}，不能作为条件"


def mask_fault(mask: Mask | None, sql_type: str) -> str:
    """Say why this mask cannot be laid on a column of this type; empty = it can. Whole values can
    always be left out or made tokens."""
    compound = bare(sql_type).endswith("[]") or bare(sql_type) in COMPOUND
    if mask is None or mask.kind in ("blank", "token") or not compound:
        return ""
    return (
        f"来源列类型为 {sql_type}，不是一段文字，"
        f"不能用“{mask.label}”遮盖一部分；请选“不提供内容（置空）”，或由提供部门用视图拆成单独的列"
    )
