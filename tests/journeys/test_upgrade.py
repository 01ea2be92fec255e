"""A city that ran before is brought up to date with its cases, grants and ledger.

``tests/inputs/upgrade/city-before-0.1.sql.xz`` is the database of a played demonstration (invented
people), as the platform wrote it before forms were closed, duties confirmed and bodies numbered.
"""

from __future__ import annotations

import lzma
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command

DUMP = Path(__file__).parents[1] / "inputs" / "upgrade" / "city-before-0.1.sql.xz"
#: what no upgrade may change, as SQL over tables that were there before
LASTING = (
    "SELECT id, kind, law, number, state, title, due_on, closed_at FROM kernel_case ORDER BY id",
    "SELECT id, case_id, article, due_on, stopped_on FROM kernel_clock ORDER BY id",
    (
        "SELECT seq, xid, at, actor, verb, article, law, before, after, reasons FROM kernel_entry"
        " ORDER BY seq"
    ),
    "SELECT id, name, credit_code FROM organizations_body ORDER BY id",
    "SELECT id, name, code, version FROM catalog_entry ORDER BY id",
)


def read(url: str) -> list[list[Any]]:
    with psycopg.connect(url) as connection:
        return [connection.execute(question).fetchall() for question in LASTING]


@pytest.fixture
def before(live_db: Any) -> list[list[Any]]:
    """The database as the platform left it before, in place of this test's own."""
    from django.db import connections

    connections["default"].close()
    with psycopg.connect(live_db.owner_url, autocommit=True) as owner:
        owner.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        owner.execute(lzma.decompress(DUMP.read_bytes()))  # type: ignore[arg-type]
    kept = read(live_db.owner_url)
    call_command("migrate", verbosity=0, interactive=False)
    return kept


def test_an_upgrade_loses_nothing(before: list[list[Any]], live_db: Any) -> None:
    assert all(before) and read(live_db.owner_url) == before


def test_the_ledger_verifies_across_it(before: list[list[Any]]) -> None:
    from huitong.audit.actions import inspect

    seen = inspect()
    assert seen.size > 300
    assert {fault["kind"] for fault in seen.faults} == {"signature"}, (
        "the key has stayed with that city"
    )


def test_grants_go_on_and_drafts_can_be_finished(before: list[list[Any]]) -> None:
    from huitong.access import queries as access
    from huitong.access.rules import G
    from huitong.kernel.case import Case
    from huitong.organizations.models import Body, Duty

    live = access.live_grants()
    active = set(Case.objects.filter(kind="grant", state=G.ACTIVE).values_list("pk", flat=True))
    assert active and len(live) >= len(active) - 1, "one may have ended since"
    assert {case.facts["authority"] for case in Case.objects.filter(kind="grant")} <= {
        "platform",
        "provider",
    }
    assert not Body.objects.exclude(number__gt=0).exists()
    assert not Duty.objects.filter(source="").exclude(confirmed_at=None).exists(), (
        "nothing vouches for them yet"
    )
