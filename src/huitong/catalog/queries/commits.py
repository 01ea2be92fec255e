"""The search index as of one commit of the follower, and what it was asked since (A20).

To count a million entries takes tens of milliseconds, and a commit changes few of them. So an
answer is carried over from one commit to another: what the changed entries gave to it then is taken
away, what they give to it now is added. Which entries a commit changes, the follower writes beside
the index before it commits (`note`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Hashable
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, TypeVar
from uuid import uuid4

from tantivy import Index, Schema

T = TypeVar("T")
#: answers kept of one commit; those asked longest ago go first
MOST_ANSWERS = 500
#: so many changed entries are counted again for each answer; with more, later commits carry on
#: from a younger one
MOST_CHANGED = 500
#: changed entries remembered beside the index
MOST_NOTED = 5_000


class Notes(NamedTuple):
    """What stands beside an index: which index it is, and by the number of a commit what changed
    after it (None: too much to say)."""

    of: str = ""
    rows: list[tuple[int, list[int] | None]] = []

    def since(self, number: int) -> frozenset[int] | None:
        """What changed after this commit; None: nobody knows."""
        later = [ids for at, ids in self.rows if at >= number]
        if not self.rows or self.rows[0][0] > number or None in later:
            return None
        return frozenset(chain.from_iterable(ids or () for ids in later))


def noted(tree: Path) -> Notes:
    try:
        of, rows = json.loads((tree / "changed.json").read_text())
        return Notes(of, [(number, ids) for number, ids in rows])
    except (OSError, ValueError, TypeError):
        return Notes()


def number_of(tree: Path) -> int:
    """The number of the last commit; each is greater than the one before."""
    return int(json.loads((tree / "meta.json").read_text())["opstamp"])


def note(tree: Path, number: int, changed: Collection[int]) -> None:
    """Remember, before it is committed, what changes after the commit of this number."""
    of, rows = noted(tree)
    rows = [*rows, (number, list(changed) if len(changed) <= MOST_NOTED else None)]
    while sum(len(ids or ()) for _, ids in rows) > MOST_NOTED:
        rows.pop(0)
    new = tree / "changed.new"
    new.write_text(json.dumps(Notes(of or uuid4().hex, rows)))
    new.replace(tree / "changed.json")


class Opened:
    """The index as of one commit: whoever holds it goes on with it, whatever becomes of the files.

    It carries over the answers of one ``before`` it, and knows which entries ``changed`` since
    then. One that ``lasts`` is before all that follow, until too much has changed.
    """

    def __init__(self, tree: Path, key: Hashable, last: Opened | None = None) -> None:
        # commits are numbered before the index is read, changes told after it: of what is committed
        # meanwhile too much is told rather than too little
        self.key, self.of = key, noted(tree).of
        self.number = number_of(tree)
        if last is not None and (not self.of or last.of != self.of or last.number > self.number):
            last = None
        self.index: Index = last.index if last else _opened(tree)
        self.index.reload()
        self.schema: Schema = self.index.schema
        self.searcher: Any = self.index.searcher()
        before: Opened | None = last if last is None or last.lasts else last.before
        changed = noted(tree).since(before.number) if before else None
        self.before: Opened | None = before if changed is not None else None
        self.changed: frozenset[int] = changed or frozenset()
        self.lasts: bool = self.before is None or len(self.changed) > MOST_CHANGED
        if self.lasts and self.before:
            self.before.before = None  # two are enough
        self._answers: dict[Hashable, Any] = {}
        self._lock = Lock()

    def answer(
        self,
        question: Hashable,
        ask: Callable[[Opened], T],
        carry: Callable[[T, Opened, Opened], T | None] | None = None,
    ) -> T:
        """What this question was answered; else what ``carry`` makes of its answer before, unless
        that is nothing; else what is answered now."""
        answer: T | None = self._stored(question)
        before = self.before
        if answer is None and carry and before and not (self.lasts and not before.knows(question)):
            answer = carry(before.answer(question, ask, carry), before, self)
        if answer is None:
            answer = ask(self)
        with self._lock:
            while len(self._answers) >= MOST_ANSWERS:
                del self._answers[next(iter(self._answers))]
            self._answers[question] = answer
        return answer

    def knows(self, question: Hashable) -> bool:
        return question in self._answers

    def _stored(self, question: Hashable) -> Any:
        """The answer kept, and now the last to go."""
        with self._lock:
            answer = self._answers.pop(question, None)
            if answer is not None:
                self._answers[question] = answer
            return answer


def _opened(tree: Path) -> Index:
    index = Index.open(str(tree))
    index.config_reader("manual")
    return index
