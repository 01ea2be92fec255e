"""The scope editor of a decision: items, masks, a simple row filter, quota, period; works
without JavaScript (A22, A23)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms

from huitong.access.forms.conditions import ConditionField
from huitong.access.rules import CALLS_PER_SECOND
from huitong.access.rules.scoping import MOST_PER_SECOND, looser
from huitong.publishing.rules import ItemColumn, Mode
from huitong.scope import Mask, Scope
from huitong.scope.masks import ALL_STARS, NAMED, mask_to_json, token
from huitong.ui.grids import Grid

#: where in its JSON a filter is wrong; a page says it without
PATH = re.compile(r"^[a-z_.\[\]0-9]+:")


class ScopeForm(forms.Form):
    """``given()`` is what `application.grant` and `access.simulate` take.

    It begins with all that was asked as far as the entry still allows it: ``allowed``.
    """

    per_second = forms.IntegerField(
        label="每秒调用上限", min_value=1, max_value=MOST_PER_SECOND, initial=CALLS_PER_SECOND
    )
    per_day = forms.IntegerField(label="每日调用上限（不填为不限）", min_value=1, required=False)
    valid_from = forms.DateField(label="授权起")
    valid_to = forms.DateField(label="授权止")
    opinion = forms.CharField(label="意见", widget=forms.Textarea, max_length=1000, required=False)
    ground = forms.ChoiceField(label="理由类别", required=False)
    cites = forms.CharField(
        label="涉及的条款、栏目或信息项",
        max_length=200,
        required=False,
        help_text="如：使用目的；男方身份号码；实施细则第三十条。",
    )
    reasons = forms.CharField(
        label="具体理由", widget=forms.Textarea, max_length=1000, required=False
    )

    def __init__(
        self,
        original: Scope,
        allowed: Scope,
        columns: list[ItemColumn],
        mode: str,
        grounds: list[tuple[str, str]],
        *args: Any,
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.fields["ground"].choices = [("", "不选（全部同意）"), *grounds]
        self.original, self.requested, self.mode = original, allowed, mode
        self.columns = {c.name: c for c in columns}
        self.whole = mode == Mode.FILE
        if self.whole:
            del self.fields["per_second"], self.fields["per_day"]
            return
        for n, item in enumerate(allowed.items):
            self.fields[f"item_{n}"] = forms.BooleanField(label=item, required=False, initial=True)
            self.fields[f"mask_{n}"] = forms.ChoiceField(
                label=f"{item}的脱敏方式",
                choices=mask_choices(allowed.masks.get(item)),
                required=False,
            )
        if columns:
            self.fields["conditions"] = ConditionField(
                columns,
                label="再限定数据行",
                help_text="不填为申请的全部数据行；几个条件须同时满足。",
            )

    @property
    def items(self) -> list[dict[str, Any]]:
        """The grid of items: check box, mask, how it would go out by the entry."""
        if self.whole:
            return []
        grid = []
        for n, item in enumerate(self.requested.items):
            mask = self.requested.masks.get(item)
            grid.append(
                {
                    "name": item,
                    "keep": self[f"item_{n}"],
                    "mask": self[f"mask_{n}"],
                    "now": mask.label if mask else "明文",
                    "asked": was.label if (was := self.original.masks.get(item)) else "明文",
                }
            )
        return grid

    @property
    def reshaped(self) -> bool:
        """Whether other rows of conditions were asked for and nothing else; then what was typed
        stands, and nothing is judged."""
        grid = self._grid
        if grid is None or not grid.reshaped:
            return False
        self.errors.clear()
        return True

    @property
    def _grid(self) -> Grid | None:
        """The conditions as they were posted."""
        posted = self.is_bound and "conditions" in self.fields
        return self["conditions"].value() if posted else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.whole and not any(
            cleaned.get(f"item_{n}") for n in range(len(self.requested.items))
        ):
            self.add_error(
                "item_0" if self.requested.items else None,
                "请至少保留一个信息项；全部不提供的，请选择“不予授权”。",
            )
        return cleaned

    def scope(self) -> dict[str, Any]:
        """The scope part of what was given."""
        cleaned = self.cleaned_data
        if self.whole:
            return {}
        chosen = [
            (n, item) for n, item in enumerate(self.requested.items) if cleaned.get(f"item_{n}")
        ]
        masks = {item: MASKS[key] for n, item in chosen if (key := cleaned.get(f"mask_{n}"))}
        for _, item in chosen:  # the entry has become stricter since it was asked for
            now = self.requested.masks.get(item)
            if item not in masks and now is not None and now != self.original.masks.get(item):
                masks[item] = now
        scope: dict[str, Any] = {
            "items": [item for _, item in chosen],
            "masks": {i: mask_to_json(m) for i, m in masks.items()},
        }
        field = self.fields.get("conditions")
        if field and (tree := field.filter_of(cleaned["conditions"])):
            scope["row_filter"] = tree
        return scope

    def given(self) -> dict[str, Any]:
        """Everything, empty fields left out."""
        values = {
            n: self.cleaned_data.get(n)
            for n in (
                "per_second",
                "per_day",
                "valid_from",
                "valid_to",
                "opinion",
                "ground",
                "cites",
                "reasons",
            )
        }
        return self.scope() | {n: v for n, v in values.items() if v not in (None, "")}

    def answers(self) -> list[tuple[str, str]]:
        """What is granted, in words, for the summary that is confirmed."""
        cleaned = self.cleaned_data
        texts = [("授权期限", f"{cleaned['valid_from']} 至 {cleaned['valid_to']}")]
        if not self.whole:
            chosen = [row["name"] for row in self.items if row["keep"].value()]
            whole = len(self.requested.items)
            texts.append(("信息项", f"{len(chosen)} / {whole} 项：{'、'.join(chosen)}"))
            limits = f"每秒 {cleaned['per_second']} 次"
            day = cleaned.get("per_day")
            texts.append(("配额", limits + (f"，每日 {day} 次" if day else "")))
        return texts + [
            (str(self.fields[name].label), str(cleaned[name]))
            for name in ("cites", "reasons", "opinion")
            if cleaned.get(name)
        ]

    def refuse(self, fields: Mapping[str, list[str]]) -> None:
        """Put an action's faults beside the fields they concern."""
        for name, texts in fields.items():
            head = {"items": "item_0", "masks": "mask_0", "row_filter": "conditions"}.get(
                name.partition(".")[0], name
            )
            for text in texts:
                self.add_error(head if head in self.fields else None, PATH.sub("", text))


#: masks a decider may choose from, by key
MASKS: dict[str, Mask] = {name: mask for name, (_, mask) in NAMED.items()} | {
    "stars": ALL_STARS,
    "token": token("default"),
}


def mask_choices(now: Mask | None) -> list[tuple[str, str]]:
    """As the entry has it, and what shows no more than that."""
    labels = {name: label for name, (label, _) in NAMED.items()} | {
        "stars": ALL_STARS.label,
        "token": MASKS["token"].label,
    }
    stronger = [
        (key, labels[key]) for key, mask in MASKS.items() if mask != now and not looser(mask, now)
    ]
    return [("", f"按目录规定：{now.label}" if now else "不脱敏"), *stronger]
