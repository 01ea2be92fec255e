"""Whoever searches finds and counts what they may see, by the index as by SQL (A20)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.utils import timezone
from tests.cast import Cast
from tests.thawing import thawed

from huitong.catalog import queries
from huitong.catalog.management.follower import Follower
from huitong.catalog.models import Entry, Version
from huitong.catalog.queries import Filters, index, visible_to
from huitong.catalog.queries.reach import reach_of
from huitong.catalog.queries.search import SORTS, count_visible
from huitong.catalog.tests.many import entries_of_random_words
from huitong.kernel.actor import Actor


@pytest.fixture
def many(db: None, cast: Cast, settings: Any, tmp_path: Path) -> list[Entry]:
    settings.DATA = tmp_path
    return entries_of_random_words(cast)


def test_everybody_finds_counts_and_pages_through_exactly_what_they_may_see(
    many: list[Entry], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index holds what not everybody may see, too; `visible_to` says who does, and SQL in
    which order. Whatever is ranked, pages lead there and back without a gap."""
    chance = Random(8)
    with thawed():
        for entry in many:
            Version.objects.filter(pk=entry.current_id).update(
                share_class=chance.choice("1233"),
                usage=chance.sample(["frequent", "timely", "analysis"], k=chance.randrange(3)),
                published_at=timezone.now() - timedelta(minutes=chance.randrange(20), days=1),
            )
            entry.save()
    Follower().look()
    module = import_module("huitong.catalog.queries.search")
    actors = [actor for actor in vars(cast).values() if isinstance(actor, Actor)]
    actors += [
        Actor(person=0, name="访客"),
        Actor.system("x"),
        replace(cast.civil_operator, posts=frozenset()),
    ]
    everything = set()
    for actor in {reach_of(actor): actor for actor in actors}.values():
        visible = set(visible_to(actor).filter(current__isnull=False).values_list("pk", flat=True))
        everything |= visible
        assert count_visible(actor) == len(visible)
        for q, sort in product(("", "婚姻 登记"), SORTS):
            best = chance.choice([3, 1_000])
            monkeypatch.setattr(module, "MOST_RANKED", best)
            monkeypatch.setattr(module, "PLACES", min(best, 200))
            request = (actor, q, Filters(sort=sort))
            index.sign_of_life().touch()
            matches = queries.search(*request, facets=not sort)
            pages = walked(matches.source, 11)
            with monkeypatch.context() as without:
                without.setattr(index, "complaint", lambda: "none")
                by_sql = queries.search(*request, facets=not sort)
                order = [entry.pk for entry in by_sql.entries]
            assert len(pages) == matches.count == len(order)
            assert set(pages) == set(order) <= visible
            assert (q and not sort) or pages == order, (actor, q, sort)
            assert matches.facets == by_sql.facets
    assert everything == {entry.pk for entry in many}


def walked(source: Any, size: int) -> list[int]:
    """The keys of all rows, page by page; back from the last page the same come the other way."""
    terms = source.terms(())
    rows, values = [], None
    while page := source.window(terms, values, 0, size):
        rows += page
        values = source.place(terms, page[-1])
    turned, back = [term.turned for term in terms], rows[-1:]
    while back and (page := source.window(turned, source.place(terms, back[-1]), 0, size)):
        back += page
    assert [row.pk for row in back] == [row.pk for row in rows][::-1]
    assert [row.pk for row in source.window(terms, None, 5, 3)] == [row.pk for row in rows[5:8]]
    return [row.pk for row in rows]
