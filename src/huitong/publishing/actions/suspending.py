"""Stopping delivery in an emergency, and going on: at once, with the bureau and every user told
(A16, A28)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from huitong.kernel import watches
from huitong.kernel.actor import BODY, SYSTEM, Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.doing import note, recorded, stated_reasons, was
from huitong.kernel.procedure import AgainstRules
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations
from huitong.publishing import queries
from huitong.publishing.actions.proposing import MountRef
from huitong.publishing.models import Mount
from huitong.publishing.rules import STOPPED, MountState
from huitong.work import actions as work
from huitong.work.rules import Cites, GroundRef

Reasons = Annotated[str, Field(title="理由", max_length=1000)]


@recorded(
    "A28",
    BODY(Post.OPERATOR),
    BODY(Post.MANAGER),
    label="暂停交付",
    effect="立即停止向所有使用部门交付，并通知各使用部门和大数据管理局；已有授权保留。",
)
def suspend_delivery(
    actor: Actor, *, mount: MountRef, ground: GroundRef, cites: Cites = "", reasons: Reasons
) -> Mount:
    """Stop all delivery of a resource at once: leak, wrong data. Grants stay; the bureau is
    told, now and when it has not gone on after the days the city sets."""
    own = _moved(actor, mount, MountState.ACTIVE, MountState.SUSPENDED)
    _watch(own)
    _tell_bureau(actor, own, "暂停交付", stated_reasons())
    return own


@recorded(
    "A28",
    BODY(Post.MANAGER),
    label="恢复交付",
    effect="已有授权的部门立即可以继续使用，并通知各使用部门和大数据管理局。",
)
def resume_delivery(actor: Actor, *, mount: MountRef, reasons: Reasons) -> Mount:
    """Go on delivering a suspended resource; the bureau is told."""
    own = _moved(actor, mount, MountState.SUSPENDED, MountState.ACTIVE)
    watches.end(STOPPED, own, on=today())
    _tell_bureau(actor, own, "恢复交付", reasons)
    return own


@recorded("A28", SYSTEM(Post.OPERATOR), label="核对暂停交付时限")
def watch_stop(actor: Actor, *, mount: MountRef) -> Mount:
    """Begin to watch a stop that nobody watches, from today: it began before stops had a limit."""
    own = Mount.objects.select_for_update(of=("self",)).select_related("entry").get(pk=mount)
    # else it went on meanwhile, or its limit has begun
    if own.state == MountState.SUSPENDED and own.pk not in watches.watched(STOPPED):
        _watch(own)
    return own


def _watch(own: Mount) -> None:
    watches.begin(
        STOPPED,
        own,
        body=own.entry.body_id,
        title=f"暂停交付：{own.entry.name}",
        url=reverse("publishing:mount", args=[own.pk]),
        on=today(),
    )


def _moved(actor: Actor, pk: int, before: MountState, after: MountState) -> Mount:
    mount = queries.own_mount(actor, pk)
    Mount.objects.select_for_update().get(pk=mount.pk)
    mount.refresh_from_db()
    if mount.state != before:
        raise AgainstRules(
            f"该资源现在是“{MountState(mount.state).label}”，不能这样办理。",
            article="A28",
            remedy="请刷新页面，查看现在可以怎样办理。",
        )
    was(state=mount.state)
    mount.state = after
    mount.save()
    note(state=after)
    return mount


def _tell_bureau(actor: Actor, mount: Mount, what: str, reasons: str) -> None:
    head = organizations.bureau()
    work.tell_bodies(
        actor,
        [head.pk if head else None],
        f"{actor.body_name}{what}：{mount.entry.name}",
        reasons,
        reverse("publishing:mount", args=[mount.pk]),
    )
