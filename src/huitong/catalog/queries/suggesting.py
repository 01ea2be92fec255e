"""What somebody who begins to type may be looking for: entries, bodies, items (A20)."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django.db.models import Q

from huitong.catalog.models import Entry
from huitong.catalog.queries import index
from huitong.catalog.queries.hits import ROWS
from huitong.catalog.queries.indexing import in_letters
from huitong.catalog.queries.matching import question_of
from huitong.catalog.queries.reach import reach_of, visible_to
from huitong.catalog.rules import folded, plain
from huitong.kernel.actor import Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.manifest import Link
from huitong.organizations import queries as organizations

#: so many of a kind
MOST = 6


def suggestions(actor: Actor, typed: str) -> list[tuple[str, Sequence[Link]]]:
    """By kind, what may be meant of what this actor may see; nothing without the index, for it
    is asked at every key."""
    text = plain(typed)
    if not text:
        return []
    kinds: list[tuple[str, Sequence[Link]]] = [
        ("资源", _entries(actor, text) or []),
        ("提供部门", _bodies(actor, text)),
        ("信息项", _items(actor, text)),
    ]
    return [(label, links) for label, links in kinds if links]


def entries_named(actor: Actor, word: str, most: int) -> list[Link]:
    """The published entries one may see with this in their name, or whose code begins with it."""
    if (text := plain(word)) and (links := _entries(actor, text, most)) is not None:
        return links
    match = Q(current__name__icontains=word) | Q(code__startswith=word)
    visible = visible_to(actor).filter(match, current__isnull=False)
    rows = visible.select_related("current", "body").order_by("-pk")
    return [_link(entry) for entry in rows[:most]]


def _entries(actor: Actor, text: str, most: int = MOST) -> list[Link] | None:
    ids = index.asked_of_it(lambda opened: index.named(opened, text, reach_of(actor), most))
    if ids is None:
        return None
    entries: dict[int, Entry] = {entry.pk: entry for entry in ROWS(actor, entries=ids)}
    return [_link(entries[pk]) for pk in ids if pk in entries]


def _link(entry: Entry) -> Link:
    note = f"{entry.body.short_name} {entry.code or ''}".strip()
    return Link(entry.name, reverse("catalog:entry", args=[entry.pk]), note=note)


def _bodies(actor: Actor, text: str) -> list[Link]:
    """Bodies that have something this actor may see, with how much."""
    everything = question_of((), reach_of(actor))
    tally = index.asked_of_it(lambda opened: index.tally_of(opened, everything, ("body",)))
    if tally is None:
        return []
    counts = tally.facets["body"]
    alike = [
        (pk, name)
        for pk, name in organizations.short_names().items()
        if str(pk) in counts and (text in folded(name) or text in in_letters(name))
    ]
    alike.sort(key=lambda pair: (-counts[str(pair[0])], pair[0]))
    return [
        Link(name, reverse("catalog:browse", query={"body": pk}), note=f"{counts[str(pk)]} 项资源")
        for pk, name in alike[:MOST]
    ]


def _items(actor: Actor, text: str) -> list[Link]:
    """Items that begin so: the question for the entries that have them."""
    return [
        Link(
            name,
            f"{reverse('catalog:browse')}?{urlencode({'q': f'信息项：{name}'})}",
            note=f"{count} 项资源",
        )
        for name, count in index.items_beginning(text, reach_of(actor), MOST)
    ]
