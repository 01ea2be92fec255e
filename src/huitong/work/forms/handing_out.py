"""Handing out an uploaded file: always as a download, never as something a browser would run."""

from __future__ import annotations

from django.http import FileResponse

from huitong.kernel.procedure import NotVisible
from huitong.work import queries
from huitong.work.models import Attachment


def handed_out(attachment: Attachment) -> FileResponse:
    """The bytes of a file its reader may have. Raises `NotVisible` where they are missing."""
    path = queries.path_of(attachment)
    if not path.is_file():
        raise NotVisible("该附件的内容")
    response = FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=attachment.name,
        content_type=attachment.media_type,
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response
