"""The procedure of an entry under the State Council's decree (政务数据共享条例): compiled, reviewed
and updated as under A7-A12, but published by the authority, for all bodies in one place (D16).

What else the decree's articles count has not been checked against its text: the other steps cite
it as a whole.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from huitong.catalog.rules.procedure import ENTRY
from huitong.kernel.actor import BUREAU, Post
from huitong.kernel.procedure import Step

DECREE, IN_FORCE = "national-2025", date(2025, 8, 1)


def _cited(row: Step) -> Step:
    if row.verb == "publish":
        return replace(row, article="D16", who=BUREAU(Post.MANAGER))
    return replace(row, article="D")


ENTRY_UNDER_DECREE = replace(
    ENTRY, law=DECREE, in_force=IN_FORCE, steps=tuple(_cited(row) for row in ENTRY.steps)
)
