"""When a grant counts as unused, and the special circumstances in which it does not (A26): dated
rows in `data/circumstances.csv`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from huitong.kernel import shipped

#: the months a season is made of; a season of all of them is none
MONTHS = range(1, 13)


@dataclass(frozen=True)
class Circumstance:
    """One line of the list; ``wants``: what is stated with it, ``months``, ``words`` or nothing."""

    in_force: date
    until: date | None
    code: str
    article: str
    wants: str
    label: str
    note: str


@cache
def _rows() -> dict[str, Circumstance]:
    return {
        r["code"]: Circumstance(
            *shipped.span(r), r["code"], r["article"], r["wants"], r["label"], r["note"]
        )
        for r in shipped.rows("access", "circumstances")
    }


def circumstances(on: date) -> tuple[Circumstance, ...]:
    """What may be stated on a day."""
    return tuple(row for row in _rows().values() if shipped.stands(row.in_force, row.until, on))


def circumstance(code: str) -> Circumstance | None:
    """The line of a code, one that is over too: a grant goes by what it was granted with."""
    return _rows().get(code)


def circumstance_fault(code: str, months: Collection[int], words: str, on: date) -> dict[str, str]:
    """What is wrong with a circumstance as it is stated, by field."""
    if not code:
        stray = {"months": "选择“季节性应用”后再填写使用月份"} if months else {}
        return stray | ({"circumstance_words": "请先选择特殊情况"} if words.strip() else {})
    row = next((row for row in circumstances(on) if row.code == code), None)
    if row is None:
        choices = "、".join(f"{row.code}（{row.label}）" for row in circumstances(on))
        return {"circumstance": f"没有这种特殊情况，可选：{choices}"}
    if row.wants == "months" and not 0 < len(set(months)) < len(MONTHS):
        return {"months": f"“{row.label}”请选择每年使用的月份，不能是全年"}
    if row.wants != "months" and months:
        return {"months": f"“{row.label}”不填使用月份"}
    if row.wants == "words" and not words.strip():
        return {"circumstance_words": f"“{row.label}”须说明是什么情况"}
    return {}


def circumstance_words(code: str, months: Collection[int], words: str) -> str:
    """A circumstance as people read it; empty for none."""
    if not code:
        return ""
    row = circumstance(code)
    label = row.label if row is not None else code
    season = f"（每年 {'、'.join(map(str, sorted(set(months))))} 月使用）" if months else ""
    return f"{label}{season}{f'：{words}' if words else ''}"


def counts_from(since: date, code: str, months: Collection[int], on: date) -> date | None:
    """The day from which disuse counts on a day: ``since``, of a seasonal grant never from before
    the season began; None while a circumstance holds, so out of season, too."""
    if not code:
        return since
    row = circumstance(code)
    if row is None or row.wants != "months":
        return None
    if on.month not in months:
        return None
    return max(since, season_of(months, on))


def season_of(months: Collection[int], on: date) -> date:
    """The first day of the season a day lies in: its months stand side by side, over the turn of
    the year, too."""
    first = on.replace(day=1)
    for _ in MONTHS:
        before = (first - timedelta(1)).replace(day=1)
        if before.month not in months:
            return first
        first = before
    return first
