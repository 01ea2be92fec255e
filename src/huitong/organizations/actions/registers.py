"""Duties and matters one by one, and registers by the table: one act, one ledger entry, all or
nothing (A3, A6)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

from django.db import transaction
from pydantic import Field

from huitong.kernel.actor import BODY, BUREAU, Actor, Post
from huitong.kernel.doing import note, recorded, was
from huitong.kernel.procedure import AgainstRules, Malformed, NotYours
from huitong.kernel.workdays import today
from huitong.organizations import queries
from huitong.organizations.actions.bodies import KEEPER, BodyId, Day, Document, body_in_force
from huitong.organizations.actions.confirming import set_writer
from huitong.organizations.models import Body, Division, Duty, Matter
from huitong.organizations.rules import Report, Sheet, read_sheet

#: a body's manager keeps its own register, the bureau's operator everybody's
DUTIES = (BODY(Post.MANAGER), BUREAU(Post.OPERATOR), *KEEPER)

DutyId = Annotated[int, Field(title="职责")]
MatterId = Annotated[int, Field(title="事项")]
Text = Annotated[str, Field(title="职责", min_length=2, max_length=300)]
Source = Annotated[str, Field(title="依据", max_length=200, description="如“三定”规定文号。")]
Code = Annotated[str, Field(title="事项编码", min_length=2, max_length=40)]
MatterName = Annotated[str, Field(title="事项名称", min_length=2, max_length=120)]
Kind = Annotated[str, Field(title="事项类型", max_length=40)]
Rows = Annotated[Sheet, Field(title="导入内容")]


@recorded("A3", *DUTIES, label="登记职责")
def add_duty(
    actor: Actor,
    *,
    body: BodyId,
    text: Text,
    source: Source = "",
    valid_from: Annotated[date | None, Field(title="生效日期", description="不填为今日。")] = None,
) -> Duty:
    """Register a duty a body performs; applications are tied to one, those for conditional data
    once it is confirmed."""
    row = body_in_force(actor, body)
    _check_own(actor, row.pk)
    if (existing := Duty.objects.filter(body=row, text=text).first()) is not None:
        ended = existing.valid_to is not None and existing.valid_to < today()
        raise Malformed(
            {
                "text": (
                    "该机构曾登记这项职责，已终止；请换一种表述。"
                    if ended
                    else "该机构已登记这项职责。"
                )
            },
            article="A3",
        )
    duty = set_writer(
        actor, Duty(body=row, text=text, source=source, valid_from=valid_from or today())
    )
    duty.save()
    return duty


@recorded("A3", *DUTIES, label="修改职责")
def edit_duty(actor: Actor, *, duty: DutyId, text: Text, source: Source = "") -> Duty:
    """Correct the words of a duty; changed, it is to be confirmed anew."""
    row = _duty(actor, duty)
    if Duty.objects.filter(body=row.body, text=text).exclude(pk=row.pk).exists():
        raise Malformed({"text": "该机构已登记这项职责。"}, article="A3")
    was(text=row.text, source=row.source)
    if (row.text, row.source) != (text, source):
        row.text, row.source = text, source
        set_writer(actor, row).save()
    return row


@recorded("A3", *DUTIES, label="终止职责")
def end_duty(actor: Actor, *, duty: DutyId, on: Day, document: Document) -> Duty:
    """A duty is no longer the body's from a day on; its matters end with it."""
    row = _duty(actor, duty)
    if on < row.valid_from:
        raise Malformed(
            {"on": f"终止日期不能早于该职责的生效日期 {row.valid_from}。"}, article="A3"
        )
    row.valid_to = on - timedelta(1)
    row.save()
    Matter.objects.filter(duty=row).exclude(valid_to__lt=row.valid_to).update(valid_to=row.valid_to)
    return row


@recorded("A3", *KEEPER, BUREAU(Post.OPERATOR), label="划转职责")
def transfer_duty(actor: Actor, *, duty: DutyId, body: BodyId, document: Document) -> Duty:
    """A duty and its matters go to another body, as after a split."""
    row, to = _duty(actor, duty), body_in_force(actor, body)
    if Duty.objects.filter(body=to, text=row.text).exists():
        raise AgainstRules("该机构已登记这项职责。", article="A3")
    was(body=row.body_id)
    row.body, row.source = to, document
    set_writer(actor, row).save()
    return row


@recorded("A3", *DUTIES, label="登记事项")
def add_matter(
    actor: Actor, *, duty: DutyId, code: Code, name: MatterName, kind: Kind = "", basis: Source = ""
) -> Matter:
    """Register a matter handled under a duty; calls name its code (A18, A30)."""
    row = _duty(actor, duty)
    if Matter.objects.filter(code=code).exists():
        raise Malformed({"code": "该事项编码已登记。"}, article="A3")
    return Matter.objects.create(duty=row, code=code, name=name, kind=kind, basis=basis)


@recorded("A3", *DUTIES, label="修改事项")
def edit_matter(
    actor: Actor, *, matter: MatterId, name: MatterName, kind: Kind = "", basis: Source = ""
) -> Matter:
    """Correct a matter. Its code stays: grants and calls name it."""
    row = _matter(actor, matter)
    was(name=row.name, kind=row.kind, basis=row.basis)
    row.name, row.kind, row.basis = name, kind, basis
    row.save()
    return row


@recorded("A3", *DUTIES, label="终止事项")
def end_matter(actor: Actor, *, matter: MatterId, on: Day) -> Matter:
    """The matter is no longer handled from a day on."""
    row = _matter(actor, matter)
    row.valid_to = on - timedelta(1)
    row.save()
    return row


