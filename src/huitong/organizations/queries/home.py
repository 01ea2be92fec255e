"""Panels of the home page about bodies and people: figures, what is to be completed, what is
wrong."""

from __future__ import annotations

from django.db.models import Count

from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.manifest import Chart, Figure, HomePanel, Link, Point
from huitong.kernel.workdays import VERIFIED, today
from huitong.organizations.queries.actors import in_force
from huitong.organizations.queries.bodies import lacks_task_force, missing_task_forces, visible_to
from huitong.organizations.queries.people import (
    changes_visible_to,
    people_visible_to,
    people_without_posts,
    sessions_visible_to,
    tokens_visible_to,
)
from huitong.organizations.queries.registers import limits, loaded_years, provisional_clocks
from huitong.organizations.rules import BodyKind

#: from this month on the calendar of the next year should be there; the State Council publishes it
#: in November
CALENDAR_MONTH = 12


def home_panels(actor: Actor) -> list[HomePanel]:
    """Panels for the post: the three administrators' figures; to a department, what it still owes
    of itself (A5)."""
    if actor.bureau and actor.has(Post.SYSTEM_ADMIN):
        return [_system(actor)]
    if actor.bureau and actor.has(Post.SECURITY_ADMIN):
        return [_security(actor)]
    if actor.bureau and actor.has(Post.AUDIT_ADMIN):
        return [HomePanel(needs=_changes(actor))]
    if actor.body and actor.has(Post.OPERATOR, Post.MANAGER) and lacks_task_force(actor.body):
        form = Link(
            "登记本部门工作专班",
            reverse("organizations:set_task_force", args=[actor.body]),
            note="分管领导、责任处室、技术支撑单位和专班人员（第五条）",
        )
        return [HomePanel(needs=[form])]
    return []


def _changes(actor: Actor) -> list[Link]:
    """Changes of accounts this administrator may release; nobody releases their own."""
    waiting = changes_visible_to(actor).exclude(person=actor.person).exclude(asked_by=actor.person)
    if not (count := waiting.count()):
        return []
    note = "逾期不复核的自动作废"
    return [Link("复核账号变更", reverse("organizations:rights"), count, note)]


def _security(actor: Actor) -> HomePanel:
    sessions, posts = reverse("organizations:sessions"), reverse("organizations:rights")
    tokens = reverse("organizations:sessions", query={"tab": "tokens"})
    idle = people_without_posts(actor).count()
    numbers = dict(in_force(today()).order_by().values_list("post").annotate(n=Count("pk")))
    return HomePanel(
        "安全管理",
        20,
        (
            Figure("当前登录", sessions_visible_to(actor).count(), "人", sessions),
            Figure("有效的访问令牌", tokens_visible_to(actor).count(), "个", tokens),
            Figure("尚无岗位的账号", idle, "个", posts),
        ),
        [
            Chart(
                "在任人员，按岗位",
                [
                    Point(
                        post.label,
                        numbers[post.value],
                        reverse("organizations:rights", query={"post": post.value}),
                    )
                    for post in Post
                    if numbers.get(post.value)
                ],
                "人次",
            )
        ]
        if numbers
        else (),
        needs=_changes(actor)
        + ([Link("为没有岗位的账号任用岗位", posts, idle, "不再使用的，请停用")] if idle else []),
    )


def _system(actor: Actor) -> HomePanel:
    last, in_use = loaded_years().first(), people_visible_to(actor).filter(is_active=True)
    kinds = dict(visible_to(actor).order_by().values_list("kind").annotate(n=Count("pk")))
    calendar, bodies = reverse("organizations:calendar"), reverse("organizations:sys_bodies")
    lacking, recalled = missing_task_forces().count(), limits().exclude(confidence=VERIFIED)
    provisional, day = provisional_clocks().count(), today()
    troubles, needs = [], []
    if provisional:
        note = "导入相应年份的节假日安排后自动重算"
        troubles.append(Link("暂算的到期日", calendar, provisional, note))
    if lacking:
        overview = reverse("organizations:overview")
        troubles.append(
            Link("未登记工作专班的机构", overview, lacking, "由各部门自行登记（第五条）")
        )
    if last is None or last.year < day.year + (day.month >= CALENDAR_MONTH):
        year = day.year if last is None or last.year < day.year else day.year + 1
        needs.append(Link(f"导入 {year} 年节假日安排", calendar, note="时限按工作日计算"))
    if unverified := recalled.count():
        needs.append(Link("核实时限参数", reverse("organizations:limits"), unverified))
    return HomePanel(
        "系统管理",
        20,
        (
            Figure("机构", sum(kinds.values()), "个", bodies),
            Figure("在用账号", in_use.count(), "个", reverse("organizations:people")),
            Figure("节假日已导入至", last.year if last else "—", "年", calendar),
        ),
        [
            Chart(
                "机构，按类型",
                [
                    Point(
                        kind.label,
                        kinds[kind.value],
                        reverse("organizations:sys_bodies", query={"kind": kind.value}),
                    )
                    for kind in BodyKind
                    if kinds.get(kind.value)
                ],
                "个",
            )
        ]
        if kinds
        else (),
        needs=needs,
        troubles=troubles,
    )
