"""Finding entries: words and facets over what the actor may see (A20).

The index says in which entries the words stand, counts them by facet and keeps them in order, each
for whoever asks (`index`). Without it SQL does all, from the one column that holds an entry's
words. Both mean the same by it (`rules.finding`), and how well an entry meets the words is SQL's to
say either way: without the index search is slower, and what stands equally well is ordered by its
date instead of by weight.

Facets are counted over the visible entries that meet the words and all *other* facets, so that a
reader sees what choosing another value would bring, and never the existence of something hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache, reduce
from operator import and_, or_

from django.db.models import Case as When_
from django.db.models import (
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)

from huitong.catalog.models import Entry, Item
from huitong.catalog.queries import index
from huitong.catalog.queries.facets import FACETS, Facet, Filters, counts_of, facets_of, narrowed
from huitong.catalog.queries.hits import Hits, Ranked, best_ranked, listed
from huitong.catalog.queries.matching import Question, Word, question_of
from huitong.catalog.queries.reach import reach_of, visible_to
from huitong.catalog.queries.words import synonyms
from huitong.catalog.rules import folded, plain, ways_of, words_of
from huitong.catalog.rules.finding import APART, Way, asked_words, simplified, spelled
from huitong.catalog.rules.mistyping import corrected
from huitong.catalog.rules.synonyms import Synonyms
from huitong.kernel.actor import Actor
from huitong.kernel.procedure import Malformed
from huitong.kernel.statements import Statement
from huitong.organizations import queries as organizations
from huitong.ui.lists.paging import Place, Term, without_gaps
from huitong.ui.lists.sources import Stored

#: so many of the best hits keep the order of the index within their rank; what follows is ordered
#: by date
PLACES = 200
#: with more hits than this only the best are ranked: nobody reads further, and no rank tells apart
#: what stands in everything
MOST_RANKED = 1_000


class Matches:
    """What a search came to: what was asked, a source of the entries in order, their number, the
    facets."""

    def __init__(
        self,
        question: Question,
        source: Hits | Stored,
        order: tuple[str, ...],
        tallied: int | None,
        facets: list[Facet],
    ) -> None:
        self.question, self.source, self.order = question, source, order
        self.tallied, self.facets = tallied, facets

    @cached_property
    def count(self) -> int:
        if self.tallied is not None:
            return self.tallied
        assert isinstance(self.source, Stored)  # noqa: S101 - the index counts at once
        return self.source.rows.order_by().count()

    @cached_property
    def terms(self) -> list[Term]:
        return without_gaps(self.source.terms(self.order), FILLED)

    def __len__(self) -> int:
        return self.count

    def page(self, size: int, first: int = 0, after: str = "") -> tuple[list[Entry], str]:
        """So many entries, behind a place or without the first of them, and the place behind
        them; empty at the end. Raises `Malformed` for a place that was not given out here, or is
        one of another order: to begin anew unasked would never end."""
        terms = self.terms
        order = " ".join(f"{'-' if term.down else ''}{term.field}" for term in terms)
        place = Place.read(after, order)
        if after and place is None:
            fault = "不是本次检索给出的位置：须原样送回上一页的 next，并保持排序不变"
            raise Malformed({"after": fault}, article="A20")
        values = None if place is None else place.values
        rows = self.source.window(terms, values, 0 if place else first, size + 1)
        start = place.number if place else first
        if len(rows) <= size:
            return rows, ""
        behind = Place(order, start + size, self.source.place(terms, rows[size - 1]))
        return rows[:size], str(behind)

    def __getitem__(self, part: slice) -> list[Entry]:
        first = part.start or 0
        return self.source.window(self.terms, None, first, max((part.stop or 0) - first, 0))

    @property
    def entries(self) -> Iterator[Entry]:
        """All of them, some at a time."""
        return self.source.every(self.terms, self.count)


#: what no published entry is without, though the columns might be empty
FILLED = ("current__published_at", "current__name", "rank", "uses")
#: the orders of a list: what they are called, the fields, and the index's own
SORTS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "": ("相关程度", ("rank", "-current__published_at", "-pk"), "newest"),
    "-published": ("最新发布", ("-current__published_at", "-pk"), "newest"),
    "-used": ("使用最多", ("-uses", "-pk"), "most_used"),
    "name": ("名称", ("current__name", "pk"), "by_name"),
    "body": ("提供部门", ("body__short_name", "current__name", "pk"), "by_body"),
}


def count_visible(actor: Actor) -> int:
    """How many published entries this actor may see."""
    question = question_of((), reach_of(actor))
    tally = index.asked_of_it(lambda opened: index.tally_of(opened, question))
    if tally is None:
        return _published(actor).count()
    return tally.matched


def search(
    actor: Actor, q: str = "", filters: Filters | None = None, *, facets: bool = True
) -> Matches:
    """Published entries this actor may see, that contain all words of ``q``, narrowed by facets,
    in order; of ``信息项：出生日期`` those that have such an item."""
    chosen, (of_items, words) = filters or Filters(), asked_words(q)
    means = synonyms() if words else {}
    order = order_of(chosen, q)
    choices = {name: getattr(chosen, name) for name in FACETS}
    question = question_of(words, reach_of(actor), choices, means, of_items=of_items)
    counted = index.asked_of_it(
        lambda opened: (opened, index.tally_of(opened, question, FACETS if facets else ()))
    )
    if counted is None:
        matching = _published(actor).filter(containing(words, means=means, of_items=of_items))
        counts = counts_of(matching, chosen) if facets else None
        return Matches(
            question,
            Stored(lambda: _ranked(narrowed(matching, chosen), question.words, plain(q))),
            order,
            None,
            [] if counts is None else facets_of(counts, chosen),
        )
    opened, tally = counted

    def ranks(ids: list[int]) -> list[Ranked]:
        return [Ranked(*row) for row in _ranks(question.words, plain(q))(actor, entries=ids)]

    def ranked() -> list[Ranked]:
        if not words or chosen.sort:
            return []
        most = MOST_RANKED if tally.matched <= MOST_RANKED else PLACES
        return best_ranked(opened, question, plain(q), most, PLACES, ranks)

    own_order = SORTS.get(chosen.sort, SORTS[""])[2]
    return Matches(
        question,
        Hits(actor, opened, question, tally.matched, own_order, ranked),
        order,
        tally.matched,
        facets_of(tally.facets, chosen) if facets else [],
    )


def _published(actor: Actor) -> QuerySet[Entry]:
    return visible_to(actor).filter(current__isnull=False)


def items_that_answer(question: Question, versions: Iterable[int]) -> dict[int, list[Item]]:
    """The items of these versions that a question for items is about."""
    answers: dict[int, list[Item]] = {}
    for item in Item.objects.filter(version__pk__any=list(versions)).order_by(
        "version", "position"
    ):
        held = f"{folded(item.name)}\n{folded(item.column)}"
        if any(text in held for text in question.texts):
            answers.setdefault(item.version_id, []).append(item)
    return answers


def likely(actor: Actor, q: str) -> str:
    """A question that finds something where this one, of which one character may be wrong, finds
    nothing; empty where there is none."""
    words = [simplified(word) for word in words_of(q)]
    likely_words = [corrected(word, map(folded, index.names_like(word))) or word for word in words]
    other = " ".join(likely_words)
    return other if likely_words != words and search(actor, other, facets=False).count else ""


def order_of(chosen: Filters, q: str) -> tuple[str, ...]:
    """The fields the results of a search are ordered by in the database."""
    return SORTS.get(chosen.sort or ("" if words_of(q) else "-published"), SORTS[""])[1]


def containing(
    words: list[str],
    version: str = "current",
    means: Synonyms | None = None,
    *,
    of_items: bool = False,
) -> Q:
    """Entries in whose version (``latest``: as their body works on it) all words stand: in their
    own words, in system or category, in the body's name; or their code begins so; or only in
    their items. ``means`` says what means the same, where the caller has asked already."""
    means = (synonyms() if words else {}) if means is None else means

    def in_items(text: str) -> Q:
        named = Q(name__icontains=text) | Q(column__icontains=text)
        return Q(Exists(Item.objects.filter(named, version=OuterRef(version))))

    def somewhere(text: str) -> Q:
        called = Q(body__in=organizations.named_like(text).values("pk"))
        if text.isascii() and text.isalnum():
            called |= Q(body__in=_bodies_spelled(text))
        return Q(**{f"{version}__words__contains": text}) | called

    if of_items:
        return _all(_any(map(in_items, ways_of(word, means)[0][0])) for word in words)
    return _all(
        _stands(ways_of(word, means), somewhere) | Q(code__istartswith=word) for word in words
    )


def _bodies_spelled(text: str) -> list[int]:
    """Bodies whose short name is typed so in letters."""
    names = organizations.short_names().items()
    return [pk for pk, name in names if any(text in line for line in spelled(folded(name)))]


def _stands(ways: Iterable[Way], in_which: Callable[[str], Q]) -> Q:
    return _any(_all(_any(map(in_which, texts)) for texts in way) for way in ways)


def _all(conditions: Iterable[Q]) -> Q:
    return reduce(and_, conditions, Q())


def _any(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions, Q())


@lru_cache(200)
def _ranks(words: tuple[Word, ...], phrase: str) -> Statement:
    """Key, rank and date of some entries, for a question that is asked again after each commit."""
    return Statement(
        lambda actor, entries: _ranked(
            _published(actor).filter(pk__any=entries), words, phrase
        ).values_list("pk", "rank", "current__published_at"),
        entries=list,
    )


def _ranked(rows: QuerySet[Entry], words: Sequence[Word], phrase: str) -> QuerySet[Entry]:
    """Where the words stand decides: the whole code or name, the beginning of the name, in the
    name, in the entry's own words, only in what it shares with others (system, category, body)."""
    rows = listed(rows)
    if not words:
        return rows.annotate(rank=Value(0, IntegerField()))
    rows = rows.alias(own=_up_to(APART, "current__words")).alias(title=_up_to("\n", "own"))
    whole = Q(title=phrase) | Q(code__iexact=phrase)
    in_name = _all(_stands(ways, lambda text: Q(title__contains=text)) for _, ways in words)
    in_own_words = _all(_stands(ways, lambda text: Q(own__contains=text)) for _, ways in words)
    ranks = (whole, Q(title__startswith=words[0][0]), in_name, in_own_words)
    return rows.annotate(
        rank=When_(
            *(When(condition, then=rank) for rank, condition in enumerate(ranks)),
            default=len(ranks),
            output_field=IntegerField(),
        )
    )


def _up_to(end: str, field: str) -> Func:
    """The text of a field up to this sign."""
    return Func(F(field), Value(end), Value(1), function="split_part", output_field=TextField())
