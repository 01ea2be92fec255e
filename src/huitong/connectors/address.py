"""The address of a database, and what each kind of database can do here."""

from __future__ import annotations

from dataclasses import dataclass, field

from huitong.connectors.problems import ConnectorProblem


@dataclass(frozen=True)
class Capability:
    """One kind of database, and what is done with it here: only what tests do with a real server.

    ``scanned``: registered, probed, read into drafts. ``source``: its tables are handed out as
    tables and APIs. ``target``: deliveries arrive in it. ``schemas``: a database there has several
    schemas; else it is one itself.
    """

    kind: str
    label: str
    default_port: int
    scanned: bool = False
    source: bool = False
    target: bool = False
    schemas: bool = True

    @property
    def connectable(self) -> bool:
        return self.scanned or self.source or self.target

    @property
    def note(self) -> str:
        if not self.connectable:
            return "已登记，尚不能连接"
        return "可扫描、挂接、接收" if self.source and self.target else "只能扫描编目，不能挂接"


CAPABILITIES: dict[str, Capability] = {
    c.kind: c
    for c in (
        Capability("postgresql", "PostgreSQL", 5432, scanned=True, source=True, target=True),
        Capability("mysql", "MySQL / MariaDB", 3306, scanned=True, schemas=False),
        Capability("oracle", "Oracle", 1521),
        Capability("sqlserver", "SQL Server", 1433),
        Capability("dm", "达梦", 5236),
        Capability("kingbase", "人大金仓 KingbaseES", 54321),
    )
}

#: how a connection may be encrypted, in the words of PostgreSQL's ``sslmode``
TLS = ("prefer", "require", "verify-full", "disable")


@dataclass(frozen=True)
class DatabaseAddress:
    """A database with the account to use. The password stays out of ``repr``. ``tls``: one
    of `TLS`."""

    host: str
    database: str
    user: str
    password: str = field(repr=False)
    port: int = 5432
    kind: str = "postgresql"
    tls: str = "prefer"
    ca_file: str = ""

    def __post_init__(self) -> None:
        if self.kind not in CAPABILITIES:
            raise ConnectorProblem("not_supported", self.kind)
        if self.tls not in TLS:
            raise ConnectorProblem("address_invalid", f"加密方式应为：{'、'.join(TLS)}")
        for value in (self.host, self.database, self.user):
            if not value or "\x00" in value:
                raise ConnectorProblem("address_invalid", "主机、数据库、账号都要填写")

    def __str__(self) -> str:
        return f"{self.kind}://{self.user}@{self.host}:{self.port}/{self.database}"
