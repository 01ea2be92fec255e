"""What the tests of the inbox share: the worker's part, a second person at a desk, what counts."""

from __future__ import annotations

from datetime import date

from procrastinate.contrib.django.models import ProcrastinateJob
from tests.cast import Cast

from huitong import reactions
from huitong.kernel.actor import Actor
from huitong.kernel.ledger import writing
from huitong.organizations.models import Person, Posting
from huitong.organizations.queries import actor_for
from huitong.work import queries
from huitong.work.models import Notice
from huitong.work.rules import NoticeKind


def react() -> None:
    """Do what the worker would: every reaction that waits, once."""
    for job in ProcrastinateJob.objects.filter(task_name="huitong.react", status="todo"):
        reactions.react(**job.args)


def second(cast: Cast, body: str, post: str) -> Actor:
    """Another person at a desk of this body."""
    with writing("test"):
        person = Person.objects.create(username=f"{body}_{post}_2", name="钱二")
        Posting.objects.create(
            person=person, body=cast.body(body), post=post, valid_from=date(2020, 1, 1)
        )
    return actor_for(person)


def pending(actor: Actor, kind: NoticeKind = NoticeKind.ARRIVED) -> list[Notice]:
    return list(queries.unread_of(actor).filter(kind=kind))


def outcomes(actor: Actor, kind: NoticeKind = NoticeKind.ARRIVED) -> list[str]:
    rows = queries.notices_of(actor).filter(kind=kind).order_by("pk")
    return list(rows.values_list("outcome", flat=True))
