"""Departments and their own management rules: which have some in force (A12)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from huitong.documents.models import DocumentVersion
from huitong.documents.queries.documents import holding_on, versions_visible_to
from huitong.documents.rules import OWN_RULES
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.manifest import BUSINESS, HomePanel, Link, Panel
from huitong.kernel.statements import Statement
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations


def _rules_on(day: date) -> QuerySet[DocumentVersion]:
    """Management rules in force on a day, the youngest first."""
    rows = holding_on(day).filter(document__kind=OWN_RULES.code)
    return rows.order_by("-published_at", "-pk")


def lacking_rules(day: date) -> QuerySet[Any]:
    """The departments that have no management rules in force on a day."""
    own = _rules_on(day).filter(document__body=OuterRef("pk"))
    return organizations.departments().exclude(Exists(own)).order_by()


LACKING = Statement(lambda day: lacking_rules(day).values_list("pk", flat=True), day=date)
LACKS = Statement(
    lambda actor, day: lacking_rules(day).filter(pk=actor.body).values_list("pk", flat=True),
    day=date,
)


def may_oversee(actor: Actor) -> bool:
    """Whether somebody sees of all departments whether they have rules: the bureau."""
    return actor.is_system or (actor.bureau and actor.has(*BUSINESS))


def departments_with_rules(actor: Actor) -> QuerySet[Any]:
    """Departments, each with the key of its management rules in force as ``rules``, empty where
    it has none: to the bureau all of them, to others their own."""
    rows = organizations.departments()
    rows = rows if may_oversee(actor) else rows.filter(pk=actor.body)
    own = _rules_on(today()).filter(document__body=OuterRef("pk"))
    return rows.annotate(rules=Subquery(own.values("document")[:1]))


def rules_in_force(bodies: Iterable[int]) -> dict[int, DocumentVersion]:
    """The management rules of bodies in force today, by body, whoever asks."""
    rows = _rules_on(today()).filter(document__body__in=bodies).select_related("document")
    return {version.document.body_id: version for version in rows.reverse()}


def home_panels(actor: Actor) -> list[HomePanel]:
    """To a department without management rules, that it owes them; to the bureau, how many do
    (A12)."""
    if actor.body is None or not actor.has(*BUSINESS):
        return []
    lacking = LACKING(day=today()) if actor.bureau else LACKS(actor, day=today())
    troubles = []
    if actor.body in lacking:
        own = reverse("organizations:body", args=[actor.body])
        page = reverse("documents:new_own") if actor.has(Post.OPERATOR) else own
        note = "请制定目录的编制、审核、发布、更新由谁、按什么程序办（第十二条）"
        troubles.append(Link("本部门没有管理办法", page, note=note))
    if actor.bureau and lacking:
        page = reverse("documents:departments", query={"has": "no"})
        note = "由各部门自行制定并发布（第十二条）"
        troubles.append(Link("没有管理办法的部门", page, len(lacking), note))
    return [HomePanel(troubles=troubles)] if troubles else []


def body_panels(actor: Actor, body: Any) -> list[Panel]:
    """On the page of a body: its own rules, or that it has none (A12)."""
    if not organizations.departments().filter(pk=body.pk).exists():
        return []
    rules = rules_in_force([body.pk]).get(body.pk)
    facts = {
        "rules": rules,
        "readable": rules is not None and versions_visible_to(actor).filter(pk=rules.pk).exists(),
        "own": actor.body == body.pk and actor.has(*BUSINESS),
        "drafts": actor.body == body.pk and actor.has(Post.OPERATOR),
    }
    return [Panel("documents/_own_rules.html", facts)]
