"""Changing a mount: another source or file, who is responsible for it, how its use is authorized
(A13, A14, A18)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from huitong.catalog.rules import given
from huitong.kernel.actor import Actor
from huitong.kernel.doing import recorded, was
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.publishing import queries
from huitong.publishing.actions.binding import bind
from huitong.publishing.actions.mounting import (
    CLERK,
    Trained,
    authorize,
    check_trained,
    propose_file,
)
from huitong.publishing.actions.proposing import MountRef, propose
from huitong.publishing.models import Mount
from huitong.publishing.rules import Authorization, Mode, MountState
from huitong.work.rules import Cleared, DataFileId, Pick


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
    own = _locked(actor, mount)
    was(
        database=own.database_id,
        schema=own.schema,
        table=own.table,
        key=own.key,
        columns=own.columns,
        file=own.file_id,
    )
    if own.mode == Mode.FILE:
        if file is None:
            raise Malformed({"file": "请上传新的数据文件"}, article="A13")
        propose_file(actor, own, file, cleared, processed)
        return own
    now: dict[str, Any] = {
        "database": own.database_id,
        "schema": own.schema,
        "table": own.table,
        "key": own.key,
    }
    same = table in ("", own.table) and schema_name in ("", own.schema)
    source: dict[str, Any] = {
        "database": database or now["database"],
        "schema": schema_name or now["schema"],
        "table": table or now["table"],
        "key": list(key or (now["key"] if same else [])),
    }
    columns, looked_at = own.columns, own.looked_at
    bind(actor, own, **source)
    if source != now:
        own.database_id, own.schema, own.table, own.key = now.values()
        own.columns, own.looked_at = columns, looked_at
        propose(actor, own, source=source)
        return own
    own.save()
    return own


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
    own = _locked(actor, mount)
    changes = {
        "authorization": authorization,
        "responsible": responsible,
        "trained_on": trained_on,
        "update_method": update_method,
    }
    changes = {name: value for name, value in changes.items() if value is not None}
    handed = changes.pop("authorization", own.authorization)
    was(**{name: getattr(own, name) for name in changes})
    check_trained(trained_on)
    for name, value in changes.items():
        setattr(own, name, value)
    return authorize(actor, own, handed)


def _locked(actor: Actor, pk: int) -> Mount:
    mount = queries.own_mount(actor, pk)
    Mount.objects.select_for_update().get(pk=mount.pk)
    # as it is now that it is ours: saved whole, an older copy would undo a suspension meanwhile
    mount.refresh_from_db()
    if mount.state == MountState.WITHDRAWN:
        raise AgainstRules("该资源已撤销。", article="A16", remedy="仍要提供的，请重新挂接。")
    return mount
