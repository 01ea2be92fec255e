"""What who fills in a form, or accepts one, can choose from (A3, A20, A21)."""

from __future__ import annotations

from huitong.access.models import ApplicationSystem
from huitong.access.rules.stamped import checklist
from huitong.catalog import queries as catalog
from huitong.catalog.rules import DatabaseRole
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.laws import article_words
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations
from huitong.publishing import queries as publishing
from huitong.publishing.rules import Mode


def system_choices(actor: Actor, case: object = None) -> list[tuple[int, str]]:
    return (
        [(s.pk, s.name) for s in ApplicationSystem.objects.filter(body=actor.body)]
        if actor.body
        else []
    )


def duty_choices(actor: Actor, case: object = None) -> list[tuple[int, str]]:
    return (
        [
            (d.pk, d.text if d.is_confirmed else f"{d.text}（未确认）")
            for d in organizations.duties_visible_to(actor).filter(body=actor.body)
        ]
        if actor.body
        else []
    )


def matter_choices(actor: Actor, case: object = None) -> list[tuple[int, str]]:
    return (
        [(m.pk, f"{m.name}（{m.code}）") for m in organizations.matters_of(actor.body)]
        if actor.body
        else []
    )


def target_choices(actor: Actor, case: object = None) -> list[tuple[int, str]]:
    return [
        (d.pk, d.name) for d in catalog.databases_visible_to(actor).filter(role=DatabaseRole.TARGET)
    ]


def apply_choices(actor: Actor, case: object = None) -> list[tuple[int, str]]:
    """Mounts this body may apply for."""
    rows = publishing.visible_to(actor).exclude(entry__body=actor.body)
    return [
        (m.pk, f"{m.entry.name}（{Mode(m.mode).label}，{m.entry.body.short_name}）")
        for m in rows
        if actor.body and catalog.admits(m.entry, actor.body)
    ]


def acceptance_choices(actor: Actor, case: Case | None = None) -> list[tuple[str, str]]:
    """What who accepts must have looked at: the checklist in force, with what is doubtful about
    this case's scan."""
    doubts = case.facts.get("scan_doubts", []) if case is not None else ()
    return [
        (row.key, f"{row.label}（{article_words(row.article)}）")
        for row in checklist(doubts, today())
    ]
