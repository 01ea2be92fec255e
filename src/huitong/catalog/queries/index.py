"""The search index: what becomes of an entry in it, and asking it (A20). The follower writes it,
pages only read.

A word stands in an entry when its characters stand there one after the other (pairs of neighbouring
characters as a phrase: names no dictionary knows are found, too), or those of a word that means
the same, or all its parts do (`rules.ways_of`), or when the entry's code begins with it: as SQL has
it. Only what every signed-in body may see is indexed; who sees what is decided by SQL, over the ids
found here. The database stays the truth: no index, or one that nobody follows, means search by SQL.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import tantivy
from django.conf import settings
from django.db.models import BooleanField, ExpressionWrapper
from tantivy import Document, Index, Occur, Query, Schema, SchemaBuilder

from huitong.catalog.models import Entry
from huitong.catalog.queries.entries import SHARED
from huitong.catalog.queries.facets import FACETS
from huitong.catalog.rules import folded, ways_of
from huitong.catalog.rules.finding import EMPTY
from huitong.catalog.rules.synonyms import Synonyms

log = logging.getLogger(__name__)
#: raised when schema or words change: the follower then builds anew
VERSION = 5
#: seconds without a sign of the follower after which search is done by SQL
SILENCE = 10.0
#: with more hits than this SQL decides: counts of facets stay exact, and nobody reads that far
MOST = 10_000
#: names looked through for what may have been meant
NEAR = 200
#: values of one facet that are counted
VALUES = 10_000
#: stands between pieces of text, so that no phrase reaches from one into the next
GAP = "|"


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


# -- asking ----------------------------------------------------------------------------------------

_open: tuple[object, Index] | None = None
_warned: set[str] = set()


def reader() -> Index:
    """The index as last committed. Raises OSError or ValueError when there is none that can be
    read."""
    global _open
    meta = (tree() / "meta.json").stat()  # replaced as a whole by each commit
    key = (tree(), meta.st_ino, meta.st_mtime_ns)
    if _open is None or _open[0] != key:
        opened = Index.open(str(tree()))
        opened.config_reader("manual")
        _open = (key, opened)
    return _open[1]


class Tally(NamedTuple):
    """How many entries match, by each value of each facet, and the best of them, best first."""

    matched: int
    facets: dict[str, dict[str, int]]
    best: list[int]


def match(words: list[str], synonyms: Synonyms = EMPTY) -> list[int] | None:
    """Ids of the entries in which all words stand, best first. None: ask SQL (no index, stale,
    unreadable, too many hits)."""
    tally = tally_of(words, {}, (), MOST, synonyms)
    return None if tally is None or tally.matched > MOST else tally.best


def tally_of(
    words: list[str],
    chosen: Mapping[str, tuple[str, ...]],
    facets: Iterable[str],
    best: int,
    synonyms: Synonyms = EMPTY,
) -> Tally | None:
    """The shared entries in which all words stand and that have a chosen value of each facet
    chosen; each facet is counted over what the *other* choices leave. None: ask SQL."""
    if why := complaint():
        _once(why)
        return None
    try:
        index = reader()
        searcher: Any = index.searcher()

        def query(but: str = "") -> Query:
            conditions = [(Occur.Must, Query.all_query())]
            conditions += [(Occur.Must, _stands(index.schema, word, synonyms)) for word in words]
            conditions += [
                (Occur.Must, Query.term_set_query(index.schema, name, list(values)))
                for name, values in chosen.items()
                if values and name != but
            ]
            return Query.boolean_query(conditions)

        counts: dict[str, dict[str, int]] = {}
        # those without a choice of their own are counted over the same entries: at once
        for but, names in _by_own_choice(facets, chosen).items():
            terms = {name: {"terms": {"field": name, "size": VALUES}} for name in names}
            for name, part in searcher.aggregate(query(but), terms).items():
                counts[name] = {row["key"]: row["doc_count"] for row in part["buckets"]}
        matches = searcher.search(query(), limit=best)
        ids: list[int] = searcher.fast_field_values("id", [address for _, address in matches.hits])
        tally = Tally(int(matches.count), counts, ids)
    except Exception as error:  # whatever is wrong with the index, search goes on
        _once(f"it cannot be read: {error}")
        return None
    _warned.clear()
    return tally


def _by_own_choice(
    facets: Iterable[str], chosen: Mapping[str, tuple[str, ...]]
) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name in facets:
        groups.setdefault(name if chosen.get(name) else "", []).append(name)
    return groups


def _once(why: str) -> None:
    kind = why.split(" for ")[0]
    if kind not in _warned:
        _warned.add(kind)
        log.warning("search is done by the database, without the index: %s", why)


def names_like(question: str) -> list[str]:
    """The names nearest to a question of which one character may be wrong: each without the
    characters beside it; none without the index."""
    text = folded(question)
    if len(text) < 2 or complaint():
        return []
    try:
        index = reader()
        searcher: Any = index.searcher()
        parts = {text[at : at + 2] for at in range(len(text) - 1)} if len(text) > 2 else set(text)
        query = Query.boolean_query(
            [(Occur.Should, _in_field(index.schema, "name", part)) for part in parts]
        )
        hits = [address for _, address in searcher.search(query, limit=NEAR).hits]
        ids: list[int] = searcher.fast_field_values("id", hits)
    except Exception as error:  # whatever is wrong with the index, search goes on
        _once(f"it cannot be read: {error}")
        return []
    names = Entry.objects.filter(SHARED, pk__in=ids).order_by("pk")
    return list(names.values_list("current__name", flat=True))


def _stands(schema: Schema, word: str, synonyms: Synonyms) -> Query:
    """The word whole, then a word that means the same, then its parts; more if in the name; or as
    the beginning of the code."""
    ways = [(Query.term_query(schema, "codes", word), 20.0)]
    for n, way in enumerate([[[word]], *ways_of(word, synonyms)]):
        for field, weight in (("name", 8.0), ("text", 1.0)):
            every = Query.boolean_query(
                [(Occur.Must, _any_in_field(schema, field, texts)) for texts in way]
            )
            ways.append((every, weight / (n + 1)))
    return Query.boolean_query(
        [(Occur.Should, Query.boost_query(query, weight)) for query, weight in ways]
    )


def _any_in_field(schema: Schema, field: str, texts: list[str]) -> Query:
    return Query.boolean_query(
        [(Occur.Should, _in_field(schema, field, folded(text))) for text in texts]
    )


def _in_field(schema: Schema, field: str, text: str) -> Query:
    if len(text) == 1:
        return Query.term_query(schema, f"{field}_signs", text)
    pairs = _pairs(text)
    return (
        Query.term_query(schema, f"{field}_pairs", pairs[0])
        if len(pairs) == 1
        else Query.phrase_query(schema, f"{field}_pairs", [*pairs])
    )


# -- words -----------------------------------------------------------------------------------------


def _pairs(piece: str) -> list[str]:
    return [piece[at : at + 2] for at in range(len(piece) - 1)]


def pairs(text: str) -> str:
    return f" {GAP} ".join(" ".join(_pairs(piece)) for piece in text.split())


def signs(text: str) -> str:
    return " ".join(sorted(set("".join(text.split()))))


# -- what is indexed -------------------------------------------------------------------------------


def schema() -> Schema:
    builder = SchemaBuilder()
    builder.add_unsigned_field("id", indexed=True, fast=True)
    builder.add_unsigned_field("stamp", fast=True)
    for field, option in (
        ("name_pairs", "position"),
        ("text_pairs", "position"),
        ("name_signs", "basic"),
        ("text_signs", "basic"),
        ("codes", "basic"),
    ):
        builder.add_text_field(field, tokenizer_name="whitespace", index_option=option)
    for field in FACETS:
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic", fast=True)
    return builder.build()


COLUMNS = ("pk", "updated_at", "body", "body__name", "body__short_name")


def stamps(since: datetime | None = None) -> Iterator[tuple[int, datetime, int]]:
    """Entries changed since then: id, when, and a number that changes with what is indexed (0:
    not to be indexed)."""
    rows = (
        Entry.objects.order_by()
        if since is None
        else Entry.objects.filter(updated_at__gte=since).order_by()
    )
    shared = ExpressionWrapper(SHARED, BooleanField())
    for pk, at, body, name, short, is_shared in (
        rows.annotate(shared=shared).values_list(*COLUMNS, "shared").iterator(5000)
    ):
        content = f"{at.timestamp()} {body} {name} {short}".encode()
        yield (
            pk,
            at,
            int.from_bytes(blake2b(content, digest_size=7).digest()) + 1 if is_shared else 0,
        )


def indexed() -> dict[int, int]:
    """Id and stamp of what the index holds. Raises OSError or ValueError when it cannot be read."""
    searcher: Any = reader().searcher()
    if not searcher.num_docs:
        return {}
    hits = [
        address for _, address in searcher.search(Query.all_query(), limit=searcher.num_docs).hits
    ]
    return dict(
        zip(
            searcher.fast_field_values("id", hits),
            searcher.fast_field_values("stamp", hits),
            strict=True,
        )
    )


def documents(stamped: dict[int, int]) -> Iterator[Document]:
    """Those of these entries that are shared, as the index keeps them; without one that cannot
    be, which is found by the database alone until it is changed."""
    rows = Entry.objects.filter(SHARED, pk__in=stamped).order_by()
    texts = ("pk", "current__name", "current__words", "code", "body__name", "body__short_name")
    for row in rows.values_list(*texts, *(kind.field for kind in FACETS.values())):
        try:
            document = _document(stamped[row[0]], *row[: len(texts)])
            for name, values in zip(FACETS, row[len(texts) :], strict=True):
                for value in values if isinstance(values, list) else [values]:
                    if value:
                        document.add_text(name, str(value))
            yield document
        except Exception:
            log.exception("entry %s is left out of the index", row[0])


def _document(
    stamp: int, pk: int, name: str, words: str, code: str | None, body: str, short: str
) -> Document:
    document = tantivy.Document()
    document.add_unsigned("id", pk)
    document.add_unsigned("stamp", stamp)
    for field, content in (
        ("name", folded(name)),
        ("text", f"{words} {folded(body)} {folded(short)}"),
    ):
        document.add_text(f"{field}_pairs", pairs(content))
        document.add_text(f"{field}_signs", signs(content))
    whole_code = folded(code or "")
    document.add_text("codes", " ".join(whole_code[:end] for end in range(1, len(whole_code) + 1)))
    return document
