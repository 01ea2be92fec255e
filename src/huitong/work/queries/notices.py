"""Notices of a person, the channels they chose, and deliveries that wait."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from huitong.kernel.actor import Actor
from huitong.organizations import queries as organizations
from huitong.organizations.rules import LENDABLE
from huitong.work.models import Delivery, Notice, Preference, Webhook
from huitong.work.rules import ALWAYS, CHANNELS, Channel, Frequency, NoticeKind


def notices_of(actor: Actor) -> QuerySet[Notice]:
    """The notices of a person; those of a case only while they hold a business post in a body that
    may read it."""
    bodies = organizations.business_bodies(actor)
    readable = Q(case__inside=None, case__bodies__overlap=bodies) | Q(case__inside__in=bodies)
    return Notice.objects.filter(Q(case=None) | readable, person=actor.person)


def unread_of(actor: Actor) -> QuerySet[Notice]:
    return notices_of(actor).filter(read_at=None)


def people_to_notify(desks: Iterable[str]) -> list[int]:
    """The people who hold a seat at these desks today, by key."""
    return list(organizations.people_at(desks).values_list("pk", flat=True))


def preferences_of(people: Iterable[int]) -> dict[int, dict[tuple[Channel, NoticeKind], Frequency]]:
    """The frequency each person wants for each kind over each channel: their choice, else
    `CHANNELS`."""
    defaults = {
        (channel, kind): frequency
        for kind, row in CHANNELS.items()
        for channel, frequency in row.items()
    }
    preferences = {person: dict(defaults) for person in people}
    for row in Preference.objects.filter(person__in=preferences).exclude(kind__in=ALWAYS):
        preferences[row.person_id][Channel(row.channel), NoticeKind(row.kind)] = Frequency(
            row.frequency
        )
    return preferences


def undelivered(**which: int) -> list[Delivery]:
    """Deliveries not yet sent."""
    return list(
        Delivery.objects.filter(sent_at=None, **which)
        .select_related("notice__person", "notice__case")
        .order_by("pk")
    )


def still_addressed(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """The deliveries to one person that may still be sent: who left a body gets no more notices
    of its cases."""
    waiting = list(deliveries)
    if not waiting or not (person := waiting[0].notice.person).is_active:
        return []
    bodies = {body.pk for body in organizations.bodies_of(person, *LENDABLE)}
    return [d for d in waiting if d.notice.case is None or bodies & d.notice.case.readers]


def for_digest() -> list[list[Delivery]]:
    """The deliveries that wait for the daily digest, by person and channel."""
    digests: dict[tuple[int, str], list[Delivery]] = {}
    waiting = Delivery.objects.filter(sent_at=None, frequency=Frequency.DAILY)
    for delivery in waiting.select_related("notice__person", "notice__case").order_by("pk"):
        digests.setdefault((delivery.notice.person_id, delivery.channel), []).append(delivery)
    return list(digests.values())


def webhook_of(person: int) -> Webhook | None:
    """The address a person's notices are posted to, if there is one."""
    return Webhook.objects.filter(person=person).first()
