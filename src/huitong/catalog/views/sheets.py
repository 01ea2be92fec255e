"""The catalog as a workbook: template, export, a file handed in, what it would change, and the set
it becomes (A7, A12)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huitong.catalog import actions, queries
from huitong.catalog.forms import sheets
from huitong.catalog.models import ChangeSet, EntryChange
from huitong.catalog.queries import entering
from huitong.catalog.rules import TO_SUBMIT, EntryState
from huitong.catalog.rules.sheets import SetState, SheetFile
from huitong.catalog.views.frame import clerk_of, writer_of
from huitong.catalog.views.sources import STOP_POLLING
from huitong.connectors.sheets import SIZE_WORDS
from huitong.kernel import doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.procedure import Malformed, NotVisible
from huitong.kernel.requests import Request
from huitong.organizations import queries as organizations
from huitong.ui.lists import Column, List, Listing
from huitong.ui.lists.files import XLSX
from huitong.ui.rules import is_key
from huitong.ui.selectors import one_of
from huitong.work.forms import VerbForm, field_for

S = EntryState
CRUMBS = [
    ("目录编制", reverse_lazy("catalog:mine")),
    ("表格导入导出", reverse_lazy("catalog:sheets")),
]
#: faults shown on the page; the copy of the file has all of them
LISTED = 200
TONES = {
    SetState.APPLIED: "success",
    SetState.READY: "warning",
    SetState.FAULTY: "danger",
    SetState.REFUSED: "danger",
    SetState.UNREADABLE: "danger",
}
SETS = List(
    "catalog.change_sets",
    "导入记录",
    (
        Column("name", "文件", sort=("name",), fixed=True),
        Column("body", "部门", "body.short_name", sort=("body__short_name",)),
        Column("state", "状态", "get_state_display", sort=("state",), fixed=True),
        Column("new", "新增", num=True, sort=("new",)),
        Column("changed", "修改", num=True, sort=("changed",)),
        Column("at", "上传时间", "asked_at", sort=("asked_at",)),
    ),
    order=("-asked_at", "-pk"),
    unit="次",
    numbered=True,
    empty=("还没有导入过表格", "下载模板填写，或导出本部门目录修改后上传。"),
)
CHANGES = List(
    "catalog.changes",
    "修改前后对照",
    (
        Column("row", "行", num=True, sort=("row",)),
        Column("name", "资源名称", sort=("name",), fixed=True),
        Column("what", "处理", "get_what_display", sort=("what",)),
        Column("lines", "修改内容", lambda row: "；".join(map(_sentence, row.lines)), fixed=True),
        Column("open", "提交前须补充", num=True, sort=("open",)),
        Column("code", "原代码", sort=("code",)),
        Column("standing", "目录状态", lambda row: _standing(row)),
    ),
    order=("row", "pk"),
    unit="条",
    empty=("没有要写入的内容", "文件与平台上的内容完全相同。"),
)
#: what can be done with a set as one: its address, its verb, for whom, where its entries stand
AS_ONE: dict[str, tuple[str, bool, Post, tuple[EntryState, ...]]] = {
    "hand_over": ("catalog.hand_over_changes", True, Post.OPERATOR, (S.ENTERING,)),
    "submit": ("catalog.submit_changes", False, Post.OPERATOR, TO_SUBMIT),
    "pass": ("catalog.pass_changes", False, Post.MANAGER, (S.IN_DEPARTMENT,)),
    "return": ("catalog.return_changes", False, Post.MANAGER, (S.IN_DEPARTMENT,)),
    "codes": ("catalog.keep_old_codes", True, Post.OPERATOR, (S.WITH_BUREAU,)),
    "approve": ("catalog.approve_changes", True, Post.OPERATOR, (S.WITH_BUREAU,)),
    "send_back": ("catalog.send_back_changes", True, Post.OPERATOR, (S.WITH_BUREAU,)),
    "publish": ("catalog.publish_changes", False, Post.OPERATOR, (S.TO_PUBLISH,)),
}
#: what is done with a set by a button alone, and what is said of it then
BY_BUTTON = {
    "apply": ("catalog.apply_changes", "已写入草稿，可以整批提交审核。"),
    "undo": ("catalog.undo_changes", "已撤销，草稿恢复为写入之前的样子。"),
    "give_up": ("catalog.give_up_changes", "已放弃，没有写入任何内容。"),
}


class UploadForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label="目录表格",
        help_text=(
            f"Excel（.xlsx、.xls）或 CSV，不超过 {SIZE_WORDS}。"
            "上传后先检查，确认之前不写入任何内容。"
        ),
        error_messages={"required": "请选择要上传的文件。"},
    )

    def __init__(self, actor: Actor, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if others := entering.departments(actor):
            given = doing.VERBS["catalog.hand_in_workbook"].given.model_fields
            self.fields["body"] = one_of(
                others, label="为哪个部门代录", required=False, help_text="不选即为本部门的目录。"
            )
            for name in ("reasons", "request"):
                self.fields[name] = field_for(name, given[name], actor, None)


class OfDepartment(forms.Form):
    """Of which department the bureau's clerk wants a workbook."""

    def __init__(self, actor: Actor) -> None:
        super().__init__(auto_id="of_%s")
        self.fields["body"] = one_of(entering.departments(actor), label="部门")


