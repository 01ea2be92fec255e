"""Who works in the departments: a clerk and a manager in each, as in the story."""

from __future__ import annotations

from dataclasses import dataclass

from huitong.cli.demo.living.resources import departments, rows
from huitong.kernel.actor import Actor, Post
from huitong.organizations import queries
from huitong.organizations.models import Body, Person, Posting


@dataclass(frozen=True)
class Office:
    """A body with the two people who act for it."""

    body: Body
    clerk: Actor
    manager: Actor


def accounts() -> dict[str, str]:
    """The beginning of the accounts of each body, by its short name."""
    return {d.short_name: d.prefix for d in departments().values()} | {
        r["body"]: r["prefix"] for r in rows("counties")
    }


def offices() -> dict[str, Office]:
    """Everybody's desks by the short name of the body: those of the story where they are there,
    the bureau's too."""
    held: dict[str, dict[str, Actor]] = {}
    seats = Posting.objects.filter(post__in=(Post.OPERATOR, Post.MANAGER), valid_to=None)
    for seat in seats.select_related("person", "body").order_by("pk"):
        actor = queries.actor_for(seat.person, seat.body_id)
        held.setdefault(seat.body.short_name, {}).setdefault(seat.post, actor)
    bodies = {b.short_name: b for b in Body.objects.filter(valid_to=None)}
    return {
        name: Office(bodies[name], by_post[Post.OPERATOR], by_post[Post.MANAGER])
        for name, by_post in held.items()
        if len(by_post) > 1
    }


def password_of_all() -> str:
    """The digest of the one password all accounts of the demonstration share."""
    return Person.objects.order_by("pk").values_list("password", flat=True)[0]
