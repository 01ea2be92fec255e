"""Cases as they went, by the tables of their procedures: no step is planted that its table would
refuse. Rows are gathered and written at once."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import cache
from itertools import accumulate
from random import Random
from typing import Any

from django.db import connection, models
from django.db.models import NOT_PROVIDED
from django.utils import timezone
from psycopg import sql
from psycopg.types.json import Jsonb

from huitong.kernel import grounds, ledger
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.doing.hands import hands_of
from huitong.kernel.procedure import InCase, LimitRef, Procedure, Route
from huitong.kernel.workdays import (
    DAY_SET,
    SHANGHAI,
    Calendar,
    Limit,
    day_of,
    limit_row,
    load_calendar,
    today,
)

#: keys taken and rows updated at once
BATCH = 1000
#: how far back the past reaches
REACH = timedelta(days=1500)
#: hours of work: nothing but the platform itself acts outside them
OPENS, MINUTES = time(8, 30), 9 * 60
#: what the reasons of an act are made of
WORDS = ("ground", "cites", "reasons")


class Keys:
    """Primary keys of a model, taken from its sequence ahead of the rows."""

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model
        self.left: Iterator[int] = iter(())

    def __next__(self) -> int:
        if (key := next(self.left, None)) is None:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                    [self.model._meta.db_table, self.model._meta.pk.column, BATCH],
                )
                self.left = iter([row[0] for row in cursor.fetchall()])
            key = next(self.left)
        return key


@dataclass
class Past:
    """What has been gathered: cases with their ledger entries and clocks. Days are counted in
    working days before today."""

    calendar: Calendar = field(default_factory=load_calendar)
    dice: Random = field(default_factory=lambda: Random("past"))  # noqa: S311 - always the same
    keys: Keys = field(default_factory=lambda: Keys(Case))
    cases: list[Case] = field(default_factory=list)
    entries: list[ledger.Entry] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)

    def __post_init__(self) -> None:
        end = today()
        days = (end - REACH + timedelta(days=n) for n in range(REACH.days))
        self.worked = [day for day in days if self.calendar.is_working(day)]

    def day(self, back: int) -> date:
        """The working day so many before today; 1 is the last one."""
        return self.worked[-back]

    def back_to(self, moment: datetime) -> int:
        """How many working days before today a moment lies."""
        return len(self.worked) - bisect_right(self.worked, day_of(moment)) + 1

    def moments(
        self, back: int, steps: int, gaps: Sequence[int], until: int = 1
    ) -> Iterator[datetime]:
        """So many moments of work in order: the first so many working days back, then with these
        gaps between, shortened where the last would come later than ``until``."""
        between = [self.dice.choice(gaps) for _ in range(steps - 1)]
        while sum(between) > back - until:
            between[between.index(max(between))] -= 1
        for passed, count in Counter(accumulate(between, initial=0)).items():
            opening = datetime.combine(self.day(back - passed), OPENS, SHANGHAI)
            for minute in sorted(self.dice.sample(range(MINUTES), count)):
                yield opening + timedelta(minutes=minute)

    def later(self, moment: datetime, days: int) -> datetime:
        """A moment of work, so many working days after another."""
        return next(self.moments(self.back_to(moment) - days, 1, ()))

    def open(
        self, procedure: Procedure, verb: str, actor: Actor, at: datetime, **parties: int
    ) -> Running:
        """A case begun by this act."""
        case = Case(pk=next(self.keys), kind=procedure.kind, law=procedure.law)
        case.number = procedure.number(case.pk, day_of(at))
        case.opened_by, case.inside, case.overseen = actor.person, actor.body, procedure.overseen
        case.opened_at = at
        case.between(bureau=actor.bureau_body, **parties)
        self.cases.append(case)
        running = Running(self, procedure, case)
        running.do(verb, actor, at)
        return running

    def write(self) -> None:
        """Write what was gathered, the ledger in the order of its moments."""
        insert(self.cases)
        insert(self.clocks)
        insert(sorted(self.entries, key=lambda e: e.at))


@dataclass
class Running:
    """One case as it goes on."""

    past: Past
    procedure: Procedure
    case: Case
    clocks: list[Clock] = field(default_factory=list)

    def do(
        self, verb: str, actor: Actor, at: datetime, *, papers: Sequence[str] = (), **given: Any
    ) -> None:
        """Take a step at a moment; papers it demands lie in the archive of a department. Raises
        what its table would raise."""
        case, opening = self.case, not self.case.state
        facts = {**case.facts, **given, **dict.fromkeys(papers, True)}
        row = self.procedure.check(
            verb, None if opening else case.state, actor.seats_in(case.parties), facts
        )
        name, before = f"{case.kind}.{verb}", case.snapshot()
        target = row.target.resolve(facts) if isinstance(row.target, Route) else row.target
        entering, case.state = case.state != target.value, target.value
        if not target.private:
            case.inside = None
        case.facts = {k: v for k, v in case.facts.items() if k not in row.forgets}
        if not actor.is_system:
            case.hands |= hands_of(actor, row.who)
        if entering:
            duties = self.procedure.duties(case.state)
            case.awaiting = [desk for seat in duties for desk in case.desks_of(seat)]
            case.entered_at, case.closed_at = at, at if target.closes else None
            self._keep_time(at, verb)
        self.past.entries.append(
            ledger.Entry(
                at=at,
                actor=ledger.plain(actor.as_record()),
                person=actor.person,
                body=actor.body,
                verb=name,
                article=row.article,
                law=case.law,
                kind=case.kind,
                case=case.pk,
                object_type="kernel.case",
                object_id=str(case.pk),
                before=ledger.plain(before),
                after=ledger.plain(case.snapshot() | {"given": given}),
                reasons=stated(name, case.law, **{k: v for k, v in given.items() if k in WORDS}),
            )
        )

    def _keep_time(self, at: datetime, verb: str) -> None:
        on, case = day_of(at), self.case
        rules = {r.name: r for r in self.procedure.clocks_in(case.state, case.facts)}
        rules |= {
            r.name: r for r in self.procedure.clocks if r.on == verb and case.state in r.states
        }
        going = {clock.name: clock for clock in self.clocks if clock.name in rules}
        for clock in self.clocks:
            if clock.name not in rules:
                clock.stop(on, self.past.calendar)
        started = [self._start(rule, at) for name, rule in rules.items() if name not in going]
        self.clocks = [*going.values(), *started]
        self.past.clocks += started
        case.due_on = min((clock.due_on for clock in self.clocks), default=None)

    def _start(self, rule: Any, at: datetime) -> Clock:
        case = self.case
        seat = rule.owner or self.procedure.awaits(case.state)
        clock = Clock(case=case, name=rule.name, state=case.state, article=rule.article)
        clock.party, clock.post = (seat.party, seat.post) if seat else ("", "")
        clock.body = case.body_of(seat.party) if seat else None
        clock.started_on = day_of(at)
        if isinstance(rule.limit, InCase):
            clock.amount, clock.unit = 0, DAY_SET
            clock.due_on = date.fromisoformat(case.facts[rule.limit.fact])
        else:
            limit = limit_of(rule.limit)
            clock.amount, clock.unit = limit.amount, limit.unit
        clock.aim(self.past.calendar)
        return clock


def insert(rows: Sequence[models.Model]) -> None:
    """Copy rows into their table as they are: thousands a second, and with moments of the past
    where Django would put that of writing."""
    model, now = type(rows[0]), timezone.now()
    ledger.guard(f"{model.__name__}.insert")
    fields = [
        f
        for f in model._meta.concrete_fields
        if f.db_default is NOT_PROVIDED and not (f.primary_key and rows[0].pk is None)
    ]

    def value(row: models.Model, f: Any) -> Any:
        held = plain(getattr(row, f.attname))
        if isinstance(f, models.JSONField):
            return Jsonb(held)
        return now if held is None and getattr(f, "auto_now_add", False) else held

    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table),
        sql.SQL(", ").join(sql.Identifier(f.column) for f in fields),
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([value(row, f) for f in fields])


def plain(value: Any) -> Any:
    """Members of vocabularies as their values."""
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return value.value if isinstance(value, Enum) else value


@cache
def limit_of(limit: LimitRef) -> Limit:
    """The limit as it is now: the law is that of all these years."""
    return limit_row(limit, today())


@cache
def stated(name: str, law: str, ground: str = "", cites: str = "", reasons: str = "") -> str:
    """The reasons as the ledger keeps them."""
    given = {"ground": ground, "reasons": reasons} | ({"cites": cites} if cites else {})
    return grounds.stated(name, given, law=law)
