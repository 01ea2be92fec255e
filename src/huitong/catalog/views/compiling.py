"""Compiling an entry (A7-A10): drafts with their states, a task list of sections, the check
page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huitong.catalog import queries
from huitong.catalog.forms import ClearedForm, StartForm
from huitong.catalog.models import Entry
from huitong.catalog.queries.entering import enters_in, to_compile
from huitong.catalog.rules import EntryFacts, Extent, Section, Severity, ShareClass, check, sections
from huitong.catalog.views.frame import (
    changes_of,
    clerk_of,
    editable,
    frame_of,
    may,
    may_update,
    place_of,
    writer_of,
)
from huitong.catalog.views.tasks import next_task, tasks_of
from huitong.catalog.views.typing import Typed, typed_by_section
from huitong.kernel import doing
from huitong.kernel.actor import Post
from huitong.kernel.addresses import reverse
from huitong.kernel.requests import Request
from huitong.work.forms import VerbForm, confirming, undoing


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: Request) -> HttpResponse:
    """Begin an entry."""
    actor = writer_of(request)
    form = StartForm(actor, request.POST or None)
    if request.method == "POST" and (done := form.save()) is not None and done.case is not None:
        entry = queries.entry_of(done.case)
        messages.success(request, f"“{entry.draft.name}”已存为草稿，请逐节填写。")
        return redirect("catalog:compile", entry.pk)
    return render(
        request,
        "catalog/start.html",
        {"form": form, "crumbs": [("目录编制", reverse("catalog:mine")), ("新建目录", "")]},
        status=form.status,
    )


@require_safe
def compile_page(request: Request, pk: int) -> HttpResponse:
    """The sections of an entry with their states, the remarks to answer, what can be done now."""
    entry = to_compile(clerk_of(request), pk)
    frame = frame_of(request, entry)
    to_publish = may(request, entry, "publish")
    context = frame | {
        "remarks": queries.open_remarks(entry.draft),
        "discard": may(request, entry, "discard"),
        "drifts": (drifts := queries.open_drifts(entry)),
        "adoptable": any(drift.adoptable for drift in drifts),
        "may_settle": request.actor.has(Post.OPERATOR) and not frame["enters"],
        "to_publish": to_publish,
        "steps": ["填写", "部门审核", "市级审核", "发布"],
        "step": entry.state.stage,
        "update": may_update(request, entry),
        "take_over": may(request, entry, "take_over"),
        "ask_entering": may(request, entry, "ask_entering"),
        **changes_of(request.actor, entry.draft),
    }
    if frame["editable"]:
        typed = typed_by_section(request.actor, entry.draft)
        tasks = tasks_of(entry.draft, queries.findings_of(entry.draft), typed)
        task = next_task(tasks)
        context |= {"tasks": tasks, "onward": {"url": task.url, "words": task.call}}
    else:
        facts = queries.facts_of(entry.draft)
        context |= {
            "facts": facts,
            "sections": _in_words(facts),
            "standing": PUBLISH if to_publish else entry.state.notice,
            "to_mount": entry.is_published and facts.share_class != ShareClass.NOT_SHARED,
        }
    return render(request, "catalog/compile.html", context)


PUBLISH = "审核已通过，请核对后及时发布。"


@require_safe
def onward(request: Request, pk: int) -> HttpResponse:
    """Straight to what is to be done next, for a list's button."""
    entry = to_compile(clerk_of(request), pk)
    if not may(request, entry, "edit"):
        return redirect("catalog:compile", entry.pk)
    typed = typed_by_section(request.actor, entry.draft)
    return redirect(next_task(tasks_of(entry.draft, queries.findings_of(entry.draft), typed)).url)


@require_http_methods(["GET", "HEAD", "POST"])
def check_page(request: Request, pk: int) -> HttpResponse:
    """Everything as it will be reviewed, what the checks find, and the only button that submits."""
    actor = clerk_of(request)
    entry = to_compile(actor, pk)
    if enters_in(actor, entry):
        return _hand_over(request, entry)
    form = ClearedForm(request.POST if request.method == "POST" else None)
    typed = typed_by_section(actor, entry.draft)
    if request.method == "POST" and form.is_valid() and typed:
        form.add_error(None, "有填写的内容还没有保存到目录：请先打开该部分保存，或丢弃。")
    if request.method == "POST" and form.is_valid():
        done = form.do(
            actor, "entry.submit", {"cleared": form.cleaned_data["cleared"]}, case=entry.case_id
        )
        if done is not None:
            words = f"“{entry.draft.name}”已提交，下一步由本部门负责人审核。"
            undoing.offer(request, done, words)
            return redirect("catalog:compile", entry.pk)
    entry = editable(request, actor, pk)
    context = _checked(request, entry, typed) | {
        "form": form,
        "by_department": queries.extent_in(entry.draft) is Extent.CONTACT,
    }
    return render(request, "catalog/check.html", context, status=422 if form.is_bound else 200)


