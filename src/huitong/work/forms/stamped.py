"""The stamped scan of a form on our own pages, beside the data it must agree with (A20, A24)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from csp.decorators import csp_replace
from django.http import FileResponse, HttpResponse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from huitong.kernel.addresses import reverse
from huitong.kernel.procedure import NotVisible
from huitong.work.queries import path_of
from huitong.work.rules.stamped import StampedForm, doubt_words

#: which browsers can show beside the data; what else was uploaded can be downloaded
VIEWERS = {"application/pdf": "pdf", "image/png": "image", "image/jpeg": "image"}


def scan_shown(form: StampedForm, url: str) -> dict[str, Any] | None:
    """What `work/_scan.html` shows of a form's scan; ``url`` is the address of a `scan_page`."""
    if form.scan is None:
        return None
    return {
        "name": form.scan.name,
        "kind": VIEWERS.get(form.scan.media_type, ""),
        "url": url,
        "download": reverse("work:attachment", args=[form.scan_id]),
        "pages": form.scan.pages,
        "doubts": doubt_words(form.scan_doubts),
    }


def scan_page(find: Callable[[Any, int], StampedForm]) -> Callable[..., HttpResponse]:
    """A view of the scan to be shown inside our own pages, of a form that ``find(actor, pk)``
    lets its reader see: only pictures and PDF, checked by content when they came in."""

    @require_safe
    @xframe_options_sameorigin
    @csp_replace(  # type: ignore[arg-type]
        {
            "frame-ancestors": ["'self'"],
            "default-src": ["'none'"],
            "object-src": ["'self'"],
            "script-src": ["'none'"],
            "style-src": ["'unsafe-inline'"],
            "img-src": ["'self'"],
        }
    )
    def scan_file(request: Any, pk: int) -> HttpResponse:
        scan = find(request.actor, pk).scan
        if scan is None or scan.media_type not in VIEWERS or not (path := path_of(scan)).is_file():
            raise NotVisible("盖章扫描件")
        response = FileResponse(path.open("rb"), content_type=scan.media_type, filename=scan.name)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "private, no-store"
        return response

    return scan_file


def print_answer(number: str, version: int, content: bytes) -> HttpResponse:
    """A form's print as a download, which no cache keeps."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{number}-v{version}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response
