"""What a body's catalog should hold and holds, line by line: of one body, or of all at once
(A10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from huitong.catalog.models import CoverageConfirmed, Entry, InformationSystem, LeftOut, Scan
from huitong.catalog.queries.reach import visible_to
from huitong.catalog.rules import DatabaseRole, EntryState, ScanState
from huitong.catalog.rules.coverage import (
    IN_ENTRY,
    OPEN,
    Coverage,
    Line,
    Standing,
    Subject,
    best,
    of_duty,
    reasons_on,
)
from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.procedure import NotYours
from huitong.kernel.workdays import SHANGHAI, day_of, today
from huitong.organizations import queries as organizations

Held = dict[Any, list[tuple[Standing, int, str]]]


def coverage_of(body: int) -> Coverage:
    """The coverage of one body."""
    return coverage_by_body([body])[body]


def own_coverage(actor: Actor) -> Coverage:
    """That of the actor's body, for its operators and managers. Raises `NotYours`."""
    if actor.body is None or not actor.has(Post.OPERATOR, Post.MANAGER):
        raise NotYours("覆盖情况由本部门的经办人和负责人办理。", article="A10", who="经办人")
    return coverage_of(actor.body)


def coverage_by_body(bodies: Iterable[int] | None = None) -> dict[int, Coverage]:
    """The coverage of these bodies, or of all: the same number of statements for one and for
    all."""
    expected = list(bodies) if bodies is not None else list(organizations.all_body_names())
    left = {
        (row.body_id, row.subject, row.key): row
        for row in LeftOut.objects.filter(body__in=expected)
    }
    by_table, by_system, by_entry = _entries(expected)
    lines: dict[int, list[Line]] = {body: [] for body in expected}

    def add(body: int, subject: Subject, key: str, label: str, place: str, held: Any) -> Line:
        row = left.get((body, str(subject), key))
        if row is not None and row.reason == IN_ENTRY:
            held = by_entry.get(row.entry_id, [])
        standing = best(standing for standing, _, _ in held)
        about = next((h for h in held if h[0] is standing), (standing, None, ""))
        if row is not None and row.reason != IN_ENTRY and standing in OPEN:
            standing = Standing.LEFT_OUT
        words = (row.reason, row.words) if row is not None else ("", "")
        line = Line(body, subject, key, label, place, standing, about[1], about[2], *words)
        lines[body].append(line)
        return line

    for database, name, body, tables in _tables(expected):
        for table in tables:
            held = by_table.get((database, table["table"]), [])
            label = table["table"] + (f"（{table['comment']}）" if table.get("comment") else "")
            add(body, Subject.TABLE, f"{database}:{table['table']}", label, name, held)
    for system in InformationSystem.objects.filter(body__in=expected, retired_on=None).order_by(
        "name", "pk"
    ):
        held = by_system.get(system.pk, [])
        add(system.body_id, Subject.SYSTEM, str(system.pk), system.name, system.summary, held)
    _add_duties(expected, left, add)
    return {body: Coverage(tuple(rows)) for body, rows in lines.items()}


def _entries(bodies: list[int]) -> tuple[Held, Held, Held]:
    """How entries stand: by their table, by their system, by their key."""
    by_table: Held = defaultdict(list)
    by_system: Held = defaultdict(list)
    by_entry: Held = {}
    rows = Entry.objects.filter(body__in=bodies).values_list(
        "pk",
        "database",
        "source_table",
        "current",
        "current__name",
        "current__system",
        "latest__name",
        "latest__system",
        "latest__case__state",
    )
    for pk, database, table, current, name, system, own_name, own_system, state in rows.iterator():
        standing = Standing.PUBLISHED if current else _standing_of(EntryState(state))
        if standing is None:
            continue
        held = (standing, pk, name or own_name)
        by_entry[pk] = [held]
        by_table[database, table].append(held)
        by_system[system if current else own_system].append(held)
    return by_table, by_system, by_entry


def _standing_of(state: EntryState) -> Standing | None:
    """How an entry stands that was never published; None for a draft that was given up."""
    if state.end is not None:
        return None
    return Standing.DRAFT if state.editable else Standing.REVIEW


def _tables(bodies: list[int]) -> Iterable[tuple[int, str, int, list[dict[str, Any]]]]:
    """The tables of each source as it was last read to the end."""
    return (
        Scan.objects.filter(
            state=ScanState.DONE, database__role=DatabaseRole.SOURCE, database__body__in=bodies
        )
        .order_by("database_id", "-asked_at", "-pk")
        .distinct("database_id")
        .values_list("database_id", "database__name", "database__body_id", "tables")
    )


def _add_duties(bodies: list[int], left: dict[Any, LeftOut], add: Any) -> None:
    """The duties of today and their matters; a duty with matters stands as they do."""
    platform = Actor.system()
    duties = organizations.duties_visible_to(platform).filter(body__in=bodies)
    matters = organizations.matters_visible_to(platform).filter(duty__body__in=bodies)
    of: dict[int, list[Standing]] = defaultdict(list)
    for matter in matters.order_by("duty_id", "code"):
        body, duty = matter.duty.body_id, matter.duty
        line = add(body, Subject.MATTER, str(matter.pk), matter.name, duty.text, [])
        of[duty.pk].append(line.standing)
    for duty in duties.order_by("pk"):
        by_matters = of_duty(of[duty.pk])
        held = [] if by_matters is Standing.MISSING else [(by_matters, None, "")]
        add(duty.body_id, Subject.DUTY, str(duty.pk), duty.text, duty.source, held)


