"""Rights of the runtime role of the database: it cannot change what is insert-only."""

from __future__ import annotations

from typing import Any

#: the trigger function by which a table declares itself insert-only (kernel migration 0002)
INSERT_ONLY = "huitong_insert_only"


def grant(cursor: Any, runtime: str) -> None:
    """Give the runtime role its rights: everything with rows, except that insert-only tables are
    only read and added to.

    To be called as the owner; in one transaction, so that a running product never loses a right in
    between.
    """
    from django.db import transaction
    from psycopg import sql

    role = sql.Identifier(runtime)
    with transaction.atomic():
        for statement in (
            "GRANT USAGE ON SCHEMA public TO {role}",
            "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
            "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}",
        ):
            cursor.execute(sql.SQL(statement).format(role=role))
        for table in insert_only_tables(cursor):
            cursor.execute(
                sql.SQL("REVOKE UPDATE, DELETE ON {table} FROM {role}").format(
                    table=sql.Identifier(table), role=role
                )
            )


def insert_only_tables(cursor: Any) -> list[str]:
    """The tables that refuse change by trigger, and so must also refuse it by privilege."""
    cursor.execute(
        "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger JOIN pg_proc ON pg_proc.oid ="
        " tgfoid WHERE proname = %s AND NOT tgisinternal ORDER BY 1",
        [INSERT_ONLY],
    )
    return [name for (name,) in cursor.fetchall()]
