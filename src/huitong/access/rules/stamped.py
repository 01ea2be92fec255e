"""The stamped form of an application (A20), and what who accepts it ticks (A21)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from huitong.kernel import shipped
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
    return tuple(
        Check(*shipped.span(r), r["key"], r["article"], r["when"], r["label"])
        for r in shipped.rows("access", "acceptance")
    )


def checklist(doubts: Collection[str], on: date) -> tuple[Check, ...]:
    """What must be looked at before a form is accepted on this day, given what is doubtful about
    its scan."""
    return tuple(
        row
        for row in _rows()
        if shipped.stands(row.in_force, row.until, on) and (not row.when or row.when in doubts)
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
