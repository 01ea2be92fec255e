"""Bring the tables up to date as their owner, and renew what the runtime role may do.

The runtime role reads and writes rows, but only inserts into the ledger and its seals: `kernel.ledger.INSERT_ONLY` and
each context's ``models.INSERT_ONLY`` name those tables.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, call_command
from django.db import connection
from psycopg import sql

from huitong.kernel import ledger


def insert_only() -> list[str]:
    """Every table that is never changed, by the contexts' own word."""
    tables = list(ledger.INSERT_ONLY)
    for context in settings.CONTEXTS:
        if find_spec(f"{context}.models"):
            tables += getattr(import_module(f"{context}.models"), "INSERT_ONLY", [])
    return sorted(set(tables))


def grant(role: str = "") -> None:
    """Give the runtime role its rights: all rows of all tables, but insert and select only on what is insert-only."""
    runtime = sql.Identifier(role or settings.RUNTIME_ROLE)
    with connection.cursor() as cursor:
        if connection.settings_dict["USER"] == (role or settings.RUNTIME_ROLE):
            return  # one role for both: nothing to separate; `huitong doctor` says so
        for line in ("GRANT USAGE ON SCHEMA public TO {}", "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
                     "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}"):
            cursor.execute(sql.SQL(line).format(runtime))
        cursor.execute(sql.SQL("REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {}").format(runtime))
        for table in insert_only():
            cursor.execute(sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(sql.Identifier(table), runtime))


class Command(BaseCommand):
    help = "Migrate as the owner, then renew the runtime role's rights."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=int(options["verbosity"]), interactive=False)
        call_command("createcachetable", verbosity=0)
        grant()
