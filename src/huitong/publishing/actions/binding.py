"""Tying a mount to a table: every shared item must have its column there, every row its key
(A13)."""

from __future__ import annotations

from huitong.catalog import queries as catalog
from huitong.catalog.rules import DatabaseRole, ShareClass
from huitong.connectors import TableFound
from huitong.kernel.actor import Actor
from huitong.kernel.doing import note
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.publishing import queries
from huitong.publishing.actions.looking import look, unique_in
from huitong.publishing.models import Mount
from huitong.publishing.rules import unserved
from huitong.scope import masks
from huitong.scope.columns import mask_fault


def bind(
    actor: Actor, mount: Mount, database: int, schema: str, table: str, key: list[str]
) -> None:
    """Look at the table and keep what was found: every shared item must have its column, every
    row its key."""
    held = catalog.database_for(actor, database)
    if held.role != DatabaseRole.SOURCE:
        raise Malformed({"database": "请选择用途为“数据来源”的数据库"}, article="A13")
    if not table:
        raise Malformed({"table": "请填写表名"}, article="A13")
    with look(held, schema, table) as (connection, source):
        _check_items(mount, source)
        chosen = tuple(key) or source.key
        if not chosen:
            raise Malformed({"key": "该表没有主键，请指明能唯一确定一行的列"}, article="A13")
        if unknown := [c for c in chosen if source.column(c) is None]:
            raise Malformed({"key": f"表中没有列：{'、'.join(unknown)}"}, article="A13")
        if not (source.key and set(source.key) <= set(chosen)) and not unique_in(
            connection, source, chosen
        ):
            raise Malformed(
                {"key": f"{'、'.join(chosen)} 不能唯一确定一行（有重复或空值）"}, article="A13"
            )
    needed = dict.fromkeys([*(i.column for i in queries.shared_items(mount)), *chosen])
    mount.database, mount.schema, mount.table, mount.key = (
        held,
        source.schema,
        source.name,
        list(chosen),
    )
    mount.columns = {
        name: column.type for name in needed if (column := source.column(name)) is not None
    }
    mount.looked_at = mount.published.number
    check_served(mount)
    note(columns=mount.columns, key=mount.key, rows_estimate=source.rows_estimate)


def check_served(mount: Mount) -> None:
    """Raises `AgainstRules` for what no plane can serve so."""
    if why := unserved(mount.mode, queries.base_scope(mount), queries.key_items(mount)):
        raise AgainstRules(f"{why}。", article="A13", who="提供部门经办人")


def unprocessed(mount: Mount, processed: bool) -> str:
    """Why a file may not be handed out so: it leaves whole, and what the entry hides must have
    been taken out beforehand (A8). Empty = it may."""
    hidden = queries.base_scope(mount).masks or any(
        i.share_class == ShareClass.NOT_SHARED for i in mount.published.items.all()
    )
    return (
        "目录规定脱敏或只提供部分内容，请先处理文件并在此声明，或改用接口、库表方式"
        if hidden and not processed
        else ""
    )


def _check_items(mount: Mount, source: TableFound) -> None:
    items = queries.shared_items(mount)
    if nameless := [i.name for i in items if not i.column]:
        raise Malformed(
            {"entry": f"这些信息项没有填对应列名：{'、'.join(nameless)}"}, article="A13"
        )
    if missing := [f"{i.name}（{i.column}）" for i in items if source.column(i.column) is None]:
        raise Malformed(
            {"table": f"表“{source.name}”中没有这些信息项对应的列：{'、'.join(missing)}"},
            article="A13",
        )
    for item in items:
        column = source.column(item.column)
        if (
            column is not None
            and item.mask
            and (fault := mask_fault(masks.named(item.mask), column.type))
        ):
            raise Malformed({"entry": f"信息项“{item.name}”的{fault}"}, article="A8")
