"""Asking the search index (A20). The follower writes it (`indexing`), pages only read.

A word stands in an entry when its characters stand there one after the other (pairs of neighbouring
characters as a phrase: names no dictionary knows are found, too), or those of a word that means
the same, or all its parts do (`rules.ways_of`), or when the entry's code begins with it: as SQL has
it. Number, facets, order and pages come from here, each for whoever asks (`reach.reach_of`); rows
are fetched by their keys, through `visible_to`. The database stays the truth: no index, or one that
nobody follows, means search by SQL.

What was asked is answered once for each commit of the follower, number, facets and order from what
they were before and what changed since (`commits`): whoever asks the same between two of them, for
the same eyes, gets the same.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from tantivy import FieldType, Index, Occur, Order, Query

from huitong.catalog.models import Entry
from huitong.catalog.queries.commits import Opened
from huitong.catalog.queries.facets import FACETS
from huitong.catalog.queries.indexing import together
from huitong.catalog.queries.matching import (
    Question,
    all_of,
    any_of,
    in_field,
    in_most,
    lacking,
    query_of,
    question_of,
    weighed,
)
from huitong.catalog.queries.reach import SHARED, Reach
from huitong.catalog.rules import folded
from huitong.catalog.rules.finding import EMPTY
from huitong.catalog.rules.synonyms import Synonyms

log = logging.getLogger(__name__)
T = TypeVar("T")
#: raised when schema or words change: the follower then builds anew
VERSION = 7
#: seconds without a sign of the follower after which search is done by SQL
SILENCE = 10.0
#: names looked through for what may have been meant
NEAR = 200
#: values of one facet that are counted
VALUES = 10_000
#: so many more are looked up than asked for, that the answer lasts when some of them change
SPARE = 50


def folder() -> Path:
    """Where the index lies: below the data folder, never served."""
    return Path(settings.DATA) / "index"


def tree() -> Path:
    """Tantivy's own files."""
    return folder() / f"v{VERSION}"


def sign_of_life() -> Path:
    """Touched by the follower after each look at the database."""
    return folder() / "followed"


def complaint() -> str:
    """Why search is done by SQL just now; empty when the index is used."""
    try:
        age = time.time() - sign_of_life().stat().st_mtime
        return f"nobody has followed the catalog for {age:.0f} s" if age > SILENCE else ""
    except OSError:
        return "there is none" if not tree().exists() else "nobody follows the catalog"


# -- the index as last committed -------------------------------------------------------------------


_open: Opened | None = None
_warned: set[str] = set()


def opened() -> Opened:
    """The index as last committed. Raises OSError or ValueError when there is none that can be
    read."""
    global _open
    meta = (tree() / "meta.json").stat()  # replaced as a whole by each commit
    key = (tree(), meta.st_ino, meta.st_mtime_ns)
    if (last := _open) is not None and last.key == key:
        return last
    _open = Opened(tree(), key, last)
    return _open


def asked_of_it(ask: Callable[[Opened], T]) -> T | None:
    """An answer of the index; None: ask SQL."""
    if why := complaint():
        _once(why)
        return None
    try:
        answer = ask(opened())
    except Exception as error:  # whatever is wrong with the index, search goes on
        _once(f"it cannot be read: {error}")
        return None
    _warned.clear()
    return answer


def _once(why: str) -> None:
    kind = why.split(" for ")[0]
    if kind not in _warned:
        _warned.add(kind)
        log.warning("search is done by the database, without the index: %s", why)


# -- answers ---------------------------------------------------------------------------------------


class Tally(NamedTuple):
    """How many entries match, and how many by each value of each facet."""

    matched: int
    facets: dict[str, dict[str, int]]


def tally_of(opened: Opened, question: Question, facets: Iterable[str] = ()) -> Tally:
    """The entries that match; each facet is counted over what the *other* choices leave."""
    names = tuple(facets)

    def counted(opened: Opened) -> Tally:
        if not in_most(opened, question):
            return _counted(opened, question, names)
        everything = tally_of(opened, question._replace(words=()), names)
        others = _counted(opened, question, names, words=lacking(opened, question))
        return _sum(everything, others, -1)

    def carried(tally: Tally, before: Opened, opened: Opened) -> Tally:
        changed = opened.changed
        left = _sum(tally, _counted(before, question, names, among=changed), -1)
        return _sum(left, _counted(opened, question, names, among=changed), 1)

    return opened.answer(("tally", question, names), counted, carried)


