"""An entry for who may see it (`reach.visible_to`), and a version as facts, as a scope, as
findings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from huitong.catalog.models import Entry, EntryFollow, FieldRemark, LegalGround, Version
from huitong.catalog.queries.grounds import ground_kind_labels
from huitong.catalog.queries.items import cited, items_of, prefetched, rows_of_items
from huitong.catalog.queries.reach import visible_to
from huitong.catalog.queries.requirements import asked_of
from huitong.catalog.queries.reviewing import reviews_of
from huitong.catalog.queries.secrecy import secrecy_of
from huitong.catalog.rules import (
    ELEMENTS,
    EntryFacts,
    EntryState,
    Finding,
    GroundFacts,
    ItemRow,
    Kind,
    ShareClass,
    check,
    conditions,
    of_kind,
    searchable,
    struck_in,
)
from huitong.kernel.actor import ENTERER, Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.manifest import CaseFacts, Place, panels
from huitong.kernel.procedure import NotVisible, NotYours
from huitong.kernel.statements import Statement
from huitong.kernel.workdays import day_of, today
from huitong.organizations import queries as organizations

#: what a page needs of an entry beside its own row
RELATED = (
    "body",
    "unit",
    "database",
    "current__system",
    "current__case",
    "latest__system",
    "latest__case",
)


def entry_for(actor: Actor, pk: int) -> Entry:
    """One entry with its body, versions and revisions. Raises `NotVisible`."""
    if not (entries := ENTRY(actor, pk=pk)):
        raise NotVisible("该目录")
    entry: Entry = entries[0]
    return entry


def follows_of(actor: Actor) -> QuerySet[EntryFollow]:
    """The actor's own follows, in the body acted for."""
    return EntryFollow.objects.filter(person=actor.person, body=actor.body)


def _with_revisions(rows: QuerySet[Entry]) -> QuerySet[Entry]:
    """In one statement with the entry: as it was at that act."""
    draft, text = last_act("latest__case"), last_act("current__case")
    return rows.annotate(revision=Coalesce(draft, 0), text_revision=Coalesce(text, draft, 0))


def last_act(case: str) -> Subquery:
    """The number of the last act on the case a column names."""
    acts = LedgerEntry.objects.filter(case=OuterRef(case)).order_by("-seq")
    return Subquery(acts.values("seq")[:1])


ENTRY = Statement(
    lambda actor, pk: (
        _with_revisions(visible_to(actor).select_related(*RELATED))
        .annotate(followed=Exists(follows_of(actor).filter(entry=OuterRef("pk"))))
        .filter(pk=pk)
        .order_by()
    ),
    pk=int,
)


def entry_by_code(actor: Actor, code: str) -> Entry:
    """The entry that bears a code, for ever (permanent address). Raises `NotVisible`."""
    if (entry := visible_to(actor).filter(code=code).first()) is None:
        raise NotVisible("该目录")
    return entry


def codes_of(actor: Actor, codes: Collection[str]) -> dict[str, str]:
    """Which of these codes are borne by an entry the actor may see, and its name."""
    if not codes:
        return {}
    rows = visible_to(actor).filter(code__in=codes).select_related("current", "latest")
    return {entry.code or "": entry.name for entry in rows}


def own_entry(actor: Actor, pk: int) -> Entry:
    """An entry of the actor's own body, to work on. Raises `NotVisible` or `NotYours`."""
    entry = entry_for(actor, pk)
    if entry.body_id != actor.body or not actor.has(Post.OPERATOR, Post.MANAGER):
        raise NotYours(
            "目录由提供部门的经办人编制。", article="A7", who=f"{entry.body.short_name}经办人"
        )
    return entry


def under_review(actor: Actor, pk: int) -> Version:
    """The version whose remarks and findings the actor may read: the latest for its owner and,
    once received, for the bureau. Raises `NotYours`."""
    entry = entry_for(actor, pk)
    if not _reviews(actor, entry):
        raise NotYours("审核意见由提供部门和大数据管理局查看。", article="A10", who="提供部门")
    return version_seen(actor, entry)


def version_seen(actor: Actor, entry: Entry) -> Version:
    """The youngest version of a visible entry that the actor may read: a draft is its body's own
    until the bureau received it, or entered it."""
    reviews = _reviews(actor, entry)
    own = actor.body == entry.body_id or entry.draft.reached_bureau
    return entry.draft if reviews and own else entry.text


