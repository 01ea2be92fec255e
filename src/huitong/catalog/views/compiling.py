"""Compiling an entry (A7-A10): drafts with their states, a task list of sections, the grid of
items, grounds, the check page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huitong.catalog import queries
from huitong.catalog.forms import ClearedForm, ItemFormSet, ItemsForm, SectionForm, StartForm
from huitong.catalog.models import Entry, Version
from huitong.catalog.rules import (
    ELEMENTS,
    EntryFacts,
    EntryState,
    Finding,
    Section,
    Severity,
    ShareClass,
    check,
    label_of,
    section_of,
    sections,
    words_of,
)
from huitong.catalog.rules.finding import LONGEST_QUESTION
from huitong.kernel import doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.procedure import NotVisible, NotYours
from huitong.kernel.requests import Request
from huitong.ui.rules import question
from huitong.work.forms import VerbForm

PAGE = 20
TABS = (
    ("", "全部", ()),
    ("draft", "草稿", (EntryState.DRAFT,)),
    ("returned", "退回修改", (EntryState.RETURNED,)),
    ("review", "审核中", EntryState.where(stage=2) + EntryState.where(stage=3)),
    ("ready", "待发布", EntryState.where(stage=4)),
    ("published", "已发布", EntryState.where(stage=5)),
)


def clerk_of(request: Request) -> Actor:
    """Who compiles: operators and managers of a body. Raises `NotYours`."""
    actor = request.actor
    if actor.body is None or not actor.has(Post.OPERATOR, Post.MANAGER):
        raise NotYours("目录由政务部门的经办人编制。", article="A7", who="经办人")
    return actor


def writer_of(request: Request) -> Actor:
    """Who writes: operators. Raises `NotYours` before a form is shown that could not be sent."""
    actor = clerk_of(request)
    if not actor.has(Post.OPERATOR):
        raise NotYours(
            "目录由经办人编制，负责人审核。", article="A12", who=f"{actor.body_name}经办人"
        )
    return actor


@require_safe
def own_entries(request: Request) -> HttpResponse:
    """The body's own entries in every state."""
    actor = clerk_of(request)
    every = queries.entries_of_body(actor)
    counts = queries.counts_by_state(actor)
    tab = next((t for t in TABS if t[0] == request.GET.get("tab", "")), TABS[0])
    rows = every.filter(latest__case__state__in=tab[2]) if tab[2] else every
    q = question(request.GET.get("q", "")[:LONGEST_QUESTION])
    rows = rows.filter(queries.containing(words_of(q), "latest"))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    nothing = (
        (f"没有包含“{q}”的目录", "换个说法，或点“重置”查看全部。")
        if q
        else (
            (f"没有“{tab[1]}”的目录", "")
            if tab[2]
            else (
                "本部门还没有目录",
                "可以新建，也可以在“系统与数据库”中扫描数据库，自动生成草稿。",
            )
        )
    )
    context = {
        "nothing": nothing,
        "page": page,
        "rows": [
            {"entry": e, "draft": e.draft, "tone": e.state.tone, "url": _home(e)} for e in page
        ],
        "q": q,
        "tab": tab[0],
        "tabs": [
            {
                "label": label,
                "url": f"?tab={key}",
                "active": key == tab[0],
                "count": sum(counts.get(s, 0) for s in states) if states else sum(counts.values()),
            }
            for key, label, states in TABS
        ],
        "operator": actor.has(Post.OPERATOR),
        "crumbs": [("目录编制", "")],
    }
    return render(request, "catalog/mine.html", context)


def _home(entry: Entry) -> str:
    return (
        reverse("catalog:entry", args=[entry.pk])
        if entry.is_published
        else reverse("catalog:compile", args=[entry.pk])
    )


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


# -- the task list ---------------------------------------------------------------------------------


@require_safe
def compile_page(request: Request, pk: int) -> HttpResponse:
    """The sections of an entry with their states, the remarks to answer, what can be done now."""
    entry = queries.own_entry(clerk_of(request), pk)
    frame = _frame(request, entry)
    to_publish = _may(request, entry, "publish")
    context = frame | {
        "remarks": queries.open_remarks(entry.draft),
        "discard": _may(request, entry, "discard"),
        "to_publish": to_publish,
        "steps": ["填写", "部门审核", "市级审核", "发布"],
        "step": entry.state.stage,
    }
    if frame["editable"]:
        tasks = _tasks(entry.draft, queries.findings_of(entry.draft))
        context |= {"tasks": tasks, "onward": _onward(tasks)}
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


def _onward(tasks: list[dict[str, Any]]) -> dict[str, str]:
    """The one thing to do next: what was remarked on, then what is unfinished, then the check."""
    *parts, check = tasks
    for status, words in (("待补充", "改正"), ("进行中", "继续填写"), ("未开始", "继续填写")):
        if task := next((t for t in parts if t["status"] == status), None):
            return {"url": task["url"], "words": f"{words}：{task['label']}"}
    return {"url": check["url"], "words": check["label"]}


