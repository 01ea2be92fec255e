"""The outcome of looking at a file's content."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Checked:
    """What the content turned out to be. ``pages`` is known for PDF; an image is one page."""

    media_type: str
    pages: int | None = None


class Refused(Exception):
    """Why a content is refused, as the end of a sentence for people that begins with the file's
    name."""


def named(words: str, before: str = "") -> frozenset[str]:
    """A list of names as it is read: divided by spaces, each with ``before`` in front."""
    return frozenset(before + word for word in words.split())
