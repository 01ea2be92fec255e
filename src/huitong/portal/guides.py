"""Task guides of the help: from the question to the click. They are written in
``data/guides.toml``; their pictures are taken by a browser test."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.procedure import NotVisible
from huitong.kernel.requests import Request
from huitong.ui.pinyin import rank

SOURCE = Path(__file__).parent / "data" / "guides.toml"


@dataclass(frozen=True)
class GuideStep:
    """One step: what to do, the name of the address where, a picture of it."""

    text: str
    page: str = ""
    picture: str = ""

    @property
    def url(self) -> str:
        return reverse(self.page) if self.page else ""


@dataclass(frozen=True)
class Guide:
    """How one task is done, and by whom."""

    key: str
    title: str
    question: str
    posts: frozenset[Post]
    bureau: bool
    pages: tuple[str, ...]
    steps: tuple[GuideStep, ...]

    def concerns(self, actor: Actor) -> bool:
        return bool(self.posts & actor.posts) and (actor.bureau or not self.bureau)

    def answers(self, q: str) -> int | None:
        """How well it answers a search, 0 best; None when it does not."""
        place = rank(q, self.title)
        if place is None and q in f"{self.question}{''.join(step.text for step in self.steps)}":
            return 9
        return place


@cache
def guides() -> dict[str, Guide]:
    """Every guide by its key. Raises `ValueError` for one without steps or with an unknown post."""
    rows = tomllib.loads(SOURCE.read_text("utf-8"))["guide"]
    return {
        row["key"]: Guide(
            row["key"],
            row["title"],
            row["question"],
            frozenset(Post(post) for post in row["posts"]),
            row.get("bureau", False),
            tuple(row.get("pages", ())),
            tuple(GuideStep(**step) for step in row["steps"]),
        )
        for row in rows
    }


@cache
def _by_page() -> dict[str, str]:
    return {page: guide.key for guide in guides().values() for page in guide.pages}


def guide_of(page: str) -> str:
    """The key of the guide to the page of this name; empty where there is none."""
    return _by_page().get(page, "")


def guides_for(actor: Actor) -> list[Guide]:
    """Every guide, those of the actor's posts first."""
    return sorted(guides().values(), key=lambda guide: not guide.concerns(actor))


def searched(q: str, among: Iterable[Guide]) -> list[Guide]:
    """The guides that answer a search, the best first."""
    ranked = [(place, guide) for guide in among if (place := guide.answers(q)) is not None]
    return [guide for _, guide in sorted(ranked, key=lambda pair: pair[0])]


@require_safe
def guide_page(request: Request, key: str) -> HttpResponse:
    """One guide, step by step."""
    if (guide := guides().get(key)) is None:
        raise NotVisible("该指南")
    others = [g for g in guides_for(request.actor) if g is not guide][:6]
    crumbs = [("帮助", reverse("portal:help")), (guide.title, "")]
    return render(
        request, "portal/guide.html", {"guide": guide, "others": others, "crumbs": crumbs}
    )
