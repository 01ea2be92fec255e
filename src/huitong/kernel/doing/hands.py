"""Through whose hands a case has gone: nobody decides on their own work (A12), done by a step of
the case or on its papers."""

from __future__ import annotations

from huitong.kernel.actor import Actor, Post, Seat
from huitong.kernel.case import Case
from huitong.kernel.procedure import NotYours


def hands_of(actor: Actor, seat: Seat) -> dict[str, str]:
    """Whose hand an act from this seat is: the actor's, and that of whom they represent in it.
    As `Case.hands` keeps it."""
    acting = actor.at(seat)
    return {
        str(person): _seat_key(seat)
        for person in (acting.person, acting.deputy_for)
        if person is not None
    }


def other_hand(actor: Actor, case: Case, seat: Seat) -> str:
    """Why the actor may not take this seat: they, or whom they represent in it, have acted in the
    case from another one.

    Sending a deputy makes it no less one's own. Empty when they may.
    """
    acting = actor.at(seat)
    for who, person in (
        ("您", acting.person),
        (f"您代理的{acting.deputy_for_name}", acting.deputy_for),
    ):
        held = case.hands.get(str(person)) if person is not None else None
        if held is not None and held != _seat_key(seat):
            party, _, post = held.partition(":")
            return f"{who}已作为{Seat(party, Post(post)).label}经手该事项"
    return ""


def refuse_other_hand(actor: Actor, case: Case, seat: Seat, label: str) -> None:
    """Raises `NotYours` when the actor has acted in the case from another seat."""
    if other := other_hand(actor, case, seat):
        raise NotYours(
            f"{other}，“{label}”须由另一人办理。",
            article="A12",
            who=seat.label,
            remedy="请由同岗位的其他人员办理，或移交。",
        )


def _seat_key(seat: Seat) -> str:
    return f"{seat.party}:{seat.post}"
