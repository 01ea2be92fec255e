"""Data standards and code lists (数据字典) as data (A9): kinds, values as people paste them, and those
a new city begins with."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from huitong.kernel.actor import Labelled

#: values of one code list
MOST_CODES = 5000
#: a number written in one way only, so that a column of numbers can hold it
NUMBER = re.compile(r"0|[1-9]\d*")


class StandardKind(Labelled):
    """Who sets a standard (标准化法第二条); a department's own counts inside it."""

    NATIONAL = "national", "国家标准"
    INDUSTRY = "industry", "行业标准"
    LOCAL = "local", "地方标准"
    DEPARTMENT = "department", "部门标准"


class CodeRow(BaseModel):
    """A value of a code list as it is given."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    code: str = Field(title="代码", min_length=1, max_length=60)
    label: str = Field(title="含义", min_length=1, max_length=200)


#: what the columns of a table of values are called
CODE_HEADINGS = ("代码", "值", "编码", "代码值", "code", "value")
LABEL_HEADINGS = ("含义", "名称", "代码名称", "说明", "label", "name", "text")


def rows_of(value: Any) -> Any:
    """Values as they are given: a list, its JSON, or pasted lines, a line each, code and meaning
    divided by a tab, comma or blanks. Raises `ValueError`.

    >>> rows_of("1 男性")
    [{'code': '1', 'label': '男性'}]
    """
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("["):
        try:
            return json.loads(text)
        except ValueError:
            raise ValueError("不是正确的 JSON") from None
    rows = []
    for line in filter(None, map(str.strip, text.splitlines())):
        code, *label = re.split(r"\t+|\s*[,\uff0c]\s*|\s+", line, maxsplit=1)
        if not label:
            raise ValueError(f"“{line[:20]}”没有含义：每行写代码和含义，用空格或逗号分开")
        rows.append({"code": code, "label": label[0]})
    return rows


def fault_of_codes(rows: Iterable[CodeRow]) -> str:
    """Why these are no values of one list; empty where they are."""
    twice = [code for code, n in Counter(row.code for row in rows).items() if n > 1]
    return f"代码重复：{'、'.join(twice[:5])}" if twice else ""


def measures_of(codes: Iterable[str]) -> dict[str, Any]:
    """How many codes there are, how long the longest is, whether all are numbers."""
    held = list(codes)
    return {
        "size": len(held),
        "longest": max(map(len, held), default=0),
        "numeric": all(map(NUMBER.fullmatch, held)),
    }


def title_of(name: str, owner: str, number: int) -> str:
    """What items cite a version by: 人的性别代码（GB/T 2261.1-2003）第1版."""
    return f"{name}（{owner}）第{number}版"
