"""What an application asks: of each resource, and on which grounds, for what, by whom (A20)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from typing import Any

from django import forms
from django.http import QueryDict

from huitong.access import queries
from huitong.access.rules import circumstance_fault, circumstances
from huitong.access.rules.answers import matter_fault, matter_wanting, period_fault
from huitong.catalog import queries as catalog
from huitong.kernel.actor import Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.procedure import Malformed
from huitong.kernel.requests import Request
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations
from huitong.publishing import queries as publishing
from huitong.publishing.rules import Mode
from huitong.ui.rules import is_key
from huitong.ui.selectors import LookupField
from huitong.work.forms import VerbForm

#: what is asked beside the resources, in its groups
GROUPS: dict[str, tuple[str, ...]] = {
    "使用依据": ("duty", "matter", "system"),
    "用途和期限": ("purpose", "scenario", "period_from", "period_to"),
    "特殊情况（没有的不填）": ("circumstance", "months", "circumstance_words"),
    "联系方式": ("contact", "phone"),
}
GROUNDS = tuple(name for names in GROUPS.values() for name in names)
#: so many items or more stand in groups
GROUPED_FROM = 12


class AnotherResource(forms.Form):
    """One resource more, of all that this body may apply for."""

    def __init__(self, actor: Actor, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["add_mount"] = LookupField(
            label="还要申请的资源",
            search=partial(queries.find_mounts, actor, None),
            names=partial(queries.mount_names, actor),
            source=reverse("work:choices", args=["application.draft", "mount"]),
            error_messages={"required": "请选择要添加的资源。"},
        )


class ResourceForm(forms.Form):
    """What is wanted of one resource. Nothing is ticked beforehand: who needs an item says so."""

    items = forms.MultipleChoiceField(
        label="需要的信息项",
        widget=forms.CheckboxSelectMultiple,
        help_text="只勾选办理事项所必需的。",
        error_messages={"required": "请至少选择一个信息项。"},
    )
    frequency = forms.CharField(
        label="使用频度和数据量",
        max_length=100,
        required=False,
        help_text="如“每个工作日约 200 次”。",
    )

    def __init__(self, actor: Actor, mount: Any, *args: Any, **more: Any) -> None:
        super().__init__(*args, prefix=f"m{mount.pk}", **more)
        self.mount, self.base = mount, publishing.base_scope(mount)
        if mount.mode == Mode.FILE:
            del self.fields["items"]  # a file is given whole: there is nothing to choose
        else:
            self.fields["items"].choices = item_choices(self.base.items, self.base.masks)
        if mount.mode == Mode.TABLE:
            targets = queries.target_choices(actor)
            only = targets[0][0] if len(targets) == 1 else None
            self.fields["target"] = forms.TypedChoiceField(
                label="接收数据的前置库",
                coerce=int,
                choices=targets if only else [("", "请选择"), *targets],
                initial=only,
                help_text="本部门登记的、用于接收交换数据的前置库。",
                error_messages={"required": "库表方式须指明接收数据的前置库。"},
            )
            self.fields["target_table"] = forms.RegexField(
                r"^[a-z_][a-z0-9_]*$",
                label="送达表名",
                max_length=63,
                required=False,
                initial=mount.table,
                help_text="小写字母、数字、下划线。",
            )

    @property
    def whole(self) -> list[str]:
        """The items of a resource that is given whole."""
        return list(self.base.items) if "items" not in self.fields else []

    def wishes(self) -> dict[str, Any]:
        """What was asked, as `access.apply` takes it."""
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}


def item_choices(items: Iterable[str], masks: Mapping[str, Any]) -> list[Any]:
    """The items to tick; many stand in groups, those that are masked apart."""
    plain = [(item, item) for item in items if item not in masks]
    masked = [(item, f"{item}（脱敏提供）") for item in items if item in masks]
    if len(plain) + len(masked) < GROUPED_FROM or not plain or not masked:
        words = dict(plain + masked)
        return [(item, words[item]) for item in items]
    return [("原样提供的", plain), ("脱敏提供的", masked)]


class GroundsForm(VerbForm):
    """On which grounds, for what and how long, whom to ask. What the platform knows is filled in
    or offered."""

    def __init__(self, request: Request, content: Mapping[str, list[str]], data: QueryDict | None):
        actor = request.actor
        # the last value alone, as a browser would show it; of what is ticked all of them
        typed: dict[str, Any] = {
            name: values if name == "months" else values[-1]
            for name, values in content.items()
            if values
        }
        self.matters = {str(m.pk): m.duty_id for m in organizations.matters_of(actor.body)}
        self.last = queries.last_form_of(actor)
        super().__init__(
            "access.begin_form",
            request,
            only=GROUNDS,
            data=self._with_duty(data) if data is not None else None,
            initial=self._suggested(actor) | typed,
        )
        self.fields["duty"].required = True
        self._mark_matters()

    def _with_duty(self, data: QueryDict) -> QueryDict:
        """A matter says under which duty it is handled: nobody is asked twice."""
        data = data.copy()
        if not data.get("duty") and data.get("matter") in self.matters:
            data["duty"] = str(self.matters[data["matter"]])
        return data

    def _suggested(self, actor: Actor) -> dict[str, Any]:
        """What there is only one of, and what was used last time."""
        duties = queries.duty_choices(actor)
        systems = catalog.system_choices(actor)
        day, last = today(), self.last
        suggested: dict[str, Any] = {
            "contact": actor.name,
            "phone": last.phone if last else organizations.phone_of(actor),
            "period_from": day,
            "period_to": _in_a_year(day),
        }
        if last is not None and any(pk == last.system_id for pk, _ in systems):
            suggested["system"] = last.system_id
        if len(systems) == 1:
            suggested["system"] = systems[0][0]
        if len(duties) == 1:
            suggested["duty"] = duties[0][0]
            if len(self.matters) == 1:
                suggested["matter"] = int(next(iter(self.matters)))
        return suggested

    def _mark_matters(self) -> None:
        """Each matter names its duty, by which the script narrows the list."""
        widget, of = self.fields["matter"].widget, self.matters
        plain = widget.create_option

        def create_option(name: str, value: Any, *args: Any, **more: Any) -> dict[str, Any]:
            option: dict[str, Any] = plain(name, value, *args, **more)
            if str(value) in of:
                option["attrs"]["data-of"] = of[str(value)]
            return option

        widget.create_option = create_option

    def judge(self, mounts: Iterable[Any]) -> bool:
        """Whether the answers stand, one by one and together; what does not is beside its
        field."""
        if not self.is_valid():
            return False
        given = self.cleaned_data
        duty_of_matter = self.matters.get(str(given["matter"])) if given["matter"] else None
        faults = matter_fault(given["duty"], duty_of_matter)
        for mount in mounts:
            faults |= matter_wanting(publishing.base_scope(mount), given["matter"])
        faults |= period_fault(given["period_from"], given["period_to"], today())
        stated = (given["circumstance"] or "", given["months"], given["circumstance_words"])
        faults |= circumstance_fault(*stated, today())
        self.refuse(Malformed(faults))
        return not faults

    def answers_given(self) -> dict[str, Any]:
        """What was answered, as `access.apply` takes it."""
        return {
            name: value
            for name in GROUNDS
            if (value := self.cleaned_data.get(name)) not in (None, "", [])
        }

    @property
    def circumstances(self) -> str:
        """The special circumstances there are, for the script that shows what belongs to one."""
        return " ".join(row.code for row in circumstances(today()))

    @property
    def seasons(self) -> str:
        """Those of them that name months."""
        return " ".join(row.code for row in circumstances(today()) if row.wants == "months")

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [(legend, [self[name] for name in names]) for legend, names in GROUPS.items()]


def mounts_named(values: Iterable[str]) -> list[int]:
    """The keys of mounts a form names, each once."""
    return list(dict.fromkeys(int(value) for value in values if is_key(value)))


def _in_a_year(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year + 1, day=28)
