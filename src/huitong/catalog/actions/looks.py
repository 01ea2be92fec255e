"""Looking regularly at the sources of entries for what changed in them (A11): planned by a clerk,
done by the platform, which only compares."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from huitong.catalog import queries
from huitong.catalog.actions.connecting import BY_CLERK
from huitong.catalog.actions.sources import BY_PLATFORM, plan, queue_scan
from huitong.catalog.models import Database, Scan
from huitong.catalog.rules import DatabaseRole
from huitong.catalog.rules.looks import LookCycle, next_look
from huitong.kernel.actor import Actor
from huitong.kernel.doing import note, recorded
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import today
from huitong.work.rules import Pick


@recorded("A11", BY_CLERK, label="安排定期核对")
def plan_looks(
    actor: Actor,
    *,
    database: Annotated[int, Pick(queries.database_choices), Field(title="数据库")],
    look_cycle: Annotated[
        LookCycle,
        Field(
            title="核对周期",
            description="平台只读取表和列的名称、类型、说明与行数，与目录比较；不生成草稿。",
        ),
    ],
    first_on: Annotated[
        date | None, Field(title="首次核对日期", description="不填：自今天起满一个周期；当晚进行。")
    ] = None,
) -> Database:
    """Plan how often a source is looked at, from a day on."""
    own = queries.database_for(actor, database)
    if own.role != DatabaseRole.SOURCE:
        raise Malformed({"database": "接收数据的前置库没有目录可以核对"}, article="A11")
    if not own.secret and look_cycle is not LookCycle.OFF:
        raise Malformed({"database": "没有保存密码，不能定期核对；请先更换密码"}, article="A11")
    if first_on is not None and first_on < today():
        raise Malformed({"first_on": "首次核对日期不能早于今天"}, article="A11")
    plan(own, look_cycle, first_on)
    own.save(update_fields=["look_cycle", "look_first", "look_on"])
    note(look_on=own.look_on.isoformat() if own.look_on else "")
    return own


@recorded("A11", BY_PLATFORM, label="定期核对来源表")
def look_at_database(actor: Actor, *, database: Annotated[int, Field(title="数据库")]) -> Scan:
    """Have a database looked at whose day has come, and set the next one. Raises `AgainstRules`
    where it is scanned at the moment: it is looked at the next night."""
    own = Database.objects.select_for_update().get(pk=database)
    if own.look_on is None or own.look_first is None or own.look_on > today():
        raise AgainstRules("还没有到定期核对的日期。", article="A11")
    scan = queue_scan(own, None)
    own.look_on = next_look(LookCycle(own.look_cycle), own.look_first, today())
    own.save(update_fields=["look_on"])
    note(look_on=own.look_on.isoformat() if own.look_on else "")
    return scan
