"""Telling the parties what came of a matter: inside the act that decides, by the platform on the
actor's behalf (A19, A23)."""

from __future__ import annotations

from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.organizations import queries as organizations
from huitong.work import actions as work
from huitong.work.rules import NoticeKind


def tell(
    actor: Actor,
    bodies: set[int | None],
    title: str,
    text: str,
    url: str,
    case: Case | None = None,
    *,
    ends: bool = True,
) -> None:
    """A notice to the operators and managers of these bodies, but for the one who acts and, when
    the case ``ends``, the one who began it: `huitong.reactions` tells that person how every case
    ends."""
    knowing = [actor.person, case.opened_by if case is not None and ends else None]
    people = organizations.people_of(pk for pk in bodies if pk is not None).exclude(
        pk__in=[pk for pk in knowing if pk is not None]
    )
    speaker = Actor.system(on_behalf_of=actor.name, via=actor.via, bureau_body=actor.bureau_body)
    if found := list(people.values_list("pk", flat=True)):
        work.notify(
            speaker,
            people=found,
            kind=NoticeKind.RESULT,
            title=title[:200],
            text=text[:1000],
            url=url,
            case=case.pk if case is not None else None,
        )
