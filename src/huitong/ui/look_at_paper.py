"""Look at uploaded papers: a script that `paper` runs as a process of its own, because papers are
hostile and this may die.

It imports what it needs once, then forks a child for each paper: with limits, with no file but the
paper and a pipe, gone after it. Standard input is one line of JSON for each paper,
``["pdf"|"picture", PATH]``; standard output is ``+`` when the look begins, then one line of JSON:
``pages`` of the paper; ``pictures``, whether each page looked at is a picture; ``text`` that stands
on its pages as text; ``codes`` read from them; ``red``, whether red ink is on one; or ``null`` for
what cannot be shown. Imports nothing of huitong, and gets no environment.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import select
import signal
import sys
from collections.abc import Iterator
from typing import Any, NoReturn

import pypdfium2
import zxingcpp
from PIL import Image, ImageChops
from pypdfium2 import raw

#: what the kernel allows this process: bytes of memory, seconds of processor, no file written
MEMORY, SECONDS = 1 << 30, 20
#: seconds without a paper after which the script ends; papers after which it does, so that one
#: layout of memory does not serve for ever
IDLE, PAPERS = 60, 100
#: bytes a child may answer with: more is no answer
ANSWER = 4 << 20
#: the longest side pages are drawn at, in pixels: A4 at 200 dots an inch, enough for a QR code of
#: two centimetres
SIDE = 2400
#: the largest picture unpacked, in pixels: A4 in colour at 600 dots an inch has 35 million
PIXELS = 50_000_000
#: pages looked at; objects looked at on a page; characters of text kept
PAGES, OBJECTS, CHARACTERS = 12, 20_000, 20_000
#: a page is a picture when pictures cover so much of it; a phone's photograph put on a page leaves
#: wide margins
COVERED = 0.5
#: of a page's dots so many are red where a stamp is: one of 42 mm on A4 has some 0.4 %
REDDISH = 0.0005
#: shades of grey between the darkest and the lightest dot of a page with anything on it
CONTRAST = 24
#: an OCR layer is text nobody sees
UNSEEN = {raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP}


class Look:
    """Results of looking so far."""

    def __init__(self) -> None:
        self.pages, self.pictures, self.red, self.blank = 0, True, False, True
        self.codes: list[str] = []
        self.text: list[str] = []

    def at(self, picture: Image.Image) -> None:
        """Codes and red ink of one page."""
        picture.thumbnail((SIDE, SIDE))
        grey = picture.convert("L")
        shades = [shade for shade, dots in enumerate(grey.histogram()) if dots]
        self.blank = self.blank and shades[-1] - shades[0] < CONTRAST
        codes = zxingcpp.read_barcodes(
            grey, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
        )
        self.codes += [code.text for code in codes if code.text not in self.codes][:20]
        self.red = self.red or _red(picture.convert("RGB"))

    def as_dict(self) -> dict[str, Any]:
        return {
            "pages": self.pages,
            "pictures": self.pictures,
            "text": "".join(self.text)[:CHARACTERS],
            "codes": self.codes,
            "red": self.red,
        }


def _red(picture: Image.Image) -> bool:
    # by whole numbers first: the red counted differs by a hundredth, the time is half
    picture.thumbnail((SIDE // 3, SIDE // 3), reducing_gap=1.0)
    red, green, blue = picture.split()
    signs = (
        red.point(lambda v: 255 * (v > 110)),
        ImageChops.subtract(red, green).point(lambda v: v > 45 and 255),
        ImageChops.subtract(red, blue).point(lambda v: 255 * (v > 35)),
    )
    count = ImageChops.darker(ImageChops.darker(signs[0], signs[1]), signs[2]).histogram()[255]
    return count > REDDISH * picture.width * picture.height


def look_at_picture(path: str, look: Look) -> None:
    with Image.open(path, formats=("JPEG", "PNG")) as picture:
        if picture.width * picture.height > PIXELS:
            raise ValueError("too large a picture")
        look.pages = 1
        picture.draft("RGB", (SIDE, SIDE))
        picture.load()
        look.at(picture)


def look_at_pdf(path: str, look: Look) -> None:
    with open(path, "rb") as file:
        document = pypdfium2.PdfDocument(file.read())
    look.pages = len(document)
    for number in range(min(look.pages, PAGES)):
        page = document[number]
        width, height = page.get_size()
        if not (width > 1 and height > 1):
            raise ValueError("a page without size")
        covered, text = _objects(page, width * height)
        look.pictures = look.pictures and covered >= COVERED
        look.text += text
        look.at(page.render(scale=SIDE / max(width, height)).to_pil())
        page.close()


def _objects(page: Any, area: float) -> tuple[float, list[str]]:
    """How much of the page pictures cover, and the text seen on it: what is drawn over the
    pictures."""
    covered, text, reading = 0.0, list[str](), page.get_textpage()
    for item in _few(page.get_objects(max_depth=4)):
        if item.type == raw.FPDF_PAGEOBJ_IMAGE:
            width, height = item.get_px_size()
            if width * height > PIXELS:
                raise ValueError("too large a picture")
            left, bottom, right, top = item.get_bounds()
            part = abs(right - left) * abs(top - bottom) / area
            covered += part
            text = [] if part >= COVERED else text
        elif (
            item.type == raw.FPDF_PAGEOBJ_TEXT
            and raw.FPDFTextObj_GetTextRenderMode(item) not in UNSEEN
        ):
            size = raw.FPDFTextObj_GetText(item, reading, None, 0)
            buffer = (raw.FPDF_WCHAR * (size // 2 + 1))()
            raw.FPDFTextObj_GetText(item, reading, buffer, size)
            text.append(bytes(buffer)[: max(size - 2, 0)].decode("utf-16-le", "replace"))
    return covered, text


def _few(objects: Iterator[Any]) -> Iterator[Any]:
    for _, item in zip(range(OBJECTS), objects, strict=False):
        yield item


def look_at(kind: str, path: str) -> int:
    """Look at one paper and write what is on it to standard output, within limits."""
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    look = Look()
    try:
        (look_at_pdf if kind == "pdf" else look_at_picture)(path, look)
        if look.blank:
            # a picture inside a PDF that cannot be drawn leaves the page empty
            raise ValueError("nothing is to be seen")
    except Exception:  # whatever it was: such a paper cannot be shown
        return 3
    json.dump(look.as_dict(), sys.stdout)
    sys.stdout.flush()
    return 0


def _child(kind: str, path: str, out: int) -> NoReturn:
    """The life of a child: nothing of the script's own is open in it, and nothing is tidied up."""
    status = 3
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for held, number in ((nothing, 0), (out, 1), (nothing, 2)):
            os.dup2(held, number)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        status = look_at(kind, path)
    finally:
        os._exit(status)


