"""The palette: pages, verbs, entries and cases by a word, a pinyin or its initials. Ctrl+K asks it
from any page; without JavaScript it is a page of its own at the same address."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.manifest import Link, acts, finders
from huitong.kernel.requests import Request
from huitong.portal.guides import guides_for
from huitong.portal.menus import menu_for
from huitong.ui.pinyin import rank
from huitong.ui.rules import question
from huitong.work import queries as work

#: how many of a group are shown, and how long a word may be
MOST, LONGEST = 6, 60
#: pages everybody has that stand in no menu
ALWAYS = (
    ("首页", "portal:home"),
    ("帮助", "portal:help"),
    ("快捷键", "portal:keys"),
    ("个人设置", "organizations:me"),
    ("修改密码", "account_change_password"),
    ("双因素认证", "mfa_index"),
    ("站点地图", "portal:sitemap"),
    ("无障碍说明", "portal:accessibility"),
)


@require_safe
def palette(request: Request) -> HttpResponse:
    """What answers ``q``, group by group; as JSON for keys.js."""
    q = question(request.GET.get("q", "")[:LONGEST])
    groups = [(label, links) for label, links in groups_for(request.actor, q) if links]
    if request.GET.get("format") == "json":
        body = [
            {
                "label": label,
                "items": [{"label": x.label, "url": x.url, "note": x.note} for x in links],
            }
            for label, links in groups
        ]
        return JsonResponse({"groups": body})
    context = {"q": q, "groups": groups, "crumbs": [("快速前往", "")]}
    return render(request, "portal/palette.html", context)


def groups_for(actor: Actor, q: str) -> Iterable[tuple[str, list[Link]]]:
    """Groups of what this actor may open; the pages and verbs they have, when nothing is asked."""
    yield "页面", _answering(q, _pages(actor))
    yield "办理", _answering(q, _verbs(actor))
    if q:
        guides = [Link(g.title, reverse("portal:guide", args=[g.key])) for g in guides_for(actor)]
        yield "指南", _answering(q, guides)
        for finder in finders():
            yield finder.label, list(finder.ask(actor, q, MOST))


def _answering(q: str, links: list[Link]) -> list[Link]:
    """The best answers among these, in their own order where nothing tells them apart."""
    if not q:
        return links[:MOST]
    ranked = [(place, link) for link in links if (place := rank(q, link.label)) is not None]
    return [link for _, link in sorted(ranked, key=lambda pair: pair[0])][:MOST]


def _pages(actor: Actor) -> list[Link]:
    items = [item for section in menu_for(actor, "") for item in section["items"]]
    return [Link(item["label"], item["url"]) for item in items] + [
        Link(label, reverse(name)) for label, name in ALWAYS
    ]


def _verbs(actor: Actor) -> list[Link]:
    """What this actor may begin: cases, and acts that have a page of their own."""
    links = [Link(item.row.label, item.url, note=item.table.label) for item in work.openings(actor)]
    seats = actor.seats_in({})
    links += [
        Link(verb.label, reverse(page))
        for verb, page in ((doing.VERBS[name], page) for name, page in acts().items())
        if (verb.anyone and actor.person) or seats.intersection(verb.who)
    ]
    return list({link.url: link for link in reversed(links)}.values())[::-1]