def _tasks(draft: Version, findings: list[Finding]) -> list[dict[str, Any]]:
    remarked = {section_of(f) for f in queries.open_remarks(draft)}
    tasks = []
    for section in Section:
        wrong = [
            f for f in findings if f.severity is Severity.ERROR and section_of(f.field) is section
        ]
        names = [n for n, e in ELEMENTS.items() if e.section is section and n != "name"]
        begun = any(getattr(draft, n, None) for n in names if n not in ("items", "grounds")) or (
            section is Section.ITEMS and draft.items.exists()
        )
        status = (
            "待补充"
            if section in remarked
            else "未开始"
            if not begun
            else "进行中"
            if wrong
            else "已完成"
        )
        hint = (
            "有审核意见"
            if section in remarked
            else f"{len(wrong)} 处必须改正"
            if wrong and begun
            else ""
        )
        tasks.append(
            {
                "label": section.label,
                "url": reverse("catalog:section", args=[draft.entry_id, section]),
                "status": status,
                "hint": hint,
            }
        )
    bad = sum(f.severity is Severity.ERROR for f in findings)
    tasks.append(
        {
            "label": "检查并提交",
            "url": reverse("catalog:check", args=[draft.entry_id]),
            "hint": f"{bad} 处必须改正" if bad else "",
            "status": "未开始",
        }
    )
    return tasks


def _frame(request: Request, entry: Entry, title: str = "") -> dict[str, Any]:
    name = entry.draft.name
    crumbs = [
        ("目录编制", reverse("catalog:mine")),
        (name, reverse("catalog:compile", args=[entry.pk]) if title else ""),
    ]
    return {
        "entry": entry,
        "draft": entry.draft,
        "state": entry.state,
        "tone": entry.state.tone,
        "editable": _may(request, entry, "edit"),
        "crumbs": [*crumbs, (title, "")] if title else crumbs,
    }


def _may(request: Request, entry: Entry, verb: str) -> bool:
    return any(row.verb == verb for row, _ in doing.open_to(request.actor, entry.case))


