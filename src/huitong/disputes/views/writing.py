"""Writing a dispute and one's own view, and the way on from an outcome (A27)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huitong.access import queries as access
from huitong.access.actions.drafting import begin_draft
from huitong.disputes import queries
from huitong.disputes.models import Dispute
from huitong.disputes.views.lists import CRUMB
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.procedure import NotVisible, NotYours
from huitong.kernel.requests import Request
from huitong.organizations import queries as organizations
from huitong.ui.rules import is_key
from huitong.work.forms import VerbForm


@require_safe
def page(request: Request, pk: int) -> HttpResponse:
    """The page of a dispute is that of its case."""
    return redirect(queries.dispute_for(request.actor, pk).get_absolute_url())


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Open a dispute about the case named; where none is, what one may open it about."""
    actor = request.actor
    if not queries.may_open(actor):
        raise NotYours(
            "“提出争议协商”由使用部门或提供部门的经办人办理。",
            article="A27",
            who="使用部门或提供部门经办人",
        )
    about = (request.POST if request.method == "POST" else request.GET).get("about", "")
    if not is_key(about):
        return render(request, "disputes/where.html", {"crumbs": [CRUMB, ("提出争议协商", "")]})
    disputed, _, respondent = queries.disputed_by(actor, int(about))
    queries.check_single(disputed.pk, actor.body)
    form = VerbForm("dispute.draft", request, initial={"about": disputed.pk})
    if request.method == "POST" and (done := form.perform()) is not None:
        messages.success(request, "争议已写好，请本部门负责人核对后提交。")
        return redirect("work:case", done.entry.case)
    return _form(request, form, "提出争议协商", disputed, respondent)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    """Change what a dispute says before it is submitted."""
    dispute = queries.dispute_for(request.actor, pk)
    names = ("subject", "words", "wish", "files")
    form = VerbForm(
        "dispute.edit",
        request,
        case=dispute.case,
        initial={name: getattr(dispute, name) for name in names},
    )
    form.check_open()
    if request.method == "POST" and form.perform() is not None:
        messages.success(request, "已修改。")
        return redirect("work:case", dispute.case_id)
    return _form(request, form, "修改争议内容", dispute.about, dispute.respondent_id, dispute)


@require_http_methods(["GET", "HEAD", "POST"])
def amend(request: Request, pk: int) -> HttpResponse:
    """Put one's own view differently, beginning with what it says now."""
    dispute = queries.dispute_for(request.actor, pk)
    own = [view for view in queries.views_of(dispute) if view.body_id == request.actor.body]
    if not own:
        raise NotVisible("本部门的意见")
    form = VerbForm(
        "dispute.amend",
        request,
        case=dispute.case,
        initial={"words": own[0].words, "files": own[0].files},
    )
    form.check_open()
    if request.method == "POST" and form.perform() is not None:
        messages.success(request, "意见已修改，其他两方看到的是新的内容。")
        return redirect("work:case", dispute.case_id)
    context = {
        "form": form,
        "title": "修改意见",
        "back": dispute.get_absolute_url(),
        "crumbs": [CRUMB, (dispute.number or "", dispute.get_absolute_url()), ("修改意见", "")],
    }
    return render(request, "disputes/amend.html", context, status=form.status)


@require_POST
def go_on(request: Request, pk: int) -> HttpResponse:
    """Begin anew what an outcome has opened the way for, filled in as it was asked before."""
    dispute = queries.dispute_for(request.actor, pk)
    if not queries.dispute_facts(request.actor, dispute.case).facts.get("way"):
        raise NotYours(
            "按协商结果重新申请由使用部门经办人办理；已经申请的，请在该申请中接着办理。",
            article="A27",
            who="使用部门经办人",
        )
    if dispute.mount_id is None:
        return redirect(reverse("demands:find", query={"q": _title_of(dispute)}))
    form = _form_before(dispute.about)
    answers = {
        "duty": str(form.duty_id),
        "matter": str(form.matter_id or ""),
        "system": str(form.system_id),
        "purpose": form.purpose,
        "scenario": form.scenario,
        "contact": form.contact,
        "phone": form.phone,
    }
    given = {name: text for name, text in answers.items() if text}
    return redirect(begin_draft(request.actor, mount=dispute.mount_id, answers=given))


def _form_before(case: Case) -> Any:
    """The form by which the disputed resource was asked for."""
    if case.kind == "application":
        return access.application_of(case).form
    return access.grant_of(case).application.form


def _title_of(dispute: Dispute) -> str:
    return dispute.about.title.partition("：")[2] or dispute.about.title


def _form(
    request: Request,
    form: VerbForm,
    title: str,
    disputed: Case,
    respondent: int,
    dispute: Dispute | None = None,
) -> HttpResponse:
    back = dispute.get_absolute_url() if dispute else reverse("work:case", args=[disputed.pk])
    context = {
        "form": form,
        "title": title,
        "disputed": disputed,
        "respondent": organizations.body_names([respondent])[respondent],
        "back": back,
        "crumbs": [CRUMB, (title, "")],
    }
    return render(request, "disputes/write.html", context, status=form.status)
