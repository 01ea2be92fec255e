"""What the answers of a form must agree on: asked when they are given and again when the form is made (A3, A20)."""

from __future__ import annotations

from datetime import date


def matter_fault(duty: int, duty_of_matter: int | None) -> dict[str, str]:
    """A matter is named under the duty it belongs to; none may be named at all."""
    return {} if duty_of_matter in (None, duty) else {"matter": "该事项不属于所选的职责，请改选职责或事项"}


def period_fault(start: date, end: date, on: date) -> dict[str, str]:
    """The period runs forward and is not over yet."""
    if end < start:
        return {"period_to": "止期不能早于起期"}
    return {"period_to": "使用期限已经过去"} if end < on else {}
