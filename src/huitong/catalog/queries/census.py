"""The yearly census: who sees which, the entries of a part, how far each body is, the report (A11).

Nothing is stored of an entry before somebody says something of it: the entries of a part are those
its body has now and had when the census was opened. Bodies merged meanwhile have two parts and one
catalog: it hangs on the first of them that is still running.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from huitong.catalog.models import AffectedEntry, Census, CensusAnswer, CensusReport, Entry, Version
from huitong.catalog.queries.reach import visible_to
from huitong.catalog.rules.census import (
    CENSUS,
    CENSUS_PART,
    OF_ENTRIES,
    CensusOutcome,
    CensusPartState,
)
from huitong.catalog.rules.changes import Settlement
from huitong.kernel import doing, ledger
from huitong.kernel.actor import Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.manifest import CaseFacts
from huitong.kernel.procedure import End, NotVisible
from huitong.kernel.workdays import day_of, today
from huitong.organizations import queries as organizations
from huitong.work import queries as work


def censuses_visible_to(actor: Actor) -> QuerySet[Census]:
    """The censuses whose case the actor may read."""
    cases = work.visible_to(actor).filter(kind=CENSUS.kind)
    return Census.objects.filter(case__in=cases.values("pk")).select_related("case", "report")


def census_for(actor: Actor, case: int) -> Census:
    """The census of a case. Raises `NotVisible`."""
    if (census := censuses_visible_to(actor).filter(case=case).first()) is None:
        raise NotVisible("该次普查")
    return census


def census_part_for(actor: Actor, case: int) -> Case:
    """A body's part in a census. Raises `NotVisible`."""
    part = work.case_for(actor, case)
    if part.kind != CENSUS_PART.kind:
        raise NotVisible("该事项")
    return part


def census_of(case: Case) -> Census:
    """The census a case, or the part of one, is about, for those who may see the case."""
    return Census.objects.select_related("case").get(case=case.parent_id or case.pk)


def bodies_of_census(actor: Actor) -> list[int]:
    """The bodies a census is usually sent to: all in force, but units below another that have no
    entries of their own (A5)."""
    own = Entry.objects.filter(current__isnull=False).values("body")
    rows = organizations.visible_to(actor).filter(Q(parent=None) | Q(pk__in=own))
    return list(rows.order_by("pk").values_list("pk", flat=True))


def bodies_to_census(actor: Actor, case: Case | None) -> list[tuple[int, str]]:
    """The bodies in force, the bureau's own among them."""
    return list(organizations.all_body_names().items())


# -- which entries ---------------------------------------------------------------------------------


def _published_before(census: Census) -> Exists:
    """Whether an entry was first published before the census was opened: what was published
    since has just been reviewed."""
    first = Version.objects.filter(entry=OuterRef("pk"), number=1)
    return Exists(first.filter(published_at__lte=census.case.opened_at))


def carriers(census: Census) -> dict[int, int]:
    """On which part the catalog of each body hangs: its first running one, else its first."""
    parts = census.case.children.exclude(state=CensusPartState.CALLED_OFF)
    first: dict[int, Case] = {}
    for part in parts.order_by("pk"):
        body = part.body_of("provider") or 0
        if body not in first or (part.is_open and not first[body].is_open):
            first[body] = part
    return {body: part.pk for body, part in first.items()}


def entries_of_part(part: Case) -> QuerySet[Entry]:
    """The entries a part has to say something of, each with what was said: outcome, reasons,
    remark, and the version that was looked at."""
    census, body = census_of(part), part.body_of("provider")
    if carriers(census).get(body or 0) != part.pk:
        return Entry.objects.none()
    answers = CensusAnswer.objects.filter(census=census, entry=OuterRef("pk"))
    columns = {
        name: Subquery(answers.values(column)[:1])
        for name, column in (
            ("outcome", "outcome"),
            ("why", "reasons"),
            ("remark_on", "remark"),
            ("looked_at", "version"),
        )
    }
    return (
        Entry.objects.filter(_published_before(census), body=body, current__isnull=False)
        .select_related("body", "current", "latest__case")
        .annotate(**columns)
    )


#: of the entries of a part, those nothing valid was said of
UNANSWERED = Q(outcome=None) | ~Q(remark_on="")


def missing_of(part: Case) -> QuerySet[CensusAnswer]:
    """The resources a part says should have an entry and have none."""
    return CensusAnswer.objects.filter(part=part, entry=None)


def missing_to_choose(actor: Actor, case: Case | None) -> list[tuple[int, str]]:
    return [(row.pk, row.name) for row in missing_of(case).order_by("pk")] if case else []


# -- how far ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Progress:
    """The numbers of one body: its entries, what was said of them, what it misses, what was
    published since; of those to be changed how many were."""

    entries: int = 0
    outcomes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OF_ENTRIES, 0))
    questioned: int = 0
    missing: int = 0
    new: int = 0
    updated: int = 0

    @property
    def answered(self) -> int:
        return sum(self.outcomes.values())

    @property
    def left(self) -> int:
        return self.entries - self.answered

    @property
    def percent(self) -> int | None:
        """How much of it was answered, in whole percent; None of nothing."""
        return self.answered * 100 // self.entries if self.entries else None


