"""Limits as they run: over a case, named, several at once; and over anything else as watches.

The table of a procedure says which clock runs where (`kernel.procedure.clocks`); `keep_time` is
called by `doing` inside each step and brings the rows in line with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.db import models
from django.db.models import QuerySet

from huitong.kernel.actor import bodies_of
from huitong.kernel.case import Case
from huitong.kernel.ledger import Record
from huitong.kernel.procedure import AgainstRules, InCase, Malformed, Procedure, Step
from huitong.kernel.procedure import Clock as ClockRule
from huitong.kernel.workdays import (
    DAY_SET,
    Calendar,
    Deadline,
    Limit,
    day_of,
    limit_row,
    load_calendar,
    today,
)

#: who answers for a clock: party, post, body
Desk = tuple[str, str, int | None]


class RunningLimit(Record):
    """One run of a statutory limit and who answers for it (A17): kept for ever, so that on-time
    rates are one query over one table.

    ``gross`` counts the working days from start to stop, ``net`` leaves out those during which the
    clock stood.
    """

    article = models.CharField(max_length=8)
    party = models.CharField(max_length=20)
    post = models.CharField(max_length=30)
    body = models.BigIntegerField(null=True)
    amount = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=8)
    #: by how much it was extended, at most once, and in which unit
    extension = models.PositiveSmallIntegerField(null=True)
    extension_unit = models.CharField(max_length=8, blank=True)
    started_on = models.DateField()
    half_on = models.DateField()
    warn_on = models.DateField()
    due_on = models.DateField()
    provisional = models.BooleanField(default=False)
    #: spans [[from, to or null], …] of days during which the clock stood still
    pauses = models.JSONField(default=list)
    #: whether it stands still now
    standing = models.BooleanField(default=False)
    stopped_on = models.DateField(null=True)
    gross = models.IntegerField(null=True)
    net = models.IntegerField(null=True)

    class Meta:
        abstract = True

    @property
    def on_time(self) -> bool | None:
        return None if self.stopped_on is None else self.stopped_on <= self.due_on

    def days_paused(self, calendar: Calendar) -> int:
        """Working days the clock stood still in closed spans: a day of return counts as running
        again."""
        return sum(
            calendar.between(date.fromisoformat(a), date.fromisoformat(b))
            for a, b in self.pauses
            if b
        )

    def aim(self, calendar: Calendar) -> None:
        """Compute the last day and the days of warning: half time, and one working day before."""
        last = self._last_day(calendar)
        self.due_on, self.provisional = last.on, last.provisional
        whole = calendar.between(self.started_on, last.on)
        self.half_on = calendar.after(self.started_on, max(whole // 2, 1)).on
        eve = last.on - timedelta(1)
        while not calendar.is_working(eve):
            eve -= timedelta(1)
        self.warn_on = max(eve, self.started_on)

    def _last_day(self, calendar: Calendar) -> Deadline:
        """The last day; one that was set is moved by an extension only, by `extend`."""
        if self.unit == DAY_SET:
            return Deadline(self.due_on)
        last = calendar.deadline(self.started_on, self.amount, self.unit)
        if self.extension:
            longer = calendar.deadline(last.on, self.extension, self.extension_unit)
            last = Deadline(longer.on, last.provisional or longer.provisional)
        if stood := self.days_paused(calendar):
            moved = calendar.after(last.on, stood)
            last = Deadline(moved.on, last.provisional or moved.provisional)
        return last

    def pause(self, on: date) -> None:
        if not self.standing:
            self.pauses.append([on.isoformat(), None])
            self.standing = True

    def resume(self, on: date, calendar: Calendar) -> None:
        if self.standing:
            self.pauses[-1][1] = on.isoformat()
            self.standing = False
            self.aim(calendar)

    def extend(self, amount: int, unit: str, calendar: Calendar) -> None:
        """Add to the limit, once. Raises `AgainstRules` the second time."""
        if self.extension is not None:
            raise AgainstRules("该时限已延长过一次，不能再次延长。", article=self.article)
        self.extension, self.extension_unit = amount, unit
        if self.unit == DAY_SET:
            self.due_on = calendar.deadline(self.due_on, amount, unit).on
        self.aim(calendar)

    def stop(self, on: date, calendar: Calendar) -> None:
        if self.standing:
            self.pauses[-1][1] = on.isoformat()
            self.standing = False
        self.stopped_on = on
        self.gross = calendar.between(self.started_on, on)
        self.net = self.gross - self.days_paused(calendar)


class Clock(RunningLimit):
    """A limit over a case; ``name`` is that of its row in the procedure's clocks."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="clocks")
    name = models.CharField(max_length=40)
    state = models.CharField(max_length=40)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["due_on"], condition=models.Q(stopped_on=None), name="clock_running_due"
            ),
            models.Index(fields=["body", "article", "stopped_on"]),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "name", "party", "post", "body"],
                condition=models.Q(stopped_on=None),
                nulls_distinct=False,
                name="clock_running_once",
            )
        ]


