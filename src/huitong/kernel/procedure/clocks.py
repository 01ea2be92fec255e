"""The limits of a procedure: which clock runs when, from which day, for how long, and then what.

The amounts are dated rows (`kernel.workdays.Limit`) found by citation and day, or stand in the
case; here stands only which row counts where.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from huitong.kernel.actor import Seat
from huitong.kernel.laws import citation
from huitong.kernel.procedure.states import State

#: days before or after are slips of the hand, and counting on from them would run over the end of
#: the calendar
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True)
class LimitRef:
    """Names a dated limit by its citation; ``name`` tells several limits of one article apart."""

    article: str
    name: str = ""

    @property
    def law(self) -> str:
        return citation(self.article).law.code


#: what limits are called that share an article or are the city's own, by name: filled as the
#: tables are read
LIMIT_WORDS: dict[str, str] = {}


def limit(article: str, name: str = "", words: str = "") -> LimitRef:
    """A limit by its citation; ``words`` call one that has a name, else the label of its clock
    does. Raises `ValueError` for a name that is called otherwise already."""
    if words and LIMIT_WORDS.setdefault(name, words) != words:
        raise ValueError(f"the limit {name} is called {LIMIT_WORDS[name]} already, not {words}")
    return LimitRef(article, name)


@dataclass(frozen=True)
class InCase:
    """A limit set in the case: the last day stands under this name among its facts (the day named
    in an order)."""

    fact: str
    article: str

    @property
    def law(self) -> str:
        return citation(self.article).law.code


@dataclass(frozen=True)
class Clock:
    """A limit that runs while a case is in some of its states.

    It starts when the case enters one of ``states`` (or, with ``on``, whenever that verb is taken),
    and stops when the case is in none of them and ``stands`` any more. In ``stands`` it stands
    still. ``since``: the fact that holds the day it counts from, instead of the day it starts: an
    outside day, so it may be overdue at birth. ``extension``: by how much it may be extended, once,
    by a step that says so. ``lapses``: the verb the platform takes when the limit is over.
    ``owner``: who answers for it, if not the seat awaited. ``only``: it runs in cases whose fact of
    this name has this value, and in no others.
    """

    name: str
    limit: LimitRef | InCase
    states: frozenset[State]
    label: str = ""
    on: str = ""
    since: str = ""
    stands: frozenset[State] = frozenset()
    extension: LimitRef | None = None
    lapses: str = ""
    owner: Seat | None = None
    only: tuple[str, str] | None = None

    @property
    def article(self) -> str:
        return self.limit.article

    def fits(self, facts: Mapping[str, Any]) -> bool:
        """Whether it runs in a case with these facts."""
        return self.only is None or str(facts.get(self.only[0], "")) == self.only[1]


def clock(
    name: str,
    amount: LimitRef | InCase,
    states: Collection[State],
    *,
    label: str = "",
    on: str = "",
    since: str = "",
    stands: Collection[State] = (),
    extension: LimitRef | None = None,
    lapses: str = "",
    owner: Seat | None = None,
    only: tuple[str, str] | None = None,
) -> Clock:
    """A row of a procedure's clocks: ``clock("review", limit("A22"), {S.WITH_PROVIDER})``."""
    if isinstance(amount, LimitRef) and amount.name and label:
        LIMIT_WORDS.setdefault(amount.name, label)
    return Clock(
        name,
        amount,
        frozenset(states),
        label,
        on,
        since,
        frozenset(stands),
        extension,
        lapses,
        owner,
        only,
    )


@dataclass(frozen=True)
class WatchRule:
    """A limit over things that are no case: ``limit`` is its dated row, ``seat`` the desk of the
    subject's body that answers for it.

    ``recurring``: a cycle, which begins anew when it is met. ``idle``: a limit of disuse, which
    every use starts again. ``remedy``: what people are told to do when it nears its end.
    """

    kind: str
    label: str
    limit: LimitRef
    seat: Seat
    recurring: bool = False
    idle: bool = False
    remedy: str = ""


#: what is watched in the product, by kind; contexts add theirs with `watch`
WATCHES: dict[str, WatchRule] = {}


def watch(rule: WatchRule) -> WatchRule:
    """Enter a rule into the table of watches. Raises `ValueError` for another of the same kind."""
    if WATCHES.setdefault(rule.kind, rule) != rule:
        raise ValueError(f"two watches are called {rule.kind}")
    return rule
