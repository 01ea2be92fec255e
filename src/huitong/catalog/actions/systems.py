"""The register of a body's information systems: catalog, databases, applications and credentials
name what stands in it (A7, A28)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from huitong.catalog import queries
from huitong.catalog.actions.connecting import BY_CLERK
from huitong.catalog.models import InformationSystem
from huitong.kernel.actor import Actor
from huitong.kernel.doing import recorded, was
from huitong.kernel.procedure import Malformed
from huitong.work.rules import Hidden

SystemId = Annotated[int, Hidden(), Field(title="信息系统", ge=1)]
Name = Annotated[str, Field(title="系统名称", min_length=2, max_length=120)]
Summary = Annotated[str, Field(title="用途", max_length=500)]
Network = Annotated[str, Field(title="部署网络", max_length=40)]
Builder = Annotated[str, Field(title="建设运维单位", max_length=120)]
Level = Annotated[str, Field(title="等级保护级别", description="如“三级”。", max_length=8)]
Filing = Annotated[str, Field(title="等级保护备案编号", max_length=60)]


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
    row = InformationSystem.objects.select_for_update().get(pk=queries.own_system(actor, system).pk)
    _check_name(actor, name, but=row.pk)
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


def _check_name(actor: Actor, name: str, but: int | None = None) -> None:
    if queries.systems_of(actor.body or 0).filter(name=name).exclude(pk=but).exists():
        raise Malformed({"name": f"本部门已登记过“{name}”"}, article="A7")
