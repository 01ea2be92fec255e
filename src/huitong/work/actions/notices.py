"""Telling people: in the product always, by mail and webhook as each of them wishes (A19).

`tell` is the one place a notice comes from, whoever wants somebody told: acts of this context,
those of others (`notify`, `tell_bodies`), reactions and jobs.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Annotated

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from pydantic import Field

from huitong.kernel import jobs, vault
from huitong.kernel.actor import SYSTEM, Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock, RunningLimit
from huitong.kernel.doing import act_key, keep, note, recorded, tells_later
from huitong.kernel.laws import article_words
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import day_of, load_calendar
from huitong.organizations import queries as organizations
from huitong.work import queries
from huitong.work.actions.seats import EVERYBODY
from huitong.work.models import Delivery, Digest, Notice, Preference, Webhook
from huitong.work.rules import (
    ALWAYS,
    TOLD_BY_LAW,
    Channel,
    DigestAt,
    Frequency,
    NoticeKind,
    check_web_address,
)

#: an address within the product: never another host, however a browser may read it
INSIDE = r"^(/([^/\\].*)?)?$"


@recorded("A19", SYSTEM(Post.OPERATOR), label="发送消息")
def notify(
    actor: Actor,
    *,
    people: Annotated[list[int], Field(title="收件人")],
    kind: Annotated[NoticeKind, Field(title="类别")],
    title: Annotated[str, Field(title="标题", max_length=200)],
    text: Annotated[str, Field(title="内容", max_length=1000)] = "",
    url: Annotated[str, Field(title="链接", max_length=300, pattern=INSIDE)] = "",
    case: Annotated[int | None, Field(title="事项")] = None,
    former_address: Annotated[str, Field(title="原电子邮箱", max_length=254)] = "",
    about: Annotated[str, Field(title="所告知的办理", max_length=40)] = "",
    topic: Annotated[str, Field(title="主题", max_length=80)] = "",
) -> list[int]:
    """Tell these people, see `tell`; for acts of other contexts, reactions and jobs. Returns the
    keys of the notices.

    ``former_address`` hears it by mail too: of a change of address itself, for the new one may be
    somebody else's.
    """
    case_row = Case.objects.get(pk=case) if case is not None else None
    notices = tell(people, kind, title, text, url, case_row, about=about, topic=topic)
    if former_address and notices and settings.EMAIL_HOST:
        going = Delivery.objects.create(
            notice_id=notices[0],
            channel=Channel.MAIL,
            frequency=Frequency.AT_ONCE,
            address=former_address,
        )
        jobs.defer("work.deliver", delivery=going.pk)
    note(former_address="")
    return notices


def tell_bodies(
    actor: Actor,
    bodies: Iterable[int | None],
    title: str,
    text: str,
    url: str,
    case: Case | None = None,
    *,
    kind: NoticeKind = NoticeKind.RESULT,
) -> None:
    """Within an act: the platform, on the actor's behalf, tells the operators and managers of these
    bodies, but for the actor."""
    keys = [pk for pk in bodies if pk is not None]
    people = organizations.people_of(keys).exclude(pk=actor.person or 0)
    if reached := list(people.values_list("pk", flat=True)):
        notify(
            actor.platform,
            people=reached,
            kind=kind,
            title=title[:200],
            text=text[:1000],
            url=url,
            case=case.pk if case is not None else None,
        )


@recorded("A19", *EVERYBODY, label="标记已读")
def read(actor: Actor, *, notices: Annotated[list[int] | None, Field(title="消息")] = None) -> int:
    """Mark notices of one's own as read; without a list, all that still count. Returns how
    many."""
    rows = (
        queries.unread_of(actor)
        if notices is None
        else queries.notices_of(actor).filter(read_at=None, pk__in=notices)
    )
    return rows.update(read_at=timezone.now())


@recorded("A19", *EVERYBODY, label="恢复为未读")
def unread(
    actor: Actor, *, notices: Annotated[list[int], Field(title="消息", min_length=1)]
) -> int:
    """Let notices of one's own count again. Returns how many."""
    rows = queries.notices_of(actor).filter(pk__in=notices).exclude(read_at=None)
    return rows.update(read_at=None)


