"""Mounting a published entry as table, API or file; its source is looked at through the guard each time (A13, A14, A18)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from huitong.catalog import queries as catalog
from huitong.catalog.rules import DatabaseRole, ShareClass, given
from huitong.connectors import TableFound, samples
from huitong.kernel.actor import BODY, Actor, Post
from huitong.kernel.doing import note, recorded, was
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import today
from huitong.publishing import queries
from huitong.publishing.actions.looking import look, unique_in
from huitong.publishing.models import Mount
from huitong.publishing.rules import Authorization, Mode, MountState, check_mode, unserved
from huitong.scope import masks
from huitong.scope.columns import mask_fault
from huitong.work import queries as work
from huitong.work.rules import DataFileId, Hidden, Pick

CLERK = BODY(Post.OPERATOR)


EntryRef = Annotated[int, Pick("huitong.publishing.queries.entry_choices"), Field(title="目录")]
DatabaseRef = Annotated[int, Pick("huitong.publishing.queries.source_choices"), Field(title="来源数据库", description="登记时用途为“数据来源”的数据库。")]
MountRef = Annotated[int, Hidden(), Field(title="挂接资源", ge=1)]
Schema = Annotated[str, Field(title="模式", description="不填为数据库登记的模式。", max_length=120)]
Table = Annotated[str, Field(title="表名", description="不填为目录来源表。", max_length=120)]
Key = Annotated[list[str], Field(title="主键列", description="能唯一确定一行的列；不填时用表自身的主键。", max_length=16),
                given.Listed]
How = Annotated[Authorization, Field(title="授权方式", description="由本部门逐一授权，或整体授权给平台代为审核。")]
Responsible = Annotated[str, Field(title="更新责任人", description="专人负责，须经培训。", min_length=2, max_length=60)]
Trained = Annotated[date | None, Field(title="培训日期", description="更新责任人参加培训的日期。")]
Method = Annotated[str, Field(title="更新方法", description="如“业务系统实时写入前置库”。", max_length=120)]


@recorded("A13", CLERK, label="挂接为库表")
def mount_table(actor: Actor, *, entry: EntryRef, database: DatabaseRef, schema_name: Schema = "", table: Table = "", key: Key = [],  # noqa: B006
                authorization: How = Authorization.DIRECT, responsible: Responsible, trained_on: Trained = None,
                update_method: Method = "") -> Mount:
    """Mount a published entry as a table of the department's front-end database."""
    return _mount(actor, Mode.TABLE, entry, database, schema_name, table, key, authorization, responsible, trained_on, update_method)


@recorded("A13", CLERK, label="挂接为接口")
def mount_api(actor: Actor, *, entry: EntryRef, database: DatabaseRef, schema_name: Schema = "", table: Table = "", key: Key = [],  # noqa: B006
              authorization: How = Authorization.DIRECT, responsible: Responsible, trained_on: Trained = None,
              update_method: Method = "") -> Mount:
    """Mount a published entry as an API, which the platform makes of a table of the department's front-end database."""
    return _mount(actor, Mode.API, entry, database, schema_name, table, key, authorization, responsible, trained_on, update_method)


@recorded("A13", CLERK, label="挂接为文件")
def mount_file(actor: Actor, *, entry: EntryRef, file: Annotated[DataFileId, Field(title="数据文件")],
               authorization: How = Authorization.DIRECT, responsible: Responsible, trained_on: Trained = None,
               update_method: Method = "",
               processed: Annotated[bool, Field(title="文件已按共享条件脱敏、删减",
                                                description="文件整件提供，平台不能再裁剪；目录规定脱敏或只提供部分信息项时须声明。")]
               = False) -> Mount:
    """Mount a published entry as a file, handed out whole."""
    mount = _new(actor, Mode.FILE, entry, authorization, responsible, trained_on, update_method)
    _check_processed(mount, processed)
    _check_served(mount)
    mount.file = work.attachment_for(actor, file)
    mount.save()
    note(sha256=mount.file.sha256, size=mount.file.size, processed=processed)
    return mount


