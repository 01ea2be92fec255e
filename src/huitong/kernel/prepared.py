"""SQL that PostgreSQL plans once a connection: planning costs a page more than answering."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor

Row = tuple[Any, ...]


class Prepared(ServerBindingCursor):
    """A cursor that sends parameters apart from the statement.

    Django's own writes them into the text, which PostgreSQL then plans anew each time.
    """

    _query: Any

    def execute(self, query: Any, params: Any = None, **more: Any) -> Any:
        answer = super().execute(query, params, prepare=True, **more)
        # for Django's log: psycopg holds no text of what is prepared already
        if connection.queries_logged and self._query is None:
            self._query = SimpleNamespace(query=query.encode())
        return answer


def fetch(sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
    """The rows a statement gives, asked as Django asks: with its wrappers, log and errors."""
    connection.ensure_connection()
    with connection._prepare_cursor(Prepared(connection.connection)) as cursor:
        cursor.execute(sql, parameters)
        rows: list[Row] = cursor.fetchall()
    return rows
