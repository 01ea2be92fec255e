"""Asking for resources in a form: one application with a case of its own for each (A18, A20)."""

from __future__ import annotations

from typing import Any

from huitong.access import queries
from huitong.access.actions.filling import CLERK, begin_form, form_in_draft, invalidate_print
from huitong.access.actions.parameters import (
    ApplicationRef,
    BasisRef,
    BasisWords,
    CircumstanceRef,
    CircumstanceWords,
    Contact,
    DutyRef,
    FormRef,
    Frequency,
    From,
    ImpactBy,
    ImpactEffect,
    ImpactMeasures,
    ImpactOn,
    ImpactPurpose,
    MatterRef,
    Months,
    MountRef,
    Phone,
    Purpose,
    Resources,
    Scenario,
    SystemRef,
    TargetRef,
    TargetTable,
    To,
)
from huitong.access.models import Application, Form
from huitong.access.rules import APPLICATION, APPLICATION_UNDER_DECREE, S, asked_scope, check_filter
from huitong.access.rules.answers import matter_wanting
from huitong.access.rules.scoping import Filtered, Items
from huitong.catalog import queries as catalog
from huitong.catalog.rules import DatabaseRole
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.doing import note, recorded, step, was
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.publishing import queries as publishing
from huitong.publishing.rules import Mode, unserved
from huitong.scope import to_json


@step(APPLICATION, APPLICATION_UNDER_DECREE)
def draft(
    actor: Actor,
    case: Case,
    *,
    form: FormRef,
    mount: MountRef,
    items: Items = None,
    row_filter: Filtered = None,
    frequency: Frequency = "",
    target: TargetRef = None,
    target_table: TargetTable = "",
) -> Application:
    """Ask for one resource in a form that is being filled in. Who will decide is settled by A18
    and noted on the case."""
    paper = form_in_draft(actor, form)
    about = publishing.mount_for(actor, mount)
    queries.check_may_ask(actor, about)
    if any(a.mount_id == about.pk for a in queries.form_applications(paper)):
        raise Malformed({"mount": "这张申请表中已有该资源"}, article="A20")
    application = Application(form=paper, case=case, mount=about)
    _ask(actor, application, items, row_filter, frequency, target, target_table)
    case.between(consumer=actor.body)
    case.hands |= paper.hands
    application.save()
    invalidate_print(paper)
    case.title = f"申请使用：{about.entry.name}（{Mode(about.mode).label}）"[:300]
    case.facts |= {
        "form": paper.pk,
        "form_number": paper.number,
        "application": application.pk,
        "mount": about.pk,
        "authority": str(publishing.authority_of(about).value),
        "provider": about.entry.body_id,
        "sharing": queries.sharing_of(about),
    }
    if actor.bureau or about.entry.body_id == actor.bureau_body:
        # not in A19: shown wherever the case is, another person of the bureau acts
        case.facts |= {"bureau_is_party": True}
    case.save()
    return application


@recorded("A20", CLERK, label="申请使用数据", part_of="application.draft")
def apply(
    actor: Actor,
    *,
    resources: Resources,
    duty: DutyRef,
    matter: MatterRef = None,
    system: SystemRef,
    purpose: Purpose,
    scenario: Scenario = "",
    period_from: From,
    period_to: To,
    circumstance: CircumstanceRef = "",
    months: Months = [],  # noqa: B006 read only
    circumstance_words: CircumstanceWords = "",
    legal_basis: BasisRef = "",
    legal_words: BasisWords = "",
    impact_purpose: ImpactPurpose = "",
    impact_effect: ImpactEffect = "",
    impact_measures: ImpactMeasures = "",
    impact_by: ImpactBy = "",
    impact_on: ImpactOn = None,
    contact: Contact,
    phone: Phone,
) -> Form:
    """Fill in a form for several resources at once; each gets a case of its own."""
    form = begin_form(
        actor,
        duty=duty,
        matter=matter,
        system=system,
        purpose=purpose,
        scenario=scenario,
        period_from=period_from,
        period_to=period_to,
        circumstance=circumstance,
        months=months,
        circumstance_words=circumstance_words,
        legal_basis=legal_basis,
        legal_words=legal_words,
        impact_purpose=impact_purpose,
        impact_effect=impact_effect,
        impact_measures=impact_measures,
        impact_by=impact_by,
        impact_on=impact_on,
        contact=contact,
        phone=phone,
    )
    for position, resource in enumerate(resources):
        try:
            draft(actor, form=form.pk, **resource.model_dump())
        except Malformed as wrong:
            raise Malformed(
                {f"resources.{position}.{name}": text for name, text in wrong.fields.items()},
                article=wrong.article,
            ) from None
    note(form=form.pk, number=form.number)
    return form


@recorded("A20", CLERK, label="修改申请的资源", part_of="application.draft")
def revise_resource(
    actor: Actor,
    *,
    application: ApplicationRef,
    items: Items = None,
    row_filter: Filtered = None,
    frequency: Frequency = "",
    target: TargetRef = None,
    target_table: TargetTable = "",
) -> Application:
    """Change what is asked of one resource, all of it given anew."""
    requested = queries.application_for(actor, application)
    paper = form_in_draft(actor, requested.form_id)
    if not S(requested.case.state).editable:
        raise AgainstRules(
            "这一项已撤回，内容不能再改。",
            article="A20",
            remedy="仍需要该资源的，请在申请表中重新添加。",
        )
    was(
        scope=requested.scope,
        frequency=requested.frequency,
        target=requested.target_id,
        target_table=requested.target_table,
    )
    _ask(actor, requested, items, row_filter, frequency, target, target_table)
    requested.save()
    invalidate_print(paper)
    note(scope=requested.scope)
    return requested


# -- inside ----------------------------------------------------------------------------------------


def _ask(
    actor: Actor,
    application: Application,
    items: list[str] | None,
    row_filter: dict[str, Any] | None,
    frequency: str,
    target: int | None,
    target_table: str,
) -> None:
    mount = application.mount
    base = publishing.base_scope(mount)
    tree = check_filter(row_filter, publishing.item_columns(mount))
    if mount.mode == Mode.FILE and (
        tree is not None or (items is not None and set(items) != set(base.items))
    ):
        raise Malformed({"items": "文件整件提供，不能只申请一部分"}, article="A13")
    scope = asked_scope(base, items, tree)
    if why := unserved(mount.mode, scope, publishing.key_items(mount)):
        raise Malformed({"items": why}, article="A13")
    if wanting := matter_wanting(scope, application.form.matter_id):
        raise Malformed(wanting, article="A18")
    application.scope = to_json(scope)
    application.frequency = frequency
    if mount.mode != Mode.TABLE:
        application.target, application.target_table = None, ""
        return
    if target is None:
        raise Malformed(
            {
                "target": (
                    "库表方式须指明接收数据的前置库；请先在“数据源”中登记用途为“前置库”的数据库"
                )
            },
            article="A13",
        )
    held = catalog.database_for(actor, target)
    if held.role != DatabaseRole.TARGET:
        raise Malformed({"target": "请选择用途为“接收交换数据的前置库”的数据库"}, article="A13")
    application.target, application.target_table = held, target_table or mount.table
