"""Lists of the system and security administrators: no business data on any of them (A28)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.laws import LAWS
from huitong.kernel.procedure import NotYours
from huitong.kernel.requests import Request
from huitong.kernel.workdays import VERIFIED
from huitong.organizations import queries
from huitong.organizations.forms import ActForm, Search
from huitong.organizations.rules import ADMINISTRATORS, REGISTERS, DivisionLevel, masked_mobile
from huitong.organizations.views.columns import (
    DIVISIONS,
    DUTIES,
    LIMITS,
    PEOPLE,
    RIGHTS,
    SESSIONS,
    TOKENS,
)
from huitong.ui.lists import Listing


def only(request: Request, *posts: Post) -> Actor:
    """The actor, who must hold one of these posts at the bureau. Raises `NotYours`."""
    actor = request.actor
    if not (actor.bureau and actor.has(*posts)):
        who = "、".join(p.label for p in posts)
        raise NotYours(f"该页面由{who}使用。", article="A28", who=who)
    return actor


@require_safe
def overview(request: Request) -> HttpResponse:
    """Where the system administrator begins: how many, and what wants attention."""
    actor = only(request, Post.SYSTEM_ADMIN)
    return render(
        request,
        "organizations/overview.html",
        {
            "bodies": queries.visible_to(actor).count(),
            "people": queries.people_visible_to(actor).filter(is_active=True).count(),
            "lacking": queries.missing_task_forces(),
            "provisional": queries.provisional_clocks().count(),
            "recalled": queries.limits().exclude(confidence=VERIFIED).count(),
            "idle": queries.people_without_posts(actor)[:20],
            "registers": REGISTERS.values(),
            "crumbs": [("系统管理", "")],
        },
    )


@require_safe
def people(request: Request) -> HttpResponseBase:
    """All accounts, with masked telephone numbers."""
    actor = only(request, *ADMINISTRATORS)
    form = Search(request.GET, label="姓名或用户名")
    q = form.words
    rows = queries.people_visible_to(actor)
    rows = rows.filter(Q(name__icontains=q) | Q(username__istartswith=q)) if q else rows
    waiting: set[int] = set()

    def drawn(page: list[Any]) -> list[Any]:
        posts = queries.posts_by_person([person.pk for person in page])
        waiting.update(change.person_id for change in queries.changes_visible_to(actor))
        for person in page:
            person.masked = masked_mobile(person.mobile)
            person.posts_here = posts.get(person.pk, [])
            person.waits = person.pk in waiting
            new = "待改密码" if person.must_change_password else "在用"
            person.state_words = new if person.is_active else "已停用"
        return page

    accounts = actor.has(Post.SYSTEM_ADMIN)
    listing = Listing(
        request, PEOPLE if accounts else PEOPLE.without("ops"), rows, form=form, draw=drawn
    )
    context = {"accounts": accounts, "crumbs": [("人员账号", "")]}
    return listing.answer("organizations/people.html", context)


@require_safe
def duties(request: Request) -> HttpResponseBase:
    """The register of duties and matters; a department's manager keeps its own part."""
    actor = request.actor
    form = Search(request.GET, label="部门、职责、事项")
    q = form.words
    rows = queries.with_matters(queries.duties_visible_to(actor), actor)
    if q:
        by_matter = queries.matters_named(q)
        rows = rows.filter(Q(text__icontains=q) | Q(body__name__icontains=q) | Q(pk__in=by_matter))
    all_of = actor.bureau and actor.has(Post.OPERATOR, Post.SYSTEM_ADMIN)
    own = actor.body if actor.has(Post.MANAGER) else None
    confirms = actor.bureau and actor.has(Post.OPERATOR, Post.MANAGER)
    listing = Listing(request, DUTIES if all_of or own else DUTIES.without("ops"), rows, form=form)
    return listing.answer(
        "organizations/duties.html",
        {
            "confirms": confirms,
            "unconfirmed": queries.unconfirmed_duties(actor).count() if confirms else 0,
            "keeps_all": all_of,
            "keeps_own": own,
            "crumbs": [("职责与事项", "")],
        },
    )


@require_safe
def divisions(request: Request) -> HttpResponseBase:
    """The register of divisions."""
    only(request, Post.SYSTEM_ADMIN)
    form = Search(request.GET, label="代码或名称")
    parent, named = request.GET.get("parent", ""), request.GET.get("level", "")
    level = DivisionLevel(named) if named in set(DivisionLevel) else None
    more = [("级别", level.label, "level", level.value)] if level else []
    more += [("上级", parent, "parent", parent)] if parent else []

    def drawn(page: list[Any]) -> list[Any]:
        for row in page:
            named = row.level in set(DivisionLevel)
            row.level_words = DivisionLevel(row.level).label if named else row.level
        return page

    listing = Listing(
        request,
        DIVISIONS,
        queries.divisions(form.words, level or "", parent),
        form=form,
        draw=drawn,
        more=more,
    )
    return listing.answer("organizations/divisions.html", {"crumbs": [("行政区划", "")]})


