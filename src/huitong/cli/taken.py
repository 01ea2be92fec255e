"""Whether the steps before serving (migrations and the like) were taken already: seconds saved
at every later start."""

from __future__ import annotations

import hashlib
import sys
import sysconfig
from pathlib import Path

import psycopg

import huitong


def fingerprint(database_url: str, steps: tuple[str, ...]) -> str:
    """What the outcome of the steps hangs on: our files, what is installed, and this very database;
    "" when it is new or gone.

    A database restored from a backup has other tables (by their number) or other migrations, and so
    gets its steps again.
    """
    try:
        with psycopg.connect(database_url) as db:
            known = db.execute(
                "SELECT 'django_migrations'::regclass::oid, count(*), max(id) FROM"
                " django_migrations"
            ).fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.OperationalError):
        return ""
    told = [sys.version, *steps, *map(str, known or ())]
    told += sorted(found.name for found in Path(sysconfig.get_path("purelib")).glob("*.dist-info"))
    for file in sorted(Path(huitong.__file__).parent.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            about = file.stat()
            told.append(f"{file} {about.st_size} {about.st_mtime_ns}")
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
