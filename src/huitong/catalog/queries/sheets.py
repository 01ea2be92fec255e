"""Entries for a workbook, and the sets of changes that came of workbooks (A7, A12)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Count, Max, Prefetch, Q, QuerySet
from django.utils import timezone

from huitong.catalog.models import ChangeSet, Entry, EntryChange, Item, Version
from huitong.catalog.queries.entering import enters, entries_of_other
from huitong.catalog.queries.entries import entries_of_body, last_act
from huitong.catalog.queries.grounds import ground_kind_choices
from huitong.catalog.queries.items import values_of_item
from huitong.catalog.queries.standards import list_choices, standard_choices, words_of_choices
from huitong.catalog.queries.systems import systems_of
from huitong.catalog.rules import ELEMENTS, Kind, editable_to
from huitong.catalog.rules.sheets import Edit, SetState, StoredEntry, What
from huitong.kernel import vault
from huitong.kernel.actor import ENTERER, PROVIDER, Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.ledger import plain
from huitong.kernel.procedure import NotVisible
from huitong.organizations import queries as organizations

GROUND_FIELDS = ("kind", "document", "article", "quotation")
#: what else gives or takes an element, beside the edit that names it
GIVES = {"entry.add_ground": {"grounds"}, "entry.drop_ground": {"grounds"}}


def stored_entries(
    actor: Actor, keys: Collection[int] | None = None, body: int | None = None
) -> list[StoredEntry]:
    """The body's own entries as a workbook shows them, by key: all that are not discarded; of
    another ``body`` those the bureau sees, which enters for it."""
    rows = _entries(actor, body).order_by("pk")
    rows = rows if keys is None else rows.filter(pk__in=keys)
    items = Prefetch("latest__items", queryset=Item.objects.order_by("position"))
    entries = rows.prefetch_related(items, "latest__grounds")
    states = editable_to(PROVIDER if body in (None, actor.body) else ENTERER)
    return [_stored(entry, states) for entry in entries.annotate(mark=last_act("latest__case"))]


def _entries(actor: Actor, body: int | None) -> QuerySet[Entry]:
    return entries_of_body(actor) if body in (None, actor.body) else entries_of_other(actor, body)


def _stored(entry: Entry, editable: Collection[str]) -> StoredEntry:
    return StoredEntry(
        entry.pk,
        entry.case_id,
        entry.code or "",
        entry.state.label,
        entry.mark or 0,
        values_of(entry.draft),
        entry.state in editable,
        entry.case.law,
        entry.struck,
    )


def values_of(version: Version) -> dict[str, Any]:
    """What a version says, by element, as a verb would be given it; items and grounds with
    everything kept of them."""
    values: dict[str, Any] = {}
    for name, element in ELEMENTS.items():
        match element.kind:
            case Kind.SYSTEM:
                values[name] = version.system_id or ""
            case Kind.ITEMS:
                values[name] = [values_of_item(row) for row in version.items.all()]
            case Kind.GROUNDS:
                rows = version.grounds.all()
                values[name] = [{n: getattr(row, n) for n in GROUND_FIELDS} for row in rows]
            case _:
                values[name] = getattr(version, name)
    return values


def names_for_workbook(
    actor: Actor, body: int | None = None
) -> tuple[
    dict[str, int], dict[str, int], dict[str, int], dict[str, str], dict[str, str], dict[str, str]
]:
    """What the actor's body, or another it enters for, can name in a workbook: its systems, other
    bodies, these in full, the kinds of legal grounds, code lists and standards with what else they
    are called."""
    own = body or actor.body or 0
    others = organizations.visible_to(actor).exclude(pk=own).order_by("short_name", "pk")
    bodies = list(others.values_list("short_name", "name", "pk"))
    return (
        dict(systems_of(own).order_by("name").values_list("name", "pk")),
        {short: pk for short, _, pk in bodies},
        {name: pk for _, name, pk in bodies},
        {label: code for code, label in ground_kind_choices(actor)},
        words_of_choices(list_choices(None)),
        words_of_choices(standard_choices(None)),
    )


def edits_since(actor: Actor, marks: Collection[tuple[int, int]]) -> dict[int, list[Edit]]:
    """Of entries and the act at which each was read: the edits since, the first one first."""
    since = dict(marks)
    cases = dict(Version.objects.filter(entry__in=since).values_list("case", "entry"))
    later = LedgerEntry.objects.filter(
        case__in=cases, verb__in=["entry.edit", *GIVES], seq__gt=min(since.values(), default=0)
    )
    edits: dict[int, list[Edit]] = {}
    for row in later.order_by("seq") if since else ():
        entry = cases[row.case or 0]
        if row.seq > since[entry]:
            given = {n for n, value in row.after.get("given", {}).items() if value is not None}
            elements = frozenset(GIVES.get(row.verb, given))
            when = f"{timezone.localtime(row.at):%m-%d %H:%M}"
            own = row.person == actor.person
            before = {n: v for n, v in row.before.items() if n in elements}
            edits.setdefault(entry, []).append(Edit(row.actor["name"], when, elements, before, own))
    return edits


def names_of_body(actor: Actor, body: int) -> dict[int, str]:
    """What a body's entries, as far as the actor compiles them, are called in their latest version,
    by key."""
    return dict(_entries(actor, body).order_by().values_list("pk", "latest__name"))


def last_acts(cases: Iterable[int]) -> dict[int, int]:
    """The number of the last act on each of these cases."""
    rows = LedgerEntry.objects.filter(case__in=list(cases)).order_by().values_list("case")
    return {case or 0: seq for case, seq in rows.annotate(last=Max("seq"))}


# -- sets of changes -------------------------------------------------------------------------------


def change_sets_visible_to(actor: Actor) -> QuerySet[ChangeSet]:
    """A body's operators and managers see its sets; the bureau's see those that have written an
    entry whose case has reached them (A10), and those it handed in for others (代录)."""
    rows = ChangeSet.objects.defer("file", "annotated")
    if actor.is_system:
        return rows
    if actor.body is None or not actor.has(Post.OPERATOR, Post.MANAGER):
        return rows.none()
    allowed = Q(body=actor.body)
    if actor.bureau:
        reached = EntryChange.objects.filter(_reached(actor)).order_by()
        allowed |= Q(state=SetState.APPLIED, pk__in=reached.values("changes"))
        allowed |= ~Q(entered_by="")
    return rows.filter(allowed)


def _own(actor: Actor) -> Q:
    """The sets an actor sees whole: those of its body, and those the bureau handed in."""
    return Q(body=actor.body) | ~Q(entered_by="") if enters(actor) else Q(body=actor.body)


def handles(actor: Actor, changes: ChangeSet) -> bool:
    """Whether a set is the actor's to apply, undo or give up, and its file theirs to read: of its
    body, or of the bureau where it handed it in."""
    return enters(actor) if changes.entered_by else changes.body_id == actor.body


def change_set_for(actor: Actor, pk: int) -> ChangeSet:
    """Raises `NotVisible`."""
    if (row := change_sets_visible_to(actor).select_related("body").filter(pk=pk).first()) is None:
        raise NotVisible("该变更集")
    return row


def change_sets(actor: Actor) -> QuerySet[ChangeSet]:
    """The sets an actor sees, each with what it does: ``new``, ``changed``, ``conflicts``."""
    visible = None if actor.is_system else _own(actor) | _reached(actor, "rows__")
    return change_sets_visible_to(actor).annotate(
        new=_count(What.NEW, visible),
        changed=_count(What.CHANGED, visible),
        conflicts=_count(What.CONFLICT, visible),
    )


def counts_of(actor: Actor, changes: ChangeSet) -> dict[str, int]:
    """How many entries a set adds, changes, or would have changed, of those the actor sees."""
    visible = changes_of(actor, changes).order_by().values_list("what")
    rows = dict(visible.annotate(n=Count("pk")))
    return {str(what): rows.get(what, 0) for what in What}


def _count(what: What, visible: Q | None) -> Count:
    own = Q(rows__what=what)
    return Count("rows", filter=own if visible is None else own & visible)


def _reached(actor: Actor, rows: str = "") -> Q:
    """What others than its body see of a set: what it has written, whose case they see."""
    cases = Case.objects.visible_to(actor).values("pk")
    return Q(**{f"{rows}case__in": cases}) & ~Q(**{f"{rows}what": What.CONFLICT})


def change_set_choices(actor: Actor, case: Case | None = None) -> list[tuple[int, str]]:
    rows = change_sets_visible_to(actor).order_by("-pk")[:100]
    return [(row.pk, f"{row.name}（{row.get_state_display()}）") for row in rows]


def changes_of(actor: Actor, changes: ChangeSet) -> QuerySet[EntryChange]:
    """What a set does, entry by entry; to others than its body what they may see of it."""
    rows = changes.rows.select_related("case")
    if not (actor.is_system or actor.body == changes.body_id or handles(actor, changes)):
        rows = rows.filter(_reached(actor))
    return rows


def written(actor: Actor, changes: ChangeSet) -> QuerySet[EntryChange]:
    """What a set has written, as far as the actor sees it: nothing before it is applied or after
    it is undone, and never what was in conflict."""
    rows = changes_of(actor, changes).exclude(what=What.CONFLICT).exclude(case=None)
    return rows.order_by("row", "pk") if changes.state == SetState.APPLIED else rows.none()


def states_of(actor: Actor, changes: ChangeSet) -> dict[str, int]:
    """How many of the cases a set has written stand in each state."""
    rows = written(actor, changes).order_by().values_list("case__state")
    return dict(rows.annotate(n=Count("pk")))


def old_codes(actor: Actor, changes: ChangeSet) -> QuerySet[EntryChange]:
    """The entries of an old catalog in a set that have no code yet, and the codes they had."""
    return written(actor, changes).exclude(code="").filter(entry__code=None)


def annotated_copy(actor: Actor, pk: int) -> tuple[str, bytes]:
    """The clerk's own file with its faults, of those who handle it. Raises `NotVisible`."""
    row = ChangeSet.objects.filter(pk=pk).first()
    shut = row is None or not row.annotated or not handles(actor, row)
    if shut or not actor.has(Post.OPERATOR, Post.MANAGER):
        raise NotVisible("该文件")
    return row.name, unsealed(row, row.annotated)


def sealed(changes: ChangeSet, content: bytes) -> str:
    """A file of a set as it is kept."""
    return vault.encrypt(content.decode("latin-1"), changes.purpose) if content else ""


def unsealed(changes: ChangeSet, text: str) -> bytes:
    """A kept file again. Raises `vault.Unreadable`."""
    return vault.decrypt(text, changes.purpose).encode("latin-1")


def as_column(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a change gives, as a column keeps it."""
    return dict(plain(dict(values)))
