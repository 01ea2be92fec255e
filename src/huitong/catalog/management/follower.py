"""The index follower: one process per web host that writes the search index as the catalog changes
(A20).

What the index holds is compared with the database, by a stamp per entry, so it needs no memory of
its own: killed at any moment, started on an older index or with a restored database, it puts right
what differs; an index that is missing or cannot be read is built anew. Nobody reads it before it
has been compared. However many entries there are, it holds no more than a slice of them.
"""

from __future__ import annotations

import fcntl
import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from threading import Event
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.utils import timezone
from tantivy import Index, Query

from huitong.catalog.models import Entry
from huitong.catalog.queries import commits, index, indexing

log = logging.getLogger(__name__)
#: seconds between two looks at the database, between two comparisons of everything, and before
#: trying again after a failure
INTERVAL, WHOLE, PAUSE = 0.5, 300.0, 2.0
#: a long transaction commits rows that look older than others already read: so much is read again
#: each time
OVERLAP = timedelta(minutes=2)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
#: entries compared and written at a time
SLICE = 20_000
#: tantivy's memory before it writes to disk
HEAP = 50_000_000


class Follower:
    """The writer of the index in `index.tree()`; a new one after any failure."""

    def __init__(self) -> None:
        index.sign_of_life().unlink(missing_ok=True)
        index.folder().mkdir(parents=True, exist_ok=True, mode=0o700)
        for old in set(index.folder().glob("v*")) - {index.tree()}:
            shutil.rmtree(old)
        try:
            self.index = Index.open(str(index.tree()))
        except Exception as error:  # missing, half written, damaged: all the same
            log.log(
                logging.WARNING if index.tree().exists() else logging.INFO,
                "the index is built anew: %s",
                error,
            )
            shutil.rmtree(index.tree(), ignore_errors=True)
            index.tree().mkdir()
            self.index = Index(indexing.schema(), path=str(index.tree()))
        self.index.config_reader("manual")
        self.writer = self.index.writer(heap_size=HEAP, num_threads=1)
        #: the youngest change seen, but never later than the last look began: a host whose clock
        #: is ahead must not hide what the others change; None until all has been compared once
        self.newest: datetime | None = None
        #: when it began to look the last time
        self.looked = timezone.now()
        #: up to which entry the comparison of everything has come; None: it is not at it
        self.compared_to: int | None = None
        self.compared = 0.0

    def intact(self) -> bool:
        return (index.tree() / "meta.json").exists()

    def look(self, over: Callable[[], bool] = lambda: False) -> int:
        """Bring the index to what the database says now: what changed lately, and a slice of all;
        at first, all of it, unless it is ``over`` before. Returns how many entries were written or
        taken out."""
        start = timezone.now()
        if self.newest is None:
            newest = Entry.objects.aggregate(newest=Max("updated_at"))["newest"]
            self.compared_to, written = 0, 0
            while self.compared_to is not None and not over():
                written += self._slice()
            if self.compared_to is not None:
                return written
            self.newest = min(newest or LONG_AGO, start)
        else:
            written = self._lately(start)
            if self.compared_to is None and time.monotonic() - self.compared > WHOLE:
                self.compared_to = 0
            if self.compared_to is not None:
                written += self._slice()
        self.looked = start
        index.sign_of_life().touch()
        return written

    def _lately(self, start: datetime) -> int:
        assert self.newest is not None  # noqa: S101 - compared once
        changed = indexing.changed(self.newest - OVERLAP, self.looked - OVERLAP)
        changes = indexing.stamps(changed)
        written = 0
        while some := list(islice(changes, SLICE)):
            self.newest = min(max(self.newest, *(at for _, at, _ in some)), start)
            stamps = {pk: stamp for pk, _, stamp in some}
            written += self._write(stamps, self._held(indexing.indexed_of, list(stamps)))
        return written

    def _slice(self) -> int:
        """Compare the next entries, and what the index holds up to the last of them: no more than
        a slice of either; behind the last of all, whatever the index holds is taken out."""
        assert self.compared_to is not None  # noqa: S101 - at it
        first = self.compared_to
        stamps = {pk: stamp for pk, _, stamp in indexing.stamps(indexing.behind(first, SLICE))}
        last = max(stamps) if len(stamps) == SLICE else None
        held = self._held(indexing.indexed, first + 1, last, SLICE)
        if len(held) == SLICE:  # there may be more of them
            last = max(held)
            stamps = {pk: stamp for pk, stamp in stamps.items() if pk <= last}
        written = self._write(stamps, held)
        self.compared_to = last
        if last is None:
            self.compared = time.monotonic()
        return written

    def _held(self, ask: Callable[..., dict[int, int]], *what: Any) -> dict[int, int]:
        """What the index holds of these; one that cannot say so is built anew by the next
        follower."""
        try:
            return ask(self.index, *what)
        except Exception:
            shutil.rmtree(index.tree(), ignore_errors=True)
            raise

    def _write(self, stamps: dict[int, int], held: dict[int, int]) -> int:
        """Write what differs, take out what is not to be there."""
        changed = {pk: stamp for pk, stamp in stamps.items() if held.get(pk, 0) != stamp}
        changed |= dict.fromkeys(held.keys() - stamps.keys(), 0)
        for pk in changed.keys() & held.keys():
            # by_term takes the id for signed
            self.writer.delete_documents_by_query(Query.term_query(self.index.schema, "id", pk))
        for document in indexing.documents({pk: stamp for pk, stamp in changed.items() if stamp}):
            self.writer.add_document(document)
        if changed:
            commits.note(index.tree(), commits.number_of(index.tree()), changed)
            self.writer.commit()
            self.index.reload()
        return len(changed)


def follow(stop: Event) -> None:
    """Follow the catalog until ``stop`` is set; while another follower is at it on this data
    folder, wait quietly."""
    with _turn(stop) as own_turn:
        follower: Follower | None = None
        trouble = ""
        while own_turn and not stop.is_set():
            try:
                if follower is None or not follower.intact():
                    follower = None  # lets go of tantivy's lock
                    follower = Follower()
                if written := follower.look(stop.is_set):
                    log.info("%d entries", written)
                trouble = ""
            # the database is away, the disk is full: pages ask SQL meanwhile
            except Exception as error:
                if trouble != (trouble := type(error).__name__):
                    log.warning("cannot follow the catalog, trying again: %s", error)
                follower = None
                connection.close()
                stop.wait(PAUSE)
            stop.wait(INTERVAL)
        if own_turn:
            index.sign_of_life().unlink(missing_ok=True)
    connection.close()


@contextmanager
def _turn(stop: Event) -> Iterator[bool]:
    """Hold the one place of a follower on this data folder. A lock of the kernel's: it goes with
    the process, however that ends."""
    run = Path(settings.DATA) / "run"
    run.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(run / "index.lock", "a") as file:
        while not stop.is_set():
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                stop.wait(INTERVAL)
            else:
                yield True
                return
        yield False
