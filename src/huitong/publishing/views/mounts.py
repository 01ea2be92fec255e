"""One mount: mounting it after a look at its source, changing it (A13, A14)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_http_methods, require_safe

from huitong.catalog import queries as catalog
from huitong.catalog.rules import Cycle
from huitong.kernel import doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.manifest import Place, panels
from huitong.kernel.procedure import Malformed, NotVisible
from huitong.kernel.requests import Request
from huitong.publishing import queries
from huitong.publishing.models import Mount
from huitong.publishing.rules import Authorization, Mode, MountState, due_modes, only_decider
from huitong.work.forms import VerbForm, handed_out

TAGS = {
    MountState.PENDING: "info",
    MountState.ACTIVE: "success",
    MountState.SUSPENDED: "warning",
    MountState.WITHDRAWN: "neutral",
}
CRUMB = ("资源挂接", reverse_lazy("publishing:mounts"))
#: the fields of mounting by what they are about
GROUPS = (
    ("数据在哪里", ("database", "schema_name", "table", "key", "file", "processed")),
    ("谁授权、怎样更新", ("authorization", "responsible", "trained_on", "update_method")),
)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request, entry: int, mode: str) -> HttpResponse:
    """The form of one way of mounting, with a button that looks at the source first."""
    actor = request.actor
    if mode not in set(Mode):
        raise NotVisible("该共享方式")
    about = queries.mountable_entry(actor, entry)
    initial = {
        "table": about.source_table,
        "schema_name": about.source_schema,
        "database": about.database_id,
    }
    form = VerbForm(f"publishing.mount_{mode}", request, fixed={"entry": about.pk}, initial=initial)
    _key_on_one_line(form)
    routes = queries.routes_of(about.published)
    decider = only_decider(routes)
    if decider:  # whoever is chosen, the same decides: not asked
        del form.fields["authorization"]
    look = None
    if request.method == "POST" and "_look" in request.POST:
        look = _look(actor, form)
        status = 200 if look else form.status
    elif request.method == "POST" and (done := form.perform()):
        hint = done.entry.after.get("hint")
        waits = "本部门负责人确认后生效。" if done.entry.after.get("proposed") else ""
        messages.success(
            request,
            f"已挂接：{about.name}（{Mode(mode).label}）。{waits}"
            + (f"提示：{hint}" if hint else ""),
        )
        return redirect("publishing:mount", done.result.pk if done.result else done.entry.object_id)
    else:
        status = form.status
    version = about.published
    context = {
        "form": form,
        "entry": about,
        "version": version,
        "mode": Mode(mode),
        "due": due_modes(version.usage),
        "seen": look,
        "groups": _grouped(form),
        "routes": routes,
        "decider": decider,
        "crumbs": [CRUMB, (f"挂接：{about.name}", "")],
    }
    return render(request, "publishing/new.html", context, status=status)


def _grouped(form: VerbForm) -> list[tuple[str, list[forms.BoundField]]]:
    """The visible fields under the headings of `GROUPS`; whatever no heading names comes last,
    so that none is left out."""
    rest = {field.name: field for field in form.visible_fields()}
    groups = [
        (heading, [rest.pop(name) for name in names if name in rest]) for heading, names in GROUPS
    ]
    return [group for group in (*groups, ("提交前确认", list(rest.values()))) if group[1]]


def _key_on_one_line(form: VerbForm) -> None:
    """Key columns are a few words, not a list with a line for each."""
    if "key" in form.fields:
        form.fields["key"] = forms.CharField(
            label=form.fields["key"].label,
            required=False,
            max_length=400,
            help_text="能唯一确定一行的列，多列用逗号隔开；不填时用表自身的主键。",
        )


def _look(actor: Actor, form: VerbForm) -> dict[str, Any] | None:
    """What the source holds, or None with the faults beside their fields."""
    form.errors.clear()
    source = {
        name: form.data.get(name)
        for name in ("database", "schema_name", "table")
        if form.data.get(name)
    }
    try:
        look: dict[str, Any] = doing.perform(
            actor, "publishing.try_source", source | {"entry": form.fixed["entry"]}
        ).result
    except Malformed as wrong:
        form.refuse(wrong)
        return None
    return look | {"cells": [[row.get(item) for item in look["items"]] for row in look["rows"]]}


@require_safe
def mount(request: Request, pk: int) -> HttpResponse:
    """One mount: where it lies (for its own body), how it is updated, who authorizes, whether it
    delivers."""
    actor = request.actor
    row = queries.mount_for(actor, pk)
    own = row.entry.body_id == actor.body and actor.has(Post.OPERATOR, Post.MANAGER)
    about, mode = row.entry, Mode(row.mode).label
    crumbs = (
        [CRUMB, (f"{about.name}（{mode}）", "")]
        if own
        else [
            ("目录检索", reverse("catalog:browse")),
            (about.name, reverse("catalog:entry", args=[about.pk])),
            (mode, ""),
        ]
    )
    context = {
        "mount": row,
        "row": row_of(row),
        "own": own,
        "fact": queries.fact_of(row),
        "authority": queries.decider(row),
        "doubt": queries.doubts([row]).get(row.pk, ""),
        "proposed": queries.proposal_words(row) if own else [],
        "proposed_file": queries.proposed_file(row) if own else None,
        "secrecy": (
            [
                row.secrecy[act] | {"label": label}
                for act, label in (("declared", "经办人声明"), ("confirmed", "负责人确认"))
                if act in row.secrecy
            ]
            if own
            else []
        ),
        "cycle": Cycle(row.published.data_cycle).label if row.published.data_cycle else "",
        "crumbs": crumbs,
        "acts": (
            [(doing.VERBS[f"publishing.{v}"].label, v) for v in _open(actor, row)] if own else []
        ),
        "may_apply": (
            actor.has(Post.OPERATOR)
            and actor.body
            and catalog.admits(about, actor.body)
            and not own
            and row.state == MountState.ACTIVE
        ),
    }
    return render(
        request, "publishing/mount.html", context | {"panels": panels(Place.MOUNT, actor, row)}
    )


def row_of(mount: Mount) -> dict[str, Any]:
    """A mount in words, for pages and lists."""
    return {
        "mount": mount,
        "mode": Mode(mount.mode).label,
        "state": MountState(mount.state).label,
        "tag": TAGS[MountState(mount.state)],
        "authorization": Authorization(mount.authorization).label,
    }


@require_safe
def proposed_file(request: Request, pk: int) -> FileResponse:
    """The file that waits for the manager's confirmation, for the mount's own body: nobody
    confirms what cannot be read."""
    file = queries.proposed_file(queries.own_mount(request.actor, pk))
    if file is None:
        raise NotVisible("待确认的文件")
    return handed_out(file)


#: what may be done with an own mount: what to know before, and what the button says
CHANGES: dict[str, tuple[str, str]] = {
    "remount": (
        (
            "更换来源后平台会重新核对每个信息项的列；已有授权继续有效。更换来源、主键列或文件，"
            "由本部门负责人确认后生效。"
        ),
        "核对并保存",
    ),
    "tend": ("改为整体授权给平台的，由本部门负责人确认后生效。", "保存"),
    "confirm_change": (
        "确认后立即生效。请先核对变更的内容；提供文件的，请先下载查看并完成保密审查。",
        "确认",
    ),
    "refuse_change": ("不同意的，变更不生效，并告知提出人。", "不同意"),
    "suspend_delivery": (
        "暂停后立即停止向所有使用部门交付，并通知大数据管理局；已有授权保留，恢复后继续使用。",
        "暂停交付",
    ),
    "resume_delivery": ("恢复后，已有授权的部门即可继续使用，并通知大数据管理局。", "恢复交付"),
}


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: Request, pk: int, verb: str) -> HttpResponse:
    """The form of what may be done with an own mount; it holds what is there now."""
    actor = request.actor
    mount = queries.own_mount(actor, pk)
    if verb not in CHANGES or (request.method != "POST" and verb not in _open(actor, mount)):
        raise NotVisible("该操作")
    of_file = verb == "remount" and mount.mode == Mode.FILE
    left_out = {
        "remount": (
            {"database", "schema_name", "table", "key"}
            if of_file
            else {"file", "processed", "cleared"}
        ),
        "confirm_change": set() if "file" in mount.proposed else {"cleared"},
    }.get(verb, set())
    form = VerbForm(
        f"publishing.{verb}",
        request,
        fixed={"mount": pk},
        initial=_now(mount),
        only=doing.VERBS[f"publishing.{verb}"].given.model_fields.keys() - left_out,
    )
    _key_on_one_line(form)
    if only_decider(queries.routes_of(mount.published)):
        form.fields.pop("authorization", None)
    for name in ("database", "authorization"):
        if name in form.fields:  # there is one already: leaving it out is no choice
            form.fields[name].choices = [c for c in form.fields[name].choices if c[0]]
    title, (hint, button) = form.verb.label, CHANGES[verb]
    if request.method == "POST" and (confirmation := form.ask()) is not None:
        return confirmation
    if request.method == "POST" and form.perform():
        mount.refresh_from_db()
        waits = mount.proposed and verb in ("remount", "tend")
        messages.success(
            request, f"“{title}”已提出，本部门负责人确认后生效。" if waits else f"“{title}”已完成。"
        )
        return redirect("publishing:mount", pk)
    context = {
        "form": form,
        "mount": mount,
        "mode": Mode(mount.mode).label,
        "title": title,
        "hint": hint,
        "button": button,
        "danger": verb == "suspend_delivery",
        "proposed": queries.proposal_words(mount),
        "proposed_file": queries.proposed_file(mount),
        "crumbs": [CRUMB, (mount.entry.name, reverse("publishing:mount", args=[pk])), (title, "")],
    }
    return render(request, "publishing/change.html", context, status=form.status)


def _now(mount: Mount) -> dict[str, Any]:
    return {
        "database": mount.database_id,
        "schema_name": mount.schema,
        "table": mount.table,
        "key": "，".join(mount.key),
        "authorization": mount.authorization,
        "responsible": mount.responsible,
        "trained_on": mount.trained_on,
        "update_method": mount.update_method,
    }


def _open(actor: Actor, mount: Mount) -> list[str]:
    """What this actor may do with an own mount now."""
    verbs = (
        ["remount", "tend"]
        if actor.has(Post.OPERATOR) and mount.state != MountState.WITHDRAWN
        else []
    )
    if mount.proposed and actor.has(Post.MANAGER) and actor.person not in mount.proposed["people"]:
        verbs += ["confirm_change", "refuse_change"]
    verbs += ["suspend_delivery"] if mount.state == MountState.ACTIVE else []
    return verbs + (
        ["resume_delivery"]
        if mount.state == MountState.SUSPENDED and actor.has(Post.MANAGER)
        else []
    )
