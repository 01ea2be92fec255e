"""Every file handed out and every one refused, as acts of the ledger and facts of the grant
(A28, A30, A34)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Annotated, Any

from django.urls import reverse
from django.utils import timezone
from pydantic import Field

from huitong.access import actions as access
from huitong.access import queries as access_queries
from huitong.kernel.actor import BODY, SYSTEM, Actor, Post
from huitong.kernel.doing import note, recorded
from huitong.kernel.procedure import Problem
from huitong.planes.files import queries
from huitong.planes.files.rules import Damaged, Machine, Part, part_of
from huitong.publishing.rules import FileFact
from huitong.work import actions as notices
from huitong.work import queries as work
from huitong.work.rules import NoticeKind


@dataclass(frozen=True)
class HandOut:
    """What a door answers with; ``content`` is to be closed, which records how much of it left."""

    file: FileFact
    part: Part
    content: queries.Content


def hand_out(
    who: Actor | Machine, grant: int, *, asked: str = "", unless: str = "", bare: bool = False
) -> HandOut:
    """A granted file, its bytes checked and open. ``asked``, ``unless``: the headers Range and
    If-Range; ``bare``: only the head of the answer goes out (HEAD).

    That it begins to leave is in the ledger before the first byte does; how many bytes left, once
    the answer is closed. Whoever may not have it is refused with the reason, and the refusal is
    recorded. Raises `NotVisible`, `NotYours`, `Damaged`.
    """
    by_machine = isinstance(who, Machine)
    words = who.words if isinstance(who, Machine) else f"{who.body_name} {who.name}".strip()
    actor = queries.platform(words, "api") if isinstance(who, Machine) else who
    receiver, ip = words[:200], who.ip
    try:
        found = (
            queries.granted_to_machine(who, grant)
            if isinstance(who, Machine)
            else queries.granted_to(who, grant)
        )
        file, opened = queries.opened(found.file)
    except Problem as no:
        refuse(
            actor,
            grant=grant,
            receiver=receiver,
            reason=str(no)[:200],
            code=no.code,
            ip=ip,
            holder=queries.holds(who, grant),
        )
        raise
    part = part_of(file.size, file.sha256, asked, unless)
    if part.status == 416 or bare:  # nothing leaves
        return HandOut(file, part, queries.Content(opened, part))
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
        opened.close()
        raise
    end = download_by_machine if by_machine else download
    return HandOut(
        file,
        part,
        queries.Content(
            opened, part, lambda sent: end(actor, **about, sent=sent, whole=sent == part.length)
        ),
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
    """A file begins to leave: were the machine to stop now, this is what is known. It counts as
    no delivery."""
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
    """A person of the consumer took so many bytes. Returns the number of the delivery."""
    system = queries.platform(actor.name, actor.via)
    return _handed_out(system, grant, reference, receiver, ip, file, sha256, part, sent, whole)


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
    """A system of the consumer took so many bytes. Returns the number of the delivery."""
    return _handed_out(actor, grant, reference, receiver, ip, file, sha256, part, sent, whole)


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
    """Somebody asked for a file and did not get it: an act of theirs, and a fact of the grant only
    if they hold it.

    Else whoever likes could fill the list of a grant that is not theirs. Of a damaged file those
    who can mend it are told, once until it is whole again.
    """
    if not holder:
        return
    system = actor if actor.is_system else queries.platform(receiver, actor.via)
    found = access_queries.grant_for(system, grant)
    last = access_queries.deliveries_of(found).first()
    if code == Damaged.code and (last is None or last.detail.get("code") != code):
        _tell(system, found, reason)
    access.report_delivery(
        system,
        plane="files",
        reference=str(uuid.uuid4()),
        grant=grant,
        at=timezone.now(),
        status="refused",
        detail={"receiver": receiver, "reason": reason, "code": code, "ip": ip},
    )


def _tell(system: Actor, grant: Any, reason: str) -> None:
    """The platform's operators, who see no grants, and the provider's people, who do."""
    entry, file = grant.mount.entry, grant.mount.file
    which = f"文件“{file.name}”，SHA-256：{file.sha256}。" if file else ""
    told = {
        "kind": NoticeKind.OTHER,
        "title": f"共享文件已损坏：{entry.name}"[:200],
        "text": f"{reason}请平台运维员从备份恢复，或请提供部门重新上传同一文件。{which}"[:1000],
    }
    notices.notify(
        system,
        people=work.people_to_notify(
            [f"{system.bureau_body}:{Post.PLATFORM_OPERATOR}"] if system.bureau_body else []
        ),
        **told,
    )
    provider = work.people_to_notify(
        f"{entry.body_id}:{post}" for post in (Post.OPERATOR, Post.MANAGER)
    )
    notices.notify(system, people=provider, url=reverse("access:grant", args=[grant.pk]), **told)


def _handed_out(
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
    said = {"part": part} if part else {}
    note(delivery=reference, file=file, sha256=sha256, bytes=sent, receiver=receiver, **said)
    access.report_delivery(
        system,
        plane="files",
        reference=reference,
        grant=grant,
        at=timezone.now(),
        bytes=sent,
        checksum=sha256,
        status="delivered" if whole else "cut",
        detail={"receiver": receiver, "ip": ip, "file": file, **said},
    )
    return reference
