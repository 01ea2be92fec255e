"""Panels of the home page about bodies and people: figures, and what is to be completed."""

from __future__ import annotations

from django.urls import reverse

from huitong.kernel.actor import Actor, Post
from huitong.kernel.manifest import Figure, HomePanel, Link
from huitong.organizations.queries.bodies import missing_task_forces, visible_to
from huitong.organizations.queries.people import (
    people_visible_to,
    people_without_posts,
    sessions_visible_to,
)
from huitong.organizations.queries.registers import limits, loaded_years, provisional_clocks


def home_panels(actor: Actor) -> list[HomePanel]:
    """Panels for the post: the two administrators' figures; to a department, what it still owes
    of itself (A5)."""
    if actor.bureau and actor.has(Post.SYSTEM_ADMIN):
        return [_system(actor)]
    if actor.bureau and actor.has(Post.SECURITY_ADMIN):
        return [_security(actor)]
    if (
        actor.has(Post.OPERATOR, Post.MANAGER)
        and missing_task_forces().filter(pk=actor.body).exists()
    ):
        form = Link(
            "登记分管领导、责任处室、技术支撑单位和专班人员（第五条）",
            reverse("organizations:set_task_force", args=[actor.body]),
        )
        return [HomePanel("本部门尚未登记工作专班", links=[form])]
    return []


def _security(actor: Actor) -> HomePanel:
    sessions, posts = reverse("organizations:sessions"), reverse("organizations:rights")
    figures = (
        Figure("当前登录", sessions_visible_to(actor).count(), "人", sessions),
        Figure("尚无岗位的账号", people_without_posts(actor).count(), "个", posts),
    )
    return HomePanel("安全管理", figures)


def _system(actor: Actor) -> HomePanel:
    last, in_use = loaded_years().first(), people_visible_to(actor).filter(is_active=True)
    unverified = limits().exclude(confidence="verified")
    calendar = reverse("organizations:calendar")
    figures = (
        Figure("机构", visible_to(actor).count(), "个", reverse("organizations:sys_bodies")),
        Figure("在用账号", in_use.count(), "个", reverse("organizations:people")),
        Figure(
            "未登记工作专班", missing_task_forces().count(), "个", reverse("organizations:overview")
        ),
        Figure("待核实的时限", unverified.count(), "条", reverse("organizations:limits")),
        Figure("节假日已导入至", last.year if last else "—", "年", calendar),
        Figure("暂算的到期日", provisional_clocks().count(), "件", calendar),
    )
    return HomePanel("系统管理", figures)
