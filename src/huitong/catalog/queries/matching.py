"""What is asked of the search index, and the conditions an entry meets it by (A20)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tantivy import Occur, Query, Schema

from huitong.catalog.queries.indexing import ANY, pairs_of
from huitong.catalog.queries.reach import Reach
from huitong.catalog.rules import folded, ways_of
from huitong.catalog.rules.finding import EMPTY, Way
from huitong.catalog.rules.marking import texts_of
from huitong.catalog.rules.synonyms import Synonyms

#: what everybody sees who is signed in for a body
SHARED_ALONE = Reach()
#: a word, and in which ways an entry may hold it
Word = tuple[str, tuple[tuple[tuple[str, ...], ...], ...]]


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
    def fixed(way: Way) -> tuple[tuple[str, ...], ...]:
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


def query_of(schema: Schema, question: Question, *, but: str = "", weighed: bool = False) -> Query:
    """Entries that match, with weights where they are to be told apart by them."""
    fields = (("item", 1.0),) if question.of_items else (("name", 8.0), ("text", 1.0))
    if not weighed:
        fields = fields[-1:]  # whatever stands in the name stands in the text
    conditions = [
        (Occur.Must, _stands(schema, word, ways, fields, question.of_items, weighed))
        for word, ways in question.words
    ]
    conditions += [
        (Occur.Must, Query.term_set_query(schema, name, list(values)))
        for name, values in question.chosen
        if name != but
    ]
    return all_of(conditions + for_eyes(schema, question.reach))


def for_eyes(schema: Schema, reach: Reach) -> list[tuple[Occur, Query]]:
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


def all_of(conditions: list[tuple[Occur, Query]]) -> Query:
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
    schema: Schema,
    word: str,
    ways: tuple[tuple[tuple[str, ...], ...], ...],
    fields: Sequence[tuple[str, float]],
    of_items: bool,
    weighed: bool,
) -> Query:
    """The word whole, then a word that means the same, then its parts; more if in the name; or as
    the beginning of the code."""
    stands = [] if of_items else [(Query.term_query(schema, "codes", word), 20.0)]
    own = [((word,),)] if weighed else []  # the word itself weighs more than another for it
    for n, way in enumerate([*own, *ways]):
        for field, weight in fields:
            every = all_of([(Occur.Must, _in_field_any(schema, field, texts)) for texts in way])
            stands.append((every, weight / (n + 1)))
    if weighed:
        return any_of([Query.boost_query(query, weight) for query, weight in stands])
    return any_of([query for query, _ in stands])


def _in_field_any(schema: Schema, field: str, texts: tuple[str, ...]) -> Query:
    return any_of([in_field(schema, field, text) for text in texts])


def in_field(schema: Schema, field: str, text: str) -> Query:
    if len(text) == 1:
        return Query.term_query(schema, f"{field}_signs", text)
    pairs = pairs_of(text)
    if len(pairs) == 1:
        return Query.term_query(schema, f"{field}_pairs", pairs[0])
    return Query.phrase_query(schema, f"{field}_pairs", [*pairs])
