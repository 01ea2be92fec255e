"""What people write about a record, without the numbers by which a person could be known (A29).

What is typed is looked through with the recognisers of `scope` before anything is kept, the ledger
included: an identity number, a telephone, a bank card or an address of mail is masked where it
stands. A name cannot be told from other words: forms ask for it to be shortened.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from itertools import pairwise

from huitong.scope import contents, masks

#: signs nobody sees, by which a number would be cut in two
UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")
#: a number written at once, and one written in groups, whatever people put between them
GAP = r"[\s.·_\-–—,，、/:：()（）+]{0,4}"
RUN = re.compile(r"\d[\dXx]{6,}")
GROUPED = re.compile(rf"\d(?:{GAP}[\dXx]){{6,}}")
#: days, months and hours, and the day a longer number begins with (one as long as a telephone may
#: be one): a doubt is often about them, and none is part of a number of a person
YEAR, MONTH = r"(?:1[89]|20)\d\d", r"(?:0?[1-9]|1[0-2])"
DAY = "|".join(rf"{YEAR}{by}{MONTH}{by}(?:0?[1-9]|[12]\d|3[01])" for by in ("-", "/", r"\."))
HOUR = r"(?:[01]?\d|2[0-4])[:：][0-5]\d(?:[:：][0-5]\d(?:\.\d{1,9})?)?"
WHEN = re.compile(
    rf"((?<!\d)(?:{DAY})(?!\d)|(?<!\d)(?<!\d[-/.]){YEAR}[-/.]{MONTH}(?!\d|[-/.]\d)"
    rf"|(?<!\d)(?<!\d[:：]){HOUR}(?!\d|[:：]\d)"
    rf"|(?<!\d){YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?=\d)(?!\d{{3}}(?!\d)))"
)
#: but for an identity number whose middle is written as a day
BORN = re.compile(rf"(?<!\d)(?<!\d[-/.:])\d{{6}}{GAP}(?:{DAY}){GAP}\d{{3}}[\dXx](?![-/.:]?\d)")
# bounded, as addresses are: what begins like one and is none is not read through at each sign
EMAIL = re.compile(r"[\w.+%-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,63}", re.ASCII)
TELEPHONE = re.compile(rf"(?<![0-9A-Za-z]){contents.LANDLINE.pattern}(?!\d)", re.ASCII)
PASSPORT = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{1,2}\d{7,10}(?!\d)", re.ASCII)
#: how the groups of a number are written: their digits, with "-" where one and the same is between
#: all of them, else with "+". What carries no check digit, or one that one in ten passes, is taken
#: only as people write it: else it would be found in values written in a row
ANY = r".+"
ROUGHLY = r"\d\d|1([-+]1)+|([3-9]|\d\d)([-+]([3-9]|\d\d))+"
CITIZEN = r"18|6-8-4|6-4-4-4|1(-1){17}"
CARD = r"1[6-9]|4-4-4-4(-[123])?"
#: what a number of a person is recognised by, its mask, how its groups are written when it stands
#: alone; how long it is inside a longer run, and how its groups are written there
KINDS: tuple[tuple[Callable[[str], bool], str, str, tuple[int, ...], str], ...] = (
    (contents.is_citizen_number, "citizen_number", ANY, (18,), ROUGHLY),
    (contents.is_like_citizen_number, "citizen_number", CITIZEN, (18,), CITIZEN),
    (contents.is_mobile, "mobile", ANY, (11,), ROUGHLY),
    (contents.is_bank_card, "bank_card", ANY, (16, 17, 18, 19), CARD),
)


def masked(text: str) -> str:
    """The text with every number of a person masked, as the usual masks leave it."""
    # of nothing but unseen signs nothing is made: it is refused for what it is
    text = "".join(map(_half_width, UNSEEN.sub("", text) or text))
    text = EMAIL.sub(_by("email"), text)
    text = PASSPORT.sub(_if(contents.is_passport, "certificate"), text)
    text = BORN.sub(_born, text)
    parts = WHEN.split(text)  # each second one is a day or an hour
    for pattern in (RUN, GROUPED):
        parts[::2] = [pattern.sub(_number, part) for part in parts[::2]]
    text = "".join(parts)
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


def _born(match: re.Match[str]) -> str:
    bare = "".join(filter(str.isalnum, match.group())).upper()
    return _number(match) if contents.is_citizen_number(bare) else match.group()


def _number(match: re.Match[str]) -> str:
    """A run of digits, masked by what it is; of one that is nothing as a whole, every number of a
    person inside it."""
    written = match.group()
    at = [place for place, sign in enumerate(written) if sign.isalnum()]
    bare = "".join(written[place] for place in at).upper()
    groups = _groups(written, bare, at, 0, len(bare))
    hidden = next(
        (
            _under(name, bare, 0)
            for is_one, name, alone, *_ in KINDS
            if is_one(bare) and re.fullmatch(alone, groups)
        ),
        set(),
    )
    signs = list(written)
    for place in hidden or _inside(written, bare, at):
        signs[at[place]] = "*"
    return "".join(signs)


def _inside(written: str, bare: str, at: list[int]) -> set[int]:
    """The places hidden of all numbers inside a run."""
    hidden: set[int] = set()
    for is_one, name, _, lengths, usual in KINDS:
        for length in lengths:
            for start in range(len(bare) - length + 1):
                end = start + length
                if is_one(bare[start:end]) and re.fullmatch(
                    usual, _groups(written, bare, at, start, end)
                ):
                    hidden |= _under(name, bare[start:end], start)
    return hidden


def _groups(written: str, bare: str, at: list[int], start: int, end: int) -> str:
    """How a part of a run is written: its length when at once, the digits of its groups when it
    is whole groups (a country's 86 before the first); empty when it is neither."""
    if at[end - 1] - at[start] == end - start - 1:
        return str(end - start)
    begins = start == 0 or at[start] - at[start - 1] > 1 or bare[max(0, start - 2) : start] == "86"
    ends = end == len(bare) or at[end] - at[end - 1] > 1
    if not (begins and ends):
        return ""
    cuts = [n for n in range(start + 1, end) if at[n] - at[n - 1] > 1]
    between = {written[at[n - 1] + 1 : at[n]] for n in cuts}
    digits = (str(b - a) for a, b in pairwise([start, *cuts, end]))
    return ("-" if len(between) == 1 else "+").join(digits)


def _under(name: str, number: str, start: int) -> set[int]:
    """The places its mask hides of a number that begins at a place."""
    mask = masks.apply(masks.named(name), number) or ""
    return {start + n for n, sign in enumerate(mask) if sign == "*"}
