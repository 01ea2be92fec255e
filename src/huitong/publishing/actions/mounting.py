"""Mounting a published entry as table, API or file; its source is looked at through the guard
each time (A13, A14, A18)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.utils import timezone
from pydantic import Field

from huitong.catalog import queries as catalog
from huitong.catalog.rules import ShareClass, given
from huitong.connectors import samples
from huitong.kernel.actor import BODY, Actor, Post
from huitong.kernel.doing import note, recorded, was
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import today
from huitong.publishing import queries
from huitong.publishing.actions.binding import bind, check_served
from huitong.publishing.actions.looking import look
from huitong.publishing.actions.proposing import MountRef, leaves_provider, propose
from huitong.publishing.models import Mount
from huitong.publishing.rules import Authorization, Mode, MountState, check_mode
from huitong.scope import masks
from huitong.work import queries as work
from huitong.work.rules import Cleared, DataFileId, Pick, Secret, check_cleared, reviewed

CLERK = BODY(Post.OPERATOR)


EntryRef = Annotated[int, Pick(queries.entry_choices), Field(title="目录")]
DatabaseRef = Annotated[
    int,
    Pick(queries.source_choices),
    Field(title="来源数据库", description="登记时用途为“数据来源”的数据库。"),
]
Schema = Annotated[str, Field(title="模式", description="不填为数据库登记的模式。", max_length=120)]
Table = Annotated[str, Field(title="表名", description="不填为目录来源表。", max_length=120)]
Key = Annotated[
    list[str],
    Field(title="主键列", description="能唯一确定一行的列；不填时用表自身的主键。", max_length=16),
    given.Listed,
]
How = Annotated[
    Authorization,
    Field(title="授权方式", description="由本部门逐一授权，或整体授权给平台代为审核。"),
]
Responsible = Annotated[
    str, Field(title="更新责任人", description="专人负责，须经培训。", min_length=2, max_length=60)
]
Trained = Annotated[date | None, Field(title="培训日期", description="更新责任人参加培训的日期。")]
Method = Annotated[
    str, Field(title="更新方法", description="如“业务系统实时写入前置库”。", max_length=120)
]


@recorded("A13", CLERK, label="挂接为库表")
def mount_table(
    actor: Actor,
    *,
    entry: EntryRef,
    database: DatabaseRef,
    schema_name: Schema = "",
    table: Table = "",
    key: Key = [],  # noqa: B006
    authorization: How = Authorization.DIRECT,
    responsible: Responsible,
    trained_on: Trained = None,
    update_method: Method = "",
) -> Mount:
    """Mount a published entry as a table of the department's front-end database."""
    return _mount(
        actor,
        Mode.TABLE,
        entry,
        database,
        schema_name,
        table,
        key,
        authorization,
        responsible,
        trained_on,
        update_method,
    )


@recorded("A13", CLERK, label="挂接为接口")
def mount_api(
    actor: Actor,
    *,
    entry: EntryRef,
    database: DatabaseRef,
    schema_name: Schema = "",
    table: Table = "",
    key: Key = [],  # noqa: B006
    authorization: How = Authorization.DIRECT,
    responsible: Responsible,
    trained_on: Trained = None,
    update_method: Method = "",
) -> Mount:
    """Mount a published entry as an API, which the platform makes of a table of the department's
    front-end database."""
    return _mount(
        actor,
        Mode.API,
        entry,
        database,
        schema_name,
        table,
        key,
        authorization,
        responsible,
        trained_on,
        update_method,
    )


@recorded("A13", CLERK, label="挂接为文件")
def mount_file(
    actor: Actor,
    *,
    entry: EntryRef,
    file: Annotated[DataFileId, Field(title="数据文件")],
    authorization: How = Authorization.DIRECT,
    responsible: Responsible,
    trained_on: Trained = None,
    update_method: Method = "",
    processed: Annotated[
        bool,
        Field(
            title="文件已按共享条件脱敏、删减",
            description="文件整件提供，平台不能再裁剪；目录规定脱敏或只提供部分信息项时须声明。",
        ),
    ] = False,
    cleared: Cleared,
) -> Mount:
    """Mount a published entry as a file, handed out whole once the department's manager has
    confirmed it (A3, A12)."""
    mount = _new(actor, Mode.FILE, entry, authorization, responsible, trained_on, update_method)
    _check_processed(mount, processed)
    check_served(mount)
    mount.state = MountState.PENDING
    mount.file = _propose_file(actor, mount, file, cleared)
    note(processed=processed)
    return _authorized(actor, mount, authorization)


