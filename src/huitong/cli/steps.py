"""The steps between the database and the parts: migrations and the like, left out while nothing
has changed since they were last done, which saves seconds at every later start."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

import huitong
from huitong.cli.logs import tail
from huitong.cli.parts import spawn
from huitong.cli.place import Place, command
from huitong.cli.processes import CannotRun, write_private

#: how often what is killed in its course, a start, a step or the story, is begun again
TRIES = 20


class StopRequested(BaseException):
    """The operator wants us to stop (Ctrl-C or SIGTERM) while we wait for something."""


@dataclass(frozen=True)
class StepRun:
    """A running step; ``begin`` is where its part of the log starts."""

    child: subprocess.Popen[bytes]
    log: Path
    begin: int


@dataclass(frozen=True)
class Steps:
    """Commands to finish, each before the next.

    ``owner_url`` gives the address of the database as its owner. ``recover`` starts our database
    again and returns True when it was killed. ``say`` prints a line for the operator.
    """

    names: tuple[str, ...]
    place: Place
    owner_url: Callable[[], str]
    recover: Callable[[], bool]
    say: Callable[[str], None]

    @property
    def record(self) -> Path:
        """The file that holds the fingerprint of the last time."""
        return self.place.data / "run" / "steps-taken"

    def up_to_date(self) -> bool:
        """Whether they were done and nothing has changed since."""
        return self.record.exists() and self.record.read_text().strip() == fingerprint(
            self.owner_url(), self.names
        )

    def remember(self) -> None:
        """Record that they are done."""
        write_private(self.record, fingerprint(self.owner_url(), self.names))

    def begin(self, name: str) -> StepRun:
        log = self.place.data / "logs" / f"{name}.log"
        begin = log.stat().st_size if log.exists() else 0
        environment = self.place.environment_of(name, DATABASE_OWNER_URL=self.owner_url())
        return StepRun(spawn(command(name), log, environment), log, begin)

    def finish(self, first: StepRun) -> None:
        """Bring all of them to their end; the first is running already."""
        for name in self.names:
            self._finish(name, first if name == self.names[0] else self.begin(name))

    def _finish(self, name: str, run: StepRun) -> None:
        """Wait for the end of a step. Steps may be repeated: one that is killed, or whose database
        is, begins again."""
        for _ in range(TRIES):
            try:
                code = run.child.wait()
            except StopRequested:
                run.child.terminate()
                run.child.wait()
                raise
            if not code:
                return
            if not (self.recover() or code < 0):
                break
            self.say(f"`huitong {name}` was interrupted; starting it again")
            run = self.begin(name)
        raise CannotRun(f"`huitong {name}` failed (log: {run.log}):\n{tail(run.log, run.begin)}")


def fingerprint(database_url: str, steps: tuple[str, ...]) -> str:
    """Hash all that the outcome of the steps depends on: our files, what is installed, and this
    very database; "" when it is new or gone.

    A database restored from a backup has other tables (by their number) or other migrations, and so
    gets its steps again.
    """
    try:
        with psycopg.connect(database_url) as db:
            migrations = db.execute(
                "SELECT 'django_migrations'::regclass::oid, count(*), max(id) FROM"
                " django_migrations"
            ).fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.OperationalError):
        return ""
    packages = Path(sysconfig.get_path("purelib")).glob("*.dist-info")
    parts = [sys.version, *steps, *map(str, migrations or ())]
    parts += sorted(package.name for package in packages)
    for file in sorted(Path(huitong.__file__).parent.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            status = file.stat()
            parts.append(f"{file} {status.st_size} {status.st_mtime_ns}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
