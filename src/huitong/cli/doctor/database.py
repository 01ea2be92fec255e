"""The database and what is in it: reachable, two roles, migrations, protected ledger, calendar,
keys, workers."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime

from huitong.cli.doctor import Check, Finding, broken, good, note
from huitong.cli.doctor.machine import supervised
from huitong.cli.place import Place

#: seconds the database's clock may differ from ours
SKEW = 5.0


def never_started() -> bool:
    """Whether there is no database of our own yet: then the rest has nothing to look at."""
    return (
        not os.environ.get("DATABASE_URL") and not (Place.configured().data / "postgresql").exists()
    )


def reachable() -> Iterator[Finding]:
    from django.db import OperationalError, connection

    start = time.monotonic()
    try:
        connection.ensure_connection()
    except OperationalError as error:
        yield broken(
            "database",
            " ".join(str(error).split()),
            "check DATABASE_URL, and that the server runs and lets us in",
        )
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT version(), clock_timestamp(), current_user, pg_postmaster_start_time()"
        )
        version, now, user, _ = cursor.fetchone()
    kind = "external" if os.environ.get("DATABASE_URL") else "embedded"
    yield good(
        "database",
        f"{kind} {' '.join(version.split()[:2])} as {user}, answers in"
        f" {time.monotonic() - start:.2f} s",
    )
    if (skew := abs((now - datetime.now(UTC)).total_seconds())) > SKEW:
        yield broken(
            "clocks",
            f"database and this machine differ by {skew:.0f} s",
            "run NTP on both: order and limits depend on it",
        )


def settings_of_database() -> Iterator[Finding]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_encoding'), current_setting('server_version_num')"
        )
        encoding, number = cursor.fetchone()
    if encoding != "UTF8":
        yield broken("database encoding", encoding, "create the database with ENCODING 'UTF8'")
    if int(number) < 140000:
        yield broken("database version", number, "PostgreSQL 14 or newer")


def roles() -> Iterator[Finding]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolname = pg_get_userbyid(datdba), rolname FROM pg_roles, pg_database"
            " WHERE rolname = current_user AND datname = current_database()"
        )
        superuser, owner, name = cursor.fetchone()
    if superuser or owner:
        role = "a superuser" if superuser else "the owner of the database"
        yield broken(
            "runtime role",
            f"{name} is {role}: it could change the ledger",
            "give the product a role of its own in DATABASE_URL, the owner's in DATABASE_OWNER_URL,"
            " then `huitong migrate`",
        )
    else:
        yield good("runtime role", f"{name} owns nothing")


def migrations() -> Iterator[Finding]:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        names = ", ".join(f"{m.app_label}.{m.name}" for m, _ in plan[:5]) + (
            " …" if len(plan) > 5 else ""
        )
        yield broken("migrations", f"{len(plan)} pending: {names}", "huitong migrate")
    else:
        yield good("migrations", "none pending")


def ledger() -> Iterator[Finding]:
    from django.db import connection

    from huitong.cli.grants import insert_only_tables

    with connection.cursor() as cursor:
        tables = insert_only_tables(cursor)
        if "kernel_entry" not in tables:
            yield broken(
                "ledger",
                "it has lost the trigger that refuses changes",
                "find out who removed it; then `huitong migrate`",
            )
        loose = []
        for table in tables:
            cursor.execute(
                "SELECT bool_or(has_table_privilege(%s, p)) FROM"
                " unnest(ARRAY['UPDATE','DELETE','TRUNCATE']) p",
                [table],
            )
            if cursor.fetchone()[0]:
                loose.append(table)
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgenabled = 'D'"
            " AND NOT tgisinternal"
        )
        asleep = [name for (name,) in cursor.fetchall()]
    if loose:
        yield broken("ledger", f"the runtime role may change {', '.join(loose)}", "huitong migrate")
    if asleep:
        yield broken(
            "ledger",
            f"protection switched off on {', '.join(asleep)}",
            "ALTER TABLE … ENABLE TRIGGER ALL; ask who did it",
        )
    if not loose and not asleep and "kernel_entry" in tables:
        yield good(
            "ledger", f"{len(tables)} insert-only tables are protected by privilege and by trigger"
        )


def sealing() -> Iterator[Finding]:
    from huitong.audit import queries

    now = queries.status()
    if now.trouble:
        yield broken(
            "sealing",
            now.trouble,
            "export the ledger and `huitong verify` it with a checkpoint kept elsewhere",
        )
    elif now.inspection and now.inspection.faults:
        yield broken(
            "sealing",
            f"the inspection of {now.inspection.at:%Y-%m-%d %H:%M} found"
            f" {len(now.inspection.faults)} faults",
            "`huitong audit inspect` lists them",
        )
    elif now.stalled:
        yield note(
            "sealing",
            f"{now.unsealed} entries wait, the oldest for {now.lag_seconds:.0f} s",
            "a worker seals every ten seconds: is one running? a very long transaction holds"
            " sealing up, too",
        )
    else:
        yield good("sealing", f"{now.sealed} entries sealed, {now.unsealed} waiting")
    if not now.targets:
        yield note(
            "checkpoints",
            "none leaves this machine, so its owner could rewrite history",
            "set HUITONG_CHECKPOINT_DIRS or …_PEERS",
        )
    for target in now.targets:
        if target.trouble:
            yield broken(
                "checkpoints",
                f"{target.name}: {target.trouble}",
                "make the place reachable, and writable for the user huitong runs as; it is tried"
                " again every ten seconds",
            )


def calendar() -> Iterator[Finding]:
    from huitong.kernel.models import CalendarYear
    from huitong.organizations.queries import CALENDAR_MONTH

    today = date.today()
    years = set(CalendarYear.objects.values_list("year", flat=True))
    if today.year not in years:
        yield broken(
            "calendar",
            f"the working days of {today.year} are not loaded",
            "import the State Council's notice of the year",
        )
    elif today.month >= CALENDAR_MONTH and today.year + 1 not in years:
        yield note(
            "calendar",
            f"{today.year + 1} is not loaded",
            "import the State Council's notice as soon as it is out",
        )
    else:
        yield good("calendar", f"loaded up to {max(years)}")


def shipped_rules() -> Iterator[Finding]:
    """Whether the dated rows of this version are in the database, and which the city keeps back."""
    from huitong.organizations import queries

    plans = queries.shipped_plans()
    missing = sum(len(plan.add) + len(plan.end) for plan in plans.values())
    if missing := missing + len(queries.shipped_years()):
        yield broken(
            "rules of law",
            f"{missing} changes of this version's limits, grounds or calendar are not here",
            "huitong migrate",
        )
    else:
        yield good("rules of law", "as this version ships them")
    for table, plan in plans.items():
        for row, own in plan.held:
            yield note(
                "rules of law",
                f"{table}: the city's own row from {own['in_force']} stands in place of this"
                f" version's {row['law']} {row.get('article') or row.get('code')} from"
                f" {row['in_force']}",
                "if the city wants the version's, add it as a row of a later day (时限参数)",
            )


def jobs() -> Iterator[Finding]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers"
            " WHERE last_heartbeat > now() - interval '2 minutes'"
        )
        (workers,) = cursor.fetchone()
        cursor.execute(
            "SELECT count(*) FILTER (WHERE status = 'failed'), string_agg(DISTINCT task_name, ', ')"
            " FILTER (WHERE status = 'failed'), count(*) FILTER (WHERE status = 'todo' AND"
            " coalesce(scheduled_at, now()) < now() - interval '10 minutes') FROM"
            " procrastinate_jobs"
        )
        failed, which, late = cursor.fetchone()
    if workers:
        yield good("worker", f"{workers} running")
    elif supervised():
        yield broken(
            "worker",
            "no worker has given a sign of life for two minutes",
            "see logs/worker.log; `huitong up` starts it again by itself",
        )
    elif os.environ.get("DATABASE_URL"):
        yield note(
            "worker",
            "no worker has given a sign of life for two minutes",
            "`huitong worker` starts one; under systemd: `systemctl status huitong-worker`",
        )
    if failed:
        yield note(
            "jobs",
            f"{failed} failed for good: {which}",
            "the worker's log says why; `huitong manage procrastinate shell`, then list_jobs"
            " status=failed, retry ID or cancel ID",
        )
    if late:
        yield note(
            "jobs",
            f"{late} are waiting for more than ten minutes",
            "start more workers: `huitong worker`",
        )


def deliveries() -> Iterator[Finding]:
    """Find what the API plane leaves out because it cannot be used, and whether the gateway goes by
    the last decisions."""
    from huitong.planes.gateway import reconcile

    faults = reconcile.faults()
    for fault in faults:
        yield broken(
            "deliveries",
            f"{fault.what}: {fault.why}",
            f"acts: {fault.who}; everything else is delivered meanwhile",
        )
    if not faults:
        yield good("deliveries", "every grant in force can be delivered")


def search_index() -> Iterator[Finding]:
    """Look at the search index. Without it search goes on, by the database: a note at most."""
    from huitong.catalog.queries import index

    if reason := index.complaint():
        yield note(
            "search index",
            f"search is done by the database: {reason}",
            "`huitong index` follows the catalog; see logs/index.log",
        )
        return
    try:
        held = index.opened().searcher.num_docs
    except (OSError, ValueError) as error:
        yield note(
            "search index",
            f"search is done by the database: {error}",
            f"stop `huitong index`, delete {index.folder()}, start it: the index is built anew",
        )
        return
    yield good("search index", f"{held} entries, followed")


def product() -> Iterator[Finding]:
    """Run the checks of the contexts themselves (keys, settings, files): Django system checks with
    a hint as the remedy."""
    from django.core import checks

    messages = [message for message in checks.run_checks() if not message.is_silenced()]
    for message in messages:
        make = broken if message.level >= checks.ERROR else note
        yield make(f"check {message.id}", str(message.msg), str(message.hint or "see the detail"))
    if not messages:
        yield good("checks of the contexts", "no complaint")


CHECKS: tuple[Check, ...] = (
    reachable,
    settings_of_database,
    roles,
    migrations,
    ledger,
    sealing,
    calendar,
    shipped_rules,
    jobs,
    deliveries,
    search_index,
    product,
)
