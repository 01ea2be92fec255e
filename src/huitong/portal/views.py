"""Help, keys, site map, accessibility statement, and the answer to "are you alive?"."""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huitong import __version__
from huitong.kernel import doing
from huitong.kernel.addresses import reverse
from huitong.kernel.requests import Request
from huitong.kernel.workdays import today
from huitong.portal.guides import guides_for, searched
from huitong.portal.menus import menu_for
from huitong.ui.rules import question

#: how long a search of the help may be; the name of the address of the API's documentation
LONGEST, API_DOCS = 60, "api:openapi-view"


@require_safe
def help_page(request: Request) -> HttpResponse:
    """Guides to the commonest tasks, those of one's posts first; what each kind of case opened
    today goes through, read from its table."""
    tables = [
        {
            "label": table.label,
            "steps": dict.fromkeys((row.label, row.who.label, row.article) for row in table.steps),
        }
        for table in doing.procedures_now(today()).values()
    ]
    actor, q = request.actor, question(request.GET.get("q", "")[:LONGEST])
    every = guides_for(actor)
    context = {
        "q": q,
        "matches": searched(q, every) if q else [],
        "own": [guide for guide in every if guide.concerns(actor)],
        "others": [guide for guide in every if not guide.concerns(actor)],
        "tables": tables,
        "api_docs": reverse(API_DOCS),
        "contact": settings.SITE_CONTACT,
        "crumbs": [("帮助", "")],
    }
    return render(request, "portal/help.html", context)


#: keys, what they do: on every page, by keys.js; the browser's own and the components' within one
EVERYWHERE = (
    (("/",), "到检索框"),
    (("?",), "显示快捷键"),
    (("Ctrl+K",), "快速前往：页面、办理、指南、目录、事项，可输入拼音首字母"),
    (("g", "h"), "前往首页"),
)
WITHIN = (
    (("Tab", "Shift+Tab"), "到下一个、上一个链接、按钮或输入框；当前位置有黄色外框"),
    (("每页第一个 Tab",), "跳到主要内容、检索或主菜单，回车后越过前面的部分"),
    (("回车",), "打开链接，按下按钮，提交表单"),
    (("空格",), "按下按钮，勾选复选框，展开折叠内容"),
    (("方向键",), "在单选项、候选项之间移动，滚动获得焦点的表格"),
    (("Esc",), "关闭对话框和菜单，焦点回到打开它的地方"),
)


@require_safe
def keys(request: Request) -> HttpResponse:
    """Every key, and where it leads this person."""
    items = [item for section in menu_for(request.actor, "") for item in section["items"]]
    pages = [(item["letter"], item["label"], item["url"]) for item in items if item["letter"]]
    context = {
        "everywhere": EVERYWHERE,
        "pages": pages,
        "within": WITHIN,
        "crumbs": [("帮助", reverse("portal:help")), ("快捷键", "")],
    }
    return render(request, "portal/keys.html", context)


@require_safe
def sitemap(request: Request) -> HttpResponse:
    """All pages this person has."""
    return render(
        request,
        "portal/sitemap.html",
        {
            "sections": menu_for(request.actor, reverse("portal:sitemap")),
            "crumbs": [("站点地图", "")],
        },
    )


@require_safe
def accessibility(request: Request) -> HttpResponse:
    """What was done for people who see, hear or move differently, and whom to tell when it fails
    them."""
    return render(
        request,
        "portal/accessibility.html",
        {"contact": settings.SITE_CONTACT, "crumbs": [("无障碍说明", "")]},
    )


@never_cache
@require_safe
def healthz(request: Request) -> JsonResponse:
    """For supervisors and load balancers: 200 while requests can be served, else 503. Tells
    nothing of the inside."""
    parts = {"database": _answers()}
    well = all(parts.values())
    return JsonResponse(
        {"status": "ok" if well else "down", "version": __version__, "parts": parts},
        status=200 if well else 503,
    )


def _answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return MigrationRecorder(connection).has_table()
    except DatabaseError:
        return False
