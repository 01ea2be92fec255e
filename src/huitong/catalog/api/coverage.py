"""The coverage of the catalog through the API (A10): a body's own lines, to the bureau the numbers
of all bodies."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from huitong.catalog import queries
from huitong.catalog.models import LeftOut
from huitong.catalog.queries.coverage import BodyCoverage
from huitong.catalog.rules.coverage import Line, Standing, Subject
from huitong.kernel.requests import Request

router = Router(tags=["目录"])


class CoverageLineOut(Schema):
    """A table, system, duty or matter beside its entry."""

    ref: str = Field(title="编号", description="catalog.leave_out 的 lines 和 catalog.count_in 用")
    subject: str = Field(title="类别", description="table、system、duty、matter")
    label: str = Field(title="名称")
    place: str = Field(title="所在")
    standing: str = Field(title="状态", description="published、review、left_out、draft、missing")
    entry: int | None = Field(title="目录")
    entry_name: str
    reason: str = Field(title="不编目的原因")
    words: str = Field(title="说明")


class BodyCoverageOut(Schema):
    """The numbers of a body."""

    body: str = Field(title="部门")
    body_id: int = Field(validation_alias="pk")
    expected: int = Field(title="应对照")
    published: int = Field(title="已发布")
    review: int = Field(title="审核中")
    left_out: int = Field(title="已说明")
    open: int = Field(title="未处理")
    share: float | None = Field(title="覆盖率")
    confirmed_at: datetime | None = Field(title="负责人确认")
    confirmed_by: str


class LeftOutOut(Schema):
    """Why something has no entry of its own."""

    body: str = Field(title="部门", validation_alias="body.short_name")
    subject: str
    label: str
    reason: str
    entry: int | None = Field(validation_alias="entry_id")
    words: str
    by: str
    at: datetime


@router.get(
    "/catalog/coverage",
    response=list[CoverageLineOut],
    summary="本部门的数据表、系统、职责、事项与目录的对照（A10）",
)
@paginate
def coverage(
    request: Request,
    standing: str = Query("", pattern=Standing.pattern()),
    subject: str = Query("", pattern=Subject.pattern()),
) -> list[Line]:
    return [
        line
        for line in queries.coverage.own_coverage(request.actor).lines
        if standing in ("", line.standing) and subject in ("", line.subject)
    ]


@router.get(
    "/catalog/coverage/bodies",
    response=list[BodyCoverageOut],
    summary="各部门的覆盖情况：大数据管理局看全部，其他部门看本部门的（A10）",
)
@paginate
def coverage_bodies(request: Request) -> list[BodyCoverage]:
    return queries.coverage.numbers_visible_to(request.actor)


@router.get(
    "/catalog/left-out",
    response=list[LeftOutOut],
    summary="不编目的说明：大数据管理局看全部，其他部门看本部门的（A10）",
)
@paginate
def left_out(request: Request) -> QuerySet[LeftOut]:
    return queries.coverage.left_out_visible_to(request.actor).order_by("body_id", "subject", "key")