def keep_time(
    case: Case,
    procedure: Procedure,
    row: Step,
    now: datetime,
    *,
    entering: bool,
    answered: Desk | None = None,
) -> None:
    """Bring the clocks of a case in line with its table after a step, and its due day with them.

    Called by `doing` inside the act, once the case is in its new state and its desks are known.
    ``answered``: whose opinion came in, of a joint step that goes on.
    """
    running = list(Clock.objects.filter(case=case, stopped_on=None).order_by("pk"))
    starting = any(_starts(rule, case, row, entering) for rule in procedure.clocks)
    if not (running or starting or row.extends):  # nothing to look at the calendar for
        case.due_on, case.provisional, case.paused = None, False, False
        return
    on, calendar = day_of(now), load_calendar()
    if row.extends:
        _extend(procedure, row, case, running, on, calendar)
    remaining: list[Clock] = []
    for clock in running:
        rule = procedure.clock(clock.name)
        if rule is not None and case.state in rule.stands:
            clock.pause(on)
        elif (
            rule
            and case.state in rule.states
            and rule.on != row.verb  # taken again, it begins anew
            and not (answered and rule.owner is None and _desk_of(clock) == answered)
        ):
            clock.resume(on, calendar)
            _follow(clock, rule, case, procedure)
        else:
            clock.stop(on, calendar)
        clock.save()
        remaining += [clock] if clock.stopped_on is None else []
    names = {clock.name for clock in remaining}
    for rule in procedure.clocks:
        if rule.name not in names and _starts(rule, case, row, entering):
            remaining += _start(rule, case, procedure, on, calendar)
    _show(case, remaining)


def show_nearest(case: Case) -> None:
    """Let the case show the nearest end of its clocks again, after they were aimed anew."""
    _show(case, list(Clock.objects.filter(case=case, stopped_on=None)))


def is_late(case: Case) -> bool:
    """Whether the nearest limit over a case is past."""
    return case.due_on is not None and not case.paused and case.due_on < today()


def missing_clocks(procedure: Procedure) -> list[tuple[ClockRule, QuerySet[Case]]]:
    """The dated clocks a table has gained since, each with the cases that stand where it runs and
    never had it."""
    rules = [r for r in procedure.clocks if not (r.on or r.since or isinstance(r.limit, InCase))]
    cases = Case.objects.filter(kind=procedure.kind, law=procedure.law).order_by("pk")

    def standing(rule: ClockRule) -> QuerySet[Case]:
        there = cases.filter(state__in=rule.states)
        return there.filter(**{f"facts__{rule.only[0]}": rule.only[1]}) if rule.only else there

    return [(rule, standing(rule).exclude(clocks__name=rule.name)) for rule in rules]


def start_missing(procedure: Procedure, on: date) -> int:
    """Start the clocks a table has gained over the cases that stand there, from this day on.
    Returns how many cases have one more."""
    calendar, started = load_calendar(), 0
    for rule, cases in missing_clocks(procedure):
        for pk in list(cases.values_list("pk", flat=True)):
            # asked again under the lock: it may have moved on since
            locked = Case.objects.select_for_update(no_key=True).filter(state__in=rule.states)
            if (case := locked.filter(pk=pk).first()) is None:
                continue
            _start(rule, case, procedure, on, calendar)
            show_nearest(case)
            case.save(update_fields=["due_on", "provisional", "paused"])
            started += 1
    return started


def promise(
    procedure: Procedure, state: str, facts: Mapping[str, Any], on: date, calendar: Calendar
) -> tuple[Limit, Deadline]:
    """The limit that will run over a case with these facts entering this state on a day, as its
    row, and its last day: what is promised before an act is what the clock will say.

    Raises `LookupError` where no dated limit runs.
    """
    for rule in procedure.clocks_in(state, facts):
        if not isinstance(rule.limit, InCase):
            row = limit_row(rule.limit, on)
            return row, calendar.deadline(on, row.amount, row.unit)
    raise LookupError(f"{procedure.kind}: no dated limit runs in {state}")