# -- by the table ----------------------------------------------------------------------------------


@recorded("A6", *KEEPER, label="导入行政区划")
def import_divisions(actor: Actor, *, sheet: Rows) -> dict[str, int]:
    """Add and change divisions by code; none is removed. Any error refuses the whole table."""
    report = _checked_import("divisions", sheet, actor)
    rows = [Division(**row) for _, row in report.rows]
    Division.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["code"],
        batch_size=2000,
        update_fields=[
            "name",
            "level",
            "parent_code",
            "source",
            "valid_from",
            "valid_to",
            "successor",
            "note",
        ],
    )
    return _counts(report)


@recorded("A2", *KEEPER, label="导入机构")
def import_bodies(
    actor: Actor,
    *,
    sheet: Rows,
    valid_from: Annotated[
        date | None, Field(title="设立日期", description="新机构的，不填为今日。")
    ] = None,
) -> dict[str, int]:
    """Add and change bodies by credit code, parents by name. A new name for a code is a
    succession, not an import."""
    report = _checked_import("bodies", sheet, actor)
    existing = {b.credit_code: b for b in Body.objects.filter(valid_to=None)}
    new, changed = list[Body](), list[Body]()
    for _, row in report.rows:
        body = existing.get(row["credit_code"]) or Body(
            name=row["name"], credit_code=row["credit_code"], valid_from=valid_from or today()
        )
        body.short_name, body.kind, body.division_code = (
            row["short_name"],
            row["kind"],
            row["division_code"],
        )
        body.managing_organ, body.is_bureau = row["managing_organ"], row["bureau"]
        (changed if body.pk else new).append(body)
    Body.objects.bulk_create(new)
    by_name = {b.name: b for b in Body.objects.filter(valid_to=None)}
    for _, row in report.rows:
        by_name[row["name"]].parent_id = by_name[row["parent"]].pk if row["parent"] else None
    fields = ["short_name", "kind", "division_code", "managing_organ", "is_bureau", "parent"]
    for body in changed:
        body.parent_id = by_name[body.name].parent_id
    parents_set = {b.pk: b for b in [*(by_name[b.name] for b in new), *changed]}
    Body.objects.bulk_update(parents_set.values(), fields)
    return _counts(report)


@recorded("A3", *DUTIES, label="导入职责与事项")
def import_duties(actor: Actor, *, sheet: Rows, source: Source = "") -> dict[str, int]:
    """Add duties and add or change matters by code; none is ended. Any error refuses the whole
    table."""
    report = _checked_import("duties", sheet, actor)
    bodies = dict(Body.objects.filter(valid_to=None).values_list("name", "pk"))
    pairs = {(bodies[row["body"]], row["duty"]) for _, row in report.rows}
    duties = {(d.body_id, d.text): d for d in Duty.objects.filter(body__in={b for b, _ in pairs})}
    new = [
        set_writer(actor, Duty(body_id=b, text=t, source=source, valid_from=today()))
        for b, t in sorted(pairs)
        if (b, t) not in duties
    ]
    for duty in (
        duties[key]
        for key in sorted(pairs & duties.keys())
        if source and not duties[key].is_confirmed
    ):
        duty.source = source
        set_writer(actor, duty).save(
            update_fields=["source", "written_by", "confirmed_at", "confirmed_by"]
        )
    duties |= {(d.body_id, d.text): d for d in Duty.objects.bulk_create(new)}
    matters = [
        Matter(
            duty=duties[bodies[row["body"]], row["duty"]],
            code=row["matter_code"],
            name=row["matter_name"],
            kind=row["matter_kind"],
            basis=row["basis"],
        )
        for _, row in report.rows
        if row["matter_code"]
    ]
    Matter.objects.bulk_create(
        matters,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["duty", "name", "kind", "basis"],
    )
    return _counts(report)


def load_city(actor: Actor, folder: Path) -> dict[str, dict[str, int]]:
    """A city's registers from three files, all or nothing: divisions, bodies, duties and
    matters. One entry each."""
    files = {
        "divisions": "*divisions.csv",
        "bodies": "*bodies.csv",
        "duties": "*duties_matters.csv",
    }
    sheets = {
        name: read_sheet(name, next(folder.glob(pattern)).read_bytes())
        for name, pattern in files.items()
    }
    with transaction.atomic():
        return {
            "divisions": import_divisions(actor, sheet=sheets["divisions"]),
            "bodies": import_bodies(actor, sheet=sheets["bodies"], valid_from=date(2020, 2, 19)),
            "duties": import_duties(
                actor, sheet=sheets["duties"], source="设立平台时装载的部门职责登记表"
            ),
        }


# -- inside ----------------------------------------------------------------------------------------


def _checked_import(register: str, sheet: Sheet, actor: Actor) -> Report:
    report = queries.check_import(register, sheet, actor)
    report.check({"divisions": "A6", "bodies": "A2", "duties": "A3"}[register])
    return report


def _counts(report: Report) -> dict[str, Any]:
    counts = {"added": report.added, "changed": report.changed, "same": report.same}
    note(**counts)
    return counts


def _check_own(actor: Actor, body: int) -> None:
    if not (actor.is_system or actor.bureau) and actor.body != body:
        raise NotYours("只能维护本部门的职责与事项。", article="A3", who="该部门负责人")


def _duty(actor: Actor, pk: int) -> Duty:
    row = queries.duty_for(actor, pk)
    _check_own(actor, row.body_id)
    return row


def _matter(actor: Actor, pk: int) -> Matter:
    row = queries.matter_for(actor, pk)
    _check_own(actor, row.duty.body_id)
    return row
