"""The secrecy review of a version, for those who review it (A3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from huitong.catalog.models import Version
from huitong.work.rules import Secret


def secrecy_of(version: Version) -> list[dict[str, Any]]:
    """Who declared and who confirmed the secrecy review of the last submission, and when (A3)."""
    reviews = version.case.facts.get("secrecy", {})
    return [
        {
            "act": act,
            "label": label,
            "by": row["by"],
            "at": datetime.fromisoformat(row["at"]),
            "cleared": [Secret(value).label for value in row["cleared"]],
        }
        for act, label in (("declared", "经办人声明"), ("confirmed", "负责人确认"))
        if (row := reviews.get(act))
    ]
