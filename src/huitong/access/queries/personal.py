"""The personal data a form asks for, what it says of their handling, and what is still missing
(个人信息保护法 第十三条、第五十五条、第五十六条)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from huitong.access.models import Application, ConsentLetter, Form
from huitong.access.queries.applications import form_applications
from huitong.access.rules.personal import IMPACT, Lack, lacking, personal, sensitive, wants_letter
from huitong.catalog import queries as catalog
from huitong.catalog.rules import ItemRow
from huitong.kernel.statements import Statement
from huitong.kernel.workdays import today
from huitong.publishing import queries as publishing
from huitong.scope import from_json

LETTERS = Statement(
    lambda form: ConsentLetter.objects.filter(form=form).select_related("attachment"), form=int
)


def personal_items(mount: Any, names: Collection[str] | None) -> tuple[ItemRow, ...]:
    """Those of a mount's items that give personal data away; ``names``: of these alone."""
    rows = publishing.shared_items(mount)
    return personal(catalog.row_of(row) for row in rows if names is None or row.name in names)


def personal_of(applications: Iterable[Application]) -> tuple[ItemRow, ...]:
    """The personal items some applications ask for, to be given or to choose rows by: a row that
    comes says of its person what it was chosen by."""
    return personal(
        item
        for a in applications
        for scope in (from_json(a.scope),)
        for item in personal_items(a.mount, {*scope.items, *scope.filtered_items})
    )


def letters_of(form: Form) -> list[Any]:
    """The letters of consent a form brings."""
    return [row.attachment for row in LETTERS(form=form.pk)] if brings_letters(form) else []


def brings_letters(form: Form) -> bool:
    """Whether the basis of a form is the consent of persons."""
    return wants_letter(form.legal_basis)


def lacks_of(form: Form) -> tuple[Lack, ...]:
    """What a form still lacks for the personal data it asks for."""
    return lacking(personal_of(form_applications(form)), form, len(letters_of(form)), today())


def item_words(items: Iterable[ItemRow]) -> list[str]:
    """Personal items in words, the sensitive ones marked so."""
    items = tuple(items)
    grave = {item.name for item in sensitive(items, today())}
    return [f"{item.name}{'（敏感）' if item.name in grave else ''}" for item in items]


def handling_of(form: Form, items: Iterable[ItemRow]) -> dict[str, Any]:
    """What pages show of the personal data in a form: the items asked for, the basis, the letters,
    the record of the impact. Empty where none are asked for and nothing is said of any."""
    items = tuple(items)
    if not items and not form.legal_basis:
        return {}
    return {
        "items": item_words(items),
        "ground": form.ground,
        "letters": letters_of(form),
        "wants_letter": brings_letters(form),
        "impact": [(title, getattr(form, name)) for name, (_, title) in IMPACT.items()],
    }


def printed_handling(form: Form) -> dict[str, Any]:
    """What the print says of it; empty on a form that says nothing, as all of those did that are
    older than the question."""
    if not form.legal_basis:
        return {}
    letters = [{"name": paper.name, "sha256": paper.sha256} for paper in letters_of(form)]
    impact = {name.removeprefix("impact_"): getattr(form, name) for name in IMPACT}
    day = form.impact_on.isoformat() if form.impact_on else ""
    written = any(impact.values())
    return {
        "ground": form.ground,
        "letters": letters,
        "impact": impact | {"by": form.impact_by, "on": day} if written else None,
    }
