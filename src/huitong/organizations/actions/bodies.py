"""Bodies of A2 and A6, their units and their task forces (A5)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from django.db.models import Q
from django.utils import timezone
from pydantic import BaseModel, Field

from huitong.kernel import watches
from huitong.kernel.actor import BODY, BUREAU, SYSTEM, Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.doing import hand_on, note, recorded, was
from huitong.kernel.procedure import AgainstRules, Malformed, NotYours
from huitong.kernel.workdays import today
from huitong.organizations import queries
from huitong.organizations.models import Body, Division, Posting, TaskForce, TaskForceMember, Token
from huitong.organizations.rules import NO_TASK_FORCE, BodyKind, Office, check_credit_code

#: who keeps the registers of the platform: its system administrator, or the platform itself when a
#: city is loaded
KEEPER = (BUREAU(Post.SYSTEM_ADMIN), SYSTEM(Post.SYSTEM_ADMIN))

BodyId = Annotated[int, Field(title="机构")]
Name = Annotated[str, Field(title="名称", min_length=2, max_length=120)]
ShortName = Annotated[str, Field(title="简称", min_length=2, max_length=40)]
CreditCode = Annotated[
    str, Field(title="统一社会信用代码", description="18 位，按 GB 32100 校验。")
]
DivisionCode = Annotated[str, Field(title="行政区划代码", min_length=2, max_length=12)]
Parent = Annotated[
    int | None, Field(title="上级机构", description="下属单位的资源由上级机构一并管理（第五条）。")
]
Managing = Annotated[
    bool, Field(title="本地区共享主管机构", description="县（市）区明确的主管机构（第六条）。")
]
Document = Annotated[str, Field(title="批准文件", min_length=2, max_length=200)]
Day = Annotated[date, Field(title="生效日期")]


class Member(BaseModel):
    """A named person of a task force."""

    name: str = Field(title="姓名", min_length=1, max_length=60)
    role: str = Field(title="分工", min_length=1, max_length=80)
    phone: str = Field("", title="电话", max_length=40)


@recorded("A2", *KEEPER, label="登记机构")
def add_body(
    actor: Actor,
    *,
    name: Name,
    short_name: ShortName,
    kind: Annotated[BodyKind, Field(title="机构类型")],
    credit_code: CreditCode,
    division_code: DivisionCode,
    parent: Parent = None,
    managing_organ: Managing = False,
    is_bureau: Annotated[bool, Field(title="大数据主管部门")] = False,
    valid_from: Annotated[date | None, Field(title="设立日期", description="不填为今日。")] = None,
) -> Body:
    """Register a body of A2, a county's organ or a zone (A6)."""
    code = check_credit_code(credit_code)
    _check_free(name, code)
    _check_division(division_code)
    if is_bureau and queries.bureau() is not None:
        raise AgainstRules("已有大数据主管部门；变更请使用“机构承继”。", article="A4")
    return Body.objects.create(
        name=name,
        short_name=short_name,
        kind=kind,
        credit_code=code,
        division_code=division_code,
        parent=_parent(actor, parent),
        managing_organ=managing_organ,
        is_bureau=is_bureau,
        valid_from=valid_from or today(),
    )


@recorded("A2", *KEEPER, label="修改机构信息")
def edit_body(
    actor: Actor,
    *,
    body: BodyId,
    short_name: ShortName,
    kind: Annotated[BodyKind, Field(title="机构类型")],
    credit_code: CreditCode,
    division_code: DivisionCode,
    parent: Parent = None,
    managing_organ: Managing = False,
) -> Body:
    """Correct the entry of a body. A new name is a succession: use `rename_body`."""
    row = body_in_force(actor, body)
    code = check_credit_code(credit_code)
    if code != row.credit_code:
        _check_free("", code)
    if division_code != row.division_code:
        _check_division(division_code)
    above = _parent(actor, parent)
    if above is not None and above.pk in {row.pk, *(b.pk for b in queries.subordinates(row.pk))}:
        raise Malformed({"parent": "上级机构不能是本机构或其下属单位。"}, article="A5")
    now = {
        "short_name": short_name,
        "kind": str(kind.value),
        "credit_code": code,
        "division_code": division_code,
        "parent_id": above.pk if above else None,
        "managing_organ": managing_organ,
    }
    was(**{k: getattr(row, k) for k, v in now.items() if getattr(row, k) != v})
    for field, value in now.items():
        setattr(row, field, value)
    row.save()
    return row


@recorded("A4", *KEEPER, label="指定职能机构")
def assign_office(
    actor: Actor,
    *,
    office: Annotated[Office, Field(title="职能")],
    body: BodyId,
    document: Document,
) -> Body:
    """Name the body that holds an office of the installation: the finance department (A32), the
    government of the level, the upper platform.

    Whoever held it before holds it no longer, and its part in open cases passes on.
    """
    row = body_in_force(actor, body)
    if office.value in row.offices:
        raise AgainstRules(f"该机构已是{office.label}。", article="A4")
    held = Q(offices__contains=[office.value]) | Q(pk=row.pk)
    rows = Body.objects.select_for_update(of=("self",)).filter(held).order_by("pk")
    former = []
    for holder in rows:
        names = {*holder.offices} - {office.value}
        if holder.pk == row.pk:
            names |= {office.value}
        else:
            former.append(holder.pk)
        holder.offices = sorted(names)
        holder.save(update_fields=["offices"])
    was(holders=former)
    cases = Case.objects.select_for_update(no_key=True).filter(
        bodies__overlap=former, closed_at=None, parties__has_key=office.value
    )
    passing = list(cases.order_by("pk"))
    heirs = {int(pk): body for pk in former}
    hand_on(passing, heirs, today(), party=office.value)
    note(former=former, cases=[case.pk for case in passing])
    row.refresh_from_db(fields=["offices"])
    return row


