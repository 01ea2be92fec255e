"""Which entries an actor may see, and an entry as facts, as a scope, as findings.

Who sees what (`visible_to`, the only place that says so):

- the body that owns an entry sees it in every state, through its operators and managers;
- the bureau's operators and managers see it from the day it first reached them (A10, A19);
- everybody who signs in for a body sees what is published (A20), but not what is *not shared*: the
  share catalog is made of
  unconditional and conditional entries (A8), so of an entry not shared only its owner and the
  bureau, where its ground is filed, see name and ground.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from huitong.catalog.models import Entry, EntryVersion, FieldRemark
from huitong.catalog.rules import (
    EDITABLE,
    THEMES,
    EntryFacts,
    EntryState,
    Finding,
    GroundFacts,
    ItemRow,
    Shape,
    ShareClass,
    check,
    conditions,
)
from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.manifest import CaseFacts, Figure, HomePanel, Link
from huitong.kernel.procedure import NotVisible, NotYours
from huitong.kernel.workdays import day_of
from huitong.organizations import queries as organizations
from huitong.scope import Scope
from huitong.scope.masks import named
from huitong.scope.parameters import parameter_from_json
from huitong.work.rules import Secret

SHARED = Q(published_at__isnull=False) & ~Q(share_class=ShareClass.NOT_SHARED)


def visible_to(actor: Actor) -> QuerySet[Entry]:
    """Every entry this actor may see."""
    rows = Entry.objects.all()
    if actor.is_system:
        return rows
    if actor.body is None:
        return rows.none()
    allowed = SHARED
    if actor.has(Post.OPERATOR, Post.MANAGER):
        allowed |= Q(body=actor.body)
        if actor.bureau:
            allowed |= Q(received_at__isnull=False)
    return rows.filter(allowed)


def entry_for(actor: Actor, pk: int) -> Entry:
    """One entry with its body, system, case and revision. Raises `NotVisible`."""
    last = LedgerEntry.objects.filter(case=OuterRef("case")).order_by("-seq").values("seq")[:1]
    rows = visible_to(actor).select_related("body", "system", "database", "case")
    # in one statement: as it was at that act
    found = rows.annotate(revision=Coalesce(Subquery(last), 0)).filter(pk=pk).first()
    if found is None:
        raise NotVisible("该目录")
    return found


def entry_by_code(actor: Actor, code: str) -> Entry:
    """The entry that bears a code, for ever (permanent address). Raises `NotVisible`."""
    found = visible_to(actor).filter(code=code).first()
    if found is None:
        raise NotVisible("该目录")
    return found


def own_entry(actor: Actor, pk: int) -> Entry:
    """An entry of the actor's own body, to work on. Raises `NotVisible` or `NotYours`."""
    entry = entry_for(actor, pk)
    if entry.body_id != actor.body or not actor.has(Post.OPERATOR, Post.MANAGER):
        raise NotYours(
            "目录由提供部门的经办人编制。", article="A7", who=f"{entry.body.short_name}经办人"
        )
    return entry


def entry_under_review(actor: Actor, pk: int) -> Entry:
    """An entry whose remarks and findings the actor may read: its owner and, once received, the
    bureau. Raises `NotYours`."""
    entry = entry_for(actor, pk)
    if not _reviews(actor, entry):
        raise NotYours("审核意见由提供部门和大数据管理局查看。", article="A10", who="提供部门")
    return entry


def _reviews(actor: Actor, entry: Entry) -> bool:
    return actor.is_system or (
        (entry.body_id == actor.body or actor.bureau) and actor.has(Post.OPERATOR, Post.MANAGER)
    )


def entry_of(case: Case) -> Entry:
    """The entry a case is about, for actions that hold the case's lock already."""
    return Entry.objects.select_related("body", "case").get(case=case)


