"""Mounts to read; what can be done with them is generated at POST /api/do/publishing.…"""

from __future__ import annotations

from typing import Any

from ninja import Query, Router
from pydantic import BaseModel, Field

from huitong.kernel.actor import Post
from huitong.kernel.requests import Request
from huitong.publishing import queries
from huitong.publishing.models import Mount

router = Router(tags=["资源发布"])


class MountItemOut(BaseModel):
    name: str
    type: str = Field(title="数据类型代码")
    is_key: bool


class MountOut(BaseModel):
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
    authority: str = Field(title="由谁审核申请")
    responsible: str
    items: list[MountItemOut]
    proposed: list[str] = Field(default_factory=list, title="待本部门负责人确认的变更（仅本部门）")
    secrecy: dict[str, Any] = Field(
        default_factory=dict, title="文件的保密审查：谁声明、谁确认（仅本部门）"
    )
    source: dict[str, Any] | None = Field(None, title="来源（仅本部门）")


class MountPage(BaseModel):
    items: list[MountOut]
    count: int


@router.get("/mounts", response=MountPage, summary="挂接资源列表")
def mounts(
    request: Request,
    mode: str = "",
    own: bool = False,
    limit: int = Query(50, ge=1, le=200),
    offset: int = Query(0, ge=0, le=1_000_000),
) -> MountPage:
    actor = request.actor
    rows = queries.own(actor) if own else queries.visible_to(actor).order_by("-pk")
    rows = (rows.filter(mode=mode) if mode else rows).prefetch_related("entry__items")
    return MountPage(
        count=rows.count(), items=[_shown(actor, m) for m in rows[offset : offset + limit]]
    )


@router.get("/mounts/{mount_id}", response=MountOut, summary="挂接资源")
def mount(request: Request, mount_id: int) -> MountOut:
    actor = request.actor
    return _shown(actor, queries.mount_for(actor, mount_id))


def _shown(actor: Any, mount: Mount) -> MountOut:
    fact = queries.fact_of(mount)
    mine = mount.entry.body_id == actor.body and actor.has(Post.OPERATOR, Post.MANAGER)
    source = {
        "database": mount.database_id,
        "schema": mount.schema,
        "table": mount.table,
        "key": mount.key,
        "columns": mount.columns,
    }
    return MountOut(
        id=mount.pk,
        entry=fact.entry,
        code=fact.code,
        name=fact.name,
        provider=fact.provider,
        provider_name=fact.provider_name,
        mode=fact.mode,
        state=fact.state,
        authorization=fact.authorization,
        authority=queries.authority_of(mount),
        responsible=mount.responsible,
        items=[MountItemOut(name=i.name, type=i.type, is_key=i.is_key) for i in fact.items],
        source=source if mine else None,
        proposed=queries.proposal_words(mount) if mine else [],
        secrecy=mount.secrecy if mine else {},
    )
