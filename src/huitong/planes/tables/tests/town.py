"""A provider's and a consumer's database for the tests of the engine."""

from __future__ import annotations

import re
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import psycopg
import pytest

from huitong.connectors import DatabaseAddress, Guard, connect, scan
from huitong.planes.tables.engine import Delivery, DeliveryProblem, Plan, plan_for, run
from huitong.scope import Prefix, Scope
from huitong.scope.masks import named

PEOPLE = """
DROP TABLE IF EXISTS public.marriage;
CREATE TABLE public.marriage (
  id bigint PRIMARY KEY, xm varchar(64) NOT NULL, id_no char(18), phone varchar(20),
  code char(6), born date, fee numeric(10,2), score float8,
  note text, made timestamptz, hidden text);
COMMENT ON TABLE public.marriage IS '婚姻登记'; COMMENT ON COLUMN public.marriage.xm IS '姓名';
INSERT INTO public.marriage
SELECT n, (ARRAY['张三','李四光','王五'])[1 + n % 3],
       '320613199001' || lpad((n % 1000000)::text, 6, '0'), '138' || lpad(n::text, 8, '0'),
       (ARRAY['320613','320623','330101'])[1 + n % 3], date '1990-01-01' + n % 9999, n / 7.0,
       sqrt(n), CASE WHEN n % 5 > 0 THEN E'行\\t' || n || E'\\n\\\\' END,
       timestamptz '2020-02-19 08:00:00+08' + n * interval '1.000001 second', 'secret'
  FROM generate_series(1, 900) n;
"""
SCOPE = Scope(
    ("id", "xm", "id_no", "code", "fee", "note", "made"),
    Prefix("code", "3206"),
    {"xm": named("name"), "id_no": named("citizen_number")},
)


@dataclass
class Town:
    """Provider's and consumer's databases, with a way to look into each."""

    source: DatabaseAddress
    target: DatabaseAddress
    provider: psycopg.Connection
    consumer: psycopg.Connection
    guard: Guard

    def plan(self, run_id: str, scope: Scope = SCOPE, **more: Any) -> Plan:
        with connect(self.source, guard=self.guard) as reading:
            (table,) = scan(
                reading, more.pop("schema", "public"), only=[more.pop("table", "marriage")]
            )
        return plan_for(run_id, "grant-7", table, scope, ("public", "marriage_in"), **more)

    def run(
        self, run_id: str, scope: Scope = SCOPE, keys: dict[str, bytes] | None = None, **more: Any
    ) -> Delivery:
        return run(
            self.plan(run_id, scope, **more), self.source, self.target, guard=self.guard, keys=keys
        )

    def fails(self, plan: Plan, **more: Any) -> DeliveryProblem:
        before = self.arrived()
        with pytest.raises(DeliveryProblem) as stopped:
            run(
                plan,
                more.pop("source", self.source),
                more.pop("target", self.target),
                guard=self.guard,
                **more,
            )
        assert self.arrived() == before  # whatever the name: nothing was changed
        return stopped.value

    def reader(self, name: str = "reader") -> Town:
        """The same, read by another account at the source (`role`)."""
        return replace(self, source=replace(self.source, user=name, password="x"))

    def arrived(self) -> list[Any] | None:
        if self.consumer.execute("SELECT to_regclass('public.marriage_in')").fetchone() == (None,):
            return None
        return self.consumer.execute("SELECT * FROM public.marriage_in ORDER BY 1").fetchall()


class Cutting:
    """A way to a server that loses the answer to the first delivery's COMMIT: the server has
    done it, the client never hears of it."""

    def __init__(self, port: int) -> None:
        self._server, self._left, self._open = port, 1, []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Refuse and drop every connection from now on."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # wakes who waits to accept
        for held in (self._listening, *self._open):
            held.close()

    def guard(self, *others: int) -> Guard:
        return Guard.of([f"127.0.0.1:{port}" for port in (self.port, *others)])

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._pass, args=(client,), daemon=True).start()

    def _pass(self, client: socket.socket) -> None:
        with (
            suppress(OSError, ValueError),
            client,
            socket.create_connection(("127.0.0.1", self._server)) as server,
        ):
            self._open += [client, server]
            recorded = False
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    if not (data := ready.recv(65536)):
                        return
                    recorded = recorded or (b"huitong_runs" in data and b"INSERT INTO" in data)
                    if (
                        ready is client
                        and recorded
                        and self._left
                        and data == b"Q\x00\x00\x00\x0bCOMMIT\x00"
                    ):
                        self._left = 0
                        server.sendall(data)
                        server.recv(65536)  # its "done", which goes no further
                        return
                    (server if ready is client else client).sendall(data)


def address_of(url: str, database: str) -> DatabaseAddress:
    parts = urlsplit(url)
    return DatabaseAddress(
        parts.hostname or "",
        database,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        parts.port or 0,
    )


def inside(address: DatabaseAddress) -> psycopg.Connection:
    """A connection as people of that department have it."""
    return psycopg.connect(
        host=address.host,
        port=address.port,
        dbname=address.database,
        user=address.user,
        password=address.password,
        autocommit=True,
        prepare_threshold=None,
    )


INPUTS = Path(__file__).parents[5] / "tests" / "inputs" / "tables"


def statements(name: str, **names: str) -> list[str]:
    """The statements of an input that once failed, one by one; ``names``: what its databases are
    called here."""
    text = re.sub(r"--.*", "", (INPUTS / name).read_text(encoding="utf-8"))
    for placeholder, real in names.items():
        text = re.sub(rf"\b{placeholder}\b", real, text)
    return [part.strip() for part in text.split(";") if part.strip()]


def emptied(connection: psycopg.Connection) -> None:
    """The database as new."""
    connection.execute(
        "DROP SCHEMA public CASCADE;"
        " CREATE SCHEMA public;"
        " GRANT USAGE, CREATE ON SCHEMA public TO PUBLIC"
    )


@contextmanager
def role(superuser_url: str, name: str, rights: str = "") -> Iterator[None]:
    """An account called ``name`` with the password ``x``; gone in the end."""
    with psycopg.connect(superuser_url, autocommit=True) as root:
        root.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'x' {rights}")
        try:
            yield
        finally:
            for (database,) in root.execute(
                "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate"
            ).fetchall():
                with psycopg.connect(superuser_url, dbname=database, autocommit=True) as there:
                    there.execute(f"DROP OWNED BY {name} CASCADE")
            root.execute(f"DROP ROLE {name}")
