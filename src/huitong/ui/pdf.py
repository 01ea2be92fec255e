"""Printed forms: a typst template and data in, a PDF out. Nothing is fetched from anywhere.

Data reach the template as one JSON text and are shown as they are: a value can never act as markup.
What no face has a shape for is shown as its code point (`printable`): no character makes a page
impossible.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import qrcode
import typst
from qrcode.image.svg import SvgPathImage

from huitong.ui.printable import everywhere, printable, surely, texts_in, visible

#: Noto comes as wheels, so that printing works after pip alone: Chinese, and other scripts, symbols
#: and emoji
SHIPPED_FONTS = ("manimgx_fonts_cjk", "manimgx_fonts")
STANDARD: Literal["a-2a"] = "a-2a"


def render(
    template: Path, data: Mapping[str, Any], *, made_at: datetime, fonts: Path | None = None
) -> bytes:
    """The PDF/A of ``template`` filled with ``data`` (anything JSON can say; the template reads it
    as ``form``).

    The same template, data, moment (with its zone) and fonts give the same bytes, and every
    character prints. ``fonts`` is a folder with a city's own licensed faces: preferred over the
    shipped ones when the template names them, and asked for what those lack. Raises
    `typst.TypstError` when the template and the data do not fit together.
    """
    faces, visible_data = _faces(fonts), everywhere(data, visible)
    try:
        return _set(template, visible_data, made_at, faces)
    except typst.TypstError:
        visible_data = everywhere(
            visible_data, printable(texts_in(visible_data), lambda some: _shows(some, faces))
        )
    try:
        return _set(template, visible_data, made_at, faces)
    except typst.TypstError:
        return _set(template, everywhere(data, surely), made_at, faces)


def _set(template: Path, data: Mapping[str, Any], made_at: datetime, faces: typst.Fonts) -> bytes:
    filled = {"form": json.dumps(data, ensure_ascii=False)}
    compiler = typst.Compiler(template, root=template.parent, font_paths=faces, sys_inputs=filled)
    document = compiler.compile(format="pdf", pdf_standards=STANDARD, timestamp=made_at)
    if not isinstance(document, bytes):
        raise TypeError(f"{template.name} gave no single document")
    return document


#: each text in a paragraph of its own, so that none is shaped together with its neighbour
_SPECIMEN = (
    b'#set text(font: "Noto Sans CJK SC")\n#for some in json(bytes(sys.inputs.form)) [#some'
    b" #parbreak()]"
)


def _shows(some: Sequence[str], faces: typst.Fonts) -> bool:
    """Whether the typesetter finds a face for all of these texts."""
    try:
        typst.Compiler(
            _SPECIMEN, font_paths=faces, sys_inputs={"form": json.dumps(some, ensure_ascii=False)}
        ).compile(format="pdf", pdf_standards=STANDARD)
    except typst.TypstError:
        return False
    return True


def fingerprint(data: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of what a form says: equal exactly when the forms say the
    same."""
    return hashlib.sha256(canonical(data)).hexdigest()


def canonical(data: Mapping[str, Any]) -> bytes:
    """Return the content of a form as the bytes its fingerprint is taken of."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(
        errors="surrogatepass"
    )


def qr_svg(text: str) -> str:
    """A QR code as SVG text; level M still reads with 15 % of it under a stamp."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    code.add_data(text)
    return str(code.make_image(image_factory=SvgPathImage).to_string(encoding="unicode"))


@cache
def _faces(fonts: Path | None) -> typst.Fonts:
    """Load the faces once: reading 30 MB of glyphs is most of a first form's time. System fonts
    would make pages differ by host."""
    folders = [Path(str(files(package))) for package in SHIPPED_FONTS] + (
        [fonts] if fonts and fonts.is_dir() else []
    )
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=folders)
