"""What the home page says of applications and grants."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from huitong.access.queries.applications import applications_visible_to
from huitong.access.queries.grants import grants_given, grants_visible_to
from huitong.access.rules import S
from huitong.kernel.actor import Actor, Post
from huitong.kernel.workdays import today
from huitong.work import queries as work

#: a grant that ends within so many days is shown as ending: time to apply again (A26)
SOON = 30
RUNNING = (S.DRAFT, S.SEALED, S.SUBMITTED, S.WITH_PLATFORM, S.WITH_PROVIDER)


def home_panels(actor: Actor) -> list[dict[str, Any]]:
    """To a department: its running applications, what it may use and what of it ends soon, what
    it lets others use."""
    if actor.body is None or not actor.has(Post.OPERATOR, Post.MANAGER):
        return []
    running = applications_visible_to(actor).filter(
        form__consumer=actor.body, case__state__in=RUNNING
    )
    held = grants_visible_to(actor).filter(
        consumer=actor.body, ended_at=None, valid_to__gte=today()
    )
    counts = work.counted(
        running=running,
        held=held,
        soon=held.filter(valid_to__lt=today() + timedelta(SOON)),
        given=grants_given(actor).filter(ended_at=None, valid_to__gte=today()),
    )
    if not any(counts.values()):
        return []
    said = (
        ("running", "办理中的申请", "件", "/applications/?tab=mine"),
        ("held", "可用的授权", "项", "/grants/?tab=held"),
        ("soon", f"{SOON} 天内到期", "项", "/grants/?tab=held"),
        ("given", "授给其他部门的", "项", "/grants/?tab=given"),
    )
    return [
        {
            "title": "共享使用",
            "figures": [
                {"label": label, "value": counts[name], "unit": unit, "url": url}
                for name, label, unit, url in said
            ],
        }
    ]
