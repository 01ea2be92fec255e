"""Filling in a form: duty, purpose, period, and one application with a case of its own for each
resource (A3, A18, A20)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.core.files.base import ContentFile
from django.db.models import F
from django.utils import timezone
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from huitong.access import queries
from huitong.access.models import Application, Form
from huitong.access.rules import APPLICATION, S, asked_scope, check_filter
from huitong.access.rules.answers import matter_fault, matter_wanting, period_fault
from huitong.access.rules.scoping import Filtered, Items, read_json
from huitong.catalog import queries as catalog
from huitong.catalog.rules import DatabaseRole
from huitong.kernel.actor import BODY, CONSUMER, Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.doing import hands_of, lend_hand, note, recorded, step, was
from huitong.kernel.procedure import AgainstRules, End, Malformed
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations
from huitong.publishing import queries as publishing
from huitong.publishing.rules import Mode, MountState, unserved
from huitong.scope import to_json
from huitong.work.actions import attach
from huitong.work.rules import Hidden, Pick

CLERK = BODY(Post.OPERATOR)
#: in every case of a form, whoever writes it
WRITER = CONSUMER(Post.OPERATOR)

FormRef = Annotated[int, Hidden(), Field(title="申请表", ge=1)]
ApplicationRef = Annotated[int, Hidden(), Field(title="申请", ge=1)]
MountRef = Annotated[int, Pick(queries.apply_choices), Field(title="申请的资源", ge=1)]
DutyRef = Annotated[
    int, Pick(queries.duty_choices), Field(title="履职依据", description="本部门三定职责。", ge=1)
]
MatterRef = Annotated[int | None, Pick(queries.matter_choices), Field(title="办理事项")]
SystemRef = Annotated[int, Pick(queries.system_choices), Field(title="使用数据的应用系统", ge=1)]
TargetRef = Annotated[
    int | None,
    Pick(queries.target_choices),
    Field(title="接收数据的前置库", description="库表方式必填：数据送到本部门登记的前置库。"),
]
Purpose = Annotated[
    str,
    Field(
        title="使用目的",
        description="用数据办什么事，只能用于此目的。",
        min_length=4,
        max_length=500,
    ),
]
Scenario = Annotated[
    str, Field(title="使用场景", description="在哪个环节、由谁、怎样使用。", max_length=500)
]
From = Annotated[date, Field(title="使用期限起")]
To = Annotated[date, Field(title="使用期限止")]
Contact = Annotated[str, Field(title="联系人", min_length=2, max_length=60)]
Phone = Annotated[str, Field(title="联系电话", min_length=5, max_length=40)]
Frequency = Annotated[
    str, Field(title="使用频度和数据量", description="如“每个工作日约 200 次”。", max_length=100)
]
TargetTable = Annotated[
    str,
    Field(
        title="送达表名",
        description="不填与来源表同名。",
        max_length=63,
        pattern=r"^([a-z_][a-z0-9_]*)?$",
    ),
]


class RequestedResource(BaseModel):
    """One resource of a form."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    mount: int = Field(title="资源")
    items: Items = None
    row_filter: Filtered = None
    frequency: Frequency = ""
    target: int | None = Field(None, title="接收数据的前置库")
    target_table: TargetTable = ""


Resources = Annotated[
    list[RequestedResource],
    Field(
        title="申请的资源",
        description="每项：mount、items、row_filter …",
        min_length=1,
        max_length=50,
    ),
    BeforeValidator(read_json),
]


@recorded("A20", CLERK, label="新建申请表")
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
            "contact": contact,
            "phone": phone,
        },
    )
    form.save()
    form.number = f"SQ-{today():%Y}-{form.pk:06d}"
    form.save(update_fields=["number"])
    return form


@step(APPLICATION)
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
    paper = _drafted(actor, form)
    about = publishing.mount_for(actor, mount)
    _check_may_ask(actor, about)
    if any(a.mount_id == about.pk for a in queries.form_applications(paper)):
        raise Malformed({"mount": "这张申请表中已有该资源"}, article="A20")
    application = Application(form=paper, case=case, mount=about)
    _ask(actor, application, items, row_filter, frequency, target, target_table)
    case.between(consumer=actor.body)
    case.hands |= paper.hands
    application.save()
    _changed(paper)
    case.title = f"申请使用：{about.entry.name}（{Mode(about.mode).label}）"[:300]
    case.facts |= {
        "form": paper.pk,
        "form_number": paper.number,
        "application": application.pk,
        "mount": about.pk,
        "authority": str(publishing.authority_of(about).value),
        "provider": about.entry.body_id,
    }
    if actor.bureau or about.entry.body_id == actor.bureau_body:
        # not in A19: shown wherever the case is, another person of the bureau acts
        case.facts |= {"bureau_is_party": True}
    case.save()
    return application


@recorded("A20", CLERK, label="申请使用数据")
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


