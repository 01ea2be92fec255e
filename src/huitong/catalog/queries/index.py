"""The search index: what becomes of an entry in it, and asking it (A20). The follower writes it, pages only read.

A word matches an entry when its characters stand in it one after the other (pairs of neighbouring characters as a phrase: names
no dictionary knows are found, too), when all Chinese words it is made of stand in it, or when the entry's code begins with it.
Only what every signed-in body may see is indexed; who sees what is decided by SQL, over the ids found here. The database stays
the truth: no index, or one that nobody follows, means search by SQL.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

import tantivy
from django.conf import settings
from django.db.models import BooleanField, ExpressionWrapper
from tantivy import Document, Index, Occur, Query, Schema, SchemaBuilder

from huitong.catalog.models import Entry
from huitong.catalog.queries.entries import SHARED

log = logging.getLogger(__name__)
#: raised when schema or words change: the follower then builds anew
VERSION = 1
#: seconds without a sign of the follower after which search is done by SQL
SILENCE = 10.0
#: with more hits than this SQL decides: counts of facets stay exact, and nobody reads that far
MOST = 10_000
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


# -- asking ----------------------------------------------------------------------------------------------------

_open: tuple[object, Index] | None = None
_told: set[str] = set()


def reader() -> Index:
    """The index as last committed. Raises OSError or ValueError when there is none that can be read."""
    global _open
    meta = (tree() / "meta.json").stat()  # replaced as a whole by each commit
    key = (tree(), meta.st_ino, meta.st_mtime_ns)
    if _open is None or _open[0] != key:
        found = Index.open(str(tree()))
        found.config_reader("manual")
        _open = (key, found)
    return _open[1]


def match(words: list[str]) -> list[int] | None:
    """Ids of the entries in which all words stand, best first. None: ask SQL (no index, stale, unreadable, too many hits)."""
    if why := complaint():
        _once(why)
        return None
    try:
        index = reader()
        searcher: Any = index.searcher()
        found = searcher.search(Query.boolean_query([(Occur.Must, _stands(index.schema, word)) for word in words]), limit=MOST)
        if found.count is None or found.count > MOST:
            return None
        ids: list[int] = searcher.fast_field_values("id", [address for _, address in found.hits])
    except Exception as error:  # whatever is wrong with the index, search goes on
        _once(f"it cannot be read: {error}")
        return None
    _told.clear()
    return ids


def _once(why: str) -> None:
    kind = why.split(" for ")[0]
    if kind not in _told:
        _told.add(kind)
        log.warning("search is done by the database, without the index: %s", why)


def _stands(schema: Schema, word: str) -> Query:
    folded = word.lower()
    ways = [(Query.term_query(schema, "codes", folded), 20.0)]
    if len(folded) == 1:
        ways.append((Query.term_query(schema, "signs", folded), 1.0))
    else:
        ways += [(_phrase(schema, "name_pairs", folded), 8.0), (_phrase(schema, "pairs", folded), 1.0)]
        terms = segmented(folded, whole=True)
        if terms and all(len(term) > 1 for term in terms):  # lone characters stand everywhere
            ways += [(_all_of(schema, "name_terms", terms), 4.0), (_all_of(schema, "terms", terms), 1.0)]
    return Query.boolean_query([(Occur.Should, Query.boost_query(query, weight)) for query, weight in ways])


def _phrase(schema: Schema, field: str, text: str) -> Query:
    pairs = _pairs(text)
    return Query.term_query(schema, field, pairs[0]) if len(pairs) == 1 else Query.phrase_query(schema, field, pairs)  # type: ignore[arg-type]


def _all_of(schema: Schema, field: str, terms: Iterable[str]) -> Query:
    return Query.boolean_query([(Occur.Must, Query.term_query(schema, field, term)) for term in terms])


# -- words -----------------------------------------------------------------------------------------------------


def segmented(text: str, *, whole: bool = False) -> list[str]:
    """Chinese text cut into words; longer words also into their parts unless ``whole``."""
    import rjieba  # its dictionary takes 33 MB: only where something is searched or indexed

    cut = rjieba.cut(text) if whole else rjieba.cut_for_search(text)
    return [term for term in cut if term.strip()]


def _pairs(piece: str) -> list[str]:
    return [piece[at:at + 2] for at in range(len(piece) - 1)]


def pairs(text: str) -> str:
    return f" {GAP} ".join(" ".join(_pairs(piece)) for piece in text.split())


# -- what is indexed ----------------------------------------------------------------------------------------------


def schema() -> Schema:
    builder = SchemaBuilder()
    builder.add_unsigned_field("id", indexed=True, fast=True)
    builder.add_unsigned_field("stamp", fast=True)
    for field, kept in (("name_pairs", "position"), ("pairs", "position"), ("name_terms", "freq"), ("terms", "freq"),
                        ("signs", "basic"), ("codes", "basic")):  # fmt: skip
        builder.add_text_field(field, tokenizer_name="whitespace", index_option=kept)
    return builder.build()


SEEN = ("pk", "updated_at", "body__name", "body__short_name")


def stamps(since: datetime | None = None) -> Iterator[tuple[int, datetime, int]]:
    """Entries changed since then: id, when, and a number that changes with what is indexed (0: not to be indexed)."""
    rows = Entry.objects.order_by() if since is None else Entry.objects.filter(updated_at__gte=since).order_by()
    shared = ExpressionWrapper(SHARED, BooleanField())
    for pk, at, name, short, is_shared in rows.annotate(shared=shared).values_list(*SEEN, "shared").iterator(5000):
        said = f"{at.timestamp()} {name} {short}".encode()
        yield pk, at, int.from_bytes(blake2b(said, digest_size=7).digest()) + 1 if is_shared else 0


def indexed() -> dict[int, int]:
    """Id and stamp of what the index holds. Raises OSError or ValueError when it cannot be read."""
    searcher: Any = reader().searcher()
    if not searcher.num_docs:
        return {}
    hits = [address for _, address in searcher.search(Query.all_query(), limit=searcher.num_docs).hits]
    return dict(zip(searcher.fast_field_values("id", hits), searcher.fast_field_values("stamp", hits), strict=True))


def documents(stamped: dict[int, int]) -> Iterator[Document]:
    """Those of these entries that are shared, as the index keeps them."""
    rows = Entry.objects.filter(SHARED, pk__in=stamped).order_by()
    for pk, name, words, code, body, short in rows.values_list("pk", "name", "words", "code", "body__name", "body__short_name"):
        name, text = name.lower(), f"{words} {body} {short}".lower()
        document = tantivy.Document()
        document.add_unsigned("id", pk)
        document.add_unsigned("stamp", stamped[pk])
        document.add_text("name_pairs", pairs(name))
        document.add_text("pairs", pairs(text))
        document.add_text("name_terms", " ".join(segmented(name)))
        document.add_text("terms", " ".join(segmented(text)))
        document.add_text("signs", " ".join(sorted({sign for sign in text if not sign.isspace()})))
        folded = (code or "").lower()
        document.add_text("codes", " ".join(folded[:end] for end in range(1, len(folded) + 1)))
        yield document
