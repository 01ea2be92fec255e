"""The provider's side of an entry: draft, edit, grounds, submit, discard, publish (A7, A8, A10,
A12).

All but the last change a draft, which nobody but its body and its reviewers reads.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from django.utils import timezone
from pydantic import Field

from huitong.catalog import queries
from huitong.catalog.actions.filling import APART, fill, given_of, stand_between, title_of
from huitong.catalog.models import Entry, LegalGround, Version
from huitong.catalog.rules import (
    ENTRY,
    ENTRY_UNDER_DECREE,
    Entering,
    Extent,
    Overtaken,
    errors,
    given,
)
from huitong.kernel import ledger
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.doing import keep, note, step, was
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import day_of, today
from huitong.organizations import queries as organizations
from huitong.work.rules import Cleared, Pick, check_cleared, refused, reviewed

#: what publication writes into a version, and nothing else: an heir may be written meanwhile
PUBLISHED = ("number", "published_at", "published_by", "publish_on", "content", "sha256")


@step(ENTRY, ENTRY_UNDER_DECREE)
@given.elements
def draft(
    actor: Actor,
    case: Case,
    *,
    name: Annotated[str, Field(title="资源名称", min_length=2, max_length=120)],
    database: Annotated[int | None, Field(title="来源数据库")] = None,
    source_schema: Annotated[str, Field(title="来源模式", max_length=120)] = "",
    source_table: Annotated[str, Field(title="来源表", max_length=200)] = "",
    unit: Annotated[
        int | None,
        Pick(organizations.unit_choices),
        Field(title="所属下属单位", description="资源属于下属单位的，由本部门以其名义编目。"),
    ] = None,
    classified: given.Classified = False,
    **changes: Any,
) -> Entry:
    """Begin an entry of the actor's own body, or in the name of a unit below it (A5). Classified
    matter is refused and kept nowhere (A3)."""
    refuse_declared(classified)
    if unit is not None and (unit == actor.body or not organizations.governs(actor, unit)):
        raise Malformed({"unit": "不是本部门的下属单位"}, article="A5")
    source = queries.database_for(actor, database) if database else None
    entry = Entry.objects.create(
        body_id=actor.body,
        unit_id=unit,
        database=source,
        source_schema=source_schema,
        source_table=source_table,
    )
    version = Version(entry=entry, case=case, name=name)
    return begin(actor, case, version, changes)


def begin(
    actor: Actor,
    case: Case,
    version: Version,
    changes: dict[str, Any],
    entering: Entering | None = None,
) -> Entry:
    """The first draft of an entry on its case: what the platform knows, and what was given."""
    entry = version.entry
    stand_between(case, version, entering)
    fill(actor, version, queries.known_of(actor, entry.body_id, entry.database) | given_of(changes))
    entry.latest = version
    entry.save()
    case.title, case.facts = title_of(version), case.facts | {"entry": entry.pk}
    case.save()
    if entering is not None:
        note(entered_for=entry.body_id, why=entering.reasons)
    return entry


@step(ENTRY, ENTRY_UNDER_DECREE)
@given.elements
def edit(
    actor: Actor,
    case: Case,
    *,
    classified: given.Classified = False,
    revision: given.Revision = None,
    **changes: Any,
) -> Entry:
    """Change elements of an entry: what is not given stays as it is. Items are given whole, in
    their order.

    With the ``revision`` at which it was read, it is refused (`Overtaken`) when somebody else has
    changed one of these since.
    """
    changes = given_of(changes)
    version = queries.version_of(case)
    refuse_declared(classified)
    if (
        revision is not None
        and (other := queries.last_edit_by_another(actor, case, changes, since=revision))
        is not None
    ):
        raise Overtaken(other.actor["name"], f"{timezone.localtime(other.at):%m-%d %H:%M}")
    was(**{name: getattr(version, name) for name in changes if name not in APART})
    fill(actor, version, changes)
    if "items" in changes:
        note(personal=queries.personal_of(version))
    case.title = title_of(version)
    return version.entry


@step(ENTRY, ENTRY_UNDER_DECREE)
def add_ground(
    actor: Actor,
    case: Case,
    *,
    kind: Annotated[str, Pick(queries.ground_kind_choices), Field(title="依据类别")],
    document: Annotated[
        str,
        Field(
            title="文件名称",
            description="如“中华人民共和国民法典”，不必写书名号。",
            min_length=2,
            max_length=120,
        ),
    ],
    article: Annotated[
        str, Field(title="条款", description="如“第一千一百一十条”。", min_length=1, max_length=80)
    ],
    quotation: Annotated[
        str, Field(title="原文", description="照录作为依据的条文。", min_length=4, max_length=2000)
    ],
) -> Entry:
    """Add a legal ground for not sharing; it is filed with the bureau when the department passes
    the entry on (A8)."""
    if kind not in dict(queries.ground_kind_choices(actor)):
        raise Malformed({"kind": "没有这个依据类别，或已停用"}, article="A8")
    version = queries.version_of(case)
    LegalGround.objects.create(
        version=version,
        kind=kind,
        document=document.strip("《》"),
        article=article,
        quotation=quotation,
    )
    return version.entry


@step(ENTRY, ENTRY_UNDER_DECREE)
def drop_ground(actor: Actor, case: Case, *, filing: Annotated[int, Field(title="依据")]) -> Entry:
    """Take back a ground that was entered wrongly. (``ground`` is what a decision rests on.)"""
    version = queries.version_of(case)
    if (row := version.grounds.filter(pk=filing).first()) is None:
        raise Malformed({"filing": "没有这条依据"})
    was(
        filing={
            "kind": row.kind,
            "document": row.document,
            "article": row.article,
            "quotation": row.quotation,
        }
    )
    row.delete()
    return version.entry


@step(ENTRY, ENTRY_UNDER_DECREE)
def submit(actor: Actor, case: Case, *, cleared: Cleared) -> Entry:
    """Hand the draft to the department's manager, the secrecy review declared (A3). Every error
    of the checks stops it, each by its field (A8, A10); what changes nothing is no update."""
    check_cleared(cleared, today())
    version = queries.version_of(case)
    findings = queries.all_findings_of(version)
    if wrong := errors(findings):
        raise Malformed(wrong, article="A10")
    if (extent := queries.extent_in(version)) is Extent.NONE:
        raise AgainstRules(
            "与已发布的版本没有任何不同，不必提交。",
            article="A11",
            remedy="请修改后再提交；不需要更新的，删除该草稿即可，已发布的版本不受影响。",
        )
    keep(version)
    version.round += 1
    version.save(update_fields=["round", "updated_at"])
    case.facts |= {
        "secrecy": {"declared": reviewed(actor, cleared, timezone.now())},
        "change": extent.value,
    }
    note(
        round=version.round,
        warnings=[f.rule for f in findings],
        secrecy=case.facts["secrecy"],
        personal=queries.personal_of(version),
    )
    return version.entry


@step(ENTRY, ENTRY_UNDER_DECREE)
def discard(actor: Actor, case: Case, *, reasons: given.Reasons = "") -> Entry:
    """Give up a draft; the record stays."""
    entry = queries.version_of(case).entry
    if entry.current is not None:  # its body goes on from what is published
        entry.latest = entry.current
        entry.save(update_fields=["latest", "updated_at"])
    return entry


@step(ENTRY, ENTRY_UNDER_DECREE)
def publish(actor: Actor, case: Case) -> Entry:
    """Publish the reviewed draft: frozen from now on, and what everybody reads (A10)."""
    version = queries.version_of(case)
    entry = version.entry
    number = entry.current.number or 0 if entry.current else 0
    version.number, version.published_at = number + 1, timezone.now()
    version.publish_on = day_of(version.published_at)
    version.published_by = actor.name
    version.content = ledger.plain(
        queries.public(version) | {"code": entry.code, "version": version.number}
    )
    version.sha256 = hashlib.sha256(ledger.canonical(version.content)).hexdigest()
    version.save(update_fields=[*PUBLISHED, "updated_at"])
    entry.current = entry.latest = version
    entry.save(update_fields=["current", "latest", "updated_at"])
    note(version=version.number, sha256=version.sha256)
    return entry


def refuse_declared(classified: bool) -> None:
    """What its clerk declares classified is refused whatever it says; what is marked so, the
    kernel asks of every verb (A3)."""
    if classified:
        raise refused("已声明为涉密")
