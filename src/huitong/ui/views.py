"""Display preferences kept in a cookie (so they hold without JavaScript), and the extension of a
session."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from huitong.ui.addresses import inside
from huitong.ui.rules import SCALES

YEAR = 365 * 24 * 3600


@require_POST
def display(request: HttpRequest) -> HttpResponse:
    """Set font size or contrast, then back to the page it was asked from."""
    chosen = set(request.COOKIES.get("display", "").split("."))
    if (scale := request.POST.get("scale")) in SCALES:
        chosen = (chosen - set(SCALES)) | {scale}
    if request.POST.get("contrast"):
        chosen ^= {"contrast"}
    back = inside(request, request.META.get("HTTP_REFERER", "")) or "/"
    response = HttpResponseRedirect(back)
    allowed = sorted(chosen & {*SCALES, "contrast"})
    response.set_cookie(
        "display", ".".join(allowed), max_age=YEAR, samesite="Lax", secure=request.is_secure()
    )
    return response


@require_POST
def extend(request: HttpRequest) -> HttpResponse:
    """Keep the session alive: what 延长 in the idle warning asks. 401 when it has ended already."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    request.session.modified = True
    return HttpResponse(status=204)
