"""The yearly census: who sees which, its parts, the entries each has to answer (A11).

Nothing is stored of an entry before somebody says something of it: the entries of a part are those
answered in it, and those its body has now and had when the census was opened. Bodies merged
meanwhile have two parts and one catalog: what is left hangs on the first that is still running.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from huitong.catalog.models import Census, CensusAnswer, Entry, Version
from huitong.catalog.queries.updating import content_versions
from huitong.catalog.rules.census import CENSUS, CENSUS_PART, CensusPartState
from huitong.kernel.actor import Actor, bodies_of
from huitong.kernel.case import Case
from huitong.kernel.procedure import NotVisible
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


def omitted(actor: Actor, census: Census) -> dict[int, str]:
    """The bodies a census is usually sent to that this one was not: each of them has no census in
    its year. One that was called off was asked."""
    members = organizations.successors_of(
        body
        for parties in census.case.children.values_list("parties", flat=True)
        for body in bodies_of(parties.get("provider"))
    )
    left = set(bodies_of_census(actor)) - set(members.values())
    return organizations.body_names(sorted(left)) if left else {}


def bodies_to_census(actor: Actor, case: Case | None) -> list[tuple[int, str]]:
    """The bodies in force, the bureau's own among them."""
    return list(organizations.all_body_names().items())


# -- which entries ---------------------------------------------------------------------------------


def published_before(census: Census) -> Exists:
    """Whether an entry was first published before the census was opened: what was published
    since has just been reviewed."""
    first = Version.objects.filter(entry=OuterRef("pk"), number=1)
    return Exists(first.filter(published_at__lte=census.case.opened_at))


def carriers(census: Census) -> dict[int, int]:
    """On which part the entries of each body hang that nobody has answered: its first running one,
    else its first."""
    parts = census.case.children.exclude(state=CensusPartState.CALLED_OFF)
    first: dict[int, Case] = {}
    for part in parts.order_by("pk"):
        body = part.body_of("provider") or 0
        if body not in first or (part.is_open and not first[body].is_open):
            first[body] = part
    return {body: part.pk for body, part in first.items()}


def _answers(census: Census) -> QuerySet[CensusAnswer]:
    """What was said of entries in parts that were not called off."""
    answers = CensusAnswer.objects.filter(census=census, entry__isnull=False)
    return answers.exclude(part__state=CensusPartState.CALLED_OFF)


def answers_called_off(census: Census, body: int) -> QuerySet[CensusAnswer]:
    """What a body said in parts that were called off."""
    parts = census.case.children.filter(state=CensusPartState.CALLED_OFF)
    return CensusAnswer.objects.filter(part__in=parts.filter(parties__provider=body))


def unanswered(census: Census) -> QuerySet[Entry]:
    """The entries of before the census that nothing was said of."""
    answered = _answers(census).filter(entry=OuterRef("pk"))
    return Entry.objects.filter(
        published_before(census), ~Exists(answered), current__isnull=False
    ).order_by()


def waits(census: Census, part: Case) -> bool:
    """Whether what nobody has answered is still asked of a part, or stayed so when it ended."""
    return census.case.is_open or part.state == CensusPartState.UNFINISHED


def entries_of_part(part: Case) -> QuerySet[Entry]:
    """The entries a part has to say something of, each with what was said: outcome, reasons,
    remark, the version that was looked at and the last one that has changed it since.

    What was said stays, whoever has the entry later; what was not is listed while the census runs,
    and where it ended without it.
    """
    census, body = census_of(part), part.body_of("provider") or 0
    answers = CensusAnswer.objects.filter(part=part, entry=OuterRef("pk"))
    listed = Q(Exists(answers))
    if waits(census, part) and carriers(census).get(body) == part.pk:
        listed |= Q(pk__in=unanswered(census).filter(body=body).values("pk"))
    since = content_versions().filter(entry=OuterRef("pk"), number__gt=OuterRef("looked_at"))
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
        Entry.objects.filter(listed)
        .select_related("body", "current", "latest__case")
        .annotate(**columns)
        .annotate(updated_to=Subquery(since.order_by("-number").values("number")[:1]))
    )


#: of the entries of a part, those nothing valid was said of
UNANSWERED = Q(outcome=None) | ~Q(remark_on="")


def missing_of(part: Case) -> QuerySet[CensusAnswer]:
    """The resources a part says should have an entry and have none."""
    return CensusAnswer.objects.filter(part=part, entry=None)


def missing_to_choose(actor: Actor, case: Case | None) -> list[tuple[int, str]]:
    return [(row.pk, row.name) for row in missing_of(case).order_by("pk")] if case else []


# -- its parts -------------------------------------------------------------------------------------


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


def counts_of_parts(actor: Actor, censuses: Collection[Census]) -> dict[int, tuple[int, int]]:
    """Of each census how many parts the actor reads and how many of them are over, by its case."""
    parts = work.visible_to(actor).filter(
        parent__in=[census.case_id for census in censuses], kind=CENSUS_PART.kind
    )
    rows = parts.order_by().values_list("parent")
    counted = rows.annotate(whole=Count("pk"), over=Count("pk", filter=~Q(closed_at=None)))
    return {parent or 0: (whole, over) for parent, whole, over in counted}


def late_parts(parts: QuerySet[Case], day: date) -> QuerySet[Case]:
    """Of these parts, those that are not signed though their time is over."""
    return parts.filter(closed_at=None, due_on__lt=day)
