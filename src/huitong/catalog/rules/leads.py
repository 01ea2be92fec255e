"""Who collects a datum for all (数源部门): one lead a datum, nobody else collects it again (一数一源;
the decree)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from huitong.catalog.rules.finding import folded
from huitong.catalog.rules.synonyms import words_of_group
from huitong.catalog.rules.vocabulary import Origin

#: ways of coming by a resource that are collecting it
COLLECTING = (Origin.OWN, Origin.THIRD_PARTY)
#: data registered at once
MOST_DATA = 500


class DatumRow(BaseModel):
    """A datum with its lead, as it is registered."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name: str = Field(title="数据名称", min_length=2, max_length=100)
    synonyms: str = Field("", title="其他叫法", max_length=300)
    code: str = Field("", title="标准代码", max_length=60)
    body: int = Field(title="数源部门")
    basis: str = Field(title="依据", min_length=2, max_length=300)


@dataclass(frozen=True)
class LeadOfItem:
    """That another body leads the datum an item holds: which item, which datum, whose, and where
    that body has published it."""

    item: str
    datum: str
    body: str
    entry: int | None = None
    entry_name: str = ""


def words_of_datum(name: str, synonyms: str = "") -> list[str]:
    """What items of a datum are called, as they are compared.

    >>> words_of_datum("公民身份号码", "身份证号、身份证号码")
    ['公民身份号码', '身份证号', '身份证号码']
    """
    return list(dict.fromkeys((folded(name), *words_of_group(synonyms))))


def twice_named(rows: Iterable[DatumRow], registered: Mapping[str, str]) -> dict[int, str]:
    """Which rows name what is registered already, or named by another row, in words, by place.
    ``registered``: the name of the datum each word belongs to."""
    names, faults = dict(registered), dict[int, str]()
    for at, row in enumerate(rows):
        words = words_of_datum(row.name, row.synonyms)
        if (word := next((word for word in words if word in names), None)) is not None:
            faults[at] = f"“{word}”已登记为“{names[word]}”"
        names |= dict.fromkeys(words, row.name)
    return faults


def period_words(in_force: date, until: date | None, on: date) -> str:
    """Where a lead stands."""
    if in_force > on:
        return "尚未开始"
    return "已结束" if until is not None and until < on else "现行"
