"""The bureau enters for a department that has asked or is weak (代录), marked so (A7, A8, A10).

It only types: the draft is the department's, which may take it over at any time, and which alone
submits and reviews it. Whoever typed sits in another seat than the bureau's reviewer, and so may
not review it there (0015).
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from huitong.catalog import queries
from huitong.catalog.actions.entries import begin, refuse_declared
from huitong.catalog.actions.updating import begin_update
from huitong.catalog.models import Entry, Version
from huitong.catalog.queries import entering
from huitong.catalog.rules import ENTRY, ENTRY_UNDER_DECREE, Entering, errors, given
from huitong.catalog.rules.entering import Reasons, Request
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.doing import note, step
from huitong.work.rules import Find, Pick

Department = Annotated[
    int, Pick(entering.departments), Field(title="提供部门", description="为哪个部门代录。")
]


@step(ENTRY, ENTRY_UNDER_DECREE)
@given.elements
def enter_for(
    actor: Actor,
    case: Case,
    *,
    body: Department,
    name: Annotated[str, Field(title="资源名称", min_length=2, max_length=120)],
    reasons: Reasons,
    request: Request = "",
    classified: given.Classified = False,
    **changes: Any,
) -> Entry:
    """Begin an entry of a department in its place. Classified matter is refused and kept nowhere
    (A3)."""
    refuse_declared(classified)
    own = Entry.objects.create(body_id=entering.department_for(actor, body))
    version = Version(entry=own, case=case, name=name)
    return begin(actor, case, version, changes, entering_of(actor, reasons, request))


@step(ENTRY, ENTRY_UNDER_DECREE)
def update_for(
    actor: Actor,
    case: Case,
    *,
    entry: Annotated[
        int, Find(entering.find_updatable, entering.updatable_names), Field(title="目录")
    ],
    reasons: Reasons,
    request: Request = "",
) -> Entry:
    """Begin the next version of a department's published entry in its place (A11)."""
    provider = entering.department_for(actor, queries.entry_for(actor, entry).body_id)
    of_provider = Entry.objects.filter(body=provider)
    return begin_update(case, of_provider, entry, entering_of(actor, reasons, request))


@step(ENTRY, ENTRY_UNDER_DECREE)
def hand_over(
    actor: Actor,
    case: Case,
    *,
    reasons: Annotated[
        str,
        Field(title="给部门的说明", description="如哪些内容请部门核实或补充。", max_length=1000),
    ] = "",
) -> Entry:
    """Give the department the draft to confirm: it may change it, and submits it as its own (A8,
    A10). What the bureau does not know it may leave open."""
    version = queries.version_of(case)
    note(open=len(errors(queries.findings_of(version))))
    return version.entry


@step(ENTRY, ENTRY_UNDER_DECREE)
def take_over(actor: Actor, case: Case) -> Entry:
    """The department goes on by itself with what the bureau is entering for it (A12)."""
    return queries.entry_of(case)


@step(ENTRY, ENTRY_UNDER_DECREE)
def ask_entering(
    actor: Actor,
    case: Case,
    *,
    reasons: Annotated[str, Field(title="请其修改什么", min_length=2, max_length=1000)],
) -> Entry:
    """Give the bureau back what it entered, to go on with: a draft, or what was returned (A12)."""
    return queries.entry_of(case)


def entering_of(actor: Actor, reasons: str, request: str) -> Entering:
    """What is kept of who enters, and why."""
    return Entering(actor.body or 0, actor.body_name, actor.name, reasons, request)
