"""The files an actor or a machine may have now, and their bytes, checked (A28, A30)."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import BinaryIO, cast

from django.conf import settings
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from huitong.access import queries as access
from huitong.access.rules import AUDIENCE, Fault, LiveGrant, reachable_from, signing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.manifest import Delivered, Event, EventKind
from huitong.kernel.procedure import AgainstRules, NotVisible, NotYours
from huitong.organizations import queries as organizations
from huitong.planes.files.rules import Damaged, Machine, Part
from huitong.publishing.rules import FileFact, Mode
from huitong.work import queries as work

CHUNK = 1 << 20
log = logging.getLogger(__name__)


def platform(on_behalf_of: str = "", via: str = "page") -> Actor:
    """The platform itself, on somebody's behalf."""
    return organizations.platform(on_behalf_of, via)


def visible_to(actor: Actor) -> list[LiveGrant]:
    """The grants of files the actor's body may have now."""
    if actor.body is None or not actor.has(Post.OPERATOR, Post.MANAGER):
        return []
    return access.live_grants(consumer=actor.body, mode=Mode.FILE)


def downloads_in_case(
    actor: Actor, case: Case, before: datetime | None, most: int
) -> Iterator[Event]:
    """The latest downloads under the grant of a case, for its record."""
    for row in access.delivered_in_case(actor, case, "files", before, most):
        refused = row.status != "delivered"
        size = f"{row.bytes} 字节" if row.bytes is not None else ""
        yield Event(
            EventKind.DELIVERY,
            row.at,
            "文件下载未成功" if refused else "文件下载",
            str(row.detail.get("reason", "")) if refused else size,
            actor=str(row.detail.get("receiver", "")),
            state="stopped" if refused else "done",
        )


def delivered(actor: Actor, grant: int, reference: str) -> Delivered | None:
    """A file that was received under a grant, by its checksum."""
    fact = access.last_delivered(actor, grant, "files", reference)
    if fact is None:
        return None
    return Delivered("files", grant, fact.grant.consumer_id, reference, fact.at)


def deliverance(grant: LiveGrant) -> Delivered:
    """The file of a grant as what is delivered under it."""
    checksum = grant.file.sha256 if grant.file is not None else ""
    return Delivered("files", grant.grant, grant.consumer, checksum)


def granted_to(actor: Actor, grant: int) -> LiveGrant:
    """The grant under which this person may have the file. Raises `NotVisible`, `NotYours`."""
    row = access.grant_for(actor, grant)
    if row.consumer_id != actor.body or not actor.has(Post.OPERATOR, Post.MANAGER):
        raise NotYours(
            "文件只提供给获得授权的使用部门。", article="A30", who=row.consumer.short_name
        )
    return _live(grant)


def granted_to_machine(machine: Machine, grant: int) -> LiveGrant:
    """The grant under which this system may have the file. Raises `NotVisible`, `NotYours`."""
    row = access.grant_for(platform(via="api"), grant)
    if row.system_id != machine.system:
        raise NotVisible("该授权")
    live = _live(grant)
    credential = next((c for c in live.credentials if c.client_id == machine.client_id), None)
    if credential is None or not reachable_from(credential.networks, machine.ip):
        raise NotYours(
            "该凭证已停用，或不允许从此地址使用。", article="A28", who=row.consumer.short_name
        )
    return live


def holds(who: Actor | Machine, grant: int) -> bool:
    """Whether the grant, in force or not, belongs to this body or system."""
    row = access.grants_visible_to(platform()).filter(pk=grant).first()
    if row is None:
        return False
    return (
        row.system_id == who.system
        if isinstance(who, Machine)
        else row.consumer_id == who.body and who.has(Post.OPERATOR, Post.MANAGER)
    )


def _live(grant: int) -> LiveGrant:
    faults: list[Fault] = []
    live = next(iter(access.live_grants(only=grant, faults=faults)), None)
    if live is None and faults:
        raise AgainstRules(
            f"文件暂停提供：{faults[-1].why}。",
            article="A8",
            who=faults[-1].who,
            remedy="请联系提供部门；处理后即可继续下载。",
        )
    if live is None:
        raise NotYours(
            "授权已暂停、收回或到期，不再提供文件。",
            article="A30",
            who="使用部门",
            remedy="如需继续使用，请查看授权状态或重新申请。",
        )
    if live.mode != Mode.FILE or live.file is None:
        raise NotVisible("该文件")
    return live


def machine_of(token: str, ip: str) -> Machine | None:
    """The system of an access token this platform issued; None for any other or an expired one."""
    try:
        keys = KeySet.import_key_set(cast(KeySetSerialization, signing.public(settings.OAUTH_KEYS)))
        read = jwt.decode(token, keys, algorithms=[signing.ALGORITHM])
        jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": settings.PUBLIC_URL},
            aud={"essential": True, "value": AUDIENCE},
            sub={"essential": True},
            exp={"essential": True},
        ).validate(read.claims)
    except (JoseError, ValueError):
        return None
    if read.header.get("typ") != "at+jwt" or read.claims["exp"] <= time.time():
        return None
    credential = access.credential_by_client(str(read.claims["sub"]))
    return (
        Machine(
            credential.client_id,
            credential.system_id,
            credential.system.name,
            credential.system.body.short_name,
            ip,
        )
        if credential
        else None
    )


class Content:
    """A part of an open file, read in order; when closed it calls ``on_close`` with the number of
    bytes read, if there were any."""

    def __init__(
        self, file: BinaryIO, part: Part, on_close: Callable[[int], object] | None = None
    ) -> None:
        file.seek(part.start)
        self._file, self._left, self._sent, self._on_close = file, part.length, 0, on_close

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left, self._sent = self._left - len(content), self._sent + len(content)
        return content

    def close(self) -> None:
        """Close the file. An error in ``on_close`` is logged, because the server that closes an
        answer reports none."""
        self._file.close()
        on_close, self._on_close = self._on_close, None
        if on_close is None or not self._sent:
            return
        try:
            on_close(self._sent)
        except Exception:
            log.exception(
                "a download of %d bytes was not recorded; its beginning is in the ledger",
                self._sent,
            )
            raise


def open_checked(fact: FileFact | None) -> tuple[FileFact, BinaryIO]:
    """The facts of a file and its open content, whose checksum was verified. Raises `Damaged`.

    The path is made of the checksum stored with the mount, of nothing from a visitor.
    """
    if fact is None:
        raise Damaged
    attachment = work.attachment_for(platform(), fact.attachment)
    try:
        file = work.path_of(attachment).open("rb")
    except OSError:
        raise Damaged from None
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    if digest.hexdigest() != fact.sha256:
        file.close()
        raise Damaged
    return fact, file
