"""What a body has mounted, and what it can mount (A13, A14)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.views.decorators.http import require_safe

from huitong.catalog import queries as catalog
from huitong.kernel.actor import Post
from huitong.kernel.addresses import reverse
from huitong.kernel.requests import Request
from huitong.publishing import queries
from huitong.publishing.rules import Mode, MountState, due_modes, unserved
from huitong.publishing.views.mounts import CRUMB, row_of
from huitong.ui.lists import Column, List, Listing
from huitong.ui.rules import is_key

MOUNTS = List(
    "publishing.mounts",
    "本部门挂接的资源",
    (
        Column("code", "资源代码", "mount.entry.code", files_only=True),
        Column("name", "资源", "mount.entry.name", sort=("entry__current__name",), fixed=True),
        Column("mode", "方式", sort=("mode",)),
        Column("state", "状态", sort=("state",), fixed=True),
        Column("authorization", "授权方式", sort=("authorization",)),
        Column("responsible", "更新责任人", "mount.responsible", sort=("responsible",)),
        Column("at", "挂接时间", "mount.mounted_at", sort=("mounted_at",)),
        Column("changed", "最近变更", "mount.changed_at", sort=("changed_at",), chosen=False),
        Column("ops", "操作", css="ops", page_only=True),
    ),
    order=("-changed_at", "-pk"),
    unit="项",
    numbered=True,
    row_key="mount.pk",
    personal=True,
    empty=("还没有挂接资源", "目录发布后，在这里把资源挂接为库表、接口或文件。"),
)
MOUNTABLE = List(
    "publishing.mountable",
    "可以挂接的目录",
    (
        Column("name", "目录", "entry.name", sort=("current__name",), fixed=True),
        Column("code", "资源代码", "entry.code", sort=("code",)),
        Column("due", "宜用方式", lambda row: "；".join(row["due"])),
        Column("done", "已挂接", lambda row: "、".join(row["done"])),
        Column("ways", "挂接为", css="ops", page_only=True),
    ),
    order=("-latest__updated_at", "-pk"),
    unit="项",
    numbered=True,
    keep=("entry",),
    row_key="entry.pk",
    empty=("没有可以挂接的目录", "目录审核通过并发布后才能挂接；不予共享的目录不挂接。"),
)


@require_safe
def mounts(request: Request) -> HttpResponseBase:
    """What the actor's body has mounted."""
    actor = request.actor
    listing = Listing(
        request, MOUNTS, queries.own(actor), draw=lambda page: [row_of(mount) for mount in page]
    )
    context = {"may": actor.has(Post.OPERATOR), "crumbs": [CRUMB]}
    return listing.answer("publishing/mounts.html", context)


@require_safe
def choose(request: Request) -> HttpResponseBase:
    """Which published entry to mount, in which of the ways it names."""
    actor = request.actor
    entries = queries.mountable_entries(actor)
    if entry := request.GET.get("entry", ""):
        entries = entries.filter(pk=int(entry)) if is_key(entry) else entries.none()

    def drawn(page: list[Any]) -> list[dict[str, Any]]:
        mounted = set(
            queries.own(actor)
            .exclude(state=MountState.WITHDRAWN)
            .filter(entry__in=page)
            .values_list("entry", "mode")
        )
        return [_mountable(row, {mode for pk, mode in mounted if pk == row.pk}) for row in page]

    listing = Listing(request, MOUNTABLE, entries.prefetch_related("current__items"), draw=drawn)
    return listing.answer("publishing/choose.html", {"crumbs": [CRUMB, ("挂接资源", "")]})


def _mountable(entry: Any, mounted: set[str]) -> dict[str, Any]:
    """An entry with the ways in which it is mounted, can still be, and why others cannot."""
    version = entry.published
    modes = [m for m in version.share_modes if m in set(Mode) and m not in mounted]
    why = {m: unserved(m, catalog.scope_of(version), ()) for m in modes}
    due = due_modes(version.usage).items()
    return {
        "entry": entry,
        "due": [f"{way.label}：{'、'.join(uses)}" for way, uses in due],
        "done": [Mode(m).label for m in version.share_modes if m in mounted],
        "open": [
            (Mode(m).label, reverse("publishing:new", args=[entry.pk, m]))
            for m in modes
            if not why[m]
        ],
        "closed": list(dict.fromkeys(w for w in why.values() if w)),
    }
