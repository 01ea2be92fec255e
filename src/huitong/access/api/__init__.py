"""Forms, applications, grants and credentials to read; what can be done with them is generated at
POST /api/do/… and /api/cases/…"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from huitong.access import queries
from huitong.access.api import intake
from huitong.access.models import Application, Credential, DeliveryFact, Form, Grant
from huitong.access.rules import G, S
from huitong.catalog import queries as catalog
from huitong.kernel.requests import Request

router = Router(tags=["申请授权"])
router.add_router("", intake.router)


class EffectOut(Schema):
    """What a draft of an entry will mean for one running grant, once it is published."""

    grant: int = Field(validation_alias="grant.pk")
    number: str | None = Field(validation_alias="grant.case.number")
    consumer: str = Field(title="使用部门", validation_alias="grant.consumer.short_name")
    effect: str = Field(description="ends 不再提供数据，changes 范围有变化，nothing 不受影响")
    lines: list[str] = Field(title="说明")


class MarkOut(Schema):
    """Where a grant is from that was brought in (补录)."""

    source: str = Field(title="来源", description="旧平台或纸质档案")
    number: str = Field(title="原编号")
    decided_on: date = Field(title="原决定日期")
    decided_by: str = Field(title="原决定单位", description="platform 平台，provider 提供部门")
    prepared_by: str = Field(title="整理", validation_alias="intake.prepared_by")
    confirmed_by: str = Field(title="确认", validation_alias="intake.confirmed_by")
    confirmed_at: datetime | None = Field(title="补录时间", validation_alias="intake.confirmed_at")
    paper: int | None = Field(title="纸质授权扫描件", validation_alias="paper_id")
    note: str = Field(title="备注")


class ApplicationOut(Schema):
    """One resource asked for."""

    id: int
    form: int = Field(validation_alias="form_id")
    case: int = Field(validation_alias="case_id")
    number: str | None = Field(validation_alias="case.number")
    state: str = Field(validation_alias="case.state")
    due_on: date | None = Field(validation_alias="case.due_on")
    mount: int = Field(validation_alias="mount_id")
    entry: str = Field(title="资源名称", validation_alias="mount.entry.name")
    provider: int = Field(validation_alias="mount.entry.body_id")
    authority: str = Field(title="由谁审核", description="platform 平台，provider 提供部门")
    scope: dict[str, Any] = Field(title="申请的范围")
    words: list[str] = Field(title="范围说明")
    frequency: str
    target: int | None = Field(validation_alias="target_id")
    target_table: str
    intake: MarkOut | None = Field(title="补录", description="本平台提出的为空")

    @staticmethod
    def resolve_intake(row: Application) -> Any:
        return getattr(getattr(row, "grant", None), "intake_row", None)

    @staticmethod
    def resolve_authority(row: Application) -> str:
        return str(row.case.facts.get("authority", ""))

    @staticmethod
    def resolve_words(row: Application) -> list[str]:
        return queries.scope_words(row.scope)


class FormOut(Schema):
    """The stamped form."""

    id: int
    number: str | None
    version: int
    consumer: int = Field(validation_alias="consumer_id")
    duty: str = Field(validation_alias="duty.text")
    duty_source: str = Field(title="职责的依据", validation_alias="duty.source")
    duty_confirmed: bool = Field(
        title="职责已由大数据主管部门确认",
        description="未确认的，不能据以申请有条件共享的数据",
        validation_alias="duty.is_confirmed",
    )
    matter: str = Field(title="事项编码")
    system: int = Field(validation_alias="system_id")
    purpose: str
    scenario: str
    period_from: date
    period_to: date
    circumstance: str = Field(title="特殊情况")
    months: list[int] = Field(title="使用月份")
    circumstance_words: str = Field(title="特殊情况说明")
    legal_basis: str = Field(title="处理个人信息的依据", description="没有申请个人信息的为空")
    legal_words: str = Field(title="依据的法律、行政法规")
    impact_purpose: str = Field(title="影响评估：目的和方式")
    impact_effect: str = Field(title="影响评估：影响和风险")
    impact_measures: str = Field(title="影响评估：保护措施")
    impact_by: str = Field(title="评估人")
    impact_on: date | None = Field(title="评估日期")
    contact: str
    phone: str
    printed_hash: str
    scanned_hash: str
    archive_number: str

    @staticmethod
    def resolve_matter(row: Form) -> str:
        return row.matter.code if row.matter else ""


class LetterOut(Schema):
    """A letter of consent, read as an attachment."""

    id: int
    name: str
    sha256: str


class FormWhole(FormOut):
    """The stamped form with its applications, and what it still lacks for personal data."""

    letters: list[LetterOut] = Field(title="同意书")
    lacking: dict[str, str] = Field(title="个人信息还缺的内容")
    applications: list[ApplicationOut]

    @staticmethod
    def resolve_letters(row: Form) -> list[Any]:
        return queries.letters_of(row)

    @staticmethod
    def resolve_lacking(row: Form) -> dict[str, str]:
        return {lack.field: lack.words for lack in queries.lacks_of(row)}

    @staticmethod
    def resolve_applications(row: Form, context: dict[str, Any]) -> QuerySet[Application]:
        return queries.applications_visible_to(context["request"].actor).filter(form=row)


class GrantOut(Schema):
    """What may be had, of what, for what, until when."""

    id: int
    case: int = Field(validation_alias="case_id")
    number: str | None = Field(validation_alias="case.number")
    state: str = Field(validation_alias="case.state")
    application: int = Field(validation_alias="application_id")
    mount: int = Field(validation_alias="mount_id")
    mode: str = Field(validation_alias="mount.mode")
    entry: str = Field(validation_alias="mount.entry.name")
    provider: int = Field(validation_alias="mount.entry.body_id")
    consumer: int = Field(validation_alias="consumer_id")
    system: int = Field(validation_alias="system_id")
    purpose: str
    matter: str
    scope: dict[str, Any]
    words: list[str]
    per_second: int
    per_day: int | None
    valid_from: date
    valid_to: date
    until: time | None = Field(title="最后一日的截止时刻")
    circumstance: str = Field(title="特殊情况", description="该情况下不计为未使用（第二十六条）")
    months: list[int] = Field(title="使用月份")
    circumstance_words: str = Field(title="特殊情况说明")
    legal_basis: str = Field(title="处理个人信息的依据")
    legal_words: str = Field(title="依据的法律、行政法规")
    target_table: str
    ended_at: datetime | None
    undertaken: dict[str, Any] = Field(
        title="使用承诺",
        description="使用部门提交申请表时作出：texts 各条原文及条款，by 谁，at 何时，version 申请表第几版；"
        "此前提交的为空，见盖章件",
        validation_alias="application.form.undertaken",
    )
    intake: MarkOut | None = Field(title="补录", description="本平台授出的为空")

    @staticmethod
    def resolve_intake(row: Grant) -> Any:
        return getattr(row, "intake_row", None)

    @staticmethod
    def resolve_matter(row: Grant) -> str:
        return row.matter.code if row.matter else ""

    @staticmethod
    def resolve_words(row: Grant) -> list[str]:
        return queries.scope_words(row.scope)


class UnusedOut(GrantOut):
    """A grant nobody uses, with the evidence."""

    used_at: datetime | None = Field(title="最近一次交付")
    used_by: str | None = Field(title="交付通道")
    counted: date | None = Field(title="期限起算日", description="已告知拟收回的没有")
    due_on: date | None = Field(title="期限届满日")
    evidence: str = Field(title="告知的证据")
    reply: str = Field(title="使用部门的答复")

    @staticmethod
    def resolve_evidence(row: Grant) -> str:
        return str(queries.unused_row(row)["evidence"])

    @staticmethod
    def resolve_reply(row: Grant) -> str:
        return str(queries.unused_row(row)["reply"])


class DeliveryOut(Schema):
    plane: str
    reference: str
    at: datetime
    rows: int | None
    bytes: int | None
    checksum: str
    status: str


class CredentialOut(Schema):
    """A credential. Its secret is shown once, when it is made, and never here."""

    id: int
    client_id: str
    label: str
    networks: list[str]
    expires_at: datetime
    revoked_at: datetime | None
    last_used_on: date | None


@router.get("/applications", response=list[ApplicationOut], summary="申请列表")
@paginate
def applications(
    request: Request, state: str = Query("", pattern=S.pattern())
) -> QuerySet[Application]:
    rows = queries.applications_visible_to(request.actor).order_by("-pk")
    return rows.filter(case__state=state) if state else rows


@router.get("/applications/{application_id}", response=ApplicationOut, summary="一项申请")
def application(request: Request, application_id: int) -> Application:
    return queries.application_for(request.actor, application_id)


@router.get("/forms", response=list[FormOut], summary="申请表列表")
@paginate
def forms(request: Request) -> QuerySet[Form]:
    return queries.forms_visible_to(request.actor)


@router.get("/forms/{form_id}", response=FormWhole, summary="申请表及其各项申请")
def form(request: Request, form_id: int) -> Form:
    return queries.form_for(request.actor, form_id)


@router.get("/forms/{form_id}/form.pdf", summary="申请表打印件（PDF）", include_in_schema=True)
def form_pdf(request: Request, form_id: int) -> HttpResponse:
    return HttpResponse(
        queries.printed_matter(queries.form_for(request.actor, form_id)),
        content_type="application/pdf",
    )


@router.get("/grants", response=list[GrantOut], summary="授权列表")
@paginate
def grants(
    request: Request,
    state: str = Query("", pattern=G.pattern()),
    intake: bool = Query(False, title="只列补录的"),
) -> QuerySet[Grant]:
    rows = queries.grants_visible_to(request.actor)
    rows = queries.narrowed(rows, "intake") if intake else rows
    return rows.filter(case__state=state) if state else rows


@router.get(
    "/unused-grants",
    response=list[UnusedOut],
    summary="长期未使用的授权；提供部门为本部门授出的，大数据主管部门为全部",
)
@paginate
def unused_grants(
    request: Request, show: str = Query("", pattern=f"^({'|'.join(queries.UNUSED_SHOW)})?$")
) -> QuerySet[Grant]:
    return queries.unused_grants(request.actor, show)


@router.get("/grants/{grant_id}", response=GrantOut, summary="一项授权")
def grant(request: Request, grant_id: int) -> Grant:
    return queries.grant_for(request.actor, grant_id)


@router.get(
    "/grants/{grant_id}/deliveries", response=list[DeliveryOut], summary="授权下的交付，近的在前"
)
@paginate
def deliveries(request: Request, grant_id: int) -> QuerySet[DeliveryFact]:
    return queries.deliveries_of(queries.grant_for(request.actor, grant_id))


@router.get(
    "/systems/{system_id}/credentials",
    response=list[CredentialOut],
    summary="信息系统的凭证（不含密钥）",
)
def credentials(request: Request, system_id: int) -> QuerySet[Credential]:
    system = catalog.system_for(request.actor, system_id)
    return queries.credentials_visible_to(request.actor).filter(system=system)


@router.get(
    "/catalog/entries/{int:pk}/effects",
    response=list[EffectOut],
    summary="目录的新版本发布后，对使用中授权的影响；限提供部门，收到后含大数据管理局",
)
@paginate
def effects(request: Request, pk: int) -> list[queries.GrantEffect]:
    draft = catalog.under_review(request.actor, pk)
    return queries.effects_for(request.actor, draft) if draft.number is None else []
