"""What the migrations of all rooms are made of: many tables at once, tables only added to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations import CreateModel, RunSQL
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.models import BigAutoField


class CreateModels(Operation):
    """Make the tables of several models, which may refer to each other in any order.

    For each `CreateModel` Django renders all models again that have to do with the new one, and
    soon that is every model: n of them cost n². Here the new ones are rendered, once: what they
    refer to stays as it is.
    """

    category = OperationCategory.ADDITION
    serialization_expand_args = ["models"]

    def __init__(self, models: Sequence[CreateModel]) -> None:
        self.models = models

    def state_forwards(self, app_label: str, state: Any) -> None:
        rendered = state.__dict__.pop("apps", None)  # hasattr would render them
        for model in self.models:
            model.state_forwards(app_label, state)
        if rendered is not None:
            new = [state.models[app_label, model.name_lower] for model in self.models]
            rendered.render_multiple(new)
            state.apps = rendered

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        for model in self.models:
            model.database_forwards(app_label, schema_editor, from_state, to_state)
        # now, not after the migration: Django then records it in the transaction that makes the
        # tables, and a start killed in between finds neither, or both
        while schema_editor.deferred_sql:
            schema_editor.execute(schema_editor.deferred_sql.pop(0), None)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        for model in reversed(self.models):
            model.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Create models {', '.join(model.name for model in self.models)}"


def key() -> BigAutoField:
    """The number Django gives a row when its model says nothing."""
    return BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def insert_only(*tables: str) -> RunSQL:
    """Let the database itself refuse any change of these tables but new rows."""
    close = "".join(
        f"CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION huitong_insert_only();"
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION huitong_insert_only();"
        for table in tables
    )
    open_again = "".join(
        f"DROP TRIGGER {table}_insert_only ON {table}; DROP TRIGGER {table}_no_truncate ON {table};"
        for table in tables
    )
    return RunSQL(close, open_again)
