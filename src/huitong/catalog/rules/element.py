"""What an element of an entry is; the elements stand in `rules.elements`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from huitong.kernel.actor import Labelled


class Section(Labelled):
    """The sections a clerk fills one after the other."""

    BASICS = "basics", "基本信息"
    ITEMS = "items", "信息项"
    SHARING = "sharing", "共享属性"
    OPENING = "opening", "开放属性"
    UPDATING = "updating", "更新与发布"
    RELATING = "relating", "检索与关联"


class Kind(Enum):
    """What an element holds."""

    TEXT = auto()
    #: several short texts
    WORDS = auto()
    #: codes of other entries
    CODES = auto()
    CHOICE = auto()
    CHOICES = auto()
    DAY = auto()
    SYSTEM = auto()
    BODIES = auto()
    ITEMS = auto()
    PARAMETERS = auto()
    #: sharing conditions with what they rest on
    TERMS = auto()
    #: given and taken back by verbs of their own
    GROUNDS = auto()


class Search(Enum):
    """What the words of an element are to somebody who searches."""

    #: an entry's own words
    OWN = auto()
    #: words it shares with others, which count less
    SHARED = auto()


@dataclass(frozen=True)
class Element:
    """One element. ``required`` by A7 for a complete entry (other conditions between elements are
    checks of their own).

    ``only_for`` names the element it hangs on and the choices of that one for which it means
    something: for others it is not asked, and is ``otherwise``. ``filled_in`` says when the
    platform itself fills it in: then nobody is asked. ``same_as`` names the element it follows
    while nobody says otherwise.

    ``shortest`` and ``longest`` count the characters of a text, the members of a list; ``each`` the
    characters of a member. ``choices`` are the values it may have. ``lines`` and ``radio`` are how
    it is drawn.
    """

    name: str
    label: str
    section: Section
    kind: Kind = Kind.TEXT
    article: str = "A7"
    required: bool = False
    only_for: tuple[str, tuple[Labelled, ...]] | None = None
    otherwise: str = ""
    filled_in: str = ""
    same_as: str = ""
    hint: str = ""
    shortest: int = 0
    longest: int = 0
    each: int = 0
    choices: tuple[Labelled, ...] = ()
    lines: int = 1
    radio: bool = False
    search: Search | None = None
