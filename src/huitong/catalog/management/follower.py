"""The index follower: one process per web host that writes the search index as the catalog changes
(A20).

What the index holds is compared with the database, by a stamp per entry, so it needs no memory of
its own: killed at any moment, started on an older index or with a restored database, it puts right
what differs; an index that is missing or cannot be read is built anew. Nobody reads it before it
has been compared.
"""

from __future__ import annotations

import fcntl
import logging
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

from django.conf import settings
from django.db import connection
from tantivy import Index, Query

from huitong.catalog.queries import index

log = logging.getLogger(__name__)
#: seconds between two looks at the database, between two comparisons of everything, and before
#: trying again after a failure
INTERVAL, WHOLE, PAUSE = 0.5, 300.0, 2.0
#: a long transaction commits rows that look older than others already read: so much is read again
#: each time
OVERLAP = timedelta(minutes=2)
BATCH = 500
#: tantivy's memory before it writes to disk
HEAP = 15_000_000


class Follower:
    """The writer of the index in `index.tree()`; a new one after any failure."""

    def __init__(self) -> None:
        index.sign_of_life().unlink(missing_ok=True)
        index.folder().mkdir(parents=True, exist_ok=True, mode=0o700)
        for old in set(index.folder().glob("v*")) - {index.tree()}:
            shutil.rmtree(old)
        try:
            self.indexed = index.indexed()
            opened = Index.open(str(index.tree()))
        except Exception as error:  # missing, half written, damaged: all the same
            log.log(
                logging.WARNING if index.tree().exists() else logging.INFO,
                "the index is built anew: %s",
                error,
            )
            shutil.rmtree(index.tree(), ignore_errors=True)
            index.tree().mkdir()
            self.indexed, opened = {}, Index(index.schema(), path=str(index.tree()))
        self.schema = opened.schema
        self.writer = opened.writer(heap_size=HEAP, num_threads=1)
        self.newest: datetime | None = None
        self.compared = 0.0

    def intact(self) -> bool:
        return (index.tree() / "meta.json").exists()

    def look(self) -> int:
        """Bring the index to what the database says now; returns how many entries were written
        or taken out."""
        start = time.monotonic()
        whole = self.newest is None or start - self.compared > WHOLE
        stamps: dict[int, int] = {}
        for pk, at, stamp in index.stamps(
            None if whole or self.newest is None else self.newest - OVERLAP
        ):
            stamps[pk] = stamp
            self.newest = max(at, self.newest or at)
        changed = {pk: stamp for pk, stamp in stamps.items() if self.indexed.get(pk, 0) != stamp}
        if whole:
            changed |= dict.fromkeys(self.indexed.keys() - stamps.keys(), 0)
            self.compared = start
        if changed:
            self._write(changed)
        index.sign_of_life().touch()
        return len(changed)

    def _write(self, changed: dict[int, int]) -> None:
        for pk in changed:
            # by_term takes the id for signed
            self.writer.delete_documents_by_query(Query.term_query(self.schema, "id", pk))
        stamped = [(pk, stamp) for pk, stamp in changed.items() if stamp]
        for start in range(0, len(stamped), BATCH):
            for document in index.documents(dict(stamped[start : start + BATCH])):
                self.writer.add_document(document)
        self.writer.commit()
        self.indexed = {pk: stamp for pk, stamp in (self.indexed | changed).items() if stamp}


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
                if written := follower.look():
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
