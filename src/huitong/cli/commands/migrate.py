"""Bring the database's tables up to date, as their owner, and renew what the runtime role may
do."""

import argparse
import time

from huitong.cli.grants import grant
from huitong.cli.processes import CannotRun


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--wait",
        type=float,
        default=0,
        metavar="SECONDS",
        help="how long to wait for a database that does not answer yet",
    )


def run(options: argparse.Namespace) -> int:
    from django.core.management import call_command

    from huitong.cli.django_ready import database, ready

    with database(make=True):
        ready(as_owner=True)
        wait_for_database(options.wait)
        call_command("migrate", interactive=False, verbosity=1)
        call_command("createcachetable")
        from django.conf import settings
        from django.db import connection

        from huitong.settings import database as address

        runtime = address("DATABASE_URL", "database-url")["USER"]
        if runtime == settings.DATABASES["default"]["USER"]:
            print(
                f"note: {runtime} owns the tables and runs the product; with a role of its own"
                " (DATABASE_OWNER_URL) the database itself would keep the ledger from being"
                " changed"
            )
        else:
            with connection.cursor() as cursor:
                grant(cursor, runtime)
            print(
                f"the role {runtime} may read and write all tables, and only add to insert-only"
                " ones"
            )
    return 0


def wait_for_database(seconds: float) -> None:
    """Until it lets us in; whoever starts both after a power cut cannot know which is up first.
    Raises `CannotRun`."""
    from django.db import OperationalError, connection

    until, told = time.monotonic() + seconds, ""
    while True:
        try:
            return connection.ensure_connection()
        except OperationalError as error:
            why = str(error).strip()
        if time.monotonic() >= until:
            raise CannotRun(f"the database does not let us in: {why}")
        if why != told:
            print(f"waiting for the database: {why}", flush=True)
            told = why
        time.sleep(1)
