"""A body's own entries in every state, and its databases (A7, A10)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponseBase
from django.views.decorators.http import require_safe

from huitong.catalog import queries
from huitong.catalog.models import Entry
from huitong.catalog.queries import entering
from huitong.catalog.rules import DatabaseRole, words_of
from huitong.catalog.rules.finding import LONGEST_QUESTION
from huitong.catalog.views.frame import clerk_of, tabs_of
from huitong.catalog.views.typing import typed_by_version
from huitong.kernel.actor import Post
from huitong.kernel.addresses import reverse
from huitong.kernel.requests import Request
from huitong.ui.lists import Column, List, Listing, conditions
from huitong.ui.rules import question

TABS = tuple((key, *tab) for key, tab in queries.TABS.items())

ENTRIES = List(
    "catalog.mine",
    "目录",
    (
        Column("code", "资源代码", "entry.code", sort=("code",), files_only=True),
        Column("name", "资源名称", "draft.name", sort=("latest__name",), fixed=True),
        Column("state", "状态", "entry.state.label", sort=("latest__case__state",), fixed=True),
        Column("system", "信息系统", "draft.system.name", sort=("latest__system__name",)),
        Column("table", "来源表", "entry.source_table", sort=("source_table",)),
        Column(
            "share_class",
            "共享类型",
            lambda row: row["draft"].get_share_class_display() or "未填",
            sort=("latest__share_class",),
        ),
        Column("changed", "最近修改", "draft.updated_at", sort=("latest__updated_at",)),
        Column("ops", "操作", css="ops", page_only=True),
    ),
    order=("-latest__updated_at", "-pk"),
    unit="项",
    numbered=True,
    keep=("tab",),
    row_key="entry.pk",
    empty=("本部门还没有目录", "可以新建，也可以在“系统与数据库”中扫描数据库，自动生成草稿。"),
)
DATABASES = List(
    "catalog.databases",
    "数据库",
    (
        Column("name", "名称", "database.name", sort=("name",), fixed=True),
        Column("role", "用途", "database.get_role_display", sort=("role",)),
        Column("address", "地址", lambda row: _address(row["database"])),
        Column("system", "信息系统", "database.system.name", sort=("system__name",)),
        Column("server", "服务器", "database.server"),
        Column("probed", "最近测试", "database.probed_at", sort=("probed_at",), files_only=True),
        Column("scan", "最近扫描", lambda row: row["scan"] and row["scan"].get_state_display()),
        Column("look", "定期核对", lambda row: look_words(row["database"]), sort=("look_on",)),
        Column("ops", "操作", css="ops", page_only=True),
    ),
    order=("name", "pk"),
    unit="个",
    numbered=True,
    row_key="database.pk",
    empty=("还没有登记数据库", "请先向数据库管理员要一个只读账号。"),
)


class Filter(forms.Form):
    """What a body's own entries can be narrowed by."""

    q = forms.CharField(label="名称或信息项", required=False, max_length=LONGEST_QUESTION)


@require_safe
def own_entries(request: Request) -> HttpResponseBase:
    """The body's own entries in every state."""
    actor = clerk_of(request)
    counts = queries.counts_by_state(actor)
    tab = next((t for t in TABS if t[0] == request.GET.get("tab", "")), TABS[0])
    rows = queries.entries_of_body(actor)
    rows = rows.filter(latest__case__state__in=tab[2]) if tab[2] else rows
    form = Filter(request.GET)
    q = question(conditions(form).get("q") or "")
    rows = rows.filter(queries.containing(words_of(q), "latest")) if q else rows
    typed = typed_by_version(actor)
    spec = ENTRIES.saying((f"没有“{tab[1]}”的目录", "")) if tab[2] else ENTRIES
    listing = Listing(
        request,
        spec,
        rows,
        form=form,
        draw=lambda page: [_row(e) | {"typed": typed.get(e.latest_id or 0)} for e in page],
    )
    tabs = [
        {
            "label": label,
            "url": f"?tab={key}",
            "active": key == tab[0],
            "count": sum(counts.get(s, 0) for s in states) if states else sum(counts.values()),
        }
        for key, label, states in TABS
        # few departments are ever entered for
        if key != "entering" or key == tab[0] or any(counts.get(s) for s in states)
    ]
    return listing.answer(
        "catalog/mine.html",
        {
            "tabs": tabs,
            "operator": actor.has(Post.OPERATOR),
            "enters": entering.enters(actor),
            "crumbs": [("目录编制", "")],
        },
    )


def _row(entry: Entry) -> dict[str, Any]:
    updating = entry.is_published and not entry.draft.is_published
    page = "catalog:entry" if entry.draft.is_published else "catalog:compile"
    return {
        "entry": entry,
        "updating": updating,
        "draft": entry.draft,
        "tone": entry.state.tone,
        "url": reverse(page, args=[entry.pk]),
    }


def look_words(database: Any) -> str:
    """How often it is looked at, and when next."""
    if database.look_on is None:
        return "" if database.role == DatabaseRole.TARGET else database.get_look_cycle_display()
    return f"{database.get_look_cycle_display()}，下次 {database.look_on:%Y-%m-%d}"


def _address(database: Any) -> str:
    return f"{database.host}:{database.port}/{database.dbname}"


@require_safe
def sources(request: Request) -> HttpResponseBase:
    """The body's databases, each with its last scan."""
    actor = clerk_of(request)

    def drawn(page: list[Any]) -> list[dict[str, Any]]:
        scans = queries.last_scans(page)
        return [{"database": d, "scan": scans.get(d.pk)} for d in page]

    listing = Listing(request, DATABASES, queries.databases_visible_to(actor), draw=drawn)
    return listing.answer("catalog/sources.html", sources_frame(actor, "databases"))


def sources_frame(actor: Any, shown_tab: str) -> dict[str, Any]:
    """The tabs of the pages of sources."""
    pages = {
        "databases": ("数据库", "sources"),
        "systems": ("信息系统", "systems"),
        "drifts": ("来源变化", "drifts"),
    }
    return {
        "tab": shown_tab,
        "tabs": tabs_of(pages, shown_tab),
        "may": actor.has(Post.OPERATOR),
        "crumbs": [("目录编制", reverse("catalog:mine")), ("系统与数据库", "")],
    }
