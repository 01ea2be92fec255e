"""Databases of a body, and the scan that turns tables into drafts (A7, A10, A13)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.utils import timezone
from pydantic import Field, SecretStr

from huitong.catalog import queries
from huitong.catalog.actions.connecting import (
    BY_CLERK,
    Tried,
    described,
    noted,
    try_again,
    try_new,
    try_password,
)
from huitong.catalog.models import Database, Scan
from huitong.catalog.rules import DatabaseRole, ScanState, Tls
from huitong.catalog.rules.looks import LookCycle, next_look
from huitong.kernel import jobs, vault
from huitong.kernel.actor import SYSTEM, Actor, Post
from huitong.kernel.doing import note, recorded
from huitong.kernel.procedure import AgainstRules
from huitong.kernel.workdays import today
from huitong.work.rules import Pick

BY_PLATFORM = SYSTEM(Post.OPERATOR)
COMMENT_SHOWN = 120  # characters of a table's comment in the list of what was scanned


@recorded("A13", BY_CLERK, label="登记数据库", first=try_new)
def register_database(
    actor: Actor,
    tried: Tried,
    *,
    name: Annotated[str, Field(title="登记名称", min_length=2, max_length=120)],
    host: Annotated[str, Field(title="主机", description="域名或 IP 地址。", max_length=253)],
    port: Annotated[
        int | None,
        Field(
            title="端口",
            description="不填：PostgreSQL 为 5432，MySQL、MariaDB 为 3306。",
            ge=1,
            le=65535,
        ),
    ] = None,
    dbname: Annotated[str, Field(title="数据库名", max_length=120)],
    username: Annotated[
        str,
        Field(
            title="账号", description="数据来源用只读账号；前置库须能建表和写入。", max_length=120
        ),
    ],
    password: Annotated[SecretStr, Field(title="密码", description="加密保存，不再显示。")],
    schema_name: Annotated[
        str,
        Field(
            title="模式", description="PostgreSQL 才有；MySQL、MariaDB 不看此项。", max_length=120
        ),
    ] = "public",
    role: Annotated[DatabaseRole, Field(title="用途")] = DatabaseRole.SOURCE,
    kind: Annotated[str, Pick(queries.database_kinds), Field(title="数据库类型")] = "postgresql",
    tls: Annotated[Tls, Field(title="加密连接")] = Tls.PREFER,
    system: Annotated[int | None, Pick(queries.system_choices), Field(title="所属信息系统")] = None,
) -> Database:
    """Register a database of the actor's body: it is tried first, and what fails is said by name.

    Another body may have registered the same one: that is on record, and both and the bureau hear
    of it.
    """
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
    database.system = queries.system_to_name(actor, system) if system else None
    database.probed_at, database.server = timezone.now(), noted(tried, kind)
    note(also_of=queries.bodies_with(database, tried.at))
    database.secret = vault.encrypt(password.get_secret_value(), database.secret_purpose)
    if role == DatabaseRole.SOURCE:
        plan(database, LookCycle.MONTH)
    database.save()
    return database


@recorded("A13", BY_CLERK, label="更换数据库密码", first=try_password)
def renew_password(
    actor: Actor,
    tried: Tried,
    *,
    database: Annotated[int, Pick(queries.database_choices), Field(title="数据库")],
    password: Annotated[SecretStr, Field(title="新密码")],
) -> Database:
    """Keep a new password after it was changed at the server; it is tried first."""
    own = queries.database_for(actor, database)
    own.probed_at, own.server = timezone.now(), noted(tried, own.kind)
    own.secret = vault.encrypt(password.get_secret_value(), own.secret_purpose)
    own.save()
    return own


@recorded("A14", BY_CLERK, label="测试数据库连接", first=try_again)
def probe_database(
    actor: Actor,
    tried: Tried,
    *,
    database: Annotated[int, Pick(queries.database_choices), Field(title="数据库")],
) -> Database:
    """Try a registered database again. Raises `Malformed` naming what fails."""
    own = queries.database_for(actor, database)
    own.probed_at, own.server = timezone.now(), noted(tried, own.kind)
    own.save()
    return own


@recorded("A7", BY_CLERK, label="扫描数据库")
def scan_database(
    actor: Actor, *, database: Annotated[int, Pick(queries.database_choices), Field(title="数据库")]
) -> Scan:
    """Read the tables into drafts of entries, in the background. One scan of a database at a
    time."""
    own = (
        Database.objects.select_for_update()
        .filter(pk=queries.database_for(actor, database).pk)
        .get()
    )
    if own.role != DatabaseRole.SOURCE:
        raise AgainstRules(
            "接收数据的前置库不作扫描编目。",
            article="A7",
            remedy="请选择用途为“数据来源”的数据库。",
        )
    return queue_scan(own, actor.person)


def queue_scan(database: Database, asked_by: int | None) -> Scan:
    """A scan of a database that is held, in the background; asked for by nobody it only compares.
    Raises `AgainstRules` while one runs."""
    if database.scans.filter(state__in=[ScanState.QUEUED, ScanState.RUNNING]).exists():
        raise AgainstRules("该数据库正在扫描。", article="A7", remedy="请等待本次扫描结束。")
    scan: Scan = Scan.objects.create(database=database, asked_by=asked_by)
    jobs.defer("catalog.scan", lock=f"scan:{database.pk}", scan=scan.pk)
    return scan


def plan(database: Database, cycle: LookCycle, first_on: date | None = None) -> None:
    """Set when a database is looked at; whoever calls it saves it."""
    database.look_cycle = cycle
    database.look_on = first_on or next_look(cycle, today(), today())
    if cycle is LookCycle.OFF:
        database.look_on = None
    database.look_first = database.look_on


# -- by the platform, for the clerk who asked ------------------------------------------------------


@recorded("A7", BY_PLATFORM, label="开始扫描")
def begin_scan(
    actor: Actor,
    *,
    scan: Annotated[int, Field(title="扫描")],
    total: Annotated[int, Field(title="表数")],
) -> Scan:
    """The scan has seen so many tables; begun again after a crash, it counts anew."""
    return _settle_scan(
        scan, state=ScanState.RUNNING, total=total, done=0, refused=0, tables=[], error=""
    )


@recorded("A7", BY_PLATFORM, label="记录扫描的表")
def note_table(
    actor: Actor,
    *,
    scan: Annotated[int, Field(title="扫描")],
    table: Annotated[str, Field(title="表")],
    comment: Annotated[str, Field(title="说明")] = "",
    columns: Annotated[int, Field(title="列数")] = 0,
    rows: Annotated[int, Field(title="行数")] = -1,
    entry: Annotated[int | None, Field(title="目录")] = None,
    said: Annotated[str, Field(title="结果")] = "",
) -> Scan:
    """What became of one table."""
    running = Scan.objects.select_for_update().get(pk=scan)
    noted = {
        "table": table,
        "comment": comment[:COMMENT_SHOWN],
        "columns": columns,
        "rows": rows,
        "entry": entry,
        "said": said,
    }
    return _settle_scan(scan, done=running.done + 1, tables=[*running.tables, noted])


@recorded("A3", BY_PLATFORM, label="拒绝涉密的表")
def refuse_table(actor: Actor, *, scan: Annotated[int, Field(title="扫描")]) -> Scan:
    """A table carries a classified marking: it is counted, and nothing of it kept (A3)."""
    running = Scan.objects.select_for_update().get(pk=scan)
    return _settle_scan(scan, done=running.done + 1, refused=running.refused + 1)


@recorded("A7", BY_PLATFORM, label="结束扫描")
def finish_scan(
    actor: Actor,
    *,
    scan: Annotated[int, Field(title="扫描")],
    error: Annotated[str, Field(title="原因")] = "",
) -> Scan:
    """The scan has ended, well or not."""
    return _settle_scan(
        scan,
        state=ScanState.FAILED if error else ScanState.DONE,
        error=error,
        ended_at=timezone.now(),
    )


def _settle_scan(pk: int, **facts: Any) -> Scan:
    scan = Scan.objects.get(pk=pk)
    for name, value in facts.items():
        setattr(scan, name, value)
    scan.save()
    return scan
