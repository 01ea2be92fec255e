"""The next version of a published entry (A11, A12): it begins as what is published."""

from __future__ import annotations

from typing import Annotated, Any

from django.db.models import QuerySet
from pydantic import Field

from huitong.catalog import queries
from huitong.catalog.actions.filling import stand_between
from huitong.catalog.models import Entry, Item, LegalGround, Version
from huitong.catalog.rules import (
    ELEMENTS,
    ENTRY,
    ENTRY_UNDER_DECREE,
    Entering,
    Kind,
    given,
    of_kind,
)
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.doing import note, step
from huitong.kernel.procedure import AgainstRules
from huitong.work.rules import Find

#: elements that are rows of their own
APART = of_kind(Kind.ITEMS, Kind.GROUNDS)


@step(ENTRY, ENTRY_UNDER_DECREE)
def update(
    actor: Actor,
    case: Case,
    *,
    entry: Annotated[
        int, Find(queries.find_updatable, queries.updatable_names), Field(title="目录")
    ],
    reasons: given.Reasons = "",
) -> Entry:
    """Begin the next version of a published entry of the actor's own body: it says what is
    published, until it is edited. One at a time. Raises `NotVisible`, `NotYours`, `AgainstRules`.
    """
    own = queries.own_entry(actor, entry)
    return begin_update(case, Entry.objects.filter(body=own.body_id), own.pk)


def begin_update(
    case: Case, entries: QuerySet[Entry], pk: int, entering: Entering | None = None
) -> Entry:
    """The next version of one of these entries, on its case. Raises `AgainstRules`."""
    locked = entries.select_for_update(of=("self",)).select_related("body").get(pk=pk)
    if locked.current is None:
        raise AgainstRules(
            "目录尚未发布，不必更新。", article="A11", remedy="请直接修改草稿，再提交审核。"
        )
    if locked.latest_id != locked.current_id:
        raise AgainstRules(
            f"该目录已在更新，现为“{locked.state.label}”，办结前不能另开新版本。",
            article="A11",
            remedy="请在“目录编制”中继续办理，或删除该草稿后重新开始。",
        )
    draft = copied(locked.published, case)
    stand_between(case, draft, entering)
    draft.save(update_fields=["entered_by"])
    locked.latest = draft
    locked.save(update_fields=["latest"])
    case.title = f"{'代录' if entering else ''}更新目录：{draft.name}"[:300]
    case.facts |= {"entry": locked.pk, "updates": "published"}
    case.save()
    note(updates=locked.published.number)
    if entering is not None:
        note(entered_for=locked.body_id, why=entering.reasons)
    return locked


def copied(before: Version, case: Case) -> Version:
    """A draft that says what a version says, on a case of its own."""
    elements: dict[str, Any] = {
        name: getattr(before, name)
        for name, element in ELEMENTS.items()
        if name not in APART and not element.filled_in
    }
    draft = Version.objects.create(entry=before.entry, case=case, words=before.words, **elements)
    for rows in (Item.objects.filter(version=before), LegalGround.objects.filter(version=before)):
        parts = list(rows)
        for part in parts:
            part.pk, part.version = None, draft
            if isinstance(part, LegalGround):
                part.filed_at = None  # filed again with what it stands in (A8)
        rows.model.objects.bulk_create(parts)
    return draft
