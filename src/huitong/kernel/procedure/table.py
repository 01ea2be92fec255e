"""The table of steps and clocks of one kind of case under one law, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from huitong.kernel.actor import PARTIES, SYSTEM, Seat
from huitong.kernel.laws import LAWS, citation
from huitong.kernel.procedure.clocks import Clock, InCase
from huitong.kernel.procedure.problems import AgainstRules, Malformed, NotYours
from huitong.kernel.procedure.states import State
from huitong.kernel.procedure.steps import Step

#: what a demand is called when it is missing
DEMAND_LABELS = {
    "reasons": "请写明理由",
    "ground": "请选择理由类别",
    "scan": "请上传加盖公章的扫描件",
}


@dataclass(frozen=True)
class Procedure:
    """The procedure of one kind of case under one law, in force from a day.

    Raises `ValueError` where the table contradicts itself or the law: it is checked when made.
    """

    kind: str
    label: str
    law: str
    in_force: date
    steps: tuple[Step, ...]
    clocks: tuple[Clock, ...] = ()
    prefix: str = "C"
    #: whether the bureau reads these cases though it is no party (A19)
    overseen: bool = True

    def __post_init__(self) -> None:
        for fault in self._faults():
            raise ValueError(f"{self.kind}: {fault}")

    @property
    def states(self) -> frozenset[State]:
        return frozenset(s for row in self.steps for s in row.origin | row.targets)

    @property
    def final(self) -> frozenset[State]:
        """States in which nobody owes anything any more."""
        return frozenset(s for s in self.states if s.end is not None)

    @property
    def verbs(self) -> list[str]:
        return list(dict.fromkeys(row.verb for row in self.steps))

    @property
    def parties(self) -> frozenset[str]:
        """The parties that have a seat in it."""
        return frozenset(row.who.party for row in self.steps)

    def number(self, key: int, on: date) -> str:
        """The number a case of this key has that was opened on a day."""
        return f"{self.prefix}{on:%Y%m%d}{key:06d}"

    def rows(self, verb: str) -> list[Step]:
        if not (rows := [row for row in self.steps if row.verb == verb]):
            verbs = ", ".join(self.verbs)
            raise LookupError(f"{self.kind} has no verb {verb!r}; the table has {verbs}")
        return rows

    def recite(self, article: str, verb: str, first: Procedure) -> str:
        """The article a refusal of this verb cites in a case under this table, where it names one
        of the first law's: what the first table rests on and this one does not is replaced by the
        article of the step. Any other rule goes on beside this law, and is cited as it is."""
        replaced = {row.article for row in first.steps} - {row.article for row in self.steps}
        return self.rows(verb)[0].article if article in replaced and verb in self.verbs else article

    def state(self, value: str) -> State:
        """The state behind a stored value."""
        return next(s for s in self.states if s.value == value)

    def duties(self, state: str) -> tuple[Seat, ...]:
        """The seats that owe the next move of a case in this state: one, or in a joint step
        several, each for its own opinion (A17)."""
        owing = (row.who for row in self.steps if state in row.origin and not row.optional)
        return tuple(dict.fromkeys(owing))

    def awaits(self, state: str) -> Seat | None:
        """The seat whose duty it is to move a case in this state; the first of several."""
        return next(iter(self.duties(state)), None)

    def is_joint(self, state: str) -> bool:
        return any(row.joint for row in self.steps if state in row.origin)

    def clock(self, name: str) -> Clock | None:
        return next((rule for rule in self.clocks if rule.name == name), None)

    def clocks_in(self, state: str, facts: Mapping[str, Any]) -> list[Clock]:
        """The clocks that run while a case with these facts is in this state, but for those a
        verb starts."""
        return [
            rule
            for rule in self.clocks
            if state in rule.states and not rule.on and rule.fits(facts)
        ]

    def open_to(self, state: str, seats: Iterable[Seat], facts: Mapping[str, Any]) -> list[Step]:
        """The steps these seats may take now in a case with these facts: buttons, the API's
        actions and the command's help all read this."""
        own = frozenset(seats)
        return [
            row for row in self.steps if state in row.origin and row.who in own and row.fits(facts)
        ]

    def check_opening(self, verb: str, held: Collection[Seat]) -> None:
        """Refuse an opening by somebody who holds none of the posts it takes, before anything is
        looked at. ``held`` are the seats the actor would have as any party. Raises `NotYours`."""
        rows = [row for row in self.rows(verb) if row.opening]
        if not any(row.who in held for row in rows):
            raise _not_yours(rows, f"“{rows[0].label}”")

    def check(
        self, verb: str, state: str | None, seats: Collection[Seat], facts: Mapping[str, Any]
    ) -> Step:
        """The row that allows this, or the reason why none does.

        ``state`` is None for an opening. ``facts`` are those of the case and what came with the
        step. Raises `NotYours` (403), `AgainstRules` (409) or `Malformed` (422), in this order.
        """
        if verb not in self.verbs:
            raise AgainstRules(
                f"该事项适用的《{LAWS[self.law].short}》没有这一步骤。", article="A36"
            )
        if not (rows := [row for row in self.rows(verb) if row.fits(facts)]):
            first = self.rows(verb)[0]
            raise AgainstRules(f"该事项不适用“{first.label}”。", article=first.article)
        current = [row for row in rows if (row.opening if state is None else state in row.origin)]
        own = [row for row in rows if row.who in seats]
        if not own:
            raise _not_yours(current or rows, f"“{rows[0].label}”")
        allowed = [row for row in current if row in own]
        if not allowed and current:
            raise _not_yours(current, f"当前环节的“{rows[0].label}”")
        if not allowed:
            raise self._not_now(rows[0], state)
        row = allowed[0]
        missing = [demand for demand in sorted(row.demands) if not _present(facts.get(demand))]
        if missing:
            faults = {name: DEMAND_LABELS.get(name, f"请提供{name}") for name in missing}
            raise Malformed(faults, article=row.article)
        return row

    def _not_now(self, row: Step, state: str | None) -> AgainstRules:
        now = self.state(state).label if state else "未开始"
        labels = dict.fromkeys(r.label for r in self.steps if state in r.origin)
        return AgainstRules(
            f"当前状态为“{now}”，不能“{row.label}”。",
            article=row.article,
            remedy=f"当前可办理：{'、'.join(labels) or '无（已办结）'}。",
        )

    # -- what a table must not say -----------------------------------------------------------------

    def _faults(self) -> Iterator[str]:
        if self.law not in LAWS:
            yield f"no law {self.law!r} in kernel/data/laws.csv"
        for row in self.steps:
            yield from self._faults_of(row)
        for state in self.states:
            yield from self._faults_in(state)
        for rule in self.clocks:
            yield from self._faults_of_clock(rule)

    def _faults_of(self, row: Step) -> Iterator[str]:
        try:
            citation(row.article)
        except ValueError as wrong:
            yield f"{row.verb}: every step names its article; {wrong}"
        if row.extends and self.clock(row.extends) is None:
            yield f"{row.verb} extends a clock {row.extends!r} that is not in the table"
        reopening = any(s.editable for s in row.targets) and any(not s.editable for s in row.origin)
        if reopening and not row.reopens:
            yield f"{row.verb} leads back into an editable state: say which paper it reopens"
        if row.reopens and not reopening and not any(s.closes for s in row.targets):
            yield f"{row.verb} reopens {row.reopens}, which stays closed in that state"
        if row.undoable and (
            row.opening or row.joint or any(s.end is not None for s in row.targets)
        ):
            yield f"{row.verb} opens, ends or speaks in a case: that cannot be undone"
        if row.who.party not in PARTIES:
            yield f"{row.verb}: no party {row.who.party!r} in kernel/data/parties.csv"
        elif PARTIES[row.who.party].many and not (row.joint or row.optional):
            yield f"{row.verb}: {row.who.party} are many; A17 wants one who answers: joint(…)"

    def _faults_in(self, state: State) -> Iterator[str]:
        rows = [row for row in self.steps if state in row.origin]
        duties = [row for row in rows if not row.optional]
        joint_verbs = {row.verb for row in duties if row.joint}
        if len({row.who for row in duties}) > 1 and not (
            len(joint_verbs) == 1 and all(row.joint for row in duties)
        ):
            seats = sorted(str(row.who.label) for row in duties)
            yield (
                f"in {state.value} {seats} are all accountable; A17 wants one: "
                "mark the side steps optional=True, split the state or make the step joint"
            )
        if bool(duties) == (state.end is not None):
            yield f"{state.value} must have either a step that is somebody's duty or an end"
        if state.private:
            beginners = {row.who.party for row in self.steps if row.opening} | {SYSTEM.name}
            if others := {row.who.party for row in rows} - beginners:
                yield f"{state.value} is private, yet {sorted(others)} have steps in it"

    def _faults_of_clock(self, rule: Clock) -> Iterator[str]:
        if unknown := (rule.states | rule.stands) - self.states:
            yield f"clock {rule.name} runs in states no step leads to: {sorted(unknown)}"
        for verb in filter(None, (rule.on, rule.lapses)):
            if verb not in self.verbs:
                yield f"clock {rule.name} names a verb {verb!r} that is not in the table"
        joint_states = {state.value for state in rule.states if self.is_joint(state)}
        if joint_states and len(rule.states) > 1 and rule.owner is None:
            yield f"clock {rule.name} runs over a joint step and more: name its owner, or split it"
        if isinstance(rule.limit, InCase) and rule.stands:
            yield f"clock {rule.name} ends on a set day, which no pause moves: it cannot stand"
        if rule.lapses and any(row.who.party != SYSTEM.name for row in self.rows(rule.lapses)):
            yield f"clock {rule.name}: what happens when it is over is the platform's step"
        if [other.name for other in self.clocks].count(rule.name) > 1:
            yield f"two clocks are called {rule.name}"


def in_force(tables: Iterable[Procedure], on: date, laws: Collection[str]) -> Procedure:
    """The table under which a case opened on this day runs: the youngest in force of the laws the
    city has adopted (A36)."""
    current = [table for table in tables if table.in_force <= on and table.law in laws]
    if not current:
        raise AgainstRules("办理当日尚无生效的规则。", article="A36")
    return max(current, key=lambda table: table.in_force)


def _present(value: Any) -> bool:
    return bool(value.strip()) if isinstance(value, str) else bool(value)


def _not_yours(rows: list[Step], what: str) -> NotYours:
    who = "、".join(dict.fromkeys(row.who.label for row in rows))
    return NotYours(f"{what}由{who}办理。", article=rows[0].article, who=who)
