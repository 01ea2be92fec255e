"""Data standards and code lists: filed with the bureau when they are registered (A9 备案)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.utils import timezone
from pydantic import BeforeValidator, Field

from huitong.catalog import queries
from huitong.catalog.models import Code, CodeList, CodeListVersion, Standard
from huitong.catalog.queries.standards import has_ended
from huitong.catalog.rules import CodeRow, StandardKind
from huitong.catalog.rules.standards import (
    MOST_CODES,
    fault_of_codes,
    measures_of,
    rows_of,
    title_of,
)
from huitong.kernel.actor import BODY, Actor, Post
from huitong.kernel.doing import note, recorded, was
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import today
from huitong.work.rules import AttachmentId, Pick

BY_CLERK = BODY(Post.OPERATOR)


Number = Annotated[
    str, Field(title="标准编号", description="如 MZ/T 044-2013。", min_length=3, max_length=60)
]
Name = Annotated[str, Field(title="名称", min_length=2, max_length=120)]
Issuer = Annotated[str, Field(title="发布机构", max_length=120)]
InForce = Annotated[date, Field(title="施行日期")]
Until = Annotated[date | None, Field(title="失效日期", description="最后一天；仍然有效的不填。")]
Text = Annotated[
    AttachmentId | None,
    Field(title="标准文本", description="发布的原件，如 PDF、OFD、Word；不上传则保留已有的。"),
]
Values = Annotated[
    list[CodeRow],
    BeforeValidator(rows_of),
    Field(
        title="代码和含义",
        description="每行一个代码；可以从 Excel 粘贴。",
        min_length=1,
        max_length=MOST_CODES,
    ),
]
StandardId = Annotated[int, Field(title="数据标准")]
CodeListId = Annotated[int, Field(title="数据字典")]
StandardOf = Annotated[
    int | None,
    Pick(queries.standards_to_choose),
    Field(title="依据的标准", description="代码由哪项标准规定；本部门自定的不选。"),
]


@recorded("A9", BY_CLERK, label="备案数据标准")
def register_standard(
    actor: Actor,
    *,
    number: Number,
    name: Name,
    kind: Annotated[StandardKind, Field(title="类别")],
    issuer: Issuer = "",
    in_force: InForce,
    until: Until = None,
    file: Text = None,
) -> Standard:
    """File a data standard with the bureau, with its text if it has one. Raises `Malformed`."""
    _check_period(in_force, until)
    if other := Standard.objects.filter(number__iexact=number).first():
        raise Malformed({"number": f"已登记过：{other}"}, article="A9")
    return Standard.objects.create(
        body_id=actor.body,
        number=number,
        name=name,
        kind=kind,
        issuer=issuer,
        in_force=in_force,
        until=until,
        file_id=file,
        filed_at=timezone.now(),
        filed_by=actor.name,
    )


@recorded("A9", BY_CLERK, label="修改数据标准")
def change_standard(
    actor: Actor,
    *,
    standard: StandardId,
    name: Name,
    issuer: Issuer = "",
    in_force: InForce,
    until: Until = None,
    file: Text = None,
) -> Standard:
    """Correct a standard, or end it. Its number, by which entries cite it, stays; so does its text,
    unless another is given. Raises `Malformed`, `NotVisible`, `NotYours`."""
    row = queries.own_standard(actor, standard)
    _check_period(in_force, until)
    changed = {"name": name, "issuer": issuer, "in_force": in_force, "until": until}
    changed |= {"file_id": file} if file else {}
    was(**{key.removesuffix("_id"): getattr(row, key) for key in changed})
    for key, value in changed.items():
        setattr(row, key, value)
    row.save()
    return row


@recorded("A9", BY_CLERK, label="备案数据字典")
def register_code_list(
    actor: Actor,
    *,
    name: Annotated[str, Field(title="名称", min_length=2, max_length=80)],
    standard: StandardOf = None,
    in_force: InForce,
    values: Values,
) -> CodeList:
    """File a code list with its first version. Raises `Malformed`."""
    if CodeList.objects.filter(body_id=actor.body, name=name).exists():
        raise Malformed({"name": f"本部门已登记过“{name}”"}, article="A9")
    row = CodeList.objects.create(
        body_id=actor.body,
        name=name,
        standard=queries.standard_for(actor, standard) if standard else None,
        filed_at=timezone.now(),
        filed_by=actor.name,
    )
    _add_version(actor, row, 1, in_force, values)
    return row


@recorded("A9", BY_CLERK, label="备案数据字典的新版本")
def renew_code_list(
    actor: Actor, *, code_list: CodeListId, in_force: InForce, values: Values
) -> CodeList:
    """File another version of a code list; what cites an older one keeps it. Raises `Malformed`,
    `NotVisible`, `NotYours`, and `AgainstRules` for one that has ended."""
    own = queries.own_code_list(actor, code_list)
    row = CodeList.objects.select_for_update().get(pk=own.pk)
    if has_ended(row):
        raise AgainstRules(
            f"“{row.name}”已于 {row.until} 停用，不再登记新版本。",
            article="A9",
            remedy="仍然需要的，请先推迟停用日期，或登记新的数据字典。",
        )
    last = row.versions.order_by("-number").first()
    if last is not None and in_force < last.in_force:
        raise Malformed({"in_force": f"不能早于上一版的施行日期 {last.in_force}"}, article="A9")
    _add_version(actor, row, last.number + 1 if last else 1, in_force, values)
    return row


@recorded("A9", BY_CLERK, label="停用数据字典")
def end_code_list(
    actor: Actor,
    *,
    code_list: CodeListId,
    until: Annotated[date, Field(title="停用日期", description="可以使用的最后一天。")],
) -> CodeList:
    """End a code list, or set its end to another day: it is no longer offered then, what cites it
    stays. Raises `Malformed`, `NotVisible`, `NotYours`."""
    row = queries.own_code_list(actor, code_list)
    if until < today():
        raise Malformed({"until": "停用日期不能早于今天"}, article="A9")
    was(until=row.until)
    row.until = until
    row.save(update_fields=["until"])
    return row


# -- inside ----------------------------------------------------------------------------------------


def _check_period(in_force: date, until: date | None) -> None:
    if until is not None and until < in_force:
        raise Malformed({"until": "失效日期不能早于施行日期"}, article="A9")


def _add_version(
    actor: Actor, row: CodeList, number: int, in_force: date, values: list[CodeRow]
) -> None:
    if fault := fault_of_codes(values):
        raise Malformed({"values": fault}, article="A9")
    owner = row.standard.number if row.standard else row.body.short_name if row.body else "平台"
    title = title_of(row.name, owner, number)
    if CodeListVersion.objects.filter(title=title).exists():
        raise Malformed({"name": f"已登记过“{title}”"}, article="A9")
    measures = measures_of(value.code for value in values)
    version = CodeListVersion.objects.create(
        code_list=row,
        number=number,
        title=title,
        in_force=in_force,
        filed_at=timezone.now(),
        filed_by=actor.name,
        **measures,
    )
    Code.objects.bulk_create(
        Code(version=version, position=n, code=value.code, label=value.label)
        for n, value in enumerate(values, 1)
    )
    note(version=number, size=measures["size"])
