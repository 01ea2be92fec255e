"""What becomes of an entry in the search index: its words, facets, places in each order, and for
whom it is (A20). The follower writes it, `index` asks it.

Only what is published is indexed. Of an entry that not everybody may see, the body stands in
``closed``, and `reach.reach_of` says who passes that.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from operator import add
from typing import Any

import tantivy
from django.db.models import Q, QuerySet
from tantivy import Document, Index, Query, Schema, SchemaBuilder

from huitong.catalog.models import Entry, Item
from huitong.catalog.queries.facets import FACETS
from huitong.catalog.queries.uses import used_otherwise, uses
from huitong.catalog.rules import ShareClass, folded
from huitong.catalog.rules.finding import spelled

log = logging.getLogger(__name__)
#: stands between pieces of text, so that no phrase reaches from one into the next
GAP = "|"
#: stands in ``closed`` beside the body of whatever not everybody may see
ANY = "any"
#: fields with pairs and single signs of their texts, and whether the order of pairs is kept
TEXTS = ("name", "text", "item")
#: from then the seconds of an entry's publication are counted; 32 bits last until 2136
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def schema() -> Schema:
    builder = SchemaBuilder()
    builder.add_unsigned_field("id", indexed=True, fast=True)
    builder.add_unsigned_field("stamp", fast=True)
    for field in TEXTS:
        builder.add_text_field(f"{field}_pairs", tokenizer_name="whitespace")
        builder.add_text_field(f"{field}_signs", tokenizer_name="whitespace", index_option="basic")
    builder.add_text_field("codes", tokenizer_name="whitespace", index_option="basic")
    for field in ("closed", "items"):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic")
    for field in ("newest", "most_used"):
        builder.add_unsigned_field(field, indexed=True, fast=True)
    for field in ("by_name", "by_body"):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic", fast=True)
    for name, kind in FACETS.items():
        several = kind.several
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=not several)
        if several:  # counted by what stands together: columns of one value are read fastest
            builder.add_text_field(
                together(name), tokenizer_name="raw", index_option="basic", fast=True
            )
    return builder.build()


def together(facet: str) -> str:
    """The field that holds all values an entry has of a facet."""
    return f"{facet}_together" if FACETS[facet].several else facet


# -- words -----------------------------------------------------------------------------------------


def pairs_of(piece: str) -> list[str]:
    return [*map(add, piece, piece[1:])]


def pairs(text: str) -> str:
    return f" {GAP} ".join([" ".join(map(add, piece, piece[1:])) for piece in text.split()])


def signs(text: str) -> str:
    return " ".join(set("".join(text.split())))


#: items are called alike all over a city
fold = lru_cache(20_000)(folded)


@lru_cache(2_000)
def in_letters(body: str) -> str:
    """The name of a body as it is typed in letters: whole, and by its initials."""
    return " ".join(spelled(folded(body)))


# -- places ----------------------------------------------------------------------------------------


def newest(published_at: datetime, pk: int) -> int:
    """The later, the greater; no two alike."""
    seconds = int((published_at - BEGINNING).total_seconds())
    return (max(seconds, 0) << 32) | (pk & 0xFFFFFFFF)


def most_used(uses: int, pk: int) -> int:
    """The more uses, the greater, then the younger."""
    return (uses << 32) | (pk & 0xFFFFFFFF)


def spelled_place(*parts: str | int) -> str:
    """Text that sorts as these parts do one after the other, in signs a query can hold."""
    texts = (f"{part:016x}" if isinstance(part, int) else part for part in parts)
    return "\0".join(texts).encode("utf-8", "replace").hex()


# -- stamps ----------------------------------------------------------------------------------------

STAMPED = ("pk", "updated_at", "body", "body__name", "body__short_name", "current", "uses")


def changed(since: datetime, used_since: datetime) -> QuerySet[Entry]:
    """Entries of which what everybody reads changed since then, or how much they are used."""
    return Entry.objects.filter(
        Q(updated_at__gte=since) | Q(pk__any=list(used_otherwise(used_since)))
    ).order_by()


def behind(pk: int, most: int) -> QuerySet[Entry]:
    return Entry.objects.filter(pk__gt=pk).order_by("pk")[:most]


def stamps(rows: QuerySet[Entry]) -> Iterator[tuple[int, datetime, int]]:
    """Of these: id, when they changed, and a number that changes with what is indexed (0: not to be
    indexed)."""
    stamped = rows.annotate(uses=uses()).values_list(*STAMPED)
    for pk, at, body, name, short, current, used in stamped.iterator(5000):
        content = f"{at.timestamp()} {body} {name} {short} {used}".encode()
        stamp = int.from_bytes(blake2b(content, digest_size=7).digest()) + 1
        yield pk, at, stamp if current is not None else 0


def indexed(opened: Index, first: int, last: int | None, most: int) -> dict[int, int]:
    """Id and stamp of what an index holds between two ids, the first of them."""
    query = Query.range_query(opened.schema, "id", tantivy.FieldType.Unsigned, first, last)
    return _stamped(opened, query, most)


def indexed_of(opened: Index, ids: list[int]) -> dict[int, int]:
    """Id and stamp of what an index holds of these."""
    query = Query.term_set_query(opened.schema, "id", ids)
    return _stamped(opened, query, len(ids)) if ids else {}


def _stamped(opened: Index, query: Query, most: int) -> dict[int, int]:
    searcher: Any = opened.searcher()
    if not searcher.num_docs:
        return {}
    hits = searcher.search(
        query, limit=most, order_by_field="id", order=tantivy.Order.Asc, count=False
    ).hits
    addresses = [address for _, address in hits]
    stamped = searcher.fast_field_values("stamp", addresses)
    return dict(zip((pk for pk, _ in hits), stamped, strict=True))


# -- documents -------------------------------------------------------------------------------------

ROW = (
    "pk",
    "current",
    "current__name",
    "current__words",
    "code",
    "body__name",
    "body__short_name",
    "current__published_at",
    "current__share_class",
    "uses",
    "body",
)


def documents(stamped: dict[int, int], batch: int = 500) -> Iterator[Document]:
    """Those of these entries that are published, as the index keeps them; without one that cannot
    be, which is found by the database alone until it is changed."""
    ids = iter(stamped)
    while some := list(islice(ids, batch)):
        published = Entry.objects.filter(Q(current__isnull=False), pk__any=some)
        rows = published.annotate(uses=uses()).order_by()
        fetched = list(rows.values_list(*ROW, *(kind.field for kind in FACETS.values())))
        items: dict[int, list[tuple[str, str]]] = defaultdict(list)
        of_these = Item.objects.filter(version__pk__any=[row[1] for row in fetched]).order_by()
        for version, name, column in of_these.values_list("version", "name", "column"):
            items[version].append((name, column))
        for row in fetched:
            try:
                yield _document(stamped[row[0]], row, items[row[1]])
            except Exception:
                log.exception("entry %s is left out of the index", row[0])


def _document(stamp: int, row: tuple[Any, ...], items: list[tuple[str, str]]) -> Document:
    pk, _, name, words, code, body_name, short, published_at, share_class, used, body = row[
        : len(ROW)
    ]
    document = Document()
    document.add_unsigned("id", pk)
    document.add_unsigned("stamp", stamp)
    texts = {
        "name": folded(name),
        "text": f"{words} {fold(body_name)} {fold(short)} {in_letters(short)}",
        # spaces within a piece stand between its words, as in the others
        "item": " ".join(fold(piece) for item in items for piece in item),
    }
    for field, content in texts.items():
        document.add_text(f"{field}_pairs", pairs(content))
        document.add_text(f"{field}_signs", signs(content))
    whole_code = folded(code or "")
    document.add_text("codes", " ".join(whole_code[:end] for end in range(1, len(whole_code) + 1)))
    for item in dict.fromkeys(fold(name) for name, _ in items):
        document.add_text("items", item)
    document.add_unsigned("newest", newest(published_at or BEGINNING, pk))
    document.add_unsigned("most_used", most_used(used, pk))
    document.add_text("by_name", spelled_place(name, pk))
    document.add_text("by_body", spelled_place(short, name, pk))
    if share_class == ShareClass.NOT_SHARED:
        document.add_text("closed", ANY)
        document.add_text("closed", str(body))
    for (facet, kind), value in zip(FACETS.items(), row[len(ROW) :], strict=True):
        values = [str(each) for each in (value or ()) if each] if kind.several else [value]
        for each in values:
            if each:
                document.add_text(facet, str(each))
        if kind.several and values:
            document.add_text(together(facet), ",".join(values))
    return document
