"""Bringing in what an older platform granted, or a paper: prepared by one person of the bureau,
confirmed by another; where the law has the provider decide, in force once it agrees (A19, A22)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Annotated

from django.utils import timezone
from pydantic import Field

from huitong.access import queries
from huitong.access.actions.intake_applications import AT_ONCE, applications_of, name_grants
from huitong.access.actions.intake_grants import grants_of
from huitong.access.actions.sealing import Reasons
from huitong.access.models import Intake, IntakeRow
from huitong.access.rules.intake import GRANTS, INTAKE, Footing, OldGrant
from huitong.kernel.actor import Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.doing import note, step, together
from huitong.kernel.procedure import AgainstRules
from huitong.organizations.rules import Sheet
from huitong.work import actions as work
from huitong.work.rules import AttachmentId

Source = Annotated[
    str,
    Field(
        title="来源",
        description="旧平台的名称，或“纸质档案”；同一来源每次写法须一致，编号在同一来源内不重复。",
        min_length=2,
        max_length=60,
    ),
]
Rows = Annotated[Sheet, Field(title="补录内容", description="按模板的列，一行一项授权。")]
Papers = Annotated[
    list[AttachmentId],
    Field(title="纸质授权扫描件", description="表中“扫描件”一列填其文件名。", max_length=200),
]
LeaveOut = Annotated[
    bool,
    Field(
        title="有错误的行先不补录", description="只补录无误的行；不勾选时，有一行错误则都不补录。"
    ),
]


@step(INTAKE)
def prepare(
    actor: Actor,
    case: Case,
    *,
    source: Source,
    sheet: Rows,
    papers: Papers = [],  # noqa: B006 - pydantic copies it
    leave_out: LeaveOut = False,
) -> Intake:
    """Hand in a table of older grants for another person to confirm. A row brought in before is
    passed over; a wrong one refuses the table, unless wrong rows are left out."""
    check = queries.check_intake(actor, source, sheet, papers)
    if not leave_out:
        check.report.check("A19")
    if not check.grants:
        wrong = check.wrong_rows
        raise AgainstRules(
            f"没有可以补录的行：已补录过 {len(check.before)} 行，有错误 {wrong} 行。",
            article="A19",
            remedy="请按检查结果修改后重新上传。" if wrong else "无需再次补录。",
        )
    intake = Intake.objects.create(
        case=case, source=source, papers=sorted(papers), prepared_by=actor.name
    )
    cells = dict(sheet)
    IntakeRow.objects.bulk_create(
        [
            IntakeRow(
                intake=intake,
                row=old.row,
                source=source,
                number=old.number,
                given=GRANTS.under_headings(cells[old.row]),
                decided_on=old.decided_on,
                decided_by=old.decided_by,
                note=old.note,
                paper_id=old.paper,
            )
            for old in check.grants
        ],
        batch_size=AT_ONCE,
    )
    case.title = f"授权补录：{source}，{len(check.grants)} 项"
    note(rows=len(check.grants), left_out=check.wrong_rows, passed_over=len(check.before))
    return intake


@step(INTAKE)
def confirm(actor: Actor, case: Case) -> Intake:
    """Bring in what another has prepared, judged once more as things are now: applications, grants
    and their cases, all or none. Clocks of the past are not made up: none begins."""
    intake = Intake.objects.select_for_update().get(case=case)
    rows = {row.row: row for row in intake.rows.all()}
    check = queries.rechecked(actor, intake)
    if check.report.errors:
        first = "；".join(f"{error.where}{error.message}" for error in check.report.errors[:3])
        raise AgainstRules(
            f"准备之后情况有变，{check.wrong_rows} 行不能补录，没有任何改动：{first}。",
            article="A19",
            who="大数据管理局经办人",
            remedy="请放弃这次补录，更正表格后重新补录。",
        )
    intake.confirmed_by, intake.confirmed_at = actor.name, timezone.now()
    intake.save(update_fields=["confirmed_by", "confirmed_at"])
    applications = together(
        actor,
        "application.bring_in",
        [(None, {"old": old, "paper": old.paper}) for old in check.grants],
        applications_of(case),
        showing=True,
    )
    grants = together(
        actor,
        "grant.bring_in",
        [
            (None, {"old": old, "application": own.facts["application"]})
            for old, own in zip(check.grants, applications, strict=True)
        ],
        grants_of(case),
        showing=True,
    )
    for old, own in zip(check.grants, grants, strict=True):
        rows[old.row].grant_id = own.facts["grant"]
    IntakeRow.objects.bulk_update(rows.values(), ["grant"], batch_size=AT_ONCE)
    name_grants(applications, grants)
    counts = {way.value: check.count(way) for way in Footing}
    note(rows=len(grants), **counts)
    _tell(actor, check.grants)
    return intake


@step(INTAKE)
def turn_down(actor: Actor, case: Case, *, reasons: Reasons) -> Intake:
    """Do not confirm a table; its rows may be corrected and come again."""
    return _give_up(case)


@step(INTAKE)
def drop(actor: Actor, case: Case) -> Intake:
    """Give a table up before it is confirmed; its rows may come again."""
    return _give_up(case)


# -- inside ----------------------------------------------------------------------------------------


def _give_up(case: Case) -> Intake:
    intake = Intake.objects.get(case=case)
    intake.rows.update(void=True)
    return intake


def _tell(actor: Actor, grants: Iterable[OldGrant]) -> None:
    """Each body once, whatever there is for it: whose data it is may stop it, or is to agree; who
    uses it reads what it may use (A19, A28)."""
    running = [old for old in grants if old.footing != Footing.OVER]
    given = Counter(old.provider for old in running)
    to_agree = Counter(old.provider for old in running if old.footing == Footing.ASKED)
    bureau = actor.body_name
    for body, number in given.items():
        waiting = to_agree[body]
        asks = (
            f"其中 {waiting} 项依规定由贵部门决定，由负责人核对后同意或不同意，同意后才生效。"
            if waiting
            else ""
        )
        work.tell_bodies(
            actor,
            {body},
            f"{bureau}补录了使用本部门资源的 {number} 项授权",
            f"这些授权原由旧平台或纸质办理。{asks}生效的如有不妥，可以暂停。",
            reverse("access:grants", query={"tab": "given", "show": "intake"}),
        )
    for body, number in Counter(old.consumer for old in running).items():
        work.tell_bodies(
            actor,
            {body},
            f"{bureau}补录了本部门的 {number} 项授权",
            "请核对范围和期限；须提供部门同意的，同意后才能取得数据。",
            reverse("access:grants", query={"tab": "held", "show": "intake"}),
        )
