"""Information systems: a body's own, seen by its operators and managers; the bureau sees that they
exist."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from huitong.catalog.models import Entry, InformationSystem, Version
from huitong.catalog.queries.reach import visible_to
from huitong.catalog.rules import EntryState
from huitong.kernel.actor import Actor, Post
from huitong.kernel.procedure import AgainstRules, NotVisible, NotYours


def systems_visible_to(actor: Actor) -> QuerySet[InformationSystem]:
    """A body's own systems; the bureau sees all."""
    rows = InformationSystem.objects.select_related("body")
    if actor.is_system:
        return rows
    if actor.body is None or not actor.has(Post.OPERATOR, Post.MANAGER):
        return rows.none()
    return rows if actor.bureau else rows.filter(body=actor.body)


def systems_with_counts(actor: Actor) -> QuerySet[InformationSystem]:
    """Those, each with the number of entries that name it."""
    naming = Version.objects.filter(system=OuterRef("pk"), latest_of__isnull=False).exclude(
        case__state=EntryState.DISCARDED
    )
    counted = naming.order_by().values("system").annotate(n=Count("pk")).values("n")
    return systems_visible_to(actor).annotate(entry_count=Coalesce(Subquery(counted), 0))


def bodies_with_systems(actor: Actor) -> dict[int, str]:
    """The short names of the bodies whose systems the actor sees, by key."""
    rows = systems_visible_to(actor).order_by("body__short_name")
    return dict(rows.values_list("body", "body__short_name").distinct())


def system_for(actor: Actor, pk: int) -> InformationSystem:
    """Raises `NotVisible`."""
    if (system := systems_visible_to(actor).filter(pk=pk).first()) is None:
        raise NotVisible("该信息系统")
    return system


def own_system(actor: Actor, pk: int) -> InformationSystem:
    """A system of the actor's own body. Raises `NotVisible` or `NotYours`."""
    system = system_for(actor, pk)
    if system.body_id != actor.body:
        raise NotYours(
            "信息系统及其凭证由登记的部门自己管理。",
            article="A28",
            who=f"{system.body.short_name}经办人",
        )
    return system


def locked_system(actor: Actor, pk: int) -> InformationSystem:
    """An own system for an act that changes it: until the act is over nothing comes to name it."""
    return InformationSystem.objects.select_for_update().get(pk=own_system(actor, pk).pk)


def system_to_name(actor: Actor, pk: int) -> InformationSystem:
    """An own system for an act that names it anew: nobody retires it meanwhile. Raises
    `NotVisible`, `NotYours`, `AgainstRules`."""
    own = own_system(actor, pk)
    system = InformationSystem.objects.select_for_update(no_key=True).get(pk=own.pk)
    if system.retired_on is not None:
        raise AgainstRules(
            f"“{system.name}”已停用，不能再登记数据库、申请数据、生成凭证。",
            article="A7",
            remedy="请选择在用的信息系统；仍在使用的，先恢复使用。",
        )
    return system


def system_choices(actor: Actor, case: object = None) -> list[tuple[int, str]]:
    """What a form offers as the system: those in use of the actor's own body."""
    own = systems_visible_to(actor).filter(body=actor.body, retired_on=None)
    return list(own.values_list("pk", "name"))


def systems_of(body: int) -> QuerySet[InformationSystem]:
    """The systems a body's entries may name, for those who compile them; no right is checked."""
    return InformationSystem.objects.filter(body=body)


def system_of(body: int, pk: int) -> InformationSystem:
    """One of them. Raises `NotVisible`."""
    if (system := systems_of(body).filter(pk=pk).first()) is None:
        raise NotVisible("该信息系统")
    return system


def entries_of_system(actor: Actor, system: InformationSystem) -> QuerySet[Entry, Any]:
    """The entries that name a system, as far as the actor may see them: a body's own by what they
    say now, to others by what is published."""
    own = system.body_id == actor.body
    rows = visible_to(actor).select_related("current", "latest__case").order_by("pk")
    if own:
        return rows.filter(latest__system=system).exclude(latest__case__state=EntryState.DISCARDED)
    return rows.filter(current__system=system)