def _starts(rule: ClockRule, case: Case, row: Step, entering: bool) -> bool:
    begins = rule.on == row.verb if rule.on else entering
    return begins and case.state in rule.states and rule.fits(case.facts)


def _desk_of(clock: Clock) -> Desk:
    return clock.party, clock.post, clock.body


def _follow(clock: Clock, rule: ClockRule, case: Case, procedure: Procedure) -> None:
    """Let a clock that runs on into another state be answered for by who owes the move there."""
    if rule.owner is None and not procedure.is_joint(case.state):
        [(clock.party, clock.post, clock.body)] = _owners(rule, case, procedure)


def _start(
    rule: ClockRule, case: Case, procedure: Procedure, on: date, calendar: Calendar
) -> list[Clock]:
    """Start a clock: one, or in a joint step one for each who owes an opinion."""
    clocks = []
    since = _day(case, rule.since) or on if rule.since else on
    if since > on:
        raise Malformed({rule.since: "不能晚于今天"}, article=rule.article)
    for party, post, body in _owners(rule, case, procedure):
        clock = Clock(case=case, name=rule.name, state=case.state, article=rule.article)
        clock.party, clock.post, clock.body, clock.started_on = party, post, body, since
        if isinstance(rule.limit, InCase):
            clock.amount, clock.unit = 0, DAY_SET
            clock.due_on = _day(case, rule.limit.fact) or _missing(rule.limit.fact, rule.article)
        else:
            amount = limit_row(rule.limit, on)
            clock.amount, clock.unit = amount.amount, amount.unit
        clock.aim(calendar)
        clock.save()
        clocks.append(clock)
    return clocks


def _owners(rule: ClockRule, case: Case, procedure: Procedure) -> list[Desk]:
    """Who answers for a clock: one, or in a joint step each who owes an opinion (A17)."""
    if rule.owner is None and procedure.is_joint(case.state):
        return [
            (seat.party, seat.post, body)
            for seat in procedure.duties(case.state)
            for body in bodies_of(case.parties.get(seat.party))
        ]
    seat = rule.owner or procedure.awaits(case.state)
    return [(seat.party, seat.post, case.body_of(seat.party)) if seat else ("", "", None)]


def check_extension(procedure: Procedure, case: Case, name: str, days: int, on: date) -> None:
    """Refuse an extension where it is applied for: of a limit that is over, since what came late
    stays late, by `AgainstRules`; of more than the law lets, by `Malformed` on ``days``."""
    over = Clock.objects.filter(case=case, name=name, stopped_on=None, due_on__lt=on).first()
    if over is not None and not over.standing:
        raise AgainstRules(
            f"时限已于 {over.due_on} 届满，届满后不能再申请延长。",
            article=over.article,
            remedy="请尽快办理；超期的情况和原因可以在办理意见中说明。",
        )
    _check_amount(procedure, name, days, on)


def _check_amount(procedure: Procedure, name: str, days: int, on: date) -> None:
    rule = procedure.clock(name)
    if rule is None or rule.extension is None:
        raise LookupError(f"{procedure.kind} has no clock {name!r} that can be extended")
    most = limit_row(rule.extension, on)
    if not 0 < days <= most.amount:
        raise Malformed({"days": f"最多可延长 {most.words}"}, article=rule.extension.article)


def _extend(
    procedure: Procedure, row: Step, case: Case, running: list[Clock], on: date, calendar: Calendar
) -> None:
    """Extend the clock this step names by ``days`` of the case's facts, or as far as the law
    lets."""
    rule = procedure.clock(row.extends)
    clocks = [clock for clock in running if clock.name == row.extends]
    if rule is None or rule.extension is None or not clocks:
        raise AgainstRules("现在没有可以延长的时限。", article=row.article)
    most = limit_row(rule.extension, on)
    days = int(case.facts.get("days") or most.amount)
    _check_amount(procedure, rule.name, days, on)
    for clock in clocks:
        clock.extend(days, most.unit, calendar)


def _show(case: Case, running: list[Clock]) -> None:
    """The case shows the nearest end among its clocks; it stands when all of them do."""
    going = [clock for clock in running if not clock.standing]
    nearest = min(going or running, key=lambda clock: clock.due_on, default=None)
    case.due_on = nearest.due_on if nearest else None
    case.provisional = bool(nearest and nearest.provisional)
    case.paused = bool(nearest and nearest.standing)


def _day(case: Case, fact: str) -> date | None:
    value = case.facts.get(fact)
    return value if isinstance(value, date) else date.fromisoformat(value) if value else None


def _missing(fact: str, article: str) -> date:
    raise Malformed({fact: "请填写期限"}, article=article)
