"""Which files an actor or a machine may have now, and the bytes, checked (A28, A30)."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from typing import BinaryIO, cast

from django.conf import settings
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from huitong.access import queries as access
from huitong.access.rules import AUDIENCE, LiveGrant, reachable_from, signing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.procedure import NotVisible, NotYours
from huitong.organizations import queries as organizations
from huitong.planes.files.rules import Damaged, Machine, Part
from huitong.publishing.rules import FileFact, Mode
from huitong.work import queries as work

CHUNK = 1 << 20
log = logging.getLogger(__name__)


def platform(on_behalf_of: str = "", via: str = "page") -> Actor:
    """The platform itself, on somebody's behalf."""
    head = organizations.bureau()
    return Actor.system(on_behalf_of=on_behalf_of, via=via, bureau_body=head.pk if head else None)


def visible_to(actor: Actor) -> list[LiveGrant]:
    """The files the actor's body may have now."""
    if actor.body is None or not actor.has(Post.OPERATOR, Post.MANAGER):
        return []
    return [g for g in access.live_grants() if g.mode == Mode.FILE and g.consumer == actor.body]


def granted_to(actor: Actor, grant: int) -> LiveGrant:
    """The grant under which this person may have the file. Raises `NotVisible`, `NotYours`."""
    known = access.grant_for(actor, grant)
    if known.consumer_id != actor.body or not actor.has(Post.OPERATOR, Post.MANAGER):
        raise NotYours(
            "文件只提供给获得授权的使用部门。", article="A30", who=known.consumer.short_name
        )
    return _live(grant)


def granted_to_machine(machine: Machine, grant: int) -> LiveGrant:
    """The grant under which this system may have the file. Raises `NotVisible`, `NotYours`."""
    known = access.grant_for(platform(via="api"), grant)
    if known.system_id != machine.system:
        raise NotVisible("该授权")
    found = _live(grant)
    usable = next((c for c in found.credentials if c.client_id == machine.client_id), None)
    if usable is None or not reachable_from(usable.networks, machine.ip):
        raise NotYours(
            "该凭证已停用，或不允许从此地址使用。", article="A28", who=known.consumer.short_name
        )
    return found


def holds(who: Actor | Machine, grant: int) -> bool:
    """Whether the grant, in force or not, is that of the body or system which asks."""
    known = access.grants_visible_to(platform()).filter(pk=grant).first()
    if known is None:
        return False
    return (
        known.system_id == who.system
        if isinstance(who, Machine)
        else known.consumer_id == who.body and who.has(Post.OPERATOR, Post.MANAGER)
    )


def _live(grant: int) -> LiveGrant:
    found = next(iter(access.live_grants(only=grant)), None)
    if found is None:
        raise NotYours(
            "授权已暂停、收回或到期，不再提供文件。",
            article="A30",
            who="使用部门",
            remedy="如需继续使用，请查看授权状态或重新申请。",
        )
    if found.mode != Mode.FILE or found.file is None:
        raise NotVisible("该文件")
    return found


def machine_of(token: str, ip: str) -> Machine | None:
    """The system behind an access token of our own making; None when it is not one, or over."""
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
    known = access.credential_by_client(str(read.claims["sub"]))
    return (
        Machine(
            known.client_id, known.system_id, known.system.name, known.system.body.short_name, ip
        )
        if known
        else None
    )


class Content:
    """A part of an open file, read in order; once closed it tells ``ended`` how many bytes were
    taken, if any were."""

    def __init__(
        self, file: BinaryIO, part: Part, ended: Callable[[int], object] | None = None
    ) -> None:
        file.seek(part.start)
        self._file, self._left, self._sent, self._ended = file, part.length, 0, ended

    def read(self, size: int = -1) -> bytes:
        taken = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left, self._sent = self._left - len(taken), self._sent + len(taken)
        return taken

    def close(self) -> None:
        """Closes the file. What goes wrong in telling is logged: the server that closes an
        answer hears nothing."""
        self._file.close()
        ended, self._ended = self._ended, None
        if ended is None or not self._sent:
            return
        try:
            ended(self._sent)
        except Exception:
            log.exception(
                "a download of %d bytes was not recorded; its beginning is in the ledger",
                self._sent,
            )
            raise


def opened(fact: FileFact | None) -> tuple[FileFact, BinaryIO]:
    """The facts of a file and its bytes, read through once and equal to its checksum. Raises
    `Damaged`.

    The path is made of the checksum kept with the mount: nothing a visitor says becomes part of it.
    """
    if fact is None:
        raise Damaged
    kept = work.attachment_for(platform(), fact.attachment)
    try:
        file = work.path_of(kept).open("rb")
    except OSError:
        raise Damaged from None
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    if digest.hexdigest() != fact.sha256:
        file.close()
        raise Damaged
    return fact, file
