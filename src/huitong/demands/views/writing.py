"""Writing a demand down: what may answer it already, then the form, kept as a draft from the first
word (A24)."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from huitong.access import queries as access
from huitong.demands import queries
from huitong.demands.actions import FIELDS
from huitong.demands.models import Demand
from huitong.demands.views.lists import CRUMB, DRAFTS, KIND
from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.procedure import Malformed, NotYours
from huitong.kernel.requests import Request
from huitong.organizations import queries as organizations
from huitong.ui.rules import is_key
from huitong.work import actions as work_actions
from huitong.work import queries as work
from huitong.work.forms import MARKED, Filling, VerbForm

STEPS = ["看看有没有", "写明需求", "打印盖章", "提交"]
#: what may hold several values
SEVERAL = {"addressed"}
#: so much of what was typed is looked for
LONGEST = 120


def _check_clerk(actor: Actor) -> None:
    if not queries.may_write(actor):
        raise NotYours("“提出需求”由需求部门的经办人办理。", article="A24", who="使用部门经办人")


@require_safe
def find(request: Request) -> HttpResponse:
    """What is needed, and what may answer it already: entries of the catalog, demands of others."""
    actor = request.actor
    _check_clerk(actor)
    q = request.GET.get("q", "").strip()[:LONGEST]
    before = _before(request)
    q = q or (before.title if before else "")
    onward = {"again": str(before.pk)} if before else {}
    onward |= {"q": q} if q else {}
    context = {
        "q": q,
        "before": before,
        "entries": queries.matches(actor, q),
        "running": queries.running_alike(actor, q),
        "onward": reverse("demands:write", args=[uuid.uuid4()], query=onward or None),
        "begun": work.drafts_of(actor, KIND),
        "steps": STEPS,
        "crumbs": [CRUMB, ("提出需求", "")],
    }
    return render(request, "demands/find.html", context)


class DemandDraft(Filling):
    """The draft of a demand."""

    def __init__(self, request: Request, key: uuid.UUID) -> None:
        _check_clerk(request.actor)
        super().__init__(request, KIND, str(key))

    def keep(self) -> HttpResponse | None:
        """Keep what was sent; see `Filling.save`."""
        named = "".join(self.content.get("title", [])).strip()[:60]
        return self.save(f"需求申请：{named or '（还没有写明）'}", self.url())

    def url(self) -> str:
        return reverse("demands:write", args=[self.key])

    def not_here(self) -> HttpResponse | None:
        """See `Filling.elsewhere`."""
        case = None if self.row else queries.case_of_draft(self.actor, self.request_key)
        return self.elsewhere(reverse("work:case", args=[case]) if case else "", str(DRAFTS))


@require_http_methods(["GET", "HEAD", "POST"])
def write(request: Request, key: uuid.UUID) -> HttpResponse:
    """The form of a demand. Sent whole, it becomes a demand, to be printed and stamped."""
    draft = DemandDraft(request, key)
    if elsewhere := draft.not_here():
        return elsewhere
    posted = request.method == "POST"
    if posted:
        draft.take(lambda name: name in (*FIELDS, "again"))
        if answer := draft.keep():
            return answer
    form = VerbForm(
        KIND,
        request,
        only=(*FIELDS, "again"),
        data=draft.data() if posted else None,
        initial=_suggested(request)
        | {
            name: values if name in SEVERAL else values[-1]
            for name, values in draft.content.items()
        },
    )
    for name, mark in draft.marked.items():
        form.add_error(name, MARKED.format(mark))
    if posted and not draft.overtaken and not draft.marked and (case := _make(draft, form)):
        messages.success(request, "需求已写好。请核对，生成打印件，盖章后上传。")
        return redirect("work:case", case)
    context = {
        "form": form,
        "draft": draft,
        "action": draft.url(),
        "autosave": draft.url(),
        "button": "继续",
        "back": reverse("demands:find"),
        "title": "提出需求",
        "steps": STEPS,
        "crumbs": [CRUMB, ("提出需求", "")],
    }
    status = 409 if draft.overtaken else form.status
    return render(request, "demands/write.html", context, status=status)


def _make(draft: DemandDraft, form: VerbForm) -> int | None:
    """The demand out of its draft, which is gone then; None when the form has errors."""
    if (given := form.given()) is None:
        return None
    try:
        done = doing.perform(draft.actor, KIND, given, request_key=draft.request_key)
    except Malformed as wrong:
        form.refuse(wrong)
        return None
    if draft.row is not None:
        work_actions.hand_in_draft(draft.actor, draft=draft.row)
    return done.entry.case


def _suggested(request: Request) -> dict[str, Any]:
    """What the platform knows, and what was looked for."""
    actor, duties = request.actor, access.duty_choices(request.actor)
    suggested: dict[str, Any] = {
        "title": request.GET.get("q", "")[:LONGEST],
        "contact": actor.name,
        "phone": organizations.phone_of(actor),
    }
    suggested |= {"duty": duties[0][0]} if len(duties) == 1 else {}
    return suggested | (_as_before(before) if (before := _before(request)) else {})


def _before(request: Request) -> Demand | None:
    """The demand nobody met that is raised again, as the address says. Raises `NotVisible`,
    `NotYours`, `AgainstRules`."""
    key = request.GET.get("again", "")
    return queries.unmet_demand(request.actor, int(key)) if is_key(key) else None


def _as_before(demand: Demand) -> dict[str, Any]:
    """What the demand before it said; to whom it goes is chosen anew."""
    refs = ("duty", "matter")
    fields = {n: getattr(demand, f"{n}_id" if n in refs else n) for n in FIELDS if n != "addressed"}
    return fields | {"items": "\n".join(demand.items), "again": demand.pk}


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    """Change what a demand says before it is sealed."""
    demand = queries.own_demand(request.actor, pk)
    refs = ("duty", "matter")
    initial = {n: getattr(demand, f"{n}_id" if n in refs else n) for n in FIELDS}
    initial["items"] = "\n".join(demand.items)
    form = VerbForm("demand.edit", request, case=demand.case, initial=initial)
    form.check_open()
    if request.method == "POST" and form.perform() is not None:
        messages.success(request, "已修改。打印过的须重新生成打印件并盖章。")
        return redirect("work:case", demand.case_id)
    context = {
        "form": form,
        "action": reverse("demands:edit", args=[pk]),
        "button": "保存",
        "back": reverse("work:case", args=[demand.case_id]),
        "title": "修改需求",
        "crumbs": [CRUMB, (demand.number or "", demand.get_absolute_url()), ("修改", "")],
    }
    return render(request, "demands/write.html", context, status=form.status)
