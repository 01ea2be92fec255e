"""Style sheets, scripts and icons on their way to the browser: small, and asked for once.

Nothing is collected beforehand: each file's address carries the hash of its content and may be kept
for a year, and what compresses well is compressed when a process is first asked for it.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware

KEPT_A_YEAR = "max-age=31536000, public, immutable"
COMPRESSES_WELL = re.compile(r"text/|application/(javascript|json)|image/svg")


class Addresses(StaticFilesStorage):
    """``{% static 'ui/css/gov.css' %}`` → ``/static/ui/css/gov.css?1f2e3d4c``: another content,
    another address."""

    @cache  # noqa: B019 - one storage a process, asked a dozen times a page
    def url(self, name: str | None) -> str:
        return f"{super().url(name)}?{version(str(name))}"


@cache
def version(name: str) -> str:
    """The beginning of the hash of a file's content. Raises `ValueError` for a file that is not
    there."""
    if (path := finders.find(name)) is None:
        raise ValueError(f"no static file {name}")
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:8]


@cache
def compressed(path: str) -> bytes:
    return gzip.compress(Path(path).read_bytes(), mtime=0)


class AssetsMiddleware(WhiteNoiseMiddleware):
    """Whitenoise, with files compressed for those who take it, and kept when asked for by their
    full address."""

    def serve(self, static_file: Any, request: HttpRequest) -> HttpResponseBase:
        answer: HttpResponseBase = super().serve(static_file, request)
        name = request.path_info.removeprefix(self.static_prefix)
        if request.META.get("QUERY_STRING") == version(name):
            answer.headers["Cache-Control"] = KEPT_A_YEAR
        if not COMPRESSES_WELL.match(answer.headers.get("Content-Type", "")):
            return answer
        answer.headers["Vary"] = "Accept-Encoding"
        if (
            request.method != "GET"
            or answer.status_code != 200
            or "gzip" not in request.headers.get("Accept-Encoding", "")
        ):
            return answer
        answer.file_to_stream.close()
        small = HttpResponse(
            compressed(str(finders.find(name))),
            headers=dict(answer.headers) | {"Content-Encoding": "gzip"},
        )
        small.headers["Content-Length"] = str(len(small.content))
        return small
