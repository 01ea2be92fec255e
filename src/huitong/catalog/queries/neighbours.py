"""Published entries that may be of the same data as a version: candidates for
`rules.checks.similar`, fetched by what stands in the database (一数一源)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache, reduce
from itertools import groupby
from operator import add, itemgetter
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from huitong.catalog.models import Item, Version
from huitong.catalog.queries.entries import facts_of, judged_facts_of
from huitong.catalog.queries.items import names_cited, registers_of
from huitong.catalog.queries.leads import (
    leads_by_word,
    leads_of_others,
    leads_of_today,
    published_by,
)
from huitong.catalog.queries.requirements import asked_of
from huitong.catalog.rules import EntryFacts, Finding, ItemRow, Neighbour, ShareClass, check
from huitong.catalog.rules.checks.nearest import (
    MOST,
    OFTEN,
    Neighbourhood,
    fewest_items,
    fewest_pairs,
)
from huitong.catalog.rules.checks.similar import core, grams, telling

#: rows read at a time
CHUNK = 2000
NOTHING: tuple[int | None, Iterator[tuple[int, str]]] = (None, iter(()))


def whole_facts_of(version: Version) -> EntryFacts:
    """The facts of a version with the entries near to it: what all rules need."""
    facts = judged_facts_of(version)
    names = [item.name for item in facts.items]
    near = {
        "neighbours": neighbours_of(version, facts),
        "leads": leads_of_others(version.entry.body_id, names),
    }
    return facts.model_copy(update=near)


def all_findings_of(version: Version) -> list[Finding]:
    """What the rules find in a version, those that compare it with others too."""
    return check(whole_facts_of(version))


def judge_of_many() -> Callable[[Version], list[Finding]]:
    """What finds the same in one version after the other: what they are compared with, what they
    cite, and what is asked of their bodies, is read once."""
    among, required_of, registered = neighbourhood(), cache(asked_of), cache(registers_of)
    leads = leads_of_today()
    called, published = leads_by_word(leads), published_by(leads)

    def cited(items: Sequence[ItemRow]) -> dict[str, Any]:
        return registered(*names_cited(items)).cited(items)

    def findings_of(version: Version) -> list[Finding]:
        facts = facts_of(version, cited)
        body, names = version.entry.body_id, [item.name for item in facts.items]
        near = {
            "neighbours": neighbours_of(version, facts, among),
            "leads": leads_of_others(body, names, called, published),
            "law": version.case.law,
        }
        return check(facts.model_copy(update={**required_of(version.entry.body_id), **near}))

    return findings_of


def neighbourhood() -> Neighbourhood:
    """Every published entry, to compare many with: two statements, read once."""
    among = Neighbourhood()
    published = Version.objects.filter(current_of__isnull=False).order_by("pk")
    rows = published.values_list(
        "pk", "entry", "entry__body", "entry__body__short_name", "name", "share_class"
    )
    items = Item.objects.filter(version__in=published.order_by().values("pk"))
    names = items.order_by("version", "position").values_list("version", "name")
    by_version = groupby(names.iterator(chunk_size=CHUNK), key=itemgetter(0))
    pk, own = next(by_version, NOTHING)
    for version, entry, owner, body, name, share_class in rows.iterator(chunk_size=CHUNK):
        held: tuple[str, ...] = ()
        while pk is not None and pk < version:  # published between the two statements
            pk, own = next(by_version, NOTHING)
        if pk == version:
            held = tuple(sys.intern(item) for _, item in own)
            pk, own = next(by_version, NOTHING)
        withheld = share_class == ShareClass.NOT_SHARED
        among.add(Neighbour(entry, body, name, held), owner, withheld=withheld)
    return among


def neighbours_of(
    version: Version, facts: EntryFacts, among: Neighbourhood | None = None
) -> tuple[Neighbour, ...]:
    """The published entries nearest by name and by items. Of another body only what everybody may
    find: what is not shared is nobody else's to know of (A8). Without ``among`` the database is
    asked, which finds the same."""
    names = [item.name for item in facts.items]
    if among is not None:
        return tuple(among.near(version.entry_id, version.entry.body_id, facts.name, names))
    near = {*_by_name(version, facts.name), *_by_items(version, names)}
    rows = list(
        _others(version)
        .filter(pk__in=near)
        .order_by("pk")
        .values_list("pk", "entry", "entry__body__short_name", "name")
    )
    items: dict[int, list[str]] = {}
    held = Item.objects.filter(version__in=[pk for pk, *_ in rows]).order_by("position")
    for pk, item in held.values_list("version", "name"):
        items.setdefault(pk, []).append(item)
    return tuple(
        Neighbour(entry, body, name, tuple(items.get(pk, ()))) for pk, entry, body, name in rows
    )


def _others(version: Version) -> QuerySet[Version]:
    """What a version is compared with: published, not of its own entry, and if it is another
    body's, shared."""
    rows = Version.objects.filter(current_of__isnull=False).exclude(entry=version.entry_id)
    return rows.filter(~Q(share_class=ShareClass.NOT_SHARED) | Q(entry__body=version.entry.body_id))


def _by_name(version: Version, name: str) -> list[int]:
    pairs = sorted(grams(core(name)))
    if not pairs:
        return []
    one, none = Value(1), Value(0)
    each: list[Any] = [
        Case(When(name__contains=pair, then=one), default=none, output_field=IntegerField())
        for pair in pairs
    ]
    rows = _others(version).annotate(pairs=reduce(add, each))
    rows = rows.filter(pairs__gte=fewest_pairs(len(pairs))).order_by("-pairs", "pk")
    return list(rows.values_list("pk", flat=True)[:MOST])


def _by_items(version: Version, items: list[str]) -> list[int]:
    """Versions with the most items of the same names; what stands in very many tells nothing, and
    is not counted."""
    names = [name for name in dict.fromkeys(items) if telling([name])]
    if len(names) < 2:
        return []
    published = Item.objects.filter(version__current_of__isnull=False).order_by()
    counted = (
        published.filter(name__in=names).values("name").annotate(n=Count("version", distinct=True))
    )
    often = set(counted.filter(n__gt=OFTEN).values_list("name", flat=True))
    rare = [name for name in names if name not in often]
    if len(rare) < 2:
        return []
    rows = (
        Item.objects.filter(name__in=rare, version__in=_others(version).order_by().values("pk"))
        .values("version")
        .annotate(common=Count("name", distinct=True))
        .filter(common__gte=fewest_items(len(rare)))
        .order_by("-common", "-version")
    )
    return [row["version"] for row in rows[:MOST]]
