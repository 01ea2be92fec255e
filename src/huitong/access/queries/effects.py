"""What another version of an entry means for each grant of it that has not ended (A8, A11, A30).

What narrows applies when it is published; what widens reaches no grant, for that it asks for
again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet, prefetch_related_objects

from huitong.access.models import Grant
from huitong.access.queries.grants import RELATED, grants_visible_to, void
from huitong.catalog import queries as catalog
from huitong.kernel.actor import Actor, Labelled
from huitong.kernel.addresses import reverse
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.manifest import Panel
from huitong.publishing.rules import Mode
from huitong.scope import Scope, ScopeError, from_json, narrow, widens

#: the act that keeps what a publication took from running grants
NARROWS = "access.narrow_grants"


class Effect(Labelled):
    """What becomes of a grant."""

    ENDS = "ends", "不再提供数据"
    CHANGES = "changes", "范围有变化"
    NOTHING = "nothing", "不受影响"


TONES = {Effect.ENDS: "danger", Effect.CHANGES: "warning", Effect.NOTHING: "neutral"}


@dataclass(frozen=True)
class GrantEffect:
    """What becomes of one grant, in sentences, and the narrower scope it has from then on; None
    where its scope stays as it is."""

    grant: Grant
    effect: Effect
    lines: tuple[str, ...] = ()
    scope: Scope | None = None


def effects_of(version: Any) -> list[GrantEffect]:
    """What publishing a draft will mean for every running grant; of a first version, nothing."""
    return effects_between(version.entry.current, version)


def effects_for(actor: Actor, version: Any) -> list[GrantEffect]:
    """The same of the grants the actor may see."""
    visible = set(running(version.entry_id, grants_visible_to(actor)).values_list("pk", flat=True))
    return [row for row in effects_of(version) if row.grant.pk in visible]


def effects_between(before: Any, after: Any) -> list[GrantEffect]:
    """What one version taking the place of another means for every running grant."""
    if before is None or before == after:
        return []
    prefetch_related_objects([before, after], "items")
    grants = running(after.entry_id, Grant.objects.all()).select_related(*RELATED).order_by("pk")
    return [_effect(grant, before, after) for grant in grants]


def running(entry: int, rows: QuerySet[Grant]) -> QuerySet[Grant]:
    """Of these grants, those of an entry that have not ended, suspended ones among them."""
    return rows.filter(mount__entry=entry, ended_at=None)


def consumers_of(grants: Iterable[int]) -> dict[int, int]:
    """Grant → the body that uses it; no right is checked."""
    return dict(Grant.objects.filter(pk__in=grants).values_list("pk", "consumer"))


def narrowings(version: Any) -> list[dict[str, Any]]:
    """What a publication took from the grants that ran then and that they felt, as the ledger
    keeps it."""
    acts = LedgerEntry.objects.filter(
        verb=NARROWS, object_type=version._meta.label_lower, object_id=str(version.pk)
    )
    rows = (row for act in acts.order_by("seq") for row in act.after["grants"])
    return [row for row in rows if row["effect"] != Effect.NOTHING]


def version_panels(actor: Actor, version: Any) -> list[Panel]:
    """Beside a comparison of versions: the grants it touches, as far as the actor may see them."""
    if version.number is None:
        if version.entry.current is None:
            return []
        rows = [
            {
                "number": row.grant.case.number,
                "consumer": row.grant.consumer.short_name,
                "effect": row.effect.label,
                "tone": TONES[row.effect],
                "lines": row.lines,
                "url": reverse("access:grant", args=[row.grant.pk]),
            }
            for row in effects_for(actor, version)
        ]
        return [Panel("access/version_panel.html", {"rows": rows, "coming": True})]
    changes = narrowings(version)
    grants = grants_visible_to(actor).filter(pk__in=[row["grant"] for row in changes])
    visible = {grant.pk: grant for grant in grants}
    rows = [
        {
            "number": grant.case.number,
            "consumer": grant.consumer.short_name,
            "effect": Effect(row["effect"]).label,
            "tone": TONES[Effect(row["effect"])],
            "lines": row["lines"],
            "url": reverse("access:grant", args=[grant.pk]),
        }
        for row in changes
        if (grant := visible.get(row["grant"])) is not None
    ]
    return [Panel("access/version_panel.html", {"rows": rows, "coming": False})] if rows else []


def _effect(grant: Grant, before: Any, after: Any) -> GrantEffect:
    try:
        granted = from_json(grant.scope)
        was, void_before = _left(grant, before, granted)
        now, why = _left(grant, after, was)
    except ScopeError:
        return GrantEffect(grant, Effect.NOTHING, ("登记的范围无法读取，未提供任何数据。",))
    if void_before or why:
        now = replace(now, items=(), masks={})
    remaining = now if widens(now, granted) else None
    if void_before:
        return GrantEffect(grant, Effect.NOTHING, ("现在已不提供数据。",), remaining)
    if why:
        return GrantEffect(grant, Effect.ENDS, (f"{why}。",), remaining)
    lines = tuple(_differences(grant, before, after, was, now))
    return GrantEffect(grant, Effect.CHANGES if lines else Effect.NOTHING, lines, remaining)


def _left(grant: Grant, version: Any, granted: Scope) -> tuple[Scope, str]:
    """What a version leaves of a scope, and why nothing of it leaves at all."""
    base = catalog.scope_of(version)
    scope = narrow(base, granted)
    obstacle = void(grant, version, base, scope)
    return scope, obstacle.detail if obstacle is not None else ""


def _differences(grant: Grant, before: Any, after: Any, was: Scope, now: Scope) -> Iterator[str]:
    if lost := [item for item in was.items if item not in now.items]:
        yield f"不再提供：{'、'.join(lost)}。"
    for item in now.items:
        if (mask := now.masks.get(item)) is not None and mask != was.masks.get(item):
            yield f"“{item}”改为按“{mask.label}”脱敏提供。"
    earlier = {parameter.name: parameter for parameter in was.control_parameters}
    for parameter in now.control_parameters:
        if parameter != earlier.get(parameter.name):
            yield f"每次调用须按新的要求说明“{parameter.title}”。"
    if grant.mount.mode == Mode.FILE:
        return
    old, new = (
        {i.name: (i.column, i.type) for i in catalog.rows_of_items(version)}
        for version in (before, after)
    )
    if moved := [item for item in now.items if old.get(item) != new.get(item)]:
        yield f"来源列或数据类型有变化：{'、'.join(moved)}。"
