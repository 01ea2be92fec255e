"""Which standing documents an actor may read, and which of them hold on a day.

Who reads what (`versions_visible_to`, the only place that says so):

- a draft is its body's own business: whoever may read its case;
- a published version is read by those it is published to, by its own body and by the bureau, which
  manages the rules (A4): always by their operators and managers; only what is published to
  everybody who signs in is read by the others, too;
- old versions and repealed documents stay readable as they were, marked.

What a page or list shows of a document is the version that stands for its reader
(`standing_for`): a newer one that is scheduled changes nothing before its day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from huitong.documents.models import Document, DocumentVersion
from huitong.documents.rules import KINDS, Audience, DocumentState, Span, Standing, standing_of
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.manifest import BUSINESS, CaseFacts, Link
from huitong.kernel.procedure import NotVisible
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations
from huitong.ui.rules import question


def versions_visible_to(actor: Actor) -> QuerySet[DocumentVersion]:
    """Every version, draft or published, this actor may read."""
    drafts = Q(number=None, case__in=Case.objects.visible_to(actor).values("pk"))
    return DocumentVersion.objects.filter(drafts | _published_to(actor))


def visible_to(actor: Actor) -> QuerySet[Document]:
    """Every document of which this actor may read a published version."""
    readable = DocumentVersion.objects.filter(_published_to(actor), document=OuterRef("pk"))
    return Document.objects.filter(Exists(readable))


def _published_to(actor: Actor) -> Q:
    """The published versions this actor may read."""
    published, works = Q(number__isnull=False), actor.has(*BUSINESS)
    if actor.is_system or (actor.bureau and works):
        return published
    allowed = Q(audience=Audience.EVERYBODY) if actor.person else Q(pk=None)
    if actor.body is not None and works:
        allowed |= Q(audience=Audience.BODIES)
        allowed |= Q(audience=Audience.NAMED, bodies__contains=[actor.body])
        allowed |= Q(document__body=actor.body)
    return published & allowed


def standing_for(actor: Actor, day: date | None = None) -> QuerySet[DocumentVersion]:
    """Of each document the version that stands on a day among those the actor may read; before the
    first one's day the first."""
    day = day or today()
    readable = DocumentVersion.objects.filter(_published_to(actor))
    others = readable.filter(document=OuterRef("document"))
    earlier = others.filter(number__lt=OuterRef("number"))
    later = others.filter(number__gt=OuterRef("number"), in_force__lte=day)
    rows = readable.filter(Q(in_force__lte=day) | ~Exists(earlier)).exclude(Exists(later))
    return rows.select_related("document__body", "file")


def document_for(actor: Actor, pk: int) -> Document:
    """One published document. Raises `NotVisible`."""
    rows = visible_to(actor).select_related("body", "current")
    if (document := rows.filter(pk=pk).first()) is None:
        raise NotVisible("该文件")
    return document


def own_document(actor: Actor, pk: int) -> Document:
    """A published document of the actor's own body, to work on. Raises `NotVisible`."""
    rows = visible_to(actor).filter(body=actor.body)
    if (document := rows.select_related("latest__case", "current").filter(pk=pk).first()) is None:
        raise NotVisible("本部门的该文件")
    return document


def versions_of(actor: Actor, document: Document) -> list[DocumentVersion]:
    """The published versions the actor may read, the youngest first."""
    rows = versions_visible_to(actor).filter(document=document, number__isnull=False)
    return list(rows.select_related("document__body", "file").order_by("-number"))


def version_held_of(versions: Sequence[DocumentVersion], day: date) -> DocumentVersion:
    """Of the published versions of a document, the youngest first, the one that stands on a day;
    before the first one's day the first."""
    begun = (version for version in versions if version.span.since <= day)
    return next(begun, versions[-1])


def predecessors_of(actor: Actor, document: Document) -> list[DocumentVersion]:
    """The documents whose place it took, as far as the actor may read them."""
    return list(standing_for(actor).filter(document__successor=document).order_by("document"))


def successor_of(actor: Actor, document: Document) -> DocumentVersion | None:
    """The document that took its place, if the actor may read it."""
    return standing_for(actor).filter(document=document.successor_id).first()


def documents_by_key(keys: Iterable[int]) -> dict[int, Document]:
    """Published documents, for lists that hold only their keys and may show them."""
    return Document.objects.select_related("current").in_bulk(list(keys))


def version_for(actor: Actor, document: int, pk: int) -> DocumentVersion:
    """One version, also a draft. Raises `NotVisible`."""
    rows = versions_visible_to(actor).select_related("document__body", "file")
    if (version := rows.filter(document=document, pk=pk).first()) is None:
        raise NotVisible("该文件的这一版本")
    return version


def version_of(case: Case) -> DocumentVersion:
    """The version a case is about, for those who may see the case."""
    version = DocumentVersion.objects.select_related("document__body", "file").get(case=case)
    version.case = case
    return version


def content_of(version: DocumentVersion) -> dict[str, Any]:
    """What a version says, as its digest covers it."""
    file = version.file
    return {
        "kind": version.document.kind,
        "title": version.title,
        "document_number": version.document_number,
        "articles": version.articles,
        "audience": version.audience,
        "bodies": version.bodies,
        "wording": version.wording,
        "file": None if file is None else {"name": file.name, "sha256": file.sha256},
        "in_force": version.in_force,
        "until": version.until,
        "replaces": version.replaces,
        "number": version.number,
    }


