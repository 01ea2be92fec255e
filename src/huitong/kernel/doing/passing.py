"""Handing a body's part in running cases on to another body: parties, desks and clocks together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from huitong.kernel.actor import Bodies, bodies_of
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock, show_nearest
from huitong.kernel.doing.registry import procedure_of
from huitong.kernel.workdays import Calendar, load_calendar


def hand_on(cases: Iterable[Case], heirs: Mapping[int, int], on: date, party: str = "") -> None:
    """Let each heir take the place of its predecessor in these cases, whose locks the caller
    holds: as whatever party, or as this one only.

    Where two bodies become one, duties that are the same now are one: that which ends first.
    """
    calendar = load_calendar()
    for case in cases:
        case.between(
            **{
                name: _heir_of(held, heirs) if party in ("", name) else held
                for name, held in case.parties.items()
            }
        )
        _pass_clocks(case, heirs, party, on, calendar)
        case.awaiting = _desks(case, heirs, party)
        show_nearest(case)
        case.save()


def _pass_clocks(
    case: Case, heirs: Mapping[int, int], party: str, on: date, calendar: Calendar
) -> None:
    running: set[tuple[str, str, str, int | None]] = set()
    passed = []
    clocks = Clock.objects.filter(case=case, stopped_on=None).select_for_update()
    for clock in clocks.order_by("due_on", "pk"):
        passes = party in ("", clock.party)
        body = heirs.get(clock.body or 0, clock.body) if passes else clock.body
        key = (clock.name, clock.party, clock.post, body)
        if key in running:  # saved at once: no two of one key may run
            clock.stop(on, calendar)
            clock.save()
            continue
        running.add(key)
        clock.body = body
        passed.append(clock)
    for clock in passed:
        clock.save()


def _desks(case: Case, heirs: Mapping[int, int], party: str) -> list[str]:
    """The desks that owe the next move after the change: not more at one desk than it has seats,
    for two bodies that are one now owe one opinion."""
    seats = procedure_of(case).duties(case.state) if case.state else ()
    room = Counter(desk for seat in seats for desk in case.desks_of(seat))
    desks: list[str] = []
    for desk in case.awaiting:
        body, _, post = desk.partition(":")
        heir = f"{heirs.get(int(body), int(body))}:{post}"
        # of one party's change alone, a desk the body still holds as another party stays
        to = desk if party and room[desk] and not room[heir] else heir
        if desks.count(to) < (room[to] or 1):
            desks.append(to)
    return desks


def _heir_of(held: Bodies, heirs: Mapping[int, int]) -> Bodies:
    if isinstance(held, list):
        return [heirs.get(body, body) for body in bodies_of(held)]
    return heirs.get(held, held)
