"""Connections to a MySQL or MariaDB of somebody else: to our pinned address, read-only, and never
more than a scan needs (A13, A28).

The server may be anybody's. Whatever it answers, it gets no file of ours, no password it could
read off the wire by asking for another way of signing in, no more memory than one row, and no more
time than the statement was given.
"""

from __future__ import annotations

import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.constants import CR
from pymysql.converters import encoders
from pymysql.cursors import SSCursor

from huitong.connectors.address import DatabaseAddress
from huitong.connectors.guard import Guard
from huitong.connectors.problems import ConnectorProblem

HEAD = 2_000_000  # bytes until the first row: thousands of columns have room
ROW = 4_000_000  # bytes of one row
EACH = 100  # bytes each reading is taken to cost us beside its content
IDLE_S = 10  # seconds beyond a statement's own limit until a server counts as silent


class _Refused:
    """A way of signing in that would show the password to whoever listens."""

    def __init__(self, connection: object) -> None:
        pass

    def authenticate(self, packet: object) -> Any:
        raise pymysql.OperationalError(CR.CR_AUTH_PLUGIN_CANNOT_LOAD, "refused")


class _Wire(Connection):  # type: ignore[misc]
    """PyMySQL's connection with bounds: what one answer may cost in bytes and in time."""

    _left = HEAD
    _until = 0.0

    def allow(self, most: int, seconds: float | None = None) -> None:
        """From here on so many bytes more and, where given, so many seconds."""
        self._left = most
        if seconds is not None:
            self._until = time.monotonic() + seconds

    def _read_bytes(self, num_bytes: int) -> bytes:
        self._left -= num_bytes + EACH
        if self._left < 0:
            self._force_close()
            raise ConnectorProblem("too_much")
        parts = []
        while num_bytes:
            try:
                self._sock.settimeout(max(self._until - time.monotonic(), 0.001))
                part = self._rfile.read1(min(num_bytes, 65536))
            except OSError as error:
                self._force_close()
                raise _lost(error) from error
            if not part:
                self._force_close()
                raise _lost(ConnectionResetError())
            parts.append(part)
            num_bytes -= len(part)
        self._current_timeout = None  # the next writing sets its own
        return b"".join(parts)

    @property
    def encrypted(self) -> bool:
        return isinstance(self._sock, ssl.SSLSocket)

    @property
    def server_public_key(self) -> bytes:
        """The key a password would be sealed with where nothing else is encrypted: never one the
        server names itself, for whoever sits between names theirs."""
        raise pymysql.OperationalError(CR.CR_AUTH_PLUGIN_CANNOT_LOAD, "refused")

    @server_public_key.setter
    def server_public_key(self, key: bytes | None) -> None:
        """Keep none."""

    def end(self) -> None:
        """Go without a word and without reading what may still be under way."""
        if (result := getattr(self, "_result", None)) is not None:
            result.unbuffered_active = False
        self._force_close()


def _lost(error: OSError) -> pymysql.OperationalError:
    lost = pymysql.OperationalError(CR.CR_SERVER_LOST, "lost")
    lost.original_exception = error
    return lost


@dataclass(frozen=True)
class Family:
    """One of the two that speak this protocol: the oldest version read, and what limits the time
    of a statement there, in units of a second."""

    label: str
    least: tuple[int, int]
    limit: str
    units: int


MYSQL = Family("MySQL", (5, 7), "max_execution_time", 1000)
MARIADB = Family("MariaDB", (10, 2), "max_statement_time", 1)


class Session:
    """An open session: read-only, its statements limited, values as text."""

    def __init__(self, wire: _Wire, statement_s: int) -> None:
        self._wire, self.statement_s = wire, statement_s
        self.version, self.encoding = map(str, self.one(OPENING, 2))
        self.family = MARIADB if "mariadb" in self.version.lower() else MYSQL
        shape = re.match(r"(\d+)\.(\d+)", self.version)
        if not shape or (int(shape[1]), int(shape[2])) < self.family.least:
            raise ConnectorProblem("too_old", f"{self.family.label} {self.version[:40]}")
        self._set("SET SESSION TRANSACTION READ ONLY")
        self._set("SET SESSION sql_mode = '', time_zone = '+08:00', lock_wait_timeout = 10")
        self.limit(statement_s)

    def rows(self, query: str, *values: str, seconds: int = 0) -> Iterator[tuple[Any, ...]]:
        """The rows one by one; whoever stops before the last ends the session."""
        self._wire.allow(HEAD, (seconds or self.statement_s or 600) + IDLE_S)
        whole = False
        try:
            with named_errors():
                cursor = SSCursor(self._wire)
                cursor.execute(query, values or None)
                while True:
                    self._wire.allow(ROW)
                    if (row := cursor.fetchone()) is None:
                        break
                    yield row
                whole = True
        except ConnectorProblem as problem:
            whole = problem.code not in ENDING
            raise
        finally:
            if not whole:
                self._wire.end()

    def one(self, query: str, width: int, *values: str, seconds: int = 0) -> tuple[Any, ...]:
        """The only row, of so many values. Raises `ConnectorProblem` when the answer is not
        that."""
        rows = list(islice(self.rows(query, *values, seconds=seconds), 2))
        if [len(row) for row in rows] != [width]:
            self.close()
            raise ConnectorProblem("strange")
        return rows[0]

    def limit(self, seconds: int) -> None:
        """Let the server end a statement that takes longer; 0 = no limit."""
        self._set(f"SET SESSION {self.family.limit} = {seconds * self.family.units}")

    def _set(self, statement: str) -> None:
        for _ in self.rows(statement):
            pass

    @property
    def encrypted(self) -> bool:
        return self._wire.encrypted

    @property
    def closed(self) -> bool:
        return not self._wire.open

    def close(self) -> None:
        self._wire.end()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()


