"""The `Actor` of a person, a session or a token."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from huitong.kernel.actor import Actor, Lent, Post
from huitong.kernel.requests import Request
from huitong.kernel.statements import Statement
from huitong.kernel.workdays import today
from huitong.organizations.models import Body, Person, Posting, Token
from huitong.organizations.queries.bodies import bureaus
from huitong.organizations.rules import ADMINISTRATORS, LENDABLE, TOKEN_PREFIX

#: session key of the body chosen by a person with postings in several
ACTING_BODY = "acting_body"


def running(day: date) -> Q:
    return Q(valid_from__lte=day) & (Q(valid_to=None) | Q(valid_to__gte=day))


def in_force(day: date) -> QuerySet[Posting]:
    """Postings valid on a day in bodies valid on it; a deputy's only while the person represented
    holds the post."""
    alive = Q(body__valid_to=None) | Q(body__valid_to__gte=day)
    lender = Posting.objects.filter(
        running(day),
        person=OuterRef("deputy_of"),
        body=OuterRef("body"),
        post=OuterRef("post"),
        deputy_of=None,
        person__is_active=True,
    )
    return Posting.objects.filter(running(day), alive).filter(Q(deputy_of=None) | Exists(lender))


def postings_of(person: Person, on: date | None = None) -> QuerySet[Posting]:
    """Postings valid on a day, deputies' included, own ones first."""
    return _own_first(in_force(on or today()).filter(person=person)).select_related(
        "body", "deputy_of"
    )


def _own_first(rows: QuerySet[Posting]) -> QuerySet[Posting]:
    return rows.order_by(F("deputy_of").asc(nulls_first=True), "pk")


def held_posts(person: int, on: date | None = None) -> list[Post]:
    """Every post a person holds or will hold from a day on, in any body."""
    day = on or today()
    rows = Posting.objects.filter(Q(valid_to=None) | Q(valid_to__gte=day), person=person)
    return sorted({Post(post) for post in rows.values_list("post", flat=True)})


def bodies_of(person: Person, *posts: Post) -> list[Body]:
    """The bodies a person may act for today, or in which they hold one of these posts."""
    return list(
        {p.body_id: p.body for p in postings_of(person) if not posts or p.post in posts}.values()
    )


def business_bodies(actor: Actor) -> QuerySet[Posting, int]:
    """Keys of the bodies in which a person holds a business post today; through a token, of the
    token's only."""
    rows = in_force(today()).filter(
        person=actor.person or 0, post__in=LENDABLE, person__is_active=True
    )
    return (rows.filter(body=actor.body or 0) if actor.via == "api" else rows).values_list(
        "body", flat=True
    )


def business_seats(people: Iterable[int], bodies: Iterable[int]) -> list[tuple[int, int]]:
    """Pairs of person and body, of these, where the person holds a business post today."""
    rows = in_force(today()).filter(
        person__in=list(people), body__in=list(bodies), post__in=LENDABLE
    )
    return list(rows.values_list("person", "body").distinct())


class Held(NamedTuple):
    """A posting in force as far as it makes an actor, with the body that is the bureau."""

    pk: int
    post: str
    body: int
    body_name: str
    is_bureau: bool
    managing_organ: bool
    offices: list[str]
    deputy_of: int | None
    deputy_of_name: str | None
    bureau: int | None


#: what `postings_of` has and `bureau` says, in one statement: every page asks who acts
HELD = Statement(
    lambda person, day: (
        _own_first(in_force(day).filter(person=person))
        .annotate(head=Subquery(bureaus().values("pk")[:1]))
        .values_list(
            "pk",
            "post",
            "body",
            "body__short_name",
            "body__is_bureau",
            "body__managing_organ",
            "body__offices",
            "deputy_of",
            "deputy_of__name",
            "head",
        )
    ),
    person=int,
    day=date,
)


def _held_by(person: Person) -> list[Held]:
    return [Held(*row) for row in HELD(person=person.pk, day=today())]


def business_postings() -> QuerySet[Posting]:
    """Postings in a business post today, of people whose account is open."""
    return in_force(today()).filter(post__in=LENDABLE, person__is_active=True)


