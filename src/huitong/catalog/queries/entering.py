"""What the bureau enters for departments (代录), and who may work on a draft (A7)."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from huitong.catalog.models import Entry
from huitong.catalog.queries.entries import RELATED, entry_for, own_entry
from huitong.catalog.queries.naming import entries_called
from huitong.catalog.queries.reach import visible_to
from huitong.catalog.rules import EntryState
from huitong.kernel.actor import ENTERER, Actor, Post, Seat
from huitong.kernel.case import Case
from huitong.kernel.procedure import Malformed, NotYours
from huitong.organizations import queries as organizations
from huitong.ui.selectors import HITS

SEAT = Seat(ENTERER.name, Post.OPERATOR)


def enters(actor: Actor) -> bool:
    """Whether the actor may enter for departments at all."""
    return not actor.is_system and SEAT in actor.seats_in({})


def enters_in(actor: Actor, entry: Entry) -> bool:
    """Whether it is for the actor to work on this draft in its department's place."""
    return entry.state is EntryState.ENTERING and enters(actor) and actor.body != entry.body_id


def to_compile(actor: Actor, pk: int) -> Entry:
    """An entry to work on: of the actor's own body, or one the bureau is entering for another.
    Raises `NotVisible` or `NotYours`."""
    entry = entry_for(actor, pk)
    return entry if enters_in(actor, entry) else own_entry(actor, pk)


def departments(actor: Actor, case: Case | None = None) -> list[tuple[int, str]]:
    """The bodies the actor may enter for."""
    if not enters(actor):
        return []
    rows = organizations.visible_to(actor).exclude(pk=actor.body).order_by("short_name", "pk")
    return list(rows.values_list("pk", "short_name"))


def check_enters(actor: Actor) -> None:
    """Raises `NotYours` for whoever may enter for nobody."""
    if not enters(actor):
        raise NotYours("代录由大数据管理局经办人办理。", article="A7", who=SEAT.label)


def department_for(actor: Actor, pk: int) -> int:
    """A body to enter for. Raises `NotYours`, and `Malformed` for one's own body or one that is
    no more."""
    check_enters(actor)
    if pk == actor.body:
        raise Malformed({"body": "本部门的目录请在“目录编制”中直接编制。"}, article="A7")
    if not organizations.visible_to(actor).filter(pk=pk).exists():
        raise Malformed({"body": "没有这个部门，或已撤并"}, article="A7")
    return pk


def provider_for(actor: Actor, body: int | None) -> int | None:
    """Whose entries are compiled: those of the actor's own body, or of one it enters for. Raises as
    `department_for`."""
    return actor.body if body in (None, actor.body) else department_for(actor, body or 0)


def updatable(actor: Actor) -> QuerySet[Entry]:
    """The published entries of departments that nobody is updating."""
    rows = visible_to(actor) if enters(actor) else Entry.objects.none()
    return rows.filter(current__isnull=False, latest=F("current")).exclude(body=actor.body)


def find_updatable(actor: Actor, case: object, words: str) -> list[tuple[int, str]]:
    """The first of them whose name or code the words mean."""
    rows = entries_called(updatable(actor), words)
    return _labels(rows.order_by("current__name", "pk")[:HITS])


def updatable_names(actor: Actor, keys: list[int]) -> dict[int, str]:
    """What they are called."""
    return dict(_labels(updatable(actor).filter(pk__in=keys)))


def entered(actor: Actor) -> QuerySet[Entry]:
    """The entries the bureau enters or has entered for others, what is discarded left out."""
    return (
        visible_to(actor)
        .exclude(latest__entered_by="")
        .exclude(latest__case__state=EntryState.DISCARDED)
        .select_related(*RELATED)
    )


def entries_of_other(actor: Actor, body: int | None) -> QuerySet[Entry]:
    """Of a body the actor enters for, what the actor sees: not the drafts of its own."""
    rows = visible_to(actor) if enters(actor) else Entry.objects.none()
    discarded = Q(latest__case__state=EntryState.DISCARDED)
    return rows.filter(body=body).exclude(discarded).select_related(*RELATED)


def _labels(rows: QuerySet[Entry]) -> list[tuple[int, str]]:
    return [
        (pk, f"{body}：{name}（{code}）")
        for pk, body, name, code in rows.values_list(
            "pk", "body__short_name", "current__name", "code"
        )
    ]
