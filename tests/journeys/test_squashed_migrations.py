"""A new city gets its tables from squashed migrations, one that ran before got them step by step:
both have the very same (docs/decisions/0040-new-cities-are-squashed.md)."""

from __future__ import annotations

import datetime
import re
import subprocess
from collections import Counter
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from conftest import Live, copied_database
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from tests.journeys import city

from huitong.cli.postgres import EmbeddedPostgres

#: what the steps left under the name of a column that was renamed since, or of how it was made,
#: and what it is called where it was made at once
RENAMED = {
    "catalog_fieldremark_entry_id_22daa8b7": "catalog_fieldremark_version_id_64c4a457",
    "catalog_item_entry_id_49c6678a": "catalog_item_version_id_ab8b4cb2",
    "catalog_legalground_entry_id_52992a8c": "catalog_legalground_version_id_6e3d1e93",
    "gateway_logposition_file_c38592e2_uniq": "gateway_logposition_file_key",
}
#: PostgreSQL 18 names what may not be null by what its column was called first
OLD_NAME_OF_NOT_NULL = re.compile(r"CONSTRAINT catalog_\w+_entry_id_not_null NOT NULL")
#: Django numbers these as it comes to them
NUMBERED = {
    "auth_permission": {"id", "content_type_id"},
    "django_content_type": {"id"},
    "django_migrations": {"id"},
}
SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE sequencename <> ALL (%s)"


class SingleSteps(MigrationLoader):
    """Every step there ever was, and none of the squashes."""

    def load_disk(self) -> None:
        super().load_disk()
        self.disk_migrations = {
            key: step for key, step in self.disk_migrations.items() if not step.replaces
        }


@dataclass(frozen=True)
class Contents:
    """What stands in a database: its objects by their headings, rows of each table, counters."""

    objects: dict[str, str]
    rows: dict[str, Counter[str]]
    counters: dict[str, int | None]


def contents_of(postgres: EmbeddedPostgres, database: Live) -> Contents:
    words = ["--schema-only", "--no-owner", "--no-privileges", database.owner_url]
    dump = subprocess.run(
        [str(postgres.bin / "pg_dump"), *words], capture_output=True, text=True, check=True
    ).stdout
    for name, now in RENAMED.items():
        dump = dump.replace(name, now)
    dump = OLD_NAME_OF_NOT_NULL.sub("NOT NULL", dump)
    _, *blocks = re.sub(r"\n\\unrestrict .*", "", dump).split("\n--\n-- Name: ")
    with psycopg.connect(database.owner_url) as open_:
        counters = open_.execute(SEQUENCES, [[f"{table}_id_seq" for table in NUMBERED]]).fetchall()
    return Contents(
        objects={heading: text for heading, _, text in (b.partition("\n--\n") for b in blocks)},
        rows={
            table: Counter(repr(comparable(table, row)) for row in rows)
            for table, rows in city.rows_of(database.owner_url).items()
        },
        counters=dict(counters),
    )


def comparable(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """A row without its moments and what Django numbers."""
    return {
        name: value
        for name, value in row.items()
        if name not in NUMBERED.get(table, ()) and not isinstance(value, datetime.datetime)
    }


class KilledRecorder(MigrationRecorder):
    """Ends in the middle of what is recorded of a squash."""

    def record_applied(self, app: str, name: str) -> None:
        super().record_applied(app, name)
        if name == "0006_growth":
            raise KeyboardInterrupt


def test_a_first_start_that_is_killed_goes_on(
    embedded_postgres: EmbeddedPostgres, django_db_setup: None, django_db_blocker: Any
) -> None:
    target = ("kernel", "0001_squashed_0012_case_entered")
    with django_db_blocker.unblock(), copied_database(embedded_postgres, "template1") as database:
        executor = MigrationExecutor(connection)
        executor.recorder = KilledRecorder(connection)
        with pytest.raises(KeyboardInterrupt):
            executor.migrate([target])
        assert city.rows_of(database.owner_url) == {"django_migrations": []}
        MigrationExecutor(connection).migrate([target])
        assert city.rows_of(database.owner_url)["kernel_limit"]


@pytest.mark.slow
def test_a_new_city_has_what_the_single_steps_make(
    embedded_postgres: EmbeddedPostgres, django_db_setup: None, django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock():
        with copied_database(embedded_postgres, "template1") as database:
            call_command("migrate", verbosity=0, interactive=False)
            squashed = contents_of(embedded_postgres, database)
        with copied_database(embedded_postgres, "template1") as database:
            executor = MigrationExecutor(connection)
            executor.loader = SingleSteps(connection)
            executor.migrate(executor.loader.graph.leaf_nodes())
            # as an upgrade does: nothing is left but to record the squashes
            call_command("migrate", verbosity=0, interactive=False)
            stepwise = contents_of(embedded_postgres, database)
    assert len(stepwise.objects) > 800 and stepwise.rows["catalog_code"]
    for heading in sorted(stepwise.objects.keys() | squashed.objects.keys()):
        assert squashed.objects.get(heading) == stepwise.objects.get(heading), heading
    assert squashed.rows.keys() == stepwise.rows.keys()
    for table, rows in stepwise.rows.items():
        assert squashed.rows[table] == rows, table
    assert squashed.counters == stepwise.counters
