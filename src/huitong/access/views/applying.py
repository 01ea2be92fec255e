"""Question pages of an application: resources, grounds, purpose, check answers (A18, A20). Only
the last page submits."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.views.decorators.http import require_http_methods

from huitong.access import queries
from huitong.access.rules.answers import matter_fault, period_fault
from huitong.catalog import queries as catalog
from huitong.kernel import doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.doing.given import is_key
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours
from huitong.kernel.requests import Request
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations
from huitong.publishing import queries as publishing
from huitong.publishing.rules import Mode, MountState
from huitong.work.forms import VerbForm, words

KEY = "access.apply"
STEPS = ["选资源", "使用依据", "用途和期限", "核对", "打印盖章", "提交"]
ABOUT = {
    "grounds": ("duty", "matter", "system", "contact", "phone"),
    "purpose": ("purpose", "scenario", "period_from", "period_to"),
}
TITLES = {"grounds": "使用依据", "purpose": "用途和期限"}
CRUMB = ("共享申请", reverse_lazy("access:applications"))


class Answers:
    """What has been answered so far: kept in the session, written nowhere else until the last
    page."""

    def __init__(self, request: Request) -> None:
        self.session = request.session
        self.state: dict[str, Any] = request.session.get(KEY) or {"resources": {}, "answers": {}}

    def keep(self) -> None:
        self.session[KEY] = self.state

    def clear(self) -> None:
        self.session.pop(KEY, None)

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        return self.state["resources"]

    @property
    def answers(self) -> dict[str, Any]:
        return self.state["answers"]


class ResourceForm(forms.Form):
    """What is wanted of one resource."""

    items = forms.MultipleChoiceField(
        label="需要的信息项",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选择一个信息项。"},
    )
    frequency = forms.CharField(
        label="使用频度和数据量",
        max_length=100,
        required=False,
        help_text="如“每个工作日约 200 次”。",
    )

    def __init__(self, actor: Actor, mount: Any, *args: Any, **more: Any) -> None:
        super().__init__(*args, prefix=f"m{mount.pk}", **more)
        base = publishing.base_scope(mount)
        masked = {item: f"{item}（脱敏提供）" for item in base.masks}
        self.fields["items"].choices = [(i, masked.get(i, i)) for i in base.items]
        self.fields["items"].initial = list(base.items)
        if mount.mode == Mode.FILE:
            self.fields["items"].help_text = "文件整件提供。"
        if mount.mode == Mode.TABLE:
            self.fields["target"] = forms.TypedChoiceField(
                label="接收数据的前置库",
                coerce=int,
                choices=[("", "请选择"), *queries.target_choices(actor)],
                help_text="本部门登记的、用于接收交换数据的前置库。",
                error_messages={"required": "库表方式须指明接收数据的前置库。"},
            )
            self.fields["target_table"] = forms.RegexField(
                r"^[a-z_][a-z0-9_]*$",
                label="送达表名",
                max_length=63,
                required=False,
                initial=mount.table,
                help_text="小写字母、数字、下划线。",
            )


@require_http_methods(["GET", "HEAD", "POST"])
def resources(request: Request) -> HttpResponse:
    """Page 1: which resources, which items of each. ``?mount=`` adds one, ``?r=`` one of an
    entry's, ``?drop=`` takes one away."""
    actor = _clerk(request)
    draft = Answers(request)
    if "fresh" in request.GET:
        draft.clear()
        draft = Answers(request)
    if several := _added(request, actor, draft):
        return render(
            request,
            "access/choose_mount.html",
            {"mounts": several, "crumbs": [CRUMB, ("新建申请", "")]},
        )
    if {"mount", "r", "drop", "fresh"} & set(request.GET):
        draft.keep()
        return redirect("access:apply")
    chosen = _chosen(request, actor, draft)
    data = request.POST if request.method == "POST" else None
    choices = [
        (
            m,
            ResourceForm(actor, m, data, initial=draft.resources[str(m.pk)]),
            queries.route_words(m),
        )
        for m in chosen
    ]
    # what was filled in so far is kept, right or wrong: it is judged when one goes on
    if data is not None and "_add" in data:
        return _another(actor, draft, choices, data.get("add_mount", ""))
    if data is not None and choices and all(form.is_valid() for _, form, _ in choices):
        for mount, form, _ in choices:
            draft.resources[str(mount.pk)] = form.cleaned_data
        draft.keep()
        return redirect(
            "access:check"
            if request.GET.get("back") and draft.answers.get("phone")
            else "access:grounds"
        )
    wrong = [form for _, form, _ in choices if form.errors]
    others = [
        (pk, name) for pk, name in queries.apply_choices(actor) if str(pk) not in draft.resources
    ]
    context = {
        "asked": choices,
        "others": others,
        "steps": STEPS,
        "wrong": wrong,
        "form": wrong[0] if wrong else None,
        "crumbs": [CRUMB, ("新建申请", "")],
    }
    return render(
        request, "access/apply_resources.html", context, status=422 if data is not None else 200
    )


