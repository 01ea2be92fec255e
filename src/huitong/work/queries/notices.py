"""What a person was told, what is unread, and how they want to be told."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from huitong.kernel.actor import Actor
from huitong.organizations import queries as organizations
from huitong.organizations.rules import LENDABLE
from huitong.work.models import Delivery, Notice, Preference, Webhook
from huitong.work.rules import ALWAYS, CHANNELS, Channel, Frequency, NoticeKind


def notices_of(actor: Actor) -> QuerySet[Notice]:
    """What a person was told; of a case only while they hold a business post in a body that may
    read it."""
    here = organizations.business_bodies(actor)
    readable = Q(case__inside=None, case__bodies__overlap=here) | Q(case__inside__in=here)
    return Notice.objects.filter(Q(case=None) | readable, person=actor.person)


def unread_of(actor: Actor) -> QuerySet[Notice]:
    return notices_of(actor).filter(read_at=None)


def told_at(desks: Iterable[str]) -> list[int]:
    """The people who are told what arrives at these desks: those who hold the seat today."""
    return list(organizations.people_at(desks).values_list("pk", flat=True))


def preferences_of(people: Iterable[int]) -> dict[int, dict[tuple[Channel, NoticeKind], Frequency]]:
    """How each of these people wants each kind over each channel: chosen, else as
    `rules.CHANNELS` has it."""
    usual = {
        (channel, kind): frequency
        for kind, row in CHANNELS.items()
        for channel, frequency in row.items()
    }
    chosen = {person: dict(usual) for person in people}
    for row in Preference.objects.filter(person__in=chosen).exclude(kind__in=ALWAYS):
        chosen[row.person_id][Channel(row.channel), NoticeKind(row.kind)] = Frequency(row.frequency)
    return chosen


def undelivered(**which: int) -> list[Delivery]:
    """Deliveries that have not gone out."""
    return list(
        Delivery.objects.filter(sent_at=None, **which)
        .select_related("notice__person", "notice__case")
        .order_by("pk")
    )


def meant_still(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """Of the deliveries to one person those that may still go out: who left a body hears no more
    of its cases."""
    waiting = list(deliveries)
    if not waiting or not (person := waiting[0].notice.person).is_active:
        return []
    here = {body.pk for body in organizations.bodies_of(person, *LENDABLE)}
    return [d for d in waiting if d.notice.case is None or here & d.notice.case.readers]


def gathered() -> list[list[Delivery]]:
    """What waits for the daily digest, by person and channel."""
    found: dict[tuple[int, str], list[Delivery]] = {}
    waiting = Delivery.objects.filter(sent_at=None, frequency=Frequency.DAILY)
    for delivery in waiting.select_related("notice__person", "notice__case").order_by("pk"):
        found.setdefault((delivery.notice.person_id, delivery.channel), []).append(delivery)
    return list(found.values())


def webhook_of(person: int) -> Webhook | None:
    """Where a person's notices are posted to, if anywhere."""
    return Webhook.objects.filter(person=person).first()