def progress_by_body(census: Census, bodies: Collection[int]) -> dict[int, Progress]:
    """The numbers of these bodies: three queries, however many there are."""
    published = Entry.objects.filter(body__in=bodies, current__isnull=False).order_by()
    totals: dict[int, dict[bool, int]] = {}
    before = published.annotate(before=_published_before(census))
    for body, old, number in before.values_list("body", "before").annotate(n=Count("pk")):
        totals.setdefault(body, {})[old] = number
    answers = CensusAnswer.objects.filter(census=census).order_by()
    outcomes: dict[int, dict[tuple[str, bool], tuple[int, int]]] = {}
    valid = answers.filter(entry__body__in=bodies, entry__current__isnull=False)
    counted = valid.annotate(questioned=~Q(remark="")).values_list(
        "entry__body", "outcome", "questioned"
    )
    since = Count("pk", filter=Q(entry__current__number__gt=F("version")))
    for body, outcome, questioned, number, updated in counted.annotate(n=Count("pk"), since=since):
        outcomes.setdefault(body, {})[outcome, questioned] = number, updated
    missing = dict(
        answers.filter(entry=None, part__parties__provider__in=list(bodies))
        .values_list("part__parties__provider")
        .annotate(n=Count("pk"))
    )
    return {
        body: Progress(
            entries=totals.get(body, {}).get(True, 0),
            outcomes={
                o.value: outcomes.get(body, {}).get((o, False), (0, 0))[0] for o in OF_ENTRIES
            },
            questioned=sum(n for (_, q), (n, _) in outcomes.get(body, {}).items() if q),
            missing=missing.get(body, 0),
            new=totals.get(body, {}).get(False, 0),
            updated=outcomes.get(body, {}).get((CensusOutcome.CHANGE, False), (0, 0))[1],
        )
        for body in bodies
    }


def parts_of_census(actor: Actor, census: Census) -> QuerySet[Case]:
    """The parts of a census the actor may read."""
    return work.visible_to(actor).filter(parent=census.case_id, kind=CENSUS_PART.kind)


def running_parts(actor: Actor) -> QuerySet[Case]:
    """The parts of censuses that run, as far as the actor reads them."""
    parts = work.visible_to(actor).filter(kind=CENSUS_PART.kind, parent__closed_at=None)
    return parts.exclude(state=CensusPartState.CALLED_OFF)


def own_census_part(actor: Actor, census: Census) -> Case | None:
    """The part of the actor's body, the running one first."""
    parts = parts_of_census(actor, census).filter(parties__provider=actor.body)
    return parts.order_by(F("closed_at").desc(nulls_first=True), "pk").first()


def progress_by_part(census: Census, parts: Collection[Case]) -> list[tuple[Case, Progress]]:
    """The numbers of these parts: of two parts of one body the first running one has them."""
    by_body = progress_by_body(census, {part.body_of("provider") or 0 for part in parts})
    first = carriers(census)
    return [
        (part, by_body[body] if first.get(body) == part.pk else Progress())
        for part in parts
        for body in [part.body_of("provider") or 0]
    ]


def counts_of_parts(actor: Actor, censuses: Collection[Census]) -> dict[int, tuple[int, int]]:
    """Of each census how many parts the actor reads and how many of them are over, by its case."""
    parts = work.visible_to(actor).filter(
        parent__in=[census.case_id for census in censuses], kind=CENSUS_PART.kind
    )
    rows = parts.order_by().values_list("parent")
    counted = rows.annotate(whole=Count("pk"), over=Count("pk", filter=~Q(closed_at=None)))
    return {parent or 0: (whole, over) for parent, whole, over in counted}


def whole_of_census(actor: Actor, census: Census) -> Progress:
    """The numbers of all bodies whose parts the actor reads, together."""
    parts = parts_of_census(actor, census).exclude(state=CensusPartState.CALLED_OFF)
    bodies = {body for body in parts.values_list("parties__provider", flat=True) if body}
    by_body = progress_by_body(census, bodies).values()
    return Progress(
        entries=sum(row.entries for row in by_body),
        outcomes={o.value: sum(row.outcomes[o.value] for row in by_body) for o in OF_ENTRIES},
        questioned=sum(row.questioned for row in by_body),
        missing=sum(row.missing for row in by_body),
        new=sum(row.new for row in by_body),
        updated=sum(row.updated for row in by_body),
    )


def late_parts(parts: QuerySet[Case], day: date) -> QuerySet[Case]:
    """Of these parts, those that are not signed though their time is over."""
    return parts.filter(closed_at=None, due_on__lt=day)


# -- the report ------------------------------------------------------------------------------------


