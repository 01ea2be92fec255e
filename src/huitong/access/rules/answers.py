"""What the answers of a form must agree on: asked when they are given and again when the form is made (A3, A20)."""

from __future__ import annotations

from datetime import date

from huitong.scope import Scope


def matter_fault(duty: int, duty_of_matter: int | None) -> dict[str, str]:
    """A matter is named under the duty it belongs to; none may be named at all."""
    return {} if duty_of_matter in (None, duty) else {"matter": "该事项不属于所选的职责，请改选职责或事项"}


def matter_wanting(scope: Scope, matter: int | None) -> dict[str, str]:
    """Where every call must say for which matter it is, the form names one: nothing else would be let through (A18, A30)."""
    wanted = [p.title for p in scope.control_parameters if p.kind == "matter" and p.required]
    return {"matter": f"该资源每次调用须说明“{'、'.join(wanted)}”，且只限申请表载明的事项，请选择办理事项"} if wanted and matter is None else {}


def period_fault(start: date, end: date, on: date) -> dict[str, str]:
    """The period runs forward and is not over yet."""
    if end < start:
        return {"period_to": "止期不能早于起期"}
    return {"period_to": "使用期限已经过去"} if end < on else {}
