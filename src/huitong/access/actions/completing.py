"""What the decree adds to an application: what is incomplete is returned once and completed, and
the limit of an answer is extended with the bureau's consent (政务数据共享条例)."""

from __future__ import annotations

from typing import Annotated

from django.utils import timezone
from pydantic import Field

from huitong.access import queries
from huitong.access.actions.sealing import Reasons, as_printed
from huitong.access.models import Application, Form
from huitong.access.rules import APPLICATION_UNDER_DECREE
from huitong.access.rules.procedures import S
from huitong.access.rules.stamped import checklist
from huitong.kernel.actor import Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.clocks import check_extension
from huitong.kernel.doing import note, reopener, step
from huitong.kernel.procedure import AgainstRules, End, Malformed
from huitong.kernel.workdays import day_of, today
from huitong.work import actions as work
from huitong.work.rules import AttachmentId, Pick

Missing = Annotated[
    list[str],
    Pick(queries.completion_choices),
    Field(title="须补正的项目", description="逐项核对，把不符合的全部勾选。", max_length=20),
]
Lines = Annotated[
    str,
    Field(
        title="其他须补正的内容和要求",
        description="每行一项：缺什么、怎样补。补正只告知这一次，请一次写全。",
        max_length=2000,
    ),
]


@step(APPLICATION_UNDER_DECREE)
def return_for_completion(
    actor: Actor,
    case: Case,
    *,
    lacking: Missing = [],  # noqa: B006 - pydantic copies it
    words: Lines = "",
) -> Application:
    """Return what is incomplete, once, with everything that is lacking. Its form may be changed
    again, unless another of its applications has been accepted on it."""
    labels = {row.key: row.label for row in checklist(case.facts.get("scan_doubts", []), today())}
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    if unlisted := [key for key in lacking if key not in labels]:
        raise Malformed({"lacking": f"没有这些项目：{'、'.join(unlisted)}"}, article="D")
    if not (lacking or lines):
        raise Malformed({"lacking": "请勾选或写明须补正的全部内容"}, article="D")
    case.facts |= {
        "returned": True,
        "lacking": [f"不符合：{labels[key]}" for key in lacking] + lines,
    }
    note(lacking=case.facts["lacking"])
    application = queries.application_of(case)
    work.tell_bodies(
        actor,
        {application.form.consumer_id},
        f"申请须补正：{application.mount.entry.name}",
        "\n".join(case.facts["lacking"]),
        reverse("work:case", args=[case.pk]),
        case,
    )
    return application


@step(APPLICATION_UNDER_DECREE)
def complete(
    actor: Actor,
    case: Case,
    *,
    answer: Annotated[
        str,
        Field(title="补正说明", description="逐项说明怎样补正的。", min_length=2, max_length=2000),
    ],
    paper: Annotated[
        AttachmentId | None, Field(title="补充材料", description="有补充材料的，在此上传。")
    ] = None,
) -> Form:
    """Complete what was lacking without another stamp: the form says what it said when it was
    stamped. A form that was changed is printed, stamped and handed in by `seal`."""
    form = Form.objects.select_for_update().get(pk=case.facts["form"])
    if form.scan_id is None or as_printed(form) != form.scanned_hash:
        raise AgainstRules(
            "申请表的内容或盖章件已有改动，须重新盖章。",
            article="D",
            who="使用部门经办人",
            remedy="请重新生成打印件，盖章后上传。",
        )
    case.facts |= {"scan": form.scan_id, "scan_doubts": form.scan_doubts, "completed": answer}
    note(answer=answer)
    return form


@reopener("submitted_form")
def reopen_submitted(case: Case) -> None:
    """Let a form that was submitted be changed again once every application of it that is not
    withdrawn has been returned. Print and stamp count until it is changed."""
    form = Form.objects.select_for_update().get(pk=case.facts["form"])
    others = form.applications.exclude(case=case).values_list("case__state", flat=True)
    if all(S(state).editable or S(state).end is End.WITHDRAWN for state in others):
        form.submitted_at = None
        form.save(update_fields=["submitted_at"])


# -- more time for an answer -----------------------------------------------------------------------


@step(APPLICATION_UNDER_DECREE)
def ask_extension(
    actor: Actor,
    case: Case,
    *,
    days: Annotated[int, Field(title="延长的工作日数", ge=1, le=100)],
    reasons: Reasons,
) -> Application:
    """Ask the bureau for more time to answer; the limit runs on meanwhile."""
    on = day_of(timezone.now())
    check_extension(APPLICATION_UNDER_DECREE, case, "answer_conditional", days, on)
    case.facts |= {"days": days, "extendable": False, "extension_reasons": reasons}
    return queries.application_of(case)


@step(APPLICATION_UNDER_DECREE)
def consent(actor: Actor, case: Case, *, opinion: Reasons = "") -> Application:
    """Let the provider answer later; the consumer is told by how much, why and by when."""
    application = queries.application_of(case)
    case.facts |= {"extended": True}
    due = queries.extended_until(case)
    work.tell_bodies(
        actor,
        {application.form.consumer_id, application.mount.entry.body_id},
        f"答复时限已延长：{application.mount.entry.name}",
        f"延长 {case.facts['days']} 个工作日，最迟 {due} 答复。"
        f"理由：{case.facts['extension_reasons']}",
        reverse("work:case", args=[case.pk]),
        case,
    )
    note(days=case.facts["days"], until=due)
    return application


@step(APPLICATION_UNDER_DECREE)
def deny(actor: Actor, case: Case, *, reasons: Reasons) -> Application:
    """Leave the limit as it is."""
    application = queries.application_of(case)
    work.tell_bodies(
        actor,
        {application.mount.entry.body_id},
        f"不同意延长答复时限：{application.mount.entry.name}",
        reasons,
        reverse("work:case", args=[case.pk]),
        case,
    )
    return application
