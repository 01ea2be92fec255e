"""The states of a kind of case, and what each says of the case that is in it.

A state is a row with properties. Pages, lists and the kernel ask the row; nobody keeps a list of
states of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Self

from huitong.kernel.actor import Labelled


class Tone(StrEnum):
    """How a state looks on pages: the kinds of ``<c-tag>``."""

    NEUTRAL = "neutral"
    INFO = "info"
    WARNING = "warning"
    SUCCESS = "success"
    DANGER = "danger"


class End(Labelled):
    """How a case came to rest. Every kind but ``RUNNING_ON`` closes it."""

    GRANTED = "granted", "已同意"
    REFUSED = "refused", "未同意"
    WITHDRAWN = "withdrawn", "已撤回"
    COMPLETED = "completed", "已办结"
    LAPSED = "lapsed", "已到期"
    REVOKED = "revoked", "已收回"
    #: nobody owes anything, and the matter lives on: a grant in force
    RUNNING_ON = "running_on", "生效中"

    @property
    def closes(self) -> bool:
        return self is not End.RUNNING_ON

    @property
    def tone(self) -> Tone:
        return TONES[self]


TONES = {
    End.GRANTED: Tone.SUCCESS,
    End.REFUSED: Tone.DANGER,
    End.WITHDRAWN: Tone.NEUTRAL,
    End.COMPLETED: Tone.SUCCESS,
    End.LAPSED: Tone.NEUTRAL,
    End.REVOKED: Tone.DANGER,
    End.RUNNING_ON: Tone.SUCCESS,
}


@dataclass(frozen=True)
class Traits:
    """What a state says of its cases.

    ``private``: entering it shows the case to nobody outside the body it was begun in.
    ``editable``: its papers may be changed. ``end``: how the case came to rest, None while somebody
    owes the next move. ``stage``: its place in the progress bar of a page, from 1.
    ``notice``: what a reader is told who cannot act now.
    """

    private: bool = False
    editable: bool = False
    end: End | None = None
    tone: Tone = Tone.INFO
    stage: int = 0
    notice: str = ""


class Row(NamedTuple):
    """The value of a member of `State` as it is written in the table."""

    value: str
    label: str
    traits: Traits


def state(
    value: str,
    label: str,
    *,
    private: bool = False,
    editable: bool = False,
    end: End | None = None,
    tone: Tone | None = None,
    stage: int = 0,
    notice: str = "",
) -> Row:
    """A row of the table of states; the tone follows from the other properties unless named."""
    usual = end.tone if end else Tone.NEUTRAL if editable else Tone.INFO
    return Row(value, label, Traits(private, editable, end, tone or usual, stage, notice))


class State(Labelled):
    """Base of the states of a procedure: ``DRAFT = state("draft", "草稿", editable=True)``."""

    traits: Traits

    def __new__(cls, value: str, label: str = "", traits: Traits | None = None) -> Self:
        # an enum's own __new__ is not the one it was written with: no super() here
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label or value
        member.traits = traits or Traits()
        return member

    @property
    def private(self) -> bool:
        return self.traits.private

    @property
    def editable(self) -> bool:
        return self.traits.editable

    @property
    def end(self) -> End | None:
        return self.traits.end

    @property
    def closes(self) -> bool:
        """Whether a case in this state is over."""
        return self.traits.end is not None and self.traits.end.closes

    @property
    def tone(self) -> Tone:
        return self.traits.tone

    @property
    def stage(self) -> int:
        return self.traits.stage

    @property
    def notice(self) -> str:
        return self.traits.notice

    @classmethod
    def open(cls) -> tuple[Self, ...]:
        """The states in which a case is not over."""
        return tuple(member for member in cls if not member.closes)

    @classmethod
    def where(cls, **properties: object) -> tuple[Self, ...]:
        """The states with these properties: ``S.where(editable=True)``, ``S.where(end=…)``."""
        return tuple(
            member
            for member in cls
            if all(getattr(member, name) == value for name, value in properties.items())
        )
