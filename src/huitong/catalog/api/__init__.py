"""The catalog through the API: reads. Writes are the verbs: ``/api/do/entry.draft``,
``/api/cases/entry/{case}/edit`` …"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from ninja import Field, Router, Schema
from ninja.pagination import paginate
from pydantic import create_model

from huitong.catalog import queries
from huitong.catalog.api import (
    census,
    changes,
    checks,
    coverage,
    drift,
    grounds,
    leads,
    search,
    sheets,
    standards,
)
from huitong.catalog.models import (
    Database,
    FieldRemark,
    InformationSystem,
    MissedQuestion,
    Scan,
    SynonymGroup,
    Version,
)
from huitong.catalog.rules import (
    ELEMENTS,
    Element,
    Finding,
    GroundFacts,
    ItemRow,
    Kind,
    Level,
    ShareClass,
    StruckTerm,
    Term,
)
from huitong.kernel.requests import Request
from huitong.scope.literals import ItemType

#: vocabularies of an item, which answers give by their values
VOCABULARIES = (ItemType, Level, ShareClass)

router = Router(tags=["目录"])
for _piece in (search, grounds, changes, drift, coverage, standards, census, sheets, checks, leads):
    router.add_router("", _piece.router)


_ITEM: dict[str, Any] = {
    name: (str if field.annotation in VOCABULARIES else field.annotation, Field(title=field.title))
    for name, field in ItemRow.model_fields.items()
    # what was recognised, and what was said of it, is its owner's and the reviewers' affair
    if name not in ("suggestion", "declined")
}
ItemOut: Any = create_model("ItemOut", __doc__="An information item.", **_ITEM)


class RelatedOut(Schema):
    code: str
    url: str


class UserOut(Schema):
    """A body that uses an entry."""

    body_id: int
    body: str
    grants: int = Field(title="有效授权数")


class EntryHead(Schema):
    """What of an entry is no element: its state, whose it is."""

    id: int
    code: str | None
    version: int
    state: str
    state_label: str
    case: int
    body_id: int
    body: str
    provider_name: str = Field(title="提供方名称")
    provider_code: str = Field(title="提供方代码", description="统一社会信用代码")
    unit: str = Field(title="所属下属单位", description="空为提供部门自己的资源")
    entered_by: str = Field(title="代录部门", description="空为提供部门自己录入")
    related: list[RelatedOut] = Field(title="关联资源", description="代码与永久地址")
    revision: int = Field(title="版本号", description="修改目录时送回，避免盖掉别人刚做的修改")
    published_at: datetime | None
    conditions: list[str] = Field(title="使用条件（文字）")
    struck: list[StruckTerm] = Field(title="已撤销的共享条件", description="新的申请不受其约束")
    used_by: list[UserOut] = Field(default_factory=list, title="持有有效授权的部门")


#: what an element is in an answer, by its kind
ANSWERS: Mapping[Kind, Any] = {
    Kind.TEXT: str,
    Kind.CHOICE: str,
    Kind.CHOICES: list[str],
    Kind.DAY: str | None,
    Kind.SYSTEM: str,
    Kind.BODIES: list[str],
    Kind.WORDS: list[str],
    Kind.CODES: list[str],
    Kind.ITEMS: list[ItemOut],
    Kind.PARAMETERS: list[dict[str, Any]],
    Kind.TERMS: list[Term],
    Kind.GROUNDS: list[GroundFacts],
}


def _described(element: Element) -> Any:
    values = "，".join(f"{choice.value} {choice.label}" for choice in element.choices)
    return Field(title=element.label, description=values or element.hint or None)


_ELEMENTS: dict[str, Any] = {
    name: (ANSWERS[element.kind], _described(element)) for name, element in ELEMENTS.items()
}
EntryWhole: Any = create_model(
    "EntryWhole",
    __base__=EntryHead,
    __doc__="Everything an entry says; the same as /catalog/{id}.json.",
    **_ELEMENTS,
)


class RemarkOut(Schema):
    round: int
    field: str
    label: str
    text: str
    by: str
    by_seat: str
    at: datetime


class FindingOut(Schema):
    rule: str
    article: str
    severity: str
    field: str
    message: str
    remedy: str
    entry: int | None = Field(title="相似的目录")


class SecrecyOut(Schema):
    """One of the two signatures of the secrecy review."""

    act: str = Field(title="declared 经办人声明，confirmed 负责人确认")
    label: str
    by: str
    at: datetime
    cleared: list[str] = Field(title="经审查不含")


class VersionOut(Schema):
    number: int
    published_at: datetime
    published_by: str
    sha256: str
    content: dict[str, Any]


class SynonymGroupOut(Schema):
    id: int
    words: list[str] = Field(title="意思相同的词")
    changed_at: datetime

    @staticmethod
    def resolve_words(group: SynonymGroup) -> list[str]:
        return group.words.split()


class MissedOut(Schema):
    text: str = Field(title="检索词")
    people: int = Field(title="查过的人数")
    last: datetime = Field(title="最近一次")


class SystemOut(Schema):
    """An information system: entries, databases, forms, grants and credentials name it."""

    id: int
    body: int = Field(validation_alias="body_id")
    name: str
    summary: str
    network: str
    builder: str
    protection_level: str
    protection_filing: str
    retired_on: date | None = Field(title="停用日期")


class DatabaseOut(Schema):
    """A registered database; its password is in no answer."""

    id: int
    name: str
    role: str
    kind: str
    host: str
    port: int
    dbname: str
    schema_name: str = Field(validation_alias="schema")
    username: str
    tls: str
    system: int | None = Field(validation_alias="system_id")
    server: str
    probed_at: datetime | None


class ScanOut(Schema):
    id: int
    database: int = Field(validation_alias="database_id")
    state: str
    total: int
    done: int
    drafted: int
    refused: int = Field(title="因涉密标志拒绝", description="不保存这些表的任何内容")
    tables: list[dict[str, Any]]
    error: str
    asked_at: datetime
    ended_at: datetime | None


# -- entries ---------------------------------------------------------------------------------------


@router.get("/catalog/entries/{int:pk}", response=EntryWhole, summary="目录全文")
def entry(request: Request, pk: int) -> dict[str, Any]:
    return queries.whole_for(request.actor, queries.entry_for(request.actor, pk))


@router.get("/catalog/codes/{path:code}", response=EntryWhole, summary="按资源代码取目录")
def by_code(request: Request, code: str) -> dict[str, Any]:
    actor = request.actor
    entry = queries.entry_for(actor, queries.entry_by_code(actor, code).pk)
    return queries.whole_for(actor, entry)


@router.get("/catalog/entries/{int:pk}/items", response=list[ItemOut], summary="信息项")
def items(request: Request, pk: int) -> list[dict[str, Any]]:
    return list(queries.whole(queries.entry_for(request.actor, pk))["items"])


@router.get(
    "/catalog/entries/{int:pk}/remarks",
    response=list[RemarkOut],
    summary="审核意见，逐字段、逐轮次",
)
def remarks(request: Request, pk: int) -> list[FieldRemark]:
    return queries.remarks_on(queries.under_review(request.actor, pk))


@router.get("/catalog/entries/{int:pk}/findings", response=list[FindingOut], summary="检查结果")
def findings(request: Request, pk: int) -> list[Finding]:
    return queries.all_findings_of(queries.under_review(request.actor, pk))


@router.get(
    "/catalog/entries/{int:pk}/secrecy",
    response=list[SecrecyOut],
    summary="保密审查：谁声明、谁确认、何时",
)
def secrecy(request: Request, pk: int) -> list[dict[str, Any]]:
    return queries.secrecy_of(queries.under_review(request.actor, pk))


@router.get(
    "/catalog/entries/{int:pk}/draft",
    response=EntryWhole,
    summary="正在编制或更新的内容；限提供部门，收到后含大数据管理局",
)
def draft(request: Request, pk: int) -> dict[str, Any]:
    version = queries.under_review(request.actor, pk)
    return queries.whole(queries.entry_for(request.actor, pk), version)


@router.get("/catalog/entries/{int:pk}/versions", response=list[VersionOut], summary="已发布的版本")
@paginate
def versions(request: Request, pk: int) -> QuerySet[Version]:
    return queries.versions_of(request.actor, queries.entry_for(request.actor, pk))


# -- words -----------------------------------------------------------------------------------------


@router.get("/catalog/synonyms", response=list[SynonymGroupOut], summary="检索用的同义词")
@paginate
def synonyms(request: Request) -> QuerySet[SynonymGroup]:
    return queries.synonym_groups()


@router.get(
    "/catalog/missed",
    response=list[MissedOut],
    summary="两人以上查过、没有结果的检索词；限大数据管理局",
)
@paginate
def missed(request: Request) -> QuerySet[MissedQuestion, dict[str, Any]]:
    return queries.missed_questions_for(request.actor)


# -- sources ---------------------------------------------------------------------------------------


@router.get("/systems", response=list[SystemOut], summary="本部门的信息系统；大数据管理局可见全部")
@paginate
def systems(request: Request) -> QuerySet[InformationSystem]:
    return queries.systems_visible_to(request.actor)


@router.get("/systems/{int:pk}", response=SystemOut, summary="一个信息系统")
def system(request: Request, pk: int) -> InformationSystem:
    return queries.system_for(request.actor, pk)


@router.get("/catalog/databases", response=list[DatabaseOut], summary="本部门登记的数据库")
def databases(request: Request) -> QuerySet[Database]:
    return queries.databases_visible_to(request.actor)


@router.get("/catalog/scans/{int:pk}", response=ScanOut, summary="扫描的进度与结果")
def scan(request: Request, pk: int) -> Scan:
    return queries.scan_for(request.actor, pk)