@recorded("A19", *EVERYBODY, label="修改消息设置")
def prefer(
    actor: Actor,
    *,
    channel: Annotated[Channel, Field(title="渠道")],
    kind: Annotated[NoticeKind, Field(title="消息类别")],
    frequency: Annotated[Frequency, Field(title="频率")],
) -> Preference:
    """Choose how often notices of a kind come over a channel. Raises `AgainstRules` for what
    always comes at once, and for keeping out of the inbox what the law has one told."""
    if kind in ALWAYS:
        raise AgainstRules(f"“{kind.label}”类消息总是立即发送，不能更改。", article="A28")
    if channel == Channel.INBOX and frequency == Frequency.NEVER and kind in TOLD_BY_LAW:
        article = TOLD_BY_LAW[kind]
        raise AgainstRules(
            f"“{kind.label}”依{article_words(article)}须告知本人，站内消息不能不收。",
            article=article,
            remedy="可以改为每天一次汇总；电子邮件和消息接口可以不收。",
        )
    return Preference.objects.update_or_create(
        person_id=actor.person, channel=channel, kind=kind, defaults={"frequency": frequency}
    )[0]


@recorded("A19", *EVERYBODY, label="设置汇总时间")
def digest_at(actor: Actor, *, at: Annotated[DigestAt, Field(title="每天汇总的时间")]) -> Digest:
    """Choose when on a working day what comes once a day comes."""
    return Digest.objects.update_or_create(person_id=actor.person, defaults={"at": at})[0]


@recorded("A19", *EVERYBODY, label="设置消息接口")
def set_webhook(
    actor: Actor,
    *,
    url: Annotated[
        str,
        Field(
            title="接收地址", max_length=300, description="平台同时向该地址发送消息；留空即停用。"
        ),
    ] = "",
) -> str:
    """Where one's notices are also posted to; empty stops it. Returns the signing key, shown this
    once.

    Each post carries ``X-Huitong-Signature`` (see `connectors.http.sign`). Raises `Malformed` for
    an address that is no plain web address; whether it may be called is judged at every call, on
    the address really connected to.
    """
    if not url:
        Webhook.objects.filter(person=actor.person).delete()
        return ""
    if not check_web_address(url):
        raise Malformed({"url": "请填写不带账号密码的 http 或 https 地址。"})
    key = secrets.token_urlsafe(32)
    Webhook.objects.update_or_create(
        person_id=actor.person,
        defaults={"url": url, "secret": vault.encrypt(key, f"webhook:{actor.person}")},
    )
    return key


@recorded("A19", SYSTEM(Post.OPERATOR), label="登记送达")
def delivered(
    actor: Actor,
    *,
    deliveries: Annotated[list[int], Field(title="送达")],
    error: Annotated[str, Field(title="未送达的原因", max_length=300)] = "",
) -> int:
    """Note that notices went out over a channel, or why they did not."""
    rows = list(Delivery.objects.select_for_update().filter(pk__in=deliveries, sent_at=None))
    for row in rows:
        row.tries, row.error, row.sent_at = row.tries + 1, error, None if error else timezone.now()
    Delivery.objects.bulk_update(rows, ["tries", "error", "sent_at"])
    return len(rows)


# -- for the actions of this context, inside an act ------------------------------------------------


