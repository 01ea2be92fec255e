"""The shaping service by itself, on a real database: paging, odd values, sources that are slow,
gone or restarted (A8, A28, A30)."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest

from huitong.planes.gateway.engine import sources
from huitong.planes.gateway.engine.shaping import Service
from huitong.planes.gateway.engine.store import Store
from huitong.planes.gateway.tests.serving import put_facts

TABLES = """
CREATE TABLE named (id text PRIMARY KEY);
INSERT INTO named SELECT x || n
  FROM unnest(ARRAY['a', 'B', 'ab', 'Ab', 'é', '张', '-c']) AS x, generate_series(1, 5) AS n;
CREATE TABLE padded (id char(8) PRIMARY KEY);
INSERT INTO padded SELECT x || n
  FROM unnest(ARRAY['a', 'B', '_', 'b']) AS x, generate_series(1, 9) AS n;
CREATE TABLE numbered (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
INSERT INTO numbered SELECT FROM generate_series(1, 20);
CREATE TABLE timed (id timestamp PRIMARY KEY);
INSERT INTO timed SELECT '2026-01-01 08:00'::timestamp + n * interval '1.5 seconds'
  FROM generate_series(1, 20) AS n;
CREATE TABLE dated (id date PRIMARY KEY);
INSERT INTO dated SELECT date '2026-01-01' + n FROM generate_series(1, 20) AS n;
CREATE TABLE priced (id numeric(30, 8) PRIMARY KEY);
INSERT INTO priced SELECT n * 100000000000000000000 FROM generate_series(1, 20) AS n;
CREATE TABLE lettered (id integer PRIMARY KEY);  -- cataloged as text
INSERT INTO lettered SELECT generate_series(1, 20);
CREATE TABLE odd (
  id int PRIMARY KEY, "until" date, since timestamptz, rate double precision, photo bytea);
INSERT INTO odd VALUES
  (1, 'infinity', '-infinity', 'NaN', '\\x00ff'),
  (2, '0044-03-15 BC', '20000-01-01', 'Infinity', NULL),
  (3, '2026-11-23', '2026-11-23 12:00+08', 1.5, '');
CREATE VIEW slow AS SELECT id, pg_sleep(60)::text AS nap FROM odd;
"""
TYPES = {
    "named": ("C", "text"),
    "padded": ("C", "character(8)"),
    "numbered": ("C", "uuid"),
    "timed": ("T", "timestamp without time zone"),
    "dated": ("D", "date"),
    "priced": ("N", "numeric(30,8)"),
    "lettered": ("C", "integer"),
}


@pytest.fixture(scope="module")
def source(embedded_postgres) -> str:
    with psycopg.connect(embedded_postgres.superuser_url, autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS shaping_source WITH (FORCE)")
        server.execute("CREATE DATABASE shaping_source")
        for role in ("shaping_reader", "shaping_other"):
            server.execute(f"DROP ROLE IF EXISTS {role}")
            server.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'x' CONNECTION LIMIT {sources.OPEN}")
    url: str = embedded_postgres.superuser_url.rsplit("/", 1)[0] + "/shaping_source"
    with psycopg.connect(url) as db:
        db.execute(TABLES)
        db.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO shaping_reader, shaping_other")
    return url


class Api:
    """A shaping service over these tables, each with a grant of the same name; ``ask`` is one
    call."""

    def __init__(self, url: str, place: Path) -> None:
        self.url, self.place, self.service = (
            psycopg.conninfo.conninfo_to_dict(url),
            place,
            Service(place),
        )
        self.say()

    def say(self, user: str = "shaping_reader", **changes: Any) -> None:
        parts = self.url
        address = {
            "host": parts["host"],
            "port": int(parts["port"]),
            "database": parts["dbname"],
            "user": user,
            "password": "x",
            "tls": "disable",
        }
        grants: list[dict[str, Any]] = []
        for table, (kind, sql_type) in TYPES.items():
            grants.append({"table": table, "items": {"id": (kind, sql_type)}})
        grants.append(
            {
                "table": "odd",
                "items": {
                    "id": ("I", "integer"),
                    "until": ("D", "date"),
                    "since": ("T", "timestamp with time zone"),
                    "rate": ("B", "double precision"),
                    "photo": ("G", "bytea"),
                },
            }
        )
        grants.append({"table": "slow", "items": {"id": ("I", "integer"), "nap": ("C", "text")}})
        self.numbers = {g["table"]: n for n, g in enumerate(grants, 1)}
        put_facts(
            Store(self.place),
            [f"127.0.0.1:{parts['port']}"],
            [
                {"id": n, "address": address | changes, "schema": "public", "table": table}
                for table, n in self.numbers.items()
            ],
            [
                {
                    "id": n,
                    "mount": n,
                    "key": ["id"],
                    "scope": {"items": list(g["items"])},
                    "columns": {
                        item: {"column": item, "type": kind, "sql_type": sql}
                        for item, (kind, sql) in g["items"].items()
                    },
                }
                for n, g in enumerate(grants, 1)
            ],
        )

    def ask(self, table: str, **params: Any) -> tuple[int, dict[str, Any]]:
        statuses: list[str] = []
        number = str(self.numbers[table])
        body = self.service(
            {
                "HTTP_X_HUITONG_PROOF": "p",
                "HTTP_X_HUITONG_GRANT": number,
                "HTTP_X_HUITONG_MOUNT": number,
                "QUERY_STRING": urlencode(params),
            },
            lambda status, headers: statuses.append(status),
        )
        return int(statuses[0][:3]), json.loads(b"".join(body))


@pytest.fixture
def api(source: str, tmp_path: Path) -> Iterator[Api]:
    started = Api(source, tmp_path)
    yield started
    started.service.sources.keep([])


@pytest.mark.parametrize("table", TYPES)
def test_pages_reach_every_row_once_whatever_the_key(api: Api, source: str, table: str):
    ids: list[str] = []
    after: dict[str, str] = {}
    for _ in range(60):
        status, page = api.ask(table, limit=3, **after)
        assert status == 200, page
        ids += [row["id"] for row in page["items"]]
        if not page["more"]:
            break
        after = {"after": page["after"]}
    with psycopg.connect(source) as db:
        rows = db.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert rows and len(ids) == len(set(ids)) == rows[0]


def test_values_python_and_json_have_no_room_for_cost_nobody_the_other_rows(api: Api):
    status, page = api.ask("odd")
    assert status == 200
    assert [row["until"] for row in page["items"]] == ["infinity", "0044-03-15 BC", "2026-11-23"]
    assert [row["rate"] for row in page["items"]] == ["NaN", "Infinity", 1.5]
    assert [row["photo"] for row in page["items"]] == ["\\x00ff", None, "\\x"]
    assert (
        page["items"][0]["since"] == "-infinity"
        and page["items"][2]["since"] == "2026-11-23T12:00:00+08:00"
    )


def test_more_parameters_than_a_planner_minds_are_refused(api: Api):
    status, body = api.ask("named", **{f"p{n}": n for n in range(60)})
    assert status == 422 and "50" in body["detail"]


def test_a_slow_source_uses_up_neither_its_connections_nor_our_threads(
    api: Api, source: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sources, "PATIENCE_S", 0.2)
    answers: list[tuple[int, str]] = []

    def nap() -> None:
        status, body = api.ask("slow")
        answers.append((status, body["code"]))

    threads = [threading.Thread(target=nap) for _ in range(sources.OPEN + 6)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + 15
    while len(answers) < 6 and time.monotonic() < end:
        time.sleep(0.05)
    assert answers == [(503, "source_busy")] * 6, (
        "who finds every connection taken is told so, soon"
    )
    other = Api(source, api.place)
    other.service = api.service
    other.say(user="shaping_other")
    assert other.ask("named")[0] == 200, "another source is served meanwhile"
    with psycopg.connect(source, autocommit=True) as db:
        db.execute(
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = 'shaping_reader'"
        )
    for thread in threads:
        thread.join(10)
    assert answers[6:] == [(503, "source_timeout")] * sources.OPEN
    api.say()
    assert api.ask("named")[0] == 200, "no connection was lost"


def test_a_connection_that_died_in_its_sleep_costs_no_call(api: Api, source: str):
    assert api.ask("named")[0] == 200
    with psycopg.connect(source, autocommit=True) as db:
        assert db.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE usename = 'shaping_reader'"
        ).fetchone() != (0,)
    assert api.ask("named")[0] == 200


def test_a_source_that_does_not_answer_is_not_described_to_the_caller(
    api: Api, caplog: pytest.LogCaptureFixture
):
    for changes in ({"port": 1}, {"password": "changed"}, {"host": "10.255.255.1"}):
        api.say(**changes)
        status, body = api.ask("named")
        assert (status, body["code"], body["who"]) == (503, "source_unavailable", "提供部门")
        text = json.dumps(body, ensure_ascii=False)
        assert not any(
            word in text for word in ("127.0.0.1", "10.255.255.1", "shaping_reader", "密码", "网段")
        )
    assert "address_refused" in caplog.text, "the operator reads why"
