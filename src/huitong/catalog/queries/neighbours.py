"""Published entries that may be of the same data as a version: candidates for
`rules.checks.similar`, fetched by what stands in the database (一数一源)."""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce
from operator import add
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from huitong.catalog.models import Item, Version
from huitong.catalog.queries.entries import facts_of
from huitong.catalog.rules import EntryFacts, Finding, Neighbour, ShareClass, check
from huitong.catalog.rules.checks.similar import LIKE_NAME, core, grams, telling

#: so many candidates by name, and by items, are looked at closely
MOST = 20
#: an item of so many versions is of no one's data
OFTEN = 400


def whole_facts_of(version: Version) -> EntryFacts:
    """The facts of a version with the entries near to it: what all rules need."""
    facts = facts_of(version)
    return facts.model_copy(update={"neighbours": neighbours_of(version, facts)})


def all_findings_of(version: Version, often: Collection[str] | None = None) -> list[Finding]:
    """What the rules find in a version, those that compare it with others too. Whoever asks of many
    gives the `often_items` along."""
    facts = facts_of(version)
    near = neighbours_of(version, facts, often)
    return check(facts.model_copy(update={"neighbours": near}))


def often_items() -> frozenset[str]:
    """The items of very many versions, which are of no one's data."""
    numbers = Item.objects.order_by().values("name").annotate(n=Count("pk"))
    return frozenset(numbers.filter(n__gt=OFTEN).values_list("name", flat=True))


def neighbours_of(
    version: Version, facts: EntryFacts, often: Collection[str] | None = None
) -> tuple[Neighbour, ...]:
    """The published entries nearest by name and by items. Of another body only what everybody may
    find: what is not shared is nobody else's to know of (A8)."""
    items_of = [item.name for item in facts.items]
    near = {*_by_name(version, facts.name), *_by_items(items_of, often)}
    rows = list(
        _others(version)
        .filter(pk__in=near)
        .order_by("pk")
        .values_list("pk", "entry", "entry__body__short_name", "name")
    )
    items: dict[int, list[str]] = {}
    names = Item.objects.filter(version__in=[pk for pk, *_ in rows]).order_by("position")
    for pk, item in names.values_list("version", "name"):
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
    few = max(int(len(pairs) * LIKE_NAME / 2), 1)
    return list(
        rows.filter(pairs__gte=few).order_by("-pairs", "pk").values_list("pk", flat=True)[:MOST]
    )


def _by_items(items: list[str], often: Collection[str] | None) -> list[int]:
    """Versions with the most items of the same names; what stands in very many tells nothing, and
    is not counted."""
    names = [name for name in dict.fromkeys(items) if telling([name])]
    if len(names) < 2:
        return []
    if often is None:
        named = Item.objects.filter(name__in=names).order_by().values("name")
        counted = named.annotate(n=Count("pk")).filter(n__gt=OFTEN)
        often = set(counted.values_list("name", flat=True))
    rare = [name for name in names if name not in often]
    if len(rare) < 2:
        return []
    rows = (
        Item.objects.filter(name__in=rare)
        .values("version")
        .annotate(common=Count("pk"))
        .filter(common__gte=max(len(rare) // 4, 2))
        .order_by("-common", "-version")
    )
    return [row["version"] for row in rows[: 2 * MOST]]  # some are of the past
