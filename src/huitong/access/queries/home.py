"""What the home page says of applications and grants."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse

from huitong.access.queries.applications import applications_visible_to
from huitong.access.queries.grants import grants_given, grants_visible_to
from huitong.access.rules import S
from huitong.kernel.actor import Actor, Post
from huitong.kernel.manifest import Figure, HomePanel
from huitong.kernel.workdays import today
from huitong.work import queries as work

#: a grant that ends within so many days is shown as ending: time to apply again (A26)
SOON = 30


def home_panels(actor: Actor) -> list[HomePanel]:
    """To a department: its running applications, what it may use and what of it ends soon, what
    it lets others use."""
    if actor.body is None or not actor.has(Post.OPERATOR, Post.MANAGER):
        return []
    running = applications_visible_to(actor).filter(
        form__consumer=actor.body, case__state__in=S.open()
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
    own = reverse("access:applications", query={"tab": "mine"})
    to_us = reverse("access:grants", query={"tab": "held"})
    from_us = reverse("access:grants", query={"tab": "given"})
    figures = (
        Figure("办理中的申请", counts["running"], "件", own),
        Figure("可用的授权", counts["held"], "项", to_us),
        Figure(f"{SOON} 天内到期", counts["soon"], "项", to_us),
        Figure("授给其他部门的", counts["given"], "项", from_us),
    )
    return [HomePanel("共享使用", figures)]