@recorded("A20", CLERK, label="修改申请表")
def revise(
    actor: Actor,
    *,
    form: FormRef,
    duty: Annotated[int | None, Pick(queries.duty_choices), Field(title="履职依据")] = None,
    matter: MatterRef = None,
    system: Annotated[
        int | None, Pick(queries.system_choices), Field(title="使用数据的应用系统")
    ] = None,
    purpose: Annotated[str | None, Field(title="使用目的", min_length=4, max_length=500)] = None,
    scenario: Annotated[str | None, Field(title="使用场景", max_length=500)] = None,
    period_from: Annotated[date | None, Field(title="使用期限起")] = None,
    period_to: Annotated[date | None, Field(title="使用期限止")] = None,
    contact: Annotated[str | None, Field(title="联系人", min_length=2, max_length=60)] = None,
    phone: Annotated[str | None, Field(title="联系电话", min_length=5, max_length=40)] = None,
) -> Form:
    """Change a form that is being filled in: what is not given stays. A form printed before must
    be printed and sealed anew."""
    paper = _drafted(actor, form)
    given = {
        "duty": duty,
        "matter": matter,
        "system": system,
        "purpose": purpose,
        "scenario": scenario,
        "period_from": period_from,
        "period_to": period_to,
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
    _changed(paper)
    return paper


@recorded("A20", CLERK, label="修改申请的资源")
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
    paper = _drafted(actor, requested.form_id)
    if requested.case.state != S.DRAFT:
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
    _changed(paper)
    note(scope=requested.scope)
    return requested


@recorded("A20", CLERK, label="生成打印件")
def print_form(actor: Actor, *, form: FormRef) -> Form:
    """Fix what the form says as its next version, to be printed, stamped and scanned. Unchanged:
    the same version again."""
    paper = _drafted(actor, form)
    if not queries.form_applications(paper):
        raise AgainstRules("申请表中还没有资源。", article="A20", remedy="请先添加要申请的资源。")
    mark = queries.fingerprint_of(paper)
    if paper.printed_hash != mark:
        was(version=paper.version, printed_hash=paper.printed_hash)
        if paper.printed_at is not None:
            Form.objects.filter(pk=paper.pk).update(version=F("version") + 1)
            paper.refresh_from_db(fields=["version"])
        paper.printed_hash, paper.printed_at, paper.printed_content = (
            mark,
            timezone.now(),
            queries.content_of(paper),
        )
        print_ = ContentFile(queries.typeset(paper), f"{paper.number}-v{paper.version}.pdf")
        paper.printed = attach(actor, upload=print_)
        paper.save()
    note(
        version=paper.version,
        printed_hash=mark,
        printed_sha256=paper.printed.sha256 if paper.printed else "",
    )
    return paper


# -- inside ----------------------------------------------------------------------------------------


def _drafted(actor: Actor, form: int) -> Form:
    """An own form all of whose applications are still being filled in, locked with their cases; who
    asks has a hand in each.

    A form is closed once one of its applications has been submitted, whatever became of it: what
    was stamped stays what it was. Raises `AgainstRules` otherwise.
    """
    paper = queries.own_form(actor, form)
    cases = queries.locked_cases(paper)
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
    lend_hand(actor, WRITER, [case for case in cases if case.state == S.DRAFT], "填写申请表")
    if hands_of(actor, WRITER).items() - paper.hands.items():
        paper.hands |= hands_of(actor, WRITER)
        paper.save(update_fields=["hands"])
    return paper


def _may_change(state: S) -> bool:
    """Whether an application in this state keeps nobody from changing its form."""
    return state.editable or state.end is End.WITHDRAWN


def _changed(paper: Form) -> None:
    """What was printed and stamped before a change of the content counts no more: it is printed,
    stamped and scanned anew."""
    if paper.printed_hash and queries.fingerprint_of(paper) != paper.printed_hash:
        paper.printed_hash = paper.scanned_hash = ""
        paper.scan = None
        paper.save(update_fields=["printed_hash", "scanned_hash", "scan"])


def _fill(actor: Actor, form: Form, changes: dict[str, Any]) -> None:
    """Put what was given into the form: duty, matter and system are the body's own (A3), the
    period runs forward."""
    wrong: dict[str, str] = {}
    if "duty" in changes:
        form.duty = organizations.duty_for(actor, changes.pop("duty"))
        if form.duty.body_id != actor.body:
            wrong["duty"] = "请选择本部门的职责"
    if "matter" in changes:
        pk = changes.pop("matter")
        form.matter = (
            next((m for m in organizations.matters_of(actor.body) if m.pk == pk), None)
            if pk
            else None
        )
        if pk and form.matter is None:
            wrong["matter"] = "请选择本部门的事项"
    if "system" in changes:
        form.system = queries.own_system(actor, changes.pop("system"))
    for name, value in changes.items():
        setattr(form, name, value)
    wrong |= matter_fault(form.duty_id, form.matter.duty_id if form.matter else None)
    wrong |= period_fault(form.period_from, form.period_to, today())
    if wrong:
        raise Malformed(wrong, article="A20")


def _check_may_ask(actor: Actor, mount: Any) -> None:
    if mount.entry.body_id == actor.body:
        raise AgainstRules("这是本部门提供的资源，无需申请。", article="A20")
    publishing.authority_of(mount)  # not shared: refused under A8
    if not catalog.admits(mount.entry, actor.body):
        raise AgainstRules(
            "该资源只提供给目录指定的部门。",
            article="A8",
            who=f"{mount.entry.body.short_name}",
            remedy="如确有履职需要，请与提供部门协商调整共享条件。",
        )
    if mount.state != MountState.ACTIVE:
        raise AgainstRules(
            f"该资源现在“{MountState(mount.state).label}”，不接受申请。", article="A28"
        )


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
