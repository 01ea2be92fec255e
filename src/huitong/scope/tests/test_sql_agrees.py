"""PostgreSQL and Python, under any filter and masks, let through the same rows and show
the same characters."""

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.string import TextLoader

from huitong.scope import And, Compare, ItemType, Mask, Prefix, Scope, ScopeError
from huitong.scope.columns import Column
from huitong.scope.evaluate import shape
from huitong.scope.masks import NAMED, partial, token
from huitong.scope.sql import select, select_plain
from huitong.scope.tests import strategies
from huitong.scope.tests.strategies import TYPES, filters, masks, row_values, scopes

COLUMNS = {
    "code": "character(40)",
    "name": "character varying(200)",
    "note": "text",
    "amount": "numeric",
    "fee": "money",
    "number": "bigint",
    "small": "smallint",
    "score": "double precision",
    "ratio": "real",
    "born": "date",
    "made": "timestamp without time zone",
    "seen": "timestamp with time zone",
    "valid": "boolean",
}
KEYS = {"k1": b"first key", "k2": b"second key"}
OFTEN = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
TABLE = ("pg_temp", 'row"s 50%')


def column(item: str, typed: bool = True) -> Column:
    return Column(f"c%_{item}", TYPES[item], COLUMNS[item] if typed else "")


@pytest.fixture(scope="module")
def source(embedded_postgres: Any) -> Iterator[psycopg.Connection]:
    with psycopg.connect(
        embedded_postgres.owner_url,
        options="-c TimeZone=Asia/Shanghai -c lc_monetary=C",
        autocommit=True,
    ) as connection:
        declared = ", ".join(
            f'"c%_{item}" {"numeric(20,2)" if t == "money" else t}' for item, t in COLUMNS.items()
        )
        connection.execute(f'CREATE TEMP TABLE "row""s 50%" (id serial, {declared})')
        yield connection


def fill(source: psycopg.Connection, rows: list[dict[str, Any]]) -> None:
    source.execute('TRUNCATE "row""s 50%"')
    names = ", ".join(f'"c%%_{item}"' for item in TYPES)
    places = ", ".join(f"%({item})s" for item in TYPES)
    with source.cursor() as cursor:
        cursor.executemany(f'INSERT INTO "row""s 50%%" ({names}) VALUES ({places})', rows)


def canonical(rows: Any) -> list[str]:
    return sorted(
        repr(tuple(str(v) if isinstance(v, Decimal | int) else v for v in row)) for row in rows
    )


def both(source: psycopg.Connection, scope: Scope, typed: bool) -> tuple[list[str], list[str]]:
    columns = {item: column(item, typed) for item in TYPES}
    query, plain = select(scope, TABLE, columns), select_plain(scope, TABLE, columns)
    by_sql = [query.finish(row, KEYS) for row in source.execute(query.statement, query.parameters)]
    delivered = [
        dict(zip(plain.items, row, strict=True))
        for row in source.execute(plain.statement, plain.parameters)
    ]
    return canonical(by_sql), canonical(r.values() for r in shape(scope, delivered, TYPES, KEYS))


@OFTEN
@given(data=st.data())
def test_filters_agree(source: psycopg.Connection, data: st.DataObject) -> None:
    fill(source, data.draw(st.lists(row_values(), min_size=1, max_size=6)))
    for tree in data.draw(st.lists(filters(), min_size=1, max_size=6)):
        # text and truth cost nothing to compare as delivered; the others are told by which rows
        # came
        scope = Scope(("note", "number", "valid"), tree)
        by_sql, by_python = both(source, scope, typed=data.draw(st.booleans()))
        assert by_sql == by_python


BEYOND = ["infinity", "-infinity", "0044-03-15 BC", "10000-01-01", "0001-01-01", "9999-12-31"]


