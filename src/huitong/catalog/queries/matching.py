"""What is asked of the search index, and the conditions an entry meets it by (A20)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from tantivy import Occur, Query, Schema

from huitong.catalog.queries.commits import Opened
from huitong.catalog.queries.indexing import ANY, pairs_of
from huitong.catalog.queries.reach import Reach
from huitong.catalog.rules import finding, folded, ways_of
from huitong.catalog.rules.finding import EMPTY
from huitong.catalog.rules.marking import texts_of
from huitong.catalog.rules.synonyms import Synonyms

#: what everybody sees who is signed in for a body
SHARED_ALONE = Reach()
#: all of these, each by any of its texts (`rules.finding.Way`)
Way = tuple[tuple[str, ...], ...]
#: a word, and in which ways an entry may hold it
Word = tuple[str, tuple[Way, ...]]
#: parts of a query, and whether they are to hold
Conditions = list[tuple[Occur, Query]]


class Question(NamedTuple):
    """What is asked: words, whether they are to stand in the items, chosen values by facet, and
    for whose eyes."""

    words: tuple[Word, ...]
    of_items: bool
    chosen: tuple[tuple[str, tuple[str, ...]], ...]
    reach: Reach

    @property
    def texts(self) -> list[str]:
        """What answers it where it stands, the longest first."""
        return texts_of(ways for _, ways in self.words)


def question_of(
    words: Sequence[str],
    reach: Reach = SHARED_ALONE,
    chosen: Mapping[str, tuple[str, ...]] = EMPTY,
    synonyms: Synonyms = EMPTY,
    *,
    of_items: bool = False,
) -> Question:
    def fixed(way: finding.Way) -> Way:
        return tuple(tuple(folded(text) for text in texts) for texts in way)

    # the parts of a word stand in many items: one item is to hold it whole
    ways = {word: ways_of(word, synonyms)[: 1 if of_items else None] for word in words}
    return Question(
        tuple((word, tuple(map(fixed, ways[word]))) for word in words),
        of_items,
        tuple((name, tuple(sorted(values))) for name, values in chosen.items() if values),
        reach,
    )


# -- queries ---------------------------------------------------------------------------------------


#: an entry's texts, and what a word weighs in them
NAME, TEXT, ITEM = ("name", 8.0), ("text", 1.0), ("item", 1.0)


def query_of(
    opened: Opened,
    question: Question,
    *,
    words: Conditions | None = None,
    but: str = "",
    among: Collection[int] | None = None,
) -> Query:
    """Entries that match; by other conditions on the words, whatever is chosen of one facet, or of
    these alone."""
    schema = opened.schema
    conditions = [*(standing(opened, question) if words is None else words)]
    conditions += [
        (Occur.Must, Query.term_set_query(schema, name, list(values)))
        for name, values in question.chosen
        if name != but
    ]
    if among is not None:
        conditions.append((Occur.Must, Query.term_set_query(schema, "id", list(among))))
    return all_of(conditions + for_eyes(schema, question.reach))


def standing(opened: Opened, question: Question) -> Conditions:
    """All words stand in it; whatever stands in the name stands in the text."""
    fields = [ITEM if question.of_items else TEXT]
    return [(Occur.Must, _stands(opened, question, word, fields)) for word in question.words]


def lacking(opened: Opened, question: Question) -> Conditions:
    """Some word does not."""
    return [(Occur.MustNot, all_of(standing(opened, question)))]


def weighed(opened: Opened, question: Question, *, in_names: bool = False) -> Conditions:
    """All words stand in it, or in its name, with what they weigh there."""
    fields = [ITEM] if question.of_items else [NAME] if in_names else [NAME, TEXT]
    return [
        (Occur.Must, _stands(opened, question, word, fields, weighed=True))
        for word in question.words
    ]


def in_most(opened: Opened, question: Question) -> bool:
    """Whether the words surely stand in most entries: short ones, which one look tells."""
    most, without = opened.searcher.num_docs / 2, 0.0
    for word, _ in question.words:
        if question.of_items or len(word) > 2:
            return False
        field = "text_signs" if len(word) == 1 else "text_pairs"
        without += 2 * most - opened.searcher.doc_freq(field, word)
    return bool(question.words) and without < most


def for_eyes(schema: Schema, reach: Reach) -> Conditions:
    """What of the index is for these eyes."""
    if not reach.shared:
        return [(Occur.Must, Query.empty_query())]
    return [] if reach.every else [(Occur.MustNot, _closed(schema, reach.body))]


def _closed(schema: Schema, but: int | None) -> Query:
    """What not everybody may see, but one body's own."""
    closed = Query.term_query(schema, "closed", ANY)
    if but is None:
        return closed
    own = Query.term_query(schema, "closed", str(but))
    return Query.boolean_query([(Occur.Must, closed), (Occur.MustNot, own)])


def all_of(conditions: Conditions) -> Query:
    must = [condition for condition in conditions if condition[0] == Occur.Must]
    if not must:
        must = [(Occur.Must, Query.all_query())]
    others = [condition for condition in conditions if condition[0] != Occur.Must]
    return must[0][1] if len(must) == 1 and not others else Query.boolean_query([*must, *others])


def any_of(queries: list[Query]) -> Query:
    """One alone is asked bare: it is faster."""
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def _stands(
    opened: Opened,
    question: Question,
    term: Word,
    fields: Sequence[tuple[str, float]],
    *,
    weighed: bool = False,
) -> Query:
    """The word whole, then a word that means the same, then its parts; more if in the name; or as
    the beginning of the code. One query alone is fastest: what no entry has is not asked for."""
    schema, (word, ways) = opened.schema, term
    stands: list[tuple[Query, float]] = []
    if not question.of_items and opened.searcher.doc_freq("codes", word):
        stands.append((Query.term_query(schema, "codes", word), 20.0))
    own = [((word,),)] if weighed else []  # the word itself weighs more than another for it
    shares: dict[Way, float] = {}
    for n, way in enumerate([*own, *ways]):
        shares[way] = shares.get(way, 0.0) + 1 / (n + 1)
    for way, share in shares.items():
        for field, weight in fields:
            there = [[text for text in texts if _occurs(opened, field, text)] for texts in way]
            if all(there):
                every = all_of([(Occur.Must, _any_in(schema, field, texts)) for texts in there])
                stands.append((every, weight * share))
    if weighed and len(stands) > 1:
        return any_of([Query.boost_query(query, weight) for query, weight in stands])
    return any_of([query for query, _ in stands]) if stands else Query.empty_query()


def _occurs(opened: Opened, field: str, text: str) -> bool:
    """Whether each sign of it stands in this field of some entry."""
    kind, terms = ("signs", [text]) if len(text) == 1 else ("pairs", pairs_of(text))
    return all(opened.searcher.doc_freq(f"{field}_{kind}", term) for term in terms)


def _any_in(schema: Schema, field: str, texts: Sequence[str]) -> Query:
    return any_of([in_field(schema, field, text) for text in texts])


def in_field(schema: Schema, field: str, text: str) -> Query:
    if len(text) == 1:
        return Query.term_query(schema, f"{field}_signs", text)
    pairs = pairs_of(text)
    if len(pairs) == 1:
        return Query.term_query(schema, f"{field}_pairs", pairs[0])
    return Query.phrase_query(schema, f"{field}_pairs", [*pairs])
