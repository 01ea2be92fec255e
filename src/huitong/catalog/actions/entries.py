"""The provider's side of an entry: draft, edit, grounds, submit, discard, publish (A7, A8, A10,
A12).

All but the last change a draft, which nobody but its body and its reviewers reads.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from django.db import transaction
from django.utils import timezone
from pydantic import Field

from huitong.catalog import queries
from huitong.catalog.models import Entry, Item, LegalGround, Version
from huitong.catalog.rules import (
    ELEMENTS,
    ENTRY,
    LONGEST,
    THEMES,
    Category,
    Extent,
    ItemRow,
    Kind,
    Overtaken,
    errors,
    given,
    irrelevant,
    of_kind,
    searchable,
)
from huitong.kernel import ledger
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.doing import keep, note, step, was
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import day_of, today
from huitong.organizations import queries as organizations
from huitong.work.rules import Cleared, Pick, check_cleared, refused, reviewed

ITEM_FIELDS = tuple(ItemRow.model_fields)
#: elements that are rows of their own
APART = of_kind(Kind.ITEMS, Kind.SYSTEM)
#: what publication writes into a version, and nothing else: an heir may be written meanwhile
PUBLISHED = ("number", "published_at", "published_by", "publish_on", "content", "sha256")


@step(ENTRY)
@given.elements
def draft(
    actor: Actor,
    case: Case,
    *,
    name: Annotated[str, Field(title="资源名称", min_length=2, max_length=120)],
    database: Annotated[int | None, Field(title="来源数据库")] = None,
    source_schema: Annotated[str, Field(title="来源模式", max_length=120)] = "",
    source_table: Annotated[str, Field(title="来源表", max_length=200)] = "",
    classified: given.Classified = False,
    **changes: Any,
) -> Entry:
    """Begin an entry of the actor's own body. Classified matter is refused and kept nowhere
    (A3)."""
    _refuse_declared(classified)
    source = queries.database_for(actor, database) if database else None
    entry = Entry.objects.create(
        body_id=actor.body, database=source, source_schema=source_schema, source_table=source_table
    )
    version = Version(entry=entry, case=case, name=name)
    case.between(provider=actor.body)
    _fill(actor, version, queries.known_of(actor, source) | _given(changes))
    entry.latest = version
    entry.save()
    case.title = f"目录：{version.name}"[:300]
    case.facts |= {"entry": entry.pk}
    case.save()
    return entry


@step(ENTRY)
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
    changes = _given(changes)
    version = queries.version_of(case)
    _refuse_declared(classified)
    if (
        revision is not None
        and (other := queries.last_edit_by_another(actor, case, changes, since=revision))
        is not None
    ):
        raise Overtaken(other.actor["name"], f"{timezone.localtime(other.at):%m-%d %H:%M}")
    was(**{name: getattr(version, name) for name in changes if name not in APART})
    _fill(actor, version, changes)
    if "items" in changes:
        note(personal=queries.personal_of(version))
    case.title = f"目录：{version.name}"[:300]
    return version.entry


@step(ENTRY)
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


@step(ENTRY)
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


@step(ENTRY)
def submit(actor: Actor, case: Case, *, cleared: Cleared) -> Entry:
    """Hand the draft to the department's manager, the secrecy review declared (A3). Every error
    of the checks stops it, each by its field (A8, A10); what changes nothing is no update."""
    check_cleared(cleared, today())
    version = queries.version_of(case)
    findings = queries.findings_of(version)
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


@step(ENTRY)
def discard(actor: Actor, case: Case, *, reasons: given.Reasons = "") -> Entry:
    """Give up a draft; the record stays."""
    entry = queries.version_of(case).entry
    if entry.current is not None:  # its body goes on from what is published
        entry.latest = entry.current
        entry.save(update_fields=["latest", "updated_at"])
    return entry


@step(ENTRY)
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


# -- inside ----------------------------------------------------------------------------------------


def _refuse_declared(classified: bool) -> None:
    """What its clerk declares classified is refused whatever it says; what is marked so, the
    kernel asks of every verb (A3)."""
    if classified:
        raise refused("已声明为涉密")


def _given(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in changes.items() if value is not None}


def _fill(actor: Actor, version: Version, changes: dict[str, Any]) -> None:
    """Put changes into a draft and keep what hangs on them: items, themes of the category, words
    for search."""
    changes = dict(changes)
    items = changes.pop("items", None)
    if "system" in changes:
        pk = changes.pop("system")
        version.system = queries.system_for(actor, pk) if pk else None
    former = version.category
    for name, value in changes.items():
        setattr(version, name, _stored(value))
    _check_category(version, former)
    _settle(actor, version, changes)
    with transaction.atomic():
        version.save()
        if items is not None:
            _replace_items(version, items)
        version.words = searchable(queries.facts_of(version))
        version.save(update_fields=["words"])


def _stored(value: Any) -> Any:
    if isinstance(value, list):
        return (
            list(dict.fromkeys(map(_stored, value)))
            if all(isinstance(v, str | int) for v in value)
            else value
        )
    return str(value.value) if hasattr(value, "value") else value


def _settle(actor: Actor, version: Version, changes: dict[str, Any]) -> None:
    """What follows from a choice: a theme category is a theme; named bodies exist; classes clear
    what cannot apply."""
    if (
        "category" in changes
        and version.category in {t.value for t in THEMES}
        and version.category not in version.themes
    ):
        version.themes = [*version.themes, version.category]
    if "named_bodies" in changes and (
        unknown := set(version.named_bodies) - set(organizations.body_names(version.named_bodies))
    ):
        raise Malformed({"named_bodies": f"没有这样的部门：{'、'.join(map(str, sorted(unknown)))}"})
    if "related_codes" in changes:
        _check_related(actor, version)
    for name, element in ELEMENTS.items():
        if element.same_as and not getattr(version, name):
            setattr(version, name, getattr(version, element.same_as))
    for name in irrelevant(version):
        if ELEMENTS[name].kind is not Kind.GROUNDS:  # taken back by their own verb
            setattr(version, name, ELEMENTS[name].otherwise or type(getattr(version, name))())


def _check_category(version: Version, former: str) -> None:
    """A category is chosen while it stands; one that ended stays where it is, until the checks ask
    for another. Raises `Malformed`."""
    category = version.category
    if category not in ("", former) and not Category(category).stands(today()):
        raise Malformed({"category": f"“{Category(category).label}”已停用，请改选"}, article="A7")


def _check_related(actor: Actor, version: Version) -> None:
    """Related resources are others, and there. Raises `Malformed`."""
    codes = version.related_codes
    if version.entry.code in codes:
        raise Malformed({"related_codes": "不必填写本资源自己的代码"})
    there = queries.codes_of(actor, codes)
    if unknown := [code for code in codes if code not in there]:
        raise Malformed({"related_codes": f"没有这样的资源代码：{'、'.join(unknown)}"})


def _replace_items(version: Version, rows: list[ItemRow]) -> None:
    """Items as given, in their order. What a scan saw in a column stays when a form sends only
    what a clerk may change."""
    scanned = {i.column: i for i in version.items.all() if i.column}
    version.items.all().delete()
    items = []
    for position, row in enumerate(rows, 1):
        values = {n: getattr(row, n) for n in ITEM_FIELDS}
        if not LONGEST[row.type]:
            values["length"] = None
        if (before := scanned.get(row.column)) is not None:
            values["column_type"] = values["column_type"] or before.column_type
            values["suggestion"] = values["suggestion"] or before.suggestion
        items.append(
            Item(version=version, position=position, **{k: _stored(v) for k, v in values.items()})
        )
    Item.objects.bulk_create(items)
