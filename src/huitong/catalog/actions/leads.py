"""The register of data and of the body that collects each for all: kept by the bureau (数源清单; the
decree)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Annotated

from django.db import connection
from pydantic import BeforeValidator, Field

from huitong.catalog.models import Datum, Lead
from huitong.catalog.queries import leads
from huitong.catalog.rules import given
from huitong.catalog.rules.leads import (
    LONGEST,
    MOST_DATA,
    DatumRow,
    faults_of_names,
    faults_of_rows,
    words_of_datum,
)
from huitong.kernel.actor import BUREAU, Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.doing import note, recorded, was
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.organizations import queries as organizations
from huitong.work import actions as work
from huitong.work.queries import bodies_to_choose
from huitong.work.rules import Pick

BY_BUREAU = BUREAU(Post.OPERATOR)
DatumId = Annotated[int, Pick(leads.datum_choices), Field(title="数据")]
LeadBody = Annotated[int, Pick(bodies_to_choose), Field(title="数源部门")]
Basis = Annotated[
    str,
    Field(title="依据", description="确定数源部门的文件或职责规定。", min_length=2, max_length=300),
]
InForce = Annotated[date, Field(title="起始日期")]
Reasons = Annotated[str, Field(title="理由", min_length=2, max_length=500)]
#: advisory lock in PostgreSQL: a word is looked for and registered by one act at a time
LOCK = 0x6C65_6164
NO_BODY = "没有这个部门，或该部门已撤销"
Rows = Annotated[
    list[DatumRow],
    BeforeValidator(given.rows_from_json),
    Field(
        title="数据和数源部门",
        description="每行一项数据；可以从 Excel 粘贴，或从文件读入。",
        min_length=1,
        max_length=MOST_DATA,
    ),
]


@recorded("D", BY_BUREAU, label="登记数源部门")
def register_data(actor: Actor, *, in_force: InForce, data: Rows) -> Datum:
    """Register data, each with the body that collects it for all from a day on: all of the rows or
    none. Returns the first. Raises `Malformed` by row."""
    standing = organizations.all_body_names()
    faults = faults_of_rows(data, _words_held())
    wrong = {f"data.{place}": fault for place, fault in faults.items()}
    wrong |= {f"data.{at}.body": NO_BODY for at, row in enumerate(data) if row.body not in standing}
    if wrong:
        raise Malformed(wrong, article="D")
    created = Datum.objects.bulk_create(
        Datum(
            name=row.name,
            synonyms=row.synonyms,
            code=row.code,
            words=words_of_datum(row.name, row.synonyms),
        )
        for row in data
    )
    Lead.objects.bulk_create(
        Lead(datum=datum, body_id=row.body, basis=row.basis, in_force=in_force)
        for datum, row in zip(created, data, strict=True)
    )
    for body in {row.body for row in data}:
        names = [row.name for row in data if row.body == body]
        _tell(actor, [body], f"确定为数源部门：{_some(names)}", f"自 {in_force} 起，由本部门采集。")
    return created[0]


@recorded("D", BY_BUREAU, label="修改数据名称")
def rename_datum(
    actor: Actor,
    *,
    datum: DatumId,
    name: Annotated[str, Field(title="数据名称", min_length=2, max_length=LONGEST)],
    synonyms: Annotated[str, Field(title="其他叫法", max_length=300)] = "",
    code: Annotated[str, Field(title="标准代码", max_length=60)] = "",
) -> Datum:
    """Correct what a datum is called. Raises `Malformed`, `NotVisible`."""
    row = _locked(actor, datum)
    if wrong := faults_of_names(name, synonyms, _words_held(apart=row.pk)):
        raise Malformed(wrong, article="D")
    was(name=row.name, synonyms=row.synonyms, code=row.code)
    row.name, row.synonyms, row.code = name, synonyms, code
    row.words = words_of_datum(name, synonyms)
    row.save()
    return row


@recorded(
    "D", BY_BUREAU, label="变更数源部门", effect="原数源部门到前一天为止；两个部门都会收到通知。"
)
def replace_lead(
    actor: Actor, *, datum: DatumId, body: LeadBody, basis: Basis, in_force: InForce
) -> Datum:
    """Another body collects a datum from a day on; the one before it does so until the day before.
    Raises `Malformed`, `NotVisible`."""
    row = _locked(actor, datum)
    last = leads.newest_lead(row)
    before = in_force - timedelta(1)
    if in_force <= last.in_force:
        raise Malformed({"in_force": f"应晚于现任的起始日期 {last.in_force}"}, article="D")
    if (name := organizations.all_body_names().get(body)) is None:
        raise Malformed({"body": NO_BODY}, article="D")
    if body == last.body_id and (last.until is None or last.until > before):
        raise Malformed({"body": f"{last.body.short_name}已是数源部门"}, article="D")
    last.planned = last.until
    if last.until is None or last.until > before:
        was(until=last.until)
        last.until = before
    last.save(update_fields=["until", "planned"])
    Lead.objects.create(datum=row, body_id=body, basis=basis, in_force=in_force)
    text = f"自 {in_force} 起由{name}采集，此前由{last.body.short_name}采集。"
    _tell(actor, {body, last.body_id}, f"数源部门变更：{row.name}", text)
    return row


@recorded("D", BY_BUREAU, label="停用数源部门")
def end_lead(
    actor: Actor,
    *,
    datum: DatumId,
    until: Annotated[date, Field(title="最后一天", description="此后这项数据没有数源部门。")],
) -> Datum:
    """Nobody leads a datum after that day. Raises `Malformed`, `NotVisible`."""
    row = _locked(actor, datum)
    last = leads.newest_lead(row)
    if until < last.in_force:
        raise Malformed({"until": f"应不早于起始日期 {last.in_force}"}, article="D")
    was(until=last.until)
    last.until = until
    last.save(update_fields=["until"])
    _tell(actor, [last.body_id], f"不再是数源部门：{row.name}", f"最后一天是 {until}。")
    return row


@recorded(
    "D",
    BY_BUREAU,
    label="撤回变更数源部门",
    effect="恢复为变更之前的数源部门；两个部门都会收到通知。",
)
def take_back_lead(actor: Actor, *, datum: DatumId, reasons: Reasons) -> Datum:
    """Undo the last replacement: the body before leads as if it had not been, as long as it did.
    Raises `AgainstRules` where there was none or that body is no more, `NotVisible`."""
    row = _locked(actor, datum)
    last, *former = row.leads.select_related("body").order_by("-in_force")
    if not former:
        raise AgainstRules(
            f"“{row.name}”的数源部门没有变更过，不能撤回。",
            article="D",
            who="大数据管理局经办人",
            remedy="登记有误的，请变更数源部门；不再需要的，请停用。",
        )
    before = former[0]
    replaced = before.until == last.in_force - timedelta(1)
    if replaced and before.body_id not in organizations.all_body_names():
        raise AgainstRules(
            f"此前的数源部门{before.body.short_name}已撤销，不能恢复。",
            article="D",
            who="大数据管理局经办人",
            remedy="请变更数源部门，改为现有的部门。",
        )
    was(body=last.body_id, basis=last.basis, in_force=last.in_force, until=last.until)
    last.delete()
    if replaced:
        before.until, before.planned = before.planned, None
        before.save(update_fields=["until", "planned"])
    note(restored=before.body_id, until=before.until)
    end = before.until
    name = before.body.short_name
    stands = f"仍由{name}采集" if end is None else f"{name}采集至 {end}"
    text = f"{stands}。理由：{reasons}"
    _tell(actor, {last.body_id, before.body_id}, f"撤回数源部门变更：{row.name}", text)
    return row


# -- inside ----------------------------------------------------------------------------------------


def _locked(actor: Actor, pk: int) -> Datum:
    row = leads.datum_for(actor, pk)
    return Datum.objects.select_for_update().get(pk=row.pk)


def _words_held(apart: int | None = None) -> dict[str, str]:
    """The words registered, with nobody else to register one until the act is over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    return leads.words_registered(apart)


def _some(names: list[str]) -> str:
    return "、".join(names[:3]) + (f"等 {len(names)} 项" if len(names) > 3 else "")


def _tell(actor: Actor, bodies: Iterable[int], title: str, text: str) -> None:
    work.tell_bodies(actor, bodies, title, text, reverse("catalog:leads"))
