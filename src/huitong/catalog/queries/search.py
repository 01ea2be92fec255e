"""Finding entries: words and facets over what the actor may see (A20).

The index says in which entries the words stand, and counts by facet what every signed-in body may
see (`index.tally_of`); what only some may see it does not hold, and SQL adds. Without it SQL does
all, from the one column that holds an entry's words. Both mean the same by it (`rules.finding`).
Which entries are shown, and in which rank, is SQL's either way: without the index search is slower,
and what stands equally well is ordered by its date instead of by weight.

Facets are counted over the visible entries that meet the words and all *other* facets, so that a
reader sees what choosing another value would bring, and never the existence of something hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import and_, or_
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    Count,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models import Case as When_
from django.db.models.functions import Cast

from huitong.catalog.models import Entry
from huitong.catalog.queries import index
from huitong.catalog.queries.entries import visible_to
from huitong.catalog.queries.facets import (
    FACETS,
    OFFERED,
    Facet,
    Filters,
    added,
    counts_of,
    facets_of,
    narrowed,
    tally_of,
)
from huitong.catalog.queries.words import synonyms
from huitong.catalog.rules import ShareClass, folded, plain, ways_of, words_of
from huitong.catalog.rules.finding import APART, simplified
from huitong.catalog.rules.mistyping import corrected
from huitong.catalog.rules.synonyms import Synonyms
from huitong.kernel.actor import Actor
from huitong.kernel.statements import Statement, summed
from huitong.organizations import queries as organizations

#: so many of the best hits keep the order of the index within their rank; what follows is ordered
#: by date
PLACES = 200
#: with more hits than this only the best are ranked: nobody reads further, and no rank tells apart
#: what stands in everything
MOST_RANKED = 1_000


@dataclass(frozen=True)
class Matches:
    """What a search came to: the entries as a queryset in order, their number, the facets.

    ``first`` are the best of more than `PLACES` entries, in the same order: a page of these seldom
    needs the others, whose query is built when it is wanted.
    """

    ordered: Callable[[], QuerySet[Entry]]
    facets: list[Facet] = field(default_factory=list)
    tallied: int | None = None
    first: QuerySet[Entry] | None = None

    @cached_property
    def entries(self) -> QuerySet[Entry]:
        return self.ordered()

    @cached_property
    def count(self) -> int:
        return self.entries.order_by().count() if self.tallied is None else self.tallied

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, part: slice) -> list[Entry]:
        """A page of them: few read far, and for the first `PLACES` only the best are ranked."""
        rows = self.first if self.first is not None and (part.stop or 0) <= PLACES else None
        return list((self.entries if rows is None else rows)[part])


SORTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "": ("相关程度", ("rank", "place", "-current__published_at", "-pk")),
    "-published": ("最新发布", ("-current__published_at", "-pk")),
    "name": ("名称", ("current__name", "pk")),
    "body": ("提供部门", ("body__short_name", "current__name", "pk")),
}


def _unshared(actor: Actor) -> QuerySet[Entry]:
    """Published entries that not everybody may see, but this actor may: these the index does not
    hold."""
    rows = visible_to(actor).filter(current__isnull=False)
    return rows.filter(current__share_class=ShareClass.NOT_SHARED).order_by()


#: each with what its facets count
UNSHARED = Statement(
    lambda actor: _unshared(actor).values_list("pk", *(kind.field for kind in FACETS.values()))
)
NUMBER_UNSHARED = Statement(lambda actor: summed(_unshared(actor), n=Count("pk")))


def count_visible(actor: Actor) -> int:
    """How many published entries this actor may see."""
    if (tally := _tally_for(actor, [], {}, (), 1)) is None:
        return visible_to(actor).filter(current__isnull=False).count()
    return tally.matched + sum(n for (n,) in NUMBER_UNSHARED(actor))


def _tally_for(actor: Actor, *question: Any) -> index.Tally | None:
    """What the index counts, for those who see all that it holds: everybody who is signed in for a
    body."""
    return index.tally_of(*question) if actor.is_system or actor.body is not None else None


def search(
    actor: Actor, q: str = "", filters: Filters | None = None, *, facets: bool = True
) -> Matches:
    """Published entries this actor may see, that contain all words of ``q``, narrowed by facets,
    in order."""
    chosen, words = filters or Filters(), words_of(q)
    order, means = order_of(chosen, q), synonyms() if words else {}
    rows = visible_to(actor).filter(current__isnull=False)
    choices = {name: getattr(chosen, name) for name in FACETS}
    tally = _tally_for(actor, words, choices, OFFERED if facets else (), MOST_RANKED, means)
    if tally is None:
        matching = rows.filter(containing(words, means=means))
        counts = counts_of(matching, chosen) if facets else None
        return Matches(
            lambda: _ranked(narrowed(matching, chosen), words, q, means).order_by(*order),
            [] if counts is None else facets_of(counts, chosen),
        )
    unshared = {pk: values for pk, *values in UNSHARED(actor)}
    if unshared and words:
        # of these few: asked at once with the words, PostgreSQL reads all entries
        hits = rows.filter(containing(words, means=means), pk__any=list(unshared)).order_by()
        unshared = {pk: unshared[pk] for pk in hits.values_list("pk", flat=True)}
    others, few = list(unshared), tally.matched <= MOST_RANKED
    best = tally.best if few else tally.best[:PLACES]

    def every() -> QuerySet[Entry]:
        matching = narrowed(rows.filter(containing(words, means=means)), chosen)
        return _ranked(matching, words, q, means, best, others).order_by(*order)

    def the_best() -> QuerySet[Entry]:
        hits = narrowed(rows.filter(pk__any=[*best, *others]), chosen)
        return _ranked(hits, words, q, means, best).order_by(*order)

    more, matched = tally_of(unshared.values(), chosen)
    return Matches(
        the_best if few and words else every,
        facets_of(added(tally.facets, more), chosen) if facets else [],
        tally.matched + matched,
        the_best() if words and not few and not chosen.sort else None,
    )


def likely(actor: Actor, q: str) -> str:
    """A question that finds something where this one, of which one character may be wrong, finds
    nothing; empty where there is none."""
    words = [simplified(word) for word in words_of(q)]
    likely_words = [corrected(word, map(folded, index.names_like(word))) or word for word in words]
    other = " ".join(likely_words)
    return other if likely_words != words and search(actor, other, facets=False).count else ""


def order_of(chosen: Filters, q: str) -> tuple[str, ...]:
    """The fields the results of a search are ordered by."""
    return SORTS.get(chosen.sort or ("" if words_of(q) else "-published"), SORTS[""])[1]


def containing(words: list[str], version: str = "current", means: Synonyms | None = None) -> Q:
    """Entries in whose version (``latest``: as their body works on it) all words stand: in their
    own words, in system or category, in the body's name; or their code begins so. ``means`` says
    what means the same, where the caller has asked already."""
    means = (synonyms() if words else {}) if means is None else means

    def somewhere(text: str) -> Q:
        called = Q(body__in=organizations.named_like(text).values("pk"))
        return Q(**{f"{version}__words__contains": text}) | called

    return _all(_stands(word, somewhere, means) | Q(code__istartswith=word) for word in words)


def _stands(word: str, in_which: Callable[[str], Q], means: Synonyms) -> Q:
    return _any(_all(_any(map(in_which, texts)) for texts in way) for way in ways_of(word, means))


def _all(conditions: Iterable[Q]) -> Q:
    return reduce(and_, conditions, Q())


def _any(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions, Q())


def _array(ids: list[int]) -> str:
    return "{" + ",".join(map(str, ids)) + "}"


#: large, and read by nobody who looks through results
UNREAD = ("current__words", "current__content")


def _ranked(
    rows: QuerySet[Entry],
    words: list[str],
    q: str,
    means: Synonyms,
    best: list[int] | None = None,
    others: list[int] | None = None,
) -> QuerySet[Entry]:
    """Where the words stand decides: the whole code or name, the beginning of the name, in the
    name, in the entry's own words, only in what it shares with others (system, category, body);
    then the index's order.

    Given ``others``, only those and the ``best`` are ranked: all the rest stands behind them.
    """
    places = Cast(Value(_array((best or [])[:PLACES])), ArrayField(BigIntegerField()))
    rows = (
        rows.select_related("body", "unit", "current__system")
        .defer(*UNREAD)
        .annotate(
            place=Func(places, F("pk"), function="array_position", output_field=IntegerField())
        )
    )
    if not words:
        return rows.annotate(rank=Value(0, IntegerField()))
    rows = rows.alias(own=_up_to(APART, "current__words")).alias(title=_up_to("\n", "own"))
    whole = Q(title=plain(q)) | Q(code__iexact=plain(q))
    in_name = _all(_stands(word, lambda text: Q(title__contains=text), means) for word in words)
    in_own_words = _all(_stands(word, lambda text: Q(own__contains=text), means) for word in words)
    ranks = (whole, Q(title__startswith=words[0]), in_name, in_own_words)
    among = Q() if others is None else Q(pk__any=[*(best or []), *others])
    return rows.annotate(
        rank=When_(
            *(When(among & condition, then=rank) for rank, condition in enumerate(ranks)),
            default=len(ranks),
            output_field=IntegerField(),
        )
    )


def _up_to(end: str, field: str) -> Func:
    """The text of a field up to this sign."""
    return Func(F(field), Value(end), Value(1), function="split_part", output_field=TextField())
