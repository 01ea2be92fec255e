"""Models and migrations say the same, so that no deployment lacks a column."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader


def test_no_model_has_changed_without_a_migration(db: None) -> None:
    output = io.StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=output)
    except SystemExit:
        pytest.fail(
            f"run `huitong manage makemigrations` and commit what it writes:\n{output.getvalue()}"
        )


def test_a_squash_replaces_the_first_steps_of_its_room_and_waits_for_no_more_than_they_did() -> (
    None
):
    """It would else come before what it waits for, in a city that has done all of its steps."""
    steps = MigrationLoader(None).disk_migrations
    squashes = {
        key: step
        for key, step in steps.items()
        if step.replaces and step.__module__.startswith("huitong.")
    }
    assert ("catalog", "0001_squashed_0029_standard_file") in squashes
    for (room, name), squash in squashes.items():
        single = sorted(key for key in steps.keys() - squashes.keys() if key[0] == room)
        assert squash.replaces == single[: len(squash.replaces)], name
        requirements = {before for key in squash.replaces for before in steps[key].dependencies}
        assert set(squash.dependencies) <= requirements, name