@recorded("A13", CLERK, label="变更挂接")
def remount(
    actor: Actor,
    *,
    mount: MountRef,
    database: Annotated[
        int | None,
        Pick(queries.source_choices),
        Field(title="来源数据库", description="不填则不变；库表、接口适用。"),
    ] = None,
    schema_name: Annotated[
        str, Field(title="模式", description="不填则不变。", max_length=120)
    ] = "",
    table: Annotated[str, Field(title="表名", description="不填则不变。", max_length=120)] = "",
    key: Annotated[
        list[str],
        Field(
            title="主键列", description="不填则不变；换表后不填用新表自身的主键。", max_length=16
        ),
        given.Listed,
    ] = [],  # noqa: B006
    file: Annotated[DataFileId | None, Field(title="新的数据文件")] = None,
    processed: Annotated[bool, Field(title="文件已按共享条件脱敏、删减")] = False,
    cleared: Annotated[Cleared, Field(title="保密审查：新的数据文件经审查不含")] = [],  # noqa: B006
) -> Mount:
    """Point a mount to another table or file, or read its columns anew after a change at the
    source. Another source takes effect when the manager confirms it (A12): running grants read
    it."""
    found = _locked(actor, mount)
    was(
        database=found.database_id,
        schema=found.schema,
        table=found.table,
        key=found.key,
        columns=found.columns,
        file=found.file_id,
    )
    if found.mode == Mode.FILE:
        if file is None:
            raise Malformed({"file": "请上传新的数据文件"}, article="A13")
        _check_processed(found, processed)
        _propose_file(actor, found, file, cleared)
        return found
    now: dict[str, Any] = {
        "database": found.database_id,
        "schema": found.schema,
        "table": found.table,
        "key": found.key,
    }
    same = table in ("", found.table) and schema_name in ("", found.schema)
    source: dict[str, Any] = {
        "database": database or now["database"],
        "schema": schema_name or now["schema"],
        "table": table or now["table"],
        "key": list(key or (now["key"] if same else [])),
    }
    columns = found.columns
    bind(actor, found, **source)
    if source != now:
        found.database_id, found.schema, found.table, found.key = now.values()
        found.columns = columns
        propose(actor, found, source=source)
        return found
    found.entry_version = found.published.number
    found.save()
    return found


@recorded("A14", CLERK, label="维护更新机制")
def tend(
    actor: Actor,
    *,
    mount: MountRef,
    authorization: Annotated[Authorization | None, Field(title="授权方式")] = None,
    responsible: Annotated[
        str | None, Field(title="更新责任人", min_length=2, max_length=60)
    ] = None,
    trained_on: Trained = None,
    update_method: Annotated[str | None, Field(title="更新方法", max_length=200)] = None,
) -> Mount:
    """Change who is responsible for updating, how it is updated, how its use is authorized. Not
    given = as it was. Leaving the provider's decisions to the platform takes effect when the
    manager confirms it (A12, A18)."""
    found = _locked(actor, mount)
    changes = {
        "authorization": authorization,
        "responsible": responsible,
        "trained_on": trained_on,
        "update_method": update_method,
    }
    changes = {name: value for name, value in changes.items() if value is not None}
    handed = changes.pop("authorization", found.authorization)
    was(**{name: getattr(found, name) for name in changes})
    _check_trained(trained_on)
    for name, value in changes.items():
        setattr(found, name, value)
    return _authorized(actor, found, handed)


@recorded("A13", CLERK, label="测试数据源")
def try_source(
    actor: Actor,
    *,
    entry: EntryRef,
    database: DatabaseRef,
    schema_name: Schema = "",
    table: Table = "",
) -> dict[str, Any]:
    """Look at a source before mounting: which items it has, its key, and five rows with every
    personal column masked."""
    about = queries.mountable_entry(actor, entry)
    held = catalog.database_for(actor, database)
    with look(held, schema_name or about.source_schema, table or about.source_table) as (
        connection,
        found,
    ):
        items = [i for i in about.published.items.all() if i.share_class != ShareClass.NOT_SHARED]
        there = [i for i in items if found.column(i.column) is not None]
        rows = samples(connection, found.schema, found.name, [i.column for i in there], 5)
    hide = {
        i.column: masks.named(i.mask or i.suggestion.get("mask", ""))
        for i in there
        if i.mask or i.suggestion.get("mask")
    }
    shown = [
        {
            i.name: (
                masks.apply(hide[i.column], row[i.column]) if i.column in hide else row[i.column]
            )
            for i in there
        }
        for row in rows
    ]
    note(rows_seen=len(shown), columns=len(there))
    return {
        "schema": found.schema,
        "table": found.name,
        "key": list(found.key),
        "rows_estimate": found.rows_estimate,
        "items": [i.name for i in there],
        "missing": [i.name for i in items if i not in there],
        "rows": shown,
        "columns": [{"name": c.name, "type": c.type, "comment": c.comment} for c in found.columns],
    }


