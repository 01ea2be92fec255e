"""Every file handed out and every one refused, as acts of the ledger and facts of the grant (A28, A30, A34)."""

from __future__ import annotations

import uuid
from typing import Annotated, BinaryIO

from django.utils import timezone
from pydantic import Field

from huitong.access import actions as access
from huitong.access import queries as grants
from huitong.access.rules import LiveGrant
from huitong.kernel.actor import BODY, SYSTEM, Actor, Post
from huitong.kernel.doing import note, recorded
from huitong.kernel.procedure import Problem
from huitong.planes.files import queries
from huitong.planes.files.rules import Machine
from huitong.publishing.rules import FileFact


def hand_out(who: Actor | Machine, grant: int) -> tuple[FileFact, BinaryIO]:
    """The facts of a granted file and its checked, open content, the delivery recorded.

    Whoever may not have it is refused with the reason, and the refusal is recorded. Raises `NotVisible`, `NotYours`, `Damaged`.
    """
    words = who.words if isinstance(who, Machine) else f"{who.body_name} {who.name}".strip()
    system = queries.platform(words, "api" if isinstance(who, Machine) else who.via)
    try:
        found = queries.granted_to_machine(who, grant) if isinstance(who, Machine) else queries.granted_to(who, grant)
        file, content = queries.opened(found.file)
    except Problem as no:
        refuse(system, grant=grant, receiver=words[:200], reason=str(no)[:200], ip=who.ip)
        raise
    try:
        if isinstance(who, Machine):
            download_by_machine(system, grant=grant, client_id=who.client_id, receiver=words[:200], ip=who.ip)
        else:
            download(who, grant=grant)
    except BaseException:
        content.close()
        raise
    return file, content


GrantRef = Annotated[int, Field(title="授权", ge=1)]


@recorded("A30", BODY(Post.OPERATOR), BODY(Post.MANAGER), label="下载共享文件")
def download(actor: Actor, *, grant: GrantRef) -> str:
    """A person of the consumer takes the file. Returns the number of the delivery. Raises `NotVisible`, `NotYours`."""
    found = queries.granted_to(actor, grant)
    return _handed_out(queries.platform(actor.name, actor.via), found, f"{actor.body_name} {actor.name}", actor.ip)


@recorded("A30", SYSTEM(Post.OPERATOR), label="系统下载共享文件")
def download_by_machine(actor: Actor, *, grant: GrantRef, client_id: Annotated[str, Field(title="凭证", max_length=60)],
                        receiver: Annotated[str, Field(title="接收方", max_length=200)],
                        ip: Annotated[str, Field(title="来源地址", max_length=45)] = "") -> str:
    """A system of the consumer takes the file; the door has read its token. Returns the number of the delivery."""
    return _handed_out(actor, next(iter(grants.live_grants(only=grant))), receiver, ip)


@recorded("A28", SYSTEM(Post.OPERATOR), label="拒绝提供文件")
def refuse(actor: Actor, *, grant: GrantRef, receiver: Annotated[str, Field(title="请求方", max_length=200)],
           reason: Annotated[str, Field(title="原因", max_length=200)], ip: Annotated[str, Field(title="来源地址", max_length=45)] = "") -> None:
    """Somebody asked for a file and did not get it."""
    if grants.grants_visible_to(actor).filter(pk=grant).exists():
        access.report_delivery(actor, plane="files", reference=str(uuid.uuid4()), grant=grant, at=timezone.now(), status="refused",
                               detail={"receiver": receiver, "reason": reason, "ip": ip})


def _handed_out(system: Actor, found: LiveGrant, receiver: str, ip: str) -> str:
    file, reference = found.file, str(uuid.uuid4())
    assert file is not None, "queries hands out file grants only"  # noqa: S101 - an invariant
    note(delivery=reference, file=file.name, sha256=file.sha256, bytes=file.size, receiver=receiver)
    access.report_delivery(system, plane="files", reference=reference, grant=found.grant, at=timezone.now(), bytes=file.size,
                           checksum=file.sha256, detail={"receiver": receiver, "ip": ip, "file": file.name})
    return reference