def _reviews(actor: Actor, entry: Entry) -> bool:
    return actor.is_system or (
        (entry.body_id == actor.body or actor.bureau) and actor.has(Post.OPERATOR, Post.MANAGER)
    )


VERSION = Statement(
    lambda case: Version.objects.select_related("entry__body", "system", "case").filter(case=case),
    case=int,
)


def version_of(case: Case) -> Version:
    """The version a case is about, for those who may see the case."""
    return VERSION.one(case=case.pk)


OF_CASE = Statement(
    lambda case: Entry.objects.select_related(*RELATED).filter(versions__case=case), case=int
)


def entry_of(case: Case) -> Entry:
    """The entry a case is about, for those who may see the case."""
    return OF_CASE.one(case=case.pk)


def entries_of_body(actor: Actor) -> QuerySet[Entry]:
    """The actor's body's own entries, youngest change first, discarded ones left out."""
    if actor.body is None or not actor.has(Post.OPERATOR, Post.MANAGER):
        return Entry.objects.none()
    return (
        Entry.objects.filter(body=actor.body)
        .exclude(latest__case__state=EntryState.DISCARDED)
        .select_related(*RELATED)
        .order_by("-latest__updated_at", "-pk")
    )


BY_STATE = Statement(
    lambda actor: (
        entries_of_body(actor).order_by().values_list("latest__case__state").annotate(n=Count("pk"))
    )
)


def counts_by_state(actor: Actor) -> dict[str, int]:
    """How many of the body's own entries stand in each state."""
    return dict(BY_STATE(actor))


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


# -- a version as facts ----------------------------------------------------------------------------


GROUNDS = Statement(lambda version: LegalGround.objects.filter(version=version), version=int)


def facts_of(
    version: Version, cited: Callable[[Sequence[ItemRow]], Mapping[str, Any]] = cited
) -> EntryFacts:
    """The version as frozen facts: for checks, wording, publication, exports. Whoever asks of many
    gives what remembers the code lists and standards items cite."""
    bodies = organizations.body_names(version.named_bodies) if version.named_bodies else {}
    rows = prefetched(version, "grounds", GROUNDS)
    kinds = ground_kind_labels() if rows else {}
    grounds = tuple(
        GroundFacts(
            kind=g.kind,
            kind_label=kinds.get(g.kind, g.kind),
            document=g.document,
            article=g.article,
            quotation=g.quotation,
            filed_on=day_of(g.filed_at) if g.filed_at else None,
        )
        for g in rows
    )
    items = items_of(version)
    apart = of_kind(Kind.SYSTEM, Kind.BODIES, Kind.ITEMS, Kind.GROUNDS)
    values: dict[str, Any] = {n: getattr(version, n) for n in ELEMENTS if n not in apart}
    return EntryFacts(
        **values,
        struck=struck_in(version, version.entry.struck),
        body=version.entry.body.short_name,
        provider_name=version.entry.body.name,
        provider_code=version.entry.body.credit_code,
        unit=version.entry.unit.name if version.entry.unit is not None else "",
        entered_by=version.entered_by,
        system=version.system.name if version.system else "",
        items=items,
        grounds=grounds,
        named_bodies=tuple(bodies.get(pk, str(pk)) for pk in version.named_bodies),
        source_table=version.entry.source_table,
        on=today(),
        **cited(items),
    )


def judged_facts_of(version: Version) -> EntryFacts:
    """The same with what is required of its body today, and by the law of its case: for checks."""
    update = asked_of(version.entry.body_id) | {"law": version.case.law}
    return facts_of(version).model_copy(update=update)


def words_of(version: Version) -> str:
    """The text a version is found by: of what it says only that is looked at which search looks
    in, and nothing is judged."""
    apart = of_kind(Kind.SYSTEM, Kind.ITEMS)
    searched = [n for n, e in ELEMENTS.items() if e.search is not None and n not in apart]
    return searchable(
        SimpleNamespace(
            **{name: getattr(version, name) for name in searched},
            unit=version.entry.unit.name if version.entry.unit is not None else "",
            system=version.system.name if version.system else "",
            items=rows_of_items(version),
        )
    )


#: facts nobody is told: what is judged by, and the owner's own affair
APART = ("on", "source_table", "code_lists", "standards")


def public(version: Version) -> dict[str, Any]:
    """What the version tells everybody who may see it, as plain data: for publication, the
    page's JSON and the API."""
    return public_of(facts_of(version))


