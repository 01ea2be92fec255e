"""What a doubt can be about, and how it goes on: as far as the actor may see it (A29)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from huitong.access import queries as access
from huitong.catalog import queries as catalog
from huitong.catalog.queries.updating import numbers_published_since
from huitong.kernel import manifest
from huitong.kernel.actor import CONSUMER, Actor
from huitong.kernel.case import Case
from huitong.kernel.manifest import Delivered
from huitong.kernel.procedure import AgainstRules, Malformed, NotYours
from huitong.objections.models import Objection
from huitong.objections.queries.objections import objection_for, standing
from huitong.objections.rules import again_fault
from huitong.organizations import queries as organizations
from huitong.publishing import queries as publishing


@dataclass(frozen=True)
class About:
    """What a doubt is about: the entry, narrower the resource, the grant; the doubt it goes on
    from, and the body that answered that one, where it can answer once more."""

    entry: Any
    mount: int | None = None
    grant: int | None = None
    again: Objection | None = None
    answered: Any = None

    @property
    def provider(self) -> Any:
        """The body that verifies: the one that answered before, or whose entry it is."""
        return self.answered or self.entry.body


def about(
    actor: Actor,
    *,
    entry: int | None = None,
    mount: int | None = None,
    grant: int | None = None,
    again: int | None = None,
) -> About:
    """What the actor names, the narrowest of it. Raises `NotVisible`, `NotYours`, `AgainstRules`,
    `Malformed`."""
    if again is not None:
        return _again(actor, again)
    if grant is not None:
        given = access.grant_for(actor, grant)
        if given.consumer_id != actor.body:
            raise NotYours(
                "对授权和收到的数据，由获得授权的部门提出疑义。",
                article="A29",
                who=f"{given.consumer.short_name}经办人",
            )
        of = About(given.mount.entry, given.mount_id, grant)
    elif mount is not None:
        held = publishing.mount_for(actor, mount)
        of = About(held.entry, mount)
    elif entry is not None:
        of = About(catalog.entry_for(actor, entry))
    else:
        raise Malformed({"entry": "请从目录、资源、授权或收到数据的页面提出疑义"}, article="A29")
    _check(actor, of.entry)
    return of


def _again(actor: Actor, pk: int) -> About:
    """A doubt whose answer did not settle it, once more. Raises `NotVisible`, `NotYours`,
    `AgainstRules`."""
    first = objection_for(actor, pk)
    if first.consumer_id != actor.body:
        raise NotYours(
            "由原来提出疑义的部门再次提出。",
            article="A29",
            who=f"{first.consumer.short_name}经办人",
        )
    if why := again_wrong(first):
        raise AgainstRules(f"{why}。", article="A29")
    _check(actor, first.entry)
    # merged into who asks it would verify its own doubt, ended without an heir nobody would
    answers = first.provider_id != actor.body and first.provider_id in (
        organizations.all_body_names()
    )
    answered = first.provider if answers else None
    return About(first.entry, first.mount_id, first.grant_id, first, answered)


def again_wrong(first: Objection) -> str:
    """Why this doubt cannot be raised again; empty when it can."""
    return again_fault(
        satisfied=first.satisfied,
        is_second=first.again_of_id is not None,
        raised_again=standing(Objection.objects.filter(again_of=first)).exists(),
    )


def _check(actor: Actor, entry: Any) -> None:
    """Raises `AgainstRules` for what no doubt can be raised about."""
    if entry.body_id == actor.body:
        raise AgainstRules(
            "这是本部门的数据，不用提出疑义。", article="A29", remedy="请直接更正数据或更新目录。"
        )
    if entry.current is None:
        raise AgainstRules(
            "目录尚未发布，还不能提出疑义。", article="A29", remedy="请在发布后提出。"
        )


def item_names(entry: Any) -> list[str]:
    """The information items of an entry as it is published."""
    return [item.name for item in catalog.items_of(entry.published)]


def delivered_under(actor: Actor, grant: int | None, reference: str) -> Delivered | None:
    """The delivery of this number under a grant, as its plane knows it."""
    if grant is None or not reference:
        return None
    return manifest.delivered(actor, grant, reference)


# -- choices ---------------------------------------------------------------------------------------


def other_bodies(actor: Actor, case: Case | None) -> list[tuple[int, str]]:
    """The bodies that may be the source instead: not the asker, not one's own."""
    apart = {actor.body, case.body_of(CONSUMER.name) if case is not None else None}
    return [(pk, name) for pk, name in organizations.all_body_names().items() if pk not in apart]


def bodies_to_assign(actor: Actor, case: Case | None) -> list[tuple[int, str]]:
    """The bodies a doubt can be sent to; of one that said it is not its duty, that it did."""
    if case is None:
        return []
    asker = case.body_of(CONSUMER.name)
    declined = set(Objection.objects.filter(case=case).values_list("declined", flat=True)[0])
    return [
        (pk, f"{name}（已答复不属其职责）" if pk in declined else name)
        for pk, name in organizations.all_body_names().items()
        if pk != asker
    ]


def versions_since(actor: Actor, case: Case | None) -> list[tuple[int, str]]:
    """The versions of the entry published since the doubt was raised."""
    if case is None:
        return []
    row = Objection.objects.select_related("entry").get(case=case)
    return [(number, f"第 {number} 版") for number in numbers_since(row)]


def numbers_since(row: Objection) -> list[int]:
    """Their numbers, the latest first."""
    return numbers_published_since(row.entry_id, row.reported_at)
