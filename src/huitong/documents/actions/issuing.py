"""How a document comes into force and out of it: its clerk drafts, its manager publishes, repeals;
a version takes the place of the one before (A4, A7, A12, A31, A35).

The bureau and the departments do the same under different articles: the verbs are made for each
table alike.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any

from django.utils import timezone
from pydantic import Field

from huitong.documents import queries
from huitong.documents.actions.words import words
from huitong.documents.models import Document, DocumentVersion
from huitong.documents.rules import (
    KINDS,
    TABLES,
    Audience,
    DraftFacts,
    Issuer,
    cited,
    faults,
    issued_by,
)
from huitong.kernel import ledger
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.doing import note, step, was
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import day_of, today
from huitong.organizations import queries as organizations
from huitong.work.rules import Hidden

Verbs = Mapping[str, Callable[..., Any]]
#: of what a version says, what a new one begins with; what it replaced, it replaced
CARRIED = ("title", "document_number", "articles", "audience", "bodies", "wording", "file", "until")


def verbs_of(issuer: Issuer) -> Verbs:
    """The verbs of the table of this issuer, by name."""
    table = TABLES[issuer]

    @step(table)
    @words(issuer)
    def draft(actor: Actor, case: Case, **given: Any) -> Document:
        """Begin a document of the actor's own body; nobody else sees it before it is published."""
        document = Document.objects.create(body_id=actor.body, kind=_kind(issuer, given["kind"]))
        version = DocumentVersion(document=document, case=case)
        return _begun(actor, case, _fill(actor, version, given))

    @step(table)
    def revise(
        actor: Actor, case: Case, *, document: Annotated[int, Hidden(), Field(title="文件")]
    ) -> Document:
        """Begin a new version of a document in force, from what the present one says."""
        own = queries.own_document(actor, document)
        row = _held(Document.objects.select_for_update().get(pk=own.pk))
        if KINDS[row.kind] not in issued_by(issuer):
            raise Malformed({"document": "该文件不由本流程修订"}, article=table.steps[0].article)
        if row.latest is not None and row.latest.number is None and row.latest.case.is_open:
            raise AgainstRules(
                "该文件已有新版本在起草。",
                article=table.steps[0].article,
                remedy="请在该草稿上修改，或先删除它。",
            )
        values = {name: getattr(row.current, name) for name in CARRIED}
        version = DocumentVersion(document=row, case=case, **values)
        version.save()
        return _begun(actor, case, version)

    @step(table)
    @words(issuer)
    def edit(actor: Actor, case: Case, **given: Any) -> Document:
        """Change a draft: what is given takes the place of all it said before."""
        version = queries.version_of(case)
        kind = _kind(issuer, given["kind"])
        if version.document.current_id is not None and kind != version.document.kind:
            raise Malformed({"kind": "新版本不能改变文件类别"})
        was(**queries.content_of(version))
        version.document.kind = kind
        version.document.save(update_fields=["kind"])
        case.title = _fill(actor, version, given).cited_as[:300]
        return version.document

    @step(table)
    def submit(actor: Actor, case: Case) -> Document:
        """Hand the draft to the manager. Raises `Malformed` for what it lacks."""
        version = queries.version_of(case)
        _check(version)
        case.facts |= {"submitted": {"by": actor.name, "at": timezone.now().isoformat()}}
        return version.document

    @step(table)
    def discard(actor: Actor, case: Case) -> Document:
        """Give up a draft; the record stays."""
        document = queries.version_of(case).document
        document.latest = document.current
        document.save(update_fields=["latest"])
        return document

    @step(table)
    def send_back(
        actor: Actor, case: Case, *, reasons: Annotated[str, Field(title="意见", max_length=1000)]
    ) -> Document:
        """Return the draft to its clerk, with reasons."""
        return queries.version_of(case).document

    @step(table)
    def publish(actor: Actor, case: Case) -> Document:
        """Publish the draft: frozen from now on, and in force from its day. The version before it,
        and the documents it replaces, give way on that day."""
        version = queries.version_of(case)
        _check(version)
        document = _held(Document.objects.select_for_update().get(pk=version.document_id))
        former = [document.current] if document.current is not None else []
        version.document = document
        version.number = (former[0].number or 0 if former else 0) + 1
        version.published_at, version.published_by = timezone.now(), actor.name
        version.in_force = version.in_force or day_of(version.published_at)
        version.sha256 = hashlib.sha256(ledger.canonical(queries.content_of(version))).hexdigest()
        version.save()
        document.current = document.latest = version
        document.save(update_fields=["current", "latest"])
        former += _replaced(version)
        for old in former:
            VERBS[KINDS[old.document.kind].issuer]["supersede"](actor.platform, old.case)
        note(version=version.number, sha256=version.sha256)
        return document

    @step(table)
    def repeal(
        actor: Actor,
        case: Case,
        *,
        reasons: Annotated[str, Field(title="废止的理由", max_length=1000)],
        since: Annotated[
            date | None, Field(title="废止日期", description="不填即自今日起；不能早于今日。")
        ] = None,
    ) -> Document:
        """End a document from a day on: it stays readable, marked."""
        day = since or today()
        if day < today():
            raise Malformed({"since": "废止日期不能早于今日"})
        document = queries.version_of(case).document
        document.ended_from, document.ended_why = day, reasons
        document.save(update_fields=["ended_from", "ended_why"])
        note(ended_from=day)
        return document

    @step(table)
    def supersede(actor: Actor, case: Case) -> Document:
        """A newer version or document takes its place."""
        return queries.version_of(case).document

    return {
        verb.__name__: verb
        for verb in (draft, revise, edit, submit, discard, send_back, publish, repeal, supersede)
    }


