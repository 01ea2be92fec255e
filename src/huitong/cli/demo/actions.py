"""Acts of a demonstration only. Loaded by `huitong plant`, so that no real installation has the
verb."""

from __future__ import annotations

from typing import Annotated

from django.contrib.auth.hashers import make_password
from pydantic import BaseModel, Field, SecretStr

from huitong.kernel.actor import SYSTEM, Actor, Post
from huitong.kernel.doing import recorded
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
    hashed = make_password(password.get_secret_value())  # once: hashing is slow on purpose
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
