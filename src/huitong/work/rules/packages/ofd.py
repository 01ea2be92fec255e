"""OFD, the format of official documents (GB/T 33190-2016)."""

from __future__ import annotations

import re
import time

from huitong.work.rules.checked import Checked, Refused
from huitong.work.rules.packages.archive import OBJECTS, SECONDS, Part, ignore_text, open_archive

NAMES = re.compile(
    r"""(?:[\w\-]+/)*[\w\-. ]+
        \.(?:xml|png|jpe?g|bmp|gif|tiff?|jb2|gbig2|ttf|otf|ttc|dat|esl)""",
    re.IGNORECASE | re.VERBOSE,
)
#: elements that act or bring what is not on a page
FORBIDDEN = frozenset(
    {"URI", "GotoA", "Sound", "Movie", "Attachment", "Video", "Audio", "Script", "JavaScript"}
)


def check_ofd(content: bytes) -> Checked:
    """Accept XML, pictures, fonts and seals. Raises `Refused`."""
    until = time.monotonic() + SECONDS
    archive = open_archive(content, NAMES, {"OFD.xml"})
    for name in sorted(archive.namelist()):
        if name.lower().endswith(".xml"):
            Part(name, until, _element, ignore_text).read(archive)
    return Checked("application/ofd")


def _element(tag: str, attributes: dict[str, str]) -> bool:
    if tag in FORBIDDEN:
        raise Refused(OBJECTS.format(tag))
    return False
