"""The evidence of calls: batches whose root enters the ledger (A28, A30, A34)."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from typing import Annotated, Any

from django.utils import timezone
from pydantic import Field

from huitong.access import actions as access
from huitong.access import queries as grants
from huitong.audit.rules.suites import SUITES
from huitong.audit.rules.tree import Frontier
from huitong.kernel.actor import SYSTEM, Actor, Post
from huitong.kernel.doing import note, recorded
from huitong.kernel.ledger import canonical
from huitong.planes.gateway.engine import recording
from huitong.planes.gateway.engine.envoy import grant_of
from huitong.planes.gateway.models import Call, LogPosition
from huitong.planes.gateway.rules import Verdict, verdict


@recorded("A28", SYSTEM(Post.OPERATOR), label="记录接口调用")
def record_calls(
    actor: Actor,
    *,
    file: Annotated[str, Field(title="日志文件", min_length=1, max_length=40)],
    start: Annotated[int, Field(title="原位置", ge=0)],
    offset: Annotated[int, Field(title="新位置", ge=0)],
    lines: Annotated[list[dict[str, Any]], Field(title="调用记录")],
) -> None:
    """Store a batch of evidence lines and the new position; the ledger gets the batch's Merkle root
    (RFC 6962), not the lines.

    Nothing happens when another process has read the file beyond ``start`` already.
    """
    position, _ = LogPosition.objects.select_for_update().get_or_create(file=file)
    note(lines=len(lines))
    if position.offset != start:
        note(repeated=True, lines=0)
        return
    position.offset = offset
    position.save()
    existing = grants.existing_grants(
        {int(grant) for line in lines if (grant := grant_of(str(line.get("grant") or "")))}
    )
    calls = [_call(line, existing) for line in lines]
    Call.objects.bulk_create(calls, ignore_conflicts=True)
    tree = Frontier(SUITES["sha256"])
    for line in lines:
        tree.append(SUITES["sha256"].leaf(canonical(line)))
    ended = [call for call in calls if call.ended]
    note(
        root=tree.root().hex(),
        verdicts=dict(Counter(str(call.verdict) for call in ended)),
        first=calls[0].stream,
        last=calls[-1].stream,
    )
    _report(actor, ended, f"{file}:{offset}")


def _call(line: dict[str, Any], existing: set[int]) -> Call:
    """The call of a line; an unreadable one is stored as such and stops no other."""
    try:
        return _read_call(line, existing)
    except (ValueError, TypeError, OverflowError):
        return Call(
            stream=str(line.get("id") or "")[:40],
            ended=False,
            at=timezone.now(),
            details=f"unreadable: {line}"[:120],
        )


def _read_call(line: dict[str, Any], existing: set[int]) -> Call:
    ended = line.get("kind") == "DownstreamEnd"
    number = grant_of(str(line.get("grant") or ""))
    grant = int(number) if number else None
    details, status = str(line.get("details") or "")[:120], int(line.get("status") or 0)
    return Call(
        stream=str(line.get("id") or "")[:40],
        ended=ended,
        at=datetime.fromisoformat(str(line["at"])),
        request_id=str(line.get("request_id") or line.get("id") or "")[:60],
        client=str(line.get("client") or "")[:60],
        grant_id=grant if grant in existing else None,
        method=str(line.get("method") or "")[:10],
        path=str(line.get("path") or "")[:300],
        status=status or None,
        verdict=verdict(status, details) if ended else "",
        details=details,
        bytes=int(line.get("bytes") or 0),
        ms=line.get("ms"),
        ip=str(line.get("ip") or "")[:45],
        parameters=recording.decode(line.get("said")) if ended else [],
    )


def _report(actor: Actor, calls: list[Call], batch: str) -> None:
    """Report one delivery per grant and batch: the calls that were allowed."""
    allowed: dict[int, list[Call]] = defaultdict(list)
    for call in calls:
        if call.grant_id is not None and call.verdict == Verdict.ALLOWED:
            allowed[call.grant_id].append(call)
    for grant, its in allowed.items():
        access.report_delivery(
            actor,
            plane="gateway",
            reference=f"calls:{batch}:{grant}",
            grant=grant,
            at=max(c.at for c in its),
            bytes=sum(c.bytes for c in its),
            detail={"calls": len(its)},
        )
