"""What I was told, and how I want to be told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.requests import Request
from huitong.organizations import queries as organizations
from huitong.ui.lists import Column, List, Listing, conditions
from huitong.ui.rules import is_key, question
from huitong.work import queries
from huitong.work.models import Notice
from huitong.work.rules import ALWAYS, TOLD_BY_LAW, Channel, DigestAt, Frequency, NoticeKind

#: lines a page; notices of one line where it is shown whole
PAGE, WHOLE = 30, 500
#: what a person may choose about; the rest always comes at once
CHOSEN = [kind for kind in NoticeKind if kind not in ALWAYS]


LINES = List(
    "work.notices",
    "消息",
    (
        Column("choose", "选择", css="no choice", page_only=True),
        Column("kind", "类别", "kind.label", fixed=True),
        Column("title", "内容", lambda line: line.first.notice.title, fixed=True),
        Column("text", "说明", lambda line: line.first.notice.text, files_only=True),
        Column("whole", "条数", num=True, files_only=True),
        Column("unread", "待处理", files_only=True),
        Column("at", "时间", "first.notice.at", fixed=True),
        Column("ops", "操作", css="ops", page_only=True),
    ),
    order=("-newest",),
    filled=("newest",),
    size=PAGE,
    keep=("tab", "line"),
    personal=True,
    row_key="key",
)
EMPTY = {
    "pending": ("没有待处理的消息", "已读和已由他人办理的在“全部”里。"),
    "all": ("没有消息", "有事项到达、临期或办结时，这里会告诉您。"),
}


class NoticeFilter(forms.Form):
    """What notices can be narrowed by."""

    q = forms.CharField(label="内容含", required=False, max_length=60)
    kind = forms.ChoiceField(
        label="类别", required=False, choices=[("", "全部"), *NoticeKind.choices()]
    )

    def narrow(self, rows: QuerySet[Notice]) -> QuerySet[Notice]:
        chosen = conditions(self)
        if q := question(chosen.get("q") or ""):
            rows = rows.filter(Q(title__icontains=q) | Q(text__icontains=q))
        return rows.filter(kind=chosen["kind"]) if chosen.get("kind") else rows


@require_safe
def notices(request: Request) -> HttpResponseBase:
    """Notices of mine, the newest first, those of one kind, topic and day as one line: the ones
    that still need me, or all; with ``line`` one line whole."""
    actor = request.actor
    every, unread = queries.notices_of(actor), queries.unread_of(actor)
    tab = "all" if request.GET.get("tab") == "all" else "pending"
    form = NoticeFilter(request.GET)
    rows = form.narrow(every if tab == "all" else unread)
    if line := request.GET.get("line", ""):
        rows = queries.in_line(every, line)
    counts = queries.notice_counts(actor)
    opened = WHOLE if line else queries.OPENED
    listing = Listing(
        request,
        LINES.saying(EMPTY[tab]),
        queries.grouped(rows),
        form=None if line else form,
        draw=lambda groups: queries.notice_lines(actor, rows, groups, opened),
    )
    tabs = [
        {
            "label": label,
            "url": listing.only(tab="all" if key == "all" else ""),
            "count": counts[key],
            "active": key == tab and not line,
        }
        for key, label in (("pending", "待处理"), ("all", "全部"))
    ]
    context = {
        "tabs": tabs,
        "tab": tab,
        "line": line,
        "notice_count": counts["pending"],
        "undo": _just_read(actor, request.GET.get("read", "")),
        "crumbs": [("消息", reverse("work:notices")), ("同类消息", "")] if line else [("消息", "")],
    }
    return listing.answer("work/notices.html", context)


def _just_read(actor: Actor, moment: str) -> dict[str, Any] | None:
    """What was marked as read at this moment, to be taken back; None where nothing was."""
    if (at := moment_of(moment)) is None:
        return None
    count = queries.notices_of(actor).filter(read_at=at).count()
    return {"moment": moment, "count": count} if count else None


def moment_of(text: str) -> datetime | None:
    """A moment as addresses carry it; None for what is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


