"""Filling in a form and printing it: duty, purpose and period (A3, A20)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from huitong.access import queries
from huitong.access.actions.parameters import (
    BasisRef,
    BasisWords,
    CircumstanceRef,
    CircumstanceWords,
    Contact,
    DutyRef,
    FormRef,
    From,
    ImpactBy,
    ImpactEffect,
    ImpactMeasures,
    ImpactOn,
    ImpactPurpose,
    MatterRef,
    Months,
    Phone,
    Purpose,
    Scenario,
    SystemRef,
    To,
)
from huitong.access.actions.standing import check_personal
from huitong.access.models import Form
from huitong.access.rules import S, circumstance_fault
from huitong.access.rules.answers import matter_fault, period_fault
from huitong.access.rules.personal import IMPACT, basis_fault, impact_fault, wants_letter
from huitong.access.rules.stamped import APPLICATION_FORM
from huitong.catalog import queries as catalog
from huitong.kernel.actor import BODY, CONSUMER, Actor, Post
from huitong.kernel.doing import hands_of, lend_hand, recorded, under, was
from huitong.kernel.procedure import AgainstRules, End, Malformed
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations
from huitong.work.actions import fix_print, take_out
from huitong.work.rules import Pick

CLERK = BODY(Post.OPERATOR)
#: in every case of a form, whoever writes it
WRITER = CONSUMER(Post.OPERATOR)


@recorded("A20", CLERK, label="新建申请表", part_of="application.draft")
def begin_form(
    actor: Actor,
    *,
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
    """Begin a form of the actor's body; resources are added to it one by one."""
    form = Form(consumer_id=actor.body, opened_by=actor.person, hands=hands_of(actor, WRITER))
    _fill(
        actor,
        form,
        {
            "duty": duty,
            "matter": matter,
            "system": system,
            "purpose": purpose,
            "scenario": scenario,
            "period_from": period_from,
            "period_to": period_to,
            "circumstance": circumstance,
            "months": months,
            "circumstance_words": circumstance_words,
            "legal_basis": legal_basis,
            "legal_words": legal_words,
            "impact_purpose": impact_purpose,
            "impact_effect": impact_effect,
            "impact_measures": impact_measures,
            "impact_by": impact_by,
            "impact_on": impact_on,
            "contact": contact,
            "phone": phone,
        },
    )
    form.save()
    form.number = f"SQ-{today():%Y}-{form.pk:06d}"
    form.save(update_fields=["number"])
    return form


