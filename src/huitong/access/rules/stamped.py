"""The stamped form of an application (A20), and what who accepts it ticks (A21)."""

from __future__ import annotations

import csv
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path

from huitong.work.rules.stamped import FormKind

APPLICATION_FORM = FormKind("apply", "A20", Path(__file__).parents[1] / "data" / "application.typ")


# -- what who accepts has looked at ----------------------------------------------------------------


@dataclass(frozen=True)
class Check:
    """One line of the checklist; ``when`` names the doubt about a scan that calls for it, none:
    always."""

    in_force: date
    until: date | None
    key: str
    article: str
    when: str
    label: str


@cache
def _rows() -> tuple[Check, ...]:
    text = (resources.files("huitong.access") / "data/acceptance.csv").read_text(encoding="utf-8")
    return tuple(
        Check(
            date.fromisoformat(r["in_force"]),
            date.fromisoformat(r["until"]) if r["until"] else None,
            r["key"],
            r["article"],
            r["when"],
            r["label"],
        )
        for r in csv.DictReader(text.splitlines())
    )


def checklist(doubts: Collection[str], on: date) -> tuple[Check, ...]:
    """What must be looked at before a form is accepted on this day, given what is doubtful about
    its scan."""
    return tuple(
        row
        for row in _rows()
        if row.in_force <= on
        and (row.until is None or on <= row.until)
        and (not row.when or row.when in doubts)
    )


def unticked(ticked: Collection[str], doubts: Collection[str], on: date) -> dict[str, str]:
    """Which boxes are missing, and which are not on the list, by field."""
    rows = {row.key: row for row in checklist(doubts, on)}
    missing = {
        f"checked.{key}": f"请核对后勾选：{row.label}"
        for key, row in rows.items()
        if key not in ticked
    }
    return missing | {f"checked.{key}": "受理核对中没有这一项" for key in ticked if key not in rows}
