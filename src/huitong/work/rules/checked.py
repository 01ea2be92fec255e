"""The outcome of checking a file's content."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Checked:
    """The kind of a content. ``pages``: of a PDF; an image is one page."""

    media_type: str
    pages: int | None = None


class Refused(Exception):
    """A content is refused; the message ends a sentence that begins with the file's name."""


def named(words: str, before: str = "") -> frozenset[str]:
    """A set of names from a text with spaces between them, each with ``before`` in front."""
    return frozenset(before + word for word in words.split())
