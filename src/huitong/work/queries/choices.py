"""Lists to choose from in a case: people, bodies, grounds; and its parties by name."""

from __future__ import annotations

from huitong.kernel import doing, grounds
from huitong.kernel.actor import BUREAU, OF_BUREAU, PARTIES, SYSTEM, Actor, Seat, bodies_of
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.laws import article_words
from huitong.organizations import queries as organizations
from huitong.work.queries.cases import reads_as_party

# -- who -------------------------------------------------------------------------------------------


def people_to_hand_over_to(actor: Actor, case: Case | None) -> list[tuple[int, str]]:
    """The people at the desk where a case waits, but for its holder."""
    if case is None:
        return []
    return [(p.pk, p.name) for p in organizations.people_at(case.awaiting) if p.pk != case.holder]


def people_to_copy(actor: Actor, case: Case | None) -> list[tuple[int, str]]:
    """The people of the bodies that may read the case, to be sent a copy; none for an actor who
    reads it by a copy alone."""
    if case is None or not reads_as_party(actor, case):
        return []
    bodies = {body for body in (*case.readers, actor.body) if body is not None}
    people = organizations.people_of(bodies)
    return [(person.pk, person.name) for person in people if person.pk != actor.person]


def party_label(name: str) -> str:
    return PARTIES[name].label if name in PARTIES else name


def who_acts(seat: Seat) -> str:
    """A seat as a clerk names it. The platform acts by itself: it has no 经办人."""
    return SYSTEM.label if seat.party == SYSTEM.name else seat.label


def parties_of(case: Case) -> list[tuple[str, int]]:
    """The parties as a clerk names them: who asks, who gives, and the bureau last."""
    order = [name for name in PARTIES if name != BUREAU.name] + [BUREAU.name]
    pairs = [(party, body) for party, held in case.parties.items() for body in bodies_of(held)]
    return sorted(pairs, key=lambda pair: order.index(pair[0]) if pair[0] in order else -1)


def bureau_also(case: Case) -> list[str]:
    """The other parts the bureau has in this case, if it is a party twice: then other people act in
    each seat, and the page shows it (A17)."""
    head = case.body_of(BUREAU.name)
    return [
        party_label(name)
        for name, body in parties_of(case)
        if head is not None and body == head and name not in OF_BUREAU
    ]


def bodies_to_choose(actor: Actor, case: Case | None) -> list[tuple[int, str]]:
    """Every body valid today, in an opening without the actor's own: a list for ``Pick``
    parameters."""
    return [
        (pk, name)
        for pk, name in organizations.all_body_names().items()
        if case is not None or pk != actor.body
    ]


def choices_url(verb: str, name: str, case: Case | None) -> str:
    """The address that searches the choices of a parameter (`Find`)."""
    return reverse("work:choices", args=[verb, name], query={"case": case.pk} if case else None)


def grounds_of(verb: str, case: Case | None) -> list[grounds.DecisionGround]:
    """The grounds this verb may rest on today under the law of the case."""
    act = doing.VERBS.get(verb)
    step = act.grounds_of if act is not None else ""
    return grounds.grounds_for(step or verb, law=case.law if case is not None else "")


def grounds_to_choose(verb: str, case: Case | None) -> list[tuple[str, str]]:
    """The same to choose from, each with its article."""
    return [
        (row.code, row.label + (f"（{article_words(row.article)}）" if row.article else ""))
        for row in grounds_of(verb, case)
    ]
