"""The roles of the embedded database, their passwords and addresses: files of mode 0600 under the
data folder."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from huitong.cli.processes import CannotRun, write_private

DATABASE = "huitong"
OWNER = "huitong_owner"
RUNTIME = "huitong"
SUPERUSER = "postgres"


class DatabaseNotStarted(CannotRun):
    """The embedded PostgreSQL could not be started; the text says why and what to do."""


@dataclass(frozen=True)
class Addresses:
    """Where to reach the embedded database, one URL per role."""

    runtime: str
    owner: str
    superuser: str


def address_files(folder: Path) -> dict[str, Path]:
    """The files that carry the URL of each role, under the data folder."""
    run = folder / "run"
    return {
        RUNTIME: run / "database-url",
        OWNER: run / "database-owner-url",
        SUPERUSER: run / "database-superuser-url",
    }


def addresses(folder: Path) -> Addresses | None:
    """The addresses written by the last start, or None when the database was never started here."""
    files = address_files(folder)
    if not all(file.exists() for file in files.values()):
        return None
    return Addresses(*(files[role].read_text().strip() for role in (RUNTIME, OWNER, SUPERUSER)))


def password_file(run: Path, role: str) -> Path:
    return run / f"{role}.password"


def password(run: Path, role: str) -> str:
    """The password of a role, made at first use."""
    file = password_file(run, role)
    if not file.exists():
        write_private(file, secrets.token_urlsafe(24))
    return file.read_text().strip()


def role_url(run: Path, port: int, role: str, database: str = DATABASE) -> str:
    return f"postgresql://{role}:{quote(password(run, role))}@127.0.0.1:{port}/{database}"


def ensure_roles(folder: Path, port: int, *, fast: bool) -> None:
    """Create or correct both roles, the database and the files with their addresses; safe at every
    start. ``fast``: the owner may create databases (tests)."""
    run = folder / "run"
    urls = {role: role_url(run, port, role) for role in (RUNTIME, OWNER, SUPERUSER)}
    with psycopg.connect(role_url(run, port, SUPERUSER, "postgres"), autocommit=True) as db:
        present = {name for (name,) in db.execute("SELECT rolname FROM pg_roles")}
        for role in (OWNER, RUNTIME):
            verb = "ALTER" if role in present else "CREATE"
            rights = "LOGIN CREATEDB" if role == OWNER and fast else "LOGIN"
            db.execute(
                sql.SQL("{} ROLE {} {} PASSWORD {}").format(
                    sql.SQL(verb),
                    sql.Identifier(role),
                    sql.SQL(rights),
                    sql.Literal(password(run, role)),
                )
            )
        if not db.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            db.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        db.execute(f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")
        db.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {DATABASE} TO {RUNTIME}")
    with psycopg.connect(urls[SUPERUSER], autocommit=True) as db:
        db.execute(f"ALTER SCHEMA public OWNER TO {OWNER}")
        db.execute(f"GRANT USAGE ON SCHEMA public TO {RUNTIME}")
    for role, file in address_files(folder).items():
        write_private(file, urls[role])
