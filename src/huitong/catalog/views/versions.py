"""Versions of an entry side by side, element by element and item by item (A7, A10, A11)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from huitong.catalog import queries
from huitong.catalog.models import Entry, Version
from huitong.catalog.rules import ItemRow, sections
from huitong.kernel.actor import Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.requests import Request
from huitong.kernel.workdays import day_of
from huitong.scope.masks import NAMED
from huitong.ui import comparing

DRAFT = "draft"
#: what is said of an item beside its name, in this order
ITEM = ("列名", "类型", "长度", "主键", "可空", "分级", "共享", "脱敏", "代码表", "说明")


class Choice(forms.Form):
    """Which two versions."""

    old = forms.ChoiceField(label="原版本", required=False)
    new = forms.ChoiceField(label="新版本", required=False)

    def __init__(self, versions: dict[str, str], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for field in self.fields.values():
            field.choices = list(versions.items())


@require_safe
def versions(request: Request, pk: int) -> HttpResponse:
    """Two versions of an entry side by side: by default the youngest and the one before it."""
    entry = queries.entry_for(request.actor, pk)
    there = _versions(request.actor, entry)
    names = list(there)
    form = Choice({name: _label(version) for name, version in there.items()}, request.GET)
    picked = form.cleaned_data if form.is_valid() else {}
    new = picked.get("new") or (names[0] if names else "")
    older = names[names.index(new) + 1 :] if new in names else []
    old = picked.get("old") or (older[0] if older else "")
    form.data = {"old": old, "new": new}
    pair = (there[old], there[new]) if old and new and old != new else None
    context: dict[str, Any] = {
        "entry": entry,
        "form": form,
        "single": len(there) < 2,
        "pair": pair,
        "crumbs": [
            ("目录检索", reverse("catalog:browse")),
            (entry.name, reverse("catalog:entry", args=[entry.pk])),
            ("版本对照", ""),
        ],
    }
    if pair:
        before, after = (queries.facts_of(version) for version in pair)
        elements = comparing.lines(_elements(before), _elements(after))
        context |= {
            "columns": [_label(version) for version in pair],
            "elements": elements,
            "items": _items(before.items, after.items),
        }
    return render(request, "catalog/versions.html", context)


def _versions(actor: Actor, entry: Entry) -> dict[str, Version]:
    """The versions this actor reads, the youngest first: the published ones, and before them what
    is being changed, for its own body and, once it has received it, the bureau."""
    rows = {str(version.number): version for version in queries.versions_of(actor, entry)}
    received = actor.bureau and entry.draft.received_at is not None
    if (entry.body_id == actor.body or received) and not entry.draft.is_published:
        rows = {DRAFT: entry.draft, **rows}
    for version in rows.values():
        version.entry = entry
    return rows


def _label(version: Version) -> str:
    if version.published_at is None:
        return f"草稿（{version.state.label}）"
    return f"第 {version.number} 版（{day_of(version.published_at):%Y-%m-%d} 发布）"


def _elements(facts: Any) -> dict[str, str]:
    return {
        label: text
        for _, rows in sections(facts)
        for field, label, text in rows
        if field not in ("items", "grounds")
    }


def _items(before: tuple[ItemRow, ...], after: tuple[ItemRow, ...]) -> list[comparing.Line]:
    """Item by item; of a changed one only what changed is spelt out."""
    old, new = ({item.name: _attributes(item) for item in items} for items in (before, after))
    return [_item(name, old.get(name), new.get(name)) for name in comparing.woven(old, new)]


def _item(name: str, old: dict[str, str] | None, new: dict[str, str] | None) -> comparing.Line:
    if old is None or new is None:
        return comparing.line(name, _sentence(old), _sentence(new))
    changed = [what for what in ITEM if old[what] != new[what]]
    if not changed:
        return comparing.line(name, _sentence(old), _sentence(new))
    cells = tuple(
        "\n".join(f"{what}：{texts[what] or '（无）'}" for what in changed) for texts in (old, new)
    )
    words = f"修改：{'、'.join(changed)}"
    return comparing.Line(name, cells, comparing.Difference.CHANGED, words)


def _sentence(texts: dict[str, str] | None) -> str:
    return (
        "，".join(text for what, text in texts.items() if text and what != "列名") if texts else ""
    )


def _attributes(item: ItemRow) -> dict[str, str]:
    mask = NAMED[item.mask][0] if item.mask in NAMED else ""
    texts = (
        item.column,
        item.type.label,
        f"长度 {item.length}" if item.length else "",
        "主键" if item.is_key else "",
        "可空" if item.nullable else "不可空",
        item.level.label,
        "不提供" if item.share_class == "3" else "提供",
        f"脱敏：{mask}" if mask else "",
        item.dictionary,
        item.remark,
    )
    return dict(zip(ITEM, texts, strict=True))
