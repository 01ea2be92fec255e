"""Printed forms: a typst template and data in, a PDF out. Nothing is fetched from anywhere.

Data reach the template as one JSON text and are shown as they are: a value can never act as markup.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import qrcode  # type: ignore[import-untyped]
import typst
from qrcode.image.svg import SvgPathImage  # type: ignore[import-untyped]

#: Noto Sans CJK comes as a wheel, so that printing works after pip alone
SHIPPED_FONTS = "manimgx_fonts_cjk"


def render(template: Path, data: Mapping[str, Any], *, made_at: datetime, fonts: Path | None = None) -> bytes:
    """The PDF/A of ``template`` filled with ``data`` (anything JSON can say; the template reads it as ``form``).

    The same template, data, moment (with its zone) and fonts give the same bytes. ``fonts`` is a folder with a city's own
    licensed faces, preferred over the shipped one when the template names them. Raises `typst.TypstError` when the
    template and the data do not fit together.
    """
    filled = {"form": json.dumps(data, ensure_ascii=False)}
    compiler = typst.Compiler(template, root=template.parent, font_paths=_faces(fonts), sys_inputs=filled)
    made = compiler.compile(format="pdf", pdf_standards="a-2a", timestamp=made_at)
    if not isinstance(made, bytes):
        raise TypeError(f"{template.name} gave no single document")
    return made


def fingerprint(data: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of what a form says: equal exactly when the forms say the same."""
    canonical = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def qr_svg(text: str) -> str:
    """A QR code as SVG text; level M still reads with 15 % of it under a stamp."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    code.add_data(text)
    return str(code.make_image(image_factory=SvgPathImage).to_string(encoding="unicode"))


@cache
def _faces(fonts: Path | None) -> typst.Fonts:
    """Loaded once: reading 30 MB of glyphs is most of a first form's time. System fonts would make pages differ by host."""
    folders = [Path(str(files(SHIPPED_FONTS)))] + ([fonts] if fonts else [])
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
