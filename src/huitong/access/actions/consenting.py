"""Letters by which persons consent to the handling of their data, brought with a form (个人信息保护法
第十三条). They are named in the print: what changes them asks for a new one."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from huitong.access.actions.filling import CLERK, form_in_draft, invalidate_print, take_letters_out
from huitong.access.actions.parameters import FormRef
from huitong.access.models import ConsentLetter, Form
from huitong.kernel.actor import Actor
from huitong.kernel.doing import note, recorded
from huitong.kernel.procedure import Malformed
from huitong.work.rules import AttachmentRef, Hidden

LetterFile = Annotated[int, AttachmentRef((".pdf", ".jpg", ".jpeg", ".png")), Field(ge=1)]
#: what one form brings at the most
MOST = 50


@recorded("P13", CLERK, label="上传同意书", part_of="application.draft")
def add_letters(
    actor: Actor,
    *,
    form: FormRef,
    letters: Annotated[
        list[LetterFile],
        Field(
            title="同意书",
            description="个人签字的同意书，或统一式样的同意书样张；PDF、JPG、PNG，可选多份。",
            min_length=1,
            max_length=20,
        ),
    ],
) -> Form:
    """Bring letters of consent with a form that is being filled in."""
    paper = form_in_draft(actor, form)
    bring_letters(paper, letters)
    invalidate_print(paper)
    return paper


@recorded("P13", CLERK, label="撤下同意书", part_of="application.draft")
def remove_letter(
    actor: Actor, *, form: FormRef, letter: Annotated[int, Hidden(), Field(title="同意书", ge=1)]
) -> Form:
    """Take a letter off a form that is being filled in. Raises `Malformed` for one it does not
    bring."""
    paper = form_in_draft(actor, form)
    row = ConsentLetter.objects.filter(form=paper, attachment=letter).first()
    if row is None:
        raise Malformed({"letter": "申请表中没有这份同意书"}, article="P13")
    note(sha256=row.attachment.sha256)
    row.delete()
    take_letters_out(paper, [letter])
    invalidate_print(paper)
    return paper


def bring_letters(paper: Form, letters: list[int]) -> None:
    """Put letters onto a form, each once. Raises `Malformed` for too many."""
    there = set(ConsentLetter.objects.filter(form=paper).values_list("attachment", flat=True))
    new = [pk for pk in dict.fromkeys(letters) if pk not in there]
    if len(there) + len(new) > MOST:
        raise Malformed(
            {"letters": f"一张申请表最多 {MOST} 份同意书，人数多的请合并为一个 PDF，或上传样张"},
            article="P13",
        )
    ConsentLetter.objects.bulk_create([ConsentLetter(form=paper, attachment_id=pk) for pk in new])
    rows = ConsentLetter.objects.filter(form=paper).select_related("attachment")
    note(letters=[row.attachment.sha256 for row in rows])
