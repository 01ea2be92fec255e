"""The laws this platform implements, and how an article of one is cited (A36).

Laws are rows of ``data/laws.csv``. A citation is a law and an article, written short as the law's
mark and the article's number: ``A22`` is article 22 of the Nantong rules, ``D16`` article 16 of
the State Council's decree, ``D`` the decree as a whole. Steps, limits, grounds, refusals, ledger
and pages all cite this way.

What the city sets for itself is a row there, too, without articles: a limit under ``C`` is shown
as 本市设定 and never as an article of a law.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import NamedTuple

from huitong.kernel import shipped

DIGITS = "零一二三四五六七八九"
SHORT = re.compile(r"^([A-Z]+)([1-9]\d{0,2})?$")


@dataclass(frozen=True)
class Law:
    """A law, regulation or rule. ``mark`` begins its citations; ``articles`` is how many it has,
    None while its text has not been read, 0 for what the city sets for itself."""

    code: str
    mark: str
    name: str
    short: str
    number: str
    in_force: date
    until: date | None
    articles: int | None
    confidence: str
    note: str = ""

    @property
    def title(self) -> str:
        """《name》 with its number, as a document cites it."""
        return _in_marks(self, self.name) + (f"（{self.number}）" if self.number else "")


class Citation(NamedTuple):
    """An article of a law; 0 cites the law as a whole."""

    law: Law
    article: int

    @property
    def short(self) -> str:
        return f"{self.law.mark}{self.article or ''}"

    @property
    def words(self) -> str:
        """As a clerk reads it: 第二十二条; of any law but the first the name goes before."""
        number = f"第{numeral(self.article)}条" if self.article else ""
        return number if self.law.code == HOME and number else self.full_words

    @property
    def full_words(self) -> str:
        """With the name of the law in any case: 《实施细则》第二十二条."""
        number = f"第{numeral(self.article)}条" if self.article else ""
        return _in_marks(self.law, self.law.short) + number

    @property
    def limit_words(self) -> str:
        """What a limit under it is called: 第二十二条规定的时限, 本市设定的时限."""
        return self.words + ("的时限" if self.law.articles == 0 else "规定的时限")


def _in_marks(law: Law, name: str) -> str:
    """A law's name stands in book title marks; what the city sets for itself is no document."""
    return name if law.articles == 0 else f"《{name}》"


def _law(row: Mapping[str, str]) -> Law:
    in_force, until = shipped.span(row)
    articles = int(row["articles"]) if row["articles"] else None
    texts = {name: text for name, text in row.items() if name not in ("in_force", "until")}
    return Law(
        **texts | {"articles": articles},  # type: ignore[arg-type]
        in_force=in_force,
        until=until,
    )


#: the laws by code, in the order of the table
LAWS: Mapping[str, Law] = {law.code: law for law in map(_law, shipped.rows("kernel", "laws"))}
#: the law whose articles are cited without its name: the rules this platform is made for
HOME = next(iter(LAWS))
_BY_MARK: Mapping[str, Law] = {law.mark: law for law in LAWS.values()}


@cache
def citation(short: str) -> Citation:
    """The law and article a short citation names.

    Raises `ValueError` for a mark no law has, and an article its law does not have.
    """
    match = SHORT.match(short)
    law = _BY_MARK.get(match[1]) if match else None
    if match is None or law is None:
        marks = ", ".join(f"{law.mark} ({law.code})" for law in LAWS.values())
        raise ValueError(f"{short!r} cites no law; a citation is a mark and an article: {marks}")
    article = int(match[2] or 0)
    if law.articles is not None and article > law.articles:
        raise ValueError(f"{short!r}: {law.code} has {law.articles} articles")
    return Citation(law, article)


def article_words(short: str) -> str:
    """``A22`` as a clerk reads it: 第二十二条. What cites no law stays as it is."""
    try:
        return citation(short).words
    except ValueError:
        return short


def full_words(short: str) -> str:
    """``A22`` with the name of its law: 《实施细则》第二十二条. What cites no law stays as it is."""
    try:
        return citation(short).full_words
    except ValueError:
        return short


def citable() -> list[str]:
    """Every article of the laws whose text has been read, as short citations."""
    return [f"{law.mark}{n}" for law in LAWS.values() for n in range(1, (law.articles or 0) + 1)]


def numeral(number: int) -> str:
    """A number below 1000 as laws count their articles: 二十二, 一百零五."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    head = f"{DIGITS[hundreds]}百" if hundreds else ""
    middle = ("零" if ones else "") if hundreds and not tens else _tens(tens, spoken=not hundreds)
    return head + middle + (DIGITS[ones] if ones or not number else "")


def _tens(tens: int, *, spoken: bool) -> str:
    """十 alone stands for 一十 only where no hundred goes before."""
    return "" if not tens else f"{'' if tens == 1 and spoken else DIGITS[tens]}十"
