"""The cities that ran before, as their databases were dumped: invented people, played by the code
of their day.

``tests/inputs/upgrade`` holds them. ``city-before-0.1.sql.xz``: before forms were closed, duties
confirmed and bodies numbered. ``city-0.1.sql.xz``: with cases at every desk, clocks that run and
one that ran out, grants live, suspended and held, proposals, notices, urging, and jobs still
waiting (townships were taken out of its list of divisions for size); ``gateway-0.1.json`` holds
the files its gateway and shaping service went by.
"""

from __future__ import annotations

import hashlib
import json
import lzma
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command
from django.db import connection, connections
from psycopg import sql

from huitong.audit import queries as audit
from huitong.cli.commands.migrate import take_shipped
from huitong.cli.grants import grant
from huitong.cli.postgres import RUNTIME
from huitong.kernel.actor import Actor
from huitong.organizations import queries as organizations
from huitong.organizations.models import Person, Posting

INPUTS = Path(__file__).parents[1] / "inputs" / "upgrade"
Rows = Mapping[str, list[dict[str, Any]]]


def secret(name: str) -> Any:
    """The invented city has no secrets: its keys are digests of their names."""
    return hashlib.sha256(f"the invented city of the upgrade test: {name}".encode())


def take_keys(settings: Any, folder: Path) -> None:
    """Let the platform use the keys of the city of 0.1, as an upgrade in place does."""
    key = Ed25519PrivateKey.from_private_bytes(secret("ledger").digest())
    settings.LEDGER_KEY = folder / "ledger-ed25519.pem"
    settings.LEDGER_KEY.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    settings.LEDGER_KEY.chmod(0o600)
    audit.signer.cache_clear()  # another test's key must not sign here
    settings.MASTER_KEY = secret("master-key").hexdigest()
    settings.GATEWAY_PROOF = secret("gateway-proof").hexdigest()


def load(owner_url: str, dump: str) -> None:
    """Put a city in place of what this database held."""
    connections["default"].close()
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        owner.execute(lzma.decompress((INPUTS / dump).read_bytes()))  # type: ignore[arg-type]


def upgrade() -> None:
    """What `huitong migrate` does with the tables."""
    call_command("migrate", verbosity=0, interactive=False)
    with connection.cursor() as cursor:
        grant(cursor, RUNTIME)
    take_shipped()


def rows_of(url: str) -> Rows:
    """Every row of every table."""
    with psycopg.connect(url, row_factory=psycopg.rows.dict_row) as open_:
        tables = open_.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {
            table: open_.execute(
                sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))
            ).fetchall()
            for table in sorted(row["tablename"] for row in tables)
        }


def losses(
    before: Rows,
    after: Rows,
    changed: Mapping[str, Mapping[str, str]],
    moved: Mapping[str, Mapping[str, Mapping[str, str]]],
) -> list[str]:
    """What of the rows before is not there after: tables, columns, rows.

    ``changed`` names what an upgrade may change or take away: table to column to why; the column
    ``*`` stands for the table itself, ``-`` for its rows. ``moved`` names where rows are now:
    table to tables, each with its columns by what they were called.
    """
    lost = []
    for table, rows in before.items():
        allowed = changed.get(table, {})
        if "*" in allowed or not rows:
            continue
        columns = set(rows[0]) - set(allowed)
        places = moved.get(table, {table: {name: name for name in columns}})
        if dropped := columns - {name for place in places.values() for name in place}:
            lost.append(f"columns {sorted(dropped)} of {table}")
        for place, names in places.items():
            if place not in after:
                lost.append(f"table {table} ({len(rows)} rows)")
                continue
            there = set(after[place][0] if after[place] else names.values())
            if dropped := {name for name in names if names[name] not in there}:
                lost.append(f"columns {sorted(dropped)} of {table}")
            same = sorted(set(names) & columns - dropped)
            missing = _counted(rows, same) - _counted(after[place], [names[n] for n in same])
            if "-" not in allowed and missing:
                lost.append(f"{missing.total()} rows of {table}, as {next(iter(missing))}")
    return lost


def _counted(rows: list[dict[str, Any]], columns: list[str]) -> Counter[str]:
    return Counter(
        json.dumps([row[name] for name in columns], default=str, sort_keys=True) for row in rows
    )


class People:
    """The people of a city by user name, as the doors of a journey ask for them."""

    def __getattr__(self, username: str) -> Actor:
        person = Person.objects.get(username=username)
        return organizations.actor_for(person, via="web")


def live_before(rows: Rows) -> set[int]:
    """The grants that delivered before the upgrade and outlive this test."""
    active = {row["id"] for row in rows["kernel_case"] if row["state"] == "active"}
    mounts = {row["id"] for row in rows["publishing_mount"] if row["state"] == "active"}
    return {
        row["id"]
        for row in rows["access_grant"]
        if row["case_id"] in active and row["mount_id"] in mounts and row["valid_to"].year > 2060
    }


def at_desk(desk: str) -> list[str]:
    """The user names of who sits at a desk ``body:post``."""
    body, _, post = desk.partition(":")
    seats = Posting.objects.filter(body=body, post=post, deputy_of=None, valid_to=None)
    return list(seats.values_list("person__username", flat=True))
