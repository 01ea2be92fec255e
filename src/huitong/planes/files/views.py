"""The files a department may have, and the download itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import FileResponse, HttpResponseBase
from django.views.decorators.http import require_GET

from huitong.kernel.manifest import Place, panels
from huitong.kernel.requests import Request
from huitong.kernel.workdays import day_of
from huitong.planes.files import actions, queries
from huitong.planes.files.rules import how_to_check
from huitong.ui.lists import Column, List, Listing

FILES = List(
    "files.files",
    "可下载的文件",
    (
        Column("name", "资源", "grant.entry_name", sort=("grant__entry_name",), fixed=True),
        Column("file", "文件名", "file.name", sort=("file__name",)),
        Column("size", "大小", "file.size", sort=("file__size",), num=True),
        Column("provider", "提供部门", "grant.provider_name", sort=("grant__provider_name",)),
        Column("since", "授权自", "grant.valid_from", files_only=True),
        Column("until", "有效期至", "last_day", sort=("last_day",)),
        Column("purpose", "用途", "grant.purpose", css="text"),
        Column("scope", "范围", lambda row: "整个文件"),
        Column("number", "授权", "grant.number"),
        Column("sha256", "校验值", "file.sha256", fixed=True),
        Column("ops", "操作", css="ops", page_only=True),
    ),
    order=("grant__entry_name", "grant__grant"),
    unit="个",
    row_key="grant.grant",
    empty=("没有可下载的文件", "文件方式的授权生效后，在这里下载。"),
)


@require_GET
def files(request: Request) -> HttpResponseBase:
    """What may be downloaded now, each with its checksum and how to check it."""
    actor = request.actor
    rows = [
        {"grant": g, "file": g.file, "last_day": day_of(g.valid_to - timedelta(seconds=1))}
        for g in queries.visible_to(actor)
        if g.file
    ]

    def drawn(page: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            r
            | {
                "checks": how_to_check(r["file"].name, r["file"].sha256),
                "panels": panels(Place.DELIVERY, actor, queries.deliverance(r["grant"])),
            }
            for r in page
        ]

    listing = Listing(request, FILES, rows, draw=drawn)
    return listing.answer("files/files.html", {"crumbs": [("文件下载", "")]})


@require_GET
def download(request: Request, grant: int) -> FileResponse:
    """The file itself; who may not have it is told why, and either way it is recorded."""
    out = actions.hand_out(
        request.actor,
        grant,
        range_header=request.headers.get("Range", ""),
        if_range=request.headers.get("If-Range", ""),
        bare=getattr(request, "bare", False),
    )
    return FileResponse(
        out.content,
        status=out.part.status,
        as_attachment=True,
        filename=out.file.name,
        content_type=out.file.media_type,
        headers=out.headers,
    )