def _counted(opened: Opened, question: Question, facets: Sequence[str], **how: Any) -> Tally:
    """Facets without a choice of their own are counted over the same entries: at once."""
    chosen, matched = dict(question.chosen), 0
    counts: dict[str, dict[str, int]] = {}
    for but in dict.fromkeys(["", *(name for name in facets if name in chosen)]):
        names = [but] if but else [name for name in facets if name not in chosen]
        counters: dict[str, Any] = {
            name: {"terms": {"field": together(name), "size": VALUES}} for name in names
        }
        if not but:
            counters["id"] = {"value_count": {"field": "id"}}
        answer = opened.searcher.aggregate(query_of(opened, question, but=but, **how), counters)
        if not but:
            matched = int(answer["id"]["value"])
        for name in names:
            counts[name] = _by_value(name, answer[name]["buckets"])
    return Tally(matched, counts)


def _by_value(name: str, buckets: Iterable[dict[str, Any]]) -> dict[str, int]:
    if not FACETS[name].several:
        return {row["key"]: row["doc_count"] for row in buckets}
    counts: Counter[str] = Counter()
    for row in buckets:
        for value in row["key"].split(","):
            counts[value] += row["doc_count"]
    return dict(counts)


def _sum(tally: Tally, other: Tally, sign: int) -> Tally:
    """Both together, or without the other; what is left with no entry goes."""
    facets = {}
    for name, counts in tally.facets.items():
        facets[name] = dict(counts)
        for value, n in other.facets[name].items():
            if left := facets[name].pop(value, 0) + sign * n:
                facets[name][value] = left
    return Tally(tally.matched + sign * other.matched, facets)


def best_of(opened: Opened, question: Question, most: int) -> list[int]:
    """Ids of the entries in which the words weigh most, best first. Where so many have them in
    their names, names alone are weighed."""

    def best(opened: Opened) -> tuple[bool, list[int]]:
        ids = weighed_by(opened, True)
        full = len(ids) == most + SPARE
        return full, ids if full else weighed_by(opened, False)

    def weighed_by(
        opened: Opened, in_names: bool, among: Collection[int] | None = None
    ) -> list[int]:
        words = weighed(opened, question, in_names=in_names)
        return _first(opened, query_of(opened, question, words=words, among=among), most + SPARE)

    def carried(
        answer: tuple[bool, list[int]], before: Opened, opened: Opened
    ) -> tuple[bool, list[int]] | None:
        in_names, ids = answer
        among = _weighed_again(ids, opened, most)
        return None if among is None else (in_names, weighed_by(opened, in_names, among))

    return opened.answer(("best", question, most), best, carried)[1][:most]


def _first(opened: Opened, query: Query, most: int) -> list[int]:
    hits = opened.searcher.search(query, limit=most, count=False).hits
    ids: list[int] = opened.searcher.fast_field_values("id", [place for _, place in hits])
    return ids


def _weighed_again(ids: list[int], opened: Opened, most: int) -> frozenset[int] | None:
    """The best of before beside what changed since: the best are among them, as long as enough of
    those of before are left."""
    left = [pk for pk in ids if pk not in opened.changed]
    enough = len(ids) < most + SPARE or len(left) >= most
    return opened.changed.union(left) if enough else None


def match(words: list[str], synonyms: Synonyms = EMPTY) -> list[int] | None:
    """Ids of the shared entries in which all words stand, best first; a thousand at most. None:
    ask SQL."""
    question = question_of(words, synonyms=synonyms)
    return asked_of_it(lambda opened: best_of(opened, question, 1_000))


class Window(NamedTuple):
    """A part of an order: which, behind which place (None: from the beginning), backwards or not,
    so many."""

    order: str
    behind: int | str | None
    backwards: bool
    most: int

    @property
    def upwards(self) -> bool:
        return DOWNWARDS[self.order] == self.backwards


#: in which direction the orders of the index run
DOWNWARDS = {"newest": True, "most_used": True, "by_name": False, "by_body": False}
#: place of an entry in an order, no two alike, and its id
Placed = tuple[int | str, int]


