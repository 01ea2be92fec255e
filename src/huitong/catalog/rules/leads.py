"""Who collects a datum for all (数源部门): one lead a datum, nobody else collects it again (一数一源;
the decree)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from huitong.catalog.rules.finding import BETWEEN, folded
from huitong.catalog.rules.synonyms import words_of_group
from huitong.catalog.rules.vocabulary import Origin

#: ways of coming by a resource that are collecting it
COLLECTING = (Origin.OWN, Origin.THIRD_PARTY)
#: data registered at once
MOST_DATA = 500
#: characters of a word that items are compared with
LONGEST = 100


class DatumRow(BaseModel):
    """A datum with its lead, as it is registered."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name: str = Field(title="数据名称", min_length=2, max_length=LONGEST)
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


def names_of_datum(name: str, synonyms: str = "") -> set[str]:
    """What items of a datum may be called to the letter: as it was typed, and as it is compared.

    >>> sorted(names_of_datum("轨迹", "GPS轨迹，GPS定位"))
    ['GPS定位', 'GPS轨迹', 'gps定位', 'gps轨迹', '轨迹']
    """
    typed = BETWEEN.split(unicodedata.normalize("NFKC", synonyms))
    return {name, *filter(None, typed), *words_of_datum(name, synonyms)}


def faults_of_names(name: str, synonyms: str, registered: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with what a datum is called, by field. ``registered``: the name of the datum
    each word belongs to."""
    faults = dict[str, str]()
    for field, words in (("name", (folded(name),)), ("synonyms", words_of_group(synonyms))):
        for word in words:
            if len(word) > LONGEST:
                cause = f"过长，每个最多 {LONGEST} 个字，现有 {len(word)} 个；几个叫法用顿号分开"
                faults.setdefault(field, f"“{word[:20]}…”{cause}")
            elif word in registered:
                faults.setdefault(field, f"“{word}”已登记为“{registered[word]}”")
    return faults


def faults_of_rows(rows: Iterable[DatumRow], registered: Mapping[str, str]) -> dict[str, str]:
    """The same of rows that are registered together, by place and field: ``3.synonyms``."""
    names, faults = dict(registered), dict[str, str]()
    for at, row in enumerate(rows):
        wrong = faults_of_names(row.name, row.synonyms, names)
        faults |= {f"{at}.{field}": fault for field, fault in wrong.items()}
        names |= dict.fromkeys(words_of_datum(row.name, row.synonyms), row.name)
    return faults


def period_words(in_force: date, until: date | None, on: date) -> str:
    """Where a lead stands."""
    if in_force > on:
        return "尚未开始"
    return "已结束" if until is not None and until < on else "现行"
