"""A form on its way: its page, the print, the stamped scan beside the data, submission (A20)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huitong.access import queries
from huitong.access.models import Form
from huitong.access.rules import S
from huitong.access.views.applying import CRUMB, STEPS
from huitong.access.views.questions import AnotherResource, ResourceForm, questions
from huitong.kernel import doing
from huitong.kernel.actor import Post
from huitong.kernel.addresses import reverse
from huitong.kernel.laws import article_words
from huitong.kernel.procedure import Malformed, NotVisible
from huitong.kernel.requests import Request
from huitong.kernel.workdays import load_calendar
from huitong.organizations import queries as organizations
from huitong.publishing import queries as publishing
from huitong.publishing.rules import Authority, Mode
from huitong.scope import from_json
from huitong.ui.rules import is_key
from huitong.work import queries as work
from huitong.work.forms import VerbForm, handed_out, undoing
from huitong.work.forms.stamped import print_answer, scan_page, scan_shown

#: states in which the form may be changed
EDITABLE = {s.value for s in S.where(editable=True)}


def row_of(application: Any, calendar: Any) -> dict[str, Any]:
    """An application in words, for its form's page and lists."""
    state = S(application.case.state)
    return {
        "application": application,
        "state": state.label,
        "tone": state.tone,
        "mode": Mode(application.mount.mode).label,
        "due": work.countdown(application.case, calendar),
    }


@require_safe
def form_page(request: Request, pk: int) -> HttpResponse:
    """One form: where each of its applications stands, and what to do next."""
    form = queries.form_for(request.actor, pk)
    return _form_page(request, form, VerbForm("access.submit_form", request, fixed={"form": pk}))


def _form_page(
    request: Request,
    form: Form,
    submission: VerbForm,
    another: AnotherResource | None = None,
    letters: VerbForm | None = None,
) -> HttpResponse:
    actor = request.actor
    calendar, rows = load_calendar(), queries.form_applications(form)
    states = {a.case.state for a in rows}
    own = form.consumer_id == actor.body
    filling = own and bool(states) and states <= EDITABLE and form.submitted_at is None
    printed = queries.print_fault(form) is None
    drafting = filling and actor.has(Post.OPERATOR)
    handling = queries.handling_of(form, queries.personal_of(rows))
    consenting = drafting and handling.get("wants_letter")
    context = {
        "form": form,
        "handling": handling,
        "lacks": queries.lacks_of(form) if drafting and handling else (),
        "letters": (letters or _letters_form(request, form)) if consenting else None,
        "rows": [
            row_of(a, calendar) | {"words": queries.scope_words(a.scope), "route": _decider(a)}
            for a in rows
        ],
        "printed": printed,
        "outdated": form.printed_at is not None and not printed,
        "another": (another or AnotherResource(actor)) if filling else None,
        "drafting": drafting,
        "submitting": own and S.SEALED.value in states and actor.has(Post.MANAGER),
        "submit": (submission if own and S.SEALED.value in states else None),
        "steps": STEPS,
        "step": _step(states),
        "scan": scan_of(form),
        "crumbs": [CRUMB, (form.number or "", "")],
    }
    status = 422 if another or letters else submission.status
    return render(request, "access/form.html", context, status=status)


def _letters_form(request: Request, form: Form) -> VerbForm:
    return VerbForm("access.add_letters", request, fixed={"form": form.pk})


def _decider(application: Any) -> str:
    deciders = {
        Authority.PLATFORM: Authority.PLATFORM.label,
        Authority.PROVIDER: application.mount.entry.body.short_name,
    }
    return deciders.get(application.case.facts.get("authority", ""), "")


def _step(states: set[str]) -> int:
    if states <= EDITABLE:
        return 4
    return 5 if S.SEALED.value in states else 6


def scan_of(form: Form) -> dict[str, Any] | None:
    """The stamped scan of a form, as pages show it."""
    return scan_shown(form, reverse("access:scan_file", args=[form.pk]))