def window_of(opened: Opened, question: Question, part: Window) -> list[Placed]:
    """Place and id of the entries that match, in this part of an order."""
    wide = part._replace(most=part.most + SPARE)

    def windowed(opened: Opened) -> tuple[bool, list[Placed]]:
        rows = _placed(opened, question, wide)
        return len(rows) < wide.most, rows

    def carried(
        answer: tuple[bool, list[Placed]], before: Opened, opened: Opened
    ) -> tuple[bool, list[Placed]] | None:
        """What changed finds its place among the others; behind the last nobody knows."""
        whole, rows = answer
        changed = _placed(opened, question, wide, opened.changed)
        left = [row for row in rows if row[1] not in opened.changed]
        merged = sorted(left + changed, reverse=not part.upwards)
        if not whole:
            last = rows[-1]
            merged = [row for row in merged if (row <= last if part.upwards else row >= last)]
            if len(merged) < part.most:
                return None
        return whole and len(merged) < wide.most, merged[: wide.most]

    return opened.answer(("window", question, part), windowed, carried)[1][: part.most]


def _placed(
    opened: Opened, question: Question, part: Window, among: Collection[int] | None = None
) -> list[Placed]:
    conditions = [(Occur.Must, query_of(opened, question, among=among))]
    if part.behind is not None:
        conditions.append((Occur.Must, _behind(opened.index, part)))
    hits = opened.searcher.search(
        all_of(conditions),
        limit=part.most,
        count=False,
        order_by_field=part.order,
        order=Order.Asc if part.upwards else Order.Desc,
    ).hits
    ids = opened.searcher.fast_field_values("id", [address for _, address in hits])
    return [(place, pk) for (place, _), pk in zip(hits, ids, strict=True)]


def _behind(opened: Index, part: Window) -> Query:
    if isinstance(part.behind, int):
        bounds = (part.behind + 1, None) if part.upwards else (None, part.behind - 1)
        return Query.range_query(opened.schema, part.order, FieldType.Unsigned, *bounds)
    place = part.behind or ""  # hexadecimal (`indexing.spelled_place`): nothing a parser minds
    return opened.parse_query(
        f"{part.order}:{{{place} TO *}}" if part.upwards else f"{part.order}:{{* TO {place}}}"
    )


def named(opened: Opened, text: str, reach: Reach, most: int) -> list[int]:
    """Ids of the entries that have this in their name, short names first, or whose code begins
    so; what is typed in letters may stand for it."""

    question = question_of((), reach)

    def nearest(opened: Opened, among: Collection[int] | None = None) -> list[int]:
        fields = ["name", "text"] if text.isascii() and text.isalnum() else ["name"]
        ways = [in_field(opened.schema, field, text) for field in fields]
        if opened.searcher.doc_freq("codes", text):
            ways.append(Query.term_query(opened.schema, "codes", text))
        words = [(Occur.Must, any_of(ways))]
        return _first(opened, query_of(opened, question, words=words, among=among), most + SPARE)

    def carried(ids: list[int], before: Opened, opened: Opened) -> list[int] | None:
        among = _weighed_again(ids, opened, most)
        return None if among is None else nearest(opened, among)

    return opened.answer(("named", text, reach, most), nearest, carried)[:most]


def items_beginning(text: str, reach: Reach, most: int) -> list[tuple[str, int]]:
    """Names of items that begin so, with how many entries have them; none without the index."""
    question = question_of((), reach)

    def named(opened: Opened, among: Collection[int] | None = None) -> Counter[str]:
        entries = query_of(opened, question, among=among)
        return Counter(dict(opened.searcher.terms_with_prefix("items", text, entries)))

    def carried(counts: Counter[str], before: Opened, opened: Opened) -> Counter[str]:
        old, new = (named(each, opened.changed) for each in (before, opened))
        return +Counter({name: counts[name] + new[name] - old[name] for name in counts | new})

    counts = asked_of_it(lambda opened: opened.answer(("items", text, reach), named, carried))
    return sorted((counts or {}).items(), key=lambda row: (-row[1], row[0]))[:most]


def names_like(text: str) -> list[str]:
    """The names nearest to a question of which one character may be wrong: each without the
    characters beside it; none without the index."""
    text = folded(text)
    if len(text) < 2:
        return []

    def near(opened: Opened) -> list[int]:
        parts = {text[at : at + 2] for at in range(len(text) - 1)} if len(text) > 2 else set(text)
        some = [(Occur.Should, in_field(opened.schema, "name", part)) for part in parts]
        query = Query.boolean_query(some)
        hits = opened.searcher.search(query, limit=NEAR, count=False).hits
        ids: list[int] = opened.searcher.fast_field_values("id", [place for _, place in hits])
        return ids

    names = Entry.objects.filter(SHARED, pk__in=asked_of_it(near) or []).order_by("pk")
    return list(names.values_list("current__name", flat=True))
