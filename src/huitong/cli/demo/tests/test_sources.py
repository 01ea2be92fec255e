"""The departments' invented databases: enough rows, right numbers, real places, plainly marked,
always the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from huitong.cli.demo.civil_affairs import marriages
from huitong.cli.demo.departments import DEPARTMENTS, load
from huitong.cli.demo.people import population
from huitong.cli.demo.tables import INVENTED
from huitong.cli.postgres import EmbeddedPostgres
from huitong.scope.identifiers import citizen_number_fault, credit_code_fault, mobile_fault

CITY = [(department, table) for department, tables in DEPARTMENTS.items() for table in tables]


@pytest.fixture(scope="module")
def sources(embedded_postgres: EmbeddedPostgres) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(embedded_postgres.owner_url, autocommit=True) as conn:
        conn.execute("CREATE SCHEMA demo_sources")
        conn.execute("SET search_path TO demo_sources")
        counts = {
            name: rows
            for department in DEPARTMENTS
            for name, rows in load(conn, department).items()
        }
        assert counts["marriage_registration"] >= 8_000
        assert counts["social_insurance"] >= 8_000
        assert counts["enterprise"] >= 4_000
        assert sum(counts.values()) >= 20_000
        yield conn
        conn.execute("DROP SCHEMA demo_sources CASCADE")


def ask(conn: psycopg.Connection[Any], question: str) -> list[tuple[Any, ...]]:
    return conn.execute(question).fetchall()


def test_every_table_and_column_says_in_chinese_what_it_is(
    sources: psycopg.Connection[Any],
) -> None:
    tables = dict(
        ask(
            sources,
            "SELECT relname, obj_description(oid) FROM pg_class "
            "WHERE relnamespace = 'demo_sources'::regnamespace AND relkind = 'r'",
        )
    )
    assert set(tables) == {t.name for _, t in CITY}
    assert {name for name, comment in tables.items() if INVENTED not in comment} == {
        "administrative_division"
    }
    assert (
        ask(
            sources,
            "SELECT attrelid::regclass, attname FROM pg_attribute WHERE attnum > 0 AND NOT"
            " attisdropped AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace ="
            " 'demo_sources'::regnamespace AND relkind = 'r') AND"
            " coalesce(col_description(attrelid, attnum), '') = ''",
        )
        == []
    )


def test_every_table_has_a_primary_key(sources: psycopg.Connection[Any]) -> None:
    assert ask(
        sources,
        "SELECT count(*) FROM pg_constraint WHERE contype = 'p' "
        "AND connamespace = 'demo_sources'::regnamespace",
    ) == [(len(CITY),)]


def test_a_filter_on_nantong_keeps_some_marriages_and_holds_back_others(
    sources: psycopg.Connection[Any],
) -> None:
    [(inside, outside)] = ask(
        sources,
        "SELECT count(*) FILTER (WHERE registrar_division LIKE '3206%'), "
        "count(*) FILTER (WHERE registrar_division NOT LIKE '3206%') FROM marriage_registration",
    )
    assert inside > 7_000
    assert 800 < outside < inside / 3


def test_a_registrar_that_no_longer_exists_registers_nobody(
    sources: psycopg.Connection[Any],
) -> None:
    assert ask(
        sources,
        "SELECT count(*) FROM marriage_registration WHERE registrar_division IN ('320602',"
        " '320611', '320684') AND registered_on >= '2020-07-03'",
    ) == [(0,)]
    assert ask(
        sources,
        "SELECT count(*) FROM marriage_registration "
        "WHERE registrar_division = '320613' AND registered_on < '2020-07-03'",
    ) == [(0,)]


def test_nobody_marries_under_age(sources: psycopg.Connection[Any]) -> None:
    assert ask(
        sources,
        "SELECT count(*) FROM marriage_registration WHERE "
        "substr(male_id_number, 7, 8)::date + interval '22 years' > registered_on OR "
        "substr(female_id_number, 7, 8)::date + interval '20 years' > registered_on",
    ) == [(0,)]


def test_divisions_are_the_real_ones_in_force(sources: psycopg.Connection[Any]) -> None:
    assert ask(
        sources,
        "SELECT division_name FROM administrative_division WHERE division_code = '320613021'",
    ) == [("幸福街道",)]
    assert ask(
        sources, "SELECT count(*) FROM administrative_division WHERE division_code ~ '[^0-9]'"
    ) == [(0,)]


def test_departments_know_the_same_people_and_employers(sources: psycopg.Connection[Any]) -> None:
    [(both,)] = ask(
        sources,
        "SELECT count(*) FROM public_rental_application a WHERE EXISTS (SELECT FROM"
        " marriage_registration m WHERE a.applicant_id_number IN (m.male_id_number,"
        " m.female_id_number))",
    )
    assert both > 1_000
    assert ask(
        sources,
        "SELECT count(*) FROM social_insurance s LEFT JOIN enterprise e "
        "ON e.credit_code = s.employer_credit_code WHERE s.employer_credit_code IS NOT NULL "
        "AND e.enterprise_name IS DISTINCT FROM s.employer_name",
    ) == [(0,)]


def test_the_same_seed_tells_the_same_story_and_another_seed_another() -> None:
    assert list(marriages(2020)) == list(marriages(2020))
    assert next(marriages(2020)) != next(marriages(2021))


def test_every_number_of_every_table_has_the_right_check_character() -> None:
    faults = {
        "id_number": citizen_number_fault,
        "credit_code": credit_code_fault,
        "mobile": mobile_fault,
    }
    for _, table in CITY:
        for n, column in enumerate(table.columns):
            if fault := next((f for end, f in faults.items() if column.name.endswith(end)), None):
                assert [
                    row[n] for row in table.rows(2020) if row[n] is not None and fault(row[n])
                ] == [], column.comment


def test_no_invented_mobile_can_ring() -> None:
    assert {p.mobile[:3] for p in population(2020)} == {"154"}


@pytest.mark.parametrize(("department", "table"), CITY, ids=lambda v: getattr(v, "name", ""))
def test_loading_again_starts_anew(
    sources: psycopg.Connection[Any], department: str, table: Any
) -> None:
    before = ask(sources, f"SELECT count(*) FROM {table.name}")
    sources.execute(f"DELETE FROM {table.name}")
    load(sources, department)
    assert ask(sources, f"SELECT count(*) FROM {table.name}") == before
