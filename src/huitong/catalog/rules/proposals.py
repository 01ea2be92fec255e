"""What a scanned table proposes as the draft of an entry (A7, A10). Proposals only: a clerk
completes, people decide."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from huitong.catalog.rules.facts import ItemRow
from huitong.catalog.rules.vocabulary import Level, Origin
from huitong.connectors import TableFound
from huitong.connectors.tables import ColumnFound
from huitong.scope.suggest import Suggestion, recognise
from huitong.work.rules import marking_in

#: where the name in a comment ends and the explanation begins
EXPLAINED = re.compile(r"[(\uff08:\uff1a;\uff1b,\uff0c。]")
EDGES = re.compile(r"^[\s(\uff08:\uff1a;\uff1b,\uff0c。]+|[\s)\uff09。]+$")


@dataclass(frozen=True)
class Proposal:
    """A draft in the making. Nothing of the sampled values is in it, only what they were
    recognized as."""

    name: str
    summary: str
    items: tuple[ItemRow, ...]
    #: a table of an information system came about in it, until its clerk says otherwise (A2)
    origin: Origin = Origin.SYSTEM


def is_marked(table: TableFound) -> bool:
    """Does name or comment of the table, or of a column, carry a marking (A3)? Then nothing of
    it is kept."""
    texts = [
        table.name,
        table.comment,
        *(text for c in table.columns for text in (c.name, c.comment)),
    ]
    return any(marking_in(text) for text in texts if text)


def propose(table: TableFound, rows: Sequence[Mapping[str, str | None]] = ()) -> Proposal:
    """``rows`` are a few sampled rows as text, used to recognize personal columns and then
    forgotten."""
    called = short(table.comment)
    name = called if len(called) > 1 else table.name if len(table.name) > 1 else f"{table.name}表"
    names = _distinct(
        [short(c.comment) or c.name.strip() or f"第{n}列" for n, c in enumerate(table.columns, 1)]
    )
    items = tuple(
        _item(column, called, [row.get(column.name) for row in rows], column.name in table.key)
        for column, called in zip(table.columns, names, strict=True)
    )
    return Proposal(name[:120], table.comment[:2000], items)


def _item(column: ColumnFound, called: str, values: list[str | None], key: bool) -> ItemRow:
    rest = EDGES.sub("", column.comment.strip().removeprefix(short(column.comment)))
    sign = recognise(column.name, column.comment, values)
    return ItemRow(
        name=called[:100],
        column=column.name,
        type=column.item_type,
        length=column.length or None,
        nullable=column.nullable,
        is_key=column.primary_key or key,
        column_type=column.type[:80],
        remark=rest[:300],
        suggestion=_suggestion(sign) if sign else {},
    )


def _suggestion(sign: Suggestion) -> dict[str, str]:
    """What is kept of it; what is no person's has neither mask nor level."""
    what = {"kind": sign.kind, "label": sign.recogniser.what, "reason": sign.reason}
    if not sign.recogniser.personal:
        return what
    return what | {"mask": sign.recogniser.mask, "level": str(Level.THREE)}


def short(comment: str) -> str:
    """The name in a comment, without what it explains."""
    return EXPLAINED.split(comment.strip(), maxsplit=1)[0].strip()


def _distinct(names: list[str]) -> list[str]:
    """Two columns with one comment get numbered names; the clerk is told by the checks anyway."""
    count, numbers = Counter(names), Counter[str]()
    distinct = []
    for name in names:
        numbers[name] += 1
        distinct.append(f"{name}({numbers[name]})" if count[name] > 1 else name)
    return distinct
