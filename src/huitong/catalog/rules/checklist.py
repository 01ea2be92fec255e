"""What a reviewer looks at before passing an entry, as dated rows (A7-A11), and what was ticked in
each round."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from huitong.kernel import shipped
from huitong.kernel.actor import Labelled


class Reviewer(Labelled):
    """The two who review."""

    DEPARTMENT = "department", "部门审核"
    BUREAU = "bureau", "市级审核"


@dataclass(frozen=True)
class Check:
    """One line of the checklist."""

    in_force: date
    until: date | None
    key: str
    article: str
    reviewer: Reviewer
    label: str


@dataclass(frozen=True)
class Review:
    """One decision in one round: by whom, when, passed or returned, and what was ticked."""

    round: int
    reviewer: Reviewer
    by: str
    at: datetime
    passed: bool
    ticked: tuple[str, ...]
    unticked: tuple[str, ...]


@cache
def _rows() -> tuple[Check, ...]:
    return tuple(
        Check(*shipped.span(r), r["key"], r["article"], Reviewer(r["seat"]), r["label"])
        for r in shipped.rows("catalog", "checklist")
    )


def checklist(reviewer: Reviewer, on: date) -> tuple[Check, ...]:
    """What this reviewer looks at on this day."""
    return tuple(
        row
        for row in _rows()
        if row.reviewer is reviewer and shipped.stands(row.in_force, row.until, on)
    )


def wrong_ticks(
    ticked: Collection[str], reviewer: Reviewer, on: date, whole: bool
) -> dict[str, str]:
    """Which boxes are missing, where all are to be ticked, and which are not on the list, by
    field."""
    rows = {row.key: row for row in checklist(reviewer, on)}
    missing = {
        f"checked.{key}": f"请核对后勾选：{row.label}"
        for key, row in rows.items()
        if whole and key not in ticked
    }
    return missing | {f"checked.{key}": "审核核对中没有这一项" for key in ticked if key not in rows}


def record(
    number: int,
    reviewer: Reviewer,
    by: str,
    at: datetime,
    on: date,
    passed: bool,
    ticked: Collection[str],
) -> dict[str, Any]:
    """A decision in a round, as its case keeps it: what was looked at in the words of its day."""
    lines = checklist(reviewer, on) if ticked else ()
    return {
        "round": number,
        "reviewer": reviewer.value,
        "by": by,
        "at": at.isoformat(),
        "approved": passed,
        "ticked": [line.label for line in lines if line.key in ticked],
        "unticked": [line.label for line in lines if line.key not in ticked],
    }


def review_of(row: Mapping[str, Any]) -> Review:
    """A decision as its case kept it."""
    return Review(
        row["round"],
        Reviewer(row["reviewer"]),
        row["by"],
        datetime.fromisoformat(row["at"]),
        row["approved"],
        tuple(row["ticked"]),
        tuple(row["unticked"]),
    )