def _chosen(request: Request, actor: Actor, draft: Answers) -> list[Any]:
    """The mounts asked for so far. One that is no longer offered is taken off with a word, the
    rest of the answers stays."""
    mounts = []
    for pk in list(draft.resources):
        try:
            mounts.append(publishing.mount_for(actor, int(pk)))
        except NotVisible:
            del draft.resources[pk]
            draft.keep()
            messages.warning(request, "所选资源中有一项已不再提供，已从申请中移除。")
    return mounts


def _another(actor: Actor, draft: Answers, choices: list[Any], added: str) -> HttpResponse:
    """One resource more."""
    for mount, form, _ in choices:
        form.is_valid()
        draft.resources[str(mount.pk)].update(form.cleaned_data)
    if is_key(added):
        draft.resources.setdefault(str(publishing.mount_for(actor, int(added)).pk), {})
    draft.keep()
    return redirect("access:apply")


def _added(request: Request, actor: Actor, draft: Answers) -> list[Any]:
    """Put what the link names into the answers; several ways of one entry are returned to be
    chosen from."""
    for text in request.GET.getlist("mount"):
        mount = publishing.mount_for(actor, int(text) if is_key(text) else 0)
        if mount.entry.body_id == actor.body:
            raise AgainstRules("这是本部门提供的资源，无需申请。", article="A20")
        publishing.authority_of(mount)
        draft.resources.setdefault(str(mount.pk), {})
    for text in request.GET.getlist("drop"):
        draft.resources.pop(text, None)
    if is_key(entry := request.GET.get("r", "")):
        about = catalog.entry_for(actor, int(entry))
        ways = [m for m in publishing.mounts_of(actor, about.pk) if m.state == MountState.ACTIVE]
        if not ways:
            raise AgainstRules(
                "该资源尚未挂接，暂时不能申请。",
                article="A13",
                who=f"{about.body.short_name}经办人",
                remedy="请联系提供部门尽快挂接，或提出需求申请。",
            )
        if len(ways) > 1:
            return ways
        draft.resources.setdefault(str(ways[0].pk), {})
    return []


@require_http_methods(["GET", "HEAD", "POST"])
def question(request: Request, page: str) -> HttpResponse:
    """Pages 2 and 3: duty, matter, system, contact; purpose and period."""
    actor = _clerk(request)
    draft = Answers(request)
    if not draft.resources:
        return redirect("access:apply")
    form = VerbForm(
        "access.begin_form", request, only=ABOUT[page], initial=_initial(actor) | draft.answers
    )
    if request.method == "POST" and form.is_valid():
        form.refuse(Malformed(_disagreeing(actor, page, form.cleaned_data)))
    if request.method == "POST" and form.is_valid():
        draft.answers.update({name: _as_json(form.cleaned_data.get(name)) for name in ABOUT[page]})
        draft.keep()
        last = page == "purpose" or (request.GET.get("back") and draft.answers.get("period_to"))
        return redirect("access:check" if last else "access:purpose")
    context = {
        "form": form,
        "title": TITLES[page],
        "steps": STEPS,
        "current": 2 if page == "grounds" else 3,
        "back": reverse("access:apply") if page == "grounds" else reverse("access:grounds"),
        "no_system": page == "grounds" and not queries.system_choices(actor),
        "crumbs": [CRUMB, ("新建申请", "")],
    }
    return render(request, "access/apply_question.html", context, status=form.status)


