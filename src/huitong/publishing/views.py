"""Pages of mounting: what is mounted, what can be, looking at a source before mounting it (A13, A14)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from huitong.catalog import queries as catalog
from huitong.catalog.rules import Cycle
from huitong.kernel import doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.procedure import Malformed, NotVisible
from huitong.publishing import queries
from huitong.publishing.rules import AUTHORITIES, Authorization, Mode, MountState, due_modes
from huitong.work.forms import VerbForm

PAGE = 20
TAGS = {MountState.ACTIVE: "success", MountState.SUSPENDED: "warning", MountState.WITHDRAWN: "neutral"}
CRUMB = ("资源发布", "/mounts/")


@require_safe
def mounts(request: HttpRequest) -> HttpResponse:
    """What the actor's body has mounted."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    page = Paginator(queries.own(actor), PAGE).get_page(request.GET.get("page"))
    return render(request, "publishing/mounts.html", {"page": page, "rows": [_row(m) for m in page], "may": actor.has(Post.OPERATOR),
                                                      "crumbs": [CRUMB]})


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Which published entry to mount, in which of the ways it names."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    mounted = {(m.entry_id, m.mode) for m in queries.own(actor).exclude(state=MountState.WITHDRAWN)}
    wanted = request.GET.get("entry", "")
    entries = [e for e in queries.mountable_entries(actor) if wanted in ("", str(e.pk))]
    rows = [{"entry": e, "due": [f"{way.label}：{'、'.join(uses)}" for way, uses in due_modes(e.usage).items()],
             "ways": [{"label": Mode(m).label, "url": f"/mounts/new/{e.pk}/{m}/", "done": (e.pk, m) in mounted} for m in e.share_modes]}
            for e in entries]
    return render(request, "publishing/choose.html", {"rows": rows, "crumbs": [CRUMB, ("挂接资源", "")]})


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, entry: int, mode: str) -> HttpResponse:
    """The form of one way of mounting, with a button that looks at the source first."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if mode not in set(Mode):
        raise NotVisible("该挂接方式")
    about = catalog.own_entry(actor, entry)
    initial = {"table": about.source_table, "schema_name": about.source_schema, "database": about.database_id}
    form = VerbForm(f"publishing.mount_{mode}", request, fixed={"entry": about.pk}, initial=initial)
    context: dict[str, Any] = {"form": form, "entry": about, "mode": Mode(mode), "due": due_modes(about.usage), "seen": None,
                               "routes": [r for r in AUTHORITIES if r.share_class == about.share_class
                                          and r.control_parameters == bool(about.control_parameters)],
                               "crumbs": [CRUMB, (f"挂接：{about.name}", "")]}
    if request.method == "POST" and "_look" in request.POST:
        context["seen"] = _look(actor, form)
        return render(request, "publishing/new.html", context, status=200 if context["seen"] else form.status)
    if request.method == "POST" and (done := form.perform()):
        hint = done.entry.after.get("hint")
        messages.success(request, f"已挂接：{about.name}（{Mode(mode).label}）。" + (f"提示：{hint}" if hint else ""))
        return redirect("publishing:mount", done.result.pk if done.result else done.entry.object_id)
    return render(request, "publishing/new.html", context, status=form.status)


def _look(actor: Actor, form: VerbForm) -> dict[str, Any] | None:
    """What the source holds, or None with the faults beside their fields."""
    form.errors.clear()
    said = {name: form.data.get(name) for name in ("database", "schema_name", "table") if form.data.get(name)}
    try:
        found: dict[str, Any] = doing.perform(actor, "publishing.try_source", said | {"entry": form.fixed["entry"]}).result
    except Malformed as wrong:
        form.refuse(wrong)
        return None
    return found | {"cells": [[row.get(item) for item in found["items"]] for row in found["rows"]]}


@require_safe
def mount(request: HttpRequest, pk: int) -> HttpResponse:
    """One mount: where it lies (for its own body), how it is updated, who authorizes, whether it delivers."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = queries.mount_for(actor, pk)
    own = found.entry.body_id == actor.body and actor.has(Post.OPERATOR, Post.MANAGER)
    context = {"mount": found, "row": _row(found), "own": own, "fact": queries.fact_of(found), "authority": queries.authority_of(found),
               "cycle": Cycle(found.entry.data_cycle).label if found.entry.data_cycle else "", "acts": _acts(actor, found) if own else [],
               "may_apply": actor.has(Post.OPERATOR) and actor.body and catalog.admits(found.entry, actor.body) and not own
               and found.state == MountState.ACTIVE, "crumbs": [CRUMB, (found.entry.name, "")]}
    return render(request, "publishing/mount.html", context)


def _row(mount: Any) -> dict[str, Any]:
    return {"mount": mount, "mode": Mode(mount.mode).label, "state": MountState(mount.state).label, "tag": TAGS[MountState(mount.state)],
            "authorization": Authorization(mount.authorization).label}


def _acts(actor: Actor, mount: Any) -> list[tuple[str, str]]:
    """Links to the forms of what this actor may do with an own mount."""
    verbs = ["remount", "tend"] if actor.has(Post.OPERATOR) and mount.state != MountState.WITHDRAWN else []
    verbs += ["suspend_delivery"] if mount.state == MountState.ACTIVE else []
    verbs += ["resume_delivery"] if mount.state == MountState.SUSPENDED and actor.has(Post.MANAGER) else []
    here = f"/mounts/{mount.pk}/"
    return [(doing.VERBS[f"publishing.{v}"].label, f"/do/publishing.{v}/?mount={mount.pk}&next={here}") for v in verbs]
