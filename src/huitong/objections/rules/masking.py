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
#: a number written at once, and one written in groups
RUN = re.compile(r"\d[\dXx]{6,}")
GROUPED = re.compile(r"\d(?:[ .·_\-–—,，、/]{0,2}[\dXx]){6,}")
EMAIL = re.compile(r"[\w.+%-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}", re.ASCII)
TELEPHONE = re.compile(rf"(?<![0-9A-Za-z]){contents.LANDLINE.pattern}(?!\d)", re.ASCII)
PASSPORT = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{1,2}\d{7,10}(?!\d)", re.ASCII)
#: how long the numbers are that are looked for inside longer ones
LONG = 18


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
    """A run of digits, masked by what it is; of one in which an identity number is hidden, that
    part."""
    bare = "".join(sign for sign in written if sign.isalnum()).upper()
    for recognise, name in (
        (contents.is_citizen_number, "citizen_number"),
        (contents.is_like_citizen_number, "citizen_number"),
        (contents.is_mobile, "mobile"),
        (contents.is_bank_card, "bank_card"),
    ):
        if recognise(bare):
            return masks.apply(masks.named(name), bare) or ""
    for start in range(len(bare) - LONG + 1):
        inside = bare[start : start + LONG]
        if contents.is_citizen_number(inside):
            hidden = masks.apply(masks.named("citizen_number"), inside) or ""
            return bare[:start] + hidden + _number(bare[start + LONG :])
    return written