# -- correcting ------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    """Change what the form says beside its resources."""
    paper = queries.own_form(request.actor, pk)
    personal = queries.personal_of(queries.form_applications(paper))
    names = questions(bool(personal) or bool(paper.legal_basis))
    initial = {
        name: getattr(paper, f"{name}_id" if name in ("duty", "matter", "system") else name)
        for name in names
    }
    fixed = {"form": paper.pk}
    form = VerbForm("access.revise", request, fixed=fixed, only=names, initial=initial)
    if request.method == "POST" and form.perform():
        messages.success(request, "已修改。打印过的须重新生成打印件并盖章。")
        return redirect("access:form", pk)
    return render(
        request,
        "access/edit.html",
        {
            "form": form,
            "paper": paper,
            "title": "修改申请内容",
            "crumbs": [
                CRUMB,
                (paper.number or "", reverse("access:form", args=[pk])),
                ("修改", ""),
            ],
        },
        status=form.status,
    )


@require_POST
def add(request: Request, pk: int) -> HttpResponse:
    """Put one more resource on the form; what is wanted of it is said on its page."""
    another = AnotherResource(request.actor, request.POST)
    if not another.is_valid():
        form = queries.form_for(request.actor, pk)
        unasked = VerbForm("access.submit_form", request, fixed={"form": pk})
        return _form_page(request, form, unasked, another)
    mount = publishing.mount_for(request.actor, another.cleaned_data["add_mount"])
    given: dict[str, Any] = {"form": pk, "mount": mount.pk}
    if mount.mode == Mode.TABLE and (targets := queries.target_choices(request.actor)):
        given["target"] = targets[0][0]
    try:
        done = doing.perform(request.actor, "application.draft", given)
    except Malformed as wrong:
        messages.error(request, wrong.detail)
        return redirect("access:form", pk)
    return redirect("access:resource", pk, done.result.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def resource(request: Request, pk: int, application: int) -> HttpResponse:
    """Change what is wanted of one resource."""
    actor = request.actor
    paper, row = queries.own_form(actor, pk), queries.application_for(actor, application)
    if row.form_id != paper.pk:
        raise NotVisible("该申请")
    scope = from_json(row.scope)
    initial = {
        "items": list(scope.items),
        "frequency": row.frequency,
        "target": row.target_id,
        "target_table": row.target_table,
    }
    form = ResourceForm(
        actor, row.mount, request.POST if request.method == "POST" else None, initial=initial
    )
    if form.is_bound and form.is_valid():
        filter_ = {"row_filter": row.scope["row_filter"]} if row.scope.get("row_filter") else {}
        try:
            doing.perform(
                actor, "access.revise_resource", {"application": row.pk} | filter_ | form.wishes()
            )
            return redirect("access:form", pk)
        except Malformed as wrong:
            for name, texts in wrong.fields.items():
                for text in texts:
                    form.add_error(name if name in form.fields else None, text)
    context = {
        "form": form,
        "paper": paper,
        "title": f"修改：{row.mount.entry.name}",
        "crumbs": [
            CRUMB,
            (paper.number or "", reverse("access:form", args=[pk])),
            ("修改资源", ""),
        ],
    }
    return render(request, "access/edit.html", context, status=422 if form.is_bound else 200)


@require_POST
def letters(request: Request, pk: int) -> HttpResponse:
    """Bring letters of consent with the form, or take one off."""
    form = queries.own_form(request.actor, pk)
    if is_key(letter := request.POST.get("_remove", "")):
        given = {"form": pk, "letter": int(letter)}
        doing.perform(request.actor, "access.remove_letter", given)
        messages.success(request, "已撤下。打印过的须重新生成打印件并盖章。")
        return redirect("access:form", pk)
    upload = _letters_form(request, form)
    if upload.perform():
        messages.success(request, "同意书已上传。")
        return redirect("access:form", pk)
    unasked = VerbForm("access.submit_form", request, fixed={"form": pk})
    return _form_page(request, form, unasked, letters=upload)


@require_safe
def letter(request: Request, pk: int, attachment: int) -> HttpResponse:
    """A letter of consent, for whoever sees the form."""
    papers = queries.letters_of(queries.form_for(request.actor, pk))
    if (paper := next((p for p in papers if p.pk == attachment), None)) is None:
        raise NotVisible("该同意书")
    return handed_out(paper)


# -- print and scan --------------------------------------------------------------------------------


@require_POST
def print_form(request: Request, pk: int) -> HttpResponse:
    """Fix the form as its next version and hand it out."""
    done = doing.perform(request.actor, "access.print_form", {"form": pk})
    messages.success(
        request, f"已生成第 {done.result.version} 版打印件，请下载、打印、盖章后扫描上传。"
    )
    return redirect("access:scan", pk)


@require_safe
def pdf(request: Request, pk: int) -> HttpResponse:
    """The form as last printed."""
    form = queries.form_for(request.actor, pk)
    return print_answer(form.number or "", form.version, queries.printed_matter(form))


@require_http_methods(["GET", "HEAD", "POST"])
def scan(request: Request, pk: int) -> HttpResponse:
    """Upload the stamped scan, the data of the form beside it."""
    actor = request.actor
    form = queries.own_form(actor, pk)
    upload = VerbForm(
        "access.seal_form",
        request,
        fixed={"form": form.pk},
        initial={"archive_number": form.archive_number},
    )
    if request.method == "POST" and upload.perform():
        return redirect("access:sealed", form.pk)
    context = {
        "form": upload,
        "paper": form,
        "content": queries.content_of(form),
        "scan": scan_of(form),
        "steps": STEPS,
        "outdated": queries.print_fault(form) is not None,
        "crumbs": [
            CRUMB,
            (form.number or "", reverse("access:form", args=[form.pk])),
            ("上传盖章件", ""),
        ],
    }
    return render(request, "access/scan.html", context, status=upload.status)


scan_file = scan_page(queries.form_for)


# -- handing on ------------------------------------------------------------------------------------


@require_safe
def sealed(request: Request, pk: int) -> HttpResponse:
    """After sealing: the manager is next."""
    form = queries.own_form(request.actor, pk)
    managers = (
        "、".join(p.name for p in organizations.managers_of(form.consumer_id)) or "本部门负责人"
    )
    context = {
        "form": form,
        "title": "已送本部门负责人",
        "who": f"本部门负责人（{managers}）",
        "by": "",
        "rows": [],
        "crumbs": [CRUMB, (form.number or "", "")],
    }
    return render(request, "access/done.html", context)


@require_POST
def submit(request: Request, pk: int) -> HttpResponse:
    """The manager submits every sealed application of the form."""
    form = queries.own_form(request.actor, pk)
    submission = VerbForm("access.submit_form", request, fixed={"form": form.pk})
    sealed = [a.case for a in queries.form_applications(form) if a.case.state == S.SEALED]
    if (
        confirmation := submission.ask([("application.submit", case) for case in sealed])
    ) is not None:
        return confirmation
    if (done := submission.perform()) is None:
        return _form_page(request, form, submission)
    undoing.offer(request, done, "已提交。")
    return redirect("access:submitted", pk)


@require_safe
def submitted(request: Request, pk: int) -> HttpResponse:
    """Confirmation: numbers, what happens next, by when, whom to ask."""
    form = queries.own_form(request.actor, pk)
    rows = [a for a in queries.form_applications(form) if not S(a.case.state).private]
    due = max((a.case.due_on for a in rows if a.case.due_on), default=None)
    head = organizations.bureau()
    context = {
        "form": form,
        "title": "申请已提交",
        "who": f"{head.short_name if head else '市大数据管理局'}经办人受理",
        "by": f"{due:%Y-%m-%d} 前答复是否受理" if due else "",
        "rows": [
            (a, _decider(a), _then(route))
            for a, route in zip(rows, queries.routes_of([a.mount for a in rows]), strict=True)
        ],
        "crumbs": [CRUMB, (form.number or "", "")],
    }
    return render(request, "access/done.html", context)


def _then(route: dict[str, Any]) -> str:
    return f"受理后 {route['decide_words']}内答复（{article_words(route['article'])}）"
