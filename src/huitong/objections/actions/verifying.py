"""The body whose data they are verifies, corrects at the source and confirms; the bureau sends on
what is not its duty (A29)."""

from __future__ import annotations

from django.utils import timezone

from huitong.kernel.actor import BODY, BUREAU, PROVIDER, Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.doing import belongs_to, note, recorded, step
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import day_of, today
from huitong.objections import queries
from huitong.objections.actions.parameters import (
    AssignedTo,
    ByVersion,
    CorrectedOn,
    Correction,
    ObjectionRef,
    PlannedOn,
    Reasons,
    Remark,
    RightBody,
)
from huitong.objections.actions.sealing import opened
from huitong.objections.actions.telling import tell
from huitong.objections.models import Objection
from huitong.objections.rules import (
    OBJECTION,
    OBJECTION_2025,
    Doubt,
    Finding,
    assign_fault,
    corrected_fault,
    planned_fault,
    version_fault,
)
from huitong.organizations import queries as organizations


@step(OBJECTION, OBJECTION_2025)
def uphold(actor: Actor, case: Case, *, reasons: Reasons) -> Objection:
    """The data are right as they are, and why."""
    row = queries.objection_of(case)
    _find(case, row, Finding.RIGHT, reasons)
    row.answered_at = timezone.now()
    row.save()
    tell(actor, case, row, {row.consumer_id}, f"{actor.body_name}：核对无误。{reasons} 请评价。")
    return row


@step(OBJECTION, OBJECTION_2025)
def admit(actor: Actor, case: Case, *, planned_on: PlannedOn, words: Remark = "") -> Objection:
    """The data are wrong, and will be corrected at the source by a day."""
    if wrong := planned_fault(planned_on, today(), queries.latest_correction(today())):
        raise Malformed(wrong, article="A29")
    row = queries.objection_of(case)
    _find(case, row, Finding.WRONG, words)
    row.planned_on = planned_on
    row.save()
    case.facts |= {"until": planned_on.isoformat()}
    text = f"{actor.body_name}：确有错误，最迟于 {planned_on} 更正。{words}"
    tell(actor, case, row, {row.consumer_id}, text)
    return row


@step(OBJECTION, OBJECTION_2025)
def not_ours(
    actor: Actor, case: Case, *, reasons: Reasons, right_body: RightBody = None
) -> Objection:
    """Another body is the source of the data: the bureau sends the doubt on. Who said so reads
    on."""
    row = queries.objection_of(case)
    if right_body is not None and right_body not in dict(queries.other_bodies(actor, case)):
        raise Malformed({"right_body": "请选择本部门和提出部门以外的现有部门"}, article="A29")
    case.parties.pop(PROVIDER.name, None)
    own = [actor.body] if actor.body is not None else []
    case.between(readers=[*case.parties.get("readers", []), *own])
    row.provider_id, row.declined = None, [*row.declined, *own]
    row.save()
    case.facts |= {"right_body": right_body}
    named = (
        f"认为应由{organizations.body_names([right_body])[right_body]}校核。" if right_body else ""
    )
    text = f"{actor.body_name}：不属本部门职责。{reasons} {named}由大数据管理局转交，不必重新提出。"
    tell(actor, case, row, {row.consumer_id}, text)
    return row


@step(OBJECTION, OBJECTION_2025)
def assign(actor: Actor, case: Case, *, body: AssignedTo, words: Remark = "") -> Objection:
    """Send the doubt to the body the data come from: its limit runs from today."""
    row, names = queries.objection_of(case), organizations.all_body_names()
    if wrong := assign_fault(body, row.consumer_id, row.declined, names, words):
        raise Malformed(wrong, article="A29")
    readers = [held for held in case.parties.get("readers", []) if held != body]
    case.between(provider=body, readers=readers)
    row.provider_id = body
    row.save()
    tell(actor, case, row, {row.consumer_id}, f"已转交{names[body]}校核。{words}")
    return row


@step(OBJECTION, OBJECTION_2025)
def correct(
    actor: Actor,
    case: Case,
    *,
    corrected_on: CorrectedOn,
    correction: Correction,
    version: ByVersion = None,
) -> Objection:
    """It was corrected at the source on a day; a doubt about the catalog by a version published
    since."""
    row = queries.objection_of(case)
    wrong = corrected_fault(corrected_on, day_of(row.reported_at), today())
    by_entry = row.kind == Doubt.CATALOG and row.provider_id == row.entry.body_id
    wrong |= version_fault(version, by_entry, queries.numbers_since(row))
    if wrong:
        raise Malformed(wrong, article="A29")
    row.corrected_on, row.correction, row.corrected_by = corrected_on, correction, version
    row.save()
    note(given={})  # all parties read the record: what was corrected stands in the confirmation
    return row


@step(OBJECTION, OBJECTION_2025)
def send_back(actor: Actor, case: Case, *, reasons: Reasons) -> Objection:
    """Not corrected as it should be: back to the clerk, who says anew what was corrected."""
    row = queries.objection_of(case)
    row.corrected_on, row.correction, row.corrected_by = None, "", None
    row.save()
    return row


@step(OBJECTION, OBJECTION_2025)
def confirm(actor: Actor, case: Case) -> Objection:
    """Confirm the correction: who raised the doubt is told, and the bureau."""
    row = queries.objection_of(case)
    row.answered_at = timezone.now()
    row.save()
    note(corrected_on=row.corrected_on, correction=row.correction, version=row.corrected_by)
    done = f"{actor.body_name}已于 {row.corrected_on} 更正：{row.correction}"
    tell(actor, case, row, {row.consumer_id}, f"{done} 请评价。")
    report_to = {case.body_of(BUREAU.name)} - {row.consumer_id, row.provider_id}
    tell(actor, case, row, report_to, done)
    return row


@recorded("A29", BODY(Post.OPERATOR), BODY(Post.MANAGER), label="查看疑义所涉的值")
def look(actor: Actor, *, objection: ObjectionRef) -> dict[str, str]:
    """The value that was received and the one believed right, to the two bodies concerned. The
    look is recorded, the values are not."""
    row = queries.objection_to_look_at(actor, objection)
    if not row.held:
        raise AgainstRules("该疑义没有登记所涉的值。", article="A29")
    belongs_to(row.case_id)
    note(case=row.case_id)
    sealed = {"held": row.held, "believed": row.believed}
    return {name: opened(text) for name, text in sealed.items()}


# -- inside ----------------------------------------------------------------------------------------


def _find(case: Case, row: Objection, finding: Finding, words: str) -> None:
    case.facts |= {"finding": finding.value}
    row.finding, row.answer = finding.value, words
