"""Review inside the department, then by the bureau: remarks on fields, codes (A7, A8, A10, A12)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated

from django.utils import timezone
from pydantic import Field

from huitong.catalog import queries
from huitong.catalog.models import (
    CodeRule,
    CodeSequence,
    Entry,
    FieldRemark,
    LegalGround,
    Round,
    Version,
)
from huitong.catalog.queries import coding, reviewing
from huitong.catalog.rules import (
    ELEMENTS,
    ENTRY,
    ENTRY_UNDER_DECREE,
    Extent,
    Finding,
    Reviewer,
    check_template,
    fill,
    given,
    lacking,
    prefix,
    record,
    wrong_ticks,
)
from huitong.kernel.actor import BUREAU, Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.doing import keep, note, recorded, step
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import day_of, today
from huitong.work.rules import Cleared, GroundRef, Pick, check_cleared, reviewed

Ticked = Annotated[
    list[str] | None,
    Pick(reviewing.checklist_choices),
    Field(
        title="审核核对",
        description="逐项核对后勾选，全部核对无误才能通过；不填则不使用核对清单。",
        max_length=20,
    ),
    given.Listed,
]


@step(ENTRY, ENTRY_UNDER_DECREE)
def pass_department(
    actor: Actor,
    case: Case,
    *,
    cleared: Cleared,
    checked: Ticked = None,
    reasons: given.Reasons = "",
) -> Entry:
    """The department's manager confirms the secrecy review (A3) and passes the entry on to the
    bureau; grounds for not sharing are filed with it (A8). A correction of whom to call is the
    department's own and may be published at once (A12): what it rests on stays filed as it was."""
    check_cleared(cleared, today())
    version, now = queries.version_of(case), timezone.now()
    _reviewed(actor, case, version, Reviewer.DEPARTMENT, checked, passed=True)
    case.facts |= {
        "secrecy": case.facts.get("secrecy", {}) | {"confirmed": reviewed(actor, cleared, now)}
    }
    warnings = [finding.rule for finding in queries.all_findings_of(version)]
    note(secrecy=case.facts["secrecy"], warnings=warnings)
    keep(version, more=version.grounds.filter(filed_at=None))
    if case.facts.get("change") != Extent.CONTACT:  # that alone does not come to the bureau (A12)
        version.received_at = version.received_at or now
    version.save(update_fields=["received_at", "updated_at"])
    _file(version, now, case.facts.get("change") == Extent.CONTACT)
    return version.entry


@step(ENTRY, ENTRY_UNDER_DECREE)
def return_department(
    actor: Actor,
    case: Case,
    *,
    ground: GroundRef,
    reasons: given.Reasons,
    remarks: given.SomeRemarks = None,
    checked: Ticked = None,
) -> Entry:
    """Back to the clerk, with the reason and, where it helps, remarks on fields (A12)."""
    version = queries.version_of(case)
    _reviewed(actor, case, version, Reviewer.DEPARTMENT, checked, passed=False)
    _remark(actor, version, remarks or {}, "提供部门负责人")
    return version.entry


@step(ENTRY, ENTRY_UNDER_DECREE)
def pass_bureau(
    actor: Actor, case: Case, *, checked: Ticked = None, reasons: given.Reasons = ""
) -> Entry:
    """The bureau's review of form is passed: the entry gets its code in the same transaction
    (A7, A10)."""
    version = queries.version_of(case)
    findings = queries.all_findings_of(version)
    _check_answered(findings, reasons)
    _reviewed(actor, case, version, Reviewer.BUREAU, checked, passed=True)
    entry = version.entry
    if entry.code is None:
        entry.code = next_code(entry, version)
        entry.save(update_fields=["code", "updated_at"])
    note(code=entry.code, warnings=[finding.rule for finding in findings])
    case.facts |= {"code": entry.code}
    return entry


@step(ENTRY, ENTRY_UNDER_DECREE)
def return_bureau(
    actor: Actor,
    case: Case,
    *,
    ground: GroundRef,
    remarks: given.Remarks,
    reasons: given.Reasons = "",
    checked: Ticked = None,
) -> Entry:
    """Back to the department for correction, with a remark on each field concerned (A10)."""
    version = queries.version_of(case)
    _reviewed(actor, case, version, Reviewer.BUREAU, checked, passed=False)
    _remark(actor, version, remarks, "大数据管理局经办人")
    return version.entry