def public_of(facts: EntryFacts) -> dict[str, Any]:
    members = facts.model_dump(mode="json")
    for name in APART:
        del members[name]
    for item in members["items"]:
        del item["suggestion"], item["declined"]
    if facts.share_class != ShareClass.NOT_SHARED:
        # left from an earlier class; who sees a class-3 entry at all may see its ground
        members["grounds"] = []
    return members


def whole(entry: Entry, version: Version | None = None) -> dict[str, Any]:
    """The entry as its readers read it, or as this version of it says, with its state: the same
    for the page's JSON and the API."""
    version = version or entry.text
    return {
        "id": entry.pk,
        "code": entry.code,
        "version": version.number or 0,
        "state": str(version.state),
        "state_label": version.state.label,
        "revision": entry.text_revision if version == entry.text else entry.revision,
        "published_at": version.published_at.isoformat() if version.published_at else None,
        "case": version.case_id,
        "body_id": entry.body_id,
        "conditions": conditions(facts_of(version)),
        "related": [
            {"code": code, "url": reverse("catalog:by_code", args=[code])}
            for code in version.related_codes
        ],
        **public(version),
    }


def whole_for(actor: Actor, entry: Entry) -> dict[str, Any]:
    """The same with what the contexts above tell this actor of it."""
    more = (panel.data for panel in panels(Place.ENTRY, actor, entry))
    return whole(entry) | {name: value for data in more for name, value in data.items()}


def findings_of(version: Version) -> list[Finding]:
    """What the rules find wrong or doubtful with the version now."""
    return check(judged_facts_of(version))


# -- review ----------------------------------------------------------------------------------------


def remarks_on(version: Version) -> list[FieldRemark]:
    """All remarks of all rounds, the latest round first."""
    return list(version.remarks.all())


def open_remarks(version: Version) -> dict[str, list[FieldRemark]]:
    """While a version is back for correction: the last round's remarks by field, to be shown
    beside it."""
    by_field: dict[str, list[FieldRemark]] = {}
    if version.state.editable:
        for remark in version.remarks.filter(round=version.round):
            by_field.setdefault(remark.field, []).append(remark)
    return by_field


def versions_at(places: Collection[tuple[int, int]]) -> dict[tuple[int, int], Version]:
    """Of entries and numbers, the published versions there are, with their items."""
    if not places:
        return {}
    entries, numbers = zip(*places, strict=True)
    rows = Version.objects.filter(entry__in=entries, number__in=numbers).prefetch_related("items")
    return {at: row for row in rows if row.number and (at := (row.entry_id, row.number)) in places}


def versions_of(actor: Actor, entry: Entry) -> QuerySet[Version]:
    """The published versions, the youngest first; those not shared for those only who see such an
    entry (`visible_to`), whatever it is now."""
    rows = entry.versions.filter(number__isnull=False).order_by("-number")
    return rows if _reviews(actor, entry) else rows.exclude(share_class=ShareClass.NOT_SHARED)


def case_facts(actor: Actor, case: Case) -> CaseFacts:
    """What the case page shows of the entry; asked for a case the actor may see."""
    rows = Version.objects.select_related("entry__body", "system", "case")
    visible = visible_to(actor).values("pk")
    if (version := rows.filter(case=case, entry__in=visible).first()) is None:
        return CaseFacts()
    entry = version.entry
    facts = {
        "entry": entry,
        "version": version,
        "facts": facts_of(version),
        "remarks": remarks_on(version),
        "secrecy": secrecy_of(version) if _reviews(actor, entry) else [],
        "reviews": reviews_of(case) if _reviews(actor, entry) else [],
        "own": entry.body_id == actor.body,
        "compiles": entry.body_id == actor.body
        or (
            version.state is EntryState.ENTERING
            and ENTERER(Post.OPERATOR) in actor.seats_in(case.parties)
        ),
        "entering": case.facts.get("entering"),
        "editable": version.state.editable,
    }
    review = reverse("catalog:review", args=[case.pk])
    unshared = version.share_class == ShareClass.NOT_SHARED
    grounds = reverse("catalog:grounds", args=[entry.pk]) if unshared else ""
    pages = {
        "edit": reverse("catalog:compile", args=[entry.pk]),
        **dict.fromkeys(("submit", "hand_over"), reverse("catalog:check", args=[entry.pk])),
        "ask_entering": reverse("work:step", args=[case.pk, "ask_entering"]),
        "add_ground": grounds,
        "drop_ground": grounds if version.grounds.exists() else "",
        **dict.fromkeys(
            ("pass_department", "return_department", "pass_bureau", "return_bureau"), review
        ),
    }
    return CaseFacts(facts, pages)
