"""Files taken in, and bound to the case in which they are handed in."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Mapping
from functools import cache
from typing import Annotated, Any

from django.conf import settings
from django.core.files.base import File
from pydantic import BaseModel, Field

from huitong.kernel.actor import SYSTEM, Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.doing import Verb, note, recorded
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import Malformed
from huitong.ui.rules import file_name
from huitong.work import queries
from huitong.work.actions.seats import EVERYBODY
from huitong.work.models import Attachment, AttachmentUse
from huitong.work.queries.files import incoming, path_of
from huitong.work.rules import AttachmentRef, check_upload, kind_words, shape_of, suffix_of


def attach(actor: Actor, *, upload: File) -> Attachment:
    """Take in an uploaded file: looks at its content, keeps it under its hash, gives it to the
    uploader alone, in the body acted for.

    The same file under the same name is taken in once per person and body. Raises `Malformed` on
    ``upload``.
    """
    limit = settings.ATTACHMENT_MAX_BYTES
    if (upload.size or 0) > limit:
        raise Malformed({"upload": f"文件过大，最多 {limit // 1024 // 1024} MB。"})
    staged = uuid.uuid4().hex
    path = incoming(staged)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        path.write_bytes(upload.read())
        return take_in(actor, name=(upload.name or "")[-200:], staged=staged)
    finally:
        path.unlink(missing_ok=True)


@recorded("A28", *EVERYBODY, SYSTEM(Post.OPERATOR), inner=True, label="上传附件")
def take_in(
    actor: Actor,
    *,
    name: Annotated[str, Field(title="文件名", max_length=200)],
    staged: Annotated[str, Field(title="暂存标识", pattern="^[0-9a-f]{32}$")],
) -> Attachment:
    """Check a staged upload and keep it. Doors call `attach`, which stages the bytes."""
    if not (path := incoming(staged)).is_file():
        raise Malformed({"staged": "文件未上传完整，请重新上传。"})
    content = path.read_bytes()
    name = file_name(name) or "未命名"
    checked = check_upload(name, content, settings.ATTACHMENT_MAX_BYTES)
    digest = hashlib.sha256(content).hexdigest()
    attachment, _ = Attachment.objects.get_or_create(
        uploader_id=actor.person,
        body=actor.body,
        sha256=digest,
        name=name,
        defaults={"size": len(content), "media_type": checked.media_type, "pages": checked.pages},
    )
    final = path_of(attachment)
    final.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.chmod(0o600)
    path.rename(final)  # also over bytes already there: the same, unless they were damaged
    note(name=name, sha256=digest, size=len(content), media_type=checked.media_type)
    return attachment


def bind_attachments(actor: Actor, verb: Verb, case: Case | None, given: Mapping[str, Any]) -> None:
    """In every act: a file named in what was given must be the actor's to name; with a case, its
    parties may then read it. What it replaces in a case that still lies inside its body, they
    never may.

    Called by `kernel.doing` inside the act. Raises `Malformed` on the parameter.
    """
    for name, mark in _files_of(verb.given).items():
        keys = _keys(given.get(name))
        # a case has its number from the end of the act that opens it: nothing was named before
        if case is not None and case.number and case.inside is not None:
            take_out([case.pk], _named_before(case, name) - keys)
        if not keys:
            continue
        names = list(
            queries.attachments_to_hand_in(actor).filter(pk__in=keys).values_list("name", flat=True)
        )
        if len(names) != len(keys):
            raise Malformed(
                {name: f"“{verb.given.model_fields[name].title or name}”不存在，或不是您上传的。"},
                article=verb.article,
            )
        if strange := [file for file in names if suffix_of(file) not in mark.suffixes]:
            raise Malformed(
                {name: f"此处不接受“{strange[0]}”，请上传 {kind_words(mark.suffixes)}。"},
                article=verb.article,
            )
        if case is not None:
            hand_in(case, keys)


def hand_in(case: Case, keys: Collection[int]) -> None:
    """Within an act, hand files in with a case: its parties may then read them."""
    AttachmentUse.objects.bulk_create(
        [AttachmentUse(attachment_id=pk, case=case) for pk in sorted(keys)], ignore_conflicts=True
    )


def take_out(cases: Collection[int], keys: Collection[int]) -> None:
    """Within an act, let files be handed in with these cases no more: whoever read them by these
    alone reads them no longer."""
    AttachmentUse.objects.filter(case__in=cases, attachment__in=keys).delete()


def _keys(value: Any) -> set[int]:
    """The files a parameter names: one, several or none."""
    several = isinstance(value, list | tuple | set | frozenset)
    return set(value) if several else {value} if value else set()


def _named_before(case: Case, parameter: str) -> set[int]:
    """The files this parameter has named in the steps of a case so far."""
    steps = Entry.objects.filter(case=case.pk, after__given__has_key=parameter)
    named = steps.values_list(f"after__given__{parameter}", flat=True)
    return {pk for value in named for pk in _keys(value)}


@cache
def _files_of(given: type[BaseModel]) -> dict[str, AttachmentRef]:
    """The parameters of a verb that name files, and what they take."""
    marks = {
        name: shape_of(field).mark(AttachmentRef) for name, field in given.model_fields.items()
    }
    return {name: mark for name, mark in marks.items() if mark is not None}