OPENING = "SELECT VERSION(), @@character_set_database"
#: after these nothing sensible comes over the same wire
ENDING = {"too_much", "strange", "lost", "unreachable"}


def connect(
    address: DatabaseAddress, *, guard: Guard, timeout_s: int = 5, statement_s: int = 0
) -> Session:
    """An open session at the pinned address. ``statement_s``: longest statement, 0 = no limit.

    Nothing of our own environment leaks in: no option files, no socket, no proxies. Raises
    `ConnectorProblem`.
    """
    pinned = guard.check(address.host, address.port, address.database)
    with named_errors():
        wire = _Wire(
            host=pinned.host,
            port=pinned.port,
            user=address.user,
            password=address.password.encode(),
            database=address.database,
            charset="utf8mb4",
            conv=encoders,
            connect_timeout=timeout_s,
            read_timeout=timeout_s,
            write_timeout=timeout_s,
            local_infile=False,
            defer_connect=True,
            autocommit=True,
            auth_plugin_map=dict.fromkeys(READABLE, _Refused),
            ssl=_tls(address),
            ssl_disabled=address.tls == "disable",
        )
        sock = socket.create_connection((pinned.ip, pinned.port), timeout_s)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        with _no_longer_than(timeout_s, sock):
            wire.allow(HEAD, timeout_s)
            wire.connect(sock)
    try:
        return Session(wire, statement_s)
    except BaseException:
        wire.end()
        raise


#: ways of signing in that send the password itself, or as good as
READABLE = ("mysql_clear_password", "dialog", "mysql_old_password")


def _tls(address: DatabaseAddress) -> ssl.SSLContext | None:
    """None = as the server can."""
    if address.tls in ("prefer", "disable"):
        return None
    context = ssl.create_default_context(cafile=address.ca_file or None)
    if address.tls == "require":
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@contextmanager
def _no_longer_than(seconds: float, sock: socket.socket) -> Iterator[None]:
    """Cut the connection when time is over: a server that sends its certificate byte by byte
    keeps within every limit of a single reading."""
    handle, over = sock.dup(), threading.Event()

    def cut() -> None:
        over.set()
        with suppress(OSError):  # it may have ended by itself
            handle.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception as error:
        if over.is_set():
            raise ConnectorProblem("unreachable") from error
        raise
    finally:
        timer.cancel()
        timer.join()
        handle.close()


# -- naming what went wrong ------------------------------------------------------------------------

#: error numbers of server and client, the same in both families
NUMBERS = {
    1045: "bad_password",
    1698: "bad_password",
    1820: "bad_password",
    1862: "bad_password",
    3118: "bad_password",
    4151: "bad_password",
    1129: "not_admitted",
    1130: "not_admitted",
    1049: "no_such_database",
    1044: "no_privilege",
    1142: "no_privilege",
    1143: "no_privilege",
    1227: "no_privilege",
    1370: "no_privilege",
    1040: "too_many",
    1203: "too_many",
    1226: "too_many",
    1053: "starting",
    1146: "no_such_table",
    1054: "no_such_table",
    1356: "no_such_table",
    1205: "timeout",
    1317: "timeout",
    1969: "timeout",
    3024: "timeout",
    1213: "conflict",
    1290: "read_only",
    1792: "read_only",
    3159: "tls",
    2026: "tls",
    1251: "sign_in",
    1275: "sign_in",
    2059: "sign_in",
    2006: "lost",
    2013: "lost",
    2027: "strange",
}
#: what PyMySQL raises while it takes apart an answer that is none
NONSENSE = (
    struct.error,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    AssertionError,
    RuntimeError,
)


def named(error: pymysql.MySQLError | OSError) -> ConnectorProblem:
    """The named failure behind an error of driver or socket."""
    if isinstance(error, OSError):
        return ConnectorProblem(_of_socket(error))
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    if isinstance(beneath := getattr(error, "original_exception", None), OSError):
        return ConnectorProblem(_of_socket(beneath))
    if code := NUMBERS.get(number):
        return ConnectorProblem(code, f"错误 {number}" if number < 2000 or number > 2999 else "")
    # no number: the driver did not understand what it read
    return (
        ConnectorProblem("database_error", f"错误 {number}")
        if number
        else ConnectorProblem("strange")
    )


def _of_socket(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return "tls"
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    if isinstance(error, (ConnectionResetError, BrokenPipeError)):
        return "lost"
    return "unreachable"


@contextmanager
def named_errors() -> Iterator[None]:
    """Turn every error of the driver within into a `ConnectorProblem`."""
    try:
        yield
    except (pymysql.MySQLError, OSError) as error:
        raise named(error) from error
    except NONSENSE as error:
        raise ConnectorProblem("strange") from error
