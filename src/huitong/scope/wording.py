"""A scope in plain words, for pages, printed forms and notices."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from huitong.scope.filters import And, Between, Compare, Filter, IsNull, Not, OneOf, Or, Prefix
from huitong.scope.literals import Literal
from huitong.scope.scope import Scope

COMPARED = {
    "eq": "等于",
    "ne": "不等于",
    "lt": "小于",
    "le": "不大于",
    "gt": "大于",
    "ge": "不小于",
}
MOST_VALUES = 5  # values of a list that are spelt out


def explain(scope: Scope) -> list[str]:
    """One sentence per limit."""
    sentences = []
    if scope.comparison_only:
        sentences.append("只提供比对结论，不提供数据内容。")
    if scope.items:
        sentences.append(f"提供 {len(scope.items)} 个信息项：{'、'.join(scope.items)}。")
    else:
        sentences.append("不提供任何信息项。")
    if scope.row_filter is None:
        sentences.append("不限数据行。")
    else:
        sentences.append(f"只提供符合条件的数据行：{explain_filter(scope.row_filter)}。")
    if scope.masks:
        sentences.append(f"脱敏：{'；'.join(_masked(scope))}。")
    for parameter in scope.control_parameters:
        need = "必须" if parameter.required else "可以"
        limits = [f"限 {_listed(parameter.choices)}"] if parameter.choices is not None else []
        limits += ["格式有规定"] if parameter.patterns else []
        limits += (
            ["限授权载明的事项"] if parameter.kind == "matter" and parameter.choices is None else []
        )
        limits += ["记录时只留摘要"] if parameter.recorded == "hashed" else []
        sentences.append(
            f"每次调用{need}说明“{parameter.title}”{'（' + '，'.join(limits) + '）' if limits else ''}。"
        )
    return sentences


def _masked(scope: Scope) -> list[str]:
    """Items masked alike are named together, in the order they are provided in."""
    alike: dict[str, list[str]] = {}
    for item in scope.items:
        if item in scope.masks:
            alike.setdefault(scope.masks[item].label, []).append(item)
    return [f"{'、'.join(items)}——{label}" for label, items in alike.items()]


def explain_filter(tree: Filter) -> str:
    """A filter as a sentence without its full stop."""
    match tree:
        case And(of):
            return "，并且".join(_part(p) for p in of)
        case Or(of):
            return "，或者".join(_part(p) for p in of)
        case Not(IsNull(item)):
            return f"{item}有记录"
        case Not(of):
            return f"不满足（{explain_filter(of)}）"
        case OneOf(item, values):
            return f"{item}是 {_listed(values)} 之一"
        case Between(item, low, high):
            return f"{item}在 {_value(low)} 到 {_value(high)} 之间"
        case Prefix(item, value):
            return f"{item}以“{value}”开头"
        case IsNull(item):
            return f"{item}没有记录"
        case Compare(op, item, value):
            return f"{item}{COMPARED[op]} {_value(value)}"


def _part(tree: Filter) -> str:
    text = explain_filter(tree)
    return f"（{text}）" if isinstance(tree, And | Or) else text


def _listed(values: tuple[Literal, ...]) -> str:
    text = "、".join(_value(v) for v in values[:MOST_VALUES])
    return (text or "无") + (f" 等 {len(values)} 个" if len(values) > MOST_VALUES else "")


def _value(value: Literal) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else f"“{value}”"