def entries_of_duties(actor: Actor, duties: Iterable[Any]) -> dict[int, list[Entry]]:
    """The published entries that hold the data of each duty (with its matters), as its body says
    in its coverage: one question for all of them."""
    of = {(str(Subject.DUTY), str(duty.pk)): duty.pk for duty in duties}
    of |= {
        (str(Subject.MATTER), str(matter.pk)): duty.pk
        for duty in duties
        for matter in duty.matters.all()
    }
    rows = LeftOut.objects.filter(
        reason=IN_ENTRY,
        subject__in=[Subject.DUTY, Subject.MATTER],
        key__in={key for _, key in of},
        entry__in=visible_to(actor).filter(current__isnull=False).values("pk"),
    ).select_related("entry__current")
    entries: dict[int, list[Entry]] = defaultdict(list)
    for row in rows.order_by("entry__current__name", "pk"):
        duty = of.get((row.subject, row.key))
        if duty is not None and row.entry not in entries[duty]:
            entries[duty].append(row.entry)
    return entries


def open_lines(actor: Actor, case: Case | None = None) -> list[tuple[str, str]]:
    """The lines of the actor's body that wait for an entry or a reason, to choose from."""
    return [
        (line.ref, f"{line.subject.label}：{line.label}")
        for line in own_coverage(actor).lines
        if line.is_open
    ]


def reason_choices(actor: Actor, case: Case | None = None) -> list[tuple[str, str]]:
    """The reasons for leaving out that may be given today."""
    return [(code, reason.label) for code, reason in reasons_on(today()).items()]


def own_entry_choices(actor: Actor, case: Case | None = None) -> list[tuple[int, str]]:
    """The body's entries that something may be part of."""
    rows = Entry.objects.filter(body=actor.body).exclude(
        Q(current=None) & Q(latest__case__state=EntryState.DISCARDED)
    )
    names = rows.order_by("pk").values_list("pk", "current__name", "latest__name")
    return [(pk, name or own) for pk, name, own in names]


def oversees(actor: Actor) -> bool:
    """Whether the actor sees the coverage of every body: the bureau."""
    return actor.bureau and actor.has(Post.OPERATOR, Post.MANAGER)


def left_out_visible_to(actor: Actor) -> QuerySet[LeftOut]:
    """What was left out and why: to the bureau everything, to a body its own."""
    rows = LeftOut.objects.select_related("body", "entry__current", "entry__latest")
    if not actor.has(Post.OPERATOR, Post.MANAGER):
        return rows.none()
    return rows if actor.bureau else rows.filter(body=actor.body)


def confirmations(bodies: Iterable[int]) -> dict[int, CoverageConfirmed]:
    """The last signature of each of these bodies."""
    rows = CoverageConfirmed.objects.filter(body__in=bodies)
    return {row.body_id: row for row in rows.order_by("body_id", "-at").distinct("body_id")}


def is_confirmed(row: CoverageConfirmed | None) -> bool:
    """Whether this is the word of this year."""
    return row is not None and day_of(row.at).year >= today().year


@dataclass(frozen=True)
class BodyCoverage:
    """The numbers of a body, for the bureau's list; ``share`` is None where nothing is
    expected."""

    pk: int
    body: str
    expected: int
    published: int
    review: int
    left_out: int
    open: int
    share: float | None
    share_words: str
    confirmed_at: datetime | None
    confirmed_by: str

    @property
    def confirmed_words(self) -> str:
        at = self.confirmed_at
        return f"{at.astimezone(SHANGHAI):%Y-%m-%d} {self.confirmed_by}" if at else ""


def numbers_visible_to(actor: Actor) -> list[BodyCoverage]:
    """The numbers of every body to the bureau's operators and managers, of their own to those of
    another."""
    if actor.body is None or not actor.has(Post.OPERATOR, Post.MANAGER):
        return []
    return coverage_numbers(None if oversees(actor) else [actor.body])


def coverage_numbers(bodies: list[int] | None = None) -> list[BodyCoverage]:
    """Every body that has something to account for, with its numbers; of ``bodies`` only those."""
    names, everything = organizations.all_body_names(), coverage_by_body(bodies)
    signed = confirmations(everything)
    return [
        BodyCoverage(
            body,
            str(names[body]),
            coverage.number(),
            coverage.number(Standing.PUBLISHED),
            coverage.number(Standing.REVIEW),
            coverage.number(Standing.LEFT_OUT),
            coverage.open,
            coverage.covered,
            coverage.share_words,
            signed[body].at if body in signed else None,
            signed[body].by if body in signed else "",
        )
        for body, coverage in everything.items()
        if coverage.lines
    ]
