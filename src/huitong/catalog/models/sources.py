"""Where entries come from: information systems, databases, scans (A7, A13)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from huitong.catalog.rules import DatabaseRole, ScanState, choices
from huitong.catalog.rules.looks import LookCycle
from huitong.kernel.ledger import Record

BODY = "organizations.Body"


class InformationSystem(Record):
    """A system of a body, registered once: resources arise in it (A7), and it, not a person, uses
    data and holds credentials (A28: with its protection filing)."""

    body = models.ForeignKey(BODY, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    summary = models.CharField(max_length=500, blank=True)
    network = models.CharField(max_length=40, blank=True)
    builder = models.CharField(max_length=120, blank=True)
    protection_level = models.CharField(max_length=8, blank=True)
    protection_filing = models.CharField(max_length=60, blank=True)
    #: from then on nothing new names it
    retired_on = models.DateField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints = [models.UniqueConstraint(fields=["body", "name"], name="system_once")]

    def __str__(self) -> str:
        return self.name


class Database(Record):
    """A department's database: a source to scan and mount, or the front-end database (前置库)
    deliveries arrive in (A13).

    ``secret`` is the password, encrypted by the vault under `secret_purpose`, which binds it to
    this very address: who changes the address must know the password.
    """

    body = models.ForeignKey(BODY, on_delete=models.PROTECT, related_name="+")
    system = models.ForeignKey(
        InformationSystem, null=True, blank=True, on_delete=models.PROTECT, related_name="databases"
    )
    name = models.CharField(max_length=120)
    role = models.CharField(
        max_length=12, choices=choices(DatabaseRole), default=DatabaseRole.SOURCE
    )
    kind = models.CharField(max_length=20, default="postgresql")
    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField(default=5432)
    dbname = models.CharField(max_length=120)
    schema = models.CharField(max_length=120, default="public")
    tls = models.CharField(max_length=12, default="prefer")
    username = models.CharField(max_length=120)
    secret = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    probed_at = models.DateTimeField(null=True)
    #: what the server said of itself at the last probe
    server = models.CharField(max_length=200, blank=True)
    #: how often it is looked at without being asked, from which day on, and when next
    look_cycle = models.CharField(max_length=12, choices=choices(LookCycle), default=LookCycle.OFF)
    look_first = models.DateField(null=True)
    look_on = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints = [models.UniqueConstraint(fields=["body", "name"], name="database_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def secret_purpose(self) -> str:
        server = f"{self.host}:{self.port}:{self.dbname}:{self.username}"
        return f"catalog.database:{self.body_id}:{self.kind}:{server}"


class Scan(Record):
    """One reading of a database's tables into drafts; ``tables`` keeps what became of each,
    classified ones only counted (A3). ``asked_by`` is None where its day had come: then tables are
    only compared with their entries."""

    database = models.ForeignKey(Database, on_delete=models.PROTECT, related_name="scans")
    asked_by = models.BigIntegerField(null=True)
    state = models.CharField(max_length=12, choices=choices(ScanState), default=ScanState.QUEUED)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    #: [{"table", "comment", "columns", "rows", "entry": pk or null, "said": why no draft was made}]
    tables = models.JSONField(default=list)
    refused = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["database"],
                name="scan_one_running",
                condition=models.Q(state__in=[ScanState.QUEUED, ScanState.RUNNING]),
            )
        ]

    @property
    def is_running(self) -> bool:
        return self.state in (ScanState.QUEUED, ScanState.RUNNING)

    @property
    def only_compares(self) -> bool:
        return self.asked_by is None

    @property
    def drafted(self) -> int:
        return sum(bool(t.get("entry")) for t in self.tables)
