"""Which laws the city's new cases run under: a dated choice an administrator records (A36)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from huitong.kernel.actor import Actor
from huitong.kernel.adoption import AdoptedLaw
from huitong.kernel.doing import PROCEDURES, recorded, was
from huitong.kernel.laws import HOME, LAWS
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import today
from huitong.organizations import queries
from huitong.organizations.actions.calendars import PARAMETERS


@recorded("A36", *PARAMETERS, label="采用规则")
def adopt_law(
    actor: Actor,
    *,
    law: Annotated[str, Field(title="规则", min_length=2, max_length=40)],
    in_force: Annotated[
        date, Field(title="采用日期", description="这一天起新开的事项按此规则办理。")
    ],
    basis: Annotated[str, Field(title="依据", min_length=4, max_length=300)],
) -> AdoptedLaw:
    """From a day on, new cases of every kind this law has a table for run under it. Running cases
    keep theirs."""
    if law == HOME or not any(law in tables for tables in PROCEDURES.values()):
        able = "、".join(f"{code}（{LAWS[code].short}）" for code in queries.laws_to_adopt())
        raise Malformed({"law": f"不能采用这个规则，可选：{able}。"}, article="A36")
    if in_force < max(today(), LAWS[law].in_force):
        raise Malformed({"in_force": "不能早于今天，也不能早于规则的施行日期"}, article="A36")
    if queries.laws_adopted().filter(law=law, until=None).exists():
        raise AgainstRules(f"《{LAWS[law].short}》已经采用。", article="A36")
    return AdoptedLaw.objects.create(law=law, in_force=in_force, basis=basis)


@recorded("A36", *PARAMETERS, label="停用规则")
def end_law(
    actor: Actor,
    *,
    adoption: Annotated[int, Field(title="采用的规则")],
    until: Annotated[
        date, Field(title="最后一日", description="这一天之后新开的事项不再按此规则办理。")
    ],
) -> AdoptedLaw:
    """Open no new case under a law after a day; those that run go on under it."""
    row = queries.adoption_for(adoption)
    if row.until is not None:
        raise AgainstRules("该规则已经停用。", article="A36")
    if until < max(today(), row.in_force):
        raise Malformed({"until": "不能早于今天，也不能早于采用日期"}, article="A36")
    was(until=row.until)
    row.until = until
    row.save(update_fields=["until"])
    return row
