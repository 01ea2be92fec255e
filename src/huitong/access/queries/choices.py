"""What who fills in a form, or accepts one, can choose from (A3, A20, A21)."""

from __future__ import annotations

from itertools import islice
from typing import Any

from django.db.models import Q, QuerySet

from huitong.access.rules import MONTHS, circumstances
from huitong.access.rules.personal import bases
from huitong.access.rules.stamped import checklist
from huitong.catalog import queries as catalog
from huitong.catalog.rules import DatabaseRole
from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.laws import article_words
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations
from huitong.publishing import queries as publishing
from huitong.publishing.rules import Mode, MountState
from huitong.ui.selectors import HITS, matching


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


def basis_choices(actor: Actor, case: object = None) -> list[tuple[str, str]]:
    """The legal bases of article 13 that may be named today."""
    return [
        (row.code, f"{row.label}（{row.note}）" if row.note else row.label)
        for row in bases(today())
    ]


def circumstance_choices(actor: Actor, case: object = None) -> list[tuple[str, str]]:
    """The special circumstances of A26 that may be stated today."""
    return [(row.code, f"{row.label}（{row.note}）") for row in circumstances(today())]


#: chosen in place of a circumstance that holds no more
NO_CIRCUMSTANCE = "none"


def circumstance_or_none(actor: Actor, case: object = None) -> list[tuple[str, str]]:
    """The same, where one that was stated may be taken out."""
    return [(NO_CIRCUMSTANCE, "没有特殊情况"), *circumstance_choices(actor)]


def month_choices(actor: Actor, case: object = None) -> list[tuple[int, str]]:
    return [(month, f"{month} 月") for month in MONTHS]


def find_mounts(actor: Actor, case: object, words: str) -> list[tuple[int, str]]:
    """The first mounts this body may apply for whose resource or provider the words mean: by name,
    code, pinyin or initials."""
    names = ("entry__current__name", "entry__body__short_name")
    rows = matching(_offered(actor), words, _named, *names).order_by("entry__current__name", "pk")
    admitted = (m for m in rows.iterator(HITS) if catalog.admits(m.entry, actor.body))
    return [(m.pk, _mount_label(m)) for m in islice(admitted, HITS)]


def _offered(actor: Actor) -> QuerySet[Any]:
    """The mounts of other bodies that are delivered now, to whoever prepares or submits
    applications."""
    rows = publishing.visible_to(actor).filter(state=MountState.ACTIVE)
    applies = actor.body is not None and actor.has(Post.OPERATOR, Post.MANAGER)
    return rows.exclude(entry__body=actor.body) if applies else rows.none()


def _named(word: str) -> Q:
    modes = [mode.value for mode in Mode if mode.label == word]
    return (
        Q(mode__in=modes)
        | Q(entry__current__name__icontains=word)
        | Q(entry__body__name__icontains=word)
        | Q(entry__body__short_name__icontains=word)
        | Q(entry__code__istartswith=word)
    )


def mount_names(actor: Actor, keys: list[int]) -> dict[int, str]:
    """What mounts are called, as far as this body may apply for them."""
    rows = _offered(actor).filter(pk__in=keys)
    return {m.pk: _mount_label(m) for m in rows if catalog.admits(m.entry, actor.body)}


def _mount_label(mount: Any) -> str:
    return f"{mount.entry.name}（{Mode(mount.mode).label}，{mount.entry.body.short_name}）"


def acceptance_choices(actor: Actor, case: Case | None = None) -> list[tuple[str, str]]:
    """What who accepts must have looked at: the checklist in force, with what is doubtful about
    this case's scan."""
    doubts = case.facts.get("scan_doubts", []) if case is not None else ()
    return [
        (row.key, f"{row.label}（{article_words(row.article)}）")
        for row in checklist(doubts, today())
    ]
