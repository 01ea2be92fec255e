"""Forms, applications, grants and systems to read; what can be done with them is generated at
POST /api/do/… and /api/cases/…"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, Field

from huitong.access import queries
from huitong.access.models import Application, Credential, Form, Grant
from huitong.kernel.requests import Request

router = Router(tags=["申请授权"])


class ApplicationOut(BaseModel):
    """One resource asked for."""

    id: int
    form: int
    case: int
    number: str | None
    state: str
    due_on: date | None
    mount: int
    entry: str = Field(title="资源名称")
    provider: int
    authority: str = Field(title="由谁审核", description="platform 平台，provider 提供部门")
    scope: dict[str, Any] = Field(title="申请的范围")
    words: list[str] = Field(title="范围说明")
    frequency: str
    target: int | None
    target_table: str


class FormOut(BaseModel):
    """The stamped form."""

    id: int
    number: str | None
    version: int
    consumer: int
    duty: str
    duty_source: str = Field(title="职责的依据")
    duty_confirmed: bool = Field(
        title="职责已由大数据主管部门确认", description="未确认的，不能据以申请有条件共享的数据"
    )
    matter: str = Field(title="事项编码")
    system: int
    purpose: str
    scenario: str
    period_from: date
    period_to: date
    contact: str
    phone: str
    printed_hash: str
    scanned_hash: str
    archive_number: str
    applications: list[ApplicationOut] = Field(default_factory=list)


class GrantOut(BaseModel):
    """What may be had, of what, for what, until when."""

    id: int
    case: int
    number: str | None
    state: str
    application: int
    mount: int
    mode: str
    entry: str
    provider: int
    consumer: int
    system: int
    purpose: str
    matter: str
    scope: dict[str, Any]
    words: list[str]
    per_second: int
    per_day: int | None
    valid_from: date
    valid_to: date
    until: time | None = Field(None, title="最后一日的截止时刻")
    target_table: str
    ended_at: datetime | None


class DeliveryOut(BaseModel):
    plane: str
    reference: str
    at: datetime
    rows: int | None
    bytes: int | None
    checksum: str
    status: str


class CredentialOut(BaseModel):
    """A credential. Its secret is shown once, when it is made, and never here."""

    id: int
    client_id: str
    label: str
    networks: list[str]
    expires_at: datetime
    revoked_at: datetime | None
    last_used_on: date | None


class SystemOut(BaseModel):
    id: int
    body: int
    name: str
    protection_level: str
    protection_filing: str


class ApplicationPage(BaseModel):
    items: list[ApplicationOut]
    count: int


class FormPage(BaseModel):
    items: list[FormOut]
    count: int


class GrantPage(BaseModel):
    items: list[GrantOut]
    count: int


class SystemPage(BaseModel):
    items: list[SystemOut]
    count: int


Limit = Query(50, ge=1, le=200)
Offset = Query(0, ge=0, le=1_000_000)


@router.get("/applications", response=ApplicationPage, summary="申请列表")
def applications(
    request: Request, state: str = "", limit: int = Limit, offset: int = Offset
) -> ApplicationPage:
    rows = queries.applications_visible_to(request.actor).order_by("-pk")
    rows = rows.filter(case__state=state) if state else rows
    return ApplicationPage(
        count=rows.count(), items=[_application(a) for a in rows[offset : offset + limit]]
    )


@router.get("/applications/{application_id}", response=ApplicationOut, summary="一项申请")
def application(request: Request, application_id: int) -> ApplicationOut:
    return _application(queries.application_for(request.actor, application_id))


@router.get("/forms", response=FormPage, summary="申请表列表")
def forms(request: Request, limit: int = Limit, offset: int = Offset) -> FormPage:
    rows = queries.forms_visible_to(request.actor)
    return FormPage(count=rows.count(), items=[_form(f) for f in rows[offset : offset + limit]])


@router.get("/forms/{form_id}", response=FormOut, summary="申请表及其各项申请")
def form(request: Request, form_id: int) -> FormOut:
    actor = request.actor
    found = queries.form_for(actor, form_id)
    rows = queries.applications_visible_to(actor).filter(form=found)
    return _form(found).model_copy(update={"applications": [_application(a) for a in rows]})


@router.get("/forms/{form_id}/form.pdf", summary="申请表打印件（PDF）", include_in_schema=True)
def form_pdf(request: Request, form_id: int) -> HttpResponse:
    return HttpResponse(
        queries.printed_matter(queries.form_for(request.actor, form_id)),
        content_type="application/pdf",
    )


@router.get("/grants", response=GrantPage, summary="授权列表")
def grants(
    request: Request, state: str = "", limit: int = Limit, offset: int = Offset
) -> GrantPage:
    rows = queries.grants_visible_to(request.actor)
    rows = rows.filter(case__state=state) if state else rows
    return GrantPage(count=rows.count(), items=[_grant(g) for g in rows[offset : offset + limit]])


@router.get("/grants/{grant_id}", response=GrantOut, summary="一项授权")
def grant(request: Request, grant_id: int) -> GrantOut:
    return _grant(queries.grant_for(request.actor, grant_id))


@router.get(
    "/grants/{grant_id}/deliveries", response=list[DeliveryOut], summary="授权下的交付，近的在前"
)
def deliveries(
    request: Request, grant_id: int, limit: int = Limit, offset: int = Offset
) -> list[DeliveryOut]:
    rows = queries.deliveries_of(queries.grant_for(request.actor, grant_id))[
        offset : offset + limit
    ]
    return [
        DeliveryOut(**{name: getattr(row, name) for name in DeliveryOut.model_fields})
        for row in rows
    ]


@router.get("/systems", response=SystemPage, summary="应用系统列表")
def systems(request: Request, limit: int = Limit, offset: int = Offset) -> SystemPage:
    rows = queries.systems_visible_to(request.actor)
    items = [
        SystemOut(
            id=s.pk,
            body=s.body_id,
            name=s.name,
            protection_level=s.protection_level,
            protection_filing=s.protection_filing,
        )
        for s in rows[offset : offset + limit]
    ]
    return SystemPage(count=rows.count(), items=items)


@router.get(
    "/systems/{system_id}/credentials",
    response=list[CredentialOut],
    summary="应用系统的凭证（不含密钥）",
)
def credentials(request: Request, system_id: int) -> list[CredentialOut]:
    actor = request.actor
    return [
        _credential(c)
        for c in queries.credentials_visible_to(actor).filter(
            system=queries.system_for(actor, system_id)
        )
    ]


# -- inside ----------------------------------------------------------------------------------------


def _application(row: Application) -> ApplicationOut:
    return ApplicationOut(
        id=row.pk,
        form=row.form_id,
        case=row.case_id,
        number=row.case.number,
        state=row.case.state,
        due_on=row.case.due_on,
        mount=row.mount_id,
        entry=row.mount.entry.name,
        provider=row.mount.entry.body_id,
        authority=row.case.facts.get("authority", ""),
        scope=row.scope,
        words=queries.scope_words(row.scope),
        frequency=row.frequency,
        target=row.target_id,
        target_table=row.target_table,
    )


def _form(row: Form) -> FormOut:
    same = (
        "number",
        "version",
        "purpose",
        "scenario",
        "period_from",
        "period_to",
        "contact",
        "phone",
        "printed_hash",
        "scanned_hash",
        "archive_number",
    )
    return FormOut(
        id=row.pk,
        consumer=row.consumer_id,
        duty=row.duty.text,
        duty_source=row.duty.source,
        duty_confirmed=row.duty.is_confirmed,
        matter=row.matter.code if row.matter else "",
        system=row.system_id,
        **{name: getattr(row, name) for name in same},
    )


def _grant(row: Grant) -> GrantOut:
    same = (
        "purpose",
        "scope",
        "per_second",
        "per_day",
        "valid_from",
        "valid_to",
        "until",
        "target_table",
        "ended_at",
    )
    return GrantOut(
        id=row.pk,
        case=row.case_id,
        number=row.case.number,
        state=row.case.state,
        application=row.application_id,
        mount=row.mount_id,
        mode=row.mount.mode,
        entry=row.mount.entry.name,
        provider=row.mount.entry.body_id,
        consumer=row.consumer_id,
        system=row.system_id,
        matter=row.matter.code if row.matter else "",
        words=queries.scope_words(row.scope),
        **{name: getattr(row, name) for name in same},
    )


def _credential(row: Credential) -> CredentialOut:
    same = ("client_id", "label", "networks", "expires_at", "revoked_at", "last_used_on")
    return CredentialOut(id=row.pk, **{name: getattr(row, name) for name in same})
