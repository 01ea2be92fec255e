"""Handing out an uploaded file: always as a download, never as something a browser would run."""

from __future__ import annotations

from django.http import FileResponse
from django.views.decorators.http import require_safe

from huitong.kernel.procedure import NotVisible
from huitong.kernel.requests import Request
from huitong.work import queries


@require_safe
def attachment(request: Request, pk: int) -> FileResponse:
    """The bytes, for the uploader and the parties of the cases that use the file."""
    row = queries.attachment_for(request.actor, pk)
    path = queries.path_of(row)
    if not path.is_file():
        raise NotVisible("该附件的内容")
    response = FileResponse(
        path.open("rb"), as_attachment=True, filename=row.name, content_type=row.media_type
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response
