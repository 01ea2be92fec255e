"""Lists to choose from in the forms of documents."""

from __future__ import annotations

from huitong.documents.models import Document
from huitong.documents.rules import ARTICLES, Issuer, issued_by
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.laws import LAWS, citable, full_words


def kinds_of_bureau(actor: Actor, case: Case | None) -> list[tuple[str, str]]:
    return [(kind.code, kind.label) for kind in issued_by(Issuer.BUREAU)]


def kinds_of_bodies(actor: Actor, case: Case | None) -> list[tuple[str, str]]:
    return [(kind.code, kind.label) for kind in issued_by(Issuer.BODY)]


def articles_to_choose(actor: Actor, case: Case | None) -> list[tuple[str, str]]:
    """Every article of the laws whose text has been read, and the other laws as a whole."""
    whole = [law.mark for law in LAWS.values() if not law.articles]
    return [(short, _named(short)) for short in (*citable(), *whole)]


def _named(short: str) -> str:
    beginning = ARTICLES[short].beginning if short in ARTICLES else ""
    return f"{full_words(short)} {beginning}".strip()


def documents_to_replace(actor: Actor, case: Case | None) -> list[tuple[int, str]]:
    """The documents of the actor's own body that hold today or will."""
    rows = Document.objects.filter(body=actor.body, current__isnull=False, ended_from=None)
    if case is not None:
        rows = rows.exclude(versions__case=case)
    return [
        (document.pk, document.current.cited_as)
        for document in rows.select_related("current").order_by("current__title", "pk")
        if document.current is not None
    ]
