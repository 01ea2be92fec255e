"""What pages show of doubts: that of a doubt, and those it can be raised from (A29)."""

from __future__ import annotations

from typing import Any

from huitong.access.rules import PLANES
from huitong.kernel.actor import CONSUMER, Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.manifest import CaseFacts, Delivered, Figure, HomePanel, Link, Panel
from huitong.kernel.statements import Statement
from huitong.kernel.workdays import today
from huitong.objections.models import Objection
from huitong.objections.queries.objections import (
    correction_of,
    every,
    files_named,
    may_look,
    may_report,
    open_about,
    owed,
    raised,
    related_to,
    visible_to,
)
from huitong.objections.queries.reporting import again_wrong
from huitong.objections.rules import Doubt, Finding, S, Satisfaction
from huitong.organizations import queries as organizations
from huitong.work import queries as work

IN_CASE = Statement(lambda actor, case: visible_to(actor).filter(case=case), case=int)


def objection_facts(actor: Actor, case: Case) -> CaseFacts:
    """What the case page shows of a doubt; asked for a case the actor may see."""
    if not (rows := IN_CASE(actor, case=case.pk)):
        return CaseFacts()
    row: Objection = rows[0]
    asks = row.consumer_id == actor.body != row.entry.body_id and may_report(actor)
    others = related_to(actor, [row])
    again = asks and not case.is_open and not again_wrong(row)
    facts: dict[str, Any] = {
        "objection": row,
        "kind": Doubt(row.kind).label,
        "right_body": _right_body(case) if row.provider_id is None else "",
        "finding": Finding(row.finding) if row.finding else None,
        "verdict": Satisfaction.of(row.satisfied),
        "corrected": correction_of(actor, row),
        "plane": PLANES.get(row.plane, ""),
        "files": files_named(actor, row.files),
        "looks": bool(row.held) and may_look(actor, case),
        "again": reverse("objections:new", query={"again": row.pk}) if again else "",
        "before": others.pop(row.again_of_id or 0, None),
        "next": next(iter(others.values()), None),
    }
    return CaseFacts(facts)


def _right_body(case: Case) -> str:
    """Whom the body that sent the doubt back names as the source of the data."""
    named = case.facts.get("right_body")
    return organizations.body_names([named])[named] if named else ""


# -- where a doubt is raised -----------------------------------------------------------------------


def entry_panels(actor: Actor, entry: Any) -> list[Panel]:
    """On the page of a published entry: the running doubts about it that one may see, and the door
    to raise one."""
    if not entry.is_published or not actor.has(Post.OPERATOR, Post.MANAGER):
        return []
    door = may_report(actor) and entry.body_id != actor.body
    running = open_about(actor, entry.pk)
    rows = [
        {"objection": row, "kind": Doubt(row.kind).label, "state": S(row.case.state)}
        for row in running
    ]
    if not (rows or door):
        return []
    url = reverse("objections:new", query={"entry": entry.pk}) if door else ""
    data = {"doubts": [{"id": row.pk, "state": row.case.state} for row in running]}
    return [Panel("objections/entry_panel.html", {"rows": rows, "door": url}, data)]


def mount_panels(actor: Actor, mount: Any) -> list[Panel]:
    """On the page of a resource of another body: the door to raise a doubt about it."""
    if not may_report(actor) or mount.entry.body_id == actor.body:
        return []
    return [_door(mount=mount.pk)]


def case_panels(actor: Actor, case: Case) -> list[Panel]:
    """On the page of a grant of the actor's body, running or past: the door."""
    grant = case.facts.get("grant")
    if case.kind != "grant" or not may_report(actor) or case.body_of(CONSUMER.name) != actor.body:
        return []
    return [_door(grant=grant)] if grant is not None else []


def delivery_panels(actor: Actor, delivered: Delivered) -> list[Panel]:
    """Beside what a plane delivered to the actor's body: the door, its number filled in."""
    if not may_report(actor) or delivered.consumer != actor.body:
        return []
    url = reverse(
        "objections:new",
        query={"kind": "content", "grant": delivered.grant, "delivery": delivered.reference},
    )
    return [Panel("objections/delivery_panel.html", {"door": url, "of": delivered.reference})]


def _door(**about: int) -> Panel:
    return Panel("objections/door_panel.html", {"door": reverse("objections:new", query=about)})


# -- home ------------------------------------------------------------------------------------------


def _counted(actor: Actor) -> list[Any]:
    return [
        raised(actor).filter(case__closed_at=None),
        raised(actor).filter(case__state=S.ANSWERED),
        owed(actor),
        owed(actor).filter(case__due_on__lt=today()),
        every(actor).filter(case__state=S.TO_ASSIGN),
    ]


COUNTS = Statement(lambda actor: work.counting(_counted(actor)))


def home_panels(actor: Actor) -> list[HomePanel]:
    """To a department: its doubts, and those it has to verify; to the bureau: those to be sent
    on."""
    if actor.body is None or not actor.has(Post.OPERATOR, Post.MANAGER):
        return []
    [(own, answered, owing, late, waiting)] = COUNTS(actor)
    if not (own or owing or waiting):
        return []
    figures = [
        Figure("本部门提出的疑义", own, "件", _list("mine", state="open")),
        Figure("待本部门校核或更正", owing, "件", _list("asked", state="owed")),
    ]
    if answered:
        figures.append(
            Figure("已答复，待评价", answered, "件", _list("mine", state=S.ANSWERED.value))
        )
    if actor.bureau:
        waits = _list("all", state=S.TO_ASSIGN.value)
        figures.append(Figure("待转交的疑义", waiting, "件", waits))
    note = "对有疑义的数据应及时校核，确有错误的应及时更正（实施细则第二十九条）"
    troubles = [Link("超期未校核的疑义", _list("asked", state="late"), late, note)] if late else []
    return [HomePanel("疑义校核", 27, figures, troubles=troubles)]


def _list(tab: str, **more: str) -> str:
    return reverse("objections:objections", query={"tab": tab, **more})
