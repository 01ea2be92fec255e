"""Levels of classified protection (等级保护) of an information system: dated rows of
``data/protection_levels.csv`` (A28)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from huitong.kernel import shipped


class ProtectionLevel(NamedTuple):
    """Whether a system of the level is filed with the police, and since when the level stands."""

    filed: bool
    in_force: date
    until: date | None
    source: str


LEVELS: Mapping[str, ProtectionLevel] = {
    row["level"]: ProtectionLevel(row["filed"] == "yes", *shipped.span(row), row["source"])
    for row in shipped.rows("catalog", "protection_levels")
}


def levels_on(on: date) -> list[str]:
    """The levels that may be named on a day."""
    return [level for level, row in LEVELS.items() if shipped.stands(row.in_force, row.until, on)]


def unprotected(level: str, filing: str) -> str:
    """What a system lacks before data may be handed to it, in words; empty where nothing is."""
    if level not in LEVELS:
        return "还没有登记等级保护级别"
    return "还没有登记等级保护备案编号" if LEVELS[level].filed and not filing.strip() else ""
