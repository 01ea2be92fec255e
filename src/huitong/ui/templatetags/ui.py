"""Template tags of the components: form controls, the countdown's words, JSON, session
length."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import forms, template
from django.conf import settings
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from huitong.ui import autosave, comparing
from huitong.ui.grid_fields import GridWidget
from huitong.ui.grids import Fault, Grid

register = template.Library()

#: what every page of a platform outside the classified networks must say
NOTICE = "本平台为非涉密系统，严禁存储、处理、传输国家秘密。"

# -- words -----------------------------------------------------------------------------------------

HAN = "\u3001-\u3002\u300a-\u300f\u3400-\u9fff\uff08-\uff1f“”"
WIDE = dict(zip(",;:!?", "，；：！？", strict=True))


@register.filter
def punctuated(text: Any) -> str:
    """Return Chinese words in Chinese punctuation, whatever width it was typed in; figures,
    addresses and code keep theirs."""
    wide = re.sub(rf"(?<=[{HAN}])[,;:!?]|[,;:!?](?=[{HAN}])", lambda m: WIDE[m[0]], str(text))
    return re.sub(rf"\(([^()]*[{HAN}][^()]*)\)", r"（\1）", wide)


@register.filter
def nth(rows: Any, place: int) -> Any:
    """The row at a place, from 0; nothing where there is none."""
    return rows[place] if place < len(rows) else ""


@register.filter
def differing(lines: Any) -> int:
    """How many lines of a comparison are not the same."""
    return comparing.different(lines)


@register.filter
def grouped(value: int | None) -> str:
    """12,345"""
    return "" if value is None else f"{value:,}"


@register.filter
def clock_words(at: datetime) -> str:
    """10:32 today, 11月28日 10:32 before."""
    return autosave.clock_words(at)


@register.filter
def at_most(value: Any, most: int) -> str:
    """``999+`` for more than 999: figures in the frame are counted no further."""
    return f"{most}+" if isinstance(value, int) and value > most else str(value)


@register.filter
def ticked(field: BoundField) -> int:
    """How many boxes of a field are ticked."""
    return sum(1 for option in field.subwidgets if option.data["selected"])


@register.filter
def tick_groups(field: BoundField) -> list[tuple[str, list[Any]]]:
    """The boxes of a field in its groups; without groups one whose label is empty."""
    options = iter(field.subwidgets)
    groups: list[tuple[str, list[Any]]] = []
    for value, label in field.field.choices:
        if isinstance(label, list | tuple):
            groups.append((str(value), [next(options) for _ in label]))
        elif groups and not groups[-1][0]:
            groups[-1][1].append(next(options))
        else:
            groups.append(("", [next(options)]))
    return groups


# -- form controls ---------------------------------------------------------------------------------

#: widget → what field.html draws; the first match wins, so the special comes before the general
KINDS: tuple[tuple[type[forms.Widget], str, str], ...] = (
    (forms.CheckboxSelectMultiple, "choices", "form-check-input"),
    (forms.RadioSelect, "choices", "form-check-input"),
    (forms.CheckboxInput, "checkbox", "form-check-input"),
    (forms.ClearableFileInput, "file", "form-control"),
    (forms.FileInput, "file", "form-control"),
    (forms.SelectDateWidget, "parts", "form-select"),
    (forms.SplitDateTimeWidget, "parts", "form-control"),
    (GridWidget, "parts", ""),
    (forms.Select, "input", "form-select"),
    (forms.Widget, "input", "form-control"),
)


@register.simple_tag
def control(field: BoundField, size: str = "") -> str:
    """Give the field's widget its classes and ARIA state, and say how field.html should draw it."""
    widget = field.field.widget
    kind, css = next((kind, css) for of, kind, css in KINDS if isinstance(widget, of))
    native_date(widget)
    classes = [
        widget.attrs.get("class", ""),
        css,
        size and f"{css}-{size}",
        "is-invalid" if field.errors else "",
    ]
    widget.attrs["class"] = " ".join(dict.fromkeys(" ".join(filter(None, classes)).split()))
    # says nothing the label does not
    if "placeholder" in widget.attrs and str(widget.attrs["placeholder"]) in str(field.label):
        del widget.attrs["placeholder"]
    # Django's default is half a page
    if isinstance(widget, forms.Textarea) and widget.attrs.get("rows") == "10":
        widget.attrs["rows"] = "4"
    return kind


