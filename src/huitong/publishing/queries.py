"""Who sees which mount, who authorizes its use, and mounts as facts for the planes (A13, A14,
A18)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from huitong.catalog import queries as catalog
from huitong.catalog.rules import DatabaseRole, ShareClass
from huitong.connectors import CAPABILITIES
from huitong.kernel import vault
from huitong.kernel.actor import Actor, Post
from huitong.kernel.manifest import Panel
from huitong.kernel.procedure import AgainstRules, NotVisible, NotYours
from huitong.kernel.statements import Statement
from huitong.kernel.watches import watched
from huitong.kernel.workdays import today
from huitong.publishing.models import Mount
from huitong.publishing.rules import (
    STOPPED,
    Authority,
    AuthorityRow,
    Authorization,
    FileFact,
    ItemColumn,
    Mode,
    MountFact,
    MountState,
    Source,
    authority,
    routes,
)
from huitong.scope import Scope, widens
from huitong.scope.columns import mask_fault
from huitong.scope.masks import named
from huitong.ui.selectors import HITS
from huitong.work import queries as work

RELATED = ("entry__body", "entry__current", "database", "file")


def visible_to(actor: Actor) -> QuerySet[Mount]:
    """Mounts of one's own entries in every state; of others', those of entries one may see that
    are confirmed and not withdrawn."""
    rows = Mount.objects.select_related(*RELATED)
    if actor.is_system:
        return rows
    # asked of each: as lists both would be gathered whole for a single mount
    readable = Exists(catalog.visible_to(actor).filter(pk=OuterRef("entry")))
    own = Exists(catalog.entries_of_body(actor).filter(pk=OuterRef("entry")))
    hidden = Q(state__in=[MountState.WITHDRAWN, MountState.PENDING])
    return rows.filter(readable & ~hidden | own)


def own(actor: Actor) -> QuerySet[Mount]:
    """The mounts of the actor's own body, youngest change first."""
    rows = Mount.objects.select_related(*RELATED).order_by("-changed_at", "-pk")
    return rows.filter(entry__in=catalog.entries_of_body(actor).order_by().values("pk"))


def mode_of(mount: int) -> str:
    """How a resource is mounted; empty when it is not (any more)."""
    return str(Mount.objects.filter(pk=mount).values_list("mode", flat=True).first() or "")


def mount_for(actor: Actor, pk: int) -> Mount:
    """Raises `NotVisible`."""
    if (mount := visible_to(actor).filter(pk=pk).first()) is None:
        raise NotVisible("该挂接资源")
    return mount


def own_mount(actor: Actor, pk: int) -> Mount:
    """A mount of the actor's own body, to work on. Raises `NotVisible` or `NotYours`."""
    mount = mount_for(actor, pk)
    if mount.entry.body_id != actor.body or not actor.has(Post.OPERATOR, Post.MANAGER):
        raise NotYours(
            "挂接由资源的提供部门办理。", article="A13", who=f"{mount.entry.body.short_name}经办人"
        )
    return mount


MOUNTS = Statement(lambda actor, entry: visible_to(actor).filter(entry=entry), entry=int)


def mounts_of(actor: Actor, entry: int) -> list[Mount]:
    """The mounts of one entry, for the entry's page."""
    return MOUNTS(actor, entry=entry)


def entry_of(mount: int) -> Any:
    """The entry a mount delivers, whoever asks: for reactions."""
    return Mount.objects.select_related("entry__body", "entry__current").get(pk=mount).entry


def deliverable() -> QuerySet[Mount]:
    """Mounts from which data may leave now: not suspended, not withdrawn."""
    return Mount.objects.filter(state=MountState.ACTIVE)


def stops_to_watch() -> list[int]:
    """Suspended mounts that nobody watches: stopped before stops had a limit."""
    rows = Mount.objects.filter(state=MountState.SUSPENDED).exclude(pk__in=watched(STOPPED))
    return list(rows.values_list("pk", flat=True))


def mountable_entries(actor: Actor) -> QuerySet[Any]:
    """The actor's published, shared entries, for choosing what to mount."""
    return (
        catalog.entries_of_body(actor)
        .filter(current__isnull=False)
        .exclude(current__share_class=ShareClass.NOT_SHARED)
    )


def mountable_entry(actor: Actor, pk: int) -> Any:
    """An own entry that is published and shared, to be mounted by a clerk. Raises `NotVisible`,
    `NotYours`, `AgainstRules`."""
    entry = catalog.own_entry(actor, pk)
    if not actor.has(Post.OPERATOR):
        raise NotYours(
            "资源由提供部门的经办人挂接。", article="A13", who=f"{entry.body.short_name}经办人"
        )
    if not entry.is_published:
        raise AgainstRules(
            "目录尚未发布，不能挂接资源。", article="A13", remedy="请先完成目录审核与发布。"
        )
    if entry.published.share_class == ShareClass.NOT_SHARED:
        raise AgainstRules(
            "不予共享的资源不能挂接。", article="A8", remedy="确应共享的，请先更新目录的共享类型。"
        )
    return entry


