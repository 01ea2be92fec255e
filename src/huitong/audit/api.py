"""The ledger through the API: entries with their proofs, and files handed out.

For parties of cases, whose doors and personal data are veiled: the audit administrator has no token
and works on pages.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import FileResponse
from ninja import Query, Router
from pydantic import BaseModel, Field

from huitong.audit import queries
from huitong.audit.rules.masks import veiled_all, veiled_name, without_door
from huitong.kernel.actor import Actor
from huitong.kernel.ledger import Entry
from huitong.kernel.requests import Request

router = Router(tags=["审计"])


class LedgerEntryRow(BaseModel):
    """An entry in a list: personal data masked."""

    seq: int = Field(title="序号")
    at: datetime
    verb: str
    article: str
    actor: dict[str, Any]
    case: int | None
    object_type: str
    object_id: str
    reasons: str


class LedgerEntryPage(BaseModel):
    items: list[LedgerEntryRow]
    next: int | None = Field(
        title="下一页", description="作为 before 传入以取更早的条目；没有则为空"
    )


class ProofOut(BaseModel):
    leaf: int = Field(title="条号")
    hash: str
    proof: list[str] = Field(title="包含证明", description="RFC 6962，由低到高，十六进制")
    checkpoint: str = Field(title="检查点", description="C2SP tlog-checkpoint 签名文本")
    holds: bool = Field(title="与封存一致")


class LedgerEntryWhole(BaseModel):
    entry: dict[str, Any] = Field(title="条目")
    proof: ProofOut | None = Field(title="封存证明", description="尚未封存时为空")


@router.get(
    "/audit/entries", response=LedgerEntryPage, summary="台账条目", operation_id="audit_entries"
)
def entries(
    request: Request,
    who: str = "",
    people: bool | None = None,
    verb: str = "",
    article: str = "",
    body: int | None = None,
    case: int | None = None,
    object_type: str = "",
    object_id: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = Query(50, ge=1, le=200),
) -> LedgerEntryPage:
    """List entries, youngest first; paged by key, so that new entries shift nothing."""
    matches = queries.search(
        request.actor,
        who=who,
        people=people,
        verb=verb,
        article=article,
        body=body,
        case=case,
        object_type=object_type,
        object_id=object_id,
        since=since,
        until=until,
    )
    rows = list((matches.filter(pk__lt=before) if before is not None else matches)[: limit + 1])
    return LedgerEntryPage(
        items=[_row(request.actor, entry) for entry in rows[:limit]],
        next=rows[limit - 1].pk if len(rows) > limit else None,
    )


@router.get(
    "/audit/entries/{seq}",
    response=LedgerEntryWhole,
    summary="台账条目及其证明",
    operation_id="audit_entry",
)
def entry(request: Request, seq: int) -> LedgerEntryWhole:
    actor = request.actor
    row = queries.entry_visible_to(actor, seq)
    proof = queries.proof_of(row)
    return LedgerEntryWhole(
        entry=veiled_all(row.as_dict() | {"actor": _by(actor, row)}),
        proof=ProofOut(**proof.as_json(), holds=queries.proves(row, proof)) if proof else None,
    )


@router.get(
    "/audit/packages/{pk}",
    summary="下载导出文件",
    operation_id="audit_package",
    description=(
        "导出与证据包由 POST /do/audit.export、/do/audit.evidence 生成，返回的 object_id 即此处的编号。"
    ),
)
def package(request: Request, pk: int) -> FileResponse:
    row, path = queries.package_file(request.actor, pk)
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=row.name, content_type="application/zip"
    )


def _row(reader: Actor, entry: Entry) -> LedgerEntryRow:
    return LedgerEntryRow(
        seq=entry.pk,
        at=entry.at,
        verb=entry.verb,
        article=entry.article,
        actor=_by(reader, entry),
        case=entry.case,
        object_type=entry.object_type,
        object_id=entry.object_id,
        reasons=veiled_all(entry.reasons),
    )


def _by(reader: Actor, entry: Entry) -> dict[str, Any]:
    """Who acted, and on whose behalf, as this reader may know it: as on the ledger's pages."""
    by = without_door(entry.actor)
    if queries.reads_names(reader, entry):
        return by
    return by | {name: veiled_name(by.get(name, "")) for name in ("name", "deputy_for_name")}
