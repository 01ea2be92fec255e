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
#: the platform acts by itself: it has no account yet
INSTALLER = Actor.system(via="cli:init")


@dataclass(frozen=True)
class Account:
    """An account just opened; the password is a one-time one."""

    label: str
    username: str
    password: str
    person: int


def create_city(city: Path | None, admins: Mapping[Post, str]) -> list[Account]:
    """Load the registers and open the administrators' accounts, all or nothing.

    ``admins`` is "username=name" by post. Raises `CannotRun` when there are accounts already, when
    a name is missing or when a register has errors (each is named with its row).
    """
    if Person.objects.exists():
        raise CannotRun(
            "this installation has accounts already: it is begun only once. Its system"
            " administrator opens further ones"
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
            return [open_account(*named(text), post, bureau.pk) for post, text in admins.items()]
    except Malformed as malformed:
        raise CannotRun(
            "\n".join(f"{where}: {what}" for where, what in explained(malformed))
        ) from None
    except Problem as problem:
        raise CannotRun(str(problem)) from None


def load_registers(city: Path | None = None) -> None:
    """Load divisions, bodies, duties and matters of a city."""
    folder = city or NANTONG
    try:
        actions.load_city(INSTALLER, folder)
    except StopIteration:
        raise CannotRun(
            f"{folder} must hold divisions.csv, bodies.csv and duties_matters.csv"
        ) from None


def open_account(username: str, name: str, post: Post, body: int) -> Account:
    """Open one account with one post."""
    account = actions.add_person(INSTALLER, username=username, name=name)
    actions.appoint(INSTALLER, person=account["person"], body=body, post=post)
    return Account(post.label, account["username"], account["password"], account["person"])


def named(text: str) -> tuple[str, str]:
    username, _, name = text.partition("=")
    if not name:
        raise CannotRun(f"{text!r}: give USERNAME=NAME")
    return username, name


def explained(malformed: Malformed) -> Iterator[tuple[str, str]]:
    for where, what in malformed.fields.items():
        yield where, "; ".join(what) if isinstance(what, list | tuple) else str(what)
