"""Drafting: a new document of the city or of one's own department, its words, a new version."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from huitong.documents import queries
from huitong.documents.rules import KINDS, TABLES, Issuer
from huitong.documents.views.reading import CRUMB
from huitong.kernel import doing
from huitong.kernel.addresses import reverse
from huitong.kernel.procedure import NotVisible
from huitong.kernel.requests import Request
from huitong.work.forms import VerbForm
from huitong.work.queries import case_for

#: what an edit begins with, of what the draft says
WORDS = [
    "title",
    "document_number",
    "articles",
    "audience",
    "bodies",
    "in_force",
    "until",
    "replaces",
    "wording",
]


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """A document of the bureau for the city."""
    return _new(request, Issuer.BUREAU)


@require_http_methods(["GET", "HEAD", "POST"])
def new_own(request: Request) -> HttpResponse:
    """A department's own management rules (A12)."""
    return _new(request, Issuer.BODY)


def _new(request: Request, issuer: Issuer) -> HttpResponse:
    table = TABLES[issuer]
    table.check_opening("draft", doing.seats_to_open(request.actor))
    first = {name: request.GET[name] for name in ("kind", "title") if name in request.GET}
    if cited := request.GET.getlist("article"):
        first["articles"] = cited
    if issuer is Issuer.BODY:
        first.setdefault("kind", "own_rules")
    form = VerbForm(f"{table.kind}.draft", request, initial=first)
    if request.method == "POST" and (done := form.perform()) is not None and done.case is not None:
        messages.success(request, "草稿已保存。核对后点“提交审核”，由负责人审核发布。")
        return redirect("work:case", done.case.pk)
    return _drawn(
        request, form, table.rows("draft")[0].label, "保存草稿", reverse("documents:documents")
    )


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, case: int) -> HttpResponse:
    """The words of a draft."""
    row = case_for(request.actor, case)
    issuer = next((i for i, table in TABLES.items() if table.kind == row.kind), None)
    if issuer is None:
        raise NotVisible("该草稿")
    version = queries.version_of(row)
    first = {name: getattr(version, name) for name in WORDS} | {
        "kind": version.document.kind,
        "file": version.file_id,
    }
    form = VerbForm(f"{row.kind}.edit", request, case=row, initial=first)
    form.check_open()
    back = reverse("work:case", args=[row.pk])
    if request.method == "POST" and form.perform() is not None:
        messages.success(request, "已保存。")
        return redirect(back)
    return _drawn(request, form, f"修改：{version.title}", "保存", back)


@require_POST
def revise(request: Request, pk: int) -> HttpResponse:
    """Begin a new version, and go on to its words."""
    document = queries.own_document(request.actor, pk)
    table = TABLES[KINDS[document.kind].issuer]
    done = doing.perform(request.actor, f"{table.kind}.revise", {"document": pk})
    messages.success(request, "已起草新版本，请修改内容。现行版本在新版本施行前继续有效。")
    return redirect("documents:edit", done.entry.case)


def _drawn(request: Request, form: VerbForm, title: str, button: str, back: str) -> HttpResponse:
    form.fields["wording"].widget.attrs["rows"] = 16
    context: dict[str, Any] = {
        "form": form,
        "title": title,
        "button": button,
        "back": back,
        "crumbs": [CRUMB, (title, "")],
    }
    return render(request, "documents/draft.html", context, status=form.status)