def report_of(census: Census) -> dict[str, Any]:
    """What a census came to, as plain data: by body and altogether. Its parts are over."""
    parts = list(census.case.children.exclude(state=CensusPartState.CALLED_OFF).order_by("pk"))
    by_body: dict[int, list[Case]] = {}
    # a part that was over when its body was followed by another keeps the old name
    heirs = organizations.successors_of(part.body_of("provider") or 0 for part in parts)
    for part in parts:
        by_body.setdefault(heirs[part.body_of("provider") or 0], []).append(part)
    numbers = progress_by_body(census, by_body)
    names = organizations.body_names(by_body)
    signed = _days_of(parts, "census_part.sign")
    accepted = _days_of(parts, "census_part.accept")
    late = set(
        Clock.objects.filter(case__in=parts, stopped_on__gt=F("due_on")).values_list(
            "case", flat=True
        )
    )
    rows = []
    for body, own in by_body.items():
        row = numbers[body]
        states = [doing.procedure_of(part).state(part.state) for part in own]
        state = next((s for s in states if s.end is End.LAPSED), states[-1])
        keys = {part.pk for part in own}
        rows.append(
            {
                "body": body,
                "name": names.get(body, ""),
                "entries": row.entries,
                **row.outcomes,
                "updated": row.updated,
                "missing": row.missing,
                "unanswered": row.left,
                "new": row.new,
                "state": state.label,
                "signed_on": max((signed[k] for k in keys & signed.keys()), default=""),
                "accepted_on": max((accepted[k] for k in keys & accepted.keys()), default=""),
                "late": bool(keys & late),
            }
        )
    counted = ("entries", *OF_ENTRIES, "updated", "missing", "unanswered", "new")
    content: dict[str, Any] = ledger.plain(
        {
            "year": census.year,
            "begins_on": census.begins_on,
            "ends_on": census.ends_on,
            "instructions": census.instructions,
            "ended_on": today(),
            "totals": {name: sum(int(str(row[name])) for row in rows) for name in counted},
            "bodies": sorted(rows, key=lambda row: str(row["name"])),
        }
    )
    return content


def digest_of(content: dict[str, Any]) -> str:
    """By which a report is known in the ledger."""
    return hashlib.sha256(ledger.canonical(content)).hexdigest()


def census_report(census: Census) -> CensusReport | None:
    return CensusReport.objects.filter(census=census).first()


def _days_of(parts: Iterable[Case], verb: str) -> dict[int, str]:
    """On which day each part last took a step."""
    acts = LedgerEntry.objects.filter(case__in=[part.pk for part in parts], verb=verb)
    rows = acts.order_by("seq").values_list("case", "at")
    return {case: day_of(at).isoformat() for case, at in rows if case is not None}


# -- what waits for a withdrawal -------------------------------------------------------------------


def to_withdraw(actor: Actor) -> QuerySet[Entry]:
    """The entries a body proposed to withdraw, in a census or because the law changed: open
    points for the bureau, until withdrawal (A16) is decided; of a body its own."""
    retired = CensusAnswer.objects.filter(outcome=CensusOutcome.RETIRE, remark="")
    changed = AffectedEntry.objects.filter(outcome=Settlement.WITHDRAW)
    if not actor.bureau:
        retired = retired.filter(entry__body=actor.body)
        changed = changed.filter(entry__body=actor.body)
    return visible_to(actor).filter(
        Q(pk__in=retired.values("entry")) | Q(pk__in=changed.values("entry")), current__isnull=False
    )


def wishes_of(entries: Collection[Entry]) -> dict[int, list[tuple[str, str]]]:
    """Where each entry was proposed for withdrawal, and why: two queries."""
    wishes: dict[int, list[tuple[str, str]]] = {}
    retired = CensusAnswer.objects.filter(
        entry__in=entries, outcome=CensusOutcome.RETIRE, remark=""
    )
    for answer in retired.select_related("census").order_by("pk"):
        wishes.setdefault(answer.entry_id or 0, []).append((str(answer.census), answer.reasons))
    changed = AffectedEntry.objects.filter(entry__in=entries, outcome=Settlement.WITHDRAW)
    for row in changed.select_related("change").order_by("pk"):
        wishes.setdefault(row.entry_id, []).append((str(row.change), row.reasons))
    return wishes


# -- on the page of a case -------------------------------------------------------------------------


def census_facts(actor: Actor, case: Case) -> CaseFacts:
    """What the case page shows of a census; asked for a case the actor may see."""
    census = census_of(case)
    return CaseFacts({"census": census, "report": census_report(census), "part": None})


def census_part_facts(actor: Actor, case: Case) -> CaseFacts:
    """The same of a body's part."""
    census, body = census_of(case), case.body_of("provider") or 0
    facts = {"census": census, "part": case, "progress": progress_by_body(census, [body])[body]}
    page = reverse("catalog:census_part", args=[case.pk])
    some = missing_of(case).exists()
    pages = {"answer": page, "question": page, **({} if some else {"drop_missing": ""})}
    return CaseFacts(facts, pages)
