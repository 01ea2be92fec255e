"""The tables that come with a room: the files of its ``data`` folder, many of their rows dated."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from importlib import resources


def rows(room: str, name: str) -> list[dict[str, str]]:
    """The rows of ``data/{name}.csv`` in a room, each by its headings."""
    path = resources.files(f"huitong.{room}") / "data" / f"{name}.csv"
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def span(row: Mapping[str, str]) -> tuple[date, date | None]:
    """From when until when a dated row stands; None: without end."""
    until = row["until"]
    return date.fromisoformat(row["in_force"]), date.fromisoformat(until) if until else None


def stands(in_force: date, until: date | None, on: date) -> bool:
    """Whether a dated row stands on a day, its last one included."""
    return in_force <= on and (until is None or on <= until)
