"""Answers kept while nothing is committed: never an old one, whoever commits, and when."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from tests.cast import Cast

from huitong.kernel import answers
from huitong.kernel.case import Case
from huitong.kernel.ledger import writing
from huitong.kernel.prepared import fetch
from huitong.organizations.tests.planting import plant_case

TITLES = "SELECT id, title FROM kernel_case ORDER BY id"


@pytest.fixture(autouse=True)
def _forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "_store", answers._Store())


@contextmanager
def elsewhere() -> Iterator[psycopg.Connection[Any]]:
    """Another connection to the database of the test, as another process has it."""
    given = connection.get_connection_params()
    words = {name: given[name] for name in ("host", "port", "user", "password", "dbname")}
    with psycopg.connect(**words) as other:
        yield other


def reading(sql: str, parameters: tuple[Any, ...] = ()) -> tuple[list[Any], int]:
    """What a statement gives, and how often the database was asked for it."""
    count = 0

    def counted(execute: Any, sql: str, *rest: Any) -> Any:
        nonlocal count
        count += "pg_current_snapshot" not in sql
        return execute(sql, *rest)

    with connection.execute_wrapper(counted), answers.reused():
        return answers.rows_of(sql, parameters), count


@pytest.mark.django_db(transaction=True)
def test_it_is_asked_once_until_somebody_commits(cast: Cast) -> None:
    case = plant_case(cast, "civil")
    first, count = reading(TITLES)
    assert count == 1 and len(first) == 1
    assert reading(TITLES) == (first, 0)
    assert reading(TITLES.replace("ORDER", "WHERE id = %s ORDER"), (case.pk,)) == (first, 1)
    with writing("test"):
        Case.objects.filter(pk=case.pk).update(title="改过了")
    assert reading(TITLES) == ([(case.pk, "改过了")], 1)


@pytest.mark.django_db(transaction=True)
def test_what_another_process_commits_is_seen_then_and_not_before(cast: Cast) -> None:
    case = plant_case(cast, "civil")
    change = "UPDATE kernel_case SET title = %s WHERE id = %s"
    with elsewhere() as other, elsewhere() as third:
        before, _ = reading(TITLES)
        other.execute(change, ("甲", case.pk))
        assert reading(TITLES)[0] == before, "nobody sees what is not committed"
        third.execute("SELECT pg_current_xact_id()")  # a later one, open all the time
        other.commit()
        assert reading(TITLES) == ([(case.pk, "甲")], 1)
        assert reading(TITLES) == ([(case.pk, "甲")], 0)
        other.execute(change, ("乙", case.pk))
        reading(TITLES)
        other.rollback()
        assert reading(TITLES)[0] == [(case.pk, "甲")]


@pytest.mark.django_db(transaction=True)
def test_whatever_two_processes_do_the_answer_is_that_of_the_database(cast: Cast) -> None:
    """Begins, writes, commits and rollbacks of two others in any order, readings between them."""
    pks = [plant_case(cast, key).pk for key in ("civil", "hr", "housing")]
    dice = random.Random(20)
    from_memory = 0
    with elsewhere() as one, elsewhere() as two:
        for step in range(400):
            other = dice.choice([one, two])
            # one writes this, the other that: they do not wait for each other
            own = pks[0] if other is one else pks[1]
            match dice.randrange(6):
                case 0:
                    other.execute(
                        "UPDATE kernel_case SET title = %s WHERE id = %s", (f"第{step}步", own)
                    )
                case 1:
                    other.commit()
                case 2:
                    other.rollback()
                case _:
                    rows, count = reading(TITLES)
                    assert rows == fetch(TITLES), step
                    from_memory += not count
    assert from_memory > 50


@pytest.mark.django_db
def test_within_a_transaction_everything_is_asked(cast: Cast) -> None:
    plant_case(cast, "civil")
    with transaction.atomic():
        assert reading(TITLES)[1] == reading(TITLES)[1] == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT statement_timestamp()",
        "SELECT now()",
        "SELECT 1 WHERE CURRENT_DATE > '2020-01-01'",
        "SELECT random()",
        "SELECT ARRAY[1, 2]",
    ],
)
def test_what_moves_by_itself_or_can_be_changed_by_its_reader_is_not_kept(sql: str) -> None:
    assert reading(sql)[1] == reading(sql)[1] == 1


@pytest.mark.django_db(transaction=True)
def test_there_is_room_for_so_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MOST", 10)
    monkeypatch.setattr(answers, "_store", answers._Store())
    large, small = "SELECT generate_series(1, 20)", [f"SELECT {n}" for n in range(6)]
    assert reading(large)[1] == reading(large)[1] == 1
    assert [reading(sql)[1] for sql in small] == [1] * 6
    assert [reading(sql)[1] for sql in small] == [0, 0, 0, 0, 0, 1], "full"


@pytest.mark.django_db(transaction=True)
def test_who_began_earlier_leaves_nothing_for_who_began_later() -> None:
    with answers.reused():
        answers._store.turn_to("a snapshot taken by another request meanwhile")
        assert answers.rows_of("SELECT 1") == [(1,)]
        assert answers._store.rows == {}