def native_date(widget: forms.Widget) -> None:
    """A plain date field becomes the browser's own picker, which takes ISO dates only whatever
    the language."""
    for of, kind, pattern in (
        (forms.DateInput, "date", "%Y-%m-%d"),
        (forms.DateTimeInput, "datetime-local", "%Y-%m-%dT%H:%M"),
    ):
        if isinstance(widget, of) and widget.input_type == "text":
            widget.input_type, widget.format = kind, pattern


#: how a missing value is asked for, by kind of widget
REQUESTS: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxInput, "请勾选“{}”"),
    (forms.FileInput, "请上传{}"),
    (forms.widgets.ChoiceWidget, "请选择{}"),
    (forms.Widget, "请填写{}"),
)


@register.filter
def tall(field: BoundField) -> bool:
    """Whether the choices are sentences rather than words: then each stands on a line of its
    own."""
    return (
        max((len(str(label)) for _, label in getattr(field.field, "choices", ())), default=0) > 16
    )


@register.filter
def takes_opinion(form: Any) -> bool:
    """Whether the form has a box that quick phrases could go into; reasons are written for the
    case at hand."""
    return isinstance(form, forms.BaseForm) and any(
        isinstance(field.widget, forms.Textarea) and name != "reasons"
        for name, field in form.fields.items()
    )


@register.filter
def error_texts(field: BoundField) -> list[str]:
    """The field's errors in our words: what to do, not “这个字段是必填项”. The same words stand in the
    summary."""
    if "required" not in {error.code for error in field.errors.as_data()}:
        return [punctuated(text) for text in field.errors]
    request = next(words for of, words in REQUESTS if isinstance(field.field.widget, of))
    own = field.field.error_messages["required"]
    return [
        (
            request.format(field.label)
            if own == forms.Field.default_error_messages["required"]
            else str(own)
        )
    ]


@register.filter
def error_codes(form: forms.BaseForm) -> set[str]:
    """The codes of the form's own errors, for pages that explain one of them at length."""
    return {str(error.code) for error in form.non_field_errors().as_data()}


@register.filter
def error_fields(form: forms.BaseForm) -> list[dict[str, str]]:
    """List the errors of a form for its summary: each message with the id of the control it belongs
    to."""
    rows = [{"target": "", "text": punctuated(text)} for text in form.non_field_errors()]
    for field in form:
        target = (
            f"{field.auto_id}_0"
            if field.field.widget.use_fieldset
            else field.id_for_label or field.auto_id
        )
        texts = error_texts(field) if field.errors else []
        cells = {punctuated(t): at for t, at in getattr(field.field.widget, "at_fault", {}).items()}
        rows += [
            {
                "target": cells.get(text, target),
                "text": text if str(field.label) in text else f"{field.label}：{text}",
            }
            for text in texts
        ]
    return rows


@register.filter
def grid_faults(grids: Mapping[str, Grid] | None) -> list[Fault]:
    """What is wrong with the cells of the grids of a form."""
    return [fault for grid in (grids or {}).values() for fault in grid.faults]


@register.filter
def written_out(optgroups: Iterable[tuple[str | None, list[dict[str, Any]], int]]) -> SafeString:
    """The options of a select: Django draws two templates for each."""
    parts: list[str] = []
    for group, options, _ in optgroups:
        if group:
            parts.append(f'<optgroup label="{conditional_escape(group)}">')
        for option in options:
            attrs = "".join(
                f" {name}" if value is True else f' {name}="{conditional_escape(value)}"'
                for name, value in option["attrs"].items()
                if value is not False
            )
            value, label = conditional_escape(option["value"]), conditional_escape(option["label"])
            parts.append(f'<option value="{value}"{attrs}>{label}</option>\n')
        if group:
            parts.append("</optgroup>")
    return mark_safe("".join(parts))  # noqa: S308 - each part escaped


# -- countdown -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Face:
    """The look of a remaining time: words, a shape and a tone, so that colour is never the only
    signal."""

    words: str
    shape: str
    tone: str


#: the shapes of `Face`
SHAPES = {
    name: mark_safe(shape)  # noqa: S308 - constants
    for name, shape in {
        "dot": '<circle cx="5" cy="5" r="4.5" />',
        "square": '<rect x=".5" y=".5" width="9" height="9" />',
        "pause": (
            '<rect x="1" y="0" width="3" height="10" /><rect x="6" y="0" width="3" height="10" />'
        ),
        "check": '<path d="M1 5l3 3l5-6" class="stroke" />',
        "none": '<rect x="1" y="4.25" width="8" height="1.5" />',
    }.items()
}
COUNTDOWN = (
    '<span class="due due-{}"{}><svg class="shape" width="10" height="10" viewBox="0 0 10 10"'
    ' aria-hidden="true">{}</svg>{}</span>'
)