# -- inside ----------------------------------------------------------------------------------------


def _kind(issuer: Issuer, code: str) -> str:
    """Raises `Malformed` for a kind this issuer does not issue."""
    if code not in {kind.code for kind in issued_by(issuer)}:
        raise Malformed({"kind": f"{issuer.label}不制发这类文件"})
    return code


def _begun(actor: Actor, case: Case, version: DocumentVersion) -> Document:
    """The draft stands on its case, whose title is its own."""
    document = version.document
    document.latest = version
    document.save(update_fields=["latest"])
    if KINDS[document.kind].issuer is Issuer.BODY:
        case.between(provider=actor.body)
    case.title = version.cited_as[:300]
    case.facts |= {"document": document.pk, "under": KINDS[document.kind].article}
    case.save()
    return document


def _fill(actor: Actor, version: DocumentVersion, given: Mapping[str, Any]) -> DocumentVersion:
    """Put what was given into a draft. Raises `Malformed`."""
    values = {name: value for name, value in given.items() if name not in ("kind", "file")}
    values["articles"] = cited(KINDS[given["kind"]], given["articles"])
    if given["audience"] != Audience.NAMED:
        values["bodies"] = []
    bodies, replaces = set(values["bodies"]), set(given["replaces"])
    if bodies - set(organizations.body_names(bodies)):
        raise Malformed({"bodies": "没有这样的部门"})
    own = {pk for pk, _ in queries.documents_to_replace(actor, version.case)}
    if replaces - own:
        raise Malformed({"replaces": "只能替代本部门现有的其他文件"})
    values |= {"bodies": sorted(bodies), "replaces": sorted(replaces), "file_id": given["file"]}
    for name, value in values.items():
        setattr(version, name, value)
    version.save()
    version.case.facts["under"] = KINDS[given["kind"]].article
    return version


def _check(version: DocumentVersion) -> None:
    """Raises `Malformed` for what keeps a draft from being published."""
    draft = DraftFacts(
        tuple(version.articles),
        version.wording,
        version.file_id is not None,
        version.audience,
        tuple(version.bodies),
        version.in_force,
        version.until,
    )
    if wrong := faults(draft, today()):
        raise Malformed(wrong, article=KINDS[version.document.kind].article)


def _held(document: Document) -> Document:
    """Raises `AgainstRules` for a document that was repealed or replaced: it has no new version."""
    if document.ended_from is not None:
        raise AgainstRules(
            f"该文件已{'由其他文件替代' if document.successor_id else '废止'}，不能再有新版本。",
            article=KINDS[document.kind].article,
            remedy="请另行起草新文件。",
        )
    return document


def _replaced(version: DocumentVersion) -> list[DocumentVersion]:
    """End the documents whose place a version takes; their versions."""
    documents = list(
        Document.objects.select_for_update(of=("self",))
        .filter(pk__in=version.replaces, ended_from=None, current__isnull=False)
        .select_related("current__case")
        .order_by("pk")
    )
    for document in documents:
        document.ended_from, document.successor = version.in_force, version.document
        document.ended_why = f"由{version.cited_as}替代"[:1000]
        document.save(update_fields=["ended_from", "successor", "ended_why"])
    return [document.current for document in documents if document.current is not None]


VERBS: Mapping[Issuer, Verbs] = {issuer: verbs_of(issuer) for issuer in Issuer}
