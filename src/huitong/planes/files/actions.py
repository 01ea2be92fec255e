"""Every file handed out and every one refused, as acts of the ledger and facts of the grant (A28, A30, A34)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Annotated, Any

from django.utils import timezone
from pydantic import Field

from huitong.access import actions as access
from huitong.access import queries as grants
from huitong.access.rules import LiveGrant
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
    """What a door answers with; ``content`` is to be closed."""

    file: FileFact
    part: Part
    content: queries.Content


def hand_out(who: Actor | Machine, grant: int, *, asked: str = "", unless: str = "") -> HandOut:
    """A granted file, its bytes checked and open, the delivery recorded. ``asked``, ``unless``: the headers Range and If-Range.

    Whoever may not have it is refused with the reason, and the refusal is recorded. Raises `NotVisible`, `NotYours`, `Damaged`.
    """
    words = who.words if isinstance(who, Machine) else f"{who.body_name} {who.name}".strip()
    system = queries.platform(words, "api" if isinstance(who, Machine) else who.via)
    try:
        found = queries.granted_to_machine(who, grant) if isinstance(who, Machine) else queries.granted_to(who, grant)
        file, opened = queries.opened(found.file)
    except Problem as no:
        refuse(system, grant=grant, receiver=words[:200], reason=str(no)[:200], code=no.code, ip=who.ip)
        raise
    try:
        part = part_of(file.size, file.sha256, asked, unless)
        content = queries.Content(opened, part)
        if part.status == 416:
            pass  # nothing leaves
        elif isinstance(who, Machine):
            download_by_machine(system, grant=grant, client_id=who.client_id, receiver=words[:200], start=part.start, end=part.end, ip=who.ip)
        else:
            download(who, grant=grant, start=part.start, end=part.end)
    except BaseException:
        opened.close()
        raise
    return HandOut(file, part, content)


GrantRef = Annotated[int, Field(title="授权", ge=1)]
Start = Annotated[int, Field(title="起始字节", ge=0)]
End = Annotated[int | None, Field(title="结束字节（不含）", description="不填为文件末尾。", ge=1)]


@recorded("A30", BODY(Post.OPERATOR), BODY(Post.MANAGER), label="下载共享文件")
def download(actor: Actor, *, grant: GrantRef, start: Start = 0, end: End = None) -> str:
    """A person of the consumer takes the file. Returns the number of the delivery. Raises `NotVisible`, `NotYours`."""
    found = queries.granted_to(actor, grant)
    return _handed_out(queries.platform(actor.name, actor.via), found, f"{actor.body_name} {actor.name}", actor.ip, start, end)


@recorded("A30", SYSTEM(Post.OPERATOR), label="系统下载共享文件")
def download_by_machine(actor: Actor, *, grant: GrantRef, client_id: Annotated[str, Field(title="凭证", max_length=60)],
                        receiver: Annotated[str, Field(title="接收方", max_length=200)], start: Start = 0, end: End = None,
                        ip: Annotated[str, Field(title="来源地址", max_length=45)] = "") -> str:
    """A system of the consumer takes the file; the door has read its token. Returns the number of the delivery."""
    return _handed_out(actor, next(iter(grants.live_grants(only=grant))), receiver, ip, start, end)


@recorded("A28", SYSTEM(Post.OPERATOR), label="拒绝提供文件")
def refuse(actor: Actor, *, grant: GrantRef, receiver: Annotated[str, Field(title="请求方", max_length=200)],
           reason: Annotated[str, Field(title="原因", max_length=200)], code: Annotated[str, Field(title="原因代码", max_length=40)],
           ip: Annotated[str, Field(title="来源地址", max_length=45)] = "") -> None:
    """Somebody asked for a file and did not get it. Of a damaged one those who can mend it are told, once until it is whole again."""
    known = grants.grants_visible_to(actor).filter(pk=grant).first()
    if known is not None:
        last = grants.deliveries_of(known).first()
        if code == Damaged.code and (last is None or last.detail.get("code") != code):
            _tell(actor, known, reason)
        access.report_delivery(actor, plane="files", reference=str(uuid.uuid4()), grant=grant, at=timezone.now(), status="refused",
                               detail={"receiver": receiver, "reason": reason, "code": code, "ip": ip})


def _tell(system: Actor, grant: Any, reason: str) -> None:
    """The platform's operators, who see no grants, and the provider's people, who do."""
    entry, file = grant.mount.entry, grant.mount.file
    which = f"文件“{file.name}”，SHA-256：{file.sha256}。" if file else ""
    told = {"kind": NoticeKind.OTHER, "title": f"共享文件已损坏：{entry.name}"[:200],
            "text": f"{reason}请平台运维员从备份恢复，或请提供部门重新上传同一文件。{which}"[:1000]}
    notices.notify(system, people=work.told_at([f"{system.bureau_body}:{Post.PLATFORM_OPERATOR}"] if system.bureau_body else []), **told)
    provider = work.told_at(f"{entry.body_id}:{post}" for post in (Post.OPERATOR, Post.MANAGER))
    notices.notify(system, people=provider, url=f"/grants/{grant.pk}/", **told)


def _handed_out(system: Actor, found: LiveGrant, receiver: str, ip: str, start: int, end: int | None) -> str:
    file, reference = found.file, str(uuid.uuid4())
    assert file is not None, "queries hands out file grants only"  # noqa: S101 - an invariant
    part = Part(start, file.size if end is None else end, file.size)
    said = {"part": part.words} if part.words else {}
    note(delivery=reference, file=file.name, sha256=file.sha256, bytes=part.length, receiver=receiver, **said)
    access.report_delivery(system, plane="files", reference=reference, grant=found.grant, at=timezone.now(), bytes=part.length,
                           checksum=file.sha256, detail={"receiver": receiver, "ip": ip, "file": file.name, **said})
    return reference
