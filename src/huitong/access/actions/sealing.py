"""Seal and submission: the scan must have been made of exactly what the form says (A20)."""

from __future__ import annotations

from typing import Annotated

from django.utils import timezone
from pydantic import Field

from huitong.access import queries
from huitong.access.actions.applying import FormRef
from huitong.access.models import Form
from huitong.access.rules import APPLICATION, S
from huitong.kernel.actor import BODY, Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.doing import note, recorded, step
from huitong.kernel.procedure import AgainstRules
from huitong.publishing import queries as publishing
from huitong.work.rules import AttachmentId

Scan = Annotated[AttachmentId, Field(title="加盖公章的扫描件", description="PDF、JPG、PNG。")]
Archive = Annotated[str, Field(title="原件档案号", description="原件由本单位留存。", max_length=60)]
Reasons = Annotated[str, Field(title="理由", max_length=1000)]
Opinion = Annotated[str, Field(title="意见", max_length=1000)]


@step(APPLICATION)
def seal(actor: Actor, case: Case, *, scan: Scan, archive_number: Archive = "") -> Form:
    """Hand in the stamped scan and pass the application to the manager. The scan must be of the form as it reads now."""
    form = Form.objects.select_for_update().get(pk=case.facts["form"])
    mark = _as_printed(form)
    form.scan_id, form.scanned_hash = scan, mark
    form.archive_number = archive_number or form.archive_number
    form.save()
    case.facts |= {"scan": scan}
    note(version=form.version, scanned_hash=mark)
    return form


@recorded("A20", BODY(Post.OPERATOR), label="上传盖章件并送审")
def seal_form(actor: Actor, *, form: FormRef, scan: Scan, archive_number: Archive = "") -> Form:
    """The same for every application of a form at once."""
    paper = queries.own_form(actor, form)
    cases = _cases(paper, S.DRAFT)
    for case in cases:
        seal(actor, case, scan=scan, archive_number=archive_number)
    note(cases=[case.pk for case in cases])
    return queries.own_form(actor, form)


@step(APPLICATION)
def send_back(actor: Actor, case: Case, *, reasons: Reasons) -> Form:
    """Back to the clerk for correction; a changed form is printed and stamped anew."""
    case.facts = {name: value for name, value in case.facts.items() if name != "scan"}
    return Form.objects.get(pk=case.facts["form"])


@step(APPLICATION)
def submit(actor: Actor, case: Case, *, opinion: Opinion = "") -> Form:
    """Hand the sealed application to the bureau. From now on bureau and provider see it."""
    application = queries.application_of(case)
    form = Form.objects.select_for_update().get(pk=application.form_id)
    if _as_printed(form) != form.scanned_hash:
        raise AgainstRules("盖章扫描件不是现在这一版申请表的。", article="A20", remedy="请退回修改，重新打印、盖章、上传。")
    case.facts |= {"authority": str(publishing.authority_of(application.mount).value)}
    case.between(provider=application.mount.entry.body_id)
    form.submitted_at = form.submitted_at or timezone.now()
    form.save()
    return form


@recorded("A20", BODY(Post.MANAGER), label="提交申请表")
def submit_form(actor: Actor, *, form: FormRef, opinion: Opinion = "") -> Form:
    """Submit every sealed application of a form at once."""
    paper = queries.own_form(actor, form)
    cases = _cases(paper, S.SEALED)
    for case in cases:
        submit(actor, case, opinion=opinion)
    note(cases=[case.pk for case in cases])
    return queries.own_form(actor, form)


@step(APPLICATION)
def withdraw(actor: Actor, case: Case, *, reasons: Reasons = "") -> Form:
    """Give up one application before it is decided."""
    return Form.objects.get(pk=case.facts["form"])


def _cases(form: Form, state: S) -> list[Case]:
    """The form's cases in this state, all of its cases locked: by number and before the form, as a single step locks its case
    before the form, so that two who act on one form at the same moment never wait for each other in a circle."""
    list(Case.objects.select_for_update(no_key=True).filter(pk__in=form.applications.values("case")).order_by("pk"))
    found = [a.case for a in queries.form_applications(form) if a.case.state == state]
    if not found:
        raise AgainstRules(f"申请表中没有“{state.label}”的申请。", article="A20", remedy="请在申请表页面查看各项申请的状态。")
    return found


def _as_printed(form: Form) -> str:
    """The fingerprint of the form, which must be that of the last print. Raises `AgainstRules`."""
    mark = queries.fingerprint_of(form)
    if not form.printed_hash:
        raise AgainstRules("申请表尚未打印定版。", article="A20", remedy="请先生成打印件，盖章后扫描上传。")
    if mark != form.printed_hash:
        raise AgainstRules("打印之后申请内容已修改，原打印件作废。", article="A20", remedy="请重新生成打印件并盖章。")
    return mark
