"""Views of lists people keep for themselves, and lists they take along (A19, A28)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from huitong.kernel.actor import Actor
from huitong.kernel.doing import note, recorded
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible
from huitong.work.models import SavedView

#: what one person may keep of one list: more than anybody finds again
MOST_VIEWS = 30

ListKey = Annotated[str, Field(title="列表", max_length=60, pattern=r"^[a-z_]+(\.[a-z_]+)+$")]
Query = Annotated[str, Field(title="条件", max_length=1000)]
Name = Annotated[str, Field(title="名称", min_length=1, max_length=40)]
Default = Annotated[bool, Field(title="默认显示")]
ViewId = Annotated[int, Field(title="视图")]


@recorded("A19", anyone=True, inner=True, label="保存视图")
def save_view(
    actor: Actor, *, list: ListKey, name: Name, query: Query = "", default: Default = False
) -> SavedView:
    """Keep a view of a list under a name; one of the same name is replaced. Raises `AgainstRules`
    when there are too many."""
    note(query="")  # what somebody looks for is nobody's business
    own = SavedView.objects.filter(person=actor.person, list=list)
    if own.exclude(name="").exclude(name=name).count() >= MOST_VIEWS:
        raise AgainstRules(
            f"一个列表最多保存 {MOST_VIEWS} 个视图。", article="A19", remedy="请先删除不用的视图。"
        )
    if default:
        own.filter(default=True).update(default=False)
    values = {"query": query} | ({"default": True} if default else {})
    view: SavedView = SavedView.objects.update_or_create(
        person_id=actor.person, list=list, name=name, defaults=values
    )[0]
    return view


@recorded("A19", anyone=True, inner=True, label="修改视图")
def change_view(
    actor: Actor,
    *,
    view: ViewId,
    name: Annotated[str | None, Field(title="名称", min_length=1, max_length=40)] = None,
    query: Annotated[str | None, Field(title="条件", max_length=1000)] = None,
    default: Annotated[bool | None, Field(title="默认显示")] = None,
) -> SavedView:
    """Rename a view of one's own, keep what it shows now, or open it by default. Raises
    `NotVisible`, `Malformed`."""
    note(query="")
    row = _own(actor, view)
    others = SavedView.objects.filter(person=actor.person, list=row.list).exclude(pk=row.pk)
    if name is not None and name != row.name:
        if others.filter(name=name).exists():
            raise Malformed({"name": f"已有名为“{name}”的视图，请换一个名称"}, article="A19")
        row.name = name
    row.query = row.query if query is None else query
    if default is not None:
        row.default = default
        if default:
            others.filter(default=True).update(default=False)
    row.save()
    return row


@recorded("A19", anyone=True, inner=True, label="删除视图")
def delete_view(actor: Actor, *, view: ViewId) -> None:
    """Delete a view of one's own. Raises `NotVisible`."""
    row = _own(actor, view)
    note(list=row.list, name=row.name)
    row.delete()


@recorded("A19", anyone=True, inner=True, label="选择列表的列")
def choose_columns(actor: Actor, *, list: ListKey, query: Query = "") -> None:
    """Keep the columns and the size of page somebody chose for a list; nothing brings back the
    list's own."""
    if query:
        SavedView.objects.update_or_create(
            person_id=actor.person, list=list, name="", defaults={"query": query}
        )
    else:
        SavedView.objects.filter(person=actor.person, list=list, name="").delete()


@recorded("A28", anyone=True, inner=True, label="导出列表")
def export_list(
    actor: Actor,
    *,
    list: ListKey,
    label: Annotated[str, Field(title="名称", max_length=60)],
    kind: Annotated[str, Field(title="格式", max_length=8)],
) -> None:
    """Record that somebody takes along a list with facts about people."""


def _own(actor: Actor, view: int) -> SavedView:
    row = SavedView.objects.filter(person=actor.person, pk=view).exclude(name="").first()
    if row is None:
        raise NotVisible("该视图")
    return row
