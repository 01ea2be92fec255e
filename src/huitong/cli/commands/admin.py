"""Open an administrator's account, or give one a new password, from the machine itself: for when
nobody can sign in.

`huitong admin create zhang.hua=张华 --post system_admin` and `huitong admin reset zhang.hua`.
Passwords are one-time ones, shown once; the ledger keeps the operating system's user. The first
three administrators are opened by `huitong init`.
"""

from __future__ import annotations

import argparse
import getpass

POSTS = ("system_admin", "security_admin", "audit_admin")


def arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True)
    create = acts.add_parser(
        "create", help="a new account with one administrator's post at the bureau"
    )
    create.add_argument("who", metavar="USERNAME=NAME")
    create.add_argument("--post", required=True, choices=POSTS)
    reset = acts.add_parser(
        "reset", help="a new one-time password; a lost second factor is dropped"
    )
    reset.add_argument("who", metavar="USERNAME")


def run(options: argparse.Namespace) -> int:
    from huitong.cli.django_ready import database, ready

    with database():
        ready()
        print(create(options.who, options.post) if options.act == "create" else reset(options.who))
    return 0


def create(who: str, post: str) -> str:
    """Open the account and give it the post. Raises `CannotRun`."""
    from django.db import transaction

    from huitong.cli.new_city import explained, named
    from huitong.cli.processes import CannotRun
    from huitong.kernel.actor import Post
    from huitong.kernel.procedure import Malformed, Problem
    from huitong.organizations import actions, queries

    bureau = queries.bureau()
    if bureau is None:
        raise CannotRun("there is no big-data bureau yet: `huitong init` begins an installation")
    username, name = named(who)
    try:
        with transaction.atomic():
            account = actions.add_person(machine(), username=username, name=name)
            actions.appoint(machine(), person=account["person"], body=bureau.pk, post=Post(post))
    except Malformed as wrong:
        raise CannotRun("\n".join(f"{where}: {what}" for where, what in explained(wrong))) from None
    except Problem as problem:
        raise CannotRun(str(problem)) from None
    return f"{Post(post).label} {account['username']} {account['password']}"


def reset(username: str) -> str:
    """A new one-time password, and no second factor until a new one is enrolled. Raises
    `CannotRun`."""
    from huitong.cli.processes import CannotRun
    from huitong.organizations import actions, queries

    person = queries.person_named(username)
    if person is None:
        raise CannotRun(f"there is no account {username!r}")
    if queries.has_second_factor(person.pk):
        actions.reset_second_factor(
            machine(), person=person.pk, reasons="由平台所在机器的管理者重置"
        )
    renew = actions.reset_password if person.is_active else actions.enable_person
    account = renew(machine(), person=person.pk)
    return f"{account['username']} {account['password']}"


def machine() -> object:
    """The platform itself, on behalf of the machine's operator."""
    from huitong.kernel.actor import Actor

    return Actor.system(f"操作系统用户 {getpass.getuser()}", via="cli:admin")
