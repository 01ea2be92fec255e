"""Models and migrations say the same, so that no deployment lacks a column."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command


def test_no_model_has_changed_without_a_migration(db: None) -> None:
    output = io.StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=output)
    except SystemExit:
        pytest.fail(
            f"run `huitong manage makemigrations` and commit what it writes:\n{output.getvalue()}"
        )
