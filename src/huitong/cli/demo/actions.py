"""Acts of a demonstration only: the platform's own, which no door offers."""

from __future__ import annotations

from typing import Annotated

from django.contrib.auth.hashers import make_password
from pydantic import BaseModel, Field, SecretStr

from huitong.cli.demo.names import person_name
from huitong.cli.processes import CannotRun
from huitong.kernel import ledger
from huitong.kernel.actor import SYSTEM, Actor, Post
from huitong.kernel.doing import note, recorded
from huitong.organizations.models import Body, Person, Posting


class Seat(BaseModel):
    """A person of the demonstration in one post."""

    username: str
    name: str
    body: str
    post: Post


@recorded("A28", SYSTEM(Post.SYSTEM_ADMIN), label="开设演示账号")
def open_accounts(
    actor: Actor,
    *,
    password: Annotated[SecretStr, Field(title="密码")],
    people: Annotated[list[Seat], Field(title="人员")],
) -> None:
    """Open accounts that all have the same password, which need not be changed: never outside a
    demonstration."""
    _open(people, make_password(password.get_secret_value()))  # once: hashing is slow on purpose


@recorded("A28", SYSTEM(Post.SYSTEM_ADMIN), label="写入演示城市的历史数据")
def plant_past(actor: Actor) -> dict[str, int]:
    """Write what departments cataloged, asked for and delivered in the years before, with the
    accounts of their people, as prepared data. Raises `CannotRun` where no accounts of a
    demonstration were opened: never into a real city."""
    # every process knows the verb by its name; what it writes holds 40 MB of pinyin
    from huitong.cli.demo.living.people import accounts, password_of_all
    from huitong.cli.demo.living.planting import write

    if not ledger.Entry.objects.filter(verb="demo.open_accounts").exists():
        raise CannotRun(
            "this is no demonstration: `huitong past` writes invented entries, cases and accounts,"
            " and does so only where `huitong plant` (or `huitong demo`) began the installation"
        )
    held = set(Person.objects.values_list("username", flat=True))
    bodies = {body.short_name: body.name for body in Body.objects.filter(valid_to=None)}
    seats = [
        Seat(username=f"{prefix}_{post}", name="", body=bodies[short_name], post=post)
        for short_name, prefix in accounts().items()
        for post in (Post.OPERATOR, Post.MANAGER)
    ]
    staffed = set(
        Posting.objects.filter(post__in=(Post.OPERATOR, Post.MANAGER)).values_list(
            "body__name", flat=True
        )
    )
    seats = [s for s in seats if s.body not in staffed and s.username not in held]
    named = [s.model_copy(update={"name": person_name(40 + n)}) for n, s in enumerate(seats)]
    _open(named, password_of_all())
    written = write()
    note(**written)
    return written


def _open(people: list[Seat], hashed: str) -> None:
    rows = Person.objects.bulk_create(
        [
            Person(
                username=seat.username,
                name=seat.name,
                password=hashed,
                email=f"{seat.username}@demo.invalid",
            )
            for seat in people
        ]
    )
    bodies = {body.name: body for body in Body.objects.filter(valid_to=None)}
    Posting.objects.bulk_create(
        [
            Posting(
                person=row,
                body=bodies[seat.body],
                post=seat.post,
                valid_from=bodies[seat.body].valid_from,
            )
            for row, seat in zip(rows, people, strict=True)
        ]
    )
