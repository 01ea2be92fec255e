"""The coding rule (编码规范) as a template (A7): configurable, dated data; here only how a template
is read and filled."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from typing import Any

from huitong.kernel.procedure import Malformed

#: what a template may use; the sequence runs separately for each value of everything before it
PARTS = {
    "category": "类和项，3 位",
    "item": "目的编号，即“目”开头的数字",
    "detail": "细目的编号，即“细目”开头的数字",
    "provider": "提供方代码，即统一社会信用代码",
    "body": "部门序号，登记机构时一次给定",
    "division": "行政区划代码",
    "year": "年份",
    "sequence": "顺序号",
}
#: how a part may be padded: {sequence:06d}
WIDTH = re.compile(r"(0?[1-9]?\dd)?")
#: what stands for parts of any entry while a template is tried
SAMPLE: Mapping[str, Any] = {
    "category": "101",
    "item": 999,
    "detail": 999,
    "provider": "9" * 18,
    "body": 10**6,
    "division": "320600",
    "year": 2026,
}
NUMBERED = re.compile(r"\d{1,3}")
#: characters a code has room for
LONGEST = 40
#: 类 1 + 项 2 + 目 3 (here: the body's own number) + "/" + sequence, as the guide's example
#: 307001/000001
DEFAULT_TEMPLATE = "{category}{body:03d}/{sequence:06d}"


def check_template(template: str) -> None:
    """Raises `Malformed` unless the template uses known parts only, fits the room a code has, and
    ends in a separated sequence.

    Without a sign before the sequence two counters could come to one code: body 1 with number 11,
    body 11 with number 1.
    """
    try:
        parts = list(string.Formatter().parse(template))
        valid = all(
            name is None or (name in PARTS and WIDTH.fullmatch(width or "") and not how)
            for _, name, width, how in parts
        )
        longest = valid and len(fill(template, 10**9, **SAMPLE))
    except (ValueError, KeyError, IndexError):
        valid = False
    if not valid:
        raise Malformed(
            {
                "template": (
                    "编码模板有误，"
                    f"可用：{'、'.join(f'{{{p}}} {meaning}' for p, meaning in PARTS.items())}"
                )
            }
        )
    names = [name for _, name, _, _ in parts if name is not None]
    if names[-1:] != ["sequence"] or names.count("sequence") != 1 or parts[-1][1] != "sequence":
        raise Malformed({"template": "编码模板须以顺序号 {sequence} 结尾，且只用一次"})
    if parts[-1][0][-1:].isalnum() or not parts[-1][0]:
        raise Malformed(
            {
                "template": (
                    "顺序号前须有分隔符，如 {body:03d}/{sequence:06d}，否则不同部门的编码可能相同"
                )
            }
        )
    if longest > LONGEST:
        raise Malformed({"template": f"按此模板编码可能超过 {LONGEST} 个字符"})


def number_in(text: str) -> int | None:
    """The number a 目 or 细目 begins with.

    >>> number_in("012 婚姻管理")
    12
    """
    match = NUMBERED.match(text)
    return int(match[0]) if match else None


def lacking(template: str, parts: Mapping[str, Any]) -> list[str]:
    """What the template asks for that an entry does not say, in words."""
    used = {name for _, name, _, _ in string.Formatter().parse(template)}
    return [PARTS[name] for name, value in parts.items() if value is None and name in used]


def prefix(template: str, **parts: Any) -> str:
    """What stands before the sequence: the name of the counter."""
    return template[: template.rindex("{sequence")].format(**parts)


def fill(template: str, sequence: int, **parts: Any) -> str:
    return template.format(sequence=sequence, **parts)
