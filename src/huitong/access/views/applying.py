"""Question pages of an application: resources, grounds and purpose, check answers (A18, A20). Kept
as a draft of its person from the first of them (`work.forms.Filling`); only the last page makes
the application."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_http_methods, require_safe

from huitong.access import queries
from huitong.access.views.questions import (
    GROUNDS,
    AnotherResource,
    GroundsForm,
    ResourceForm,
    mounts_named,
)
from huitong.catalog import queries as catalog
from huitong.kernel import doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours, Problem
from huitong.kernel.requests import Request
from huitong.publishing import queries as publishing
from huitong.publishing.rules import Mode, MountState
from huitong.ui import autosave
from huitong.ui.rules import is_key
from huitong.work import actions as work_actions
from huitong.work import queries as work
from huitong.work.forms import MARKED, Filling, words

#: the verb that takes the draft
KIND = "access.apply"
STEPS = ["选资源", "依据和用途", "核对", "打印盖章", "提交"]
CRUMB = ("共享申请", reverse_lazy("access:applications"))
DRAFTS = reverse_lazy("access:drafts")
#: fields of the first page
OF_RESOURCES = re.compile(r"mounts|m\d+-.+")


class ApplicationDraft(Filling):
    """The draft of an application: the mounts it names and what was answered so far."""

    def __init__(self, request: Request, key: uuid.UUID) -> None:
        actor = request.actor
        if not actor.has(Post.OPERATOR) or actor.body is None:
            raise NotYours("“填写申请”由使用部门经办人办理。", article="A20", who="使用部门经办人")
        super().__init__(request, KIND, str(key))
        self._mounts: dict[int, Any] = {}
        adding = "_add" in request.POST
        self.another = AnotherResource(actor, request.POST if adding else None)

    @property
    def named(self) -> list[int]:
        return mounts_named(self.content.get("mounts", []))

    @named.setter
    def named(self, mounts: list[int]) -> None:
        self.content["mounts"] = [str(pk) for pk in dict.fromkeys(mounts)]

    def mounts(self) -> list[Any]:
        """The mounts asked for. One that is no longer offered is taken off with a word, by the
        next page a person is shown; the rest of the answers stays."""
        for pk in self.named:
            if pk in self._mounts:
                continue
            try:
                self._mounts[pk] = publishing.mount_for(self.actor, pk)
            except NotVisible:
                if not autosave.asks(self.request):
                    self.named = [other for other in self.named if other != pk]
                    messages.warning(self.request, "所选资源中有一项已不再提供，已从申请中移除。")
        return [self._mounts[pk] for pk in self.named if pk in self._mounts]

    def add(self, pk: int) -> None:
        """Name one mount more. Raises what keeps this body from asking for it."""
        mount = publishing.mount_for(self.actor, pk)
        queries.check_may_ask(self.actor, mount)
        self._mounts[pk] = mount
        self.named = [*self.named, pk]

    def resource_forms(self, bound: bool) -> list[ResourceForm]:
        """One form for each mount, showing what was filled in so far, or bound to it."""
        data, forms = self.data(), []
        for mount in self.mounts():
            prefix = f"m{mount.pk}-"
            typed = {
                name.removeprefix(prefix): values if name.endswith("-items") else values[-1]
                for name, values in self.content.items()
                if name.startswith(prefix) and values
            }
            forms.append(ResourceForm(self.actor, mount, data if bound else None, initial=typed))
        return forms

    def grounds_form(self, bound: bool) -> GroundsForm:
        data = self.data() if bound else None
        return GroundsForm(self.request, self.content, data, self.mounts())

    def keep(self, page: str) -> HttpResponse | None:
        """Keep what was sent to a page; see `Filling.save`."""
        mounts = self.mounts()
        title = "新建申请（还没有选择资源）"
        if mounts:
            first = f"{mounts[0].entry.name}（{Mode(mounts[0].mode).label}）"
            title = f"申请使用：{first}{f'等 {len(mounts)} 项' if len(mounts) > 1 else ''}"
        return self.save(title, self.url(page))

    def url(self, page: str, **query: Any) -> str:
        return reverse(f"access:{page}", args=[self.key], query=query or None)

    def not_here(self) -> HttpResponse | None:
        """See `Filling.elsewhere`."""
        form = None if self.row else queries.form_of_draft(self.actor, self.request_key)
        return self.elsewhere(reverse("access:form", args=[form]) if form else "", str(DRAFTS))


# -- beginning -------------------------------------------------------------------------------------


@require_safe
def begin(request: Request) -> HttpResponse:
    """Where an application begins: ``?mount=`` names a resource, ``?r=`` an entry, of which
    several ways are offered to be chosen from. Nothing is written by coming here."""
    draft = ApplicationDraft(request, uuid.uuid4())
    for pk in mounts_named(request.GET.getlist("mount")) or ([0] if "mount" in request.GET else []):
        draft.add(pk)
    if entry := request.GET.get("r", ""):
        if len(ways := _ways(draft.actor, int(entry) if is_key(entry) else 0)) > 1:
            crumbs = [CRUMB, ("新建申请", "")]
            return render(request, "access/choose_mount.html", {"mounts": ways, "crumbs": crumbs})
        draft.add(ways[0].pk)
    return redirect(draft.url("apply", **{"mount": draft.named} if draft.named else {}))


def _ways(actor: Actor, entry: int) -> list[Any]:
    """The mounts by which an entry's data can be had."""
    about = catalog.entry_for(actor, entry)
    ways = [m for m in publishing.mounts_of(actor, about.pk) if m.state == MountState.ACTIVE]
    if not ways:
        raise AgainstRules(
            "该资源尚未挂接，暂时不能申请。",
            article="A13",
            who=f"{about.body.short_name}经办人",
            remedy="请联系提供部门尽快挂接，或提出需求申请。",
        )
    return ways


