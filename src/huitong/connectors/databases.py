"""Connections to a PostgreSQL of somebody else: through the guard, read-only unless the caller
wants more, every failure named."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import psycopg
from psycopg import IsolationLevel, pq, sql
from psycopg.abc import AdaptContext, Buffer
from psycopg.abc import Loader as AbstractLoader
from psycopg.adapt import AdaptersMap, Loader
from psycopg.types.string import TextLoader

from huitong.connectors.address import CAPABILITIES, DatabaseAddress
from huitong.connectors.guard import Guard
from huitong.connectors.guest import GuestConnection, our_path
from huitong.connectors.problems import ConnectorProblem
from huitong.connectors.tables import Probe


def connect(
    address: DatabaseAddress,
    *,
    guard: Guard,
    read_only: bool = True,
    timeout_s: int = 5,
    statement_s: int = 0,
    name: str = "huitong",
) -> GuestConnection:
    """An open connection to the pinned address. ``statement_s``: longest statement, 0 = no limit.

    Nothing of our own environment leaks in: no PG* variables, no password file, no proxies. Every
    statement sees what was committed before it got its locks, whatever the database's default: with
    an older snapshot a table that was emptied and refilled while the statement waited for it would
    be empty. Raises `ConnectorProblem`.
    """
    if not CAPABILITIES[address.kind].source:
        raise ConnectorProblem("not_supported", CAPABILITIES[address.kind].label)
    pinned = guard.check(address.host, address.port, address.database)
    certain = address.tls == "verify-full"
    roots = address.ca_file or ("system" if certain else "")
    with named_errors():
        connection = GuestConnection.connect(
            host=pinned.host,
            hostaddr=pinned.ip,
            port=pinned.port,
            dbname=address.database,
            user=address.user,
            password=address.password,
            passfile="/dev/null",
            sslmode=address.tls,
            sslrootcert=roots,
            sslcert="",
            sslkey="",
            # whoever may sit between gets no password by asking for it in clear
            require_auth=NO_TICKETS if certain else f"{NO_TICKETS},!password",
            gssencmode="disable",
            connect_timeout=timeout_s,
            client_encoding="UTF8",
            options="",
            application_name="",
            target_session_attrs="any",
            prepare_threshold=None,
            keepalives=1,
            keepalives_idle=30,
            keepalives_interval=10,
            keepalives_count=3,
            tcp_user_timeout=60_000,
        )
    connection.label, connection.statement_s, connection.read_only = name, statement_s, read_only
    connection.isolation_level = IsolationLevel.READ_COMMITTED
    for kind in BEYOND_PYTHON:
        connection.adapters.register_loader(kind, _OrText.beside(connection.adapters, kind))
    connection.adapters.register_loader("interval", TextLoader)  # a timedelta knows no months
    return connection


NO_TICKETS = "!gss,!sspi"  # of our host's own account
#: types whose values may lie outside Python's: infinity, before Christ, 24:00
BEYOND_PYTHON = ("date", "timestamp", "timestamptz", "time", "timetz")


class _OrText(Loader):
    """The value as psycopg reads it, or as PostgreSQL writes it where Python has no such day:
    one row must not spoil a page of rows."""

    usual: ClassVar[type[AbstractLoader]]

    @classmethod
    def beside(cls, adapters: AdaptersMap, kind: str) -> type[_OrText]:
        usual = adapters.get_loader(adapters.types[kind].oid, pq.Format.TEXT)
        return type(cls.__name__, (cls,), {"usual": usual})

    def __init__(self, oid: int, context: AdaptContext | None = None) -> None:
        super().__init__(oid, context)
        self._usual = self.usual(oid, context)

    def load(self, data: Buffer) -> Any:
        try:
            return self._usual.load(data)
        except psycopg.DataError:
            return bytes(data).decode()


def probe(
    address: DatabaseAddress, *, guard: Guard, schema: str = "public", target: bool = False
) -> Probe:
    """Try an address as the wizard does. ``target``: tables must be creatable in ``schema``;
    else at least one must be readable."""
    start = time.monotonic()
    try:
        with (
            named_errors(),
            connect(address, guard=guard, statement_s=15) as connection,
            our_path(connection),
        ):
            row = connection.execute(PROBE, {"schema": schema}).fetchall()[0]
    except ConnectorProblem as problem:
        return Probe(problem, _ms(start))
    version, encoding, encrypted, readable, exists, can_create = row
    lacking = None
    if not exists:
        lacking = ConnectorProblem("no_such_table", f"模式“{schema}”不存在")
    elif target and not can_create:
        lacking = ConnectorProblem("no_privilege", f"不能在模式“{schema}”中建表")
    elif not target and not readable:
        lacking = ConnectorProblem("no_privilege", f"模式“{schema}”中没有可读取的表")
    return Probe(
        lacking, _ms(start), version, encoding, bool(encrypted), readable, bool(can_create)
    )


PROBE = """
SELECT current_setting('server_version'), current_setting('server_encoding'),
       (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()),
       (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = %(schema)s AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
           AND has_any_column_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE')),
       EXISTS (SELECT FROM pg_namespace WHERE nspname = %(schema)s),
       (SELECT has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = %(schema)s)
"""


def _ms(start: float) -> int:
    return round((time.monotonic() - start) * 1000)


# -- naming what went wrong ------------------------------------------------------------------------

# While connecting the server sends no machine-readable code to psycopg, only a sentence in the
# server's language.
SENTENCES = (
    (
        "bad_password",
        (
            r"password authentication failed|no password supplied|role .* does not"
            r" exist|认证失败|没有提供密码|角色.*不存在"
        ),
    ),
    ("sign_in", r"server requested a cleartext password"),
    ("not_admitted", r"no pg_hba\.conf entry|pg_hba\.conf rejects|没有用于主机|pg_hba\.conf 拒绝"),
    ("no_such_database", r"database .* does not exist|数据库.*不存在"),
    (
        "no_privilege",
        r"permission denied for database|not permitted to log in|访问数据库.*权限不够|不允许登录",
    ),
    ("too_many", r"too many (clients|connections)|connection slots|太多的客户|连接槽"),
    ("starting", r"starting up|shutting down|recovery mode|正在启动|正在关闭|恢复模式"),
    # under way, not in the handshake
    ("lost", r"SSL connection has been closed|SSL SYSCALL error|SSL 连接异常关闭|SSL SYSCALL 错误"),
    ("tls", r"SSL|TLS|certificate|证书"),
    ("refused", r"Connection refused|拒绝连接"),
    ("timeout", r"timeout|timed out|超时"),
    ("unreachable", r"unreachable|No route to host|Network is down|无法到达|没有到主机的路由"),
    (
        "lost",
        (
            r"server closed the connection|connection (was )?(reset|closed|lost)|terminating"
            r" connection|意外(地)?(被)?关闭"
        ),
    ),
)
STATES = {
    "28P01": "bad_password",
    "28000": "not_admitted",
    "3D000": "no_such_database",
    "42501": "no_privilege",
    "53300": "too_many",
    "57P03": "starting",
    "53100": "disk_full",
    "42P01": "no_such_table",
    "42703": "no_such_table",
    "3F000": "no_such_table",
    "57014": "timeout",
    "55P03": "timeout",
    "57P01": "lost",
    "57P02": "lost",
    "57P05": "lost",
    "25P02": "lost",
    "25P03": "lost",
    "25P04": "lost",
    "22021": "encoding",
    "22P05": "encoding",
    "40001": "conflict",
    "40P01": "conflict",
    "25006": "read_only",
}


def named(error: psycopg.Error) -> ConnectorProblem:
    """The named failure behind a driver's error."""
    state = error.sqlstate or ""
    # its state is that of any lacking privilege
    if error.diag.source_function == "check_enable_rls":
        return ConnectorProblem("rows_hidden", state)
    # from our encoding to the database's
    if state == "22P05" and re.findall(r'"(\w+)"', error.diag.message_primary or "")[:1] == [
        "UTF8"
    ]:
        return ConnectorProblem("not_in_repertoire", state)
    if code := STATES.get(state) or ("lost" if state.startswith("08") else ""):
        return ConnectorProblem(code, state)
    if state:
        return ConnectorProblem("database_error", f"SQLSTATE {state}")
    if isinstance(error, psycopg.errors.ConnectionTimeout):
        return ConnectorProblem("unreachable")
    text = str(error)
    code_found = next(
        (code for code, pattern in SENTENCES if re.search(pattern, text, re.IGNORECASE)), None
    )
    return ConnectorProblem(
        code_found or ("lost" if isinstance(error, psycopg.OperationalError) else "database_error")
    )


@contextmanager
def named_errors() -> Iterator[None]:
    """Turn every driver error within into a `ConnectorProblem`."""
    try:
        yield
    except psycopg.Error as error:
        raise named(error) from error


# -- for the administrator at the other end --------------------------------------------------------


def grant_reading_sql(address: DatabaseAddress, schema: str, tables: list[str]) -> str:
    """The least an administrator must run so that we can read these tables; no tables = all
    present ones."""
    who, where = sql.Identifier(address.user), sql.Identifier(schema)
    dotted = [sql.SQL("{}.{}").format(where, sql.Identifier(t)) for t in tables]
    objects = (
        sql.SQL(", ").join(dotted) if tables else sql.SQL("ALL TABLES IN SCHEMA {}").format(where)
    )
    return _script(
        sql.SQL(
            "CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION"
            " CONNECTION LIMIT 10;"
        ).format(who),
        sql.SQL("\\password {}").format(who),
        sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on;").format(who),
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {};").format(
            sql.Identifier(address.database), who
        ),
        sql.SQL("GRANT USAGE ON SCHEMA {} TO {};").format(where, who),
        sql.SQL("GRANT SELECT ON {} TO {};").format(objects, who),
    )


def grant_delivery_sql(address: DatabaseAddress, schema: str) -> str:
    """The least an administrator must run so that we can deliver tables into ``schema``: our own
    schema, nothing else."""
    who, where = sql.Identifier(address.user), sql.Identifier(schema)
    return _script(
        sql.SQL(
            "CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION"
            " CONNECTION LIMIT 10;"
        ).format(who),
        sql.SQL("\\password {}").format(who),
        sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {};").format(
            sql.Identifier(address.database), who
        ),
        sql.SQL("CREATE SCHEMA IF NOT EXISTS {};").format(where),
        sql.SQL("GRANT USAGE, CREATE ON SCHEMA {} TO {};").format(where, who),
    )


def _script(*lines: sql.Composable) -> str:
    return "\n".join(line.as_string(None) for line in lines) + "\n"