@settings(OFTEN, max_examples=40)
@given(trees=st.lists(filters(("born", "made", "seen")), min_size=4, max_size=8))
def test_days_beyond_every_calendar_agree(source: psycopg.Connection, trees: list[Any]) -> None:
    """A permit without end is held as infinity; Python reads it as text and knows only on which
    side of every literal it lies."""
    fill(
        source,
        [
            dict.fromkeys(TYPES)
            | {
                "born": day,
                "made": day,
                "seen": (
                    f"{day.removesuffix(' BC')} 08:00{' BC' * day.endswith(' BC')}"
                    if "infinity" not in day
                    else day
                ),
                "small": n,
            }
            for n, day in enumerate(BEYOND)
        ],
    )
    columns = {item: column(item) for item in TYPES}
    for tree in trees:
        query, plain = (
            select(Scope(("small",), tree), TABLE, columns),
            select_plain(Scope(("small",), tree), TABLE, columns),
        )
        with source.cursor() as cursor:
            for kind in ("date", "timestamp", "timestamptz"):
                cursor.adapters.register_loader(kind, TextLoader)
            delivered = [
                dict(zip(plain.items, row, strict=True))
                for row in cursor.execute(plain.statement, plain.parameters)
            ]
        by_sql = [row[0] for row in source.execute(query.statement, query.parameters)]
        assert sorted(by_sql) == sorted(
            row["small"] for row in shape(Scope(("small",), tree), delivered, TYPES)
        )


@OFTEN
@given(
    mask=masks,
    texts=st.lists(
        st.none() | strategies.VALUES["text"] | st.text("ab@.省市区县12 ", max_size=12),
        min_size=1,
        max_size=8,
    ),
)
def test_masks_agree(source: psycopg.Connection, mask: Mask, texts: list[str | None]) -> None:
    fill(source, [dict.fromkeys(TYPES) | {"name": t, "note": t} for t in texts])
    by_sql, by_python = both(
        source, Scope(("name", "note"), masks={"name": mask, "note": mask}), typed=True
    )
    assert by_sql == by_python


ADDRESS_PARTS = st.lists(
    st.sampled_from(
        [
            "江苏省",
            "内蒙古自治区",
            "南通市",
            "北京市",
            "启东市",
            "崇川区",
            "如东县",
            "浦东新区",
            "阳光小区",
            "新区",
            "人民路",
            "路桥区",
            "1号",
            "鼓楼区",
            "湘西自治州",
            "大理",
            "自治县",
            "东乡族自治县",
            "锡林郭勒盟",
            "东乌旗",
            "大兴安岭地区",
            "汇龙镇",
            "村",
            "县",
            "市",
            "省",
            " ",
            "开发区",
            "沙市区",
        ]
    ),
    max_size=6,
).map("".join)


@settings(OFTEN, max_examples=80)
@given(texts=st.lists(ADDRESS_PARTS, min_size=20, max_size=40))
def test_the_address_mask_agrees(source: psycopg.Connection, texts: list[str]) -> None:
    fill(source, [dict.fromkeys(TYPES) | {"note": t} for t in texts])
    by_sql, by_python = both(
        source, Scope(("note",), masks={"note": NAMED["address"][1]}), typed=True
    )
    assert by_sql == by_python


@settings(OFTEN, max_examples=60)
@given(
    scope=scopes(comparison_only=st.just(False)).filter(lambda s: s.items),
    rows=st.lists(row_values(), max_size=4),
)
def test_whole_scopes_let_the_same_number_of_rows_through(
    source: psycopg.Connection, scope: Scope, rows: list[dict[str, Any]]
) -> None:
    fill(source, rows)
    by_sql, by_python = both(source, scope, typed=True)
    assert len(by_sql) == len(by_python)


def test_masked_numbers_and_dates_are_masked_as_text(source: psycopg.Connection) -> None:
    fill(
        source,
        [
            dict.fromkeys(TYPES)
            | {"number": 6217001234567890123, "born": strategies.DATES[2], "code": "13812345678"}
        ],
    )
    scope = Scope(
        ("number", "born", "code"),
        masks={"number": NAMED["bank_card"][1], "born": partial(4, 0), "code": NAMED["mobile"][1]},
    )
    by_sql, by_python = both(source, scope, typed=True)
    assert by_sql == by_python == [repr(("621700*********0123", "1990******", "138****5678"))]