# -- page 1 ----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def resources(request: Request, key: uuid.UUID) -> HttpResponse:
    """Page 1: which resources, which items of each."""
    draft = ApplicationDraft(request, key)
    if elsewhere := draft.not_here():
        return elsewhere
    posted = request.method == "POST"
    if posted:
        draft.take(lambda name: OF_RESOURCES.fullmatch(name) is not None)
        changed = _changed_by_button(draft)
        if answer := draft.keep("apply"):
            return answer
        if changed and not draft.overtaken and not draft.marked:
            return redirect(draft.url("apply") + changed)
    else:
        for pk in mounts_named(request.GET.getlist("mount")):
            if pk not in draft.named:
                draft.add(pk)
    adding = draft.another.is_bound  # and not found: that is all there is to be said now
    judged = (posted and not adding) or "wrong" in request.GET
    forms = draft.resource_forms(bound=judged)
    sound = bool(forms) and all(form.is_valid() for form in forms)
    _name_marked(draft, {f.prefix: f for f in forms})
    if posted and not adding and sound and not draft.overtaken and not draft.marked:
        ready = request.GET.get("back") and draft.grounds_form(bound=True).judge()
        return redirect(draft.url("check" if ready else "grounds"))
    drawn: list[Any] = [*forms, draft.another]
    wrong = [form for form in drawn if form.errors]
    context = {
        "asked": list(zip(forms, queries.routes_of([f.mount for f in forms]), strict=True)),
        "another": draft.another,
        "wrong": wrong,
        "form": wrong[0] if wrong else None,
        "begun": _begun(draft),
        "draft": draft,
        "steps": STEPS,
        "crumbs": [CRUMB, ("新建申请", "")],
    }
    return render(request, "access/apply_resources.html", context, status=_status(draft, posted))


def _changed_by_button(draft: ApplicationDraft) -> str:
    """Do what a button other than 继续 asks: add a resource, take one off, tick all its items.
    Returns the place of the page to go back to."""
    sent = draft.request.POST
    if is_key(pk := sent.get("_drop", "")):
        draft.content = {
            name: values for name, values in draft.content.items() if not name.startswith(f"m{pk}-")
        }
        draft.named = [other for other in draft.named if other != int(pk)]
        return "#main"
    if is_key(pk := sent.get("_all", "")) and int(pk) in draft.named:
        form = ResourceForm(draft.actor, publishing.mount_for(draft.actor, int(pk)))
        draft.content[f"m{pk}-items"] = list(form.base.items)
        return f"#id_m{pk}-items"
    if draft.another.is_bound and draft.another.is_valid():
        draft.add(mount := draft.another.cleaned_data["add_mount"])
        return f"#resource-{mount}"
    return ""


def _begun(draft: ApplicationDraft) -> list[Any]:
    """Other drafts of applications, while this one is not kept yet: perhaps one of them is
    meant."""
    return [] if draft.row else work.drafts_of(draft.actor, KIND)


def _name_marked(draft: ApplicationDraft, forms: dict[str, Any]) -> None:
    """Say beside its field what was not kept because it is marked as classified (A3)."""
    for name, mark in draft.marked.items():
        prefix, _, field = name.rpartition("-")
        form = forms.get(prefix)
        if form is None:
            continue
        form.add_error(field if field in form.fields else None, MARKED.format(mark))


