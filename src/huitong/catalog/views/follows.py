"""What one follows (A20)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.views.decorators.http import require_safe

from huitong.catalog.models import EntryFollow
from huitong.catalog.queries.follows import entries_followed
from huitong.kernel.addresses import reverse
from huitong.kernel.requests import Request
from huitong.ui.lists import Column, List, Listing

FOLLOWED = List(
    "catalog.followed",
    "关注的资源",
    (
        Column("code", "资源代码", "entry.code", sort=("entry__code",)),
        Column("name", "资源名称", "entry.name", fixed=True),
        Column("body", "提供部门", "entry.body.short_name", sort=("entry__body__short_name",)),
        Column("version", "版本", "version", num=True),
        Column("published", "发布日期", "entry.text.published_at"),
        Column("at", "关注时间", sort=("at",)),
        Column("ops", "操作", css="ops", page_only=True),
    ),
    order=("-at", "-pk"),
    unit="项",
    numbered=True,
    row_key="pk",
    empty=("还没有关注的资源", "在资源页面点“关注”，有新版本、暂停或恢复交付时会告知您。"),
)


@require_safe
def followed(request: Request) -> HttpResponseBase:
    rows = entries_followed(request.actor)
    listing = Listing(request, FOLLOWED, rows, draw=lambda rows: [_row(row) for row in rows])
    crumbs = [("目录检索", reverse("catalog:browse")), ("关注的资源", "")]
    return listing.answer("catalog/followed.html", {"crumbs": crumbs})


def _row(row: EntryFollow) -> dict[str, Any]:
    return {"pk": row.pk, "entry": row.entry, "version": row.entry.text.number, "at": row.at}
