"""Mounts to read; what can be done with them is generated at POST /api/do/publishing.…"""

from __future__ import annotations

from typing import Any

from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from huitong.kernel.actor import Actor, Post
from huitong.kernel.requests import Request
from huitong.publishing import queries
from huitong.publishing.models import Mount
from huitong.publishing.rules import Mode
from huitong.ui.paging import Drawn

router = Router(tags=["资源挂接"])


class MountItemOut(Schema):
    name: str
    type: str = Field(title="数据类型代码")
    is_key: bool


class MountOut(Schema):
    """A mount. Where its data lies is told to its own body only."""

    id: int
    entry: int
    code: str
    name: str
    provider: int
    provider_name: str
    mode: str
    state: str
    authorization: str
    authority: str = Field(title="由谁审核申请", description="不予共享的为空")
    responsible: str
    items: list[MountItemOut]
    proposed: list[str] = Field(default_factory=list, title="待本部门负责人确认的变更（仅本部门）")
    secrecy: dict[str, Any] = Field(
        default_factory=dict, title="文件的保密审查：谁声明、谁确认（仅本部门）"
    )
    source: dict[str, Any] | None = Field(None, title="来源（仅本部门）")
    looked_at: int = Field(title="按目录第几版核对或处理")
    doubt: str = Field(title="须由提供部门经办人重新核对挂接的原因，没有则为空")


@router.get("/mounts", response=list[MountOut], summary="挂接资源列表")
@paginate
def mounts(
    request: Request, mode: str = Query("", pattern=Mode.pattern()), own: bool = False
) -> Drawn:
    actor = request.actor
    rows = queries.own(actor) if own else queries.visible_to(actor).order_by("-pk")
    rows = rows.filter(mode=mode) if mode else rows
    rows = rows.prefetch_related("entry__current__items")
    return Drawn(rows, lambda page: _mounts_out(actor, page))


@router.get("/mounts/{mount_id}", response=MountOut, summary="挂接资源")
def mount(request: Request, mount_id: int) -> MountOut:
    return _mounts_out(request.actor, [queries.mount_for(request.actor, mount_id)])[0]


def _mounts_out(actor: Actor, mounts: list[Mount]) -> list[MountOut]:
    """Mounts as this actor may know them: what is the owner's business to the owner only."""
    proposals, doubts = queries.proposals(mounts), queries.doubts(mounts)
    return [_mount_out(actor, m, proposals[m.pk], doubts.get(m.pk, "")) for m in mounts]


def _mount_out(actor: Actor, mount: Mount, proposed: list[str], doubt: str) -> MountOut:
    fact = queries.fact_of(mount)
    of_fact = {name: getattr(fact, name) for name in MountOut.model_fields if hasattr(fact, name)}
    owners = {}
    if mount.entry.body_id == actor.body and actor.has(Post.OPERATOR, Post.MANAGER):
        source = {"database": mount.database_id} | {
            name: getattr(mount, name) for name in ("schema", "table", "key", "columns")
        }
        owners = {"source": source, "proposed": proposed, "secrecy": mount.secrecy}
    return MountOut.model_validate(
        of_fact
        | owners
        | {
            "id": mount.pk,
            "authority": queries.decider(mount) or "",
            "looked_at": mount.looked_at,
            "doubt": doubt,
            "responsible": mount.responsible,
        }
    )
