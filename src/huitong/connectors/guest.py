"""Our manners at somebody else's database: whatever we set ends with our transaction (A13, A28).

Between us and the database there may be a pooler that hands one server connection to many clients,
a transaction each: a ``SET`` of ours would stay behind for the provider's own applications. So
nothing is set outside a transaction, and nothing inhabits the session: no prepared statements, no
session locks, no temporary tables at a source.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import pq
from psycopg.errors import error_from_result

from huitong.connectors.problems import ConnectorProblem
from huitong.scope.pages import Statement
from huitong.scope.sql import Query

TIME_ZONE = "Asia/Shanghai"  # moments are compared as `huitong.scope` compares them

#: what every transaction of ours sets for itself, whatever database, account or server have as
#: default
SETTINGS = {
    # how values are written: both sides of a delivery are compared as text
    "TimeZone": f"'{TIME_ZONE}'",
    "DateStyle": "'ISO, YMD'",
    "IntervalStyle": "postgres",
    "extra_float_digits": "3",
    "bytea_output": "hex",
    "xmloption": "content",
    "standard_conforming_strings": "on",
    "quote_all_identifiers": "off",
    # which rows there are: hidden ones are an error, never silently missing
    "row_security": "off",
    "gin_fuzzy_search_limit": "0",
    # where names without a schema are looked up: where the account looks, for a view may call
    # functions that rely on it. Anybody may have put a function or operator of any name there:
    # every name of ours, also of operators, is qualified, or stands in `our_path`
    "search_path": "DEFAULT",
    # how long anything may take
    "lock_timeout": "'10s'",
}


class GuestConnection(psycopg.Connection[tuple[Any, ...]]):
    """A connection whose every transaction begins with our settings and leaves nothing behind.

    ``label``: what its administrator sees it as. ``statement_s``: longest statement, 0 = no limit.
    ``idle_s``: longest pause within a transaction, 0 = no limit.
    """

    label: str = "huitong"
    statement_s: int = 0
    idle_s: int = 600

    def begin(self) -> None:
        """Begin a transaction, unless one is open, without taking its snapshot yet. With our
        settings in one message: each is a journey."""
        if self.autocommit:
            raise ValueError("a guest works in transactions only")
        if self._between:
            self._carry_out(self._get_tx_start_command() + b"; " + self._settings())

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        """As psycopg's; the first one begins a transaction. Raises ValueError when somebody
        wants to do without."""
        self.begin()
        return super().cursor(*args, **kwargs)

    @contextmanager
    def transaction(
        self, savepoint_name: str | None = None, force_rollback: bool = False
    ) -> Iterator[psycopg.Transaction]:
        """As psycopg's; the outermost begins with our settings."""
        outermost = self._between
        with super().transaction(savepoint_name, force_rollback) as block:
            if outermost:
                self._carry_out(self._settings())
            yield block

    @property
    def _between(self) -> bool:
        return self.pgconn.transaction_status == pq.TransactionStatus.IDLE

    def _settings(self) -> bytes:
        """``SET LOCAL`` takes no snapshot: whoever wants one younger than a lock can still take
        the lock first."""
        settings = SETTINGS | {
            "application_name": f"'{self.label}'",
            "statement_timeout": f"'{self.statement_s}s'",
            "idle_in_transaction_session_timeout": f"'{self.idle_s}s'",
        }
        if self.info.server_version >= 170000:
            settings["transaction_timeout"] = "0"
        return "; ".join(f"SET LOCAL {name} = {value}" for name, value in settings.items()).encode()

    def _carry_out(self, commands: bytes) -> None:
        result = self.pgconn.exec_(commands)
        if result.status != pq.ExecStatus.COMMAND_OK:
            raise error_from_result(result)


@contextmanager
def our_path(connection: psycopg.Connection) -> Iterator[None]:
    """Within, names without a schema are the database's own, and types are shown with theirs: for
    reading its catalog.

    After a failure the transaction is of no use.
    """
    connection.execute("SET LOCAL search_path TO pg_catalog")
    yield
    connection.execute("SET LOCAL search_path TO DEFAULT")


def check_characters(connection: psycopg.Connection, query: Query | Statement) -> None:
    """A database without an encoding counts bytes: a mask would cut Chinese names apart and show
    more than it may.

    Raises `ConnectorProblem`.
    """
    if (
        query.counts_characters
        and connection.info.parameter_status("server_encoding") == "SQL_ASCII"
    ):
        raise ConnectorProblem("no_characters")
