"""The register of data and the bodies that collect them, through the API (一数一源)."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet
from ninja import Field, Router, Schema
from ninja.pagination import paginate

from huitong.catalog import queries
from huitong.catalog.models import Lead
from huitong.catalog.rules.finding import folded
from huitong.kernel.requests import Request

router = Router(tags=["目录"])


class LeadOut(Schema):
    """A datum and who collects it."""

    datum: int = Field(title="数据", validation_alias="datum_id")
    name: str = Field(title="数据名称", validation_alias="datum.name")
    synonyms: str = Field(title="其他叫法", validation_alias="datum.synonyms")
    code: str = Field(title="标准代码", validation_alias="datum.code")
    body_id: int
    body: str = Field(title="数源部门", validation_alias="body.short_name")
    basis: str = Field(title="依据")
    in_force: date = Field(title="起始日期")
    until: date | None = Field(title="最后一天")


@router.get("/catalog/leads", response=list[LeadOut], summary="数源清单：每项数据由哪个部门采集")
@paginate
def leads(request: Request, name: str = "", body: int | None = None) -> QuerySet[Lead]:
    rows = queries.leads.leads_visible_to(request.actor).order_by("datum__name", "-in_force")
    rows = rows.filter(datum__words__contains=[folded(name)]) if name else rows
    return rows.filter(body=body) if body else rows
