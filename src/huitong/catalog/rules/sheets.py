"""Many entries changed in one go, by a workbook: what becomes of a file, and of each entry in it
(A7, A12)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from huitong.kernel.actor import Labelled


class SetState(Labelled):
    """How far a workbook has come: it is checked, mended until it is right, confirmed, and then a
    set of drafts."""

    QUEUED = "queued", "排队中"
    READING = "reading", "检查中"
    FAULTY = "faulty", "有错误待修改"
    READY = "ready", "待确认"
    APPLIED = "applied", "已写入"
    UNDONE = "undone", "已撤销"
    GIVEN_UP = "given_up", "已放弃"
    REFUSED = "refused", "已拒绝"
    UNREADABLE = "unreadable", "无法读取"


#: in these its file is still at work, and in these it waits for its clerk
RUNNING = (SetState.QUEUED, SetState.READING)
WAITING = (SetState.FAULTY, SetState.READY)


class What(Labelled):
    """What a workbook says of an entry, beside what the platform has."""

    NEW = "new", "新增"
    CHANGED = "changed", "修改"
    CONFLICT = "conflict", "冲突，不写入"


class SheetFile:
    """A file as it was uploaded. Prints as its digest: the ledger keeps no content."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def __str__(self) -> str:
        return f"{len(self.content)} 字节，sha256 {self.sha256}"


@dataclass(frozen=True)
class StoredEntry:
    """An entry as the workbook shows it: its key, its case, its code, its state in words and
    whether it may be edited now, the number of the last act on it (``mark``), what it says by
    element, its items and grounds with everything kept of them; and what it is judged by: the law
    of its case, the conditions of it that were struck."""

    entry: int
    case: int
    code: str
    state: str
    mark: int
    values: Mapping[str, Any]
    editable: bool = True
    law: str = ""
    struck: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Edit:
    """An edit of an entry after it was read: whose (``own``: the reader's), when, which elements it
    gave, and what those said before it, as far as that is known."""

    who: str
    when: str
    elements: frozenset[str]
    before: Mapping[str, Any]
    own: bool


@dataclass(frozen=True)
class Planned:
    """What is to become of one entry: ``given`` goes to the verb, ``grounds`` are all it will have
    (None: they stay), ``lines`` say it in words: element, before, after. ``code``: that of an old
    catalog. ``open``: what keeps it from being submitted."""

    row: int
    what: What
    name: str
    entry: int | None = None
    case: int | None = None
    mark: int = 0
    given: Mapping[str, Any] = field(default_factory=dict)
    grounds: list[dict[str, Any]] | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    lines: tuple[tuple[str, str, str], ...] = ()
    code: str = ""
    open: int = 0


@dataclass
class Outcome:
    """What a check came to. Prints in figures: the ledger keeps no content."""

    planned: list[Planned] = field(default_factory=list)
    same: int = 0
    faults: list[dict[str, Any]] = field(default_factory=list)
    mended: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    grave: int = 0
    annotated: bytes = b""
    refused: bool = False
    error: str = ""

    @property
    def state(self) -> SetState:
        if self.refused:
            return SetState.REFUSED
        if self.error:
            return SetState.UNREADABLE
        return SetState.FAULTY if self.grave else SetState.READY

    def count(self, what: What) -> int:
        return sum(one.what is what for one in self.planned)

    def __str__(self) -> str:
        figures = {w.label: self.count(w) for w in What} | {"未变": self.same, "错误": self.grave}
        return "，".join(f"{label} {n}" for label, n in figures.items())