@require_safe
def calendar(request: Request) -> HttpResponse:
    """Which years are loaded, and what still rests on guesses."""
    only(request, Post.SYSTEM_ADMIN)
    year = request.GET.get("year", "")
    years = queries.loaded_years()
    chosen = (
        int(year)
        if year.isdecimal() and int(year[:4]) >= 1900 and len(year) == 4
        else (years[0].year if years else None)
    )
    return render(
        request,
        "organizations/calendar.html",
        {
            "years": years,
            "chosen": chosen,
            "days": queries.calendar_days(chosen) if chosen else (),
            "provisional": queries.provisional_clocks().count(),
            "crumbs": [("节假日安排", "")],
        },
    )


@require_safe
def limits(request: Request) -> HttpResponseBase:
    """Every limit of every law as dated rows."""
    only(request, Post.SYSTEM_ADMIN)
    listing = Listing(request, LIMITS, queries.limits())
    laws = [{"row": row, "name": LAWS[row.law].title} for row in queries.laws_adopted()]
    context = {"crumbs": [("时限参数", "")], "laws": laws}
    return listing.answer("organizations/limits.html", context)


# -- the security administrator --------------------------------------------------------------------


@require_safe
def rights(request: Request) -> HttpResponseBase:
    """Who holds which post where, deputies included."""
    actor = only(request, Post.SECURITY_ADMIN, Post.AUDIT_ADMIN)
    form = Search(request.GET, label="姓名或机构")
    q = form.words
    rows = queries.postings_visible_to(actor)
    # of one post: what the home page's chart opens
    post = Post(name) if (name := request.GET.get("post", "")) in set(Post) else None
    rows = rows.filter(post=post) if post else rows
    rows = (
        rows.filter(
            Q(person__name__icontains=q)
            | Q(body__name__icontains=q)
            | Q(person__username__istartswith=q)
        )
        if q
        else rows
    )
    keeps = actor.has(Post.SECURITY_ADMIN)
    listing = Listing(
        request,
        RIGHTS if keeps else RIGHTS.without("ops"),
        rows,
        form=form,
        more=[("岗位", post.label, "post", post.value)] if post else (),
    )
    return listing.answer(
        "organizations/rights.html",
        {
            "rights": keeps,
            "changes": queries.changes_visible_to(actor),
            "idle": queries.people_without_posts(actor)[:20],
            "crumbs": [("岗位任用", "")],
        },
    )


@require_safe
def sessions(request: Request) -> HttpResponseBase:
    """Who is signed in now, or which tokens live."""
    actor, tokens = only(request, Post.SECURITY_ADMIN), request.GET.get("tab") == "tokens"
    signed_in, living = queries.sessions_visible_to(actor), queries.tokens_visible_to(actor)
    tabs = [
        {
            "label": "当前登录",
            "url": reverse("organizations:sessions"),
            "count": signed_in.count(),
            "active": not tokens,
        },
        {
            "label": "有效的访问令牌",
            "url": reverse("organizations:sessions", query={"tab": "tokens"}),
            "count": living.count(),
            "active": tokens,
        },
    ]
    form = Search(request.GET, label="姓名或用户名")
    q, person = form.words, "person__" if tokens else ""
    rows: Any = living if tokens else signed_in
    rows = (
        rows.filter(
            Q(**{f"{person}name__icontains": q}) | Q(**{f"{person}username__istartswith": q})
        )
        if q
        else rows
    )
    listing = Listing(request, TOKENS if tokens else SESSIONS, rows, form=form)
    return listing.answer(
        "organizations/sessions.html",
        {"tabs": tabs, "tokens": tokens, "crumbs": [("登录与令牌", "")]},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: Request, person: int, body: int) -> HttpResponse:
    """Someone leaves: first what would happen, then, confirmed, it happens."""
    actor = request.actor
    who, where = queries.person_for(actor, person), queries.body_for(actor, body)
    if actor.body != body and not (actor.bureau and actor.has(Post.SECURITY_ADMIN)):
        raise NotYours(
            "只能办理本部门人员的离岗移交。", article="A28", who=f"{where.short_name}负责人"
        )

    def heirs(_: Actor) -> list[tuple[int, str]]:
        rows = (
            queries.people_visible_to(actor)
            if actor.has(Post.SECURITY_ADMIN)
            else queries.people_of([body])
        )
        return [
            (p.pk, f"{p.name}（{p.username}）")
            for p in rows.filter(is_active=True).exclude(pk=person).order_by("name")
        ]

    form = ActForm(
        "organizations.hand_over",
        request,
        fixed={"person": person, "body": body},
        pick={"to": heirs},
    )
    if request.method == "POST" and "confirm" in request.POST and form.perform():
        return redirect(
            reverse("organizations:rights")
            if actor.has(Post.SECURITY_ADMIN)
            else reverse("organizations:body", args=[body])
        )
    answers = form.cleaned_data if form.is_bound and form.is_valid() else {}
    plan = queries.hand_over_preview(
        person, body, answers.get("to"), bool(answers.get("pass_posts"))
    )
    return render(
        request,
        "organizations/hand_over.html",
        {
            "form": form,
            "who": who,
            "where": where,
            "plan": plan,
            "shown": bool(answers),
            "crumbs": [("离岗移交", "")],
        },
        status=422 if form.errors else 200,
    )
