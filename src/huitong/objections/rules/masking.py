"""What people write about a record, without the numbers by which a person could be known (A29).

What is typed is looked through with the recognisers of `scope` before anything is kept, the ledger
included: an identity number, a telephone, a bank card or an address of mail is masked where it
stands. A name cannot be told from other words: forms ask for it to be shortened.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from huitong.scope import contents, masks

#: signs nobody sees, by which a number would be cut in two
UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")
#: a number written at once, and one written in groups, whatever people put between them
RUN = re.compile(r"\d[\dXx]{6,}")
GROUPED = re.compile(r"\d(?:[\s.·_\-–—,，、/:：()（）+]{0,4}[\dXx]){6,}")
# bounded, as addresses are: what begins like one and is none is not read through at each sign
EMAIL = re.compile(r"[\w.+%-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,63}", re.ASCII)
TELEPHONE = re.compile(rf"(?<![0-9A-Za-z]){contents.LANDLINE.pattern}(?!\d)", re.ASCII)
PASSPORT = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{1,2}\d{7,10}(?!\d)", re.ASCII)
#: what a number of a person is recognised by, its mask, how long it is inside a longer one, and
#: what it may be there: one without a check digit would else be found in days written in a row
KINDS: tuple[tuple[Callable[[str], bool], str, tuple[int, ...], str], ...] = (
    (contents.is_citizen_number, "citizen_number", (18,), "any part"),
    (contents.is_like_citizen_number, "citizen_number", (18,), "at once"),
    (contents.is_mobile, "mobile", (11,), "whole groups"),
    (contents.is_bank_card, "bank_card", (16, 17, 18, 19), "any part"),
)


def masked(text: str) -> str:
    """The text with every number of a person masked, as the usual masks leave it."""
    # of nothing but unseen signs nothing is made: it is refused for what it is
    text = "".join(map(_half_width, UNSEEN.sub("", text) or text))
    text = EMAIL.sub(_by("email"), text)
    text = PASSPORT.sub(_if(contents.is_passport, "certificate"), text)
    for pattern in (RUN, GROUPED):
        text = pattern.sub(lambda match: _number(match.group()), text)
    return TELEPHONE.sub(_by("phone"), text)


def _half_width(sign: str) -> str:
    """A digit or letter of any script as it is typed on a keyboard; every other sign as it is."""
    digit = unicodedata.decimal(sign, None)
    if digit is not None:
        return str(digit)
    plain = unicodedata.normalize("NFKC", sign)
    return (
        plain if plain == "@" or (len(plain) == 1 and plain.isascii() and plain.isalnum()) else sign
    )


def _by(name: str) -> Callable[[re.Match[str]], str]:
    return lambda match: masks.apply(masks.named(name), match.group()) or ""


def _if(recognise: Callable[[str], bool], name: str) -> Callable[[re.Match[str]], str]:
    mask = _by(name)
    return lambda match: mask(match) if recognise(match.group()) else match.group()


def _number(written: str) -> str:
    """A run of digits, masked by what it is; of one that is nothing as a whole, every number of a
    person inside it."""
    at = [place for place, sign in enumerate(written) if sign.isalnum()]
    bare = "".join(written[place] for place in at).upper()
    hidden = next((_under(name, bare, 0) for is_one, name, *_ in KINDS if is_one(bare)), set())
    signs = list(written)
    for place in hidden or _inside(bare, at):
        signs[at[place]] = "*"
    return "".join(signs)


def _inside(bare: str, at: list[int]) -> set[int]:
    """The places hidden of all numbers inside a run."""
    hidden: set[int] = set()
    for is_one, name, lengths, part in KINDS:
        for length in lengths:
            for start in range(len(bare) - length + 1):
                end = start + length
                if is_one(bare[start:end]) and part in _parts(bare, at, start, end):
                    hidden |= _under(name, bare[start:end], start)
    return hidden


def _parts(bare: str, at: list[int], start: int, end: int) -> set[str]:
    """What a part of a run is: written at once, of whole groups (a country's 86 before), or any."""
    if at[end - 1] - at[start] == end - start - 1:
        return {"any part", "whole groups", "at once"}
    begins = start == 0 or at[start] - at[start - 1] > 1 or bare[:start].endswith("86")
    ends = end == len(bare) or at[end] - at[end - 1] > 1
    return {"any part", "whole groups"} if begins and ends else {"any part"}


def _under(name: str, number: str, start: int) -> set[int]:
    """The places its mask hides of a number that begins at a place."""
    mask = masks.apply(masks.named(name), number) or ""
    return {start + n for n, sign in enumerate(mask) if sign == "*"}
