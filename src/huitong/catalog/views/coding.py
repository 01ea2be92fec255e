"""The coding rule (A7): what is in force, what was before, and another one looked at before it is
set."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from huitong.catalog.queries import coding as codes
from huitong.catalog.rules import PARTS, check_template
from huitong.kernel.actor import Actor, Post
from huitong.kernel.procedure import Malformed, NotYours
from huitong.kernel.requests import Request
from huitong.kernel.workdays import today
from huitong.work.forms import VerbForm

#: rules of former days shown at most
FORMER = 20


@require_http_methods(["GET", "HEAD", "POST"])
def coding(request: Request) -> HttpResponse:
    """The rule in force, the next codes under it or under the one being typed, and the form that
    sets another. With JavaScript the codes follow what is typed; without it a button shows them."""
    actor = request.actor
    if not (actor.bureau and actor.has(Post.OPERATOR, Post.MANAGER)):
        raise NotYours("编码规范由大数据管理局设定。", article="A7", who="大数据管理局负责人")
    may, current = actor.has(Post.MANAGER), codes.template_on(today())
    looking = "preview" in request.POST or "HX-Request" in request.headers
    form = (
        VerbForm("catalog.set_code_rule", request, initial={"template": current}) if may else None
    )
    setting = form is not None and request.method == "POST" and not looking
    if form is not None and setting and (done := form.perform()) is not None:
        messages.success(request, f"编码规范自 {done.result.in_force} 起启用，已有的代码不变。")
        return redirect("catalog:coding")
    template = request.POST.get("template", current).strip() if may else current
    context = {
        "form": form,
        "current": current,
        "rules": codes.code_rules()[:FORMER],
        "parts": [(f"{{{name}}}", meaning) for name, meaning in PARTS.items()],
        **_preview(actor, template),
        "crumbs": [("编码规范", "")],
    }
    return render(request, "catalog/coding.html", context, status=422 if setting else 200)


def _preview(actor: Actor, template: str) -> dict[str, Any]:
    try:
        check_template(template)
    except Malformed as wrong:
        texts = [text for texts in wrong.fields.values() for text in texts]
        return {"template": template, "fault": "；".join(texts)}
    return {"template": template, "coded": codes.preview(actor, template, today())}