def entries_of_body(actor: Actor) -> QuerySet[Entry]:
    """The actor's body's own entries, youngest change first, discarded ones left out."""
    if actor.body is None or not actor.has(Post.OPERATOR, Post.MANAGER):
        return Entry.objects.none()
    return (
        Entry.objects.filter(body=actor.body)
        .exclude(case__state=EntryState.DISCARDED)
        .select_related("case", "system", "database")
        .order_by("-updated_at", "-pk")
    )


def counts_by_state(actor: Actor) -> dict[str, int]:
    """How many of the body's own entries stand in each state."""
    rows = entries_of_body(actor).order_by().values_list("case__state").annotate(n=Count("pk"))
    return dict(rows)


def last_edit_by_another(
    actor: Actor, case: Case, elements: Iterable[str], *, since: int
) -> LedgerEntry | None:
    """The last edit, after that revision and by somebody else, that gave one of these elements."""
    later = (
        LedgerEntry.objects.filter(case=case.pk, verb="entry.edit", seq__gt=since)
        .exclude(person=actor.person)
        .order_by("-seq")
    )
    names = set(elements)
    return next(
        (
            edit
            for edit in later
            if names & {name for name, value in edit.after["given"].items() if value is not None}
        ),
        None,
    )


# -- an entry as facts -----------------------------------------------------------------------------


def items_of(entry: Entry) -> tuple[ItemRow, ...]:
    names = list(ItemRow.model_fields)
    return tuple(ItemRow(**{n: getattr(i, n) for n in names}) for i in entry.items.all())


def facts_of(entry: Entry) -> EntryFacts:
    """The entry as frozen facts: for checks, wording, versions, exports."""
    bodies = organizations.body_names(entry.named_bodies) if entry.named_bodies else {}
    grounds = tuple(
        GroundFacts(
            kind=g.kind,
            document=g.document,
            article=g.article,
            quotation=g.quotation,
            filed_on=day_of(g.filed_at) if g.filed_at else None,
        )
        for g in entry.grounds.all()
    )
    same = [
        n
        for n in EntryFacts.model_fields
        if n not in ("body", "system", "items", "named_bodies", "grounds")
    ]
    values: dict[str, Any] = {n: getattr(entry, n) for n in same}
    return EntryFacts(
        **values,
        body=entry.body.short_name,
        system=entry.system.name if entry.system else "",
        items=items_of(entry),
        grounds=grounds,
        named_bodies=tuple(bodies.get(pk, str(pk)) for pk in entry.named_bodies),
    )


def public(entry: Entry) -> dict[str, Any]:
    """What the entry says to everybody who may see it, as plain data: for versions, the page's
    JSON and the API."""
    said = facts_of(entry).model_dump(mode="json")
    del said["source_table"]  # the owner's own affair, like what a scan suggested
    for item in said["items"]:
        del item["suggestion"]
    if entry.share_class != ShareClass.NOT_SHARED:
        # left from an earlier class; who sees a class-3 entry at all may see its ground
        said["grounds"] = []
    return said


def whole(entry: Entry) -> dict[str, Any]:
    """The entry with its state: the same for the page's JSON and the API."""
    return {
        "id": entry.pk,
        "code": entry.code,
        "version": entry.version,
        "state": str(entry.state),
        "state_label": entry.state.label,
        "revision": entry.revision,
        "published_at": entry.published_at.isoformat() if entry.published_at else None,
        "case": entry.case_id,
        "body_id": entry.body_id,
        "conditions": conditions(facts_of(entry)),
        **public(entry),
    }


def secrecy_of(entry: Entry) -> list[dict[str, Any]]:
    """Who declared and who confirmed the secrecy review of the last submission, and when (A3)."""
    kept = entry.case.facts.get("secrecy", {})
    return [
        {
            "act": act,
            "label": label,
            "by": row["by"],
            "at": datetime.fromisoformat(row["at"]),
            "cleared": [Secret(value).label for value in row["cleared"]],
        }
        for act, label in (("declared", "经办人声明"), ("confirmed", "负责人确认"))
        if (row := kept.get(act))
    ]


def findings_of(entry: Entry) -> list[Finding]:
    """What the rules find wrong or doubtful with the entry now."""
    return check(facts_of(entry))