def routes_of(version: Any) -> list[AuthorityRow]:
    """How the use of a published version is authorized today, by what its body chose (A18)."""
    return routes(version.share_class, bool(version.control_parameters), today())


def authority_of(mount: Mount) -> Authority:
    """Who decides on an application for this mount today (A18)."""
    version = mount.published
    return authority(
        version.share_class, bool(version.control_parameters), mount.authorization, today()
    )


def decider(mount: Mount) -> Authority | None:
    """The same for a list, which shows what is not shared any more too: nobody decides on that."""
    shared = mount.published.share_class != ShareClass.NOT_SHARED
    return authority_of(mount) if shared else None


def base_scope(mount: Mount) -> Scope:
    """The most that may leave through this mount: what the entry allows (A8) of what its source
    is known to hold."""
    scope = catalog.scope_of(mount.published)
    there = {column.name for column in item_columns(mount)}
    return replace(
        scope,
        items=tuple(item for item in scope.items if item in there),
        masks={item: mask for item, mask in scope.masks.items() if item in there},
    )


# -- a mount whose entry was published again -------------------------------------------------------


def made_ready_for(mounts: Iterable[Mount]) -> dict[int, Any]:
    """Mount of a file → the version it was made ready for, where another is published now."""
    old = [m for m in mounts if m.mode == Mode.FILE and m.looked_at != m.published.number]
    versions = catalog.versions_at({(m.entry_id, m.looked_at) for m in old})
    return {m.pk: version for m in old if (version := versions.get((m.entry_id, m.looked_at)))}


def doubt(mount: Mount, made_for: Any = None) -> str:
    """Why the provider must look at a mount anew before all the entry promises can leave through
    it; empty = it need not. ``made_for``: of a file, what `made_ready_for` says of it.

    A table or an API lacks items its source was never asked for, and goes on without them. A file
    leaves whole: made ready for a version that allowed more, it does not leave.
    """
    number = mount.published.number
    if mount.mode != Mode.FILE:
        unread = [item.name for item in shared_items(mount) if not _is_read(mount, item)]
        return (
            f"目录第 {number} 版的信息项“{'、'.join(unread)}”在来源中没有核对过的列，"
            "请重新核对挂接，此前不提供"
            if unread
            else ""
        )
    if mount.looked_at == number:
        return ""
    why = made_for and widens(base_scope(mount), catalog.scope_of(made_for))
    return (
        f"文件是按目录第 {mount.looked_at} 版处理的，第 {number} 版的共享范围已收窄"
        f"（{'；'.join(why or ['无法核对'])}），请处理后重新挂接，此前不提供"
        if why or made_for is None
        else ""
    )


def doubts(mounts: Iterable[Mount]) -> dict[int, str]:
    """Mount → why it must be looked at anew; those that need not be are not in it."""
    mounts = list(mounts)
    earlier = made_ready_for(mounts)
    words = {mount.pk: doubt(mount, earlier.get(mount.pk)) for mount in mounts}
    return {pk: why for pk, why in words.items() if why}


#: what a clerk proposes and a manager confirms, and the field of a mount it will change
PROPOSABLE = {"authorization": "authorization", "source": "table", "file": "file_id"}


def proposals(mounts: Iterable[Mount]) -> dict[int, list[str]]:
    """Mount → what waits for its manager, each in words."""
    mounts = list(mounts)
    sources = (mount.proposed.get("source") for mount in mounts)
    names = catalog.database_names({source["database"] for source in sources if source})
    return {mount.pk: _proposal_words(mount.proposed, names) for mount in mounts}


def proposal_words(mount: Mount) -> list[str]:
    """The same for one mount."""
    return proposals([mount])[mount.pk]


def _proposal_words(proposed: dict[str, Any], databases: dict[int, str]) -> list[str]:
    source = proposed.get("source", {})
    words = {
        "authorization": (
            f"授权方式改为“{Authorization(proposed['authorization']).label}”"
            if "authorization" in proposed
            else ""
        ),
        "source": (
            f"来源改为 {source['schema']}.{source['table']}"
            f"（{databases.get(source['database'], '')}）"
            f"{'，主键列 ' + '、'.join(source['key']) if source.get('key') else ''}"
            if source
            else ""
        ),
        "file": f"提供文件“{proposed['file_name']}”" if "file" in proposed else "",
    }
    return [words[name] for name in PROPOSABLE if words[name]]


def proposed_file(mount: Mount) -> Any:
    """The uploaded file that waits for the manager's look."""
    return work.attachment_by_key(mount.proposed["file"]) if "file" in mount.proposed else None


# -- facts -----------------------------------------------------------------------------------------