@recorded("A7", BUREAU(Post.MANAGER), label="设定编码规范")
def set_code_rule(
    actor: Actor,
    *,
    template: Annotated[str, Field(title="编码模板", max_length=120)],
    in_force: Annotated[date, Field(title="启用日期")],
    note_text: Annotated[str, Field(title="说明", max_length=200)] = "",
) -> CodeRule:
    """Set the coding rule from a day on; codes given before stay as they are."""
    check_template(template)
    if in_force < today():
        raise Malformed({"in_force": "启用日期不能早于今天"})
    if CodeRule.objects.filter(in_force=in_force).exists():
        raise Malformed({"in_force": "这一天已有编码规范"})
    return CodeRule.objects.create(template=template, in_force=in_force, note=note_text)


# -- inside ----------------------------------------------------------------------------------------


def _reviewed(
    actor: Actor,
    case: Case,
    version: Version,
    reviewer: Reviewer,
    ticked: list[str] | None,
    passed: bool,
) -> None:
    """Keep with the round who decided and what was ticked: to pass, all of it where the checklist
    is used at all. What is returned is kept as the reviewer had it before them. Raises
    `Malformed`."""
    if wrong := wrong_ticks(ticked or [], reviewer, today(), passed and ticked is not None):
        raise Malformed(wrong, article="A10")
    at = timezone.now()
    row = record(version.round, reviewer, actor.name, at, day_of(at), passed, ticked or [])
    case.facts |= {"reviews": [*case.facts.get("reviews", []), row]}
    if not passed:
        content = queries.facts_of(version).model_dump(mode="json")
        Round.objects.create(version=version, number=version.round, content=content)


def _check_answered(findings: Iterable[Finding], reasons: str) -> None:
    """What the law has answered is answered with reasons. Raises `Malformed`."""
    if not reasons.strip() and (rest := [f.sentence for f in findings if f.answered]):
        raise Malformed(
            {"reasons": f"请写明仍然通过的理由，或退回修改：{'；'.join(rest)}"}, article="D"
        )


def _file(version: Version, now: datetime, as_published: bool) -> None:
    """File the grounds with the bureau (A8): those of a mere correction were filed when they were
    published."""
    published = (
        version.entry.current.grounds.all() if as_published and version.entry.current else ()
    )
    filed = {_ground(row): row.filed_at for row in published}
    rows = list(version.grounds.filter(filed_at=None))
    for row in rows:
        row.filed_at = filed.get(_ground(row)) or now
    LegalGround.objects.bulk_update(rows, ["filed_at"])


def _ground(row: LegalGround) -> tuple[str, ...]:
    return row.kind, row.document, row.article, row.quotation


def _remark(actor: Actor, version: Version, remarks: dict[str, str], seat: str) -> None:
    names = set(version.items.values_list("name", flat=True))
    wrong = [
        f
        for f in remarks
        if f.partition(".")[0] not in ELEMENTS or (f.startswith("items.") and f[6:] not in names)
    ]
    if wrong:
        raise Malformed({"remarks": f"没有这样的字段：{'、'.join(wrong)}"})
    FieldRemark.objects.bulk_create(
        [
            FieldRemark(
                version=version,
                round=version.round,
                field=field,
                text=text,
                by=actor.name,
                by_seat=seat,
            )
            for field, text in remarks.items()
        ]
    )


def next_code(entry: Entry, version: Version) -> str:
    """The next code under the rule in force today: the counter's row stays locked until this
    approval commits. Raises `AgainstRules` for an entry that lacks what the rule asks for."""
    on = day_of(timezone.now())
    template, parts = coding.template_on(on), coding.parts_of(entry, version, on)
    if missing := lacking(template, parts):
        raise AgainstRules(
            f"编码规范用到{'、'.join(missing)}，该目录没有填写。",
            article="A7",
            who=f"{entry.body.short_name}经办人",
            remedy="请退回，由提供部门在“检索与关联”中补充。",
        )
    counter, _ = CodeSequence.objects.get_or_create(prefix=prefix(template, **parts))
    counter = CodeSequence.objects.select_for_update().get(pk=counter.pk)
    counter.last += 1
    counter.save()
    return fill(template, counter.last, **parts)