def _status(draft: ApplicationDraft, posted: bool) -> int:
    if draft.overtaken:
        return 409
    return 422 if posted else 200


# -- page 2 ----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def grounds(request: Request, key: uuid.UUID) -> HttpResponse:
    """Page 2: duty, matter and system; purpose and period; whom to ask."""
    draft = ApplicationDraft(request, key)
    if elsewhere := draft.not_here():
        return elsewhere
    posted = request.method == "POST"
    if posted:
        draft.take(lambda name: name in GROUNDS)
        if answer := draft.keep("grounds"):
            return answer
    if not draft.mounts():
        return redirect(draft.url("apply"))
    form = draft.grounds_form(bound=posted or "wrong" in request.GET)
    sound = form.is_bound and form.judge()
    _name_marked(draft, {"": form})
    if posted and sound and not draft.overtaken and not draft.marked:
        return redirect(draft.url("check"))
    context = {
        "form": form,
        "draft": draft,
        "steps": STEPS,
        "no_system": not catalog.system_choices(draft.actor),
        "back": draft.url("apply"),
        "here": draft.url("grounds"),
        "crumbs": [CRUMB, ("新建申请", "")],
    }
    return render(request, "access/apply_grounds.html", context, status=_status(draft, posted))


# -- page 3 ----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: Request, key: uuid.UUID) -> HttpResponse:
    """Check answers; who will decide and by when is said here. This page alone makes the
    application, and its first print."""
    draft = ApplicationDraft(request, key)
    if elsewhere := draft.not_here():
        return elsewhere
    forms = draft.resource_forms(bound=True)
    if not forms or not all(form.is_valid() for form in forms):
        return redirect(draft.url("apply", **{"wrong": 1, "back": "check"} if forms else {}))
    about = draft.grounds_form(bound=True)
    if not about.judge():
        return redirect(draft.url("grounds", **{"wrong": 1} if draft.content.get("duty") else {}))
    if request.method == "POST":
        if request.POST.get(autosave.MARK, "") != str(draft.mark):
            messages.warning(request, "申请内容在另一个窗口修改过，请重新核对。")
            return redirect(draft.url("check"))
        return _make(draft, forms, about)
    mounts = [form.mount for form in forms]
    context = {
        "sections": _sections(draft, forms, about),
        "routes": list(zip(mounts, queries.routes_of(mounts), strict=True)),
        "undertakings": queries.undertakings_now(),
        "draft": draft,
        "steps": STEPS,
        "action": draft.url("check"),
        "back": draft.url("grounds"),
        "crumbs": [CRUMB, ("核对", "")],
    }
    return render(request, "access/apply_check.html", context)


def _make(draft: ApplicationDraft, forms: list[ResourceForm], about: GroundsForm) -> HttpResponse:
    """The application out of its draft, which is gone then, and its print."""
    given = {
        "resources": [{"mount": form.mount.pk} | form.wishes() for form in forms]
    } | about.answers_given()
    try:
        done = doing.perform(draft.actor, KIND, given, request_key=draft.request_key)
    except Malformed as wrong:
        messages.error(draft.request, wrong.detail)
        first = next(iter(wrong.fields), "")
        return redirect(draft.url("apply" if first.startswith("resources") else "grounds"))
    form = int(done.entry.after["form"])
    if draft.row is not None:
        work_actions.hand_in_draft(draft.actor, draft=draft.row)
    try:
        doing.perform(draft.actor, "access.print_form", {"form": form})
    except Problem as refusal:  # the form is there all the same
        messages.warning(draft.request, refusal.detail)
        return redirect("access:form", form)
    messages.success(
        draft.request,
        f"申请表 {done.entry.after['number']} 已生成。请下载打印件，签字盖章后扫描上传。",
    )
    return redirect("access:scan", form)


def _sections(
    draft: ApplicationDraft, forms: list[ResourceForm], about: GroundsForm
) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    for form in forms:
        items = form.whole or form.cleaned_data["items"]
        rows = [
            ("提供部门", form.mount.entry.body.name),
            (f"信息项（{len(items)} 项）", "、".join(items)),
        ]
        rows += [
            (str(form.fields[name].label), words(form[name]))
            for name in form.fields
            if name != "items"
        ]
        parts.append(
            {
                "title": f"{form.mount.entry.name}（{Mode(form.mount.mode).label}）",
                "change": draft.url("apply", back="check"),
                "rows": rows,
            }
        )
    return parts + [
        {
            "title": legend,
            "change": draft.url("grounds"),
            "rows": [(str(field.label), words(field)) for field in fields],
        }
        for legend, fields in about.groups()
    ]
