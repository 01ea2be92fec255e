"""The departments' front-end databases (前置库) of the demonstration: a PostgreSQL server apart from
the platform's own.

Each department has its database, filled with invented rows once, a role that may only read, and the
consumer's one a role that owns its schema. Their addresses are kept in ``run/fronts.json`` of the
data folder, mode 0600.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from huitong.cli.demo.departments import DEPARTMENTS, load
from huitong.cli.place import Place
from huitong.cli.postgres import EmbeddedPostgres
from huitong.cli.processes import write_private

#: database → department whose tables are loaded, and whether the platform's role may write (a
#: consumer's arrival database)
FRONTS: dict[str, tuple[str, bool]] = {
    "front_mz": ("南通市民政局", False),
    "front_rs": ("南通市人力资源和社会保障局", False),
    "front_sc": ("南通市市场监督管理局", False),
    "front_zj": ("南通市住房和城乡建设局", True),
}


@dataclass(frozen=True)
class Front:
    """How the platform reaches one front-end database, as the department would type it in."""

    dbname: str
    host: str
    port: int
    username: str
    password: str
    admin_url: str


class DepartmentServer:
    """The departments' server as a part of the demonstration."""

    name, label = "departments", "departments' front-end databases"

    def __init__(self, place: Place) -> None:
        self.place = place
        self.postgres = EmbeddedPostgres(place.data / "departments")
        self.log = self.postgres.log

    def start(self) -> None:
        self.postgres.stop()
        self.postgres.start()
        prepare(self.postgres, self.place.data / "run" / "fronts.json")
        # a department's address is refused unless the operator allowed its network; here that one
        # server on loopback
        self.place.environment["HUITONG_ALLOWED_NETWORKS"] = f"127.0.0.1:{self.postgres.port}"

    def stop(self) -> None:
        self.postgres.stop()

    def alive(self) -> bool:
        return self.postgres.lives()


def prepare(server: EmbeddedPostgres, file: Path) -> None:
    """Create databases, roles and rows, once; safe to run again."""
    existing = {front.dbname: front for front in fronts(file)} if file.exists() else {}
    result = []
    for name, (department, writable) in FRONTS.items():
        front = existing.get(name)
        password = front.password if front else secrets.token_urlsafe(18)
        admin = server.superuser_url.rsplit("/", 1)[0] + f"/{name}"
        _make(server.superuser_url, admin, name, department, password, writable)
        result.append(Front(name, "127.0.0.1", server.port, f"{name}_platform", password, admin))
    write_private(file, json.dumps([asdict(front) for front in result], ensure_ascii=False))


def fronts(file: Path) -> list[Front]:
    return [Front(**row) for row in json.loads(file.read_text())]


def _make(
    server: str, admin: str, name: str, department: str, password: str, writable: bool
) -> None:
    role = sql.Identifier(f"{name}_platform")
    with psycopg.connect(server, autocommit=True) as db:
        if not db.execute(
            "SELECT 1 FROM pg_roles WHERE rolname = %s", [f"{name}_platform"]
        ).fetchone():
            db.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
        db.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(password)))
        if not db.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            db.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    with psycopg.connect(admin) as db:
        if not db.execute("SELECT to_regclass(%s)", [DEPARTMENTS[department][0].name]).fetchone()[
            0
        ]:  # type: ignore[index]
            load(db, department)
        db.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role))
        db.execute(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}").format(role))
        if writable:
            db.execute(
                sql.SQL("CREATE SCHEMA IF NOT EXISTS arrivals AUTHORIZATION {}").format(role)
            )