def lookup_of(actor: Actor, body: int | None = None) -> sheets.Lookup:
    return sheets.Lookup(*queries.names_for_workbook(actor, body))


def _body_of(request: Request) -> int | None:
    """Whose workbook is asked for."""
    key = request.GET.get("body", "")
    return entering.provider_for(request.actor, int(key) if is_key(key) else None)


@require_http_methods(["GET", "HEAD", "POST"])
def change_sets(request: Request) -> HttpResponseBase:
    """The sets one sees, and the way in for another file."""
    actor = clerk_of(request)
    posted = request.method == "POST"
    form = UploadForm(actor, request.POST if posted else None, request.FILES if posted else None)
    if posted:
        writer_of(request)
        if form.is_valid():
            upload = form.cleaned_data["file"]
            try:
                own = actions.hand_in_workbook(
                    actor,
                    name=upload.name[-200:],
                    file=SheetFile(upload.read()),
                    **{n: v for n, v in form.cleaned_data.items() if n != "file" and v},
                )
            except Malformed as wrong:
                for name, texts in wrong.fields.items():
                    form.add_error(name if name in form.fields else "file", texts)
            else:
                return redirect("catalog:change_set", own.pk)
        return render(request, "catalog/sheets.html", _frame(actor, form), status=422)
    listing = Listing(
        request,
        SETS,
        queries.change_sets(actor).select_related("body"),
        draw=lambda page: [_drawn(row) for row in page],
    )
    return listing.answer("catalog/sheets.html", _frame(actor, form))


def _frame(actor: Actor, form: UploadForm) -> dict[str, Any]:
    return {
        "form": form,
        "operator": actor.has(Post.OPERATOR),
        "of": OfDepartment(actor) if "body" in form.fields else None,
        "crumbs": CRUMBS,
    }


def _drawn(row: ChangeSet) -> ChangeSet:
    row.tone = TONES.get(SetState(row.state), "info")
    return row


@require_safe
def template(request: Request) -> HttpResponse:
    """The empty workbook, with the body's own systems to choose from."""
    lookup = lookup_of(clerk_of(request), _body_of(request))
    return file_of(sheets.template(lookup), "目录填报模板")


@require_safe
def export(request: Request) -> HttpResponse:
    """Every entry of the body, to be edited."""
    actor, body = clerk_of(request), _body_of(request)
    entries = queries.stored_entries(actor, body=body)
    whose = organizations.body_names([body]).get(body or 0, actor.body_name)
    return file_of(sheets.export(entries, lookup_of(actor, body)), f"{whose}目录")


@require_safe
def annotated(request: Request, pk: int) -> HttpResponse:
    """The clerk's own file with what is wrong in it."""
    name, content = queries.annotated_copy(clerk_of(request), pk)
    return file_of(content, f"{name.rpartition('.')[0] or name}-问题")


def file_of(content: bytes, name: str) -> HttpResponse:
    """A workbook to keep, named with the day."""
    quoted = quote(f"{name}-{timezone.localdate():%Y%m%d}.xlsx")
    headers = {
        "Content-Disposition": f"attachment; filename=catalog.xlsx; filename*=UTF-8''{quoted}",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type=XLSX, headers=headers)


