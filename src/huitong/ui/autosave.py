"""The server's side of a form that is saved by itself while it is filled in (`js/autosave.js`).

The script posts the form's fields to the address in ``data-autosave`` with the header
``X-Autosave``, whose value is the person the page was drawn for. It is answered in JSON: by
`saved`, by `overtaken` when somebody else saved since, or by the error body of a refusal.
"""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.timezone import localtime

HEADER = "X-Autosave"
#: the hidden field that holds the mark of what the page was drawn from
MARK = "_mark"


def asks(request: HttpRequest) -> bool:
    """Whether a request comes from the script, which cannot be shown a page."""
    return HEADER in request.headers


def drawn_for(request: HttpRequest, person: object) -> bool:
    """Whether the page that is saved was drawn for this person."""
    return request.headers.get(HEADER) == str(person)


def clock_words(at: datetime) -> str:
    """A moment as a clerk says it: 10:32 today, 11月28日 10:32 before."""
    local, now = localtime(at), localtime(timezone.now())
    day = "" if local.date() == now.date() else f"{local.month}月{local.day}日 "
    return f"{day}{local:%H:%M}"


def saved(at: datetime, mark: object, words: str = "") -> JsonResponse:
    """Saved: when, the mark of what is saved now, and other words than 已保存 if there are any."""
    return JsonResponse({"at": clock_words(at), "mark": str(mark), "words": words})


def overtaken(at: datetime, mark: object, by: str = "") -> JsonResponse:
    """Not saved, because what the page was drawn from has changed since. ``mark`` lets the person
    choose to save over it all the same."""
    return JsonResponse(
        {"code": "overtaken", "detail": overtaken_words(at, by), "mark": str(mark)}, status=409
    )


def overtaken_words(at: datetime, by: str = "") -> str:
    return (
        f"{by}{clock_words(at)} 在另一个窗口保存过这里的内容。"
        "本页填写的内容没有覆盖它，仍留在本页，请选择以哪一份为准。"
    )