@recorded("A2", *KEEPER, label="撤销机构")
def end_body(actor: Actor, *, body: BodyId, on: Day, document: Document) -> Body:
    """End a body that nobody succeeds. Refused while cases run or units hang on it: then it has
    a successor."""
    row = body_in_force(actor, body)
    if row.is_bureau:
        raise AgainstRules("大数据主管部门不能撤销，请先办理机构承继。", article="A4")
    if (running := queries.open_cases_of(row.pk).count()) > 0:
        raise AgainstRules(
            f"该机构还有 {running} 件在办事项。",
            article="A2",
            remedy="请先办结，或办理“机构承继”，由承继机构接续。",
        )
    if units := [b.short_name for b in Body.objects.filter(parent=row, valid_to=None)]:
        raise AgainstRules(
            f"该机构还有下属单位：{'、'.join(units)}。",
            article="A5",
            remedy="请先调整下属单位的上级机构。",
        )
    if on <= row.valid_from:
        raise Malformed({"on": "撤销日期应晚于设立日期。"}, article="A2")
    close_body(row, on)
    return row


@recorded("A5", BODY(Post.MANAGER), BODY(Post.OPERATOR), *KEEPER, label="登记工作专班")
def set_task_force(
    actor: Actor,
    *,
    body: BodyId,
    leader: Annotated[str, Field(title="分管领导", min_length=1, max_length=60)],
    office: Annotated[str, Field(title="责任处室", min_length=1, max_length=80)],
    technical_unit: Annotated[str, Field(title="技术支撑单位", min_length=1, max_length=120)],
    leader_title: Annotated[str, Field(title="领导职务", max_length=80)] = "",
    phone: Annotated[str, Field(title="联系电话", max_length=40)] = "",
    members: Annotated[list[Member], Field(title="专班人员", max_length=50)] = [],  # noqa: B006
) -> TaskForce:
    """Name the task force of a body: leader in charge, responsible office, technical support,
    people."""
    row = body_in_force(actor, body)
    if (
        not actor.is_system
        and not actor.has(Post.SYSTEM_ADMIN)
        and not queries.governs(actor, row.pk)
    ):
        raise NotYours(
            "只能登记本部门及下属单位的工作专班。", article="A5", who=f"{row.short_name}负责人"
        )
    force, _ = TaskForce.objects.update_or_create(
        body=row,
        defaults={
            "leader": leader,
            "leader_title": leader_title,
            "office": office,
            "technical_unit": technical_unit,
            "phone": phone,
        },
    )
    force.members.all().delete()
    TaskForceMember.objects.bulk_create(
        [TaskForceMember(task_force=force, **m.model_dump()) for m in members]
    )
    watches.end(NO_TASK_FORCE, row, on=today())
    note(members=[m.name for m in members])
    return force


@recorded("A5", SYSTEM(Post.OPERATOR), label="核对工作专班登记情况")
def watch_task_force(actor: Actor, *, body: Annotated[int, Field(title="机构")]) -> Body:
    """Bring the watch over one body in line with whether it lacks the task force it must have."""
    row = Body.objects.get(pk=body)
    if not queries.lacks_task_force(row.pk):
        watches.end(NO_TASK_FORCE, row, on=today())
    else:
        watches.begin(
            NO_TASK_FORCE,
            row,
            body=row.pk,
            title=f"{row.short_name}未登记工作专班",
            url=reverse("organizations:set_task_force", args=[row.pk]),
            on=today(),
        )
    return row


# -- inside ----------------------------------------------------------------------------------------


def body_in_force(actor: Actor, pk: int) -> Body:
    """The body, if it has not ended. Raises `NotVisible`, `AgainstRules`."""
    row = queries.body_for(actor, pk)
    if row.valid_to is not None:
        raise AgainstRules(f"“{row.name}”已于 {row.valid_to} 撤销或被承继。", article="A2")
    return row


def close_body(row: Body, on: date) -> None:
    """End a body with the day before, and the rights and tokens in it."""
    last = on - timedelta(1)
    row.valid_to = last
    row.save()
    end_posts(row, on)


def end_posts(row: Body, on: date) -> None:
    """End the posts in a body with the day before, its tokens at once."""
    last = on - timedelta(1)
    Posting.objects.filter(body=row, valid_to=None).update(valid_to=last)
    Posting.objects.filter(body=row, valid_to__gt=last).update(valid_to=last)
    Token.objects.filter(body=row, revoked_at=None).update(revoked_at=timezone.now())


def _check_free(name: str, code: str) -> None:
    problems = {}
    if name and Body.objects.filter(name=name, valid_to=None).exists():
        problems["name"] = "已有同名机构。"
    if other := Body.objects.filter(credit_code=code, valid_to=None).first():
        problems["credit_code"] = f"该代码已登记为“{other.name}”。"
    if problems:
        raise Malformed(problems, article="A2")


def _check_division(code: str) -> None:
    """Check that the division is in the register, if there is one, and in force."""
    row = Division.objects.filter(code=code).first()
    if row is None and Division.objects.exists():
        raise Malformed({"division_code": f"没有代码为“{code}”的行政区划。"}, article="A6")
    if row is not None and row.valid_to and row.valid_to < today():
        raise Malformed(
            {
                "division_code": (
                    f"“{row.name}”已于 {row.valid_to} 停用"
                    + (f"，现为 {row.successor}。" if row.successor else "。")
                )
            },
            article="A6",
        )


def _parent(actor: Actor, pk: int | None) -> Body | None:
    return body_in_force(actor, pk) if pk else None
