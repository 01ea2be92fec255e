"""How far each body is with a census, and the report it ends with (A11)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from huitong.catalog.models import Census, CensusAnswer, CensusReport, Entry
from huitong.catalog.queries.census import (
    carriers,
    census_of,
    missing_of,
    omitted,
    parts_of_census,
    published_before,
    unanswered,
    waits,
)
from huitong.catalog.queries.updating import content_versions
from huitong.catalog.rules.census import OF_ENTRIES, CensusOutcome, CensusPartState
from huitong.kernel import doing, ledger
from huitong.kernel.actor import Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.manifest import CaseFacts
from huitong.kernel.procedure import End
from huitong.kernel.workdays import day_of, today
from huitong.organizations import queries as organizations


@dataclass(frozen=True)
class Progress:
    """The numbers of one part, or of several: entries, what was said of them, what is missed, what
    was published since; of those to be changed how many were."""

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

    @classmethod
    def together(cls, parts: Iterable[Progress]) -> Progress:
        rows = list(parts)
        return cls(
            entries=sum(row.entries for row in rows),
            outcomes={o.value: sum(row.outcomes[o.value] for row in rows) for o in OF_ENTRIES},
            questioned=sum(row.questioned for row in rows),
            missing=sum(row.missing for row in rows),
            new=sum(row.new for row in rows),
            updated=sum(row.updated for row in rows),
        )


class Tally(NamedTuple):
    """How many answers are alike; ``changed``: of entries with another version since."""

    outcome: str
    questioned: bool
    changed: bool
    number: int


def progress_by_part(census: Census, parts: Iterable[Case]) -> dict[int, Progress]:
    """The numbers of these parts: four queries, however many there are. Of several parts of one
    body, what nobody has answered counts on one of them (`carriers`)."""
    rows, bodies = list(parts), {part: body for body, part in carriers(census).items()}
    later = content_versions().filter(entry=OuterRef("entry"), number__gt=OuterRef("version"))
    answers = CensusAnswer.objects.filter(part__in=rows).order_by()
    answers = answers.annotate(questioned=~Q(remark=""), later=Exists(later))
    counted = answers.values_list("part", "outcome", "questioned", "later")
    tallies: dict[int, list[Tally]] = {}
    for part, outcome, questioned, changed, n in counted.annotate(n=Count("pk")):
        tallies.setdefault(part, []).append(Tally(outcome, questioned, changed, n))
    own = [bodies[part.pk] for part in rows if part.pk in bodies]
    left = _by_body(unanswered(census).filter(body__in=own))
    published = Entry.objects.filter(body__in=own, current__isnull=False).order_by()
    new = _by_body(published.exclude(published_before(census)))
    return {
        part.pk: _progress(
            tallies.get(part.pk, ()),
            left.get(bodies.get(part.pk, 0), 0) if waits(census, part) else 0,
            new.get(bodies.get(part.pk, 0), 0),
        )
        for part in rows
    }


def _by_body(entries: QuerySet[Entry]) -> dict[int, int]:
    return dict(entries.values_list("body").annotate(n=Count("pk")))


def _progress(tallies: Collection[Tally], left: int, new: int) -> Progress:

    def number(*outcomes: str, questioned: bool = False, changed: bool | None = None) -> int:
        return sum(
            tally.number
            for tally in tallies
            if tally.outcome in outcomes
            and tally.questioned == questioned
            and changed in (None, tally.changed)
        )

    questioned = number(*OF_ENTRIES, questioned=True)
    return Progress(
        entries=number(*OF_ENTRIES) + questioned + left,
        outcomes={outcome.value: number(outcome) for outcome in OF_ENTRIES},
        questioned=questioned,
        missing=number(CensusOutcome.MISSING),
        new=new,
        updated=number(CensusOutcome.CHANGE, changed=True),
    )


def whole_of_census(actor: Actor, census: Census) -> Progress:
    """The numbers of all parts the actor reads, together."""
    parts = parts_of_census(actor, census).exclude(state=CensusPartState.CALLED_OFF)
    return Progress.together(progress_by_part(census, parts).values())


# -- the report ------------------------------------------------------------------------------------


def report_of(actor: Actor, census: Census) -> dict[str, Any]:
    """What a census came to, as plain data: by body and altogether, and which bodies it was not
    sent to. Its parts are over."""
    parts = list(census.case.children.exclude(state=CensusPartState.CALLED_OFF).order_by("pk"))
    by_body: dict[int, list[Case]] = {}
    # a part that was over when its body was followed by another keeps the old name
    heirs = organizations.successors_of(part.body_of("provider") or 0 for part in parts)
    for part in parts:
        by_body.setdefault(heirs[part.body_of("provider") or 0], []).append(part)
    numbers = progress_by_part(census, parts)
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
        row = Progress.together(numbers[part.pk] for part in own)
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
            "called_off": _called_off(census),
            "omitted": list(omitted(actor, census).values()),
        }
    )
    return content


def _called_off(census: Census) -> list[dict[str, str]]:
    """The bodies that did not have to answer in the end: who called them off, when and why."""
    parts = {
        part.pk: part for part in census.case.children.filter(state=CensusPartState.CALLED_OFF)
    }
    names = organizations.body_names(part.body_of("provider") or 0 for part in parts.values())
    acts = LedgerEntry.objects.filter(case__in=parts, verb="census_part.call_off").order_by("seq")
    return [
        {
            "name": names.get(parts[act.case or 0].body_of("provider") or 0, ""),
            "on": day_of(act.at).isoformat(),
            "by": act.actor["name"],
            "reasons": act.reasons,
        }
        for act in acts
    ]


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


# -- on the page of a case -------------------------------------------------------------------------


def census_facts(actor: Actor, case: Case) -> CaseFacts:
    """What the case page shows of a census; asked for a case the actor may see."""
    census = census_of(case)
    return CaseFacts({"census": census, "report": census_report(census), "part": None})


def census_part_facts(actor: Actor, case: Case) -> CaseFacts:
    """The same of a body's part."""
    census = census_of(case)
    facts = {"census": census, "part": case, "progress": progress_by_part(census, [case])[case.pk]}
    page = reverse("catalog:census_part", args=[case.pk])
    some = missing_of(case).exists()
    pages = {"answer": page, "question": page, **({} if some else {"drop_missing": ""})}
    return CaseFacts(facts, pages)
