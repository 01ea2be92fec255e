"""What an application asks: of each resource, and on which grounds, for what, by whom (A20)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from types import SimpleNamespace as Answers
from typing import Any

from django import forms
from django.http import QueryDict

from huitong.access import queries
from huitong.access.rules import circumstance_fault, circumstances
from huitong.access.rules.answers import TABLE_NAME, matter_fault, matter_wanting, period_fault
from huitong.access.rules.personal import (
    AUTHORED,
    IMPACT,
    basis_fault,
    codes_wanting,
    impact_fault,
    lacking,
    personal,
)
from huitong.catalog import queries as catalog
from huitong.catalog.rules import ItemRow
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
    "个人信息": ("legal_basis", "legal_words", *IMPACT, *AUTHORED),
    "特殊情况（没有的不填）": ("circumstance", "months", "circumstance_words"),
    "联系方式": ("contact", "phone"),
}
GROUNDS = tuple(name for names in GROUPS.values() for name in names)
#: of these, what is asked only where an item is personal
PERSONAL = frozenset(GROUPS["个人信息"])
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
                f"^{TABLE_NAME}$",
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
        """What was asked, as the verbs take it."""
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}


def item_choices(items: Iterable[str], masks: Mapping[str, Any]) -> list[Any]:
    """The items to tick; many stand in groups, those that are masked apart."""
    plain = [(item, item) for item in items if item not in masks]
    masked = [(item, f"{item}（脱敏提供）") for item in items if item in masks]
    if len(plain) + len(masked) < GROUPED_FROM or not plain or not masked:
        words = dict(plain + masked)
        return [(item, words[item]) for item in items]
    return [("原样提供的", plain), ("脱敏提供的", masked)]


def questions(personal: bool) -> list[str]:
    """What is asked beside the resources."""
    return [name for name in GROUNDS if personal or name not in PERSONAL]


class GroundsForm(VerbForm):
    """On which grounds, for what and how long, whom to ask. What the platform knows is filled in
    or offered; of personal data among what was ticked more is asked."""

    def __init__(
        self,
        request: Request,
        content: Mapping[str, list[str]],
        data: QueryDict | None,
        mounts: list[Any],
    ):
        actor = request.actor
        # the last value alone, as a browser would show it; of what is ticked all of them
        typed: dict[str, Any] = {
            name: values if name == "months" else values[-1]
            for name, values in content.items()
            if values
        }
        self.matters = {str(m.pk): m.duty_id for m in organizations.matters_of(actor.body)}
        self.last = queries.last_form_of(actor)
        self.mounts, self.personal = mounts, _personal_ticked(mounts, content)
        super().__init__(
            "access.begin_form",
            request,
            only=questions(bool(self.personal)),
            data=self._with_duty(data) if data is not None else None,
            initial=self._suggested(actor) | typed,
        )
        self.fields["duty"].required = True
        if self.personal:
            self._demand()
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
            "impact_by": actor.name,
            "impact_on": day,
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

    def judge(self) -> bool:
        """Whether the answers stand, one by one and together; what does not is beside its
        field."""
        if not self.is_valid():
            return False
        given = self.cleaned_data
        duty_of_matter = self.matters.get(str(given["matter"])) if given["matter"] else None
        faults = matter_fault(given["duty"], duty_of_matter)
        for mount in self.mounts:
            faults |= matter_wanting(publishing.base_scope(mount), given["matter"])
        faults |= period_fault(given["period_from"], given["period_to"], today())
        stated = (given["circumstance"] or "", given["months"], given["circumstance_words"])
        faults |= circumstance_fault(*stated, today())
        if self.personal:
            faults |= self._personal_faults()
        self.refuse(Malformed(faults))
        return not faults

    def _personal_faults(self) -> dict[str, str]:
        """What is wrong with what is said of personal data."""
        given = self.cleaned_data
        named = basis_fault(given["legal_basis"] or "", given["legal_words"] or "", today())
        return named | impact_fault(given["impact_on"], today())

    def _demand(self) -> None:
        """Demand what the law asks of who asks for personal data, in its words; letters of consent
        are brought later."""
        nothing = Answers(**dict.fromkeys(PERSONAL))
        for lack in lacking(self.personal, nothing, letters=0, on=today()):
            field = self.fields[lack.field]
            field.required = True
            field.error_messages["required"] = lack.words
        basis: Any = self.fields["legal_basis"]
        basis.choices = [("", "请选择"), *(choice for choice in basis.choices if choice[0])]

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

    @property
    def by_consent(self) -> str:
        """The bases that are shown by a letter."""
        return codes_wanting("letter", today())

    @property
    def in_words(self) -> str:
        """The bases that want words."""
        return codes_wanting("words", today())

    @property
    def items(self) -> list[str]:
        """The personal items asked for, in words."""
        return queries.item_words(self.personal)

    @property
    def impact(self) -> list[tuple[forms.BoundField, str]]:
        """The questions of the record, each with what was answered last time."""
        return [(self[name], getattr(self.last, name, "")) for name in IMPACT]

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The questions in their groups, without those that are not asked."""
        groups = (
            (legend, [self[name] for name in names if name in self.fields])
            for legend, names in GROUPS.items()
        )
        return [(legend, fields) for legend, fields in groups if fields]


def mounts_named(values: Iterable[str]) -> list[int]:
    """The keys of mounts a form names, each once."""
    return list(dict.fromkeys(int(value) for value in values if is_key(value)))


def _personal_ticked(
    mounts: Iterable[Any], content: Mapping[str, list[str]]
) -> tuple[ItemRow, ...]:
    """The personal items among what was ticked; a file is given whole."""
    return personal(
        item
        for mount in mounts
        for item in queries.personal_items(
            mount, None if mount.mode == Mode.FILE else content.get(f"m{mount.pk}-items", [])
        )
    )


def _in_a_year(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year + 1, day=28)