def _checked(
    request: Request, entry: Entry, typed: Mapping[Section, Typed], title: str = "检查并提交"
) -> dict[str, Any]:
    """A draft as it will be reviewed, and what the checks find in it, each with its place."""
    facts = queries.whole_facts_of(entry.draft)
    findings: list[dict[str, Any]] = [
        {"finding": f, "url": place_of(entry.pk, facts, f)} for f in check(facts)
    ]
    return frame_of(request, entry, title) | {
        "typed": [(section.label, held.url, held.at) for section, held in typed.items()],
        "facts": facts,
        "sections": _in_words(facts, entry.pk),
        "wrong": [f for f in findings if f["finding"].severity is Severity.ERROR],
        "doubtful": [f for f in findings if f["finding"].severity is not Severity.ERROR],
        **changes_of(request.actor, entry.draft),
    }


def _hand_over(request: Request, entry: Entry) -> HttpResponse:
    """The same for the bureau's clerk who entered it: what is wrong may be left to the department,
    which gets it to confirm."""
    typed = typed_by_section(request.actor, entry.draft)
    form = VerbForm("entry.hand_over", request, case=entry.case)
    if request.method == "POST" and typed:
        form.add_error(None, "有填写的内容还没有保存到目录：请先打开该部分保存，或丢弃。")
    elif request.method == "POST" and (confirmation := form.ask()):
        return confirmation
    elif request.method == "POST" and form.perform() is not None:
        whose = entry.body.short_name
        messages.success(request, f"“{entry.draft.name}”已交{whose}确认，由其提交和审核。")
        return redirect("catalog:entering")
    context = _checked(request, entry, typed, "检查并交部门确认") | {"form": form}
    return render(request, "catalog/hand_over.html", context, status=form.status)


def _in_words(facts: EntryFacts, change: int = 0) -> list[dict[str, Any]]:
    """Every section in words, with the page to change it; ``change``: the key of the entry."""
    return [
        {
            "title": s.label,
            "url": reverse("catalog:section", args=[change, s]) if change else "",
            "rows": [(label, text) for _, label, text in rows],
        }
        for s, rows in sections(facts)
    ]


@require_POST
def update(request: Request, pk: int) -> HttpResponse:
    """Begin the next version of a published entry, and go to it."""
    doing.perform(clerk_of(request), "entry.update", {"entry": pk})
    messages.success(
        request, "已开始更新：下面是现行版本的内容，改好后提交审核；发布之前，各部门看到的不变。"
    )
    return redirect("catalog:compile", pk)


@require_POST
def discard(request: Request, pk: int) -> HttpResponse:
    """Give up a draft."""
    actor = clerk_of(request)
    entry = to_compile(actor, pk)
    entered = enters_in(actor, entry)
    doing.perform(
        actor, "entry.discard", {"reasons": request.POST.get("reasons", "")}, case=entry.case_id
    )
    if entered:
        messages.success(request, f"代录的“{entry.draft.name}”已删除。")
        return redirect("catalog:entering")
    if entry.is_published:
        messages.success(request, f"“{entry.name}”的更新已放弃，已发布的版本不变。")
        return redirect("catalog:compile", entry.pk)
    messages.success(request, f"草稿“{entry.draft.name}”已删除。")
    return redirect("catalog:mine")


@require_POST
def publish(request: Request, pk: int) -> HttpResponse:
    """Publish the reviewed entry, then show it as everybody sees it."""
    actor = clerk_of(request)
    entry = queries.own_entry(actor, pk)
    if confirming.went_back(request):
        return redirect("catalog:compile", entry.pk)
    if confirmation := confirming.ask(request, "entry.publish", {}, case=entry.case):
        return confirmation
    doing.perform(actor, "entry.publish", {}, case=entry.case_id)
    messages.success(request, f"“{entry.draft.name}”已发布，各部门即可检索和申请。")
    return redirect("catalog:entry", entry.pk)
