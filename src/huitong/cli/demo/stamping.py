"""A stamped scan for the demonstration and the tests: the print as a scanner sees it, with a red
seal on its last page (A20)."""

from __future__ import annotations

import io
import math

import pypdfium2
import qrcode
from PIL import Image, ImageDraw

#: dots an inch: what office scanners are set to, and what tests can afford
OFFICE, QUICK = 150, 100
SEAL = (196, 32, 32)
#: a seal of 42 mm stands over the date at the lower right of A4; millimetres from the left and the
#: lower edge
RADIUS, FROM_LEFT, FROM_BOTTOM = 21, 160, 60


def stamped(
    print_: bytes, *, dots: int = OFFICE, seal: bool = True, code: bool = True, kind: str = "pdf"
) -> bytes:
    """The printed PDF stamped and scanned: a PDF of page pictures, or one picture of all pages
    (``jpeg``, ``png``).

    Without ``seal`` nobody stamped it; without ``code`` a coffee cup stood on the QR code.
    """
    document = pypdfium2.PdfDocument(print_)
    pages = [
        document[n].render(scale=dots / 72).to_pil().convert("RGB") for n in range(len(document))
    ]
    if not code:
        width = pages[0].width
        ImageDraw.Draw(pages[0]).rectangle(
            (width * 3 // 4, 0, width, pages[0].height // 5), fill=(120, 90, 60)
        )
    if seal:
        _seal(pages[-1], dots / 25.4)
    written = io.BytesIO()
    if kind == "pdf":
        pages[0].save(
            written, "PDF", save_all=True, append_images=pages[1:], resolution=dots, quality=60
        )
    else:
        _one_below_the_other(pages).save(written, kind.upper())
    return written.getvalue()


def drawn(number: str) -> bytes:
    """A page of a form of that number, scanned: its code and a red ring, no words. A planted city
    has too many for `stamped`."""
    page, out = Image.new("RGB", (620, 877), "white"), io.BytesIO()
    code = qrcode.QRCode(box_size=4, border=2)
    code.add_data(number)
    page.paste(code.make_image().get_image().convert("RGB"), (440, 30))
    ImageDraw.Draw(page).ellipse((400, 640, 560, 800), outline=SEAL, width=7)
    page.save(out, "JPEG", quality=70)
    return out.getvalue()


def _one_below_the_other(pages: list[Image.Image]) -> Image.Image:
    whole = Image.new(
        "RGB", (max(page.width for page in pages), sum(page.height for page in pages))
    )
    below = 0
    for page in pages:
        whole.paste(page, (0, below))
        below += page.height
    return whole


def _seal(page: Image.Image, mm: float) -> None:
    """A ring with a star, as seals of departments have."""
    x, y, r = FROM_LEFT * mm, page.height - FROM_BOTTOM * mm, RADIUS * mm
    draw = ImageDraw.Draw(page)
    draw.ellipse((x - r, y - r, x + r, y + r), outline=SEAL, width=max(2, round(1.2 * mm)))
    points = [
        (x + length * r * math.sin(n * math.pi / 5), y - length * r * math.cos(n * math.pi / 5))
        for n in range(10)
        for length in ((0.4, 0.16)[n % 2],)
    ]
    draw.polygon(points, fill=SEAL)
