"""An uploaded file, by its key."""

from __future__ import annotations

from django.http import FileResponse
from django.views.decorators.http import require_safe

from huitong.kernel.requests import Request
from huitong.work import queries
from huitong.work.forms import handed_out


@require_safe
def attachment(request: Request, pk: int) -> FileResponse:
    """The bytes, for the uploader and the parties of the cases that use the file."""
    return handed_out(queries.attachment_for(request.actor, pk))
