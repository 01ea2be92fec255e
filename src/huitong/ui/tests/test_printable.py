"""Everything typed prints: each character in its own shape, or as its code point, never as an
error and never as nothing."""

from __future__ import annotations

import io
import sys
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from huitong.ui import pdf
from huitong.ui.printable import BATCH, clusters, code_point, visible

AT = datetime(2026, 11, 23, 10, 40, tzinfo=UTC)
EVERY = range(sys.maxunicode + 1)


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page as ours are: Chinese face, bold and small, in a table, what is typed in the title
    of the document too."""
    path = tmp_path_factory.mktemp("page") / "page.typ"
    path.write_text(
        "#let form = json(bytes(sys.inputs.form))\n#set document(title:"
        " form.typed.clusters().slice(0, calc.min(form.typed.clusters().len(), 99)).join())\n#set"
        ' text(font: ("FangSong", "Noto Sans CJK SC"))\n#form.typed'
        " #table(strong(form.typed))\n#text(size: 7pt, form.typed.clusters().join(sym.zws))"
    )
    return path


def printed(sheet: Path, typed: str) -> str:
    reader = PdfReader(io.BytesIO(pdf.render(sheet, {"typed": typed}, made_at=AT)))
    return "".join("".join(p.extract_text().split()) for p in reader.pages)


#: what clerks really paste, and what somebody sends who wants the case to end without evidence
TYPED = {
    "boxes of a form": ("☐是 ☑否 ☒不详", "☐是☑否☒不详"),
    "emoji": ("同意😀", "同意😀"),
    "a family": ("👨‍👩‍👧", "👨‍👩‍👧"),
    "a rare surname that Noto has": ("𠮷", "𠮷"),
    "a rare character that it has not": ("李\U00031350", "李〔U+31350〕"),
    "Uyghur": ("ئۇيغۇر", ""),
    "Tibetan": ("བོད", "〔U+0F56〕〔U+0F7C〕〔U+0F51〕"),
    "a mark no face has": ("中\u1ab0国", "中〔U+1AB0〕国"),
    "private use": ("王\ue863", "王〔U+E863〕"),
    "half of a pair": ("\ud842", "〔U+D842〕"),
    "no character": ("\ufffe\U0010ffff", "〔U+FFFE〕〔U+10FFFF〕"),
    "control characters": ("a\0b\x1b[2Jc", "a〔U+0000〕b〔U+001B〕[2Jc"),
    "text turned round": ("\u202e元001付支", "〔U+202E〕元001付支"),
    "nothing to see": ("\u200b\ufeff\u3164", "〔U+200B〕〔U+FEFF〕〔U+3164〕"),
    "lines and tabs": ("一\r\n二\t三", "一二三"),
}


@pytest.mark.parametrize(("typed", "printed_text"), TYPED.values(), ids=TYPED)
def test_what_is_typed_prints(sheet: Path, typed: str, printed_text: str) -> None:
    assert printed_text in printed(sheet, typed)


def test_every_character_of_unicode_prints(sheet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many to a page, as most of the time goes into starting one. Latin, symbols and forms
    whole, of the rest samples of every block."""
    tries, set_page = [], pdf._set
    monkeypatch.setattr(
        pdf,
        "_set",
        lambda template, data, *rest: (
            tries.append(data["typed"]) or set_page(template, data, *rest)
        ),
    )
    some = [
        c
        for c in EVERY
        if c < 0x300
        or 0x2000 <= c < 0x3100
        or 0xFE00 <= c < 0x10000
        or 0x1F300 <= c < 0x1F700
        or c % (48 if c < 0x20000 else 4000) == 0
    ]
    for at in range(0, len(some), 400):
        batch = [chr(c) for c in some[at : at + 400]]
        tries.clear()
        pdf.render(sheet, {"typed": "a ".join(batch)}, made_at=AT)
        assert len(tries) <= 2, "the last resort spells everything out"
        lost = [
            c
            for c in batch
            if c not in tries[-1] and code_point(c) not in tries[-1] and c not in "\t\r"
        ]
        assert [hex(ord(c)) for c in lost] == []


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(), max_size=60))
def test_whatever_is_typed_prints(sheet: Path, typed: str) -> None:
    assert printed(sheet, typed) or not typed.strip()


@given(st.text(st.characters()))
def test_a_text_is_cut_into_pieces_without_loss(typed: str) -> None:
    assert "".join(clusters(typed)) == typed
    assert all(
        c == "\n"
        or c in "\u200c\u200d"
        or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn")
        for c in visible(typed)
    )


def test_a_text_of_rare_characters_alone_costs_a_bounded_number_of_looks(
    sheet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, ask = [], pdf._shows
    monkeypatch.setattr(pdf, "_shows", lambda some, faces: looks.append(1) or ask(some, faces))
    typed = "".join(chr(0x30000 + n) for n in range(900))
    assert "〔U+30000〕" in printed(sheet, typed) and len(looks) < 3 * BATCH


def test_the_same_text_is_the_same_bytes(sheet: Path) -> None:
    one, two = (pdf.render(sheet, {"typed": "☑😀\U00031350"}, made_at=AT) for _ in range(2))
    assert one == two
