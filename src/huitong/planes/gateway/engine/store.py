"""The configuration that gateway and shaping service go by: items in one small database beside
them.

It is written by `reconcile` in whole steps, each with the next serial number, and read by the
control server and the shaping service, which see each step whole or not at all. They need nothing
else to start: no database of the platform, no page, no worker.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field
from pathlib import Path

#: name of the file in the gateway's folder
NAME = "configuration.sqlite3"
SCHEMA = """
CREATE TABLE IF NOT EXISTS item (
    kind TEXT NOT NULL, name TEXT NOT NULL, body BLOB NOT NULL, version TEXT NOT NULL,
    made_of TEXT NOT NULL, mount INTEGER NOT NULL, removed INTEGER NOT NULL,
    serial INTEGER NOT NULL, PRIMARY KEY (kind, name));
CREATE INDEX IF NOT EXISTS item_serial ON item (serial);
CREATE INDEX IF NOT EXISTS item_mount ON item (kind, mount);
CREATE TABLE IF NOT EXISTS node (
    name TEXT PRIMARY KEY, connected INTEGER NOT NULL, serial INTEGER NOT NULL,
    refused TEXT NOT NULL);
"""
#: seconds a writer waits for another
PATIENCE_S = 10.0


@dataclass(frozen=True)
class Item:
    """One object of the configuration. ``made_of``: what it was compiled from, so that an
    unchanged one need not be compiled again; ``mount``: the mount it is about, 0 = none."""

    kind: str
    name: str
    body: bytes
    made_of: str = ""
    mount: int = 0

    @property
    def version(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:16]


@dataclass(frozen=True)
class Change:
    """An item as it is since ``serial``; ``body`` None = it is gone."""

    serial: int
    kind: str
    name: str
    version: str
    body: bytes | None


@dataclass(frozen=True)
class Node:
    """A gateway by its last report: whether it is connected, up to which serial it has answered
    everything, and what it refused (kind and name) for which reason."""

    name: str
    connected: bool
    serial: int
    refused: Mapping[str, str] = field(default_factory=dict)


class Store:
    """The items of one gateway folder. Every thread has a connection of its own."""

    def __init__(self, place: Path) -> None:
        self.path = place / NAME
        self._own = threading.local()
        if not self.path.exists():  # readable by us alone from the first byte on: it has passwords
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        with self._writing() as database:
            for statement in SCHEMA.split(";"):
                database.execute(statement)

    def close(self) -> None:
        """Close this thread's connection."""
        if (database := getattr(self._own, "database", None)) is not None:
            database.close()
            del self._own.database

    def write(self, items: Iterable[Item], removed: Iterable[tuple[str, str]] = ()) -> int:
        """Put items in place and take others (kind, name) away, in one step. Returns the serial
        of the step, 0 when nothing was different."""
        with self._writing() as database:
            serial = self._last(database) + 1
            changes = 0
            for item in items:
                changes += database.execute(
                    "INSERT INTO item VALUES (?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT (kind, name)"
                    " DO UPDATE SET body = excluded.body, version = excluded.version,"
                    " made_of = excluded.made_of, mount = excluded.mount, removed = 0,"
                    " serial = excluded.serial"
                    " WHERE removed OR version <> excluded.version OR made_of <> excluded.made_of"
                    " OR mount <> excluded.mount",
                    (*astuple(item)[:3], item.version, item.made_of, item.mount, serial),
                ).rowcount
            for kind, name in removed:
                changes += database.execute(
                    "UPDATE item SET body = '', version = '', made_of = '', removed = 1,"
                    " serial = ? WHERE kind = ? AND name = ? AND NOT removed",
                    (serial, kind, name),
                ).rowcount
        return serial if changes else 0

    def changes(self, since: int, kind: str | None = None) -> list[Change]:
        """What is different since a serial, oldest first."""
        rows = self._database.execute(
            "SELECT serial, kind, name, version, removed, body FROM item WHERE serial > ?"
            " AND (? IS NULL OR kind = ?) ORDER BY serial, kind, name",
            (since, kind, kind),
        )
        return [
            Change(serial, of, name, version, None if removed else body)
            for serial, of, name, version, removed, body in rows
        ]

    def body(self, kind: str, name: str) -> bytes | None:
        """The body of an item; None when there is no such item."""
        row = self._database.execute(
            "SELECT body FROM item WHERE kind = ? AND name = ? AND NOT removed", (kind, name)
        ).fetchone()
        return row[0] if row else None

    def made_of(self, kind: str, mounts: Collection[int] | None = None) -> dict[str, str]:
        """What each item of a kind was compiled from, by its name; of all mounts or of some."""
        rows = self._database.execute(
            "SELECT name, made_of FROM item WHERE kind = ? AND NOT removed"
            " AND (? IS NULL OR mount IN (SELECT value FROM json_each(?)))",
            (kind, *[None if mounts is None else json.dumps(sorted(mounts))] * 2),
        )
        return dict(rows.fetchall())

    def mounts(self) -> set[int]:
        """The mounts there are items about."""
        rows = self._database.execute("SELECT DISTINCT mount FROM item WHERE NOT removed")
        return {mount for (mount,) in rows if mount}

    def serial(self) -> int:
        """The serial of the last step."""
        return self._last(self._database)

    def stamp(self) -> int:
        """A number that is another one whenever somebody else has written. It is read from
        memory, fit to be asked for many times a second."""
        return int(self._database.execute("PRAGMA data_version").fetchone()[0])

    def report(self, node: Node) -> None:
        """Keep what a gateway has reported."""
        with self._writing() as database:
            database.execute(
                "INSERT INTO node VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
                " connected = excluded.connected, serial = excluded.serial,"
                " refused = excluded.refused",
                (node.name, node.connected, node.serial, json.dumps(dict(node.refused))),
            )

    def nodes(self) -> Mapping[str, Node]:
        """The gateways that have ever reported, by name."""
        rows = self._database.execute("SELECT name, connected, serial, refused FROM node")
        return {
            name: Node(name, bool(connected), serial, json.loads(refused))
            for name, connected, serial, refused in rows
        }

    @staticmethod
    def _last(database: sqlite3.Connection) -> int:
        return int(database.execute("SELECT coalesce(max(serial), 0) FROM item").fetchone()[0])

    @property
    def _database(self) -> sqlite3.Connection:
        if (database := getattr(self._own, "database", None)) is None:
            database = sqlite3.connect(self.path, timeout=PATIENCE_S, isolation_level=None)
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")
            self._own.database = database
        return database

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One writer at a time, all or nothing."""
        database = self._database
        database.execute("BEGIN IMMEDIATE")
        try:
            yield database
        except BaseException:
            database.execute("ROLLBACK")
            raise
        database.execute("COMMIT")
