"""Contents of an uploaded paper, from `look_at_paper`, a process with limits of its own
(docs/decisions/0020)."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

SCRIPT = Path(__file__).with_name("look_at_paper.py")
#: what can be looked at
KINDS = {"application/pdf": "pdf", "image/png": "picture", "image/jpeg": "picture"}
#: seconds by the clock a paper may take, the start of the process included
PATIENCE = 40


class Unshowable(ValueError):
    """The paper cannot be shown: damaged, of another kind, or made to cost too much."""


@dataclass(frozen=True)
class Paper:
    """``pictures``: every page looked at is a picture, as a scanner or a camera makes it.
    ``text`` stands on its pages as text. ``codes``: what its QR codes say. ``red``: red ink is
    on it."""

    pages: int
    pictures: bool
    text: str
    codes: tuple[str, ...]
    red: bool


@lru_cache(maxsize=256)
def look_at(path: Path, media_type: str) -> Paper:
    """The paper whose bytes lie at ``path``, a file that never changes. Raises `Unshowable`."""
    if media_type not in KINDS:
        raise Unshowable(media_type)
    command = [sys.executable, "-I", str(SCRIPT), KINDS[media_type], str(path)]
    try:
        result = subprocess.run(
            command, capture_output=True, timeout=PATIENCE, env={}, cwd="/", check=True
        )
        facts = json.loads(result.stdout)
    except (subprocess.SubprocessError, ValueError) as wrong:
        raise Unshowable(media_type) from wrong
    return Paper(
        facts["pages"], facts["pictures"], facts["text"], tuple(facts["codes"]), facts["red"]
    )
