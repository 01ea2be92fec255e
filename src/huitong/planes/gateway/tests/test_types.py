"""Every type of PostgreSQL × its edge values: what a call hands out is JSON, and what the database
itself says the value is (A28).

The pages of the catalog's draft are held to the same list: what a scan proposes, the check accepts;
and no question about such an item fails at the source.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from huitong.catalog.rules import EntryFacts, check
from huitong.catalog.rules.proposals import propose
from huitong.catalog.rules.vocabulary import DOUBTFUL, FITTING, family_of
from huitong.connectors import DatabaseAddress, Guard, connect, scan
from huitong.connectors.scanning import item_type_of
from huitong.planes.gateway.tests.serving import INPUTS, Serving, strictly
from huitong.scope import ItemType, Scope
from huitong.scope.columns import Column
from huitong.scope.sql import as_text, select
from huitong.scope.tests.values import OWN_TYPES, VALUES


@pytest.fixture
def serving(service: Serving) -> Serving:
    service.clear()
    return service


@pytest.fixture(scope="module")
def service(
    provider: psycopg.Connection, embedded_postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Serving]:
    """One for all types: connections are dear."""
    running = Serving(
        embedded_postgres.superuser_url.rsplit("/", 1)[0] + "/provider",
        tmp_path_factory.mktemp("types"),
    )
    yield running
    running.close()


@pytest.fixture(scope="module")
def typed(provider: psycopg.Connection) -> dict[str, str]:
    """A table for each type; → type: table."""
    provider.execute(OWN_TYPES)
    tables = {sql_type: f"typed{n}" for n, sql_type in enumerate(VALUES)}
    for sql_type, table in tables.items():
        provider.execute(f"CREATE TABLE {table} (n serial PRIMARY KEY, v {sql_type})")
        with provider.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {table} (v) VALUES (%s)",
                [(value,) for value in (*VALUES[sql_type], None)],
            )
    return tables


def values_in_database(provider: psycopg.Connection, table: str, sql_type: str) -> list[Any]:
    """Each value as PostgreSQL makes JSON of it, its numerics as PostgreSQL writes them."""
    base = {"public.price": "numeric", "public.prices": "numeric[]"}.get(sql_type, sql_type)
    cast = (
        "::text::text[]"
        if base.startswith("numeric") and base.endswith("[]")
        else "::text"
        if base.startswith("numeric")
        else ""
    )
    rows = provider.execute(f"SELECT to_json(v{cast})::text FROM {table} ORDER BY n").fetchall()
    return [None if text is None else strictly(text.encode()) for (text,) in rows]


@pytest.mark.parametrize("sql_type", VALUES)
def test_every_value_arrives_as_the_database_has_it(
    serving: Serving, provider: psycopg.Connection, typed: dict[str, str], sql_type: str
):
    items = {"n": ("I", "integer"), "v": (item_type_of(sql_type).value, sql_type)}
    number = serving.serve(typed[sql_type], items, key=("n",))
    status, page = serving.ask(number)
    assert status == 200 and [row["v"] for row in page["items"]] == values_in_database(
        provider, typed[sql_type], sql_type
    )
    assert page["items"][-1]["v"] is None and page["count"] == len(VALUES[sql_type]) + 1
    rows, refusal = serving.pages(number, 1)
    assert refusal is None and rows == page["items"]


@pytest.mark.parametrize("sql_type", VALUES)
def test_the_check_accepts_what_a_scan_proposes(
    provider: psycopg.Connection, typed: dict[str, str], sql_type: str
):
    """d10: arrays and ranges were proposed as 通用型 and then refused as such."""
    query = (
        "SELECT format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attname = 'v'"
    )
    declared = provider.execute(query, (typed[sql_type],)).fetchone()
    assert declared
    family = family_of(declared[0])
    assert item_type_of(declared[0]) in FITTING[family] | DOUBTFUL[family]


def test_d10_a_scan_of_arrays_and_ranges_becomes_a_draft_the_check_lets_pass(
    serving: Serving, provider: psycopg.Connection
):
    """d10: submitting what the scan itself had proposed was refused."""
    provider.execute(
        "CREATE SCHEMA IF NOT EXISTS d10; SET search_path TO d10; DROP TABLE IF EXISTS t"
    )
    provider.execute((INPUTS / "d10-array-draft.sql").read_text().encode())
    provider.execute("SET search_path TO public")
    with connect(
        DatabaseAddress(**serving.address), guard=Guard.of(serving.facts["allowed"], [])
    ) as connection:
        [table] = scan(connection, "d10")
    proposal = propose(table)
    assert [(item.column, item.type) for item in proposal.items] == [
        ("id", ItemType.INTEGER),
        ("tags", ItemType.GENERAL),
        ("n", ItemType.GENERAL),
        ("d", ItemType.GENERAL),
    ]
    facts = EntryFacts(name="标签", body="市民政局", items=proposal.items)
    assert [
        finding.message
        for finding in check(facts)
        if finding.rule in ("item_against_column", "item_doubtful")
    ] == []
    wrong = EntryFacts(
        name="标签",
        body="市民政局",
        items=tuple(item.model_copy(update={"type": ItemType.INTEGER}) for item in proposal.items),
    )
    assert {finding.field for finding in check(wrong) if finding.rule == "item_against_column"} == {
        "items.tags",
        "items.n",
        "items.d",
    }
    number = serving.serve(
        "t",
        {item.column: (item.type.value, item.column_type) for item in proposal.items},
        ("id",),
        "d10",
    )
    status, body = serving.ask(number, n=1)
    assert status == 422 and "integer[]" in body["fields"]["n"][0]


#: a value of each family that callers may write
QUERY = {
    "text": "x",
    "number": "1",
    "float": "1",
    "date": "2020-01-01",
    "time": "2020-01-01T00:00:00",
    "truth": "true",
    "": "x",
}


@pytest.mark.parametrize("sql_type", VALUES)
def test_no_question_about_an_item_fails_at_the_source(
    serving: Serving, typed: dict[str, str], sql_type: str
):
    """d10: an array cataloged as a number, as the check once demanded, made every question about
    it a 503. Whatever a clerk calls a column, it is compared, or refused up front with the
    words; only where the type alone cannot tell, the values do."""
    grants = {
        kind: serving.serve(typed[sql_type], {"v": (kind.value, sql_type)}) for kind in ItemType
    }
    for kind, number in grants.items():
        for operator in ("eq", "ge"):
            status, body = serving.ask(number, **{f"v.{operator}": QUERY[kind.family]})
            assert status in (200, 422, 502), (kind, body)
            if status == 422:
                assert kind.label in body["detail"] and sql_type in body["detail"]
            if status == 502:
                assert (body["code"], body["who"]) == (
                    "source_value",
                    "提供部门",
                ) and kind.family != "text"


MASKS: dict[str, dict[str, Any]] = {
    "name": {"kind": "name"},
    "number": {"kind": "citizen_number"},
    "email": {"kind": "email"},
    "address": {"kind": "address"},
    "blank": {"kind": "blank"},
    "token": {"kind": "token", "algorithm": "sm3", "key": "k"},
}


@pytest.mark.parametrize("sql_type", VALUES)
def test_what_a_mask_leaves_of_any_type_is_text_of_the_same_length_or_less(
    serving: Serving, provider: psycopg.Connection, typed: dict[str, str], sql_type: str
):
    """Mounting refuses partial masks on lists and objects; a grant that has one all the same
    shows no more than of a text."""
    texts = [
        row[0]
        for row in provider.execute(f"SELECT v::text FROM {typed[sql_type]} ORDER BY n").fetchall()
    ]
    items = {"n": ("I", "integer"), "v": ("G", sql_type)}
    grants = [
        (
            mask,
            serving.serve(
                typed[sql_type], items, ("n",), masks={"v": mask}, token_keys={"k": "00ff"}
            ),
        )
        for mask in MASKS.values()
    ]
    for mask, number in grants:
        status, page = serving.ask(number)
        assert status == 200
        for text, row in zip(texts, page["items"], strict=True):
            masked = row["v"]
            if text is None or mask["kind"] == "blank":
                assert masked is None
            elif mask["kind"] == "token":
                assert len(masked) == 64
            elif mask["kind"] == "name":
                assert masked == (
                    text[:1] + "*" * (len(text) - 1) if len(text) > 1 else "*" * len(text)
                )
            elif mask["kind"] == "citizen_number":
                assert masked.count("*") >= min(len(text), 1) and len(masked) == len(text)


# -- inputs that once failed -----------------------------------------------------------------------

D_COLUMNS = {
    "d05-json-nan-in-array": {
        "t": (
            {
                "id": ("I", "integer"),
                "zb": ("G", "double precision[]"),
                "ba": ("G", "bytea[]"),
                "dr": ("G", "daterange"),
            },
            [{"id": 1, "zb": ["NaN", "Infinity", 1], "ba": ["\\x00ff"], "dr": "(,2020-01-01)"}],
        )
    },
    "d06-decimal-exponent": {
        "t": (
            {"id": ("I", "integer"), "je": ("N", "numeric(18,8)")},
            [{"id": 1, "je": "0.00000000"}, {"id": 2, "je": "0.00000001"}],
        )
    },
    "d07-lone-surrogate": {
        "t": (
            {"id": ("I", "integer"), "kz": ("M", "json")},
            [{"id": 1, "kz": {"s": "ok"}}, {"id": 2, "kz": {"s": "\ud83d"}}],
        )
    },
    "d08-jsonb-number": {
        "t": (
            {"id": ("I", "integer"), "j": ("M", "jsonb")},
            [{"id": 1, "j": {"n": "12345678901234567.89"}}],
        ),
        "t2": ({"id": ("I", "integer"), "j": ("M", "json")}, [{"id": 1, "j": {"a": 2}}]),
    },
}


@pytest.mark.parametrize("name", D_COLUMNS)
def test_inputs_that_once_made_an_answer_no_json_or_another_value(
    serving: Serving, provider: psycopg.Connection, name: str
):
    """d05: NaN, Python's bytes and ranges in arrays; d06: 0E-8; d07: half a surrogate pair
    stopped every page it was on; d08: numbers in jsonb rounded, the second of two equal names in
    json lost."""
    schema = name[:3]
    provider.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}; SET search_path TO {schema}")
    if provider.execute("SELECT to_regclass('t')").fetchone() == (None,):
        provider.execute((INPUTS / f"{name}.sql").read_text().encode())
    provider.execute("SET search_path TO public")
    for table, (items, rows) in D_COLUMNS[name].items():
        number = serving.serve(table, items, key=("id",), schema=schema)
        assert serving.ask(number)[1]["items"] == rows
        assert serving.pages(number, 1) == (rows, None)
        if table == "t2":
            assert b'{"a":1,"a":2}' in serving.raw(number)[1], "passed on letter by letter"


def test_bytes_that_are_no_text_are_named(embedded_postgres, tmp_path: Path):
    """SQL_ASCII keeps whatever bytes a program once sent: no JSON can hold them."""
    with psycopg.connect(embedded_postgres.superuser_url, autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS provider_ascii WITH (FORCE)")
        server.execute(
            "CREATE DATABASE provider_ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'"
        )
    with psycopg.connect(
        embedded_postgres.superuser_url, dbname="provider_ascii", autocommit=True
    ) as connection:
        connection.execute(
            b"CREATE TABLE t (id int PRIMARY KEY, x text); INSERT INTO t VALUES (1, 'ok'), (2,"
            b" E'\\xc4\\xcf'), (3, '\xe5\xbc\xa0')"
        )
    serving = Serving(
        embedded_postgres.superuser_url.rsplit("/", 1)[0] + "/provider_ascii", tmp_path
    )
    number = serving.serve("t", {"id": ("I", "integer"), "x": ("C", "text")}, key=("id",))
    assert serving.ask(number, id=3)[1]["items"] == [{"id": 3, "x": "张"}]
    status, body = serving.ask(number)
    assert (status, body["code"], body["who"]) == (502, "source_encoding", "提供部门")
    json.dumps(body).encode()


@pytest.mark.parametrize("sql_type", VALUES)
def test_a_simulation_shows_values_as_the_database_writes_them(
    provider: psycopg.Connection, typed: dict[str, str], sql_type: str
):
    """Before deciding people look at rows: Python's own writing of lists, bytes and ranges is
    nobody's value."""
    columns = {"v": Column("v", item_type_of(sql_type), sql_type)}
    query = as_text(select(Scope(("v",)), ("public", typed[sql_type]), columns), 5)
    expected = [
        row[0]
        for row in provider.execute(f"SELECT left(v::text, 5) FROM {typed[sql_type]}").fetchall()
    ]
    assert [
        row[0] for row in provider.execute(query.statement, query.parameters).fetchall()
    ] == expected
