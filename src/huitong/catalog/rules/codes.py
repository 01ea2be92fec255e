"""The coding rule (编码规范) as a template (A7): configurable, dated data; here only how a template is read and filled."""

from __future__ import annotations

import string
from typing import Any

from huitong.kernel.procedure import Malformed

#: what a template may use; the sequence runs separately for each value of everything before it
PARTS = {"category": "类和项，3 位", "body": "部门序号", "division": "行政区划代码", "year": "年份", "sequence": "顺序号"}
#: 类 1 + 项 2 + 目 3 (here: the body's own number) + "/" + sequence, as the guide's example 307001/000001
DEFAULT_TEMPLATE = "{category}{body:03d}/{sequence:06d}"


def check_template(template: str) -> None:
    """Raises `Malformed` unless the template ends in a sequence and uses only known parts."""
    try:
        fields = [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]
        fill(template, 1, category="101", body=1, division="320600", year=2026)
    except (ValueError, KeyError, IndexError):
        raise Malformed({"template": f"编码模板有误，可用：{'、'.join(f'{{{p}}} {said}' for p, said in PARTS.items())}"}) from None
    if fields[-1:] != ["sequence"] or fields.count("sequence") != 1 or not template.rstrip().endswith("}"):
        raise Malformed({"template": "编码模板须以顺序号 {sequence} 结尾，且只用一次"})


def prefix(template: str, **parts: Any) -> str:
    """What stands before the sequence: the name of the counter."""
    return template[: template.rindex("{sequence")].format(**parts)


def fill(template: str, sequence: int, **parts: Any) -> str:
    return template.format(sequence=sequence, **parts)