def scope_of(entry: Entry) -> Scope:
    """The most that may leave under this entry: shared items, masks, control parameters, comparison
    (A8, A18).

    Items go by their name. Access narrows this with what is asked and what is granted. Not shared =
    nothing.
    """
    if entry.share_class == ShareClass.NOT_SHARED:
        return Scope(items=())
    items = [i for i in entry.items.all() if i.share_class != ShareClass.NOT_SHARED]
    return Scope(
        items=tuple(i.name for i in items),
        masks={i.name: named(i.mask) for i in items if i.mask},
        control_parameters=tuple(
            parameter_from_json(p, f"control_parameters[{n}]")
            for n, p in enumerate(entry.control_parameters)
        ),
        comparison_only=Shape.COMPARISON in entry.shapes,
    )


def admits(entry: Entry, body: int | None) -> bool:
    """May this body apply at all: published, shared, and among the named bodies when only they
    are served (A8)."""
    if not entry.is_published or entry.share_class == ShareClass.NOT_SHARED:
        return False
    return (
        Shape.NAMED_BODIES not in entry.shapes
        or body in entry.named_bodies
        or body == entry.body_id
    )


# -- review ----------------------------------------------------------------------------------------


def remarks_on(entry: Entry) -> list[FieldRemark]:
    """All remarks of all rounds, the latest round first."""
    return list(entry.remarks.all())


def open_remarks(entry: Entry) -> dict[str, list[FieldRemark]]:
    """While an entry is back for correction: the last round's remarks by field, to be shown
    beside it."""
    by_field: dict[str, list[FieldRemark]] = {}
    if entry.state in EDITABLE:
        for remark in entry.remarks.filter(round=entry.round):
            by_field.setdefault(remark.field, []).append(remark)
    return by_field


def versions_of(entry: Entry) -> QuerySet[EntryVersion]:
    return entry.versions.all()


def case_facts(actor: Actor, case: Case) -> CaseFacts:
    """What the case page shows of the entry; asked for a case the actor may see."""
    entry = visible_to(actor).select_related("body", "system", "case").filter(case=case).first()
    if entry is None:
        return CaseFacts()
    facts = {
        "entry": entry,
        "facts": facts_of(entry),
        "remarks": remarks_on(entry),
        "secrecy": secrecy_of(entry) if _reviews(actor, entry) else [],
        "own": entry.body_id == actor.body,
        "editable": entry.state in EDITABLE,
    }
    review = reverse("catalog:review", args=[case.pk])
    unshared = entry.share_class == ShareClass.NOT_SHARED
    grounds = reverse("catalog:grounds", args=[entry.pk]) if unshared else ""
    pages = {
        "edit": reverse("catalog:compile", args=[entry.pk]),
        "submit": reverse("catalog:check", args=[entry.pk]),
        "add_ground": grounds,
        "drop_ground": grounds if entry.grounds.exists() else "",
        **dict.fromkeys(
            ("pass_department", "return_department", "pass_bureau", "return_bureau"), review
        ),
    }
    return CaseFacts(facts, pages)


def home_panels(actor: Actor) -> list[HomePanel]:
    """What the home page shows of the catalog: how much there is, what of it is one's own, and
    the themes to browse by."""
    seen = visible_to(actor).filter(published_at__isnull=False)
    browse, mine = reverse("catalog:browse"), reverse("catalog:mine")
    figures = [Figure("可查看的资源", seen.count(), "项", browse)]
    if own := counts_by_state(actor):
        figures.append(Figure("本部门目录", sum(own.values()), "项", mine))
        if back := own.get(EntryState.RETURNED):
            returned = reverse("catalog:mine", query={"tab": "returned"})
            figures.append(Figure("退回待修改", back, "项", returned))
    links = [
        Link(theme.label, reverse("catalog:browse", query={"theme": theme.value}))
        for theme in THEMES
    ]
    return [HomePanel("数据目录", figures, links, links_title="按主题浏览")]
