"""From which day on a rule of the checks stops submissions: the city sets it (A5, A10)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from huitong.catalog.models import Requirement
from huitong.catalog.queries import requirements
from huitong.kernel.actor import BUREAU, Actor, Post
from huitong.kernel.doing import recorded, was
from huitong.kernel.procedure import Malformed
from huitong.kernel.workdays import today
from huitong.work.rules import Pick

BY_BUREAU = BUREAU(Post.OPERATOR)


@recorded("A10", BY_BUREAU, label="设为必须改正")
def require(
    actor: Actor,
    *,
    rule: Annotated[str, Pick(requirements.requirable_choices), Field(title="检查规则")],
    in_force: Annotated[
        date, Field(title="施行日期", description="自这一天起，有此问题的目录不能提交审核。")
    ],
    document: Annotated[
        str, Field(title="依据", description="本市文件的名称或文号。", min_length=2, max_length=200)
    ],
) -> Requirement:
    """A rule that warned stops submissions from a day on; what was submitted before is not
    touched. Raises `Malformed`."""
    if rule not in dict(requirements.requirable_choices(actor)):
        raise Malformed({"rule": "没有这条规则，或它已是必须改正"}, article="A10")
    if in_force < today():
        raise Malformed({"in_force": f"应不早于今天 {today()}"}, article="A10")
    row: Requirement = Requirement.objects.create(rule=rule, in_force=in_force, document=document)
    return row


@recorded("A10", BY_BUREAU, label="改回建议核对")
def end_requirement(
    actor: Actor,
    *,
    rule: Annotated[str, Pick(requirements.own_requirement_choices), Field(title="检查规则")],
    until: Annotated[date, Field(title="最后有效日")],
) -> Requirement:
    """The rule only warns again after that day. Raises `Malformed` for what a law asks for."""
    rows = requirements.requirements_to_come(today()).select_for_update()
    row = rows.filter(rule=rule).first()
    if row is None:
        raise Malformed({"rule": "这条规则没有设为必须改正"}, article="A10")
    if not row.own:
        raise Malformed({"rule": f"法定要求，不能取消：{row.document}"}, article="A10")
    if until < today():
        raise Malformed({"until": f"应不早于今天 {today()}"}, article="A10")
    was(until=row.until)
    row.until = until
    row.save(update_fields=["until"])
    return row
