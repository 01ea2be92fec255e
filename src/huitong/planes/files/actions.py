"""Every file handed out and every one refused, as acts of the ledger and facts of the grant
(A28, A30, A34)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Annotated, Any

from django.utils import timezone
from pydantic import Field

from huitong.access import actions as access
from huitong.access import queries as access_queries
from huitong.kernel.actor import BODY, SYSTEM, Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.doing import note, recorded
from huitong.kernel.procedure import Problem
from huitong.planes.files import queries
from huitong.planes.files.rules import Damaged, Machine, Part, headers, part_of
from huitong.publishing.rules import FileFact
from huitong.work import actions as notices
from huitong.work import queries as work
from huitong.work.rules import NoticeKind


@dataclass(frozen=True)
class HandOut:
    """A file to send, with the headers that go along; closing ``content`` records how much of it
    was sent."""

    file: FileFact
    part: Part
    content: queries.Content
    headers: dict[str, str]


def hand_out(
    who: Actor | Machine,
    grant: int,
    *,
    range_header: str = "",
    if_range: str = "",
    bare: bool = False,
) -> HandOut:
    """A granted file, its bytes checked and open. ``range_header``, ``if_range``: the headers Range
    and If-Range; ``bare``: only the head of the answer is sent (HEAD).

    The ledger records the beginning before the first byte is sent, and the number of bytes sent
    once the answer is closed. A refusal is recorded with its reason. Raises `NotVisible`,
    `NotYours`, `Damaged`.
    """
    by_machine = isinstance(who, Machine)
    words = who.words if isinstance(who, Machine) else f"{who.body_name} {who.name}".strip()
    actor = queries.platform(words, "api") if isinstance(who, Machine) else who
    receiver, ip = words[:200], who.ip
    try:
        live = (
            queries.granted_to_machine(who, grant)
            if isinstance(who, Machine)
            else queries.granted_to(who, grant)
        )
        file, content = queries.open_checked(live.file)
    except Problem as problem:
        refuse(
            actor,
            grant=grant,
            receiver=receiver,
            reason=str(problem)[:200],
            code=problem.code,
            ip=ip,
            holder=queries.holds(who, grant),
        )
        raise
    part = part_of(file.size, file.sha256, range_header, if_range)
    sent_along = headers(file.sha256, part) | access_queries.delivery_headers(live)
    if part.status == 416 or bare:  # nothing leaves
        return HandOut(file, part, queries.Content(content, part), sent_along)
    about = {
        "grant": grant,
        "reference": str(uuid.uuid4()),
        "receiver": receiver,
        "ip": ip,
        "file": file.name,
        "sha256": file.sha256,
        "part": part.words,
    }
    try:
        begin(actor, **about)
    except BaseException:
        content.close()
        raise
    end = download_by_machine if by_machine else download
    return HandOut(
        file,
        part,
        queries.Content(
            content, part, lambda sent: end(actor, **about, sent=sent, whole=sent == part.length)
        ),
        sent_along,
    )


GrantRef = Annotated[int, Field(title="授权", ge=1)]
Reference = Annotated[str, Field(title="交付编号", min_length=1, max_length=60)]
Receiver = Annotated[str, Field(title="接收方", max_length=200)]
Ip = Annotated[str, Field(title="来源地址", max_length=45)]
Name = Annotated[str, Field(title="文件", max_length=200)]
Sha256 = Annotated[str, Field(title="SHA-256", max_length=64)]
PartWords = Annotated[str, Field(title="范围", max_length=80)]
Sent = Annotated[int, Field(title="发出字节", ge=0)]
CONSUMER = (BODY(Post.OPERATOR), BODY(Post.MANAGER))
Whole = Annotated[bool, Field(title="已全部发出")]
PLATFORM = SYSTEM(Post.OPERATOR)


@recorded("A30", *CONSUMER, PLATFORM, inner=True, label="开始下载共享文件")
def begin(
    actor: Actor,
    *,
    grant: GrantRef,
    reference: Reference,
    receiver: Receiver,
    ip: Ip,
    file: Name,
    sha256: Sha256,
    part: PartWords,
) -> Any:
    """Record that a file begins to be sent, in case the machine stops; it is no delivery."""
    return access_queries.grant_for(queries.platform(), grant)


@recorded("A30", *CONSUMER, inner=True, label="下载共享文件")
def download(
    actor: Actor,
    *,
    grant: GrantRef,
    reference: Reference,
    receiver: Receiver,
    ip: Ip,
    file: Name,
    sha256: Sha256,
    part: PartWords,
    sent: Sent,
    whole: Whole,
) -> str:
    """Record the bytes sent to a person of the consumer. Returns the number of the delivery."""
    system = queries.platform(actor.name, actor.via)
    return _record_delivery(system, grant, reference, receiver, ip, file, sha256, part, sent, whole)


@recorded("A30", PLATFORM, inner=True, label="系统下载共享文件")
def download_by_machine(
    actor: Actor,
    *,
    grant: GrantRef,
    reference: Reference,
    receiver: Receiver,
    ip: Ip,
    file: Name,
    sha256: Sha256,
    part: PartWords,
    sent: Sent,
    whole: Whole,
) -> str:
    """Record the bytes sent to a system of the consumer. Returns the number of the delivery."""
    return _record_delivery(actor, grant, reference, receiver, ip, file, sha256, part, sent, whole)


@recorded("A28", PLATFORM, anyone=True, inner=True, label="拒绝提供文件")
def refuse(
    actor: Actor,
    *,
    grant: GrantRef,
    receiver: Annotated[str, Field(title="请求方", max_length=200)],
    reason: Annotated[str, Field(title="原因", max_length=200)],
    code: Annotated[str, Field(title="原因代码", max_length=40)],
    ip: Ip = "",
    holder: Annotated[bool, Field(title="授权持有方")] = False,
) -> None:
    """Record a refused download: an act of who requested it, and a fact of the grant only if it is
    theirs, so that nobody fills the list of another's grant.

    Those who can repair a damaged file are notified, once until it is whole again.
    """
    if not holder:
        return
    system = actor if actor.is_system else queries.platform(receiver, actor.via)
    row = access_queries.grant_for(system, grant)
    last = access_queries.deliveries_of(row).first()
    if code == Damaged.code and (last is None or last.detail.get("code") != code):
        _notify(system, row, reason)
    access.report_delivery(
        system,
        plane="files",
        reference=str(uuid.uuid4()),
        grant=grant,
        at=timezone.now(),
        status="refused",
        detail={"receiver": receiver, "reason": reason, "code": code, "ip": ip},
    )


def _notify(system: Actor, grant: Any, reason: str) -> None:
    """Notify the platform's operators, who see no grants, and the provider's people, who do."""
    entry, file = grant.mount.entry, grant.mount.file
    which = f"文件“{file.name}”，SHA-256：{file.sha256}。" if file else ""
    notice = {
        "kind": NoticeKind.OTHER,
        "title": f"共享文件已损坏：{entry.name}"[:200],
        "text": f"{reason}请平台运维员从备份恢复，或请提供部门重新上传同一文件。{which}"[:1000],
    }
    provider = work.people_to_notify(
        f"{entry.body_id}:{post}" for post in (Post.OPERATOR, Post.MANAGER)
    )
    notices.notify(system, people=provider, url=reverse("access:grant", args=[grant.pk]), **notice)
    operators = work.people_to_notify(
        [f"{system.bureau_body}:{Post.PLATFORM_OPERATOR}"] if system.bureau_body else []
    )
    # who is both has heard of it, with the link
    notices.notify(system, people=sorted({*operators} - {*provider}), **notice)


def _record_delivery(
    system: Actor,
    grant: int,
    reference: str,
    receiver: str,
    ip: str,
    file: str,
    sha256: str,
    part: str,
    sent: int,
    whole: bool,
) -> str:
    range_detail = {"part": part} if part else {}
    note(
        delivery=reference, file=file, sha256=sha256, bytes=sent, receiver=receiver, **range_detail
    )
    access.report_delivery(
        system,
        plane="files",
        reference=reference,
        grant=grant,
        at=timezone.now(),
        bytes=sent,
        checksum=sha256,
        status="delivered" if whole else "cut",
        detail={"receiver": receiver, "ip": ip, "file": file, **range_detail},
    )
    return reference
