"""Keeps what people choose for their lists: the door of saved views and columns."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from huitong.kernel import doing
from huitong.kernel.addresses import reverse
from huitong.kernel.procedure import NotVisible, Problem
from huitong.kernel.requests import Request
from huitong.ui.addresses import inside
from huitong.ui.lists import View, differences
from huitong.ui.rules import is_key
from huitong.work import queries


class WorkKeeper:
    """Keeps views of lists in the database, for whoever is signed in."""

    @property
    def page(self) -> str:
        return reverse("work:keep")

    def views(self, request: HttpRequest, key: str) -> Sequence[View]:
        actor = getattr(request, "actor", None)
        return queries.views_of(actor.person, key) if actor is not None and actor.person else ()

    def exported(self, request: HttpRequest, key: str, label: str, kind: str) -> None:
        actor = getattr(request, "actor", None)
        if actor is not None:
            given = {"list": key, "label": label, "kind": kind}
            doing.perform(actor, "work.export_list", given)


@require_POST
def keep(request: Request) -> HttpResponse:
    """Save, change or delete a view, or choose the columns, and go back to the list."""
    post, actor = request.POST, request.actor
    back = inside(request, post.get("back", "")) or reverse("portal:home")
    act, key, name = post.get("act", ""), post.get("list", ""), post.get("name", "").strip()
    view = int(pk) if is_key(pk := post.get("view", "")) else 0
    query = post.get("query", "")
    try:
        match act:
            case "choose" | "reset":
                return redirect(_columns(request, back))
            case "save":
                default = {"default": True} if post.get("default") else {}
                row = doing.perform(
                    actor, "work.save_view", {"list": key, "name": name, "query": query} | default
                ).result
                messages.success(request, f"已保存视图“{name}”。")
                back = _with(request, back, view=str(row.pk))
            case "rename":
                doing.perform(actor, "work.change_view", {"view": view, "name": name})
                messages.success(request, f"视图已改名为“{name}”。")
            case "update":
                doing.perform(actor, "work.change_view", {"view": view, "query": query})
                messages.success(request, "改动已存入视图。")
            case "default" | "undefault":
                default = {"default": act == "default"}
                doing.perform(actor, "work.change_view", {"view": view} | default)
                words = "以后打开本列表时显示这个视图。" if act == "default" else "已不再默认显示。"
                messages.success(request, words)
            case "delete":
                doing.perform(actor, "work.delete_view", {"view": view})
                messages.success(request, "视图已删除。")
                back = _with(request, back, view="")
            case _:
                raise NotVisible("该操作")
    except Problem as problem:
        if problem.status == 404:
            raise
        fields = getattr(problem, "fields", None) or {}
        words = "；".join(text for texts in fields.values() for text in texts)
        messages.error(request, words or problem.detail)
    return redirect(_with(request, back))


def _columns(request: Request, back: str) -> str:
    """Keep the columns and the size of page, and put both with the order into the address."""
    post = request.POST
    cols, size = "", ""
    if post.get("act") == "choose":
        stored = next((view.query for view in _views(request) if not view.name), "")
        cols = differences(
            post.getlist("cols"),
            post.getlist("offered"),
            post.getlist("first"),
            QueryDict(stored).get("cols", ""),
        )
        size = post.get("size", "")
    own = QueryDict(mutable=True)
    own.update({name: value for name, value in (("cols", cols), ("size", size)) if value})
    given = {"list": post.get("list", ""), "query": own.urlencode()}
    doing.perform(request.actor, "work.choose_columns", given)
    order = {"sort": post["sort"]} if "sort" in post else {}
    return _with(request, back, cols=cols, size=size, **order)


def _views(request: Request) -> Sequence[View]:
    return WorkKeeper().views(request, request.POST.get("list", ""))


def _with(request: Request, path: str, **changes: str) -> str:
    """The address of the list with these parameters, without those that are empty; with none at all
    it still does not open one's default view."""
    base, _, text = path.partition("?")
    query = QueryDict(text, mutable=True)
    for name, value in changes.items():
        query.pop(name, None)
        if value:
            query[name] = value
    if query:
        return f"{base}?{query.urlencode()}"
    return f"{base}?view=" if any(view.default for view in _views(request)) else base
