"""What a draft must say before its manager sees it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from huitong.documents.rules.kinds import INTERPRETATION, Audience, DocumentKind
from huitong.kernel.laws import citable


@dataclass(frozen=True)
class DraftFacts:
    """What a draft says, as far as it can be wrong."""

    articles: tuple[str, ...]
    wording: str
    has_file: bool
    audience: str
    bodies: tuple[int, ...]
    in_force: date | None
    until: date | None


def cited(kind: DocumentKind, articles: Iterable[str]) -> list[str]:
    """The articles a document names, once each and in the order of the laws; without any, the one
    it is issued under. What an interpretation interprets, only its clerk can say (A35)."""
    named, order = set(articles), citable()
    if not named and kind != INTERPRETATION:
        named = {kind.article}
    return sorted(named, key=lambda short: (order.index(short) if short in order else -1, short))


def faults(draft: DraftFacts, today: date) -> dict[str, str]:
    """What keeps a draft from being handed in, by field. Without a first day it holds from the day
    it is published."""
    wrong = {}
    if not draft.wording.strip() and not draft.has_file:
        wrong["wording"] = "请填写正文，或上传文件"
    if not draft.articles:
        wrong["articles"] = "请选择所解释的条款"
    if draft.audience == Audience.NAMED and not draft.bodies:
        wrong["bodies"] = "请选择发布到哪些部门"
    if draft.until is not None:
        if draft.until < (draft.in_force or today):
            wrong["until"] = "失效日期不能早于施行日期"
        elif draft.until < today:
            wrong["until"] = "已过有效期，不能发布"
    return wrong
