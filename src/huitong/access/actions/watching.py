"""Grants nobody uses: watched from the day they are issued, every delivery starts the limit again
(A26). What becomes of one is the decision of who granted it, never the platform's by itself."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from huitong.access import queries
from huitong.access.models import Grant
from huitong.access.rules import UNUSED
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
