"""Form fields beyond Django's own: lists, JSON, uploads."""

from __future__ import annotations

import json
import re
from typing import Any

from django import forms
from django.conf import settings

from huitong.kernel.actor import Actor
from huitong.ui.rules import is_key
from huitong.work import queries
from huitong.work.rules import kind_words

#: suffix of the hidden field that names a file uploaded earlier
UPLOADED = "__kept"


class LinesField(forms.CharField):
    """A list, one item a line; numbers may also be separated by commas."""

    def __init__(self, base: Any, **about: Any) -> None:
        self.base = base
        if isinstance(about.get("initial"), list | tuple | set | frozenset):
            about["initial"] = "\n".join(str(x) for x in about["initial"])
        super().__init__(
            **about | {"help_text": about["help_text"] or "每行一项"}, widget=forms.Textarea
        )

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        parts = re.split(r"[\s,，、;；]+" if self.base is int else r"\r?\n", text)
        return [part.strip() for part in parts if part.strip()]


class JsonField(forms.CharField):
    """A value with a structure of its own, as JSON, where no context has a page for it."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return (
            value
            if isinstance(value, str) or value is None
            else json.dumps(value, ensure_ascii=False, indent=1, default=str)
        )

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return json.loads(text) if text else None
        except (ValueError, RecursionError):
            raise forms.ValidationError("不是有效的 JSON。") from None


class UploadInput(forms.FileInput):
    """A file input that names the files uploaded before."""

    template_name = "work/widgets/upload.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[int]:
        return (
            [int(pk) for pk in data.getlist(name + UPLOADED) if is_key(pk)]
            if hasattr(data, "getlist")
            else []
        )

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name + UPLOADED not in data

    def use_required_attribute(self, initial: Any) -> bool:
        return False

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        context["widget"]["attachments"] = self.attachments(value) if value else []
        context["widget"]["attachments_name"] = name + UPLOADED
        return context


class ManyUploadInput(UploadInput):
    """A file input for several files at once."""

    allow_multiple_selected = True


class UploadField(forms.Field):
    """A parameter that names one uploaded file or several."""

    def __init__(
        self, actor: Actor, suffixes: tuple[str, ...], *, many: bool = False, **about: Any
    ) -> None:
        self.actor, self.many = actor, many
        self.problems: list[str] = []
        widget = ManyUploadInput(attrs={"multiple": True}) if many else UploadInput()
        widget.attachments = self.attachments
        widget.attrs["accept"] = ",".join(suffixes)
        accepted = (
            f"支持 {kind_words(suffixes)}，单个文件不超过"
            f" {settings.ATTACHMENT_MAX_BYTES // 1024 // 1024} MB。"
        )
        super().__init__(**about | {"help_text": about["help_text"] or accepted}, widget=widget)

    def attachments(self, value: Any) -> list[Any]:
        keys = value if isinstance(value, list) else [value] if isinstance(value, int) else []
        return list(queries.attachments_to_hand_in(self.actor).filter(pk__in=keys))

    def clean(self, value: list[int]) -> int | list[int] | None:
        if self.problems:
            raise forms.ValidationError(self.problems)
        if not value and self.required:
            raise forms.ValidationError("请选择要上传的文件。", code="required")
        return value if self.many else (value[0] if value else None)

    def bound_data(self, data: Any, initial: Any) -> Any:
        return data if data else initial

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data)