@recorded("A20", CLERK, label="修改申请表", part_of="application.draft")
def revise(
    actor: Actor,
    *,
    form: FormRef,
    duty: Annotated[int | None, Pick(queries.duty_choices), Field(title="履职依据")] = None,
    matter: MatterRef = None,
    system: Annotated[
        int | None, Pick(catalog.system_choices), Field(title="使用数据的信息系统")
    ] = None,
    purpose: Annotated[str | None, Field(title="使用目的", min_length=4, max_length=500)] = None,
    scenario: Annotated[str | None, Field(title="使用场景", max_length=500)] = None,
    period_from: Annotated[date | None, Field(title="使用期限起")] = None,
    period_to: Annotated[date | None, Field(title="使用期限止")] = None,
    circumstance: Annotated[
        str | None, Pick(queries.circumstance_or_none), Field(title="特殊情况", max_length=40)
    ] = None,
    months: Annotated[
        list[Annotated[int, Field(ge=1, le=12)]] | None,
        Pick(queries.month_choices),
        Field(title="使用月份", description="季节性应用填写每年使用的月份。", max_length=12),
    ] = None,
    circumstance_words: Annotated[str | None, Field(title="特殊情况说明", max_length=200)] = None,
    legal_basis: Annotated[
        str | None, Pick(queries.basis_choices), Field(title="处理个人信息的依据", max_length=40)
    ] = None,
    legal_words: Annotated[str | None, Field(title="依据的法律、行政法规", max_length=200)] = None,
    impact_purpose: Annotated[
        str | None, Field(title="目的和方式是否合法、正当、必要", max_length=1000)
    ] = None,
    impact_effect: Annotated[
        str | None, Field(title="对个人权益的影响和安全风险", max_length=1000)
    ] = None,
    impact_measures: Annotated[str | None, Field(title="保护措施", max_length=1000)] = None,
    impact_by: Annotated[str | None, Field(title="评估人", max_length=60)] = None,
    impact_on: ImpactOn = None,
    contact: Annotated[str | None, Field(title="联系人", min_length=2, max_length=60)] = None,
    phone: Annotated[str | None, Field(title="联系电话", min_length=5, max_length=40)] = None,
) -> Form:
    """Change a form that is being filled in: what is not given stays. A form printed before must
    be printed and sealed anew."""
    paper = form_in_draft(actor, form)
    given = {
        "duty": duty,
        "matter": matter,
        "system": system,
        "purpose": purpose,
        "scenario": scenario,
        "period_from": period_from,
        "period_to": period_to,
        "circumstance": circumstance,
        "months": months,
        "circumstance_words": circumstance_words,
        "legal_basis": legal_basis,
        "legal_words": legal_words,
        "impact_purpose": impact_purpose,
        "impact_effect": impact_effect,
        "impact_measures": impact_measures,
        "impact_by": impact_by,
        "impact_on": impact_on,
        "contact": contact,
        "phone": phone,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    was(
        **{
            name: getattr(paper, f"{name}_id" if name in ("duty", "matter", "system") else name)
            for name in changes
        }
    )
    _fill(actor, paper, changes)
    paper.save()
    if not wants_letter(paper.legal_basis):
        take_letters_out(paper, paper.letters.values_list("attachment", flat=True))
    invalidate_print(paper)
    return paper


@recorded("A20", CLERK, label="生成打印件", part_of="application.draft")
def print_form(actor: Actor, *, form: FormRef) -> Form:
    """Fix what the form says as its next version, to be printed, stamped and scanned. Unchanged:
    the same version again."""
    paper = form_in_draft(actor, form)
    if not queries.form_applications(paper):
        raise AgainstRules("申请表中还没有资源。", article="A20", remedy="请先添加要申请的资源。")
    check_personal(paper)
    fix_print(actor, APPLICATION_FORM, paper, queries.content_of(paper))
    return paper


# -- a form that is being filled in ----------------------------------------------------------------


def form_in_draft(actor: Actor, form: int) -> Form:
    """An own form all of whose applications are still being filled in, locked with their cases; who
    asks has a hand in each.

    A form is closed once one of its applications has been submitted, whatever became of it: what
    was stamped stays what it was. Raises `AgainstRules` otherwise.
    """
    paper = queries.own_form(actor, form)
    cases = queries.locked_cases(paper)
    if cases:
        under(cases[0].law)
    paper = (
        Form.objects.select_for_update(of=("self",))
        .select_related("consumer", "duty", "matter", "system")
        .get(pk=paper.pk)
    )
    if paper.submitted_at is not None:
        raise AgainstRules(
            "申请表已经提交，内容不能再改，也不能再打印、盖章。",
            article="A20",
            who="使用部门经办人",
            remedy="仍需使用数据的，请填写新的申请表。",
        )
    if not all(_may_change(S(case.state)) for case in cases):
        raise AgainstRules(
            "申请表已盖章送审，内容不能再改。",
            article="A20",
            remedy="请本部门负责人退回修改，或撤回后重新申请。",
        )
    lend_hand(actor, WRITER, [case for case in cases if S(case.state).editable], "填写申请表")
    if hands_of(actor, WRITER).items() - paper.hands.items():
        paper.hands |= hands_of(actor, WRITER)
        paper.save(update_fields=["hands"])
    return paper


def invalidate_print(paper: Form) -> None:
    """Let count no more what was printed and stamped before a change of the content: it is printed,
    stamped and scanned anew."""
    if paper.printed_hash and queries.fingerprint_of(paper) != paper.printed_hash:
        paper.printed_hash = paper.scanned_hash = ""
        paper.scan = None
        paper.save(update_fields=["printed_hash", "scanned_hash", "scan"])


def take_letters_out(paper: Form, letters: Collection[int]) -> None:
    """Let letters of consent that a form brings no more be read by its parties no more, where an
    earlier seal had handed them in."""
    take_out([*paper.applications.values_list("case", flat=True)], [*letters])


# -- inside ----------------------------------------------------------------------------------------


def _may_change(state: S) -> bool:
    """Whether an application in this state keeps nobody from changing its form."""
    return state.editable or state.end is End.WITHDRAWN


def _fill(actor: Actor, form: Form, changes: dict[str, Any]) -> None:
    """Put what was given into the form; the period runs forward."""
    wrong = take_basis(actor, form, changes)
    if "system" in changes:
        form.system = catalog.system_to_name(actor, changes.pop("system"))
    _state_circumstance(changes)
    _state_basis(actor, form, changes)
    for name, value in changes.items():
        setattr(form, name, value)
    wrong |= period_fault(form.period_from, form.period_to, today())
    if "circumstance" in changes:
        wrong |= circumstance_fault(
            form.circumstance, form.months, form.circumstance_words, today()
        )
    if changes.keys() & {"legal_basis", "legal_words"}:
        wrong |= basis_fault(form.legal_basis, form.legal_words, today())
    wrong |= impact_fault(form.impact_on, today())
    if wrong:
        raise Malformed(wrong, article="A20")


def _state_basis(actor: Actor, form: Form, changes: dict[str, Any]) -> None:
    """Words stand with the basis they were given for; who writes the record of the impact, and
    today, stand for who made it and when, unless it says so."""
    if "legal_basis" in changes:
        changes["legal_words"] = changes.get("legal_words", "")
    if any(changes.get(name) for name in IMPACT):
        changes["impact_by"] = changes.get("impact_by") or form.impact_by or actor.name
        changes["impact_on"] = changes.get("impact_on") or form.impact_on or today()


def _state_circumstance(changes: dict[str, Any]) -> None:
    """A circumstance is stated as a whole: months and words are those given with it."""
    stray = changes.keys() & {"months", "circumstance_words"}
    if "circumstance" in changes:
        none = changes["circumstance"] == queries.NO_CIRCUMSTANCE
        given = {} if none else changes
        changes |= {
            "circumstance": given.get("circumstance", ""),
            "months": sorted(set(given.get("months", []))),
            "circumstance_words": given.get("circumstance_words", ""),
        }
    elif any(changes[name] for name in stray):
        raise Malformed({"circumstance": "请先选择特殊情况"}, article="A26")


def take_basis(actor: Actor, paper: Any, changes: dict[str, Any]) -> dict[str, str]:
    """Take duty and matter out of what was given into a paper: they are the body's own, and the
    matter belongs to the duty (A3). Returns what is wrong, by field."""
    wrong: dict[str, str] = {}
    if "duty" in changes:
        paper.duty = organizations.duty_for(actor, changes.pop("duty"))
        if paper.duty.body_id != actor.body:
            wrong["duty"] = "请选择本部门的职责"
    if "matter" in changes:
        pk = changes.pop("matter")
        paper.matter = (
            next((m for m in organizations.matters_of(actor.body) if m.pk == pk), None)
            if pk
            else None
        )
        if pk and paper.matter is None:
            wrong["matter"] = "请选择本部门的事项"
    return wrong | matter_fault(paper.duty_id, paper.matter.duty_id if paper.matter else None)