@pytest.mark.parametrize("algorithm", ["sm3", "sha256"])
def test_tokens_still_join_and_need_their_key(source: psycopg.Connection, algorithm: str) -> None:
    fill(
        source,
        [dict.fromkeys(TYPES) | {"name": "320613199001011234", "note": "320613199001011234"}],
    )
    scope = Scope(
        ("name", "note"), masks={"name": token("k1", algorithm), "note": token("k1", algorithm)}
    )
    query = select(scope, TABLE, {item: column(item) for item in TYPES})
    (row,) = source.execute(query.statement, query.parameters).fetchall()
    one, other = query.finish(row, KEYS)
    assert one == other and len(one) == 64 and one != query.finish(row, {"k1": b"other"})[0]
    assert (
        b"first key" not in query.statement.as_bytes(source)
        and b"first key" not in query.parameters
    )
    with pytest.raises(ScopeError, match="k1"):
        query.finish(row, {})


def test_a_callers_filter_only_takes_away(source: psycopg.Connection) -> None:
    fill(
        source,
        [
            dict.fromkeys(TYPES) | {"code": c, "small": n}
            for n, c in enumerate(["320601", "320623", "330101"])
        ],
    )
    scope = Scope(("small",), Prefix("code", "3206"))
    columns = {item: column(item) for item in TYPES}
    query = select(scope, TABLE, columns, extra=Compare("ge", "code", "320602"), limit=5)
    assert source.execute(query.statement, query.parameters).fetchall() == [(1,)]


def test_values_never_become_sql(source: psycopg.Connection) -> None:
    nasty = "x'); DROP TABLE nobody; --"
    fill(source, [dict.fromkeys(TYPES) | {"note": nasty}])
    query = select(
        Scope(("note",), Compare("eq", "note", nasty)),
        TABLE,
        {item: column(item) for item in TYPES},
    )
    assert nasty not in query.statement.as_string(source)
    assert source.execute(query.statement, query.parameters).fetchall() == [(nasty,)]


REFUSED = {
    "comparison only": (Scope(("note",), comparison_only=True), "比对"),
    "nothing granted": (Scope(()), "没有可提供"),
    "unknown item": (Scope(("ghost",)), "ghost"),
    "filter on unknown item": (Scope(("note",), Prefix("ghost", "x")), "ghost"),
    "wrong literal": (Scope(("note",), Compare("eq", "number", "12")), "类型不符"),
    "prefix of a number": (Scope(("note",), And((Prefix("number", "1"),))), "类型不符"),
}


@pytest.mark.parametrize(("scope", "message"), REFUSED.values(), ids=REFUSED)
def test_it_refuses_what_it_cannot_compile(scope: Scope, message: str) -> None:
    with pytest.raises(ScopeError, match=message):
        select(scope, TABLE, {item: column(item) for item in TYPES})


def test_an_index_on_the_column_serves(source: psycopg.Connection) -> None:
    """Comparisons leave the column bare where its type allows it."""
    source.execute(
        "CREATE TEMP TABLE many AS SELECT n::int AS n, n::varchar AS v"
        " FROM generate_series(1, 5000) n"
    )
    source.execute("CREATE INDEX ON many (n); CREATE INDEX ON many (v)")
    source.execute("ANALYZE many")
    columns = {
        "n": Column("n", ItemType.INTEGER, "integer"),
        "v": Column("v", ItemType.TEXT, "character varying(9)"),
    }
    number = random.Random(3).randrange(5000)
    for tree in (Compare("eq", "n", Decimal(number)), Compare("eq", "v", str(number))):
        query = select(Scope(("n",), tree), ("pg_temp", "many"), columns)
        with psycopg.ClientCursor(source) as cursor:
            plan = cursor.execute(
                b"EXPLAIN " + query.statement.as_bytes(source), query.parameters
            ).fetchall()
        assert "Index" in str(plan)
