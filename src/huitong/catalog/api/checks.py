"""Reports of the checks over the whole catalog through the API (A10)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from huitong.catalog import queries
from huitong.catalog.models import CheckFinding, CheckReport
from huitong.catalog.rules import Severity
from huitong.kernel.requests import Request

router = Router(tags=["目录"])


class CheckReportOut(Schema):
    """One run of the checks."""

    id: int
    body: int | None = Field(title="部门", description="空为全市", validation_alias="body_id")
    state: str = Field(title="状态", description="queued、running、done、failed")
    asked_at: datetime
    ended_at: datetime | None
    total: int = Field(title="要检查的版本数")
    done: int = Field(title="已检查的版本数")
    error: str


class CheckFindingOut(Schema):
    """One finding of a report."""

    entry: int = Field(title="目录", validation_alias="entry_id")
    code: str | None = Field(title="资源代码", validation_alias="entry.code")
    name: str = Field(title="资源名称")
    body: str = Field(title="部门", validation_alias="body.short_name")
    published: bool
    rule: str
    severity: str
    field: str
    sentence: str = Field(title="问题和改法")
    other: int | None = Field(title="相似的目录")


class RuleOut(Schema):
    """One rule of the checks as it stands today."""

    name: str = Field(validation_alias="rule.name")
    title: str = Field(title="问题", validation_alias="rule.title")
    article: str = Field(title="依据条款", validation_alias="rule.article")
    severity: str = Field(title="程度", description="error：必须改正；warning：建议核对")
    remedy: str = Field(title="改法", validation_alias="rule.remedy")
    required_since: date | None = Field(None, title="必须改正自", validation_alias="row.in_force")
    document: str = Field("", title="要求来自", validation_alias="row.document")


@router.get("/catalog/checks", response=list[CheckReportOut], summary="目录检查报告（A10）")
@paginate
def check_reports(request: Request) -> QuerySet[CheckReport]:
    return queries.report.reports_visible_to(request.actor).order_by("-pk")


@router.get(
    "/catalog/checks/{int:pk}/findings",
    response=list[CheckFindingOut],
    summary="检查发现的问题：大数据管理局看全部，其他部门看本部门的（A10）",
)
@paginate
def check_findings(
    request: Request,
    pk: int,
    rule: str = "",
    severity: str = Query("", pattern=Severity.pattern()),
    body: int | None = None,
) -> QuerySet[CheckFinding]:
    report = queries.report.report_for(request.actor, pk)
    rows = queries.report.check_findings(request.actor, report).select_related("entry", "body")
    given = {"rule": rule, "severity": severity, "body": body}
    return rows.filter(**{name: value for name, value in given.items() if value}).order_by("pk")


@router.get("/catalog/check-rules", response=list[RuleOut], summary="目录检查规则（A10）")
@paginate
def check_rules(request: Request) -> list[Any]:
    return queries.requirements.rules_of_checks()
