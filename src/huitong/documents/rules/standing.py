"""Which version of a document holds on a day, and what the others are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from huitong.documents.rules.kinds import Standing


@dataclass(frozen=True)
class Span:
    """The time of a published version: from its first day, to its last if it has one."""

    number: int
    since: date
    until: date | None = None


@dataclass(frozen=True)
class Ending:
    """From which day a document holds no longer, and whether it was repealed or replaced."""

    since: date
    repealed: bool


def version_held(spans: Sequence[Span], on: date) -> Span | None:
    """The version that stands on a day: the youngest whose first day has come, for it takes the
    place of those before it. None before the first one."""
    begun = [span for span in spans if span.since <= on]
    return max(begun, key=lambda span: span.number, default=None)


def standing_of(
    span: Span, spans: Sequence[Span], on: date, ending: Ending | None = None
) -> Standing:
    """What a version is on a day, among all published versions of its document."""
    if ending is not None and ending.since <= on:
        return Standing.REPEALED if ending.repealed else Standing.REPLACED
    if span.since > on:
        return Standing.PENDING
    if span != version_held(spans, on):
        return Standing.REPLACED
    if span.until is not None and span.until < on:
        return Standing.EXPIRED
    return Standing.IN_FORCE
