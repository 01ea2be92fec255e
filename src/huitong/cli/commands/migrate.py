"""Bring the database's tables up to date, as their owner, and renew what the runtime role may do."""

import argparse

from huitong.cli.grants import grant


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