@require_POST
def read(request: Request) -> HttpResponse:
    """Mark the given notices and lines as read, or all that still count; with one that leads
    somewhere go there, unless asked to ``stay``."""
    actor = request.actor
    given = [int(pk) for pk in request.POST.getlist("notice") if is_key(pk)]
    for line in request.POST.getlist("line"):
        given += queries.in_line(queries.unread_of(actor), line).values_list("pk", flat=True)
    if not given and "all" not in request.POST:
        messages.warning(request, "请先勾选要标为已读的消息。")
        return redirect(_list_of(request))
    done = doing.perform(actor, "work.read", {} if "all" in request.POST else {"notices": given})
    rows = queries.notices_of(actor)
    notice = rows.filter(pk=given[0]).first() if len(given) == 1 else None
    if notice is not None and notice.url and "stay" not in request.POST:
        return redirect(notice.url)
    # nothing, where all of it was read in another window
    latest = rows.exclude(read_at=None).order_by("-read_at").first() if done.result else None
    read_at = latest.read_at if latest is not None else None
    return redirect(_list_of(request, **({"read": read_at.isoformat()} if read_at else {})))


def _list_of(request: Request, **query: str) -> str:
    """The tab an act on notices was done on; named, so that it is not one's default view."""
    tab = "all" if request.POST.get("tab") == "all" else "pending"
    return reverse("work:notices", query={**query, "tab": tab})


@require_POST
def unread(request: Request) -> HttpResponse:
    """Let notices count again: the given ones, or all that were marked as read at a moment."""
    actor = request.actor
    given = [int(pk) for pk in request.POST.getlist("notice") if is_key(pk)]
    if (at := moment_of(request.POST.get("moment", ""))) is not None:
        given += queries.notices_of(actor).filter(read_at=at).values_list("pk", flat=True)
    if given:
        doing.perform(actor, "work.unread", {"notices": given})
        messages.success(request, f"已恢复 {len(set(given))} 条为未读。")
    return redirect(_list_of(request))


class Preferences(forms.Form):
    """One choice for each channel and kind, and the time of the digest."""

    def __init__(
        self, data: object, chosen: dict[tuple[Channel, NoticeKind], Frequency], digest: DigestAt
    ) -> None:
        super().__init__(data)
        self.fields["digest"] = forms.ChoiceField(
            label="每天汇总的时间",
            help_text="工作日的这个时间，送来选为“每天一次”的消息；节假日的并入下一个工作日。",
            choices=DigestAt.choices(),
            initial=digest.value,
        )
        for channel in Channel:
            for kind in CHOSEN:
                never = channel != Channel.INBOX or kind not in TOLD_BY_LAW
                self.fields[f"{channel}.{kind}"] = forms.ChoiceField(
                    label=f"{kind.label}（{channel.label}）",
                    choices=[
                        choice
                        for choice in Frequency.choices()
                        if never or choice[0] != Frequency.NEVER
                    ],
                    initial=chosen[channel, kind].value,
                )

    @property
    def grid(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """Each kind with the article by which it must be told, if one does, and its choices."""
        return [
            (kind.label, TOLD_BY_LAW.get(kind, ""), [self[f"{c}.{kind}"] for c in Channel])
            for kind in CHOSEN
        ]


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: Request) -> HttpResponse:
    """Which notices come over which channel, how often, and when the digest comes."""
    actor = request.actor
    person = actor.person or 0
    chosen, digest = (
        queries.preferences_of([person])[person],
        queries.digest_times([person])[person],
    )
    form = Preferences(request.POST if request.method == "POST" else None, chosen, digest)
    if request.method == "POST" and form.is_valid():
        changed = 0
        for (channel, kind), now in chosen.items():
            if kind in CHOSEN and (frequency := form.cleaned_data[f"{channel}.{kind}"]) != now:
                doing.perform(
                    actor, "work.prefer", {"channel": channel, "kind": kind, "frequency": frequency}
                )
                changed += 1
        if form.cleaned_data["digest"] != digest:
            doing.perform(actor, "work.digest_at", {"at": form.cleaned_data["digest"]})
            changed += 1
        messages.success(request, f"已保存，更改 {changed} 项。")
        return redirect("work:preferences")
    context = {
        "form": form,
        "channels": [c.label for c in Channel],
        "always": [kind.label for kind in NoticeKind if kind in ALWAYS],
        "mails": bool(settings.EMAIL_HOST),
        "email": organizations.with_email([person]),
        "hook": queries.webhook_of(person),
        "crumbs": [("消息", reverse("work:notices")), ("消息设置", "")],
    }
    return render(request, "work/preferences.html", context, status=422 if form.is_bound else 200)
