"""Parameters of the successions that contexts above react to (A2)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

Predecessors = Annotated[list[int], Field(title="原机构", min_length=1)]
Heir = Annotated[int, Field(title="承继机构")]
SucceededOn = Annotated[date, Field(title="承继日期")]


def free_name(existing: set[str], name: str, former: str, most: int = 120) -> str:
    """The name, with its former body where the heir has one of the same name already."""
    if name not in existing:
        return name
    tail = f"（{former}）"
    return name[: most - len(tail)] + tail