@recorded("A13", CLERK, label="变更挂接")
def remount(actor: Actor, *, mount: MountRef,
            database: Annotated[int | None, Pick("huitong.publishing.queries.source_choices"),
                                Field(title="来源数据库", description="不填则不变；库表、接口适用。")] = None,
            schema_name: Annotated[str, Field(title="模式", description="不填则不变。", max_length=120)] = "",
            table: Annotated[str, Field(title="表名", description="不填则不变。", max_length=120)] = "",
            key: Annotated[list[str], Field(title="主键列", description="不填则不变；换表后不填用新表自身的主键。", max_length=16),
                           given.Listed] = [],  # noqa: B006
            file: Annotated[DataFileId | None, Field(title="新的数据文件")] = None,
            processed: Annotated[bool, Field(title="文件已按共享条件脱敏、删减")] = False) -> Mount:
    """Point a mount to another table or file, or read its columns anew after a change at the source."""
    found = _locked(actor, mount)
    was(database=found.database_id, schema=found.schema, table=found.table, key=found.key, columns=found.columns, file=found.file_id)
    if found.mode == Mode.FILE:
        if file is None:
            raise Malformed({"file": "请上传新的数据文件"}, article="A13")
        _check_processed(found, processed)
        found.file = work.attachment_for(actor, file)
        note(sha256=found.file.sha256)
    else:
        same = table in ("", found.table) and schema_name in ("", found.schema)
        _bind(actor, found, database or found.database_id, schema_name or found.schema, table or found.table, key or (found.key if same else []))
    found.entry_version = found.entry.version
    found.save()
    return found


@recorded("A14", CLERK, label="维护更新机制")
def tend(actor: Actor, *, mount: MountRef, authorization: Annotated[Authorization | None, Field(title="授权方式")] = None,
         responsible: Annotated[str | None, Field(title="更新责任人", min_length=2, max_length=60)] = None, trained_on: Trained = None,
         update_method: Annotated[str | None, Field(title="更新方法", max_length=200)] = None) -> Mount:
    """Change who is responsible for updating, how it is updated, how its use is authorized. Not given = as it was."""
    found = _locked(actor, mount)
    changes = {"authorization": authorization, "responsible": responsible, "trained_on": trained_on, "update_method": update_method}
    changes = {name: value for name, value in changes.items() if value is not None}
    was(**{name: getattr(found, name) for name in changes})
    _check_trained(trained_on)
    for name, value in changes.items():
        setattr(found, name, value)
    found.save()
    return found


@recorded("A13", CLERK, label="测试数据源")
def try_source(actor: Actor, *, entry: EntryRef, database: DatabaseRef, schema_name: Schema = "", table: Table = "") -> dict[str, Any]:
    """Look at a source before mounting: which items it has, its key, and five rows with every personal column masked."""
    about = queries.mountable_entry(actor, entry)
    held = catalog.database_for(actor, database)
    with look(held, schema_name or about.source_schema, table or about.source_table) as (connection, found):
        items = [i for i in about.items.all() if i.share_class != ShareClass.NOT_SHARED]
        there = [i for i in items if found.column(i.column) is not None]
        rows = samples(connection, found.schema, found.name, [i.column for i in there], 5)
    hide = {i.column: masks.named(i.mask or i.suggestion.get("mask", "")) for i in there if i.mask or i.suggestion.get("mask")}
    shown = [{i.name: masks.apply(hide[i.column], row[i.column]) if i.column in hide else row[i.column] for i in there} for row in rows]
    note(rows_seen=len(shown), columns=len(there))
    return {"schema": found.schema, "table": found.name, "key": list(found.key), "rows_estimate": found.rows_estimate,
            "items": [i.name for i in there], "missing": [i.name for i in items if i not in there], "rows": shown,
            "columns": [{"name": c.name, "type": c.type, "comment": c.comment} for c in found.columns]}


# -- inside ----------------------------------------------------------------------------------------------------


def _mount(actor: Actor, mode: Mode, entry: int, database: int, schema: str, table: str, key: list[str], authorization: Authorization,
           responsible: str, trained_on: date | None, update_method: str) -> Mount:
    mount = _new(actor, mode, entry, authorization, responsible, trained_on, update_method)
    _bind(actor, mount, database, schema or mount.entry.source_schema, table or mount.entry.source_table, key)
    mount.save()
    return mount


