"""What a context gives to rooms that cannot import it: one typed list, registered at start.

A room imports only what lies below it, so a page of `work` cannot name what `access` shows on it. A
context therefore lists in its ``manifest.py``, as references, everything that other rooms draw or
call, and its ``apps.py`` registers the list. Nothing of it is looked for by name: a misspelt
reference fails when Django starts, and `kernel.references.verify` finds what only words can say
(addresses, templates, verbs).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import ModuleType
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from ninja import Router

from huitong.kernel import doing
from huitong.kernel.actor import Actor, Labelled, Post
from huitong.kernel.case import Case
from huitong.kernel.doing import given
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import Tone

BUSINESS = frozenset({Post.OPERATOR, Post.MANAGER})
EVERYBODY = frozenset(Post)


class Section(Labelled):
    """The sections of the menu, in the order in which they are shown."""

    WORKBENCH = "workbench", "我的事项"
    CATALOG = "catalog", "数据目录"
    SHARING = "sharing", "共享使用"
    EXCHANGE = "exchange", "交换运行"
    ADMINISTRATION = "administration", "系统管理"


@dataclass(frozen=True)
class MenuLine:
    """A line of the menu: where it stands, the name of its address, for whom it is.

    ``place`` orders the lines of a section, whichever context they come from. ``letter`` is the key
    that opens the page after ``g``; two lines one person can have never share one. ``under`` are
    pages reached from it whose addresses do not begin with its own: they light it, too.
    """

    section: Section
    place: int
    label: str
    page: str
    icon: str
    posts: frozenset[Post] = BUSINESS
    bureau: bool = False
    letter: str = ""
    under: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figure:
    """A number on the home page, and the list behind it."""

    label: str
    value: int | str
    unit: str = ""
    url: str = ""


@dataclass(frozen=True)
class Point:
    """A bar of a chart: its words, its number, and the list behind it."""

    label: str
    value: int
    url: str = ""
    tone: Tone = Tone.INFO


@dataclass(frozen=True)
class Chart:
    """A small chart. ``days``: its points follow each other in time and stand side by side;
    otherwise they are kinds of something and lie below each other."""

    title: str
    points: Sequence[Point]
    unit: str = ""
    days: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", tuple(self.points))


@dataclass(frozen=True)
class Link:
    """A line that leads to a page. ``count`` may be cut off (`work.queries.capped`)."""

    label: str
    url: str
    count: int | str | None = None
    note: str = ""


@dataclass(frozen=True)
class HomePanel:
    """What the home page shows of a context: figures, charts, and links under a title of their own.

    ``needs`` are lines that ask something of this very person and are no cases; ``troubles`` say
    what goes wrong: both stand with those of the other contexts. ``place`` orders the panels.
    Whatever sequences it is given, it holds tuples: panels alike are equal, and drawn once.
    """

    title: str = ""
    place: int = 50
    figures: Sequence[Figure] = ()
    charts: Sequence[Chart] = ()
    links: Sequence[Link] = ()
    links_title: str = ""
    needs: Sequence[Link] = ()
    troubles: Sequence[Link] = ()

    def __post_init__(self) -> None:
        for name in ("figures", "charts", "links", "needs", "troubles"):
            object.__setattr__(self, name, tuple(getattr(self, name)))


@dataclass(frozen=True)
class Finder:
    """What the palette finds of a context by a word: ``ask(actor, word, most)`` answers at once,
    whatever there is, with what the actor may see."""

    label: str
    ask: Callable[[Actor, str, int], Sequence[Link]]


class Place(StrEnum):
    """Pages that have room for panels of contexts above them, and what the panels are about."""

    #: the page of a body; about the body
    BODY = "body"
    #: the page of an entry; about the entry
    ENTRY = "entry"
    #: where a version of an entry stands beside the one before it; about the version
    VERSION = "version"
    #: the page of a mount; about the mount
    MOUNT = "mount"
    #: the page of an information system; about the system
    SYSTEM = "system"
    #: the page of a case, of whatever kind, and that of a grant, which is one; about the case
    CASE = "case"
    #: where something stands that a plane delivered: a call, a run, a file; about what was
    #: `Delivered`
    DELIVERY = "delivery"


@dataclass(frozen=True)
class Panel:
    """A part of another context's page: a template, the facts it shows as ``panel``, and what of
    them stands in the same page's JSON."""

    template: str
    facts: Mapping[str, Any]
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Panels:
    """Draws panels in a place. ``ask(actor, what the place is about)`` returns them."""

    place: Place
    ask: Callable[[Actor, Any], Sequence[Panel]]


