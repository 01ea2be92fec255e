"""Systems, databases and scans: a body's own, seen by its operators and managers, nobody else."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from huitong.catalog.models import Database, Entry, InformationSystem, Scan
from huitong.catalog.rules import EntryState
from huitong.connectors import CAPABILITIES, DatabaseAddress, Guard
from huitong.kernel import vault
from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.procedure import NotVisible


def systems_visible_to(actor: Actor) -> QuerySet[InformationSystem]:
    """The information systems of the actor's body."""
    rows = InformationSystem.objects.all()
    if actor.is_system:
        return rows
    return rows.filter(body=actor.body) if actor.body and actor.has(Post.OPERATOR, Post.MANAGER) else rows.none()


def systems_with_counts(actor: Actor) -> QuerySet[InformationSystem]:
    return systems_visible_to(actor).annotate(entry_count=Count("entries", filter=~Q(entries__case__state=EntryState.DISCARDED)))


def system_for(actor: Actor, pk: int) -> InformationSystem:
    """Raises `NotVisible`."""
    found = systems_visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise NotVisible("该信息系统")
    return found


def databases_visible_to(actor: Actor) -> QuerySet[Database]:
    """The databases of the actor's body. Passwords are in no list, page or answer."""
    rows = Database.objects.select_related("system")
    if actor.is_system:
        return rows
    return rows.filter(body=actor.body) if actor.body and actor.has(Post.OPERATOR, Post.MANAGER) else rows.none()


def system_choices(actor: Actor, case: Case | None = None) -> list[tuple[int, str]]:
    """What a form offers as the system."""
    return list(systems_visible_to(actor).values_list("pk", "name"))


def database_choices(actor: Actor, case: Case | None = None) -> list[tuple[int, str]]:
    return [(d.pk, d.name) for d in databases_visible_to(actor)]


def database_kinds(actor: Actor, case: Case | None = None) -> list[tuple[str, str]]:
    """Kinds of databases: those that can be connected to first, the others with what holds them back."""
    ordered = sorted(CAPABILITIES.values(), key=lambda c: not c.connectable)
    return [(c.kind, c.label if c.connectable else f"{c.label}（{c.note}）") for c in ordered]


def database_for(actor: Actor, pk: int) -> Database:
    """Raises `NotVisible`."""
    found = databases_visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise NotVisible("该数据库")
    return found


def scan_for(actor: Actor, pk: int) -> Scan:
    """Raises `NotVisible`."""
    found = Scan.objects.select_related("database").filter(pk=pk, database__in=databases_visible_to(actor)).first()
    if found is None:
        raise NotVisible("该扫描任务")
    return found


def entry_of_table(database: Database, schema: str, table: str) -> Entry | None:
    """The entry a scanned table already has, discarded drafts apart."""
    return (Entry.objects.filter(database=database, source_schema=schema, source_table=table)
            .exclude(case__state=EntryState.DISCARDED).order_by("pk").first())


def last_scans(databases: Iterable[Database]) -> dict[int, Scan]:
    """The last scan of each of these databases, without its list of tables."""
    rows = Scan.objects.filter(database__in=[d.pk for d in databases]).order_by("database_id", "-asked_at").distinct("database_id").defer("tables")
    return {scan.database_id: scan for scan in rows}


# -- connecting ------------------------------------------------------------------------------------------------


def address_of(database: Database) -> DatabaseAddress:
    """Where the database is, with its password: for the moment of connecting only. Raises `vault.Unreadable`."""
    return DatabaseAddress(host=database.host, port=database.port, database=database.dbname, user=database.username,
                           password=vault.decrypt(database.secret, database.secret_purpose), kind=database.kind, tls=database.tls)


def guard() -> Guard:
    """The guard every connection to a registered address goes through: allowed networks, never the platform's own doors."""
    return Guard.of(settings.ALLOWED_NETWORKS, [own for url in (settings.PUBLIC_URL, settings.GATEWAY_URL) if (own := _door(url))])


def _door(url: str) -> str:
    """``host:port`` of one of our own addresses where the host is an IP address; names are nobody's allowed network."""
    parts = urlsplit(url)
    try:
        ip = ip_address(parts.hostname or "")
    except ValueError:
        return ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"[{ip}]:{port}" if ip.version == 6 else f"{ip}:{port}"
