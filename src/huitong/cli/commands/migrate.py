"""Bring the database's tables up to date, as their owner, renew what the runtime role may do, and
take in the rules of law that come with this version."""

import argparse
import time
from collections.abc import Mapping
from typing import Any

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

        from huitong.settings.environment import database as address

        runtime = address("DATABASE_URL", "database-url")["USER"]
        if runtime == settings.DATABASES["default"]["USER"]:
            print(
                f"note: {runtime} owns the tables and runs the product; with a role of its own"
                " (DATABASE_OWNER_URL) the database itself would refuse changes of the ledger"
            )
        else:
            with connection.cursor() as cursor:
                grant(cursor, runtime)
            print(
                f"the role {runtime} may read and write all tables,"
                " and only add to insert-only ones"
            )
        for line in take_shipped():
            print(line)
    return 0


def take_shipped() -> list[str]:
    """Add what this version ships as dated rows, and clocks, and the city does not have; one line
    for each, and for each left to the city. Nothing to add writes nothing."""
    from huitong.organizations import actions, queries

    plans = queries.shipped_plans()
    lines = [
        f"{table}: {change} {_named(row)}"
        for table, plan in plans.items()
        for change, rows in (("added", plan.add), ("ended", plan.end))
        for row in rows
    ]
    lines += [f"calendar: added the year {year}" for year in queries.shipped_years()]
    lines += [f"clocks: {table.kind} gained one" for table in queries.gaining_procedures()]
    if lines:
        actions.take_shipped(queries.platform(via="cli:migrate"))
    return lines + [
        f"{table}: kept the city's own {_named(own)}, did not take {_named(row)}"
        for table, plan in plans.items()
        for row, own in plan.held
    ]


def _named(row: Mapping[str, Any]) -> str:
    """A dated row in one phrase: its law, what it is of, since when, and how much."""
    words = [
        str(row[name]) for name in ("law", "article", "name", "code", "label") if row.get(name)
    ]
    amount = f" ({row['amount']} {row['unit']})" if "amount" in row else ""
    until = f" until {row['until']}" if row.get("until") else ""
    return f"{' '.join(words)} from {row['in_force']}{until}{amount}"


def wait_for_database(seconds: float) -> None:
    """Wait until the database lets us in: after a power cut nobody knows which of the two is up
    first. Raises `CannotRun`."""
    from django.db import OperationalError, connection

    until, last = time.monotonic() + seconds, ""
    while True:
        try:
            return connection.ensure_connection()
        except OperationalError as error:
            reason = str(error).strip()
        if time.monotonic() >= until:
            raise CannotRun(f"the database does not let us in: {reason}")
        if reason != last:
            print(f"waiting for the database: {reason}", flush=True)
            last = reason
        time.sleep(1)
