"""Pages of any table, of any size, are together every row once, or a refusal that says who mends
what (A13, A28, A30)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huitong.planes.gateway.engine import facts, paging
from huitong.planes.gateway.tests.serving import INPUTS, Serving
from huitong.scope import ItemType, Scope
from huitong.scope.columns import Column
from huitong.scope.pages import Pages

TIMES, DAYS = ("T", "timestamp with time zone"), ("D", "date")
#: what `d17-pages-lose-rows.sql` makes: columns, key, whether pages of one row can reach all
D17 = {
    "v": ({"id": ("I", "integer"), "x": ("C", "text")}, False),
    "dst_key": ({"at": TIMES, "x": ("C", "text")}, True),
    "kdate": ({"k": DAYS}, True),
    "kf": ({"k": ("B", "double precision")}, True),
}


@pytest.fixture(scope="module")
def d17(provider: psycopg.Connection) -> str:
    provider.execute("CREATE SCHEMA d17; SET search_path TO d17")
    provider.execute((INPUTS / "d17-pages-lose-rows.sql").read_text().encode())
    provider.execute("SET search_path TO public")
    return "d17"


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
@pytest.mark.parametrize("table", D17)
def test_d17_keys_that_are_empty_twice_ambiguous_or_endless(
    serving: Serving, provider: psycopg.Connection, d17: str, table: str, limit: int
):
    """d17: a view whose key lost its uniqueness after mounting, the hour a clock change repeats,
    days before Christ and without end, a number whose text has an exponent: rows were left out
    in silence, or pages could not go on."""
    items, whole = D17[table]
    number = serving.serve(table, items, key=(next(iter(items)),), schema=d17)
    rows, refusal = serving.pages(number, limit)
    there = [
        json.loads(row[0])
        for row in provider.execute(f"SELECT to_json(t)::text FROM d17.{table} t").fetchall()
    ]
    received = Counter(json.dumps(row, sort_keys=True) for row in rows)
    expected = Counter(
        json.dumps(
            {k: str(v) if isinstance(v, float) else v for k, v in row.items()}, sort_keys=True
        )
        for row in there
    )
    assert max(received.values()) == 1 and not received - expected
    if whole or limit == 100:
        assert refusal is None and received == expected
    else:
        assert (
            (refusal["code"], refusal["who"]) == ("key_not_unique", "提供部门")
            and "id" in refusal["detail"]
            and "变更挂接" in refusal["remedy"]
        )


@pytest.mark.parametrize("limit", [2, 3, 4])
def test_equal_keys_that_fit_a_page_stay_on_one(
    serving: Serving, provider: psycopg.Connection, limit: int
):
    provider.execute(
        "CREATE TABLE IF NOT EXISTS twins (id int, x text);"
        " TRUNCATE twins;"
        "INSERT INTO twins SELECT n / 2, 'x' || n FROM generate_series(0, 21) n"
    )
    rows, refusal = serving.pages(
        serving.serve("twins", {"id": ("I", "integer"), "x": ("C", "text")}, key=("id",)), limit
    )
    assert refusal is None and sorted(row["x"] for row in rows) == sorted(
        f"x{n}" for n in range(22)
    )


KEYS: dict[str, tuple[str, str, st.SearchStrategy[Any]]] = {
    "integer": ("I", "integer", st.integers(-3, 3) | st.sampled_from([2**31 - 1, -(2**31)])),
    "numeric": (
        "N",
        "numeric",
        st.sampled_from(["1", "1.0", "1.00", "-0", "0", "1e30", "NaN", "0.1"]),
    ),
    "float": (
        "B",
        "double precision",
        st.sampled_from(
            ["1e16", "1e17", "0.1", "-0", "0", "NaN", "Infinity", "-Infinity", "5e-324"]
        ),
    ),
    "real": ("F", "real", st.sampled_from(["0.1", "0.10000001", "16777217", "1e-45", "NaN"])),
    "text": (
        "C",
        "text",
        st.sampled_from(["", " ", "a", "B", "b", "ab", "é", "张", "\\", "%s", "'", "\u00a0", "𠮷"]),
    ),
    "padded": ("C", "character(3)", st.sampled_from(["", "a", "a ", "B", "_", "ab"])),
    "varchar": ("C", "character varying(9)", st.sampled_from(["", "a", "a ", "B", "_", "ab"])),
    "date": (
        "D",
        "date",
        st.sampled_from(
            ["infinity", "-infinity", "0044-03-15 BC", "0045-03-15 BC", "10000-01-01", "2020-01-01"]
        ),
    ),
    "moment": (
        "T",
        "timestamp with time zone",
        st.sampled_from(
            [
                "1986-09-14 01:30+09",
                "1986-09-14 01:30+08",
                "infinity",
                "1901-01-01",
                "0001-01-01 BC",
            ]
        ),
    ),
    "clock": (
        "T",
        "timestamp without time zone",
        st.sampled_from(
            ["2020-01-01 24:00", "2020-01-02", "infinity", "2020-01-01 08:00:00.000001"]
        ),
    ),
    "interval": ("G", "interval", st.sampled_from(["1 mon", "30 days", "720:00", "-1 day"])),
    "boolean": ("L", "boolean", st.sampled_from(["t", "f"])),
    "uuid": (
        "C",
        "uuid",
        st.sampled_from(
            ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"]
        ),
    ),
    "bytea": ("G", "bytea", st.sampled_from(["\\x", "\\x00", "\\xff", "\\x00ff"])),
    "inet": ("C", "inet", st.sampled_from(["10.0.0.1", "10.0.0.1/8", "::1"])),
    "array": (
        "G",
        "integer[]",
        st.sampled_from(["{}", "{1}", "{1,NULL}", "{{1,2},{3,4}}", "{10}", "{9}"]),
    ),
    "range": (
        "G",
        "daterange",
        st.sampled_from(["empty", "(,)", "[2020-01-01,2020-02-01)", "(,2020-01-01)"]),
    ),
    "jsonb": ("M", "jsonb", st.sampled_from(["1", "1.0", "{}", '{"a": 1}', "null", '"x"'])),
    "enum": ("G", "public.mood", st.sampled_from(["good", "bad", "ok"])),
    "domain": ("N", "public.price", st.sampled_from(["1", "1.0", "10", "9"])),
}
OWN_TYPES = """
DROP TYPE IF EXISTS mood CASCADE; CREATE TYPE mood AS ENUM ('good', 'ok', 'bad');
DROP DOMAIN IF EXISTS price CASCADE; CREATE DOMAIN price AS numeric;
"""


@pytest.mark.parametrize("kind", KEYS)
def test_pages_of_any_content_and_size_are_every_row_once_or_a_refusal(
    serving: Serving, provider: psycopg.Connection, kind: str
):
    item_type, sql_type, values = KEYS[kind]
    provider.execute(OWN_TYPES)
    provider.execute(f"DROP TABLE IF EXISTS any_key; CREATE TABLE any_key (k {sql_type}, n int)")
    number = serving.serve(
        "any_key", {"k": (item_type, sql_type), "n": ("I", "integer")}, key=("k",)
    )

    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(keys=st.lists(st.none() | values, max_size=9), limit=st.integers(1, 5))
    def whole(keys: list[Any], limit: int) -> None:
        provider.execute("TRUNCATE any_key")
        with provider.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO any_key VALUES (%s, %s)", [(key, n) for n, key in enumerate(keys)]
            )
        rows, refusal = serving.pages(number, limit)
        received = [row["n"] for row in rows]
        assert len(received) == len(set(received))
        assert (
            set(received) == set(range(len(keys)))
            if refusal is None
            else refusal["code"] == "key_not_unique"
        )
        if refusal is not None:
            defects = provider.execute(
                "SELECT count(*) FILTER (WHERE k IS NULL), count(DISTINCT k) <> count(k)"
                " FROM any_key"
            ).fetchone()
            assert defects and any(defects), "no refusal without a reason"

    whole()


def test_keys_of_several_columns_page_in_their_own_order(
    serving: Serving, provider: psycopg.Connection
):
    provider.execute(
        'CREATE TABLE pairs (a text COLLATE "C", b int, c date, PRIMARY KEY (b, a, c));INSERT'
        " INTO pairs SELECT chr(97 + n % 3), n % 5, date '2020-01-01' + n / 7 FROM"
        " generate_series(0, 60) n ON CONFLICT DO NOTHING"
    )
    items = {"a": ("C", "text"), "b": ("I", "integer"), "c": DAYS}
    rows, refusal = serving.pages(serving.serve("pairs", items, key=("b", "a", "c")), 4)
    assert refusal is None
    expected = provider.execute("SELECT b, a, c::text FROM pairs ORDER BY b, a, c").fetchall()
    assert [(r["b"], r["a"], r["c"]) for r in rows] == expected


def test_a_key_named_like_our_own_columns_is_still_the_tables(
    serving: Serving, provider: psycopg.Connection
):
    provider.execute(
        "CREATE TABLE granted (made int PRIMARY KEY, key0 text, page text, granted text,"
        " token0 text);"
        "INSERT INTO granted SELECT n, 'k' || (20 - n), 'p', 'g', 't'"
        " FROM generate_series(1, 20) n"
    )
    items = {
        "made": ("I", "integer"),
        **dict.fromkeys(("key0", "page", "granted", "token0"), ("C", "text")),
    }
    number = serving.serve(
        "granted",
        items,
        key=("made",),
        masks={"token0": {"kind": "token", "algorithm": "sm3", "key": "k"}},
        token_keys={"k": "00ff"},
    )
    rows, refusal = serving.pages(number, 3)
    assert (
        refusal is None
        and [row["made"] for row in rows] == list(range(1, 21))
        and rows[0]["key0"] == "k19"
        and len(rows[0]["token0"]) == 64
    )
    assert [row["made"] for row in serving.ask(number, key0="k3")[1]["items"]] == [17]


def test_rows_without_a_key_are_looked_for_at_the_end_only_where_there_can_be_any(
    provider: psycopg.Connection,
):
    """A column declared NOT NULL is believed: looking for its empty values would read a large
    table once more."""
    provider.execute(
        "CREATE TABLE firm (id int NOT NULL, x text);"
        " CREATE TABLE soft (id int, x text);"
        " INSERT INTO soft VALUES (NULL, 'e')"
    )
    for table, expected in (("firm", False), ("soft", True)):
        pages = Pages(
            Scope(("id",)),
            ("public", table),
            {"id": Column("id", ItemType.INTEGER, "integer")},
            ("id",),
            1000,
        )
        query = pages.keyless()
        assert provider.execute(query.text, query.parameters).fetchone() == (expected,)


FORGED = ["x", "", "6", "…", "AAAA" * 20]


def test_a_place_is_ours_or_refused(serving: Serving, provider: psycopg.Connection):
    """What stands in ``after`` becomes a value in a question to the source: only what we wrote
    ourselves, for this table and key."""
    provider.execute(
        "CREATE TABLE placed (id int PRIMARY KEY, n text UNIQUE);"
        " INSERT INTO placed SELECT n, 'n' || n FROM generate_series(1, 9) n"
    )
    items = {"id": ("I", "integer"), "n": ("C", "text")}
    one, other, text = (
        serving.serve("placed", items, key=("id",)),
        serving.serve("placed", items, key=("id",)),
        serving.serve("placed", items, key=("n",)),
    )
    after = serving.ask(one, limit=2)[1]["after"]
    assert [row["id"] for row in serving.ask(one, limit=2, after=after)[1]["items"]] == [3, 4]
    sealed = urlsafe_b64decode(after + "=" * (-len(after) % 4))
    changed = urlsafe_b64encode(sealed.replace(b'"2"', b'"7"')).rstrip(b"=").decode()
    for number, wrong in [(one, wrong) for wrong in [*FORGED, changed, after[:-1], after + "A"]] + [
        (other, after),
        (text, after),
    ]:
        status, body = serving.ask(number, after=wrong)
        assert status == 422 and "after" in body["fields"], wrong


@pytest.mark.parametrize(
    ("sql_type", "kind", "after"),
    [
        ("text", "C", "ab"),
        ("character(8)", "C", "ab"),
        ("timestamp without time zone", "T", str(datetime(2026, 1, 1))),
        ("numeric(30,8)", "N", str(Decimal("7.5"))),
        ("uuid", "C", "00000000-0000-0000-0000-000000000000"),
        ("timestamp with time zone", "T", "2026-01-01 00:00+08"),
    ],
)
def test_a_page_is_found_by_the_key_s_own_index(
    provider: psycopg.Connection, sql_type: str, kind: str, after: str
):
    """Pages ordered otherwise than the key would each be a sort of the whole table."""
    provider.execute(
        f"DROP TABLE IF EXISTS indexed; CREATE TABLE indexed (id {sql_type} PRIMARY KEY, x text)"
    )
    pages = Pages(
        Scope(("id", "x")),
        ("public", "indexed"),
        {"id": Column("id", ItemType(kind), sql_type), "x": Column("x", ItemType.TEXT, "text")},
        ("id",),
        9,
    )
    question = pages.page(after=(after,), limit=3)
    with provider.transaction():
        provider.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        plan = "\n".join(
            row[0]
            for row in provider.execute(
                b"EXPLAIN " + question.text.as_bytes(provider), question.parameters
            )
        )
    assert "Index Cond" in plan and "Sort" not in plan


# -- how large an answer may be --------------------------------------------------------------------


def test_a_page_ends_when_it_has_grown_large_and_goes_on(
    serving: Serving, provider: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(paging, "MOST_BYTES", 10_000)
    monkeypatch.setattr(facts, "MOST_BYTES", 10_000)
    provider.execute(
        "CREATE TABLE wide (id int PRIMARY KEY, x text);"
        " INSERT INTO wide SELECT n, repeat('x', n * 100) FROM generate_series(1, 60) n"
    )
    number = serving.serve("wide", {"id": ("I", "integer"), "x": ("C", "text")}, key=("id",))
    status, page = serving.ask(number, limit=1000)
    assert (
        status == 200
        and page["more"]
        and 5 < page["count"] < 20
        and len(serving.raw(number, limit=1000)[1]) < 10_500
    )
    rows, refusal = serving.pages(number, 1000)
    assert refusal is None and [row["id"] for row in rows] == list(range(1, 61))
    keyless = serving.ask(
        serving.serve("wide", {"id": ("I", "integer"), "x": ("C", "text")}), limit=1000
    )[1]
    assert keyless["more"] and keyless["after"] is None, "what cannot go on says that there is more"


def test_a_row_too_large_is_named_and_can_be_passed_over(
    serving: Serving, provider: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(paging, "MOST_BYTES", 1000)
    monkeypatch.setattr(facts, "MOST_BYTES", 1000)
    provider.execute(
        "CREATE TABLE large (id int PRIMARY KEY, x text);"
        " INSERT INTO large SELECT n, repeat('x', CASE n WHEN 3 THEN 5000 ELSE 9 END)"
        " FROM generate_series(1, 5) n"
    )
    number = serving.serve("large", {"id": ("I", "integer"), "x": ("C", "text")}, key=("id",))
    first = serving.ask(number)[1]
    assert [row["id"] for row in first["items"]] == [1, 2] and first["more"]
    status, refusal = serving.ask(number, after=first["after"])
    assert (status, refusal["code"], refusal["who"]) == (502, "row_too_large", "提供部门")
    assert "id=3" in refusal["detail"] and "x" * 20 not in json.dumps(refusal)
    last = serving.ask(number, after=refusal["after"])[1]
    assert [row["id"] for row in last["items"]] == [4, 5] and not last["more"]
