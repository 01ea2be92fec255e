"""The grid of items."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms

from huitong.catalog import queries
from huitong.catalog.forms.sections import SectionForm
from huitong.catalog.models import Entry, Item, Version
from huitong.catalog.rules import ItemRow, ItemType, Level, Section, ShareClass
from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.doing.given import is_key
from huitong.kernel.procedure import Malformed
from huitong.scope.masks import NAMED


class ItemForm(forms.Form):
    """One row of the grid."""

    name = forms.CharField(label="信息项名称", required=False, max_length=100)
    column = forms.CharField(label="列名", required=False, max_length=128)
    type = forms.ChoiceField(
        label="类型", choices=[(t.value, t.label) for t in ItemType], initial=ItemType.TEXT.value
    )
    length = forms.IntegerField(
        label="长度",
        required=False,
        min_value=1,
        max_value=100_000_000,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    is_key = forms.BooleanField(label="主键", required=False)
    nullable = forms.BooleanField(label="可空", required=False, initial=True)
    level = forms.ChoiceField(
        label="分级", choices=[(v.value, v.label[:2]) for v in Level], initial=Level.TWO.value
    )
    share_class = forms.ChoiceField(
        label="共享类型",
        choices=[(v.value, v.label.removesuffix("共享")) for v in ShareClass],
        initial=ShareClass.UNCONDITIONAL.value,
    )
    mask = forms.ChoiceField(
        label="脱敏",
        choices=[("", "不脱敏"), *((n, label) for n, (label, _) in NAMED.items())],
        required=False,
    )
    dictionary = forms.CharField(label="代码表", required=False, max_length=120)
    remark = forms.CharField(label="说明", required=False, max_length=300)
    accept = forms.BooleanField(label="采纳建议", required=False)

    use_required_attribute = False

    def __init__(self, *args: Any, scanned: Mapping[str, Item], **more: Any) -> None:
        super().__init__(*args, **more)
        self.scanned = scanned

    @property
    def source(self) -> Item | None:
        """What stands in the entry for the column of this row, wherever the row stands now."""
        return self.scanned.get(self["column"].value() or "")

    @property
    def column_type(self) -> str:
        return self.source.column_type if self.source else ""

    @property
    def suggestion(self) -> dict[str, str]:
        suggestion: dict[str, str] = self.source.suggestion if self.source else {}
        return suggestion if self.source and suggestion.get("mask") != self.source.mask else {}

    @property
    def is_empty(self) -> bool:
        return not (self.cleaned_data.get("name") or self.cleaned_data.get("column"))


class ItemGrid(forms.BaseFormSet):
    """All rows. Rows without name and column are left out; a row is taken out by its box;
    ``more`` adds empty ones."""

    MORE = 5

    def __init__(self, draft: Version, data: Any = None, more: int = 0) -> None:
        items = list(draft.items.all())
        self.scanned = {item.column: item for item in items if item.column}
        if data is not None and is_key(total := data.get("items-TOTAL_FORMS", "")):
            data = data.copy()
            data["items-TOTAL_FORMS"] = str(int(total) + more)
        super().__init__(
            data,
            initial=[{n: getattr(item, n) for n in ItemRow.model_fields} for item in items],
            prefix="items",
        )

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        # Django would skip a row that equals what stands there already; here every row is said
        # anew, and empty ones are ours to see
        return {"use_required_attribute": False, "empty_permitted": False, "scanned": self.scanned}

    def given(self, accept_all: bool = False) -> list[dict[str, Any]]:
        """The rows as ``entry.edit`` takes them. A suggestion is applied where its box was
        ticked."""
        rows = []
        for form in self.forms:
            if form.cleaned_data.get("DELETE") or form.is_empty:
                continue
            row = {k: v for k, v in form.cleaned_data.items() if k in ItemRow.model_fields}
            if form.suggestion and (accept_all or form.cleaned_data.get("accept")):
                row |= {"mask": form.suggestion["mask"], "level": form.suggestion["level"]}
            rows.append(row)
        return rows

    def refuse(self, where: str, messages: list[str]) -> bool:
        """Put what the verb refused beside its cell (``items.3.name``); False when it has none."""
        rows = [f for f in self.forms if not (f.cleaned_data.get("DELETE") or f.is_empty)]
        parts = re.match(r"items\.(\d+)\.(\w+)", where)
        if (
            parts is None
            or int(parts[1]) >= len(rows)
            or parts[2] not in rows[int(parts[1])].fields
        ):
            return False
        for text in messages:
            rows[int(parts[1])].add_error(parts[2], text)
        return True


ItemFormSet = forms.formset_factory(
    ItemForm, formset=ItemGrid, extra=3, can_delete=True, max_num=1600, absolute_max=1600
)


class ItemsForm(SectionForm):
    """The section of items: dictionary and standard, and the grid."""

    def __init__(self, actor: Actor, entry: Entry, data: Any = None, more: int = 0) -> None:
        super().__init__(Section.ITEMS, actor, entry, data)
        self.grid = ItemFormSet(entry.draft, data, more)

    def save_all(self, accept_all: bool) -> doing.Done | None:
        """Both at once; None when something is wrong in a field or a cell, or somebody was
        faster."""
        if not (self.grid.is_valid() and self.is_valid()):
            for message in self.grid.non_form_errors():
                self.add_error(None, message)
            return None
        return self.keep(self.given() | {"items": self.grid.given(accept_all)})

    def compare(self, given: dict[str, Any], now: Version) -> None:
        super().compare(given, now)
        typed, stand = (
            {row["name"]: row for row in rows}
            for rows in (given["items"], [i.model_dump() for i in queries.items_of(now)])
        )
        other = [
            name
            for name in typed.keys() & stand.keys()
            if any(str(typed[name][n] or "") != str(stand[name][n] or "") for n in typed[name])
        ]
        for difference, names in (
            ("现在有而您没有", stand.keys() - typed.keys()),
            ("您有而现在没有", typed.keys() - stand.keys()),
            ("内容不同", other),
        ):
            if names:
                self.add_error(None, f"信息项中{difference}的：{'、'.join(sorted(names))}。")

    def refuse(self, wrong: Malformed) -> None:
        left = {
            where: messages
            for where, messages in wrong.fields.items()
            if not self.grid.refuse(where, messages)
        }
        if left:
            super().refuse(Malformed(left))

    @property
    def status(self) -> int:
        return super().status if self.stopped or not self.is_wrong else 422

    @property
    def is_wrong(self) -> bool:
        return bool(self.errors) or any(f.errors for f in self.grid.forms)
