"""Bring the database's tables up to date, as their owner, and renew what the runtime role may do."""

import argparse

#: the trigger function by which a table declares itself insert-only (kernel migration 0002)
INSERT_ONLY = "huitong_insert_only"


def arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(options: argparse.Namespace) -> int:
    from django.core.management import call_command

    from huitong.cli.django_ready import database, ready

    with database():
        ready(as_owner=True)
        call_command("migrate", interactive=False, verbosity=1)
        call_command("createcachetable")
        from django.conf import settings
        from django.db import connection

        from huitong.settings import database as address

        runtime = address("DATABASE_URL", "database-url")["USER"]
        if runtime == settings.DATABASES["default"]["USER"]:
            print(f"note: {runtime} owns the tables and runs the product; with a role of its own (DATABASE_OWNER_URL) "
                  "the database itself would keep the ledger from being changed")  # fmt: skip
        else:
            with connection.cursor() as cursor:
                grant(cursor, runtime)
            print(f"the role {runtime} may read and write all tables, and only add to insert-only ones")
    return 0


def grant(cursor: "object", runtime: str) -> None:
    """What the runtime role may do: everything with rows, except that insert-only tables are only read and added to.

    To be called as the owner; in one transaction, so that a running product never loses a right in between.
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
            cursor.execute(sql.SQL(statement).format(role=role))  # type: ignore[attr-defined]
        for table in insert_only_tables(cursor):
            cursor.execute(  # type: ignore[attr-defined]
                sql.SQL("REVOKE UPDATE, DELETE ON {table} FROM {role}").format(table=sql.Identifier(table), role=role)
            )


def insert_only_tables(cursor: "object") -> list[str]:
    """The tables that refuse change by trigger, and so must also refuse it by privilege."""
    cursor.execute(  # type: ignore[attr-defined]
        "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
        " WHERE proname = %s AND NOT tgisinternal ORDER BY 1",
        [INSERT_ONLY],
    )
    return [name for (name,) in cursor.fetchall()]  # type: ignore[attr-defined]