# -- sections --------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def section_page(request: Request, pk: int, section: str) -> HttpResponse:
    """The form of one section; the items have their grid."""
    if section not in set(Section):
        raise NotVisible()
    actor, current = clerk_of(request), Section(section)
    # what was typed outlives that somebody was faster
    saving = request.method == "POST" and "more" not in request.POST
    entry = queries.own_entry(actor, pk) if saving else _editable(request, actor, pk)
    if current is Section.ITEMS:
        return _items_page(request, actor, entry)
    form = SectionForm(current, actor, entry, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.save() is not None:
        return _saved(request, entry, current)
    context = _frame(request, entry, current.label) | {
        "form": form,
        "rows": _rows(entry.draft, form),
        "section": current,
        "next": _next(current),
        "findings": _findings(entry.draft, current),
        "grounds": list(entry.draft.grounds.all()) if current is Section.SHARING else [],
    }
    return render(request, "catalog/section.html", context, status=form.status)


def _editable(request: Request, actor: Actor, pk: int) -> Entry:
    """The entry, if this actor may edit it now. Raises what editing would raise."""
    entry = queries.own_entry(actor, pk)
    if not _may(request, entry, "edit"):
        doing.procedure_of(entry.case).check(
            "edit", entry.case.state, actor.seats_in(entry.case.parties), {}
        )
        raise NotYours("您已在其他环节经手，本环节须由另一人办理。", article="A12")
    return entry


def _rows(draft: Version, form: SectionForm) -> list[dict[str, Any]]:
    """Each field with the remarks to answer beside it."""
    remarks = queries.open_remarks(draft)
    return [
        {"field": field, "wide": form.is_wide(field.name), "remarks": remarks.get(field.name, [])}
        for field in form.visible_fields()
    ]


def _findings(draft: Version, section: Section) -> list[dict[str, Any]]:
    """What the checks say of this section, once it has been begun, each with the place to mend
    it."""
    begun = any(
        getattr(draft, n, None)
        for n, e in ELEMENTS.items()
        if e.section is section and n not in ("name", "items", "grounds")
    )
    if not begun and section is not Section.ITEMS:
        return []
    facts = queries.facts_of(draft)
    return [
        {"finding": f, "url": _place(draft.entry_id, facts, f)}
        for f in check(facts)
        if section_of(f.field) is section
    ]


def _place(entry: int, facts: EntryFacts, finding: Finding) -> str:
    """Where a finding is mended: the field, the row of the grid, the page of grounds."""
    field, _, item = finding.field.partition(".")
    if field == "grounds":
        return reverse("catalog:grounds", args=[entry])
    row = next((n for n, i in enumerate(facts.items, 1) if i.name == item), 1)
    place = f"row-{row}" if field == "items" else f"id_{field}"
    return reverse("catalog:section", args=[entry, section_of(field)], fragment=place)


def _next(section: Section) -> Section | None:
    order = list(Section)
    at = order.index(section) + 1
    return order[at] if at < len(order) else None


def _saved(request: Request, entry: Entry, section: Section) -> HttpResponse:
    messages.success(request, f"“{section.label}”已保存。")
    after = _next(section) if "next" in request.POST else None
    if "stay" in request.POST or "accept_all" in request.POST:  # what was taken over is to be seen
        return redirect("catalog:section", entry.pk, section)
    if "next" in request.POST and after is None:
        return redirect("catalog:check", entry.pk)
    return (
        redirect("catalog:section", entry.pk, after)
        if after
        else redirect("catalog:compile", entry.pk)
    )


def _items_page(request: Request, actor: Actor, entry: Entry) -> HttpResponse:
    """The grid. ``more`` gives empty rows without saving; ``accept_all`` applies every
    suggestion at a person's word."""
    posted = request.POST if request.method == "POST" else None
    more = bool(posted and "more" in posted)
    form = ItemsForm(actor, entry, posted, ItemFormSet.MORE if more else 0)
    if posted and not more and form.save_all("accept_all" in posted) is not None:
        return _saved(request, entry, Section.ITEMS)
    remarks = {
        f: r for f, r in queries.open_remarks(entry.draft).items() if f.partition(".")[0] == "items"
    }
    context = _frame(request, entry, Section.ITEMS.label) | {
        "form": form,
        "grid": form.grid,
        "section": Section.ITEMS,
        "next": _next(Section.ITEMS),
        "rows": _rows(entry.draft, form),
        "remarks": [(label_of(f), r) for f, r in remarks.items()],
        "suggested": any(f.suggestion for f in form.grid.forms),
        "faults": (
            [
                (n, field)
                for n, row in enumerate(form.grid.forms, 1)
                for field in row
                if field.errors
            ]
            if posted and not more
            else []
        ),
        "findings": [] if posted else _findings(entry.draft, Section.ITEMS),
    }
    return render(
        request, "catalog/items.html", context, status=form.status if posted and not more else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
def grounds(request: Request, pk: int) -> HttpResponse:
    """The legal grounds for not sharing: those entered, and the form for another."""
    entry = _editable(request, clerk_of(request), pk)
    form = VerbForm("entry.add_ground", request, case=entry.case)
    if request.method == "POST" and form.perform() is not None:
        messages.success(request, "依据已登记，部门审核通过后即报市大数据管理局备案。")
        return redirect("catalog:grounds", entry.pk)
    context = _frame(request, entry, "不予共享的依据") | {
        "form": form,
        "grounds": list(entry.draft.grounds.all()),
    }
    return render(request, "catalog/grounds.html", context, status=form.status)


# -- check and submit ------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def check_page(request: Request, pk: int) -> HttpResponse:
    """Everything as it will be reviewed, what the checks find, and the only button that submits."""
    actor = clerk_of(request)
    entry = queries.own_entry(actor, pk)
    form = ClearedForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done = form.do(
            actor, "entry.submit", {"cleared": form.cleaned_data["cleared"]}, case=entry.case_id
        )
        if done is not None:
            messages.success(request, f"“{entry.draft.name}”已提交，下一步由本部门负责人审核。")
            return redirect("catalog:compile", entry.pk)
    entry = _editable(request, actor, pk)
    facts = queries.facts_of(entry.draft)
    findings: list[dict[str, Any]] = [
        {"finding": f, "url": _place(entry.pk, facts, f)} for f in check(facts)
    ]
    context = _frame(request, entry, "检查并提交") | {
        "form": form,
        "facts": facts,
        "sections": _in_words(facts, entry.pk),
        "wrong": [f for f in findings if f["finding"].severity is Severity.ERROR],
        "doubtful": [f for f in findings if f["finding"].severity is not Severity.ERROR],
    }
    return render(request, "catalog/check.html", context, status=422 if form.is_bound else 200)


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
def discard(request: Request, pk: int) -> HttpResponse:
    """Give up a draft."""
    actor = clerk_of(request)
    entry = queries.own_entry(actor, pk)
    doing.perform(
        actor, "entry.discard", {"reasons": request.POST.get("reasons", "")}, case=entry.case_id
    )
    messages.success(request, f"草稿“{entry.draft.name}”已删除。")
    return redirect("catalog:mine")


@require_POST
def publish(request: Request, pk: int) -> HttpResponse:
    """Publish the reviewed entry, then show it as everybody sees it."""
    actor = clerk_of(request)
    entry = queries.own_entry(actor, pk)
    doing.perform(actor, "entry.publish", {}, case=entry.case_id)
    messages.success(request, f"“{entry.draft.name}”已发布，各部门即可检索和申请。")
    return redirect("catalog:entry", entry.pk)