def desks_of(person: int | OuterRef, post: Post | None = None) -> QuerySet[Posting, str]:
    """The desks (``"body:post"``) at which a person sits today in a business post; with ``post``,
    that post's desk of each body where they hold one."""
    at = Cast("body_id", CharField())
    seat = F("post") if post is None else Value(str(post))
    rows = business_postings().filter(person=person)
    return rows.annotate(desk=Concat(at, Value(":"), seat, output_field=CharField())).values_list(
        "desk", flat=True
    )


def actor_for(
    person: Person,
    body: int | None = None,
    *,
    via: str = "page",
    ip: str = "",
    request_id: str = "",
) -> Actor:
    """The actor a person is today, in this body or else the first; without postings an actor who
    may do nothing."""
    rows = _held_by(person) if person.is_active else []
    return _acting(person, rows, body, via=via, ip=ip, request_id=request_id)


def _acting(
    person: Person, rows: Sequence[Held], body: int | None, *, via: str, ip: str, request_id: str
) -> Actor:
    """The actor with these postings."""
    acting = next((row for row in rows if row.body == body), rows[0] if rows else None)
    if acting is None:
        return Actor(person.pk, person.name, via=via, ip=ip, request_id=request_id)
    postings = [row for row in rows if row.body == acting.body]
    own = frozenset(Post(row.post) for row in postings if row.deputy_of is None)
    lent = tuple(
        Lent(Post(row.post), row.deputy_of, row.deputy_of_name or "")
        for row in postings
        if row.deputy_of and Post(row.post) not in own
    )
    return Actor(
        person.pk,
        person.name,
        acting.body,
        acting.body_name,
        own | {post.post for post in lent},
        bureau_body=acting.body if acting.is_bureau else acting.bureau,
        offices=Body(offices=acting.offices, managing_organ=acting.managing_organ).held_offices,
        lent=lent,
        via=via,
        ip=ip,
        request_id=request_id,
    )


def actor_of(request: Request) -> Actor:
    """The actor behind a page request. Anonymous visitors are an actor without body and posts."""
    ip, request_id = request.META.get("REMOTE_ADDR", ""), getattr(request, "request_id", "")
    if not request.user.is_authenticated:
        return Actor(person=0, name="访客", ip=ip, request_id=request_id)
    return actor_for(request.user, request.session.get(ACTING_BODY), ip=ip, request_id=request_id)


#: a token that is good now, with its person
TOKEN = Statement(
    lambda digest, now: Token.objects.select_related("person").filter(
        digest=digest, revoked_at=None, expires_at__gt=now
    ),
    digest=str,
    now=datetime,
)


def actor_by_token(token: str, *, ip: str = "", request_id: str = "") -> Actor | None:
    """The actor of a personal access token, with the postings it was made with that its person
    still holds.

    None for a token that is unknown, expired, revoked or without any of them, or whose person has
    become an administrator.
    """
    if not token.startswith(TOKEN_PREFIX):
        return None
    digest = hashlib.sha256(token.encode()).hexdigest()
    row = next(iter(TOKEN(digest=digest, now=timezone.now())), None)
    if row is None or not row.person.is_active or row.person.must_change_password:
        return None
    postings = _held_by(row.person)
    if any(p.post in ADMINISTRATORS for p in postings):
        return None
    valid = [p for p in postings if p.pk in row.postings and p.body == row.body_id]
    return (
        _acting(row.person, valid, row.body_id, via="api", ip=ip, request_id=request_id)
        if valid
        else None
    )


def posting_keys(actor: Actor) -> list[int]:
    """Keys of the postings from which an actor acts now, those of a deputy included."""
    return list(
        in_force(today())
        .filter(person=actor.person or 0, body=actor.body or 0)
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def must_have_second_factor(actor: Actor) -> bool:
    """The three administrators sign in with a second factor (GB/T 22239-2019 8.1.4.1; a
    setting)."""
    return bool(settings.REQUIRE_SECOND_FACTOR) and actor.has(*ADMINISTRATORS)


def has_second_factor(person: int) -> bool:
    return Authenticator.objects.filter(user_id=person, type=Authenticator.Type.TOTP).exists()


def needs_second_factor(actor: Actor) -> bool:
    """Whether this actor has yet to enrol the second factor required."""
    return must_have_second_factor(actor) and not has_second_factor(actor.person or 0)