def _new(actor: Actor, mode: Mode, entry: int, authorization: Authorization, responsible: str, trained_on: date | None,
         update_method: str) -> Mount:
    about = queries.mountable_entry(actor, entry)
    mounted = list(Mount.objects.filter(entry=about).exclude(state=MountState.WITHDRAWN).values_list("mode", flat=True))
    if mode in mounted:
        raise AgainstRules(f"该目录已以{mode.label}方式挂接。", article="A13", remedy="如需更换来源，请使用“变更挂接”。")
    _check_trained(trained_on)
    if hint := check_mode(mode, about.share_modes, about.usage, mounted):
        note(hint=hint)
    return Mount(entry=about, entry_version=about.version, mode=mode, authorization=authorization, responsible=responsible,
                 trained_on=trained_on, update_method=update_method)


def _bind(actor: Actor, mount: Mount, database: int, schema: str, table: str, key: list[str]) -> None:
    """Look at the table and keep what was found: every shared item must have its column, every row its key."""
    held = catalog.database_for(actor, database)
    if held.role != DatabaseRole.SOURCE:
        raise Malformed({"database": "请选择用途为“数据来源”的数据库"}, article="A13")
    if not table:
        raise Malformed({"table": "请填写表名"}, article="A13")
    with look(held, schema, table) as (connection, found):
        _check_items(mount, found)
        chosen = tuple(key) or found.key
        if not chosen:
            raise Malformed({"key": "该表没有主键，请指明能唯一确定一行的列"}, article="A13")
        if unknown := [c for c in chosen if found.column(c) is None]:
            raise Malformed({"key": f"表中没有列：{'、'.join(unknown)}"}, article="A13")
        if not (found.key and set(found.key) <= set(chosen)) and not unique_in(connection, found, chosen):
            raise Malformed({"key": f"{'、'.join(chosen)} 不能唯一确定一行（有重复或空值）"}, article="A13")
    items = [i.column for i in mount.entry.items.all() if i.share_class != ShareClass.NOT_SHARED]
    kept = dict.fromkeys([*items, *chosen])
    mount.database, mount.schema, mount.table, mount.key = held, found.schema, found.name, list(chosen)
    mount.columns = {name: column.type for name in kept if (column := found.column(name)) is not None}
    _check_served(mount)
    note(columns=mount.columns, key=mount.key, rows_estimate=found.rows_estimate)


def _check_served(mount: Mount) -> None:
    if why := unserved(mount.mode, queries.base_scope(mount), queries.key_items(mount)):
        raise AgainstRules(f"{why}。", article="A13", who="提供部门经办人")


def _check_items(mount: Mount, found: TableFound) -> None:
    items = [i for i in mount.entry.items.all() if i.share_class != ShareClass.NOT_SHARED]
    if nameless := [i.name for i in items if not i.column]:
        raise Malformed({"entry": f"这些信息项没有填对应列名：{'、'.join(nameless)}"}, article="A13")
    if missing := [f"{i.name}（{i.column}）" for i in items if found.column(i.column) is None]:
        raise Malformed({"table": f"表“{found.name}”中没有这些信息项对应的列：{'、'.join(missing)}"}, article="A13")
    for item in items:
        column = found.column(item.column)
        if column is not None and item.mask and (fault := mask_fault(masks.named(item.mask), column.type)):
            raise Malformed({"entry": f"信息项“{item.name}”的{fault}"}, article="A8")


def _check_processed(mount: Mount, processed: bool) -> None:
    """A file leaves whole: where the entry hides something, the provider must have taken it out beforehand."""
    base = queries.base_scope(mount)
    withheld = any(i.share_class == ShareClass.NOT_SHARED for i in mount.entry.items.all())
    if (base.masks or withheld) and not processed:
        raise Malformed({"processed": "目录规定脱敏或只提供部分内容，请先处理文件并在此声明，或改用接口、库表方式"}, article="A8")


def _check_trained(day: date | None) -> None:
    if day is not None and day > today():
        raise Malformed({"trained_on": "培训日期不能晚于今天"}, article="A14")


def _locked(actor: Actor, pk: int) -> Mount:
    mount = queries.own_mount(actor, pk)
    Mount.objects.select_for_update().get(pk=mount.pk)
    mount.refresh_from_db()  # as it is now that it is ours: saved whole, an older copy would undo a suspension meanwhile
    if mount.state == MountState.WITHDRAWN:
        raise AgainstRules("该资源已撤销。", article="A16")
    return mount