# -- inside ----------------------------------------------------------------------------------------


def _mount(
    actor: Actor,
    mode: Mode,
    entry: int,
    database: int,
    schema: str,
    table: str,
    key: list[str],
    authorization: Authorization,
    responsible: str,
    trained_on: date | None,
    update_method: str,
) -> Mount:
    mount = _new(actor, mode, entry, authorization, responsible, trained_on, update_method)
    bind(
        actor,
        mount,
        database,
        schema or mount.entry.source_schema,
        table or mount.entry.source_table,
        key,
    )
    return _authorized(actor, mount, authorization)


def _authorized(actor: Actor, mount: Mount, how: Authorization) -> Mount:
    """Save the mount, authorized so; what takes decisions from the provider waits for its
    manager."""
    if leaves_provider(mount, how):
        propose(actor, mount, authorization=str(how.value))
        return mount
    if how != mount.authorization:
        was(authorization=mount.authorization)
        mount.authorization = how
        mount.proposed = {
            name: value for name, value in mount.proposed.items() if name != "authorization"
        }
    mount.save()
    return mount


def _propose_file(actor: Actor, mount: Mount, file: int, cleared: list[Secret]) -> Any:
    """A file leaves whole: its clerk declares the secrecy review, its manager confirms it (A3)."""
    check_cleared(cleared, today())
    found = work.attachment_for(actor, file)
    mount.file = mount.file or found
    propose(actor, mount, file=found.pk, declared=reviewed(actor, cleared, timezone.now()))
    note(sha256=found.sha256, size=found.size)
    return mount.file


def _new(
    actor: Actor,
    mode: Mode,
    entry: int,
    authorization: Authorization,
    responsible: str,
    trained_on: date | None,
    update_method: str,
) -> Mount:
    about = queries.mountable_entry(actor, entry)
    mounted = list(
        Mount.objects.filter(entry=about)
        .exclude(state=MountState.WITHDRAWN)
        .values_list("mode", flat=True)
    )
    if mode in mounted:
        raise AgainstRules(
            f"该目录已以{mode.label}方式挂接。",
            article="A13",
            remedy="如需更换来源，请使用“变更挂接”。",
        )
    _check_trained(trained_on)
    if hint := check_mode(mode, about.published.share_modes, about.published.usage, mounted):
        note(hint=hint)
    return Mount(
        entry=about,
        entry_version=about.published.number,
        mode=mode,
        authorization=Authorization.DIRECT,
        responsible=responsible,
        trained_on=trained_on,
        update_method=update_method,
    )


def _check_processed(mount: Mount, processed: bool) -> None:
    """A file leaves whole: where the entry hides something, the provider must have taken it out
    beforehand."""
    base = queries.base_scope(mount)
    withheld = any(i.share_class == ShareClass.NOT_SHARED for i in mount.published.items.all())
    if (base.masks or withheld) and not processed:
        raise Malformed(
            {
                "processed": (
                    "目录规定脱敏或只提供部分内容，请先处理文件并在此声明，或改用接口、库表方式"
                )
            },
            article="A8",
        )


def _check_trained(day: date | None) -> None:
    if day is not None and day > today():
        raise Malformed({"trained_on": "培训日期不能晚于今天"}, article="A14")


def _locked(actor: Actor, pk: int) -> Mount:
    mount = queries.own_mount(actor, pk)
    Mount.objects.select_for_update().get(pk=mount.pk)
    # as it is now that it is ours: saved whole, an older copy would undo a suspension meanwhile
    mount.refresh_from_db()
    if mount.state == MountState.WITHDRAWN:
        raise AgainstRules("该资源已撤销。", article="A16")
    return mount
