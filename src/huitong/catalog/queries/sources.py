"""Databases and scans: a body's own, seen by its operators and managers, nobody else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from huitong.catalog.models import Database, Entry, Scan
from huitong.catalog.rules import DatabaseRole, EntryState
from huitong.connectors import CAPABILITIES, ConnectorProblem, DatabaseAddress, grant_reading_sql
from huitong.connectors.databases import grant_delivery_sql
from huitong.connectors.kinds import KINDS
from huitong.kernel import vault
from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.procedure import NotVisible
from huitong.kernel.workdays import today
from huitong.organizations.rules import security_limit
from huitong.work.queries import guard


def databases_visible_to(actor: Actor) -> QuerySet[Database]:
    """The databases of the actor's body. Passwords are in no list, page or answer."""
    rows = Database.objects.select_related("system")
    if actor.is_system:
        return rows
    return (
        rows.filter(body=actor.body)
        if actor.body and actor.has(Post.OPERATOR, Post.MANAGER)
        else rows.none()
    )


def database_choices(actor: Actor, case: Case | None = None) -> list[tuple[int, str]]:
    return [(d.pk, d.name) for d in databases_visible_to(actor)]


def database_kinds(actor: Actor, case: Case | None = None) -> list[tuple[str, str]]:
    """Kinds of databases: those that can be connected to first, the others with what holds them
    back."""
    ordered = sorted(CAPABILITIES.values(), key=lambda c: not c.connectable)
    return [(c.kind, c.label if c.connectable else f"{c.label}（{c.note}）") for c in ordered]


def grant_script(typed: Mapping[str, str]) -> str:
    """What the administrator of a database runs before it can be registered, by what is typed of
    it so far."""
    kind = typed.get("kind") or "postgresql"
    if kind not in KINDS or not all(value.isprintable() for value in typed.values()):
        return ""
    try:
        address = DatabaseAddress(
            host="-",
            database=typed.get("dbname") or "数据库名",
            user=typed.get("username") or "账号",
            password="",
            kind=kind,
        )
    except ConnectorProblem:
        return ""
    schema = typed.get("schema_name") or "public"
    if typed.get("role") == DatabaseRole.TARGET:
        return grant_delivery_sql(address, schema) if CAPABILITIES[kind].target else ""
    return grant_reading_sql(address, schema, [])


def database_names(pks: Collection[int]) -> dict[int, str]:
    """What databases are called, for words about them."""
    rows = Database.objects.filter(pk__in=pks).values_list("pk", "name")
    return dict(rows) if pks else {}


def targets_named(bodies: Collection[int], names: Collection[str]) -> dict[tuple[int, str], int]:
    """The front-end databases of these bodies with one of these names, by body and name; no right
    is checked, and of a database nothing is told but that it is there."""
    rows = Database.objects.filter(role=DatabaseRole.TARGET, body__in=bodies, name__in=names)
    return {(body, name): pk for body, name, pk in rows.values_list("body", "name", "pk")}


def database_for(actor: Actor, pk: int) -> Database:
    """Raises `NotVisible`."""
    database = databases_visible_to(actor).filter(pk=pk).first()
    if database is None:
        raise NotVisible("该数据库")
    return database


def scan_for(actor: Actor, pk: int) -> Scan:
    """Raises `NotVisible`."""
    scan = (
        Scan.objects.select_related("database")
        .filter(pk=pk, database__in=databases_visible_to(actor))
        .first()
    )
    if scan is None:
        raise NotVisible("该扫描任务")
    return scan


def entry_of_table(database: Database, schema: str, table: str) -> Entry | None:
    """The entry a scanned table already has, discarded drafts apart."""
    return (
        Entry.objects.filter(database=database, source_schema=schema, source_table=table)
        .exclude(latest__case__state=EntryState.DISCARDED)
        .order_by("pk")
        .first()
    )


def last_scans(databases: Iterable[Database]) -> dict[int, Scan]:
    """The last scan of each of these databases, without its list of tables."""
    rows = (
        Scan.objects.filter(database__in=[d.pk for d in databases])
        .order_by("database_id", "-asked_at")
        .distinct("database_id")
        .defer("tables")
    )
    return {scan.database_id: scan for scan in rows}


def databases_to_look_at(day: date) -> list[int]:
    """The sources to be compared with their entries on a day, those due longest first."""
    rows = Database.objects.filter(look_on__lte=day, role=DatabaseRole.SOURCE).exclude(secret="")
    return list(rows.order_by("look_on", "pk").values_list("pk", flat=True))


# -- connecting ------------------------------------------------------------------------------------


def address_of(database: Database) -> DatabaseAddress:
    """Where the database is, with its password: for the moment of connecting only. Raises
    `vault.Unreadable`."""
    return DatabaseAddress(
        host=database.host,
        port=database.port,
        database=database.dbname,
        user=database.username,
        password=vault.decrypt(database.secret, database.secret_purpose),
        kind=database.kind,
        tls=database.tls,
    )


def bodies_with(database: Database, at: str) -> list[int]:
    """Other bodies that have registered the same database: ``at`` is the address and port it was
    found at."""
    ip, bodies = at.rpartition(":")[0].strip("[]"), set[int]()
    for other in Database.objects.filter(port=database.port, dbname=database.dbname).exclude(
        body=database.body_id
    ):
        with suppress(ConnectorProblem):  # a name nobody knows any more is nobody's address
            if (
                other.host.lower() == database.host.lower()
                or guard().check(other.host, other.port, other.dbname).reached == ip
            ):
                bodies.add(other.body_id)
    return sorted(bodies)


def owners_of(at: str) -> list[int]:
    """Bodies with a registered database at an address and port."""
    host, _, port = at.rpartition(":")
    rows = Database.objects.filter(port=int(port)).values_list("body", "host", "dbname")
    return sorted(
        {
            body
            for body, name, dbname in rows
            if _leads_to(name, int(port), dbname, host.strip("[]"))
        }
    )


def refusals_are_full(body: int | None, at: str, more: int = 0) -> str:
    """Whose connections were refused too often within the hour, counted up to now and ``more``:
    the body's own, or those to an address that the body has not registered. Empty when it may
    try. The ledger is what is counted."""
    refused = LedgerEntry.objects.filter(verb="catalog.refuse_connection")

    def full(name: str, **which: Any) -> bool:
        limit = security_limit(name, today())
        return (
            refused.filter(at__gt=timezone.now() - limit.per, **which).count() + more
            >= limit.amount
        )

    if full("database_refusals_body", body=body):
        return "本部门"
    return (
        "该地址"
        if full("database_refusals_address", after__at=at) and body not in owners_of(at)
        else ""
    )


def _leads_to(name: str, port: int, dbname: str, host: str) -> bool:
    try:
        return name.lower() == host or guard().check(name, port, dbname).reached == host
    except ConnectorProblem:
        return False
