"""What a publication takes from running grants stays taken: a later version that allows more again
gives nothing back (A8, A11, A30)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from huitong.access import queries
from huitong.access.models import Grant
from huitong.catalog import queries as catalog
from huitong.kernel.actor import SYSTEM, Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.doing import belongs_to, note, recorded
from huitong.kernel.ledger import Entry
from huitong.scope import to_json


def narrow_with(entry: Entry, case: Case | None) -> None:
    """After a version was published, in its transaction: the running grants it touches are
    narrowed with it. Called by `kernel.doing` after every act."""
    if entry.verb != "entry.publish" or case is None:
        return
    version = catalog.version_of(case)
    if _touched(version):
        narrow_grants(Actor.system(entry.actor["name"]), version=version.pk)


@recorded("A11", SYSTEM(Post.OPERATOR), label="目录更新收窄授权", inner=True)
def narrow_grants(actor: Actor, *, version: Annotated[int, Field(title="目录版本")]) -> Any:
    """Take from the running grants of an entry what its version just published allows no more, and
    keep what became of each."""
    published = catalog.published_version(version)
    rows = _touched(published)
    locked = Grant.objects.select_for_update(of=("self",)).in_bulk([r.grant.pk for r in rows])
    for row in rows:
        if row.scope is not None:
            grant = locked[row.grant.pk]
            grant.scope = to_json(row.scope)
            grant.save(update_fields=["scope"])
    belongs_to(*(row.grant.case_id for row in rows))
    note(
        grants=[
            {"grant": row.grant.pk, "effect": row.effect.value, "lines": list(row.lines)}
            for row in rows
        ]
    )
    return published


def _touched(version: Any) -> list[queries.GrantEffect]:
    """The running grants that change, and those that give up what they had no use of before."""
    rows = queries.effects_between(catalog.version_before(version), version)
    return [
        row for row in rows if row.effect is not queries.Effect.NOTHING or row.scope is not None
    ]
