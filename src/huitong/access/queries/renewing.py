"""Which grants end soon and may be applied for again, and what of one can still be had (A26)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet

from huitong.access.models import Application, Grant
from huitong.access.queries.applications import WITHDRAWN, applications_visible_to
from huitong.access.queries.choices import duty_choices, matter_choices, target_choices
from huitong.access.queries.grants import RELATED, grant_for
from huitong.access.rules import LIVE, RENEWAL, circumstances
from huitong.access.rules.personal import AUTHORED, IMPACT, bases
from huitong.access.rules.renewing import (
    CHOSEN,
    early_fault,
    next_period,
    running_fault,
    state_fault,
)
from huitong.catalog import queries as catalog
from huitong.kernel.actor import Actor
from huitong.kernel.procedure import AgainstRules, NotVisible, NotYours
from huitong.kernel.workdays import limit_row, load_calendar, today
from huitong.publishing import queries as publishing
from huitong.publishing.rules import Mode
from huitong.scope import Filter, Scope, from_json, own_filter, to_json
from huitong.scope.filters import all_of, conjuncts, items_of


def offered_until(on: date) -> date:
    """The last day of the grants that may be applied for again on a day, before their period is
    over."""
    amount = limit_row(RENEWAL, on)
    return load_calendar().deadline(on, amount.amount, amount.unit).on


def renewals_to_offer(on: date) -> QuerySet[Grant]:
    """Grants in force that end soon, whose consumer was not told yet."""
    rows = Grant.objects.filter(ended_at=None, renewal_offered_on=None, case__state__in=LIVE)
    rows = rows.filter(valid_to__gte=on, valid_to__lte=offered_until(on))
    return rows.select_related(*RELATED).order_by("pk")


def own_grant(actor: Actor, pk: int) -> Grant:
    """A grant the actor's body holds. Raises `NotVisible` or `NotYours`."""
    grant = grant_for(actor, pk)
    if grant.consumer_id != actor.body:
        raise NotYours(
            "再次申请由使用部门填写。", article="A26", who=f"{grant.consumer.short_name}经办人"
        )
    return grant


def asks_again(actor: Actor, grant: Grant) -> Application | None:
    """The application that asks for a grant again, as far as the actor may see it; none that was
    withdrawn."""
    rows = applications_visible_to(actor).filter(renews=grant).exclude(case__state__in=WITHDRAWN)
    return rows.order_by("-pk").first()


def renewal_fault(actor: Actor, grant: Grant) -> AgainstRules | None:
    """Why a grant cannot be applied for again now; None when it can: from some days before its
    end, and when its period is over."""
    fault = state_fault(grant.case.state) or early_fault(grant.valid_to, offered_until(today()))
    if fault is not None:
        return fault
    running = asks_again(actor, grant)
    return running_fault(running.form.number) if running and running.case.is_open else None


@dataclass(frozen=True)
class Renewal:
    """What an application that asks for a grant again begins with: what may still be had of it
    today. ``lost`` says in words what no longer can."""

    grounds: dict[str, Any]
    resource: dict[str, Any]
    lost: list[str] = field(default_factory=list)


def renewal_of(actor: Actor, grant: Grant) -> Renewal:
    """What of a grant its consumer can ask for again today. Raises `AgainstRules` when nothing of
    the resource is left."""
    lost: list[str] = []
    resource = _resource(actor, grant, lost)
    return Renewal(_grounds(actor, grant, lost), resource, lost)


def _grounds(actor: Actor, grant: Grant, lost: list[str]) -> dict[str, Any]:
    form = grant.application.form
    begins, ends = next_period(grant.valid_from, grant.valid_to, today())
    grounds: dict[str, Any] = {
        "purpose": grant.purpose,
        "scenario": form.scenario,
        "period_from": begins,
        "period_to": ends,
        "contact": form.contact,
        "phone": form.phone,
    }
    if grant.circumstance in {row.code for row in circumstances(today())}:
        stated = ("circumstance", "months", "circumstance_words")
        grounds |= {name: getattr(grant, name) for name in stated}
    elif grant.circumstance:
        lost.append(f"特殊情况“{grant.special}”，现已不在可选之列")
    if form.legal_basis in {row.code for row in bases(today())}:
        grounds |= {name: getattr(form, name) for name in ("legal_basis", "legal_words")}
    grounds |= {name: getattr(form, name) for name in (*IMPACT, *AUTHORED)}
    for name, pk, choices in (
        ("duty", form.duty_id, duty_choices(actor)),
        ("matter", grant.matter_id, matter_choices(actor)),
        ("system", grant.system_id, catalog.system_choices(actor)),
    ):
        if pk in dict(choices):
            grounds[name] = pk
        elif pk is not None:
            lost.append(f"原来的{CHOSEN[name]}现已不能选用，请另选")
    return grounds


def _resource(actor: Actor, grant: Grant, lost: list[str]) -> dict[str, Any]:
    try:
        mount = publishing.mount_for(actor, grant.mount_id)
    except NotVisible:
        raise AgainstRules(
            "该资源现已不再提供，不能再次申请。",
            article="A26",
            remedy="仍有履职需要的，请检索其他资源，或提出需求申请。",
        ) from None
    base, granted = publishing.base_scope(mount), from_json(grant.scope)
    resource: dict[str, Any] = {"mount": mount.pk, "frequency": grant.application.frequency}
    if mount.mode == Mode.TABLE:
        if grant.target_id in dict(target_choices(actor)):
            resource |= {"target": grant.target_id, "target_table": grant.target_table}
        else:
            lost.append("原来接收数据的前置库现已不能选用，请另选")
    if mount.mode == Mode.FILE:
        return resource
    # what publications have taken from the grant is in it no more: what was asked still names it
    original = from_json(grant.application.scope).items
    items = [item for item in granted.items or original if item in base.items]
    if missing := [item for item in original if item not in base.items]:
        lost.append(f"目录已不再提供的信息项：{'、'.join(missing)}")
    if not items:
        raise AgainstRules(
            f"原授权的信息项目录都已不再提供：{'、'.join(missing)}。",
            article="A26",
            remedy="仍有履职需要的，请按现在的目录重新填写申请。",
        )
    resource["items"] = items
    own = own_filter(base, granted)
    return resource | (_rows(own, mount, lost) if own is not None else {})


def _rows(own: Filter, mount: Any, lost: list[str]) -> dict[str, Any]:
    """The consumer's own choice of rows, where the items it goes by are still there."""
    columns = {column.name for column in publishing.item_columns(mount)}
    parts = [part for part in conjuncts(own) if columns.issuperset(items_of(part))]
    if missing := sorted(set(items_of(own)) - columns):
        lost.append(f"限定数据行的条件（{'、'.join(missing)}已不在目录中），请重新限定")
    rows = all_of(*parts)
    return {"row_filter": to_json(Scope((), rows))["row_filter"]} if rows is not None else {}