def _disagreeing(actor: Actor, page: str, answers: dict[str, Any]) -> dict[str, str]:
    """What does not go together on this page: told here, not on the last one."""
    if page == "purpose":
        return period_fault(answers["period_from"], answers["period_to"], today())
    matter = next(
        (m for m in organizations.matters_of(actor.body) if str(m.pk) == str(answers["matter"])),
        None,
    )
    return matter_fault(int(answers["duty"]), matter.duty_id if matter else None)


def _initial(actor: Actor) -> dict[str, Any]:
    day = today()
    try:
        year = day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        year = day.replace(year=day.year + 1, day=28)
    return {"contact": actor.name, "period_from": day, "period_to": year}


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: Request) -> HttpResponse:
    """Check answers; who will decide and by when is said here. This page alone makes the
    application."""
    actor = _clerk(request)
    draft = Answers(request)
    if not draft.resources or not draft.answers.get("purpose") or not draft.answers.get("duty"):
        return redirect("access:apply")
    if request.method == "POST":
        once = request.POST.get("_once", "")[:60]
        try:
            done = doing.perform(
                actor, "access.apply", _given(draft), request_key=f"apply:{once}" if once else ""
            )
        except Malformed as wrong:
            messages.error(request, wrong.detail)
            return redirect(_page_of(wrong))
        draft.clear()
        return redirect("access:form", int(done.entry.after["form"]))
    chosen = _chosen(request, actor, draft)
    if not chosen:
        return redirect("access:apply")
    context = {
        "sections": _sections(request, draft, chosen),
        "routes": [(m, queries.route_words(m)) for m in chosen],
        "steps": STEPS,
        "once": VerbForm("access.begin_form", request, only=()).initial["_once"],
        "crumbs": [CRUMB, ("核对", "")],
    }
    return render(request, "access/apply_check.html", context)


def _given(draft: Answers) -> dict[str, Any]:
    rows = [
        {"mount": int(pk)} | {k: v for k, v in wishes.items() if v not in (None, "")}
        for pk, wishes in draft.resources.items()
    ]
    return {"resources": rows} | {k: v for k, v in draft.answers.items() if v not in (None, "")}


def _page_of(wrong: Malformed) -> str:
    first = next(iter(wrong.fields), "")
    if first.startswith("resources"):
        return reverse("access:apply", query={"back": "1"})
    return (
        reverse("access:purpose")
        if first in ABOUT["purpose"]
        else reverse("access:grounds", query={"back": "1"})
    )


def _sections(request: Request, draft: Answers, chosen: list[Any]) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    fronts = dict(queries.target_choices(request.actor))
    for mount in chosen:
        wishes = draft.resources[str(mount.pk)]
        rows = [
            ("提供部门", mount.entry.body.name),
            ("信息项", "、".join(wishes.get("items", []))),
            ("使用频度和数据量", wishes.get("frequency")),
        ]
        if mount.mode == Mode.TABLE:
            rows += [
                ("接收数据的前置库", fronts.get(wishes.get("target") or 0)),
                ("送达表名", wishes.get("target_table")),
            ]
        parts.append(
            {
                "title": f"{mount.entry.name}（{Mode(mount.mode).label}）",
                "change": reverse("access:apply", query={"back": "1"}),
                "rows": rows,
            }
        )
    for page, names in ABOUT.items():
        form = VerbForm("access.begin_form", request, only=names, initial=draft.answers)
        parts.append(
            {
                "title": TITLES[page],
                "change": reverse(f"access:{page}", query={"back": "1"}),
                "rows": [(str(form.fields[n].label), words(form[n])) for n in names],
            }
        )
    return parts


def _clerk(request: Request) -> Actor:
    actor = request.actor
    if not actor.has(Post.OPERATOR) or actor.body is None:
        raise NotYours("“填写申请”由使用部门经办人办理。", article="A20", who="使用部门经办人")
    return actor
