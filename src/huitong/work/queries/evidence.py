"""What an evidence package holds of a stamped form beside the acts of its case: everything
liability turns on (A34).

Each paper lies in the package under the hash by which a sealed entry names it, so that whoever has
the package can check it: the stamped scan and every other file handed in, the form as it was
printed, and what it said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from huitong.audit.rules.offline import PAPERS
from huitong.kernel.ledger import canonical
from huitong.ui import pdf
from huitong.work.queries.files import path_of
from huitong.work.queries.records import files_of
from huitong.work.rules.stamped import StampedForm

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


def papers_handed_in(form: StampedForm, cases: list[int]) -> list[tuple[str, Any]]:
    """The scan, the print, and whatever else was handed in with these cases."""
    named = [("scan", form.scan), ("print", form.printed)]
    listed = {paper.pk for _, paper in named if paper is not None}
    others = [("attachment", paper) for paper in files_of(cases).values() if paper.pk not in listed]
    return [(what, paper) for what, paper in named if paper is not None] + others


def paper_files(form: StampedForm, cases: list[int]) -> Iterator[tuple[str, Iterable[bytes]]]:
    """The papers of a form as files, and the list of them; a paper whose bytes are lost stands in
    the list alone."""
    pieces = [
        Piece(what, paper.name, paper.sha256, path_of(paper))
        for what, paper in papers_handed_in(form, cases)
    ]
    if form.printed_hash and pdf.fingerprint(form.printed_content) == form.printed_hash:
        content = pdf.canonical(form.printed_content)
        pieces.append(Piece("content", f"{form.number}.json", form.printed_hash, content))
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
