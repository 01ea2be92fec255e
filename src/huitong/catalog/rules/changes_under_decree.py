"""A change of law or function under the State Council's decree (政务数据共享条例): the steps of A11
with another limit, which is extended once with the bureau's consent.

What the decree's articles count has not been checked against its text: steps cite it as a whole.
"""

from __future__ import annotations

from dataclasses import replace

from huitong.catalog.rules.changes import CHANGE, CHANGE_PART
from huitong.catalog.rules.changes import PartState as S
from huitong.catalog.rules.procedure_under_decree import DECREE, IN_FORCE
from huitong.kernel.actor import BUREAU, PROVIDER
from huitong.kernel.actor import Post as P
from huitong.kernel.procedure import Procedure, clock, limit, step

#: how far a part is with its one extension: not applied for, or waiting for the bureau
FIRST, WAITING = ("extension", ""), ("extension", "waiting")


def under_decree(table: Procedure) -> Procedure:
    """The same steps, cited from the decree."""
    steps = tuple(replace(row, article="D") for row in table.steps)
    return replace(table, law=DECREE, in_force=IN_FORCE, steps=steps, clocks=())


CHANGE_UNDER_DECREE = under_decree(CHANGE)

# fmt: off
CHANGE_PART_UNDER_DECREE = replace(
    under_decree(CHANGE_PART),
    steps=(
        *under_decree(CHANGE_PART).steps,
        step("ask_extension", "D", PROVIDER(P.MANAGER), {S.OPEN}, S.OPEN,
             label="申请延长更新时限", only=FIRST, optional=True, reasons=True, final=True,
             effect="只能申请延长一次；市大数据管理局答复前，原时限照常计算。"),
        step("consent",       "D", BUREAU(P.MANAGER),   {S.OPEN}, S.OPEN,
             label="同意延长", only=WAITING, optional=True, extends="update", final=True,
             effect="更新时限按申请的天数延长。"),
        step("deny",          "D", BUREAU(P.MANAGER),   {S.OPEN}, S.OPEN,
             label="不同意延长", only=WAITING, optional=True, reasons=True, final=True,
             effect="原更新时限不变。"),
    ),
    clocks=(
        clock("update", limit("D", "catalog_update", "目录更新"), {S.OPEN}, label="更新目录",
              since="published_on",
              extension=limit("D", "catalog_update_extension", "目录更新期限的延长")),
    ),
)
# fmt: on
