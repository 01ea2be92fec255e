"""A form printed in the demonstration can be stamped without paper, by the command the README
names."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest
from pypdf import PdfWriter

from huitong.cli import main


def test_a_form_is_stamped_and_scanned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    form = tmp_path / "申请表.pdf"
    paper = PdfWriter()
    paper.add_blank_page(595, 842)  # A4 in points
    paper.write(form)
    assert main(["stamp", str(form)]) == 0
    scan = tmp_path / "申请表-scan.pdf"
    assert str(scan) in capsys.readouterr().out
    page = pypdfium2.PdfDocument(scan)[0].render(scale=1).to_pil().convert("RGB")
    assert any(red > 150 and green < 90 for _, (red, green, _) in page.getcolors(1 << 24) or []), (
        "a red seal is on it"
    )


def test_what_is_no_form_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.pdf").write_bytes(b"no PDF")
    assert main(["stamp", str(tmp_path / "a.pdf")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
