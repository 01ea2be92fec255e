"""The secrecy review (保密审查) before sharing: a clerk declares, a manager confirms (A3).

Classified matter and work secrets under a false label are no text a program recognizes: two people
of the provider declare, by name and at a moment, that they looked. The secrets they look for are
dated rows.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from huitong.kernel.actor import Actor, Labelled
from huitong.kernel.procedure import Malformed
from huitong.work.rules.markings import SECRETS_LAW


class Secret(Labelled):
    """A kind of secret that must not be shared."""

    STATE = "state", "国家秘密"
    WORK = "work", "工作秘密"


@dataclass(frozen=True)
class SecretRow:
    """One dated row: from a day on this secret is reviewed, under this article."""

    secret: Secret
    source: str
    in_force: date


SECRETS: tuple[SecretRow, ...] = (
    SecretRow(Secret.STATE, "政务信息资源共享实施细则第三条", date(2020, 2, 19)),
    SecretRow(Secret.WORK, f"{SECRETS_LAW}（2024 年修订）第六十四条", date(2024, 5, 1)),
)


def _listed(value: Any) -> Any:
    """Split the words of a command line at commas."""
    return (
        [word for word in re.split(r"[,，、\s]+", value) if word]
        if isinstance(value, str)
        else value
    )


Cleared = Annotated[
    list[Secret],
    Field(
        title="保密审查：经审查不含",
        description="逐项审查后勾选；未审查或拿不准的，先送本部门保密机构。",
    ),
    BeforeValidator(_listed),
]


def check_cleared(
    cleared: Collection[Secret], on: date, rows: Iterable[SecretRow] = SECRETS
) -> None:
    """Check that every secret in force on a day was cleared. Raises `Malformed` on ``cleared``."""
    if missing := [row for row in rows if row.in_force <= on and row.secret not in cleared]:
        words = "、".join(f"“{row.secret.label}”（{row.source}）" for row in missing)
        raise Malformed(
            {"cleared": f"共享前须经保密审查，尚未确认不含{words}；含有的不得录入本平台"},
            article="A3",
        )


def reviewed(actor: Actor, cleared: Collection[Secret], at: datetime) -> dict[str, Any]:
    """The record of a review: who, when, which secrets were cleared."""
    return {
        "by": actor.name,
        "person": actor.person,
        "at": at.isoformat(),
        "cleared": [str(secret.value) for secret in cleared],
    }
