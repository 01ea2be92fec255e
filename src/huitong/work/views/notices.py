"""What I was told, and how I want to be told."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huitong.kernel import doing
from huitong.kernel.doing.given import is_key
from huitong.kernel.requests import Request
from huitong.organizations import queries as organizations
from huitong.work import queries
from huitong.work.rules import ALWAYS, Channel, Frequency, NoticeKind

PAGE = 30
#: what a person may choose about; the rest always comes at once
CHOSEN = [kind for kind in NoticeKind if kind not in ALWAYS]


@require_safe
def notices(request: Request) -> HttpResponse:
    """All notices of mine, the newest first."""
    actor = request.actor
    rows = queries.notices_of(actor)
    only = request.GET.get("only") == "unread"
    if only:
        rows = rows.filter(read_at=None)
    counts = queries.counted(all=queries.notices_of(actor), unread=queries.unread_of(actor))
    tabs = [
        {
            "label": "全部",
            "url": reverse("work:notices"),
            "count": counts["all"],
            "active": not only,
        },
        {
            "label": "未读",
            "url": reverse("work:notices", query={"only": "unread"}),
            "count": counts["unread"],
            "active": only,
        },
    ]
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "work/notices.html",
        {"page": page, "tabs": tabs, "unread": counts["unread"], "crumbs": [("消息", "")]},
    )


@require_POST
def read(request: Request) -> HttpResponse:
    """Mark the given notices as read, or all; with one that leads somewhere go there, unless
    asked to ``stay``."""
    given = [int(pk) for pk in request.POST.getlist("notice") if is_key(pk)]
    actor = request.actor
    doing.perform(actor, "work.read", {"notices": given} if given else {})
    if (
        len(given) == 1
        and "stay" not in request.POST
        and (notice := queries.notices_of(actor).filter(pk=given[0]).first()) is not None
        and notice.url
    ):
        return redirect(notice.url)
    return redirect("work:notices")


class Preferences(forms.Form):
    """One choice for each channel and kind."""

    def __init__(self, data: object, chosen: dict[tuple[Channel, NoticeKind], Frequency]) -> None:
        super().__init__(data)
        for channel in Channel:
            for kind in CHOSEN:
                self.fields[f"{channel}.{kind}"] = forms.ChoiceField(
                    label=f"{kind.label}（{channel.label}）",
                    choices=Frequency.choices(),
                    initial=chosen[channel, kind].value,
                )

    @property
    def grid(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [(kind.label, [self[f"{channel}.{kind}"] for channel in Channel]) for kind in CHOSEN]


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: Request) -> HttpResponse:
    """Which notices come over which channel, and how often."""
    actor = request.actor
    chosen = queries.preferences_of([actor.person or 0])[actor.person or 0]
    form = Preferences(request.POST if request.method == "POST" else None, chosen)
    if request.method == "POST" and form.is_valid():
        changed = 0
        for (channel, kind), now in chosen.items():
            if kind in CHOSEN and (frequency := form.cleaned_data[f"{channel}.{kind}"]) != now:
                doing.perform(
                    actor, "work.prefer", {"channel": channel, "kind": kind, "frequency": frequency}
                )
                changed += 1
        messages.success(request, f"已保存，更改 {changed} 项。")
        return redirect("work:preferences")
    context = {
        "form": form,
        "channels": [c.label for c in Channel],
        "mails": bool(settings.EMAIL_HOST),
        "email": organizations.with_email([actor.person or 0]),
        "hook": queries.webhook_of(actor.person or 0),
        "crumbs": [("消息", reverse("work:notices")), ("通知方式", "")],
    }
    return render(request, "work/preferences.html", context, status=422 if form.is_bound else 200)
