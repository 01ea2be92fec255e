"""What can be done: the verbs and procedures of all contexts, as every door finds them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from pydantic import BaseModel

from huitong.kernel.actor import BUREAU, PARTIES, SYSTEM, Actor, Bodies, PartyKind, Seat
from huitong.kernel.adoption import adopted
from huitong.kernel.case import Case
from huitong.kernel.doing.given import checked
from huitong.kernel.doing.hands import other_hand
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import NotYours, Procedure, Step, in_force


@dataclass(frozen=True)
class Verb:
    """A thing that can be done, as every door sees it. ``name`` is ``kind.verb``, e.g.
    ``application.refuse``."""

    name: str
    label: str
    article: str
    given: type[BaseModel]
    run: Callable[..., Any]
    doc: str = ""
    tables: tuple[Procedure, ...] = ()
    who: tuple[Seat, ...] = ()
    #: open to everybody signed in, for acts on one's own account
    anyone: bool = False
    #: only ever part of another act, or done by one door of its own: no generic door offers it
    inner: bool = False
    #: of a recorded act: what comes of it, in the reader's words; a page has it confirmed then. Of
    #: a step the row of the table says so
    effect: str = ""
    #: of an act that does a step many times: that step, on whose grounds it rests
    grounds_of: str = ""

    @property
    def verb(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def is_step(self) -> bool:
        return bool(self.tables)

    @property
    def opening(self) -> bool:
        return any(row.opening for table in self.tables for row in table.rows(self.verb))

    @property
    def seats(self) -> tuple[Seat, ...]:
        """Whose it is: the seats of the table's rows, or those of a recorded act."""
        return tuple(row.who for table in self.tables for row in table.rows(self.verb)) or self.who

    @property
    def undoable(self) -> bool:
        """Whether a row of it can be undone for a moment."""
        return any(row.undoable for table in self.tables for row in table.rows(self.verb))

    @property
    def offered(self) -> bool:
        """Whether the generic doors (forms, API, command) have it: somebody's other than the
        platform's own."""
        return not self.inner and (
            self.anyone or any(seat.party != SYSTEM.name for seat in self.seats)
        )

    def seats_of(self, actor: Actor) -> list[Seat]:
        """Of a recorded act: the seats in which this actor may do it. Raises `NotYours`, saying
        whose it is."""
        held = [seat for seat in self.who if seat in actor.seats_in({})]
        if not held and not (self.anyone and actor.person):
            names = (
                "、".join(
                    dict.fromkeys(seat.label for seat in self.who if seat.party != SYSTEM.name)
                )
                or SYSTEM.label
            )
            raise NotYours(f"“{self.label}”由{names}办理。", article=self.article, who=names)
        return held

    def validate(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What was given, typed. Raises `Malformed` naming each field, `AgainstRules` for what
        is marked as classified (A3)."""
        return checked(self.given, given, self.article, by_people=self.offered or self.inner)


VERBS: dict[str, Verb] = {}
#: kind → its procedures, one per law
PROCEDURES: dict[str, dict[str, Procedure]] = {}
#: verb name → which reactions an entry of it calls for, by name: deferred in the same transaction,
#: none for what would find nothing to do; `huitong.reactions` fills it
REACTIONS: dict[str, Callable[[Entry, Case | None], Iterable[str]]] = {}
#: asked in the transaction of every act, before it is recorded, with what was given: `work` binds
#: attachments to the case
BINDERS: list[Callable[[Actor, Verb, Case | None, Mapping[str, Any]], None]] = []
#: called in the transaction of every act once it is recorded, with its entry and its case: `work`
#: settles the notices whose to-do is done
CLOSERS: list[Callable[[Entry, Case | None], None]] = []
#: who holds an office of the installation; `organizations` puts its register in
HOLDERS: list[Callable[[str], list[int]]] = []
#: paper → what is emptied when a step reopens it: print, scan and freeze of a form
REOPENERS: dict[str, Callable[[Case], None]] = {}


def reopener(paper: str) -> Callable[[Callable[[Case], None]], Callable[[Case], None]]:
    """Name what happens to a paper when a step of a table says that it reopens it."""

    def register(fn: Callable[[Case], None]) -> Callable[[Case], None]:
        REOPENERS[paper] = fn
        return fn

    return register


def office(actor: Actor, party: str) -> Bodies | None:
    """The body that holds an office in this installation; the list of them where several do."""
    if party == BUREAU.name:
        return actor.bureau_body
    bodies = [body for ask in HOLDERS for body in ask(party)]
    return bodies if PARTIES[party].many else next(iter(bodies), None)


def load() -> None:
    """Import every context's actions, so that `VERBS` and `PROCEDURES` are whole."""
    for context in settings.CONTEXTS:
        if find_spec(f"{context}.actions"):
            import_module(f"{context}.actions")


def procedure_of(case: Case) -> Procedure:
    """The table a case runs under: that of the law it was opened under, whatever came later
    (A36)."""
    return PROCEDURES[case.kind][case.law]


def procedure_now(kind: str, on: date) -> Procedure:
    """The table under which a case of this kind opened on a day will run."""
    return in_force(PROCEDURES[kind].values(), on, adopted(on))


def procedures_now(on: date) -> dict[str, Procedure]:
    """The table of every kind of case that can be opened on a day, as `procedure_now` finds it."""
    laws = adopted(on)
    return {
        kind: in_force(tables.values(), on, laws)
        for kind, tables in PROCEDURES.items()
        if any(table.law in laws and table.in_force <= on for table in tables.values())
    }


def seats_to_open(actor: Actor) -> frozenset[Seat]:
    """The seats from which an actor may begin a case: as any of its parties, but an office only
    where their body holds it, and the platform's never."""
    if actor.is_system:
        return actor.seats_in({})
    own = {
        name for name, party in PARTIES.items() if party.kind in (PartyKind.CASE, PartyKind.SELF)
    }
    parties = own | actor.held_offices
    return frozenset(Seat(party, post) for party in parties for post in actor.posts)


def open_to(actor: Actor, case: Case) -> list[tuple[Step, Verb]]:
    """What this actor may do with this case now: the buttons, the API's ``actions``, the
    command's help."""
    procedure = procedure_of(case)
    seats = {seat for seat in actor.seats_in(case.parties) if not other_hand(actor, case, seat)}
    return [
        (row, verb)
        for row in procedure.open_to(case.state, seats, case.facts)
        if (verb := VERBS.get(f"{case.kind}.{row.verb}")) is not None
        and verb.offered
        and not (row.joint and f"{actor.body}:{row.who.post}" not in case.awaiting)
    ]