def shared_items(mount: Mount) -> list[Any]:
    """The items of the version published now that may be shared, in its order; of a version that
    is not shared, none (A8)."""
    version = mount.published
    if version.share_class == ShareClass.NOT_SHARED:
        return []
    return [i for i in catalog.rows_of_items(version) if i.share_class != ShareClass.NOT_SHARED]


def item_columns(mount: Mount) -> tuple[ItemColumn, ...]:
    """What may leave through a mount: its shared items with the columns its source was found to
    have for them, in the entry's order."""
    return tuple(
        ItemColumn(i.name, i.column, i.type, mount.columns.get(i.column, ""), i.column in mount.key)
        for i in shared_items(mount)
        if _is_read(mount, i)
    )


def _is_read(mount: Mount, item: Any) -> bool:
    """Whether the source was seen to have a column for an item, of a type its mask can be laid
    on. A file has no columns."""
    if mount.mode == Mode.FILE:
        return True
    kind = mount.columns.get(item.column)
    return kind is not None and not (item.mask and mask_fault(named(item.mask), kind))


def key_items(mount: Mount) -> tuple[str, ...]:
    """The shared items a row of the mount is known by; "" stands for a key column that is none."""
    named = {i.column: i.name for i in item_columns(mount)}
    return tuple(named.get(column, "") for column in mount.key)


def fact_of(mount: Mount) -> MountFact:
    """A mount as facts. With ``entry__body``, ``entry__current``, ``file`` selected and
    ``entry__current__items`` prefetched it asks nothing."""
    entry, version, file = mount.entry, mount.published, mount.file
    file_fact = (
        FileFact(file.pk, file.name, file.sha256, file.size, file.media_type)
        if mount.mode == Mode.FILE and file
        else None
    )
    return MountFact(
        mount.pk,
        entry.pk,
        entry.code or "",
        version.name,
        entry.body_id,
        entry.body.short_name,
        mount.mode,
        mount.authorization,
        mount.state,
        mount.database_id,
        mount.schema,
        mount.table,
        tuple(mount.key),
        item_columns(mount),
        version.data_cycle,
        file_fact,
    )


def sources(
    actor: Actor, mounts: Iterable[int] | None = None
) -> tuple[dict[int, Source], list[str]]:
    """Where the planes read table and API mounts, passwords included, for the platform itself
    only; and the names of those whose password cannot be read. Raises `NotVisible`."""
    if not actor.is_system:
        raise NotVisible("数据源地址")
    rows = Mount.objects.filter(database__isnull=False).exclude(state=MountState.WITHDRAWN)
    rows = rows if mounts is None else rows.filter(pk__in=list(mounts))
    readable, broken = {}, []
    for mount in rows.select_related("entry__body", "entry__current", "database"):
        try:
            readable[mount.pk] = Source(
                mount.pk, catalog.address_of(mount.database), mount.schema, mount.table
            )
        except vault.Unreadable:
            broken.append(
                f"{mount.pk}"
                f" {mount.entry.body.short_name}“{mount.entry.name}”（{mount.database.name}）"
            )
    return readable, broken


# -- to choose from --------------------------------------------------------------------------------


def find_entries(actor: Actor, case: object, words: str) -> list[tuple[int, str]]:
    """The first own entries that can be mounted whose name or code the words mean: as they are
    written, by pinyin or initials."""
    rows = catalog.entries_called(mountable_entries(actor), words)
    return catalog.entry_labels(rows.order_by("current__name", "pk")[:HITS])


def entry_names(actor: Actor, keys: list[int]) -> dict[int, str]:
    """What entries are called, as far as this clerk may mount them."""
    return dict(catalog.entry_labels(mountable_entries(actor).filter(pk__in=keys)))


def source_choices(actor: Actor, case: object = None) -> list[tuple[int, str]]:
    """What a form offers as the source; of those no plane can read from yet, that they are."""
    rows = catalog.databases_visible_to(actor).filter(role=DatabaseRole.SOURCE)
    kinds = {d.pk: CAPABILITIES[d.kind] for d in rows}
    return [
        (d.pk, d.name if kinds[d.pk].source else f"{d.name}（{kinds[d.pk].note}）") for d in rows
    ]


def entry_panels(actor: Actor, entry: Any) -> list[Panel]:
    """What the page of a published entry shows of its mounts."""
    if not entry.is_published:
        return []
    rows = [
        {
            "mount": m,
            "mode": Mode(m.mode).label,
            "state": MountState(m.state).label,
            "active": m.state == MountState.ACTIVE,
            "authority": who.label if (who := decider(m)) else "",
        }
        for m in mounts_of(actor, entry.pk)
    ]
    own = entry.body_id == actor.body and actor.has(Post.OPERATOR)
    may_apply = (
        bool(actor.body)
        and actor.has(Post.OPERATOR)
        and entry.body_id != actor.body
        and catalog.admits(entry, actor.body)
    )
    facts = {"rows": rows, "own": own, "may_apply": may_apply, "entry": entry}
    return [Panel("publishing/entry_panel.html", facts)]