def _looked_at(kind: str, path: str) -> tuple[bytes, bool]:
    """The answer of a child, empty for a paper that cannot be shown, and whether the child ended by
    itself."""
    back, out = os.pipe()
    child = os.fork()
    if not child:
        _child(kind, path, out)
    os.close(out)
    answer = b""
    while len(answer) <= ANSWER:
        # nothing is sent during a look: what can be read is that who asked has gone
        ready, _, _ = select.select([0, back], [], [])
        part = b"" if 0 in ready else os.read(back, 1 << 16)
        if not part:
            break
        answer += part
    if 0 in ready or len(answer) > ANSWER:
        os.kill(child, signal.SIGKILL)
    os.close(back)
    _, status = os.waitpid(child, 0)
    whole = status == 0 and b"\n" not in answer
    return answer if whole else b"", os.WIFEXITED(status)


def main() -> int:
    """Look at paper after paper. Ends when who asks is gone or has nothing for a while, and after a
    child that was killed: what a crash teaches of the memory helps nobody with the next."""
    Image.preinit()
    gc.freeze()
    for _ in range(PAPERS):
        line = b""
        while not line.endswith(b"\n"):
            if not select.select([0], [], [], IDLE)[0]:
                return 0
            part = os.read(0, 1 << 16)
            if not part:
                return 0
            line += part
        os.write(1, b"+")
        answer, ended = _looked_at(*json.loads(line))
        answer = (answer or b"null") + b"\n"
        while answer:
            answer = answer[os.write(1, answer) :]
        if not ended:
            break
    return 0


if __name__ == "__main__":
    sys.exit(main())
