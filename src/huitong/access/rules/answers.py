"""What the answers of a form must agree on: asked when they are given and again when the form is
made (A3, A20)."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from huitong.scope import Scope


class Standing(Protocol):
    """What is asked of a duty."""

    text: str
    source: str
    body_id: int
    valid_from: date
    valid_to: date | None
    is_confirmed: bool


class Handled(Protocol):
    """What is asked of a matter."""

    name: str
    valid_to: date | None


#: how a table is called where its rows arrive
TABLE_NAME = r"[a-z_][a-z0-9_]*"
CITE_ANEW = "请使用部门撤回申请，改按现行职责重新申请；已经受理的，可以不予授权并写明这一理由。"


def standing_fault(
    duty: Standing, matter: Handled | None, consumer: int, conditional: bool, on: date
) -> tuple[str, str, str] | None:
    """What is wrong with the duty an application cites, who acts and what next; None when it
    stands (A3)."""
    if duty.body_id != consumer:
        return f"申请所依据的职责“{duty.text}”已不属该部门。", "使用部门经办人", CITE_ANEW
    if duty.valid_from > on or (duty.valid_to is not None and duty.valid_to < on):
        return (
            (
                f"申请所依据的职责“{duty.text}”现在无效（{duty.valid_from}"
                f" 起{f'，{duty.valid_to} 止' if duty.valid_to else ''}）。"
            ),
            "使用部门经办人",
            CITE_ANEW,
        )
    if matter is not None and matter.valid_to is not None and matter.valid_to < on:
        return (
            f"申请所办理的事项“{matter.name}”已于 {matter.valid_to} 终止。",
            "使用部门经办人",
            CITE_ANEW,
        )
    if conditional and not duty.is_confirmed:
        why = "确认之后又修改过，或登记后还没有核对" if duty.source else "没有登记依据文件"
        return (
            f"申请所依据的职责“{duty.text}”未经市大数据管理局确认（{why}），不能据以申请有条件共享的数据。",
            "市大数据管理局经办人",
            "由使用部门负责人补登依据、市大数据管理局在“职责与事项”中核对确认后，再办理本环节。",
        )
    return None


def matter_fault(duty: int, duty_of_matter: int | None) -> dict[str, str]:
    """A matter is named under the duty it belongs to; none may be named at all."""
    return (
        {}
        if duty_of_matter in (None, duty)
        else {"matter": "该事项不属于所选的职责，请改选职责或事项"}
    )


def matter_wanting(scope: Scope, matter: int | None) -> dict[str, str]:
    """Where every call must say for which matter it is, the form names one: nothing else would
    be let through (A18, A30)."""
    titles = [p.title for p in scope.control_parameters if p.kind == "matter" and p.required]
    return (
        {
            "matter": (
                f"该资源每次调用须说明“{'、'.join(titles)}”，且只限申请表载明的事项，请选择办理事项"
            )
        }
        if titles and matter is None
        else {}
    )


def period_fault(start: date, end: date, on: date) -> dict[str, str]:
    """The period runs forward and is not over yet."""
    if end < start:
        return {"period_to": "止期不能早于起期"}
    return {"period_to": "使用期限已经过去"} if end < on else {}
