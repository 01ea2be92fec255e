"""On which legal basis personal data are handled, and what an application for them must bring: the
consent of the persons, a record of the impact on them (个人信息保护法). Dated rows in
`data/bases.csv` (article 13) and `data/impact.csv` (article 55)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Protocol

from huitong.catalog.rules import ItemRow, Level
from huitong.kernel import shipped
from huitong.kernel.laws import article_words

#: the three things a record of the impact says, by the provision that asks for each
IMPACT: dict[str, tuple[str, str]] = {
    "impact_purpose": ("P56", "目的和方式是否合法、正当、必要"),
    "impact_effect": ("P56", "对个人权益的影响和安全风险"),
    "impact_measures": ("P56", "保护措施"),
}
#: by whom and on which day: the record is there before the data are handled
AUTHORED: dict[str, tuple[str, str]] = {
    "impact_by": ("P55", "评估人"),
    "impact_on": ("P55", "评估日期"),
}
#: the case of article 55 that sensitive data make
SENSITIVE = "sensitive"
#: a mask that gives nothing: what it stands for is given to nobody
NOTHING = "blank"


@dataclass(frozen=True)
class Basis:
    """One legal basis; ``wants``: what is brought with it, ``letter``, ``words`` or nothing."""

    in_force: date
    until: date | None
    code: str
    article: str
    provision: str
    wants: str
    label: str
    note: str

    @property
    def cited(self) -> str:
        """Where the law has it."""
        return article_words(self.article) + self.provision


@dataclass(frozen=True)
class Occasion:
    """One case in which the impact is assessed beforehand and recorded: data from a level on, or
    of these kinds (`scope.suggest`) whatever their level."""

    in_force: date
    until: date | None
    code: str
    article: str
    provision: str
    from_level: Level
    kinds: frozenset[str]
    label: str

    def covers(self, item: ItemRow) -> bool:
        """Whether a personal item is such data."""
        sign = item.recognition
        return item.level >= self.from_level or (sign is not None and sign.kind in self.kinds)

    @property
    def cited(self) -> str:
        return article_words(self.article) + self.provision


class Handling(Protocol):
    """What a form says of the personal data it asks for."""

    legal_basis: str
    legal_words: str
    impact_purpose: str
    impact_effect: str
    impact_measures: str
    impact_by: str
    impact_on: date | None


@dataclass(frozen=True)
class Lack:
    """What is missing in a form that asks for personal data, and the article that demands it."""

    field: str
    article: str
    words: str


@cache
def _bases() -> dict[str, Basis]:
    names = ("code", "article", "provision", "wants", "label", "note")
    rows = shipped.rows("access", "bases")
    return {r["code"]: Basis(*shipped.span(r), *(r[name] for name in names)) for r in rows}


@cache
def _occasions() -> tuple[Occasion, ...]:
    return tuple(
        Occasion(
            *shipped.span(r),
            r["code"],
            r["article"],
            r["provision"],
            Level(r["from_level"]),
            frozenset(r["kinds"].split()),
            r["label"],
        )
        for r in shipped.rows("access", "impact")
    )


def bases(on: date) -> tuple[Basis, ...]:
    """What may be named on a day."""
    return tuple(row for row in _bases().values() if _holds(row, on))


def codes_wanting(wants: str, on: date) -> str:
    """The bases with which something is brought, for the script that shows its field."""
    return " ".join(row.code for row in bases(on) if row.wants == wants)


def basis(code: str) -> Basis | None:
    """The line of a code, one that is over too: a form says what it said when it was stamped."""
    return _bases().get(code)


def basis_words(code: str, words: str) -> str:
    """A basis as people read it, with its article; empty for none."""
    if not code:
        return ""
    row = basis(code)
    label = f"{row.label}（{row.cited}）" if row is not None else code
    return f"{label}{f'：{words}' if words else ''}"


def basis_fault(code: str, words: str, on: date) -> dict[str, str]:
    """What is wrong with a basis as it is named, by field."""
    if not code:
        return {"legal_words": "请先选择处理个人信息的依据"} if words.strip() else {}
    row = next((row for row in bases(on) if row.code == code), None)
    if row is None:
        choices = "、".join(f"{row.code}（{row.label}）" for row in bases(on))
        return {"legal_basis": f"没有这种依据，可选：{choices}"}
    if row.wants == "words" and not words.strip():
        return {"legal_words": f"“{row.label}”须写明是哪部法律、行政法规的哪一条"}
    return {}


def impact_fault(day: date | None, on: date) -> dict[str, str]:
    """The impact is assessed before the data are handled."""
    return {"impact_on": "评估日期不能晚于今天"} if day is not None and day > on else {}


# -- what is demanded ------------------------------------------------------------------------------


def personal(items: Iterable[ItemRow]) -> tuple[ItemRow, ...]:
    """Those of some items that give personal data away, each name once. What is given blank gives
    nothing."""
    return tuple({i.name: i for i in items if i.personal and i.mask != NOTHING}.values())


def sensitive(items: Iterable[ItemRow], on: date) -> tuple[ItemRow, ...]:
    """Those of personal items that are sensitive."""
    rows = [row for row in _occasions() if row.code == SENSITIVE and _holds(row, on)]
    return tuple(item for item in items if any(row.covers(item) for row in rows))


def occasions(items: Iterable[ItemRow], on: date) -> tuple[Occasion, ...]:
    """The cases of article 55 that these personal items make: none, no record is demanded."""
    items = tuple(items)
    return tuple(
        row for row in _occasions() if _holds(row, on) and any(row.covers(item) for item in items)
    )


def wants_letter(code: str) -> bool:
    """Whether the basis is the consent of persons, which is shown by a letter."""
    row = basis(code)
    return row is not None and row.wants == "letter"


def lacking(items: Iterable[ItemRow], given: Handling, letters: int, on: date) -> tuple[Lack, ...]:
    """What a form that asks for these personal items still lacks, each with the article that
    demands it; nothing where no item is personal."""
    if not (items := tuple(items)):
        return ()
    missing = []
    if not given.legal_basis:
        names = "、".join(item.name for item in items)
        missing.append(_lack("legal_basis", "P13", f"涉及个人信息：{names}，请选择处理的依据"))
    if wants_letter(given.legal_basis) and not letters:
        missing.append(_lack("letters", "P13", "以个人同意为依据的，须上传同意书"))
    if why := occasions(items, on):
        cases = "、".join(row.label for row in why)
        missing += [
            _lack(name, article, f"{cases}，须事前评估影响并记录，请填写“{title}”")
            for name, (article, title) in (IMPACT | AUTHORED).items()
            if not getattr(given, name)
        ]
    return tuple(missing)


def _lack(field: str, article: str, words: str) -> Lack:
    return Lack(field, article, f"{words}（{article_words(article)}）")


def _holds(row: Basis | Occasion, on: date) -> bool:
    return shipped.stands(row.in_force, row.until, on)