def tell(
    people: Collection[int],
    kind: NoticeKind,
    title: str,
    text: str = "",
    url: str = "",
    case: Case | None = None,
    *,
    about: str = "",
    topic: str = "",
    limit: RunningLimit | None = None,
) -> list[int]:
    """Make the notices and put them on their way over the channels each person wants.

    Whoever was told of the same act already in this kind, as of this case or, where there is none,
    with this address, is not told again: the act ``about`` is, of which the running one is a
    consequence, else the running one. Notices of one ``topic`` (else the title before its colon)
    and day are one line of the list; of a warning ``limit`` is what it warns of. Returns the keys
    of the notices.
    """
    if tells_later():
        raise RuntimeError("this act can still be undone: have a reaction tell people of it")
    act, now = about or act_key(), timezone.now()
    earlier = Notice.objects.filter(act=act, kind=kind, case=case, person__in=list(people))
    if case is None:
        earlier = earlier.filter(url=url)
    informed = set(earlier.values_list("person", flat=True))
    preferences = queries.preferences_of(dict.fromkeys(pk for pk in people if pk not in informed))
    daily = [pk for pk, chosen in preferences.items() if Frequency.DAILY in chosen.values()]
    digests = _digests(daily, now) if daily else {}
    of_limit = {"clock" if isinstance(limit, Clock) else "watch": limit} if limit else {}

    def due(person: int, channel: Channel) -> datetime | None:
        frequency = preferences[person][channel, kind]
        return {Frequency.AT_ONCE: now, Frequency.DAILY: digests.get(person)}.get(frequency)

    notices = Notice.objects.bulk_create(
        [
            Notice(
                person_id=pk,
                kind=kind,
                title=title[:200],
                text=text[:1000],
                url=url,
                case=case,
                topic=(topic or title.partition("：")[0])[:80],
                on=day_of(now),
                rings_at=due(pk, Channel.INBOX),
                limit_on=limit.due_on if limit else None,
                act=act,
                **of_limit,
            )
            for pk in preferences
        ]
    )
    reachable = {
        Channel.WEBHOOK: set(
            Webhook.objects.filter(person__in=preferences).values_list("person", flat=True)
        ),
        Channel.MAIL: organizations.with_email(preferences) if settings.EMAIL_HOST else set(),
    }
    deliveries = Delivery.objects.bulk_create(
        [
            Delivery(
                notice=notice,
                channel=channel,
                frequency=preferences[notice.person_id][channel, kind],
                due_at=due_at,
            )
            for notice in notices
            for channel, people_there in reachable.items()
            if notice.person_id in people_there
            if (due_at := due(notice.person_id, channel)) is not None
        ]
    )
    for delivery in deliveries:
        if delivery.frequency == Frequency.AT_ONCE:
            jobs.defer("work.deliver", delivery=delivery.pk)
    note(told=sorted(preferences))
    return [notice.pk for notice in notices]


def _digests(people: Collection[int], now: datetime) -> dict[int, datetime]:
    """The moment of each person's next digest."""
    calendar = load_calendar()
    times = queries.digest_times(people)
    return {pk: queries.next_digest(now, at, calendar) for pk, at in times.items()}


def settle(entry: Entry, case: Case | None) -> None:
    """After every step: the notices whose to-do it did, or whose limit it met, say so and count
    no more. Called by `kernel.doing` inside the act."""
    if case is None or entry.case != case.pk:  # an act beside the steps moves nothing
        return
    if not queries.has_unsettled(case):  # what is asked next takes thirty times as long
        return
    label = queries.label_of(case, entry)
    close(queries.overtaken(case), f"已由{entry.actor['name']}办理“{label}”")


def close(notices: QuerySet[Notice], outcome: str) -> None:
    """Within an act: these notices ask for nothing more, for this reason."""
    rows = notices.filter(settled_at=None)
    keep(more=rows)  # a step that is undone leaves them open
    rows.update(settled_at=timezone.now(), outcome=outcome[:200])


@recorded("A19", SYSTEM(Post.OPERATOR), label="了结过时的消息")
def settle_rest(actor: Actor) -> int:
    """Settle what no step could: notices whose case moved with its body, whose watch was met.
    Returns how many."""
    rows = queries.overtaken()
    return rows.update(settled_at=timezone.now(), outcome="")


def case_url(case: Case) -> str:
    return reverse("work:case", args=[case.pk])
