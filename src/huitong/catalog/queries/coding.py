"""The coding rule as it is and as it would be: what it makes of real entries (A7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from huitong.catalog.models import CodeRule, CodeSequence, Entry, Version
from huitong.catalog.queries.entries import version_seen
from huitong.catalog.queries.reach import visible_to
from huitong.catalog.rules import DEFAULT_TEMPLATE, EntryState, fill, lacking, number_in, prefix
from huitong.kernel.actor import Actor

#: bodies a preview shows at most, one entry of each
MOST = 12


@dataclass(frozen=True)
class Coded:
    """A version of an entry and the next code it would get; or what of it the template asks for
    in vain."""

    version: Version
    code: str
    missing: str = ""


def code_rules() -> QuerySet[CodeRule]:
    """The coding rules there are, the youngest first."""
    return CodeRule.objects.order_by("-in_force")


def template_on(day: date) -> str:
    """The template in force on a day."""
    rule = CodeRule.objects.filter(in_force__lte=day).first()
    return rule.template if rule is not None else DEFAULT_TEMPLATE


def parts_of(entry: Entry, version: Version, on: date) -> Mapping[str, Any]:
    """What a template may use of an entry."""
    return {
        "category": version.category,
        "item": number_in(version.catalog_item),
        "detail": number_in(version.sub_item),
        "provider": entry.body.credit_code,
        "body": entry.body.number,
        "division": entry.body.division_code,
        "year": on.year,
    }


def preview(actor: Actor, template: str, on: date) -> list[Coded]:
    """The next codes a valid template would give: to entries that wait for one, and of other bodies
    as if their youngest entry did, of what the actor may see. Nothing is counted."""
    rows = (
        visible_to(actor).exclude(latest__category="").select_related("body", "latest", "current")
    )
    waiting = rows.filter(code=None, latest__case__state=EntryState.WITH_BUREAU).order_by("pk")
    of_bodies = rows.filter(body__valid_to=None).order_by("body_id", "-pk").distinct("body_id")
    chosen = {entry.pk: entry for entry in waiting[:MOST]}
    for entry in of_bodies[:MOST]:
        chosen.setdefault(entry.pk, entry)
    last = dict[str, int]()
    coded = []
    for entry in list(chosen.values())[:MOST]:
        version = version_seen(actor, entry)
        parts = parts_of(entry, version, on)
        if missing := lacking(template, parts):
            coded.append(Coded(version, "", "、".join(missing)))
            continue
        counter = prefix(template, **parts)
        if counter not in last:
            sequence = CodeSequence.objects.filter(prefix=counter).values_list("last", flat=True)
            last[counter] = sequence.first() or 0
        last[counter] += 1
        coded.append(Coded(version, fill(template, last[counter], **parts)))
    return coded
