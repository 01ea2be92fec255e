"""The files a department may have, and the download itself."""

from __future__ import annotations

from datetime import timedelta

from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from huitong.kernel.requests import Request
from huitong.planes.files import actions, queries
from huitong.planes.files.rules import headers, how_to_check

PAGE = 10


@require_GET
def files(request: Request) -> HttpResponse:
    """What may be downloaded now, each with its checksum and how to check it."""
    page = Paginator(queries.visible_to(request.actor), PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "grant": g,
            "file": g.file,
            "last_day": g.valid_to - timedelta(seconds=1),
            "checks": how_to_check(g.file.name, g.file.sha256),
        }
        for g in page
        if g.file
    ]
    return render(
        request, "files/files.html", {"page": page, "rows": rows, "crumbs": [("文件下载", "")]}
    )


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
        headers=headers(out.file.sha256, out.part),
    )
