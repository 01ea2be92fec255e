"""Notices of a person: which still ask for something, their lines, the channels people chose,
deliveries that wait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BooleanField,
    Count,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Window,
)
from django.db.models.functions import Now, RowNumber
from django.utils import timezone

from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.statements import Statement
from huitong.kernel.workdays import SHANGHAI, Calendar, day_of
from huitong.organizations import queries as organizations
from huitong.organizations.rules import LENDABLE
from huitong.work.models import Delivery, Digest, Notice, Preference, Webhook
from huitong.work.rules import (
    ALWAYS,
    CHANNELS,
    DUTIES,
    LIMITS,
    Channel,
    DigestAt,
    Frequency,
    NoticeKind,
)

#: so many notices of one line are shown where it opens; the rest on a page of their own
OPENED = 20
#: what makes notices one line
LINE = ("kind", "topic", "on")


# -- of a person -----------------------------------------------------------------------------------


def notices_of(actor: Actor) -> QuerySet[Notice]:
    """The notices of a person; those of a case only while they hold a business post in a body that
    may read it."""
    bodies = organizations.business_bodies(actor)
    readable = Q(case__inside=None, case__bodies__overlap=bodies) | Q(case__inside__in=bodies)
    return Notice.objects.filter(Q(case=None) | readable, person=actor.person)


def unread_of(actor: Actor) -> QuerySet[Notice]:
    """The notices that still need their reader: unread, not muted, and what they ask for stands.

    A to-do stands while its case waits at a desk of the person and no colleague has taken it; an
    urging while their body owes the step; a warning while its limit runs as it said.
    """
    return notices_of(actor).filter(_unread(), asks(actor.person or 0))


def _unread() -> Q:
    return Q(read_at=None, settled_at=None, rings_at__lte=Now())


def asks(person: int | OuterRef) -> Q:
    """Notices that tell what still is so: what they ask of the person, if anything, is not done."""
    free = Q(case__holder=None) | Q(case__holder=F("person")) | ~Q(kind=NoticeKind.ARRIVED)
    return _stands(person) & free


def _stands(person: int | OuterRef) -> Q:
    """Notices whose to-do or limit is there still, in whosever hands."""
    own = ArraySubquery(organizations.desks_of(person))
    of_body = Q()
    for post in (Post.OPERATOR, Post.MANAGER):
        of_body |= Q(case__awaiting__overlap=ArraySubquery(organizations.desks_of(person, post)))
    since = Q(at__gte=F("case__entered_at"))
    owed = since & ~Q(case__awaiting=[])
    clock = Q(clock__stopped_on=None, clock__standing=False, clock__due_on=F("limit_on"))
    watch = Q(watch__stopped_on=None, watch__due_on=F("limit_on"))
    return (
        ~Q(kind__in=[*DUTIES, *LIMITS])
        | Q(case=None, watch=None)
        | Q(kind=NoticeKind.ARRIVED, case__awaiting__overlap=own) & since
        | Q(kind=NoticeKind.URGED) & of_body & since
        | Q(kind__in=LIMITS, clock__isnull=False) & clock
        | Q(kind__in=LIMITS, watch__isnull=False) & watch
        | Q(kind__in=LIMITS, clock=None, watch=None, case__isnull=False) & owed
    )


def unsettled(case: Case | None = None) -> QuerySet[Notice]:
    """The notices of a to-do or a limit that nothing has settled: of this case, or of all."""
    rows = Notice.objects.filter(settled_at=None, kind__in=[*DUTIES, *LIMITS])
    return rows if case is None else rows.filter(case=case)


ANY_UNSETTLED = Statement(
    lambda case: unsettled().filter(case=case).order_by().values_list("pk")[:1], case=int
)


def has_unsettled(case: Case) -> bool:
    """Whether any notice of a case waits to be settled: asked in every act."""
    return bool(ANY_UNSETTLED(case=case.pk))


def overtaken(case: Case | None = None) -> QuerySet[Notice]:
    """The unsettled notices whose to-do has left its desk or whose limit no longer runs as they
    said: of this case, or of all."""
    rows = unsettled(case)
    standing = rows.filter(_stands(OuterRef("person")))
    return rows.exclude(pk__in=standing.values("pk"))


# -- as lines --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NoticeRow:
    """A notice as the list shows it: whether it needs its reader, else why not in words."""

    notice: Notice
    unread: bool
    state: str


@dataclass(frozen=True)
class NoticeLine:
    """Notices of one kind, topic and day: one line of the list, which opens."""

    kind: NoticeKind
    topic: str
    on: date
    whole: int
    rows: list[NoticeRow] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The line in an address or a form, see `in_line`."""
        return f"{self.on:%Y-%m-%d}.{self.kind}.{self.topic}"

    @property
    def title(self) -> str:
        return self.topic or self.kind.label

    @property
    def first(self) -> NoticeRow:
        return self.rows[0]

    @property
    def unread(self) -> bool:
        return any(row.unread for row in self.rows)


def lines_of(notices: QuerySet[Notice]) -> QuerySet[Notice]:
    """One notice of each line, for counting them."""
    return notices.order_by().distinct(*LINE)


def grouped(notices: QuerySet[Notice]) -> QuerySet[Any]:
    """These notices as lines, the newest first: what `notice_lines` draws a page of."""
    groups = notices.order_by().values(*LINE).annotate(whole=Count("pk"), newest=Max("pk"))
    return groups.order_by("-newest")


