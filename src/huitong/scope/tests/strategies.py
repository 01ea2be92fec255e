"""Invented scopes for property tests: few items and few values, so that conditions meet rows and
one another."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from huitong.scope import (
    And,
    Between,
    Compare,
    ControlParameter,
    Filter,
    IsNull,
    ItemType,
    Not,
    OneOf,
    Or,
    Prefix,
    Scope,
)
from huitong.scope.filters import COMPARISONS
from huitong.scope.masks import NAMED, partial, token

TYPES = {
    "code": ItemType.TEXT,
    "name": ItemType.TEXT,
    "note": ItemType.MEMO,
    "amount": ItemType.NUMBER,
    "fee": ItemType.MONEY,
    "number": ItemType.INTEGER,
    "small": ItemType.INTEGER,
    "score": ItemType.DOUBLE,
    "ratio": ItemType.FLOAT,
    "born": ItemType.DATE,
    "made": ItemType.TIME,
    "seen": ItemType.TIME,
    "valid": ItemType.TRUTH,
}

# fmt: off
TEXTS = [
    "", "3", "32", "3206", "320613", "320623", "33", "张", "张三", "张三丰", "李四", "欧阳修", "a", "A", "ab",
    "%", "_", "\\", "'",
    '"',
    "z@x.cn",
    "ab@",
    "@b",
    "a@b.c",
    "江苏省南通市崇川区人民路1号",
    "启东市汇龙镇",
    "320613199001011234",
    "13812345678",
    "𠮷田",
    "é",
    " ",
    "a ",
]
# fmt: on
NUMBERS = [
    Decimal(n)
    for n in (
        "0",
        "1",
        "-1",
        "0.1",
        "0.10",
        "2.5",
        "10",
        "99.99",
        "-0.01",
        "12345678901234567890",
        "0.30000000000000004",
        "7",
    )
]
DATES = [
    date(1, 1, 1),
    date(1949, 10, 1),
    date(1990, 1, 1),
    date(2000, 2, 29),
    date(2020, 2, 19),
    date(9999, 12, 31),
]
TIMES = [
    datetime(1949, 10, 1),
    datetime(1986, 5, 4, 2, 30),
    datetime(2020, 2, 19, 8),
    datetime(2020, 2, 19, 8, 0, 0, 1),
    datetime(2026, 12, 31, 23, 59),
]

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": (
        st.sampled_from(TEXTS)
        | st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=4)
    ),
    "number": st.sampled_from(NUMBERS) | st.decimals(-1000, 1000, places=2),
    "date": st.sampled_from(DATES) | st.dates(),
    "time": st.sampled_from(TIMES),
    "truth": st.booleans(),
}


def _values_of(item: str) -> st.SearchStrategy:
    return VALUES[{"float": "number"}.get(TYPES[item].family, TYPES[item].family)]


@st.composite
def leaf(draw: st.DrawFn, items: tuple[str, ...] = tuple(TYPES)) -> Filter:
    item = draw(st.sampled_from(items))
    values = _values_of(item)
    kinds = ["compare", "in", "between", "null"] + (
        ["prefix"] if TYPES[item].family == "text" else []
    )
    match draw(st.sampled_from(kinds)):
        case "in":
            return OneOf(item, tuple(draw(st.lists(values, min_size=1, max_size=4))))
        case "between":
            return Between(item, draw(values), draw(values))
        case "prefix":
            return Prefix(item, draw(values.filter(bool)))
        case "null":
            return IsNull(item)
    return Compare(draw(st.sampled_from(COMPARISONS)), item, draw(values))


def filters(items: tuple[str, ...] = tuple(TYPES)) -> st.SearchStrategy:
    def grow(inner: st.SearchStrategy) -> st.SearchStrategy:
        parts = st.lists(inner, min_size=1, max_size=3).map(tuple)
        return parts.map(And) | parts.map(Or) | inner.map(Not)

    return st.recursive(leaf(items), grow, max_leaves=6)


masks = (
    st.sampled_from([mask for _, mask in NAMED.values()])
    | st.builds(partial, st.integers(0, 4), st.integers(0, 4), st.integers(0, 12))
    | st.builds(token, st.sampled_from(["k1", "k2"]), st.sampled_from(["sm3", "sha256"]))
)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=5)
parameters = st.builds(
    ControlParameter,
    st.sampled_from(["matter", "operator", "case-number"]),
    texts,
    st.booleans(),
    st.none() | st.lists(st.sampled_from(["A1", "A2", "B3"]), unique=True, max_size=3).map(tuple),
    st.lists(st.sampled_from([r"\d+", "[A-Z]\\d", "A.*"]), unique=True, max_size=2).map(tuple),
)


EITHER = st.booleans()


@st.composite
def scopes(draw: st.DrawFn, comparison_only: st.SearchStrategy = EITHER) -> Scope:
    items = tuple(draw(st.lists(st.sampled_from(list(TYPES)), unique=True, max_size=8)))
    return Scope(
        items,
        draw(st.none() | filters()),
        draw(st.dictionaries(st.sampled_from(items), masks, max_size=4)) if items else {},
        tuple(draw(st.lists(parameters, unique_by=lambda p: p.name, max_size=3))),
        draw(comparison_only),
    )


def row_values() -> st.SearchStrategy:
    """Rows as the test table of `test_sql_agrees` holds them: None anywhere."""
    floats = st.sampled_from(
        [0.0, -0.0, 0.1, 2.5, 1e300, float("nan"), float("inf"), 0.30000000000000004]
    ) | st.floats(-9, 9, width=32)
    small = st.integers(-32768, 32767) | st.sampled_from([0, 1, 7, 10])
    per_item = {
        "code": VALUES["text"].filter(lambda t: len(t) <= 40),
        "name": VALUES["text"],
        "note": VALUES["text"],
        "amount": VALUES["number"] | st.just(Decimal("NaN")),
        "fee": st.sampled_from(NUMBERS[:9]),
        "number": st.integers(-(2**63), 2**63 - 1) | small,
        "small": small,
        "score": floats,
        "ratio": st.sampled_from([0.0, 0.1, 2.5, 0.30000000000000004, float("nan")]),
        "born": VALUES["date"],
        "made": VALUES["time"],
        "seen": VALUES["time"],
        "valid": st.booleans(),
    }
    return st.fixed_dictionaries({item: st.none() | values for item, values in per_item.items()})
