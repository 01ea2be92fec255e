"""Questions about bodies and people; and the one place that turns a signed-in person into an `Actor`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from huitong.kernel.actor import Actor, Post
from huitong.kernel.workdays import today
from huitong.organizations.models import Body, Person, Posting

#: session key under which a person with postings in several bodies keeps the one chosen
ACTING_BODY = "acting_body"


def bureau() -> Body | None:
    """The body that is this platform's bureau today."""
    return Body.objects.filter(is_bureau=True, valid_to=None).first()


def postings_of(person: Person, on: date | None = None) -> QuerySet[Posting]:
    """Postings valid on a day, deputies' included; the body must be valid too."""
    day = on or today()
    running = Q(valid_from__lte=day) & (Q(valid_to=None) | Q(valid_to__gte=day))
    alive = Q(body__valid_to=None) | Q(body__valid_to__gte=day)
    return Posting.objects.filter(running, alive, person=person).select_related("body", "deputy_of").order_by("deputy_of", "pk")


def actor_for(person: Person, body: int | None = None, *, via: str = "page", ip: str = "", request_id: str = "") -> Actor:
    """The actor a person is today, in the body asked for or else the first. Without postings: an actor who may nothing."""
    rows = list(postings_of(person)) if person.is_active else []
    chosen = next((p.body for p in rows if p.body_id == body), rows[0].body if rows else None)
    if chosen is None:
        return Actor(person.pk, person.name, via=via, ip=ip, request_id=request_id)
    here = [p for p in rows if p.body_id == chosen.pk]
    own = frozenset(Post(p.post) for p in here if p.deputy_of_id is None)
    lent = [p for p in here if p.deputy_of_id is not None and Post(p.post) not in own]
    head = bureau()
    return Actor(person.pk, person.name, chosen.pk, chosen.short_name, own | {Post(p.post) for p in lent},
                 bureau_body=head.pk if head else None, deputy_for=lent[0].deputy_of_id if lent else None,
                 deputy_for_name=lent[0].deputy_of.name if lent and lent[0].deputy_of else "",
                 via=via, ip=ip, request_id=request_id)


def actor_of(request: HttpRequest) -> Actor:
    """The actor behind a page request. Anonymous visitors are an actor without body and posts."""
    ip, request_id = request.META.get("REMOTE_ADDR", ""), getattr(request, "request_id", "")
    if not request.user.is_authenticated:
        return Actor(person=0, name="访客", ip=ip, request_id=request_id)
    return actor_for(request.user, request.session.get(ACTING_BODY), ip=ip, request_id=request_id)


def body_names(pks: Iterable[int | None]) -> dict[int, str]:
    """Short names of bodies, for lists that hold only their keys: one query."""
    return dict(Body.objects.filter(pk__in={pk for pk in pks if pk is not None}).values_list("pk", "short_name"))


def people_at(desks: Iterable[str], on: date | None = None) -> QuerySet[Person]:
    """Active people who hold a post at one of these desks (``"body:post"``) on a day, deputies included."""
    day, seats = on or today(), Q(pk=None)
    for desk in desks:
        body, _, post = desk.partition(":")
        seats |= Q(body_id=int(body), post=post)
    held = Posting.objects.filter(seats, Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day))
    return Person.objects.filter(is_active=True, pk__in=held.values("person")).order_by("pk")


def people_of(bodies: Iterable[int], on: date | None = None) -> QuerySet[Person]:
    """Active people with a business post in one of these bodies on a day."""
    return people_at([f"{body}:{post}" for body in bodies for post in (Post.OPERATOR, Post.MANAGER)], on)
