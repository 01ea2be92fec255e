"""What is done with the paper of a stamped form, within the verbs of its context: fixed as a print,
scanned back, emptied when it goes back for correction (A20, A24)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from django.core.files.base import ContentFile
from django.utils import timezone
from pydantic import AfterValidator, Field

from huitong.kernel import turns
from huitong.kernel.actor import Actor
from huitong.kernel.doing import note, was
from huitong.kernel.procedure import Malformed, NotVisible
from huitong.ui import pdf
from huitong.ui.paper import KINDS, Paper, Unshowable, look_at
from huitong.work import queries
from huitong.work.actions.files import attach
from huitong.work.rules import AttachmentId
from huitong.work.rules.stamped import FormKind, StampedForm, archived, doubts_about

#: the parameters of the verb that takes the stamped scan in
Scan = Annotated[AttachmentId, Field(title="加盖公章的扫描件", description="PDF、JPG、PNG。")]
Archive = Annotated[
    str,
    Field(title="原件档案号", description="原件由本部门留存，如“ZJ-2026-017”。", max_length=60),
    AfterValidator(archived),
]
#: what a form that was emptied has been through no more
EMPTIED = ["printed_hash", "scan", "scanned_hash", "scan_doubts"]


def fix_print(actor: Actor, kind: FormKind, form: StampedForm, content: Mapping[str, Any]) -> None:
    """Fix what a locked form says as its next version, to be printed, stamped and scanned.
    Unchanged: the same version again."""
    mark = pdf.fingerprint(content)
    if form.printed_hash != mark:
        was(version=form.version, printed_hash=form.printed_hash)
        if form.printed_at is not None:
            form.version += 1
        form.printed_hash, form.printed_at, form.printed_content = mark, timezone.now(), content
        print_ = ContentFile(
            queries.typeset(kind, form, content), f"{form.number}-v{form.version}.pdf"
        )
        form.printed = attach(actor, upload=print_)
        form.save()
    note(
        version=form.version,
        printed_hash=mark,
        printed_sha256=form.printed.sha256 if form.printed else "",
    )


def take_scan(
    actor: Actor, kind: FormKind, form: StampedForm, scan: int, archive_number: str
) -> None:
    """Keep the stamped scan of a locked form's last print, which the caller knows to count. Raises
    `Malformed` for what is no scan of it."""
    doubts = doubts_about(_looked_at(actor, kind, scan), queries.print_of(kind, form))
    form.scan_id, form.scanned_hash, form.archive_number = scan, form.printed_hash, archive_number
    form.scan_doubts = doubts
    form.save()
    note(version=form.version, scanned_hash=form.scanned_hash, scan_sha256=form.scan.sha256)


def empty_seal(form: Any) -> None:
    """Let print, scan and seal of a form count no more: it is printed and stamped anew."""
    form.printed_hash, form.scan, form.scanned_hash, form.scan_doubts = "", None, "", []
    form.save(update_fields=EMPTIED)


def _looked_at(actor: Actor, kind: FormKind, scan: int) -> Paper:
    """What is on the scan. Raises `Malformed` when it cannot be shown to those who must look at
    it."""
    try:
        held = queries.attachment_for(actor, scan)
    except NotVisible:
        raise Malformed(
            {"scan": "“加盖公章的扫描件”不存在，或不是您上传的。"}, article=kind.article
        ) from None
    if held.media_type not in KINDS:
        raise Malformed(
            {"scan": f"盖章件须是 PDF、JPG 或 PNG，“{held.name}”不能在页面上显示。"},
            article=kind.article,
        )
    turns.web.give_up()  # another process looks, for seconds
    try:
        return look_at(queries.path_of(held), held.media_type)
    except Unshowable:
        raise Malformed(
            {"scan": f"“{held.name}”已损坏或过大，不能显示。请重新扫描（A4，200–300 dpi）后上传。"},
            article=kind.article,
        ) from None
