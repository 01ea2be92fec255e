"""Grants that are watched: whether the data arrive in time (the decree), and whether somebody uses
them, every delivery starting that limit again (A26). What becomes of one is the decision of who
granted it, never the platform's by itself."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from huitong.access import queries
from huitong.access.models import Grant
from huitong.access.rules import UNPROVIDED, UNUSED
from huitong.kernel import watches
from huitong.kernel.actor import BUREAU, SYSTEM, Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.doing import recorded
from huitong.kernel.workdays import today


@recorded("A26", SYSTEM(Post.OPERATOR), label="核对授权使用情况")
def watch_use(
    actor: Actor,
    *,
    grant: Annotated[int, Field(title="授权")],
    since: Annotated[date | None, Field(title="起算日")] = None,
) -> Grant:
    """Bring the watch over one grant in line with its use: counted from a day, or ended where none
    is given."""
    row = Grant.objects.select_related("case", "mount__entry", "consumer").get(pk=grant)
    rule = queries.rule_for(row.case.facts.get("authority", ""))
    for other in UNUSED.values():
        if since is None or other != rule:
            watches.end(other, row, on=today())
    if since is not None and watches.meet(rule, row, on=since) is None:
        entry = row.mount.entry
        bureau = row.case.body_of(BUREAU.name) if rule.seat.party == BUREAU.name else None
        watches.begin(
            rule,
            row,
            body=bureau or entry.body_id,
            title=f"授权长期未使用：{entry.name} → {row.consumer.short_name}",
            url=reverse("access:grant", args=[row.pk]),
            on=since,
        )
    return row


def watch_provision(grant: Grant) -> None:
    """Begin to watch for the first delivery under a grant, within the act that issues it. It counts
    from that day, or from the first day the grant is valid."""
    entry = grant.mount.entry
    watches.begin(
        UNPROVIDED,
        grant,
        body=entry.body_id,
        title=f"授权后尚未提供服务：{entry.name} → {grant.consumer.short_name}",
        url=reverse("access:grant", args=[grant.pk]),
        on=max(today(), grant.valid_from),
    )


@recorded("D", SYSTEM(Post.OPERATOR), label="核对授权提供情况")
def end_provision(
    actor: Actor,
    *,
    grant: Annotated[int, Field(title="授权")],
    on: Annotated[date, Field(title="首次送达或授权终止的日期")],
) -> Grant:
    """The data have arrived, or the grant has ended: its provision is watched no longer."""
    row = Grant.objects.get(pk=grant)
    watches.end(UNPROVIDED, row, on=on)
    return row
