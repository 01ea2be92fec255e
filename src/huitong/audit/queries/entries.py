"""Entries of the ledger that a person may read, and the search among them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.fields.json import KeyTextTransform

from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import NotVisible, NotYours


def entries_visible_to(actor: Actor) -> QuerySet[Entry]:
    """The audit administrator reads all; others what they did themselves in the body they act
    for, or for their own account, and what was done in cases they may see: what somebody did for
    a body they have left is no longer theirs to read."""
    if is_auditor(actor):
        return Entry.objects.all()
    own = (
        Q(person=actor.person) & (Q(body=actor.body) | Q(body=None)) if actor.person else Q(pk=None)
    )
    return Entry.objects.filter(own | Q(case__in=Case.objects.visible_to(actor).values("pk")))


def entry_visible_to(actor: Actor, seq: int) -> Entry:
    """Return the entry if the actor may read it. Raises `NotVisible`."""
    if (entry := entries_visible_to(actor).filter(pk=seq).first()) is None:
        raise NotVisible("该台账条目")
    return entry


def case_visible_to(actor: Actor, pk: int) -> Case:
    """A case whose evidence this actor may ask for. Raises `NotVisible`."""
    if (case := _cases(actor).filter(pk=pk).first()) is None:
        raise NotVisible("该事项")
    return case


def case_of(actor: Actor, entry: Entry) -> Case | None:
    """The case an entry belongs to, for naming it, if this actor may see it."""
    return _cases(actor).filter(pk=entry.case).first() if entry.case is not None else None


def numbers_of(actor: Actor, entries: Iterable[Entry]) -> dict[int, str]:
    """The numbers of the cases these entries belong to, by their keys, as far as this actor may see
    them."""
    keys = {entry.case for entry in entries if entry.case is not None}
    cases = _cases(actor).filter(pk__in=keys) if keys else Case.objects.none()
    return {pk: number or "" for pk, number in cases.values_list("pk", "number")}


def _cases(actor: Actor) -> QuerySet[Case]:
    return Case.objects.all() if is_auditor(actor) else Case.objects.visible_to(actor)


def search(
    actor: Actor,
    *,
    who: str = "",
    people: bool | None = None,
    verb: str = "",
    article: str = "",
    body: int | None = None,
    case: int | None = None,
    number: str = "",
    object_type: str = "",
    object_id: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[Entry]:
    """Return the entries this actor may see that match all criteria, youngest first. ``people``:
    acts of persons, or of the platform. ``who`` finds only acts whose person one may know."""
    exact = {
        "article": article,
        "body": body,
        "case": case,
        "object_type": object_type,
        "object_id": object_id,
    }
    entries = entries_visible_to(actor).filter(
        **{name: value for name, value in exact.items() if value}
    )
    if number:
        entries = entries.filter(case__in=Case.objects.filter(number=number).values("pk"))
    if who:
        entries = entries.alias(who=KeyTextTransform("name", "actor")).filter(who=who)
        entries = entries.filter(_names_read_by(actor))
    if people is not None:
        entries = entries.filter(person__isnull=not people)
    if verb:
        entries = entries.filter(
            Q(verb=verb) | Q(verb__startswith=f"{verb}.") | Q(verb__endswith=f".{verb}")
        )
    if since:
        entries = entries.filter(at__gte=since)
    if until:
        entries = entries.filter(at__lt=until)
    return entries.order_by("-seq")


# the body index walked from one body to the next: as many steps as there are bodies, whatever the
# number of entries
BODIES = """
    WITH RECURSIVE seen(body) AS (
        (SELECT body FROM kernel_entry WHERE body IS NOT NULL ORDER BY body LIMIT 1)
        UNION ALL
        SELECT (SELECT e.body FROM kernel_entry e WHERE e.body > seen.body ORDER BY e.body LIMIT 1)
        FROM seen WHERE seen.body IS NOT NULL)
    SELECT seen.body, (SELECT e.actor ->> 'body_name' FROM kernel_entry e
                       WHERE e.body = seen.body ORDER BY e.seq DESC LIMIT 1)
    FROM seen WHERE seen.body IS NOT NULL
"""


def bodies_seen() -> list[tuple[int, str]]:
    """The bodies that have acted, under the name they last acted by."""
    with connection.cursor() as cursor:
        cursor.execute(BODIES)
        return [(body, name or f"部门 {body}") for body, name in cursor.fetchall()]


def is_auditor(actor: Actor) -> bool:
    """Whether this actor reads the whole ledger."""
    return actor.is_system or actor.has(Post.AUDIT_ADMIN)


def reads_names(actor: Actor, entry: Entry) -> bool:
    """Whether the actor may know who did this: the auditor, colleagues, and oneself. Of the
    platform's own acts everybody may."""
    return (
        is_auditor(actor)
        or entry.person is None
        or entry.person == actor.person
        or (entry.body is not None and entry.body == actor.body)
    )


def auditors_only(actor: Actor) -> None:
    """Refuse everybody but the audit administrator. Raises `NotYours`."""
    if not is_auditor(actor):
        raise NotYours("台账的封存状态与核验由审计管理员查看。", article="A28", who="审计管理员")


def _names_read_by(actor: Actor) -> Q:
    """`reads_names`, as the database is asked."""
    if is_auditor(actor):
        return Q()
    colleagues = Q(body=actor.body) if actor.body is not None else Q(pk=None)
    return Q(person=None) | Q(person=actor.person) | colleagues
