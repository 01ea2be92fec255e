"""Where entries come from: databases, scans with their progress (A7, A10, A13)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import TextInput
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huitong.catalog import queries
from huitong.catalog.models import Scan
from huitong.catalog.views.frame import clerk_of, writer_of
from huitong.kernel import doing
from huitong.kernel.addresses import reverse
from huitong.kernel.requests import Request
from huitong.work.forms import VerbForm

STOP_POLLING = 286  # what htmx takes as the end of polling
CRUMB = ("系统与数据库", reverse_lazy("catalog:sources"))
TRIED = "保存前平台会先试着连接；连不上会说明是哪一项的问题。"
#: the fields of a database, as they are asked
ORDER = (
    "name",
    "role",
    "system",
    "kind",
    "host",
    "port",
    "dbname",
    "schema_name",
    "username",
    "password",
    "tls",
)


@require_http_methods(["GET", "HEAD", "POST"])
def new_database(request: Request) -> HttpResponse:
    """Register a database; it is tried first, and what fails is said beside its field."""
    writer_of(request)
    form = VerbForm("catalog.register_database", request, initial=_system_of(request))
    form.order_fields(ORDER)
    form.fields["host"].widget = TextInput()
    if request.method == "POST" and (done := form.perform()) is not None:
        messages.success(request, f"“{done.result}”已登记。" if done.result else "已登记。")
        return redirect("catalog:sources")
    title = "登记数据库"
    context = {
        "form": form,
        "title": title,
        "sub": TRIED,
        "button": "测试连接并保存",
        "back": reverse("catalog:sources"),
        "order": [form[name] for name in ORDER],
        "script": queries.grant_script(request.POST),
        "crumbs": [("目录编制", reverse("catalog:mine")), CRUMB, (title, "")],
    }
    return render(request, "catalog/register.html", context, status=form.status)


def _system_of(request: Request) -> dict[str, Any]:
    """The system one came from, or the only one there is."""
    own = [pk for pk, _ in queries.system_choices(request.actor)]
    came_from = [pk for pk in own if str(pk) == request.GET.get("system")]
    return {"system": (came_from or own)[0]} if came_from or len(own) == 1 else {}


@require_http_methods(["GET", "HEAD", "POST"])
def renew_password(request: Request, pk: int) -> HttpResponse:
    """Keep a new password of a database."""
    database = queries.database_for(writer_of(request), pk)
    form = VerbForm("catalog.renew_password", request, fixed={"database": pk})
    if request.method == "POST" and form.perform() is not None:
        messages.success(request, f"“{database.name}”的密码已更换。")
        return redirect("catalog:sources")
    title = f"更换密码：{database.name}"
    context = {
        "form": form,
        "title": title,
        "sub": TRIED,
        "button": "测试连接并保存",
        "back": reverse("catalog:sources"),
        "crumbs": [("目录编制", reverse("catalog:mine")), CRUMB, (title, "")],
    }
    return render(request, "catalog/register.html", context, status=form.status)


@require_POST
def scan(request: Request, pk: int) -> HttpResponse:
    """Start a scan, then watch it."""
    actor = clerk_of(request)
    done = doing.perform(actor, "catalog.scan_database", {"database": pk})
    return redirect("catalog:scan", int(done.entry.object_id))


@require_safe
def scan_page(request: Request, pk: int) -> HttpResponse:
    """Progress and outcome of a scan. htmx asks for the progress alone; without JavaScript the
    page is loaded anew."""
    own_scan = queries.scan_for(clerk_of(request), pk)
    if request.headers.get("HX-Request"):
        context = _progress(own_scan)
        if not own_scan.is_running:
            return HttpResponse(headers={"HX-Refresh": "true"}, status=STOP_POLLING)
        return render(request, "catalog/_scan_progress.html", context)
    crumbs = [("目录编制", reverse("catalog:mine")), CRUMB, (f"扫描：{own_scan.database.name}", "")]
    counts = queries.drift_counts(own_scan)
    context = _progress(own_scan) | {
        "crumbs": crumbs,
        "tables": [t | {"drifts": counts.get(t.get("entry"))} for t in own_scan.tables],
        "missing": queries.missing_tables(own_scan),
    }
    return render(request, "catalog/scan.html", context)


def _progress(scan: Scan) -> dict[str, Any]:
    return {
        "scan": scan,
        "total": scan.total or 1,
        "poll": reverse("catalog:scan", args=[scan.pk]) if scan.is_running else "",
        "words": f"{scan.done} / {scan.total} 张表" if scan.total else "正在连接……",
    }
