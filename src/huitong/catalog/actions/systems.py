"""The register of a body's information systems: catalog, databases, applications and credentials
name what stands in it (A7, A28)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from huitong.catalog import queries
from huitong.catalog.actions.connecting import BY_CLERK
from huitong.catalog.models import InformationSystem
from huitong.catalog.rules.protection import levels_on, unprotected
from huitong.kernel.actor import Actor
from huitong.kernel.doing import recorded, was
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import today
from huitong.work.rules import Hidden, Pick

SystemId = Annotated[int, Hidden(), Field(title="信息系统", ge=1)]
Name = Annotated[str, Field(title="系统名称", min_length=2, max_length=120)]
Summary = Annotated[str, Field(title="用途", max_length=500)]
Network = Annotated[str, Field(title="部署网络", max_length=40)]
Builder = Annotated[str, Field(title="建设运维单位", max_length=120)]
Level = Annotated[
    str,
    Pick(lambda actor, case: [(level, level) for level in levels_on(today())]),
    Field(title="等级保护级别", description="使用数据的信息系统，生成凭证前须登记。", max_length=8),
]
Filing = Annotated[
    str, Field(title="等级保护备案编号", description="二级以上须备案。", max_length=60)
]


@recorded("A7", BY_CLERK, label="登记信息系统")
def register_system(
    actor: Actor,
    *,
    name: Name,
    summary: Summary = "",
    network: Network = "",
    builder: Builder = "",
    protection_level: Level = "",
    protection_filing: Filing = "",
) -> InformationSystem:
    """Register an information system of the actor's body: one that data arise in, one that uses
    data, or both. Raises `Malformed`."""
    _check_name(actor, name)
    _check_level(protection_level)
    return InformationSystem.objects.create(
        body_id=actor.body,
        name=name,
        summary=summary,
        network=network,
        builder=builder,
        protection_level=protection_level,
        protection_filing=protection_filing,
    )


@recorded("A7", BY_CLERK, label="修改信息系统")
def change_system(
    actor: Actor,
    *,
    system: SystemId,
    name: Name,
    summary: Summary = "",
    network: Network = "",
    builder: Builder = "",
    protection_level: Level = "",
    protection_filing: Filing = "",
) -> InformationSystem:
    """Correct what is registered of a system of the actor's body. Raises `Malformed`,
    `NotVisible`, `NotYours`."""
    row = queries.locked_system(actor, system)
    _check_name(actor, name, but=row.pk)
    _check_level(protection_level, row.protection_level)
    if unprotected(protection_level, protection_filing) and not unprotected(
        row.protection_level, row.protection_filing
    ):
        fault = "已登记的等级保护只能更正，不能删去：凭证以它为准"
        raise Malformed({"protection_level": fault}, article="A28")
    changed = {
        "name": name,
        "summary": summary,
        "network": network,
        "builder": builder,
        "protection_level": protection_level,
        "protection_filing": protection_filing,
    }
    was(**{key: getattr(row, key) for key in changed})
    for key, value in changed.items():
        setattr(row, key, value)
    row.save()
    return row


@recorded(
    "A7",
    BY_CLERK,
    label="停用信息系统",
    effect="不能再为它登记数据库、申请数据、生成凭证；已登记的数据库和目录不变。停用后可以恢复。",
)
def retire_system(
    actor: Actor,
    *,
    system: SystemId,
    reasons: Annotated[str, Field(title="理由", max_length=500)] = "",
) -> InformationSystem:
    """Take a system out of use: nothing new names it. What it still uses is asked of the contexts
    above by their binders. Raises `AgainstRules`, `NotVisible`, `NotYours`."""
    row = queries.locked_system(actor, system)
    if row.retired_on is not None:
        raise AgainstRules("该信息系统已停用。", article="A7", remedy="不必再次停用。")
    row.retired_on = today()
    row.save(update_fields=["retired_on"])
    return row


@recorded("A7", BY_CLERK, label="恢复使用信息系统")
def restore_system(actor: Actor, *, system: SystemId) -> InformationSystem:
    """Put a retired system back to use. Raises `AgainstRules`, `NotVisible`, `NotYours`."""
    row = queries.locked_system(actor, system)
    if row.retired_on is None:
        raise AgainstRules("该信息系统正在使用。", article="A7", remedy="不必恢复。")
    row.retired_on = None
    row.save(update_fields=["retired_on"])
    return row


def _check_level(level: str, former: str = "") -> None:
    """What was registered before there was a list may stay."""
    if level not in ("", former, *levels_on(today())):
        raise Malformed({"protection_level": f"请从{'、'.join(levels_on(today()))}中选择"})


def _check_name(actor: Actor, name: str, but: int | None = None) -> None:
    if queries.systems_of(actor.body or 0).filter(name=name).exclude(pk=but).exists():
        raise Malformed({"name": f"本部门已登记过“{name}”"}, article="A7")
