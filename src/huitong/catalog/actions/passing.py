"""When a body is followed by another, what it has in the catalog passes to the heir (A2).

Codes, versions and what the ledger says keep the old name: they are the past. Who may act from now
on is the heir.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone

from huitong.catalog import queries
from huitong.catalog.models import (
    ChangeSet,
    CodeList,
    Database,
    Datum,
    Entry,
    EntryFollow,
    InformationSystem,
    Lead,
    LeftOut,
    Standard,
    Version,
)
from huitong.kernel import vault
from huitong.kernel.actor import SYSTEM, Actor, Post
from huitong.kernel.doing import note, recorded
from huitong.organizations import queries as organizations
from huitong.organizations.rules import Heir, Predecessors, SucceededOn, free_name


@recorded("A2", SYSTEM(Post.OPERATOR), label="目录资源由承继机构接续")
def pass_on(actor: Actor, *, predecessors: Predecessors, heir: Heir, on: SucceededOn) -> None:
    """Systems, databases, code lists, standards, data they lead, entries and sets of changes of the
    predecessors become the heir's; offers made to them by name are offered to it, and who followed
    an entry in them follows it in the heir.

    Done twice it does nothing twice. A password kept for a database is bound to its body and is
    bound anew; one that can no longer be read stays as it is and must be entered again
    (``unreadable`` in the ledger).
    """
    names = organizations.body_names(predecessors)
    systems = list(InformationSystem.objects.select_for_update().filter(body__in=predecessors))
    for system in systems:
        system.name = free_name(
            set(InformationSystem.objects.filter(body=heir).values_list("name", flat=True)),
            system.name,
            names[system.body_id],
        )
        system.body_id = heir
        system.save(update_fields=["name", "body"])
    lists = list(CodeList.objects.select_for_update().filter(body__in=predecessors))
    for code_list in lists:
        code_list.name = free_name(
            set(CodeList.objects.filter(body=heir).values_list("name", flat=True)),
            code_list.name,
            names[code_list.body_id or 0],
        )
        code_list.body_id = heir
        code_list.save(update_fields=["name", "body"])
    standards = Standard.objects.filter(body__in=predecessors)
    passed = list(standards.values_list("pk", flat=True))
    standards.update(body=heir)
    databases = list(Database.objects.select_for_update().filter(body__in=predecessors))
    unreadable = [
        database.pk
        for database in databases
        if not _passed(database, heir, names[database.body_id])
    ]
    entries = list(Entry.objects.filter(body__in=predecessors).values_list("pk", flat=True))
    # the search index follows what changed
    Entry.objects.filter(pk__in=entries).update(body=heir, updated_at=timezone.now())
    LeftOut.objects.filter(body__in=predecessors).update(body=heir)
    Entry.objects.filter(unit__in=predecessors).exclude(body=heir).update(unit=heir)
    Entry.objects.filter(unit__in=predecessors).update(unit=None)  # what was below has become it
    offered = list(Version.objects.select_for_update().filter(named_bodies__overlap=predecessors))
    for version in offered:
        version.named_bodies = list(
            dict.fromkeys(heir if body in predecessors else body for body in version.named_bodies)
        )
    Version.objects.bulk_update(offered, ["named_bodies"])
    note(
        change_sets=_pass_change_sets(predecessors, heir),
        follow_count=_pass_follows(predecessors, heir),
        leads=_pass_leads(predecessors, heir, on),
        systems=[s.pk for s in systems],
        code_lists=[code_list.pk for code_list in lists],
        standards=passed,
        databases=[d.pk for d in databases],
        entries=entries,
        offered=sorted({version.entry_id for version in offered}),
        unreadable=unreadable,
    )


def _pass_follows(predecessors: list[int], heir: int) -> int:
    """Who follows an entry in the heir already goes on doing so; an entry of several is followed
    once."""
    rows = EntryFollow.objects.filter(body__in=predecessors).order_by("pk")
    there = set(EntryFollow.objects.filter(body=heir).values_list("person", "entry"))
    passing = []
    for pk, *follow in rows.values_list("pk", "person", "entry"):
        if tuple(follow) not in there:
            there.add(tuple(follow))
            passing.append(pk)
    rows.exclude(pk__in=passing).delete()
    return EntryFollow.objects.filter(pk__in=passing).update(body=heir)


def _pass_leads(predecessors: list[int], heir: int, on: date) -> list[int]:
    """The predecessor led until the day before, the heir leads from the day; what was to begin
    later begins in the heir. Returns the data."""
    rows = Lead.objects.filter(Q(until=None) | Q(until__gte=on), body__in=predecessors)
    # the data first, as whoever changes a lead does: in another order two would wait for each other
    data = Datum.objects.filter(pk__in=rows.values("datum")).order_by("pk")
    list(data.select_for_update().values_list("pk"))
    begun, passed = list[Lead](), list[int]()
    for lead in rows.select_for_update().order_by("pk"):
        if lead.in_force < on:
            begun.append(
                Lead(
                    datum_id=lead.datum_id,
                    body_id=heir,
                    basis=lead.basis,
                    in_force=on,
                    until=lead.until,
                    planned=lead.planned,
                )
            )
            lead.until = on - timedelta(1)
        else:
            lead.body_id = heir
        lead.save(update_fields=["body", "until"])
        passed.append(lead.datum_id)
    Lead.objects.bulk_create(begun)
    return sorted(set(passed))


def _pass_change_sets(predecessors: list[int], heir: int) -> list[int]:
    """Files kept for a set are bound to its body, and are bound anew; one that can no longer be
    read is given up."""
    rows = list(ChangeSet.objects.select_for_update().filter(body__in=predecessors).order_by("pk"))
    for row in rows:
        files = {name: _read(row, name) for name in ("file", "annotated")}
        row.body_id = heir
        for name, content in files.items():
            setattr(row, name, queries.sealed(row, content))
        row.save(update_fields=["body", *files])
    return [row.pk for row in rows]


def _read(row: ChangeSet, name: str) -> bytes:
    text = getattr(row, name)
    try:
        return queries.unsealed(row, text) if text else b""
    except vault.Unreadable:
        return b""


def _passed(database: Database, heir: int, former: str) -> bool:
    try:
        password = vault.decrypt(database.secret, database.secret_purpose)
    except vault.Unreadable:
        password = None
    database.name = free_name(
        set(Database.objects.filter(body=heir).values_list("name", flat=True)),
        database.name,
        former,
    )
    database.body_id = heir
    if password is not None:
        database.secret = vault.encrypt(password, database.secret_purpose)
    database.save(update_fields=["name", "body", "secret"])
    return password is not None
