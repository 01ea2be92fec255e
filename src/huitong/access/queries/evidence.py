"""What an evidence package holds of an application beside its own acts: everything liability turns
on (A34).

Each paper lies in the package under the hash by which a sealed entry names it, so that whoever has
the package can check it: the stamped scan and every other file handed in, the form as it was
printed, and what it said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from django.db.models import Q

from huitong.access.models import Application, Form, Grant
from huitong.audit.rules.offline import PAPERS
from huitong.kernel.case import Case
from huitong.kernel.ledger import canonical
from huitong.ui import pdf
from huitong.work import queries as work

#: read at once
PART = 1 << 20


@dataclass(frozen=True)
class Piece:
    """One paper of the package; ``name`` as its uploader called it, ``sha256`` as a sealed entry
    names it."""

    what: str
    name: str
    sha256: str
    content: Path | bytes

    @property
    def file(self) -> str:
        return f"{PAPERS}{self.sha256}{PurePath(self.name).suffix.lower()}"

    @property
    def is_stored(self) -> bool:
        return isinstance(self.content, bytes) or self.content.is_file()

    def chunks(self) -> Iterator[bytes]:
        if isinstance(self.content, bytes):
            yield self.content
            return
        with self.content.open("rb") as file:
            while part := file.read(PART):
                yield part


def application_behind(case: Case) -> Application | None:
    """The application a case is about, be it its own case or that of the grant that came of it."""
    return (
        Application.objects.select_related("form__scan", "form__printed")
        .filter(Q(case=case) | Q(grant__case=case))
        .first()
    )


def written_about(case: Case) -> Iterator[tuple[str, str]]:
    """Objects whose acts belong to the evidence: the form with all that was done to it, the
    application, every paper."""
    if (application := application_behind(case)) is not None:
        yield Form._meta.label_lower, str(application.form_id)
        yield Application._meta.label_lower, str(application.pk)
        yield Case._meta.label_lower, str(application.case_id)
        for _, paper in _handed_in(application):
            yield paper._meta.label_lower, str(paper.pk)


def papers_of(case: Case) -> Iterator[tuple[str, Iterable[bytes]]]:
    """The papers as files, and the list of them; a paper whose bytes are lost stands in the list
    alone."""
    if (application := application_behind(case)) is None:
        return
    form = application.form
    pieces = [
        Piece(what, paper.name, paper.sha256, work.path_of(paper))
        for what, paper in _handed_in(application)
    ]
    if form.printed_hash and pdf.fingerprint(form.printed_content) == form.printed_hash:
        pieces.append(
            Piece(
                "content",
                f"{form.number}.json",
                form.printed_hash,
                pdf.canonical(form.printed_content),
            )
        )
    for piece in {piece.file: piece for piece in pieces if piece.is_stored}.values():
        yield piece.file, piece.chunks()
    rows = (
        {
            "what": p.what,
            "name": p.name,
            "sha256": p.sha256,
            "file": p.file if p.is_stored else "",
            "form": form.number,
            "version": form.version,
        }
        for p in pieces
    )
    yield "papers.jsonl", (canonical(row) + b"\n" for row in rows)


def _handed_in(application: Application) -> list[tuple[str, Any]]:
    """The scan, the print, and whatever else was handed in with the application's case or that
    of its grant."""
    form = application.form
    cases = [
        application.case_id,
        *Grant.objects.filter(application=application).values_list("case", flat=True),
    ]
    named = [("scan", form.scan), ("print", form.printed)]
    listed = {paper.pk for _, paper in named if paper is not None}
    others = [
        ("attachment", paper) for paper in work.files_of(cases).values() if paper.pk not in listed
    ]
    return [(what, paper) for what, paper in named if paper is not None] + others