@register.simple_tag
def countdown(
    left: int | str | None = None,
    due: date | None = None,
    paused: str | bool = "",
    done: str = "",
    near: int | str = 1,
) -> SafeString:
    """A clock (`c-due`), see `due_face`."""
    face = due_face(left, due, paused, done, near)
    title = format_html(' title="{} 到期"', due.isoformat()[:10]) if due else ""
    return format_html(COUNTDOWN, face.tone, title, SHAPES[face.shape], face.words)


def due_face(
    left: int | str | None = None,
    due: date | None = None,
    paused: str | bool = "",
    done: str = "",
    near: int | str = 1,
) -> Face:
    """Words for a clock. ``left``: working days left, negative when overdue, None when no limit
    runs."""
    if done:
        return Face(str(done), "check", "calm")
    if paused:
        reason = "" if paused is True else f"（{paused}）"
        return Face(f"计时暂停{reason}", "pause", "calm")
    if left is None or left == "":
        return Face("无时限", "none", "calm")
    left = int(left)
    if left < 0:
        return Face(f"已超期 {-left} 个工作日", "square", "late")
    until = f"（{day_words(due)}到期）" if due else ""
    if left == 0:
        return Face(
            "今日到期" if not due or due == timezone.localdate() else f"剩 0 个工作日{until}",
            "dot",
            "near",
        )
    return Face(f"剩 {left} 个工作日{until}", "dot", "near" if left <= int(near) else "good")


def day_words(day: date) -> str:
    """12月1日, with the year when it is not this one."""
    words = f"{day.month}月{day.day}日"
    return words if day.year == timezone.localdate().year else f"{day.year}年{words}"


# -- the frame -------------------------------------------------------------------------------------


@register.simple_tag
def menu_sections(menu: Iterable[Mapping[str, Any]]) -> str:
    """The sections of the menu. The same for everybody of the same posts on the same page, so each
    is drawn once a process."""
    return _menu_sections(
        tuple((s["label"], tuple(tuple(item.items()) for item in s["items"])) for s in menu)
    )


@lru_cache(maxsize=500)
def _menu_sections(sections: tuple[tuple[str, tuple[tuple[Any, ...], ...]], ...]) -> str:
    menu = [{"label": label, "items": [dict(item) for item in items]} for label, items in sections]
    return render_to_string("ui/_menu.html", {"menu": menu})


# -- charts ----------------------------------------------------------------------------------------


@register.filter
def chart_data(chart: Any) -> dict[str, Any]:
    """What charts.js draws of a `kernel.manifest.Chart`, or of a mapping like it."""
    facts = asdict(chart) if is_dataclass(chart) and not isinstance(chart, type) else dict(chart)
    return {name: facts[name] for name in ("unit", "days", "points")}


# -- other -----------------------------------------------------------------------------------------


@register.filter
def pretty_json(value: Any) -> str:
    """Indented JSON with Chinese readable; text that is JSON already is laid out anew."""
    if isinstance(value, str | bytes):
        try:
            value = json.loads(value)
        except ValueError:
            return value if isinstance(value, str) else value.decode("utf-8", "replace")
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


@register.filter
def pair(row: Any) -> tuple[Any, Any]:
    """``(label, value)`` of a row given as a pair or as a mapping with those keys."""
    return (row["label"], row["value"]) if isinstance(row, Mapping) else (row[0], row[1])


@register.simple_tag
def site_facts(shell: Any = None) -> Mapping[str, Any]:
    """The platform's name, host, contact and footer: what the page was given, else the settings.

    allauth gives its pages a ``site`` of its own (a host name), and a failing page has no context
    at all.
    """
    names = {
        "name": "政务数据共享交换平台",
        "host": "",
        "contact": "",
        "notice": NOTICE,
        "footer": (),
    }
    facts = {
        name: getattr(settings, f"SITE_{name.upper()}", default) for name, default in names.items()
    }
    return facts | dict(shell) if isinstance(shell, Mapping) else facts


@register.simple_tag
def session_seconds() -> int:
    """Return how long a session lives at least without a request; the idle warning comes at five
    sixths of it."""
    return int(settings.SESSION_COOKIE_AGE) - int(getattr(settings, "SESSION_RENEWED_AFTER", 0))
