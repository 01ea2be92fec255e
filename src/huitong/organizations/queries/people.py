"""People, their posts, deputies and tokens; the preview of a hand-over (A28)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.contrib.sessions.models import Session
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.procedure import NotVisible
from huitong.kernel.statements import Statement
from huitong.kernel.workdays import today
from huitong.organizations.models import AccountChange, Person, Posting, Token
from huitong.organizations.queries.actors import in_force
from huitong.organizations.queries.bodies import bureau
from huitong.organizations.rules import ADMINISTRATORS
from huitong.ui.selectors import HITS, matching


def people_at(desks: Iterable[str], on: date | None = None) -> QuerySet[Person]:
    """Active people who hold a post at one of these desks (``"body:post"``) on a day, deputies
    included."""
    seats = Q(pk=None)
    for desk in desks:
        body, _, post = desk.partition(":")
        seats |= Q(body_id=int(body), post=post)
    postings = in_force(on or today()).filter(seats)
    return Person.objects.filter(is_active=True, pk__in=postings.values("person")).order_by("pk")


AT_DESKS = Statement(
    lambda desks: (
        Person.objects.filter(
            is_active=True,
            pk__in=in_force(today())
            .annotate(desk=Concat(Cast("body_id", CharField()), Value(":"), "post"))
            .filter(desk__any=desks)
            .values("person"),
        )
        .order_by("pk")
        .values_list("pk", flat=True)
    ),
    desks=list,
)


def keys_at(desks: Iterable[str]) -> list[int]:
    """The keys of `people_at` today."""
    return AT_DESKS(desks=list(desks))


def people_of(bodies: Iterable[int], on: date | None = None) -> QuerySet[Person]:
    """Active people with a business post in one of these bodies on a day."""
    return people_at(
        [f"{body}:{post}" for body in bodies for post in (Post.OPERATOR, Post.MANAGER)], on
    )


def managers_of(body: int) -> QuerySet[Person]:
    """The managers of a body today."""
    return people_at([f"{body}:{Post.MANAGER}"])


def is_last(person: int, post: Post) -> bool:
    """Whether nobody but this person holds a post at the bureau today."""
    return not set(administrators(post)) - {person}


def administrators(post: Post) -> list[int]:
    """Keys of the people who hold a post at the bureau today."""
    head = bureau()
    return list(people_at([f"{head.pk}:{post}"]).values_list("pk", flat=True)) if head else []


def people_visible_to(actor: Actor) -> QuerySet[Person]:
    """Administrators see every account, the bureau every colleague, others those of their own
    body; all see themselves."""
    if actor.is_system or (actor.bureau and actor.has(*ADMINISTRATORS)):
        return Person.objects.all()
    if actor.bureau:
        return Person.objects.filter(Q(is_active=True) | Q(pk=actor.person))
    if actor.body is None:
        return Person.objects.filter(pk=actor.person or 0)
    return Person.objects.filter(
        Q(pk=actor.person) | Q(pk__in=in_force(today()).filter(body=actor.body).values("person"))
    )


def find_accounts(actor: Actor, words: str) -> list[tuple[int, str]]:
    """The first active accounts the actor sees whose name the words mean, by pinyin and initials
    too, or whose user name they begin."""
    rows = matching(_active(actor), words, _called, "name")
    return _labels(rows.order_by("name", "pk")[:HITS])


def account_names(actor: Actor, keys: list[int]) -> dict[int, str]:
    """What active accounts are called, of those the actor sees."""
    return dict(_labels(_active(actor).filter(pk__in=keys)))


def _active(actor: Actor) -> QuerySet[Person]:
    return people_visible_to(actor).filter(is_active=True)


def _called(word: str) -> Q:
    return Q(name__icontains=word) | Q(username__istartswith=word)


def _labels(rows: QuerySet[Person]) -> list[tuple[int, str]]:
    return [
        (pk, f"{name}（{login}）") for pk, name, login in rows.values_list("pk", "name", "username")
    ]


def person_named(username: str) -> Person | None:
    """The person with this user name, for the sign-in page and operators of the machine, which do
    not show the answer."""
    return Person.objects.filter(username=username.lower()).first()


def person_for(actor: Actor, pk: int) -> Person:
    """One person. Raises `NotVisible`."""
    if (person := people_visible_to(actor).filter(pk=pk).first()) is None:
        raise NotVisible("该人员")
    return person


def postings_visible_to(actor: Actor, on: date | None = None) -> QuerySet[Posting]:
    """Postings in force or to come: administrators see all, others those of their body and their
    own."""
    day = on or today()
    rows = Posting.objects.filter(Q(valid_to=None) | Q(valid_to__gte=day)).select_related(
        "person", "body", "deputy_of"
    )
    if actor.is_system or (actor.bureau and actor.has(*ADMINISTRATORS)):
        return rows
    return rows.filter(
        Q(person=actor.person or 0) | Q(deputy_of=actor.person or 0) | Q(body=actor.body or 0)
    )


def posting_for(actor: Actor, pk: int) -> Posting:
    """One posting. Raises `NotVisible`."""
    if (posting := postings_visible_to(actor).filter(pk=pk).first()) is None:
        raise NotVisible("该岗位任用")
    return posting


def tokens_visible_to(actor: Actor) -> QuerySet[Token]:
    """Valid tokens: one's own; the security administrator sees everybody's, without their value."""
    rows = Token.objects.filter(revoked_at=None, expires_at__gt=timezone.now()).select_related(
        "person", "body"
    )
    return (
        rows
        if actor.bureau and actor.has(Post.SECURITY_ADMIN)
        else rows.filter(person=actor.person or 0)
    )


def changes_visible_to(actor: Actor) -> QuerySet[AccountChange]:
    """Changes of accounts that wait to be released: the security administrator's to settle; of
    those of a security administrator's account the audit administrator's too. The system
    administrator sees that they wait."""
    rows = (
        AccountChange.objects.filter(settled_at=None, expires_at__gt=timezone.now())
        .select_related("person", "asked_by")
        .order_by("pk")
    )
    if actor.is_system or (actor.bureau and actor.has(Post.SECURITY_ADMIN, Post.SYSTEM_ADMIN)):
        return rows
    if actor.bureau and actor.has(Post.AUDIT_ADMIN):
        return rows.filter(
            person__in=in_force(today()).filter(post=Post.SECURITY_ADMIN).values("person")
        )
    return rows.none()


def change_for(actor: Actor, pk: int) -> AccountChange:
    """One account change. Raises `NotVisible`."""
    if (change := changes_visible_to(actor).filter(pk=pk).first()) is None:
        raise NotVisible("该账号变更")
    return change


def sessions_visible_to(actor: Actor) -> QuerySet[Person]:
    """People signed in now, for the security administrator."""
    if not (actor.bureau and actor.has(Post.SECURITY_ADMIN)):
        return Person.objects.none()
    alive = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    return (
        Person.objects.exclude(session_key="")
        .filter(session_key__in=alive)
        .order_by("-last_login", "pk")
    )


def posts_by_person(people: Iterable[int]) -> dict[int, list[str]]:
    """The posts of each person today, in words, for lists: one query."""
    posts: dict[int, list[str]] = {}
    rows = (
        in_force(today())
        .filter(person__in=list(people))
        .select_related("body", "deputy_of")
        .order_by("body", "pk")
    )
    for row in rows:
        words = f"{row.body.short_name}{row.get_post_display()}"
        posts.setdefault(row.person_id, []).append(
            words if row.deputy_of is None else f"{words}（代理{row.deputy_of.name}）"
        )
    return posts


def people_without_posts(actor: Actor) -> QuerySet[Person]:
    """Accounts without a post: the security administrator appoints them, or they are closed."""
    return (
        people_visible_to(actor)
        .filter(is_active=True)
        .exclude(pk__in=in_force(today()).values("person"))
        .order_by("pk")
    )


@dataclass(frozen=True)
class HandOver:
    """The effects of a hand-over: shown before, carried out after."""

    postings: tuple[Posting, ...]
    lent: tuple[Posting, ...]
    borrowed: tuple[Posting, ...]
    tokens: tuple[Token, ...]
    #: cases the successor takes from the leaver's hands
    passed: tuple[Case, ...]
    #: cases that go back to their desk, because the successor does not sit there
    returned: tuple[Case, ...]
    #: posts nobody would hold any more
    vacant: tuple[Post, ...]


def hand_over_preview(person: int, body: int, to: int | None, pass_posts: bool = False) -> HandOver:
    """The effects of a hand-over of this person's work in this body."""
    day = today()
    rows = list(
        Posting.objects.filter(Q(valid_to=None) | Q(valid_to__gte=day), body=body).select_related(
            "person", "deputy_of"
        )
    )
    own = tuple(p for p in rows if p.person_id == person and p.deputy_of_id is None)
    passed_posts = {p.post for p in own} if pass_posts and to else set[str]()
    desks = {f"{body}:{p.post}" for p in rows if p.person_id == to and p.deputy_of_id is None} | {
        f"{body}:{p}" for p in passed_posts
    }
    cases = list(
        Case.objects.filter(
            holder=person, closed_at=None, awaiting__overlap=[f"{body}:{p}" for p in Post]
        )
    )
    others = {
        p.post for p in rows if p.person_id != person and p.deputy_of_id is None
    } | passed_posts
    return HandOver(
        postings=own,
        lent=tuple(p for p in rows if p.deputy_of_id == person),
        borrowed=tuple(p for p in rows if p.person_id == person and p.deputy_of_id is not None),
        tokens=tuple(
            Token.objects.filter(
                person=person, body=body, revoked_at=None, expires_at__gt=timezone.now()
            )
        ),
        passed=tuple(c for c in cases if to and desks & set(c.awaiting)),
        returned=tuple(c for c in cases if not (to and desks & set(c.awaiting))),
        vacant=tuple(Post(p) for p in sorted({p.post for p in own} - others)),
    )


def with_email(people: Iterable[int]) -> set[int]:
    """Those of these people who have an email address."""
    return set(
        Person.objects.filter(pk__in=list(people), is_active=True)
        .exclude(email="")
        .values_list("pk", flat=True)
    )


def people_names(pks: Iterable[int | None]) -> dict[int, str]:
    """Names of people, for pages that hold only their keys: one query, none for nobody."""
    keys = {pk for pk in pks if pk is not None}
    return dict(Person.objects.filter(pk__in=keys).values_list("pk", "name")) if keys else {}


def phone_of(actor: Actor) -> str:
    """The actor's own telephone number, as their account has it: for forms that ask it of them."""
    return Person.objects.filter(pk=actor.person).values_list("mobile", flat=True).first() or ""
