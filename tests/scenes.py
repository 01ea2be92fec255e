"""Scenes that many tests begin with, played once a process and set up again from their rows.

A pytest plugin. ``scenes.play(key, build)`` answers what ``build`` makes of an untouched database;
the second test that begins the same way gets the same rows and objects without the acts that made
them, which is a sixth of the time of the suite. Who wrote anything before, or changed a setting, a
function or the clock, has the scene built anew.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings as product
from django.db import connection, transaction
from django.utils import timezone

WRITES = re.compile(
    r"\s*(?:INSERT|UPDATE|DELETE|COPY|TRUNCATE|ALTER|CREATE|DROP|"
    r"WITH\b.*\b(?:INSERT|UPDATE|DELETE))\b",
    re.IGNORECASE | re.DOTALL,
)
#: settings of the stages themselves
OWN = {"ALLOWED_NETWORKS"}
#: what signing in writes
SESSIONS = ("django_session", 'SET "last_login"')
TABLES = """
SELECT c.oid::regclass::text,
       (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
         WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''),
       (SELECT quote_ident(a.attname) FROM pg_index i JOIN pg_attribute a
            ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
         WHERE i.indrelid = c.oid AND i.indisprimary)
  FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY 1
"""


@dataclass(frozen=True)
class Rows:
    """The rows a scene has put into a table, as text for COPY; ``without``: the keys of those that
    were there before and are not any more, or not as they were."""

    table: str
    columns: str
    key: str
    without: tuple[str, ...]
    text: bytes


@dataclass(frozen=True)
class Scene:
    """What a scene leaves behind: rows, and the objects that answer for them."""

    rows: tuple[Rows, ...]
    answer: bytes


#: the scenes of this process; None = one that cannot be set up from rows
SCENES: dict[tuple[Any, ...], Scene | None] = {}


class Stage:
    """The database of one test. ``past``: the scenes played so far, None once anything else was
    written."""

    def __init__(self, changed: Callable[[], bool]) -> None:
        self.past: tuple[Any, ...] | None = (str(product.DATA), timezone.localdate())
        self._changed, self._playing = changed, False

    def watch(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Notice what is written (an execute wrapper of Django's)."""
        if not self._playing and self.past is not None:
            text = sql if isinstance(sql, str) else sql.as_string()
            if WRITES.match(text) and not any(words in text for words in SESSIONS):
                self.past = None
        return execute(sql, params, many, context)

    def play(self, key: tuple[Any, ...], build: Callable[[], Any]) -> Any:
        """What ``build`` answers, with its rows in the database."""
        if self._playing:
            return build()  # a scene of a scene
        ticking = abs((timezone.now() - datetime.now(UTC)).total_seconds()) < 1
        rolled_back = connection.in_atomic_block  # what is committed has numbers of its own
        if self.past is None or not rolled_back or self._changed() or not ticking:
            self.past = None
            return build()
        whole = (*self.past, key)
        self._playing = True
        try:
            if whole not in SCENES:
                answer, SCENES[whole] = _recorded(build)
            elif (scene := SCENES.get(whole)) is not None:
                _set_up(scene)
                answer = pickle.loads(scene.answer)
            else:
                answer = build()
        finally:
            self._playing = False
        self.past = whole if SCENES.get(whole) is not None else None
        return answer


def _recorded(build: Callable[[], Any]) -> tuple[Any, Scene | None]:
    """What is built, and how to set it up again."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE scene_begins ()")
        cursor.execute("INSERT INTO scene_begins DEFAULT VALUES RETURNING xmin::text::bigint")
        mark = cursor.fetchone()[0]
        cursor.execute("DROP TABLE scene_begins")
        cursor.execute(TABLES)
        tables = cursor.fetchall()
        before = _keys(cursor, tables)
        answer = build()
        after = _keys(cursor, tables)
        rows = []
        for name, columns, key in tables:
            where = f"{name} WHERE xmin::text::bigint >= {mark}"
            cursor.execute(f"SELECT {key}::text FROM {where}")
            written = {row[0] for row in cursor.fetchall()}
            without = (before[name] - after[name]) | (before[name] & written)
            if written or without:
                with cursor.copy(f"COPY (SELECT {columns} FROM {where}) TO STDOUT") as copy:
                    text = b"".join(bytes(part) for part in copy)
                rows.append(Rows(name, columns, key, tuple(without), text))
    with suppress(pickle.PicklingError, TypeError, AttributeError):
        return answer, Scene(tuple(rows), pickle.dumps(answer))
    return answer, None


def _keys(cursor: Any, tables: list[tuple[str, str, str]]) -> dict[str, set[str]]:
    cursor.execute(
        " UNION ALL ".join(
            f"SELECT '{table}', array_agg({key}::text) FROM {table}" for table, _, key in tables
        )
    )
    return {table: set(keys or ()) for table, keys in cursor.fetchall()}


def _set_up(scene: Scene) -> None:
    """Put the rows in place, without the triggers that have done their work on them."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for rows in scene.rows:
            if rows.without:
                cursor.execute(
                    f"DELETE FROM {rows.table} WHERE {rows.key}::text = ANY(%s)",
                    [list(rows.without)],
                )
            if rows.text:
                with cursor.copy(f"COPY {rows.table} ({rows.columns}) FROM STDIN") as copy:
                    copy.write(rows.text)
        cursor.execute("UPDATE kernel_entry SET xid = pg_current_xact_id()::text::bigint")
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.fixture
def scenes(request: pytest.FixtureRequest, settings: Any) -> Iterator[Stage]:
    """The stage of this test, on a database nobody has written to."""
    request.getfixturevalue("live_db" if "live_db" in request.fixturenames else "db")
    patches = request.getfixturevalue("monkeypatch")

    def changed() -> bool:
        others = (name for over in settings._to_restore for name in over.options)
        return bool(patches._setattr or patches._setitem or set(others) - OWN)

    stage = Stage(changed)
    if {"planes", "journeys"} & set(request.path.parts):
        stage.past = None  # what they move lies outside the database, under a grant's number
    with connection.execute_wrapper(stage.watch):
        yield stage
