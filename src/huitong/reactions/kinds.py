"""The two kinds of reactions: what tells people, and what does something."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry
from huitong.work import actions as work
from huitong.work.rules import NoticeKind


@dataclass(frozen=True)
class Message:
    """What some people are told of an act; see `work.notify`."""

    people: Iterable[int]
    kind: NoticeKind
    title: str
    text: str = ""
    url: str = ""
    case: int | None = None
    topic: str = ""
    former_address: str = ""
    #: whether the one who acted is to hear of it, too
    also_actor: bool = False


Tell = Callable[[Entry, Case | None], Iterable[Message]]


@dataclass(frozen=True)
class Reaction:
    """What follows an act. ``applies`` is asked within the act; ``do`` is done by a worker, with
    the name of the act (`doing.act_key`). ``tells``: it tells people and does nothing else, so it
    may follow a step that can be undone: nobody is told before that moment is over."""

    name: str
    do: Callable[[Actor, Entry, Case | None, str], None]
    applies: Callable[[Entry, Case | None], bool]
    tells: bool = False


def tells(compose: Tell) -> Reaction:
    """A reaction that tells people, but for the one who acted; none when there is nobody to
    tell."""

    def messages(entry: Entry, case: Case | None) -> Iterator[Message]:
        for message in compose(entry, case):
            but = None if message.also_actor else entry.person
            if people := sorted({pk for pk in message.people if pk != but}):
                yield replace(message, people=people, also_actor=False)

    def do(system: Actor, entry: Entry, case: Case | None, act: str) -> None:
        for message in messages(entry, case):
            work.notify(
                system,
                about=act,
                people=list(message.people),
                kind=message.kind,
                title=message.title[:200],
                text=message.text[:1000],
                url=message.url,
                case=message.case,
                topic=message.topic[:80],
                former_address=message.former_address,
            )

    return Reaction(compose.__name__, do, lambda entry, case: any(messages(entry, case)), True)


def does(
    applies: Callable[[Entry, Case | None], bool] = lambda entry, case: True,
) -> Callable[[Callable[[Actor, Entry], None]], Reaction]:
    """A reaction that does something, where it applies."""
    return lambda act: Reaction(
        act.__name__, lambda system, entry, case, key: act(system, entry), applies
    )
