"""The rows of a procedure: which seat may move a case from where to where, under which article."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from huitong.kernel.actor import Seat
from huitong.kernel.procedure.problems import AgainstRules
from huitong.kernel.procedure.states import State


@dataclass(frozen=True)
class Route:
    """A target chosen by a named fact of the case: ``route("authority", platform=…)``."""

    fact: str
    targets: Mapping[str, State]

    def resolve(self, facts: Mapping[str, Any]) -> State:
        try:
            return self.targets[str(facts[self.fact])]
        except KeyError:
            raise AgainstRules(f"该事项缺少“{self.fact}”，无法确定下一环节。") from None


def route(fact: str, **targets: State) -> Route:
    return Route(fact, targets)


@dataclass(frozen=True)
class Step:
    """One row: this seat may, under this article, move a case from these states to that one.

    ``demands`` are facts that come with the step or already stand in the case (reasons, scan …).
    ``optional`` steps are open to a seat but are nobody's duty: they never make a to-do.
    ``only``: the row counts in cases whose fact of this name has this value, and in no others.
    ``joint``: several seats each take it, in any order; the case moves when all have.
    ``reopens`` names the paper that may be changed again, ``forgets`` the facts that no longer
    hold after it. ``extends`` names the clock it extends. ``after_children``: the platform takes it
    when the last child case is over.

    ``final``: a person is shown what will come of it and confirms it before it is done; so is what
    is marked as ``danger``. ``at_once`` says why a weighty step is not confirmed, ``effect`` what
    comes of it that the table cannot know, in the reader's words. ``undoable`` says why its person
    may undo it for a moment, before anybody is told of it; empty: nobody may.
    """

    verb: str
    article: str
    who: Seat
    origin: frozenset[State]
    target: State | Route
    label: str
    demands: frozenset[str] = frozenset()
    opening: bool = False
    optional: bool = False
    danger: bool = False
    only: tuple[str, str] | None = None
    joint: bool = False
    reopens: str = ""
    forgets: frozenset[str] = frozenset()
    extends: str = ""
    after_children: bool = False
    final: bool = False
    at_once: str = ""
    effect: str = ""
    undoable: str = ""

    @property
    def confirmed(self) -> bool:
        """Whether a person confirms it, having seen what will come of it."""
        return self.final or self.danger

    def fits(self, facts: Mapping[str, Any]) -> bool:
        """Whether the row counts in a case with these facts."""
        return self.only is None or str(facts.get(self.only[0], "")) == self.only[1]

    @property
    def targets(self) -> frozenset[State]:
        if isinstance(self.target, Route):
            return frozenset(self.target.targets.values())
        return frozenset({self.target})


def step(
    verb: str,
    article: str,
    who: Seat,
    origin: Collection[State],
    target: State | Route,
    *,
    label: str = "",
    optional: bool = False,
    danger: bool = False,
    only: tuple[str, str] | None = None,
    reopens: str = "",
    forgets: Collection[str] = (),
    extends: str = "",
    after_children: bool = False,
    final: bool = False,
    at_once: str = "",
    effect: str = "",
    undoable: str = "",
    **demands: bool,
) -> Step:
    """A row of the table. ``reasons=True``, ``scan=True`` … name what the step demands."""
    return Step(
        verb,
        article,
        who,
        frozenset(origin),
        target,
        label or verb,
        frozenset(name for name, on in demands.items() if on),
        optional=optional,
        danger=danger,
        only=only,
        reopens=reopens,
        forgets=frozenset(forgets),
        extends=extends,
        after_children=after_children,
        final=final,
        at_once=at_once,
        effect=effect,
        undoable=undoable,
    )


def joint(
    verb: str,
    article: str,
    seats: Collection[Seat],
    origin: Collection[State],
    target: State | Route,
    *,
    label: str = "",
    final: bool = False,
    at_once: str = "",
    effect: str = "",
    **demands: bool,
) -> tuple[Step, ...]:
    """Rows of one verb for several seats, each of whom takes it once: ``*joint("advise", …)``.

    The case moves when all have; a clock with ``lapses`` over the state says what happens when
    the limit is over before.
    """
    named = frozenset(name for name, on in demands.items() if on)
    return tuple(
        Step(
            verb,
            article,
            seat,
            frozenset(origin),
            target,
            label or verb,
            named,
            joint=True,
            final=final,
            at_once=at_once,
            effect=effect,
        )
        for seat in seats
    )


def opens(
    verb: str,
    article: str,
    who: Seat,
    target: State | Route,
    *,
    label: str = "",
    final: bool = False,
    at_once: str = "",
    effect: str = "",
    **demands: bool,
) -> Step:
    """The row that brings a case into being."""
    named = frozenset(name for name, on in demands.items() if on)
    return Step(
        verb,
        article,
        who,
        frozenset(),
        target,
        label or verb,
        named,
        opening=True,
        final=final,
        at_once=at_once,
        effect=effect,
    )
