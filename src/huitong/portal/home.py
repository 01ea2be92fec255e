"""The home page of each post: what needs me and by when, what waits for others, what goes wrong,
figures."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from huitong.kernel import answers, doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.manifest import HomePanel, Link, home_panels
from huitong.kernel.requests import Request
from huitong.kernel.workdays import load_calendar
from huitong.organizations import queries as organizations
from huitong.portal import unsent
from huitong.work import queries as work


@require_safe
def home(request: Request) -> HttpResponse:
    """What the contexts say to this actor's posts, the most urgent first."""
    actor = request.actor
    with answers.reused():
        calendar, panels = load_calendar(), home_panels(actor)
        cases, away = work.waiting_first(actor), work.elsewhere_longest(actor)
        names = organizations.all_body_names() if away else {}
    waiting = [
        {
            "case": case,
            "kind": doing.procedure_of(case).label,
            "due": work.countdown(case, calendar),
        }
        for case in cases
    ]
    needs = [line for panel in panels for line in panel.needs]
    if unsent.kept_for(request):
        note = "提交时登录已结束，内容已为您留存"
        needs.insert(0, Link("继续提交您填写的内容", reverse("portal:unsent"), note=note))
    business = actor.has(Post.OPERATOR, Post.MANAGER)
    new = business and not (waiting or away or needs or any(panel.charts for panel in panels))
    context = {
        "cases": waiting,
        "elsewhere": work.elsewhere(away, calendar, names),
        "needs": needs,
        "troubles": [line for panel in panels for line in panel.troubles],
        "panels": [
            _drawn(replace(panel, needs=(), troubles=())) for panel in panels if _is_drawn(panel)
        ],
        "charts": any(panel.charts for panel in panels),
        "notices": work.notices_last(actor),
        "openings": work.openings(actor)[: work.SHORT],
        "business": business,
        "beginnings": _beginnings(actor) if new else [],
    }
    return render(request, "portal/home.html", context)


@lru_cache(500)
def _drawn(panel: HomePanel) -> str:
    """A panel as it stands on the page: what looks the same is drawn once a process."""
    return render_to_string("portal/_panel.html", {"panel": panel})


def _is_drawn(panel: HomePanel) -> bool:
    return bool(panel.figures or panel.charts or panel.links)


def _beginnings(actor: Actor) -> list[Link]:
    """What is done first in a city that has nothing yet."""
    steps = [Link("查找其他部门的数据", reverse("catalog:browse"), note="找到后点“申请使用”")]
    if actor.has(Post.OPERATOR):
        sources, start = reverse("catalog:sources"), reverse("catalog:start")
        steps = [
            Link("登记本部门的信息系统和数据库", sources, note="扫描后自动生成目录草稿"),
            Link("新建目录", start, note="没有数据库的，可以粘贴信息项"),
            *steps,
        ]
    help_page = Link("查看办事指南", reverse("portal:help"), note="每件事分几步，配有图片")
    return [*steps, help_page]
