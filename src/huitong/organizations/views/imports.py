"""Importing a register: template, check, and, once it is right, the import; all or nothing."""

from __future__ import annotations

import csv
import secrets
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_http_methods, require_safe

from huitong.kernel import doing
from huitong.kernel.procedure import Malformed, NotVisible
from huitong.kernel.requests import Request
from huitong.organizations import queries
from huitong.organizations.forms import ImportForm
from huitong.organizations.rules import REGISTERS, Sheet

#: a checked table waits so many seconds to be confirmed
WAITING_SECONDS = 30 * 60
#: where an import leads
BACK = {
    "divisions": reverse_lazy("organizations:divisions"),
    "bodies": reverse_lazy("organizations:bodies"),
    "duties": reverse_lazy("organizations:duties"),
    "calendar": reverse_lazy("organizations:calendar"),
}


@require_safe
def template(request: Request, register: str) -> HttpResponse:
    """An empty table with the right columns, as Excel opens it."""
    columns = _register(request, register).columns
    answer = HttpResponse(
        "\ufeff",
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{register}.csv"'},
    )
    csv.writer(answer).writerow([c.heading for c in columns])
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: Request, register: str) -> HttpResponse:
    """Check a file; a right one is shown in figures and waits for confirmation."""
    about = _register(request, register)
    form = ImportForm(register, request.POST or None, request.FILES or None)
    context: dict[str, Any] = {
        "form": form,
        "register": about,
        "back": BACK[register],
        "crumbs": [(f"导入{about.label}", "")],
    }
    if request.method == "POST" and form.is_valid() and (sheet := form.sheet()) is not None:
        try:
            report = queries.check_import(register, sheet, request.actor)
        except Malformed as wrong:
            form.add_error("file", [text for texts in wrong.fields.values() for text in texts])
        else:
            context["report"] = report
            if not report.errors:
                key = secrets.token_urlsafe(16)
                more = {
                    k: form.cleaned_data[k] for k in ("year", "source") if k in form.cleaned_data
                }
                cache.set(
                    _cache_key(request, key),
                    {
                        "register": register,
                        "rows": sheet.rows,
                        "numbers": sheet.numbers,
                        "more": more,
                    },
                    WAITING_SECONDS,
                )
                context["key"] = key
    failed = request.method == "POST" and (
        "report" not in context or bool(context["report"].errors)
    )
    return render(request, "organizations/import.html", context, status=422 if failed else 200)


@require_http_methods(["POST"])
def confirm(request: Request, register: str) -> HttpResponse:
    """Import what was checked."""
    about = _register(request, register)
    checked = cache.get(_cache_key(request, request.POST.get("key", "")))
    if checked is None or checked["register"] != register:
        messages.warning(request, "检查结果已过期，请重新上传。")
        return redirect("organizations:import", register)
    done = doing.perform(
        request.actor,
        f"organizations.import_{register}",
        {"sheet": Sheet(checked["rows"], checked["numbers"]), **checked["more"]},
        request_key=f"import:{request.POST['key']}",
    )
    figures = done.entry.after
    messages.success(
        request,
        f"已导入{about.label}："
        + "，".join(
            f"{label} {figures[name]}"
            for name, label in (
                ("added", "新增"),
                ("changed", "修改"),
                ("same", "未变"),
                ("days", "天数"),
                ("moved", "重新计算的时限"),
            )
            if name in figures
        )
        + "。",
    )
    return redirect(BACK[register])


def _cache_key(request: Request, key: str) -> str:
    """Under the importer's own name: nobody confirms what another has checked."""
    return f"import:{request.actor.person}:{key}"


def _register(request: Request, register: str) -> Any:
    if register not in REGISTERS:
        raise NotVisible("该登记表")
    doing.VERBS[f"organizations.import_{register}"].seats_of(request.actor)
    return REGISTERS[register]
