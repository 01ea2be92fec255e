"""Seal and submission: the scan must have been made of exactly what the form says (A20)."""

from __future__ import annotations

from typing import Annotated, Any

from django.utils import timezone
from pydantic import Field

from huitong.access import queries
from huitong.access.actions.parameters import FormRef
from huitong.access.actions.standing import check_personal, check_standing
from huitong.access.models import Application, Form
from huitong.access.rules import APPLICATION, APPLICATION_UNDER_DECREE, S
from huitong.access.rules.stamped import APPLICATION_FORM
from huitong.kernel.actor import BODY, Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.doing import keep, note, procedure_of, recorded, reopener, step, under
from huitong.kernel.procedure import AgainstRules
from huitong.publishing import queries as publishing
from huitong.publishing.rules import Authority
from huitong.work import actions as work
from huitong.work.actions import Archive, Scan, empty_seal, hand_in, take_scan
from huitong.work.rules import Cites, GroundRef

Reasons = Annotated[str, Field(title="理由", max_length=1000)]
Opinion = Annotated[str, Field(title="意见", max_length=1000)]


@step(APPLICATION, APPLICATION_UNDER_DECREE)
def seal(actor: Actor, case: Case, *, scan: Scan, archive_number: Archive) -> Form:
    """Hand in the stamped scan and pass the application to the manager. The scan must be of the
    form as it reads now."""
    form = Form.objects.select_for_update().get(pk=case.facts["form"])
    if form.submitted_at is not None:
        raise AgainstRules(
            "申请表已经提交，不能再次盖章。",
            article="A20",
            who="使用部门经办人",
            remedy=(
                "同一申请表的其他资源已受理；请用“补正后送审”说明并补交材料。"
                if case.state == S.TO_COMPLETE
                else "请撤回这一项，填写新的申请表。"
            ),
        )
    as_printed(form)
    check_personal(form)
    hand_in(case, [paper.pk for paper in queries.letters_of(form)])
    take_scan(actor, APPLICATION_FORM, form, scan, archive_number)
    case.facts |= {"scan": scan, "scan_doubts": form.scan_doubts}
    return form


@recorded("A20", BODY(Post.OPERATOR), label="上传盖章件并送审", part_of="application.seal")
def seal_form(actor: Actor, *, form: FormRef, scan: Scan, archive_number: Archive) -> Form:
    """The same for every application of a form at once."""
    paper = queries.own_form(actor, form)
    cases = _cases(paper, *S.where(editable=True))
    for case in cases:
        seal(actor, case, scan=scan, archive_number=archive_number)
    note(cases=[case.pk for case in cases])
    return queries.own_form(actor, form)


@step(APPLICATION, APPLICATION_UNDER_DECREE)
def send_back(
    actor: Actor, case: Case, *, ground: GroundRef, cites: Cites = "", reasons: Reasons
) -> Form:
    """Back to the clerk for correction; the form is printed and stamped anew."""
    return queries.application_of(case).form


@step(APPLICATION, APPLICATION_UNDER_DECREE)
def submit(actor: Actor, case: Case, *, opinion: Opinion = "") -> Form:
    """Hand the sealed application to the bureau. From now on bureau and provider see it."""
    application = queries.application_of(case)
    form = Form.objects.select_for_update().get(pk=application.form_id)
    if (
        form.scan_id is None
        or case.facts.get("scan") != form.scan_id
        or as_printed(form) != form.scanned_hash
    ):
        raise AgainstRules(
            "盖章扫描件不是现在这一版申请表的。",
            article="A20",
            remedy="请退回修改，重新打印、盖章、上传。",
        )
    check_standing(application)
    case.facts |= {
        "authority": str(publishing.authority_of(application.mount).value),
        "stamped": queries.stamp_of(application),
    }
    if case.law == APPLICATION_UNDER_DECREE.law:
        case.facts |= _under_decree(application)
    case.between(provider=application.mount.entry.body_id)
    keep(form)
    # what is stamped once is undertaken once, however many of its applications come later
    form.undertaken = form.undertaken or queries.undertaken(actor, form)
    note(undertaken=form.undertaken)
    form.submitted_at = form.submitted_at or timezone.now()
    form.save()
    return form


@recorded("A20", BODY(Post.MANAGER), label="提交申请表", part_of="application.submit")
def submit_form(actor: Actor, *, form: FormRef, opinion: Opinion = "") -> Form:
    """Submit every sealed application of a form at once."""
    paper = queries.own_form(actor, form)
    cases = _cases(paper, S.SEALED)
    for case in cases:
        submit(actor, case, opinion=opinion)
    note(cases=[case.pk for case in cases])
    return queries.own_form(actor, form)


@step(APPLICATION, APPLICATION_UNDER_DECREE)
def withdraw(actor: Actor, case: Case, *, reasons: Reasons = "") -> Form:
    """Give up one application before it is decided; whoever it lay with is told."""
    application = queries.application_of(case)
    desk = procedure_of(case).awaits(case.state)
    if desk is not None and not S(case.state).private:
        text = f"{application.form.consumer.short_name}已撤回申请，无须再办理。" + (
            f"理由：{reasons}" if reasons else ""
        )
        work.tell_bodies(
            actor,
            {case.body_of(desk.party)},
            f"申请已撤回：{application.mount.entry.name}",
            text,
            reverse("work:case", args=[case.pk]),
            case,
        )
    return application.form


def _under_decree(application: Application) -> dict[str, Any]:
    """What the decree's table asks of a case when it is handed in: the class its limit follows
    from, whether that can be extended, and whether its form has been returned before."""
    sharing = queries.sharing_of(application.mount)
    by_provider = publishing.authority_of(application.mount) == Authority.PROVIDER
    facts: dict[str, Any] = {
        "sharing": sharing,
        "extendable": sharing == "conditional" and by_provider,
    }
    others = application.form.applications.exclude(pk=application.pk)
    if others.filter(case__facts__returned=True).exists():
        facts["returned"] = True
    return facts


def _cases(form: Form, *states: S) -> list[Case]:
    """The form's cases in one of these states, all of its cases locked."""
    for case in queries.locked_cases(form)[:1]:
        under(case.law)
    cases = [a.case for a in queries.form_applications(form) if a.case.state in states]
    if not cases:
        raise AgainstRules(
            f"申请表中没有“{states[0].label}”的申请。",
            article="A20",
            remedy="请在申请表页面查看各项申请的状态。",
        )
    return cases


@reopener("form")
def reopen_form(case: Case) -> None:
    """Empty what a form had been through when the last of its sealed applications is reopened or
    withdrawn: print, scan and seal count no more. What was submitted stays what it was."""
    form = Form.objects.select_for_update().get(pk=case.facts["form"])
    others = form.applications.exclude(case=case).filter(case__state=S.SEALED)
    if form.submitted_at is None and not others.exists():
        empty_seal(form)


def as_printed(form: Form) -> str:
    """The fingerprint of the form, which must be that of the last print. Raises `AgainstRules`."""
    if (fault := queries.print_fault(form)) is not None:
        raise fault
    return form.printed_hash
