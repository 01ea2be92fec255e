"""What a cell of a workbook shows to a person, and why it must not be taken so."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

#: digits Excel keeps of a number
EXACT_DIGITS = 15
#: white space and what cannot be seen, around a cell's text
AROUND = " \t\r\n\v\f\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff"
ZEROS = re.compile(r"0{2,}")
#: formats that show as many decimals, or a hundredfold
DECIMALS = re.compile(r"0\.(0+)(_ )?")
PERCENT = re.compile(r"0(\.0+)?%")
#: number formats without a code, which are dates and times in a Chinese Excel or WPS (ECMA-376 part
#: 1, 18.8.30, zh-cn)
LOCAL_DATES = frozenset((*range(27, 37), *range(50, 59)))
#: control characters as a sheet writes them (ECMA-376 part 1, 22.9.2.19)
ESCAPED = re.compile(r"_x00([01][0-9A-Fa-f])_")
#: a format that shows digits as groups of a code: ``000000-0000``, ``"NT"0000``
PATTERN = re.compile(r"0{2,}[^0#.,%;]+0|[\"\\][^;]*0{2,}|0{2,}[\"\\]")


def display(cell: Any) -> tuple[str, str]:
    """A cell's text as Excel shows it, and why it must not be taken so."""
    value = cell.value
    if value is None:
        return "", ""
    if cell.data_type == "e":
        return "", f"单元格显示错误值 {value}"
    if isinstance(value, (str, bool, date, time, timedelta)):
        return words(value), ""
    if cell.style_array.numFmtId in LOCAL_DATES:
        return _local_date(cell, value)
    text, fault = number(value)
    form = str(cell.number_format or "").split(";")[0]
    if not fault and (display := _formatted(text, form)):
        return display, ""
    if fault or not isinstance(value, int):
        return text, fault
    if ZEROS.fullmatch(form):
        return text.zfill(len(form)), ""
    if PATTERN.search(form):
        return (
            text,
            f"单元格显示为“{form}”格式的号码，实际保存的是 {text}：请设为“文本”格式后填写完整的号码",
        )
    return text, ""


def _local_date(cell: Any, value: float) -> tuple[str, str]:
    from openpyxl.utils.datetime import from_excel

    try:
        return words(from_excel(value, cell.parent.parent.epoch)), ""
    except (OverflowError, ValueError):
        return "", f"单元格是日期格式，其中的数 {value} 不是日期"


def _formatted(text: str, form: str) -> str:
    """A share as a share; zeros behind the point where nothing else is cut off (``1.10`` is
    another code than ``1.1``)."""
    if PERCENT.fullmatch(form):
        return f"{(Decimal(text) * 100).normalize():f}%"
    display = f"{Decimal(text):.{len(match[1])}f}" if (match := DECIMALS.fullmatch(form)) else ""
    return display if display and Decimal(display) == Decimal(text) else ""


def number(value: float) -> tuple[str, str]:
    """A number's text, and why it must not be taken so."""
    if abs(value) >= 10**EXACT_DIGITS:
        return (
            "",
            (
                f"号码超过 {EXACT_DIGITS} 位，Excel 按数字保存，末几位已丢失：请把该列设为“文本”格式，"
                "重新填写完整的号码"
            ),
        )
    return (str(int(value)) if float(value).is_integer() else f"{value:.{EXACT_DIGITS}g}"), ""


def words(value: Any) -> str:
    """A value as a text."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return ESCAPED.sub(lambda sign: chr(int(sign[1], 16)), str(value)).strip(AROUND)