def drafts_of_body(actor: Actor) -> QuerySet[DocumentVersion]:
    """What the actor's body is drafting."""
    if actor.body is None or not actor.has(*BUSINESS):
        return DocumentVersion.objects.none()
    rows = DocumentVersion.objects.filter(number=None, document__body=actor.body)
    return rows.exclude(case__state=DocumentState.DISCARDED).select_related("document", "case")


# -- in force --------------------------------------------------------------------------------------


def holding_on(day: date) -> QuerySet[DocumentVersion]:
    """The versions in force on a day, whoever asks: of each document the one that stands then, if
    neither it nor its document has come to an end."""
    later = DocumentVersion.objects.filter(
        document=OuterRef("document"), number__gt=OuterRef("number"), in_force__lte=day
    )
    return DocumentVersion.objects.filter(
        Q(document__ended_from=None) | Q(document__ended_from__gt=day),
        Q(until=None) | Q(until__gte=day),
        ~Exists(later),
        number__isnull=False,
        in_force__lte=day,
    )


def in_force(actor: Actor, on: date | None = None, **narrow: Any) -> QuerySet[DocumentVersion]:
    """What the actor may read of what holds on a day, today unless another is named."""
    rows = holding_on(on or today()).filter(_published_to(actor), **narrow)
    return rows.select_related("document__body", "file").order_by("title", "pk")


def on_article(actor: Actor, short: str) -> QuerySet[DocumentVersion]:
    """What is in force and names an article (A35)."""
    return in_force(actor, articles__contains=[short])


def _spans_of(documents: Iterable[int]) -> dict[int, list[Span]]:
    """The times of all published versions of these documents."""
    rows = DocumentVersion.objects.filter(document__in=documents, number__isnull=False)
    spans: dict[int, list[Span]] = {}
    columns = ("document", "number", "in_force", "until")
    for document, *span in rows.values_list(*columns).order_by("number"):
        spans.setdefault(document, []).append(Span(*span))
    return spans


def standings(versions: Iterable[DocumentVersion], on: date | None = None) -> dict[int, Standing]:
    """What each of these published versions is on a day, by its key: one query."""
    rows, day = list(versions), on or today()
    spans = _spans_of({version.document_id for version in rows})
    return {
        version.pk: standing_of(
            version.span, spans[version.document_id], day, version.document.ending
        )
        for version in rows
    }


# -- searching -------------------------------------------------------------------------------------


def search(
    actor: Actor,
    q: str = "",
    kind: str = "",
    body: int | None = None,
    article: str = "",
    on: date | None = None,
) -> QuerySet[DocumentVersion]:
    """Published documents, each as it stands for its reader, by words of title, number or text, by
    kind, issuing body and article cited, and those that hold on a day; the youngest first."""
    rows = in_force(actor, on) if on else standing_for(actor)
    for word in question(q).split():
        rows = rows.filter(
            Q(title__icontains=word)
            | Q(document_number__icontains=word)
            | Q(wording__icontains=word)
        )
    rows = rows.filter(document__kind=kind) if kind else rows
    rows = rows.filter(document__body=body) if body else rows
    rows = rows.filter(articles__contains=[article]) if article else rows
    return rows.order_by("-published_at", "-pk")


def documents_named(actor: Actor, word: str, most: int) -> list[Link]:
    """The documents one may read with this in their title or number."""
    match = Q(title__icontains=word) | Q(document_number__icontains=word)
    rows = standing_for(actor).filter(match).order_by("-published_at", "-pk")
    return [
        Link(
            version.title,
            version.document.get_absolute_url(),
            note=f"{version.document.body.short_name} {version.document.kind_row.label}",
        )
        for version in rows[:most]
    ]


def case_facts(actor: Actor, case: Case) -> CaseFacts:
    """What the page of a case shows of its document, and where its words are changed."""
    version = version_of(case)
    names = organizations.body_names(version.bodies)
    replaced = documents_by_key(version.replaces).values()
    submitted = case.facts.get("submitted")
    facts = {
        "version": version,
        "submitted": submitted and (submitted["by"], datetime.fromisoformat(submitted["at"])),
        "kind": KINDS[version.document.kind],
        "bodies": list(names.values()),
        "replaces": [row.current.cited_as for row in replaced if row.current is not None],
    }
    return CaseFacts(facts, {"edit": reverse("documents:edit", args=[case.pk])})


# -- whom one is told to ---------------------------------------------------------------------------


def readers_of(version: DocumentVersion) -> list[int]:
    """The people a version is published to: keys."""
    audience, own = version.audience, version.document.body_id
    bodies = [own, *version.bodies] if audience == Audience.NAMED else [own]
    if audience in (Audience.BODIES, Audience.EVERYBODY):
        bodies = list(organizations.all_body_names())
    posts = tuple(Post) if audience == Audience.EVERYBODY else tuple(BUSINESS)
    return organizations.keys_at([f"{body}:{post}" for body in bodies for post in posts])
