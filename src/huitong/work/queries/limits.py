"""Every limit that runs, over cases and over anything else, in one list (A15, A17, A31)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce

from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.case import visible
from huitong.kernel.clocks import Clock
from huitong.kernel.procedure import WATCHES
from huitong.kernel.watches import Watch
from huitong.kernel.workdays import Calendar, today
from huitong.organizations.rules import LENDABLE
from huitong.work.queries.cases import Countdown, days_left

#: the columns of a limit, whatever it runs over: ``key`` is what its page is found by, ``limit``
#: the clock or watch itself, of which a case may have several
COLUMNS = (
    "of",
    "key",
    "limit",
    "kind",
    "name",
    "title",
    "url",
    "article",
    "body",
    "started_on",
    "due_on",
)


@dataclass(frozen=True)
class LimitLine:
    """A running limit as a line of the list."""

    label: str
    title: str
    url: str
    article: str
    body: str
    started_on: date
    due: Countdown


def limit_parts(
    actor: Actor, due: str = "", body: int | None = None
) -> tuple[QuerySet[Any], QuerySet[Any]]:
    """Running limits of cases and of anything else, both with `COLUMNS`; see `running_limits`."""
    clocks, watches = running_limits(actor, due, body)
    text = CharField()
    of_cases = clocks.annotate(
        of=Value("case"),
        key=F("case_id"),
        limit=F("pk"),
        kind=F("case__kind"),
        title=Coalesce("case__title", "case__number", output_field=text),
        url=Value("", output_field=text),
    ).values_list(*COLUMNS)
    of_others = watches.annotate(
        of=Value("watch"), key=F("pk"), limit=F("pk"), name=Cast(Value(""), text)
    ).values_list(*COLUMNS)
    return of_cases, of_others


def running_limits(
    actor: Actor, due: str = "", body: int | None = None
) -> tuple[QuerySet[Clock], QuerySet[Watch]]:
    """Running clocks of the cases an actor sees, and running watches of their own body, for the
    bureau of all. ``due``: only ``overdue`` or ``near`` ones."""
    # a case has a last day as long as a clock of it runs: those are found by their index
    clocks = Clock.objects.filter(
        visible(actor, "case__"), stopped_on=None, case__due_on__isnull=False
    )
    watches = Watch.objects.filter(stopped_on=None)
    if not actor.is_system and not actor.bureau:
        watches = watches.filter(body=actor.body)
    if not actor.is_system and not actor.has(*LENDABLE):
        watches = watches.none()
    narrowed = _narrowed(due)
    if body is not None:
        narrowed &= Q(body=body)
    return clocks.filter(narrowed), watches.filter(narrowed)


def limit_lines(
    rows: list[tuple[Any, ...]], calendar: Calendar, names: dict[int, str]
) -> list[LimitLine]:
    """These rows as people read them; ``names`` are those of the bodies."""
    return [_line(dict(zip(COLUMNS, row, strict=True)), calendar, names) for row in rows]


def _narrowed(due: str) -> Q:
    day = today()
    if due == "overdue":
        return Q(due_on__lt=day)
    if due == "near":
        return Q(due_on__gte=day, warn_on__lte=day)
    return Q()


def _line(row: dict[str, Any], calendar: Calendar, names: dict[int, str]) -> LimitLine:
    of_case = row["of"] == "case"
    return LimitLine(
        _clock_label(row["kind"], row["name"]) if of_case else _watch_label(row["kind"]),
        row["title"],
        reverse("work:case", args=[row["key"]]) if of_case else row["url"],
        row["article"],
        names.get(row["body"] or 0, ""),
        row["started_on"],
        Countdown(days_left(calendar, row["due_on"]), row["due_on"]),
    )


def _clock_label(kind: str, name: str) -> str:
    tables = doing.PROCEDURES.get(kind, {})
    rules = (rule for table in tables.values() for rule in table.clocks if rule.name == name)
    label = next((rule.label for rule in rules), name)
    return f"{next(iter(tables.values())).label}：{label}" if tables else label


def _watch_label(kind: str) -> str:
    return WATCHES[kind].label if kind in WATCHES else kind
