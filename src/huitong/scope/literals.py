"""Item types of the catalog and the values a filter may compare with (政务信息资源目录编制指南; GB/T 21063)."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from huitong.scope import reading
from huitong.scope.reading import ScopeError

LOCAL = ZoneInfo("Asia/Shanghai")  # a moment is compared as the clock on the wall in China shows it


class Unreadable(ValueError):
    """A value that is not what its item type promises. Rows with such a value are withheld,
    never guessed at."""


class ItemType(StrEnum):
    """Type codes of information items; values are the codes the guide prescribes."""

    TEXT = "C"
    NUMBER = "N"
    MONEY = "Y"
    DATE = "D"
    TIME = "T"
    TRUTH = "L"
    MEMO = "M"
    GENERAL = "G"
    DOUBLE = "B"
    INTEGER = "I"
    FLOAT = "F"

    @property
    def label(self) -> str:
        return LABELS[self]

    @property
    def family(self) -> str:
        """The literals it can be compared with: text, number, float, date, time, truth; empty =
        with nothing."""
        return FAMILIES[self]


LABELS = {
    ItemType.TEXT: "字符型",
    ItemType.NUMBER: "数值型",
    ItemType.MONEY: "货币型",
    ItemType.DATE: "日期型",
    ItemType.TIME: "日期时间型",
    ItemType.TRUTH: "逻辑型",
    ItemType.MEMO: "备注型",
    ItemType.GENERAL: "通用型",
    ItemType.DOUBLE: "双精度型",
    ItemType.INTEGER: "整型",
    ItemType.FLOAT: "浮点型",
}

FAMILIES = {
    ItemType.TEXT: "text",
    ItemType.MEMO: "text",
    ItemType.NUMBER: "number",
    ItemType.MONEY: "number",
    ItemType.INTEGER: "number",
    ItemType.DOUBLE: "float",
    ItemType.FLOAT: "float",
    ItemType.DATE: "date",
    ItemType.TIME: "time",
    ItemType.TRUTH: "truth",
    ItemType.GENERAL: "",
}

Literal = str | Decimal | date | datetime | bool

NUMBER = re.compile(r"-?\d{1,38}(\.\d{1,38})?", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
LATE = re.compile(r"\d{5,}-", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?", re.ASCII)


def literal_family(value: Literal) -> str:
    """Return text, number, date, time or truth. bool before int, datetime before date: Python nests
    them."""
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, datetime):
        return "time"
    if isinstance(value, date):
        return "date"
    return "number" if isinstance(value, Decimal) else "text"


def fits(value: Literal, item_type: ItemType) -> bool:
    """Whether an item of this type may be compared with this literal. Floats are compared with
    numbers."""
    return literal_family(value) == {"float": "number"}.get(item_type.family, item_type.family)


def literal_to_json(value: Literal) -> dict[str, Any]:
    """Return ``{"text": "…"}``, ``{"number": "12.50"}``, ``{"date": "2020-02-19"}``, ``{"time":
    "…T…"}`` or ``{"truth": true}``."""
    family = literal_family(value)
    if family == "truth":
        return {"truth": value}
    if isinstance(value, Decimal):
        return {"number": f"{value:f}"}
    return {family: value.isoformat() if isinstance(value, date) else value}


def literal_from_json(value: Any, path: str) -> Literal:
    """Read one typed literal; a bare string or number is refused, its type would be a guess."""
    members = reading.read_object(value, path, optional=("text", "number", "date", "time", "truth"))
    if len(members) != 1:
        raise ScopeError(path, "应写明且只写明一种类型：text、number、date、time 或 truth")
    ((family, raw),) = members.items()
    at = reading.under(path, family)
    if family == "truth":
        return reading.read_truth(raw, at)
    text = reading.read_text(raw, at, empty=family == "text")
    try:
        return text if family == "text" else read_literal(family, text)
    except ValueError:
        raise ScopeError(at, f"“{text}”不是有效的{SHAPES[family]}") from None


SHAPES = {
    "number": "数字（如 12.50）",
    "date": "日期（如 2020-02-19）",
    "time": "北京时间（如 2020-02-19T08:00:00，不带时区）",
}


def read_literal(family: str, text: str) -> Literal:
    """A number, day or moment written the one way we write it. Raises ValueError."""
    shape = {"number": NUMBER, "date": DAY, "time": MOMENT}[family]
    if not shape.fullmatch(text):
        raise ValueError(text)
    if family == "number":
        return Decimal(text)
    return date.fromisoformat(text) if family == "date" else datetime.fromisoformat(text)


def as_value(value: Any, item_type: ItemType) -> Any:
    """Read the value of a row as the type its item promises, ready to compare: JSON strings become
    numbers and days.

    None stays None; days and moments beyond Python's calendar become an infinite float. Raises
    `Unreadable` when the value is not of the type.
    """
    if value is None:
        return None
    try:
        return READERS[item_type.family](value)
    except (ValueError, TypeError, KeyError, InvalidOperation, OverflowError):
        raise Unreadable(f"不是{item_type.label}的值") from None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"  # as PostgreSQL writes it
    return value if isinstance(value, str) else str(value)


def _number(value: Any) -> Decimal:
    if isinstance(value, bool):
        raise ValueError
    number = value if isinstance(value, Decimal) else Decimal(str(value).strip())
    if number.is_snan():
        raise ValueError
    return number


def _float(value: Any) -> float:
    if isinstance(value, bool):
        raise ValueError
    return float(value)


def _date(value: Any) -> date | float:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    text = str(value).strip()
    if DAY.fullmatch(text):
        return date.fromisoformat(text)
    moment = _time(value)
    return moment if isinstance(moment, float) else moment.date()


def _time(value: Any) -> datetime | float:
    if isinstance(value, str):
        if (end := _beyond(value.strip())) is not None:
            return end
        value = datetime.fromisoformat(value.strip())
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
    return moment.astimezone(LOCAL).replace(tzinfo=None) if moment.tzinfo else moment


def _beyond(text: str) -> float | None:
    """A day or moment no literal can name, as PostgreSQL writes it: only the side on which it
    lies counts."""
    if text == "-infinity" or text.endswith(" BC"):
        return -math.inf
    return math.inf if text == "infinity" or LATE.match(text) else None


TRUTHS = {
    "true": True,
    "t": True,
    "1": True,
    "yes": True,
    "y": True,
    "on": True,
    # as PostgreSQL reads them
    "false": False,
    "f": False,
    "0": False,
    "no": False,
    "n": False,
    "off": False,
}


def _truth(value: Any) -> bool:
    return value if isinstance(value, bool) else TRUTHS[str(value).strip().lower()]


READERS: dict[str, Any] = {
    "text": _text,
    "number": _number,
    "float": _float,
    "date": _date,
    "time": _time,
    "truth": _truth,
}
