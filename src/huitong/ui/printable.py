"""Text as it can be printed: every character of Unicode shows, in its own shape or as its code
point (〔U+2E80〕).

What shows nothing or turns the text around it (control and format characters) stands for itself as
its code point too: whoever stamps a page sees everything that it says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

#: says of a batch of texts whether the faces at hand can show all of it
Shows = Callable[[Sequence[str]], bool]

#: joiners shape the letters beside them (Persian, Hindi, families of emoji): they are seen by what
#: they do
_JOINERS = "\u200c\u200d"
#: control and format characters, surrogates, private use, unassigned, separators of lines and
#: paragraphs (UAX 44, 5.7.1)
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
#: the base and what stands on it, before it is known whether a face shows them together
_MARKS = frozenset({"Mn", "Mc", "Me"})
#: these are letters by their category and show nothing all the same (UAX 44,
#: Default_Ignorable_Code_Point)
_BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
#: every Chinese face has these: the typesetter is not asked about them
_SURE = re.compile(r"[\n -~·、-〕一-龥！-～]")
#: about so many different others it is asked; a text with more is no text, and each costs a look
BATCH = 500


def code_point(character: str) -> str:
    """The visible substitute of a character."""
    return f"〔U+{ord(character):04X}〕"


def visible(text: str) -> str:
    """The text with what cannot be seen spelled out; line ends and tabs stay what they are."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return (
        text
        if text.isascii() and text.replace("\n", "").isprintable()
        else "".join(map(_visible, text))
    )


def _visible(character: str) -> str:
    if character in _JOINERS or character == "\n":
        return character
    unseen = character in _BLANK or unicodedata.category(character) in _UNSEEN
    return code_point(character) if unseen else character


def printable(texts: Sequence[str], shows: Shows) -> Callable[[str], str]:
    """A translation of these texts into what the faces can show, asked of the typesetter in few,
    large questions."""
    doubtful = sorted(
        {cluster for text in texts for cluster in clusters(text) if not _SURE.fullmatch(cluster)}
    )
    alone = {
        cluster
        for cluster in doubtful
        if cluster[0] in _JOINERS or unicodedata.category(cluster[0]) in _MARKS
    }
    doubtful = [cluster for cluster in doubtful if cluster not in alone]
    lost = {*_lost(doubtful[:BATCH], shows), *doubtful[BATCH:], *alone}
    bases = sorted(
        {cluster[0] for cluster in lost if len(cluster) > 1 and not _SURE.fullmatch(cluster[0])}
    )
    lost_bases = {*_lost(bases[:BATCH], shows), *bases[BATCH:]}

    def spelled(cluster: str) -> str:
        if cluster not in lost:
            return cluster
        stands_alone = len(cluster) > 1 and cluster not in alone and cluster[0] not in lost_bases
        base = cluster[0] if stands_alone else code_point(cluster[0])
        return base + "".join(map(code_point, cluster[1:]))

    return lambda text: "".join(map(spelled, clusters(text)))


def surely(text: str) -> str:
    """The text in letters no face lacks, all else as code points."""
    return "".join(c if _SURE.fullmatch(c) else code_point(c) for c in text)


def clusters(text: str) -> Iterator[str]:
    """The text in pieces a face shows whole or not at all: a character with its marks and what is
    joined to it.

    A mark on nothing, or on a space, is a piece of its own.
    """
    cluster = ""
    for character in text:
        stands_on = (
            unicodedata.category(character) in _MARKS
            or character in _JOINERS
            or cluster.endswith("\u200d")
        )
        if cluster and (cluster.isspace() or not stands_on):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _lost(doubtful: Sequence[str], shows: Shows) -> Iterator[str]:
    """Yield the clusters that cannot be shown, by halving."""
    if not doubtful or shows(doubtful):
        return
    if len(doubtful) == 1:
        yield doubtful[0]
        return
    middle = len(doubtful) // 2
    yield from _lost(doubtful[:middle], shows)
    yield from _lost(doubtful[middle:], shows)


def everywhere(data: Any, change: Callable[[str], str]) -> Any:
    """Return JSON data with every text in it changed; names of fields stay."""
    if isinstance(data, str):
        return change(data)
    if isinstance(data, Mapping):
        return {name: everywhere(value, change) for name, value in data.items()}
    if isinstance(data, Sequence):
        return [everywhere(value, change) for value in data]
    return data


def texts_in(data: Any) -> list[str]:
    """Every text in data of JSON."""
    texts: list[str] = []
    everywhere(data, lambda text: texts.append(text) or text)  # type: ignore[func-returns-value]
    return texts
