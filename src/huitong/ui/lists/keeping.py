"""What a person keeps of a list: named views, and how they last had its columns.

This package stores nothing: a context that does registers itself by `keep_with`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from django.http import HttpRequest

#: the columns shown at first, said in an address or a view that must not fall back to one's own
AS_DECLARED = "-"


@dataclass(frozen=True)
class View:
    """A view somebody keeps: its name, the query of its address. Without a name: the columns and
    the size of page they last chose."""

    pk: int
    name: str
    query: str
    default: bool = False


class Keeper(Protocol):
    """Keeps views of lists for people, and records who takes a list along."""

    @property
    def page(self) -> str:
        """The address that keeps, renames and deletes, by POST."""

    def views(self, request: HttpRequest, key: str) -> Sequence[View]: ...

    def exported(self, request: HttpRequest, key: str, label: str, kind: str) -> None: ...


class Nobody:
    """Keeps nothing: for pages without a person."""

    page = ""

    def views(self, request: HttpRequest, key: str) -> Sequence[View]:
        return ()

    def exported(self, request: HttpRequest, key: str, label: str, kind: str) -> None:
        """Nothing is recorded where nobody keeps anything."""


_keeper: Keeper = Nobody()


def keep_with(keeper: Keeper) -> None:
    """Let this one keep what people choose; called once, when its application is ready."""
    global _keeper
    _keeper = keeper


def keeper() -> Keeper:
    return _keeper


def differences(
    cols: Sequence[str], offered: Sequence[str], first: Sequence[str], before: str = ""
) -> str:
    """How the columns somebody chose differ from those shown at first: ``-kind,opened``.

    Only what was ``offered`` is chosen anew; of the rest the differences ``before`` stay, so that
    tabs with fewer columns forget nothing of others.
    """
    others = [part for part in before.split(",") if part.removeprefix("-") not in {*offered, ""}]
    return ",".join(
        [f"-{key}" for key in offered if key in first and key not in cols]
        + [key for key in offered if key in cols and key not in first]
        + others
    )
