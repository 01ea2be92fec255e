"""Trying a database before anything is kept of it; every refusal is on record, counted and slowed
(A13, A28).

Whoever registers an address makes the platform knock at somebody's door with a password of their
own choosing. So the trying comes before the act's transaction: what it was refused with stays in
the ledger when the act fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, SecretStr

from huitong.catalog import queries
from huitong.catalog.models import Database
from huitong.catalog.rules import UNREADABLE, DatabaseRole, Tls
from huitong.connectors import CAPABILITIES, ConnectorProblem, DatabaseAddress, Probe, probe
from huitong.kernel import vault
from huitong.kernel.actor import BODY, Actor, Post
from huitong.kernel.doing import note, recorded
from huitong.kernel.procedure import AgainstRules, Malformed

BY_CLERK = BODY(Post.OPERATOR)
#: which field of the form a failed connection is about
FIELD_OF = {
    "bad_password": "password",
    "no_such_database": "dbname",
    "no_such_table": "schema_name",
    "no_privilege": "username",
    "not_admitted": "username",
    "not_supported": "kind",
    "tls": "tls",
    "refused": "port",
    "strange": "port",
    "too_old": "kind",
    "sign_in": "username",
    "no_delivery": "role",
}
#: what is wrong with the writing alone: nobody was connected to
UNTRIED = {"address_invalid", "not_supported", "no_delivery"}


@dataclass(frozen=True)
class Tried:
    """A connection that held: where it led, and what was found there."""

    at: str
    probe: Probe


@recorded("A28", BY_CLERK, inner=True, label="登记连接被拒绝")
def refuse_connection(
    actor: Actor,
    *,
    at: Annotated[str, Field(title="地址", max_length=300)],
    host: Annotated[str, Field(title="主机", max_length=253)],
    port: Annotated[int, Field(title="端口")],
    dbname: Annotated[str, Field(title="数据库名", max_length=120)],
    username: Annotated[str, Field(title="账号", max_length=120)],
    cause: Annotated[str, Field(title="原因", max_length=40)],
) -> None:
    """Keep that a connection was refused, and of which kind; of the password nothing. ``full``:
    this one was the last for now."""
    note(full=queries.refusals_are_full(actor.body, at, more=1))


def try_new(
    actor: Actor,
    *,
    name: str,
    host: str,
    port: int | None,
    dbname: str,
    username: str,
    password: SecretStr,
    schema_name: str,
    role: DatabaseRole,
    kind: str,
    tls: Tls,
    system: int | None,
) -> Tried:
    """Before a database is registered. Raises `Malformed` on the field, `AgainstRules` when too
    many were refused."""
    if kind not in CAPABILITIES:
        raise Malformed(
            {"kind": f"没有这种数据库类型，可用：{'、'.join(CAPABILITIES)}"}, article="A13"
        )
    if Database.objects.filter(body_id=actor.body, name=name).exists():
        raise Malformed({"name": f"本部门已登记过“{name}”"}, article="A13")
    database = described(
        actor,
        name=name,
        kind=kind,
        role=role,
        host=host,
        port=port,
        dbname=dbname,
        schema_name=schema_name,
        tls=tls,
        username=username,
    )
    return tried(actor, database, password.get_secret_value())


def described(
    actor: Actor,
    *,
    name: str,
    kind: str,
    role: DatabaseRole,
    host: str,
    port: int | None,
    dbname: str,
    schema_name: str,
    tls: Tls,
    username: str,
) -> Database:
    """The database as its clerk describes it, not kept yet: with the usual port of its kind, and
    its own name as schema where it has no other."""
    of_kind = CAPABILITIES[kind]
    return Database(
        body_id=actor.body,
        name=name,
        kind=kind,
        role=role,
        host=host,
        port=port or of_kind.default_port,
        dbname=dbname,
        schema=schema_name if of_kind.schemas else dbname,
        tls=tls,
        username=username,
    )


def try_password(actor: Actor, *, database: int, password: SecretStr) -> Tried:
    """Before a new password is kept."""
    return tried(actor, queries.database_for(actor, database), password.get_secret_value())


def try_again(actor: Actor, *, database: int) -> Tried:
    """Before it is noted that a registered database answers."""
    registered = queries.database_for(actor, database)
    try:
        password = queries.address_of(registered).password
    except vault.Unreadable:
        raise Malformed({"database": UNREADABLE}, article="A14") from None
    return tried(actor, registered, password)


def tried(actor: Actor, database: Database, password: str) -> Tried:
    """Connect through the guard. Raises `Malformed` whose field, cause and remedy a clerk can
    act on."""
    guard, at, probed = queries.guard(), f"{database.host.lower()}:{database.port}", None
    try:
        address = DatabaseAddress(
            host=database.host,
            port=database.port,
            database=database.dbname,
            user=database.username,
            password=password,
            kind=database.kind,
            tls=database.tls,
        )
        at = _place(
            guard.check(address.host, address.port, address.database).reached, database.port
        )
        _not_too_often(actor, at)
        probed = probe(
            address,
            guard=guard,
            schema=database.schema,
            target=database.role == DatabaseRole.TARGET,
        )
        problem = probed.problem
    except ConnectorProblem as wrong:
        _not_too_often(actor, at)
        problem = wrong
    if probed is not None and problem is None:
        return Tried(at, probed)
    # there is either a probe without a problem, or a problem
    assert problem is not None  # noqa: S101
    if problem.code not in UNTRIED:
        refuse_connection(
            actor,
            at=at,
            host=database.host,
            port=database.port,
            dbname=database.dbname,
            username=database.username,
            cause=problem.code,
        )
    message = (
        f"{problem.cause}{f'（{problem.detail}）' if problem.detail else ''}。{problem.remedy}"
    )
    raise Malformed({FIELD_OF.get(problem.code, "host"): message}, article="A13")


def noted(tried: Tried, kind: str) -> str:
    """What the ledger keeps of a connection that held. Returns the server, in words."""
    server = f"{CAPABILITIES[kind].label} {tried.probe.version}"[:200]
    note(server=server, encrypted=tried.probe.encrypted, ms=tried.probe.ms, at=tried.at)
    return server


def _place(ip: str, port: int) -> str:
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"


def _not_too_often(actor: Actor, at: str) -> None:
    if whose := queries.refusals_are_full(actor.body, at):
        raise AgainstRules(
            f"{whose}一小时内被拒绝的连接过多，已暂停登记和测试。",
            article="A28",
            who="大数据管理局",
            remedy=(
                "请先向数据库管理员核对地址、账号和密码，一小时后再试；每次被拒绝都已记入台账，"
                "并告知大数据管理局。"
            ),
        )
