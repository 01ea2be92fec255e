"""The first bodies and accounts of an installation, through the same actions as everyone else's.
Needs Django set up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

import huitong.organizations
from huitong.cli.processes import CannotRun
from huitong.kernel.actor import Actor, Post
from huitong.kernel.procedure import Malformed, Problem
from huitong.organizations import actions, queries
from huitong.organizations.models import Person

NANTONG = Path(huitong.organizations.__file__).parent / "data"
#: the platform acts by itself: nobody is there yet
FOUNDER = Actor.system(via="cli:found")


@dataclass(frozen=True)
class Account:
    """An account just opened; the password is a one-time one."""

    label: str
    username: str
    password: str
    person: int


def found(city: Path | None, admins: Mapping[Post, str]) -> list[Account]:
    """Load the registers and open the administrators' accounts, all or nothing.

    ``admins`` is "username=name" by post. Raises `CannotRun` when there are accounts already, when
    a name is missing or when a register has errors (each is named with its row).
    """
    if Person.objects.exists():
        raise CannotRun(
            "this installation has been founded: it has accounts. Further ones are opened by its"
            " system administrator"
        )
    try:
        with transaction.atomic():
            load_registers(city)
            bureau = queries.bureau()
            if bureau is None:
                raise CannotRun(
                    "none of the bodies is the big-data bureau: set the column `bureau` to 1 for"
                    " one of them (A4)"
                )
            return [open_account(*named(told), post, bureau.pk) for post, told in admins.items()]
    except Malformed as wrong:
        raise CannotRun("\n".join(f"{where}: {what}" for where, what in explained(wrong))) from None
    except Problem as problem:
        raise CannotRun(str(problem)) from None


def load_registers(city: Path | None = None) -> None:
    """Divisions, bodies, duties and matters of a city."""
    folder = city or NANTONG
    try:
        actions.load_city(FOUNDER, folder)
    except StopIteration:
        raise CannotRun(
            f"{folder} must hold divisions.csv, bodies.csv and duties_matters.csv"
        ) from None


def open_account(username: str, name: str, post: Post, body: int) -> Account:
    """One account with one post."""
    opened = actions.add_person(FOUNDER, username=username, name=name)
    actions.appoint(FOUNDER, person=opened["person"], body=body, post=post)
    return Account(post.label, opened["username"], opened["password"], opened["person"])


def named(told: str) -> tuple[str, str]:
    username, _, name = told.partition("=")
    if not name:
        raise CannotRun(f"{told!r}: give USERNAME=NAME")
    return username, name


def explained(wrong: Malformed) -> Iterator[tuple[str, str]]:
    for where, what in wrong.fields.items():
        yield where, "; ".join(what) if isinstance(what, list | tuple) else str(what)