def in_line(notices: QuerySet[Notice], key: str) -> QuerySet[Notice]:
    """Those of these notices that are in one line; none for a key that names none."""
    on, _, rest = key.partition(".")
    kind, _, topic = rest.partition(".")
    try:
        return notices.filter(on=date.fromisoformat(on), kind=kind, topic=topic)
    except ValueError:
        return notices.none()


def notice_lines(
    actor: Actor, notices: QuerySet[Notice], groups: Sequence[Any], opened: int = OPENED
) -> list[NoticeLine]:
    """A page of lines with the newest notices of each: one query for all of them, and one for the
    names of who has taken a case."""
    if not groups:
        return []
    which = Q()
    for group in groups:
        which |= Q(**{name: group[name] for name in LINE})
    rank = Window(RowNumber(), partition_by=[F(name) for name in LINE], order_by=F("pk").desc())
    needed = ExpressionWrapper(_unread() & asks(actor.person or 0), output_field=BooleanField())
    rows = list(
        notices.filter(which)
        .annotate(rank=rank, needed=needed)
        .filter(rank__lte=opened)
        .select_related("case")
        .order_by("-pk")
    )
    names = organizations.people_names(
        [row.case.holder for row in rows if row.case is not None and row.case.holder is not None]
    )
    lines: dict[tuple[Any, ...], list[NoticeRow]] = {}
    for row in rows:
        unread = bool(getattr(row, "needed", False))
        key = tuple(getattr(row, name) for name in LINE)
        lines.setdefault(key, []).append(NoticeRow(row, unread, "" if unread else _why(row, names)))
    return [
        NoticeLine(
            NoticeKind(group["kind"]),
            group["topic"],
            group["on"],
            group["whole"],
            lines[tuple(group[name] for name in LINE)],
        )
        for group in groups
        if tuple(group[name] for name in LINE) in lines
    ]


def _why(notice: Notice, names: dict[int, str]) -> str:
    """Why a notice does not count: in a few words, none for one that was simply read."""
    if notice.settled_at is not None:
        return notice.outcome or "已不需办理"
    if notice.read_at is not None:
        return ""
    if notice.rings_at is None:
        return "已设为不收"
    if notice.rings_at > timezone.now():
        return f"随 {notice.rings_at.astimezone(SHANGHAI):%m-%d %H:%M} 的汇总提醒"
    holder = notice.case.holder if notice.case is not None else None
    if holder is not None and holder != notice.person_id:
        return f"已由{names.get(holder, '同事')}领办"
    return "已不在您的岗位"


# -- whom to tell, and how -------------------------------------------------------------------------


def people_to_notify(desks: Iterable[str]) -> list[int]:
    """The people who hold a seat at these desks today, by key."""
    return organizations.keys_at(desks)


def preferences_of(people: Iterable[int]) -> dict[int, dict[tuple[Channel, NoticeKind], Frequency]]:
    """The frequency each person wants for each kind over each channel: their choice, else
    `CHANNELS`."""
    defaults = {(Channel.INBOX, kind): Frequency.AT_ONCE for kind in NoticeKind} | {
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


def digest_times(people: Iterable[int]) -> dict[int, DigestAt]:
    """The time of a working day at which each person gets their digest."""
    times = dict.fromkeys(people, DigestAt.MORNING)
    chosen = Digest.objects.filter(person__in=times).values_list("person", "at")
    return times | {person: DigestAt(at) for person, at in chosen}


def next_digest(after: datetime, at: DigestAt, calendar: Calendar) -> datetime:
    """The first moment after this one at which a digest of this time comes: on a working day."""
    day = day_of(after)
    moment = datetime.combine(day, at.time, SHANGHAI)
    if moment <= after or not calendar.is_working(day):
        moment = datetime.combine(calendar.after(day, 1).on, at.time, SHANGHAI)
    return moment


def undelivered(**which: int) -> list[Delivery]:
    """Deliveries not yet sent."""
    return list(
        Delivery.objects.filter(sent_at=None, **which)
        .select_related("notice__person", "notice__case")
        .order_by("pk")
    )


def still_addressed(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """The deliveries to one person that may still be sent: who left a body gets no more notices
    of its cases, and nobody one of what is done."""
    waiting = list(deliveries)
    if not waiting or not (person := waiting[0].notice.person).is_active:
        return []
    bodies = {body.pk for body in organizations.bodies_of(person, *LENDABLE)}
    keys = [d.notice_id for d in waiting]
    standing = Notice.objects.filter(asks(person.pk), pk__in=keys, settled_at=None)
    current = set(standing.values_list("pk", flat=True))
    return [
        d
        for d in waiting
        if d.notice_id in current and (d.notice.case is None or bodies & d.notice.case.readers)
    ]


def for_digest(at: datetime) -> list[list[Delivery]]:
    """The deliveries whose digest is due by this moment, by person and channel."""
    digests: dict[tuple[int, str], list[Delivery]] = {}
    waiting = Delivery.objects.filter(
        Q(due_at=None) | Q(due_at__lte=at), sent_at=None, frequency=Frequency.DAILY
    )
    for delivery in waiting.select_related("notice__person", "notice__case").order_by("pk"):
        digests.setdefault((delivery.notice.person_id, delivery.channel), []).append(delivery)
    return list(digests.values())


def webhook_of(person: int) -> Webhook | None:
    """The address a person's notices are posted to, if there is one."""
    return Webhook.objects.filter(person=person).first()
