"""Two laws side by side: what each says of the steps, seats and limits of one kind of case, read
from their tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from huitong.kernel.laws import citation
from huitong.kernel.procedure.clocks import Clock, LimitRef
from huitong.kernel.procedure.states import State
from huitong.kernel.procedure.table import Procedure


class Beside(NamedTuple):
    """One line: what it is about, what each of two laws says; empty where it says nothing."""

    label: str
    first: str
    second: str


#: the words of a dated limit: how long, and whether its number was read in the text
Words = Callable[[LimitRef], str]


def pairs(procedures: Mapping[str, Mapping[str, Procedure]]) -> list[tuple[Procedure, Procedure]]:
    """The tables of each kind of case that has several: each later law beside the first."""
    several = []
    for laws in procedures.values():
        first, *later = sorted(laws.values(), key=lambda table: table.in_force)
        several += [(first, table) for table in later]
    return several


def steps_beside(first: Procedure, second: Procedure) -> list[Beside]:
    """The steps of both tables, verb by verb: who takes it, from where to where."""
    verbs = dict.fromkeys([*first.verbs, *second.verbs])
    return [
        Beside(_label(verb, second, first), _rows(verb, first), _rows(verb, second))
        for verb in verbs
    ]


def limits_beside(first: Procedure, second: Procedure, words: Words) -> list[Beside]:
    """The limits of both tables: how long, under which citation, while the case is where."""
    limits = [{rule.label: _limit(rule, words) for rule in t.clocks} for t in (first, second)]
    labels = dict.fromkeys(label for each in limits for label in each)
    return [Beside(label, *(each.get(label, "") for each in limits)) for label in labels]


def _label(verb: str, *tables: Procedure) -> str:
    return next(table.rows(verb)[0].label for table in tables if verb in table.verbs)


def _rows(verb: str, table: Procedure) -> str:
    rows = table.rows(verb) if verb in table.verbs else []
    return "；".join(
        dict.fromkeys(
            f"{row.who.label}：{_names(row.origin) or '（开始）'} → {_names(row.targets)}"
            for row in rows
        )
    )


def _limit(rule: Clock, words: Words) -> str:
    if not isinstance(rule.limit, LimitRef):
        return f"所定日期（{citation(rule.article).full_words}），{_names(rule.states)}"
    text = f"{words(rule.limit)}（{citation(rule.article).full_words}），{_names(rule.states)}"
    return text + (f"；可延长 {words(rule.extension)}" if rule.extension else "")


def _names(states: Iterable[State]) -> str:
    return "、".join(dict.fromkeys(state.label for state in sorted(states)))
