"""What follows an act in the planes and in other contexts (A2, A28, A30)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from huitong.access import actions as access
from huitong.access import queries as access_queries
from huitong.catalog import actions as catalog
from huitong.demands import actions as demands
from huitong.disputes import actions as disputes
from huitong.documents import actions as documents
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry
from huitong.objections import actions as objections
from huitong.organizations import queries as organizations
from huitong.planes.gateway import reconcile as gateway
from huitong.planes.tables.reconcile import reconcile as reconcile_tables
from huitong.publishing import queries as publishing
from huitong.publishing.rules import Mode
from huitong.reactions.kinds import does
from huitong.work import actions as work


def _of_mode(mode: Mode) -> Callable[[Entry, Case | None], bool]:
    """Whether an act is about a grant or a resource of this mode; a credential may serve any."""

    def applies(entry: Entry, case: Case | None) -> bool:
        if case is not None:
            return access_queries.grants_of_case(case).filter(mount__mode=mode).exists()
        if entry.object_type != "publishing.mount":
            return True
        return publishing.mode_of(int(entry.object_id)) == mode

    return applies


@does(_of_mode(Mode.TABLE))
def keep_tables_in_step(system: Actor, entry: Entry) -> None:
    """A grant came into force or went out of it: its table begins to be moved, or stops (A28,
    A30)."""
    reconcile_tables()


@does(_of_mode(Mode.API))
def open_or_close_the_gateway(system: Actor, entry: Entry) -> None:
    """A grant or a credential changed: the API plane learns of it at once, not at its next round
    (A28)."""
    gateway.reconcile(access_queries.mounts_touched(entry))


@does()
def pass_copies_on(system: Actor, entry: Entry) -> None:
    """A body is followed by another: who was sent a copy in it, or uploaded a file, has it in
    the heir (A2)."""
    work.pass_on(system, **_succession(entry))


@does()
def pass_resources_on(system: Actor, entry: Entry) -> None:
    """A body is followed by another: what it registered, cataloged and with it mounted becomes
    the heir's (A2)."""
    catalog.pass_on(system, **_succession(entry))


@does()
def pass_documents_on(system: Actor, entry: Entry) -> None:
    """A body is followed by another: its standing documents hold on as the heir's (A2)."""
    documents.pass_on(system, **_succession(entry))


@does()
def pass_demands_on(system: Actor, entry: Entry) -> None:
    """A body is followed by another: what it demanded and answers goes on as the heir's (A2)."""
    demands.pass_on(system, **_succession(entry))


@does()
def pass_objections_on(system: Actor, entry: Entry) -> None:
    """A body is followed by another: its doubts, and those it verifies, are the heir's (A2)."""
    objections.pass_on(system, **_succession(entry))


@does()
def pass_disputes_on(system: Actor, entry: Entry) -> None:
    """A body is followed by another: its disputes go on as the heir's (A2)."""
    disputes.pass_on(system, **_succession(entry))


@does()
def pass_uses_on(system: Actor, entry: Entry) -> None:
    """A body is followed by another: its forms, grants, systems and credentials go on as the
    heir's, without a break (A2, A26)."""
    access.pass_on(system, **_succession(entry))
    gateway.reconcile()
    reconcile_tables()


def _succession(entry: Entry) -> dict[str, Any]:
    """Who passes what to whom. An heir that has been followed itself in the meantime takes
    nothing: its own heir does."""
    heir = organizations.successor_of(int(entry.after["heir"]))
    return {"predecessors": entry.after["predecessors"], "heir": heir, "on": entry.after["on"]}