@require_safe
def change_set(request: Request, pk: int) -> HttpResponseBase:
    """A set: its check as it goes on, what must be mended, what it would change or has changed.
    htmx asks for the progress alone; without JavaScript the page is loaded anew."""
    actor = clerk_of(request)
    own = queries.change_set_for(actor, pk)
    if request.headers.get("HX-Request") and own.is_running:
        return render(request, "catalog/_check_progress.html", _progress(own))
    if request.headers.get("HX-Request") and "list" not in request.GET:
        return HttpResponse(headers={"HX-Refresh": "true"}, status=STOP_POLLING)
    listing = Listing(request, CHANGES, queries.changes_of(actor, own))
    states = queries.states_of(actor, own)
    frame = _progress(own) | {
        "tone": TONES.get(SetState(own.state), "info"),
        "own": (handled := queries.sheets.handles(actor, own)),
        "operator": handled and actor.has(Post.OPERATOR),
        # what its file said is the affair of those who handle it
        "faults": own.faults[:LISTED] if handled else [],
        "mended": own.mended[:LISTED] if handled else [],
        "more": max(0, len(own.faults) - LISTED),
        "hints": sum(not fault["grave"] for fault in own.faults),
        "copy": bool(handled and own.state == SetState.FAULTY),
        "counts": queries.counts_of(actor, own),
        "states": [(S(state).label, n) for state, n in sorted(states.items())],
        "untouched": set(states) <= {S.ENTERING if own.entered_by else S.DRAFT},
        "acts": _acts(actor, own, states),
        "once": uuid4().hex,
        "crumbs": [*CRUMBS, (own.name, "")],
    }
    return listing.answer("catalog/change_set.html", frame)


def _progress(own: ChangeSet) -> dict[str, Any]:
    return {
        "set": own,
        "total": own.total or 1,
        "poll": reverse("catalog:change_set", args=[own.pk]) if own.is_running else "",
        "words": f"{own.done} / {own.total} 条目录" if own.total else "正在读取文件……",
    }


def _sentence(line: list[str]) -> str:
    label, before, after = line
    return f"{label}：{before or '（空）'} → {after or '（空）'}"


def _standing(row: EntryChange) -> str:
    return S(row.case.state).label if row.case is not None else ""


def _acts(actor: Actor, own: ChangeSet, states: dict[str, int]) -> list[dict[str, Any]]:
    """What this actor may do with the set as one, now."""
    acts = []
    for key, (verb, by_bureau, post, where) in AS_ONE.items():
        count = _count(states, where)
        seat = actor.bureau if by_bureau else own.body_id == actor.body
        if key == "codes" and count:
            count = queries.old_codes(actor, own).filter(case__state=S.WITH_BUREAU).count()
        if count and seat and actor.has(post):
            label = doing.VERBS[verb].label
            url = reverse("catalog:change_set_act", args=[own.pk, key])
            acts.append({"label": label, "url": url, "count": count})
    return acts


def _count(states: dict[str, int], where: tuple[EntryState, ...]) -> int:
    """How many of the cases counted by state stand in these."""
    return sum(states.get(state, 0) for state in where)


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: Request, pk: int, key: str) -> HttpResponse:
    """One act for all entries of a set, with what it asks for."""
    actor = clerk_of(request)
    own = queries.change_set_for(actor, pk)
    if key not in AS_ONE:
        raise NotVisible("该操作")
    verb, _, _, where = AS_ONE[key]
    form = VerbForm(verb, request, fixed={"changes": pk})
    count = _count(queries.states_of(actor, own), where)
    label = doing.VERBS[verb].label
    if request.method == "POST" and form.perform() is not None:
        messages.success(request, f"{label}：{count} 条目录。")
        return redirect("catalog:change_set", pk)
    context = {
        "form": form,
        "title": label,
        "sub": f"“{own.name}”中的 {count} 条目录一次办理；有一条不能办理，则都不办理，并逐条说明原因。",
        "button": label,
        "back": reverse("catalog:change_set", args=[pk]),
        "crumbs": [*CRUMBS, (own.name, reverse("catalog:change_set", args=[pk])), (label, "")],
    }
    return render(request, "catalog/register.html", context, status=form.status)


@require_POST
def by_button(request: Request, pk: int, key: str) -> HttpResponse:
    """Apply, undo or give up a set."""
    verb, words = BY_BUTTON[key]
    queries.change_set_for(clerk_of(request), pk)
    doing.perform(request.actor, verb, {"changes": pk}, request_key=_once(request, key))
    messages.success(request, words)
    return redirect("catalog:change_set", pk)


def _once(request: Request, key: str) -> str:
    """A second click is the first one."""
    once = request.POST.get("once", "")
    return f"{key}:{once}" if len(once) == 32 and once.isalnum() else ""