@dataclass(frozen=True)
class Delivered:
    """Something a plane delivered under a grant, by the number people name it by: the request id of
    a call, the key of a run, the checksum of a file. ``consumer`` is the body that received it."""

    plane: str
    grant: int
    consumer: int
    reference: str
    at: datetime | None = None


@dataclass(frozen=True)
class Uses:
    """How much the entries of the catalog are used, as a context above it knows: ``number()`` is an
    expression over a query of entries, ``changed(since)`` are the keys of those whose number may
    have changed since then."""

    number: Callable[[], Any]
    changed: Callable[[datetime], Iterable[int]]


@dataclass(frozen=True)
class CaseFacts:
    """What the page of a case shows of its context.

    ``facts`` are what the template sees under this name. ``pages`` maps a step to the address of
    a page of its own; an empty address means that the step is not offered now.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    pages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CasePage:
    """How a context shows its cases of one kind, beyond what their procedure says.

    ``openings`` maps an opening verb to the name of the address where such a case is begun; an
    empty name means that it is never begun by hand. Verbs not named have the generic form.
    """

    kind: str
    facts: Callable[[Actor, Case], CaseFacts] | None = None
    template: str = ""
    openings: Mapping[str, str] = field(default_factory=dict)


class EventKind(Labelled):
    """The kinds of what happens in a case, by which its record can be narrowed."""

    STEP = "step", "办理环节"
    ACT = "act", "其他操作"
    PAPER = "paper", "材料"
    NOTICE = "notice", "催办、预警、抄送"
    DELIVERY = "delivery", "数据交付"
    COMMENT = "comment", "交流"


@dataclass(frozen=True)
class Event:
    """Something that happened in a case beside the acts in its ledger: a paper made, a delivery.

    ``files`` and ``links`` are pairs of label and address, of what the reader may have; ``state``
    is ``done`` or, of what went wrong, ``stopped``.
    """

    kind: EventKind
    at: datetime
    title: str
    text: str = ""
    actor: str = ""
    body: str = ""
    state: str = "done"
    files: Sequence[tuple[str, str]] = ()
    links: Sequence[tuple[str, str]] = ()


#: ``ask(actor, case, before, most)`` returns the latest events before a moment, at most so many,
#: in one query, as far as the actor may see them
Events = Callable[[Actor, Case, "datetime | None", int], Iterable[Event]]


@dataclass(frozen=True)
class Evidence:
    """What a context adds to the evidence package of a case (A34).

    ``related`` returns further objects that belong to the case, as pairs of lower-case model
    label and key; ``attached`` returns further files, as name and content.
    """

    related: Sequence[Callable[[Case], Iterable[tuple[str, str]]]] = ()
    attached: Sequence[Callable[[Case], Iterable[tuple[str, Iterable[bytes]]]]] = ()


#: ``ask(actor, grant, reference)`` returns the delivery of that number under a grant, None for one
#: that was none or that the actor may not see
Deliveries = Callable[[Actor, int, str], Delivered | None]
Binder = Callable[[Actor, doing.Verb, Case | None, Mapping[str, Any]], None]
Closer = Callable[[Entry, Case | None], None]
Guard = Callable[[str, Iterator[str]], None]


@dataclass(frozen=True)
class Manifest:
    """Everything other rooms need of one context.

    ``urls`` is its module of addresses, ``routes`` its reads for the API, ``jobs`` the module of
    its jobs. ``events`` are what it adds to the record of a case. ``binders`` are called in the
    transaction of every act, before it is recorded, ``closers`` once it is; ``holders`` names
    bodies that hold an office of the installation; ``bulk`` acts over several to-dos; ``guards``
    are asked of every text given to a verb. ``acts``: recorded verbs one begins by hand → pages.
    ``uses`` are by how much it makes the entries of the catalog used; ``deliveries`` finds what it
    delivered by number.
    """

    context: str
    urls: ModuleType | None = None
    routes: Router | None = None
    jobs: ModuleType | None = None
    menu: Sequence[MenuLine] = ()
    cases: Sequence[CasePage] = ()
    home: Callable[[Actor], Sequence[HomePanel]] | None = None
    finders: Sequence[Finder] = ()
    acts: Mapping[str, str] = field(default_factory=dict)
    panels: Sequence[Panels] = ()
    events: Mapping[EventKind, Events] = field(default_factory=dict)
    evidence: Evidence = field(default_factory=Evidence)
    binders: Sequence[Binder] = ()
    closers: Sequence[Closer] = ()
    holders: Callable[[str], list[int]] | None = None
    bulk: Callable[[Actor], Sequence[Any]] | None = None
    guards: Sequence[Guard] = ()
    uses: Uses | None = None
    deliveries: Deliveries | None = None


#: context → its manifest, in the order of the installed applications
MANIFESTS: dict[str, Manifest] = {}
_case_pages: dict[str, CasePage] = {}


def register(manifest: Manifest) -> None:
    """Take a context's manifest, in its application's ``ready``. Raises `ImproperlyConfigured`
    for a second one of the same context or a second page for the same kind of case."""
    if manifest.context in MANIFESTS:
        raise ImproperlyConfigured(f"{manifest.context} registers two manifests")
    for page in manifest.cases:
        if page.kind in _case_pages:
            raise ImproperlyConfigured(f"{manifest.context}: {page.kind} has a case page already")
    MANIFESTS[manifest.context] = manifest
    _case_pages.update({page.kind: page for page in manifest.cases})
    doing.BINDERS.extend(manifest.binders)
    doing.CLOSERS.extend(manifest.closers)
    doing.HOLDERS.extend([manifest.holders] if manifest.holders else [])
    given.GUARDS.extend(manifest.guards)


def case_page(kind: str) -> CasePage:
    """How cases of this kind are shown; a kind without a page of its own gets the generic one."""
    return _case_pages.get(kind) or CasePage(kind)


def menu() -> list[MenuLine]:
    """The lines of all contexts, section by section."""
    order = list(Section)
    lines = (line for manifest in MANIFESTS.values() for line in manifest.menu)
    return sorted(lines, key=lambda line: (order.index(line.section), line.place))


def home_panels(actor: Actor) -> list[HomePanel]:
    """What the contexts show this actor on the home page."""
    given = (panel for m in MANIFESTS.values() if m.home is not None for panel in m.home(actor))
    return sorted(given, key=lambda panel: panel.place)


def acts() -> dict[str, str]:
    """The recorded verbs one begins by hand, and the names of their pages."""
    return {verb: page for m in MANIFESTS.values() for verb, page in m.acts.items()}


def finders() -> list[Finder]:
    """What can be found by a word, context by context."""
    return [finder for manifest in MANIFESTS.values() for finder in manifest.finders]


def panels(place: Place, actor: Actor, about: Any) -> list[Panel]:
    """What the contexts above show on a page of another context."""
    return [
        panel
        for manifest in MANIFESTS.values()
        for panels in manifest.panels
        if panels.place == place
        for panel in panels.ask(actor, about)
    ]


def events(
    actor: Actor, case: Case, kind: EventKind | None, before: datetime | None, most: int
) -> list[Event]:
    """What the contexts above add to the record of a case: of one kind, or of all."""
    return [
        event
        for manifest in MANIFESTS.values()
        for of, ask in manifest.events.items()
        if kind in (None, of)
        for event in ask(actor, case, before, most)
    ]


def delivered(actor: Actor, grant: int, reference: str) -> Delivered | None:
    """The delivery of this number under a grant, whichever plane made it."""
    planes = (m.deliveries for m in MANIFESTS.values() if m.deliveries is not None)
    return next((one for ask in planes if (one := ask(actor, grant, reference)) is not None), None)


def uses() -> list[Uses]:
    return [manifest.uses for manifest in MANIFESTS.values() if manifest.uses is not None]


def evidence() -> list[Evidence]:
    return [manifest.evidence for manifest in MANIFESTS.values()]
