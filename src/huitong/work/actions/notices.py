"""Telling people: in the product always, by mail and webhook as each of them wishes (A19).

`tell` is the one place a notice comes from, whoever wants somebody told: acts of this context,
those of others (`notify`, `tell_bodies`), reactions and jobs.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from typing import Annotated

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from pydantic import Field

from huitong.kernel import jobs, vault
from huitong.kernel.actor import BODY, SYSTEM, Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.doing import act_key, note, recorded
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.organizations import queries as organizations
from huitong.work import queries
from huitong.work.models import Delivery, Notice, Preference, Webhook
from huitong.work.rules import ALWAYS, Channel, Frequency, NoticeKind, check_web_address

#: an address within the product: never another host, however a browser may read it
INSIDE = r"^(/([^/\\].*)?)?$"
EVERYBODY = tuple(BODY(post) for post in Post)


@recorded("A19", SYSTEM(Post.OPERATOR), label="发送通知")
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
) -> list[int]:
    """Tell these people, see `tell`; for acts of other contexts, reactions and jobs. Returns the
    keys of the notices.

    ``former_address`` hears it by mail too: of a change of address itself, for the new one may be
    somebody else's.
    """
    case_row = Case.objects.get(pk=case) if case is not None else None
    notices = tell(people, kind, title, text, url, case_row, about)
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
            Actor.system(on_behalf_of=actor.name, via=actor.via, bureau_body=actor.bureau_body),
            people=reached,
            kind=kind,
            title=title[:200],
            text=text[:1000],
            url=url,
            case=case.pk if case is not None else None,
        )


@recorded("A19", *EVERYBODY, label="标记已读")
def read(actor: Actor, *, notices: Annotated[list[int] | None, Field(title="消息")] = None) -> int:
    """Mark notices of one's own as read; without a list, all of them. Returns how many."""
    unread = queries.unread_of(actor)
    return (unread if notices is None else unread.filter(pk__in=notices)).update(
        read_at=timezone.now()
    )


@recorded("A19", *EVERYBODY, label="设置通知方式")
def prefer(
    actor: Actor,
    *,
    channel: Annotated[Channel, Field(title="渠道")],
    kind: Annotated[NoticeKind, Field(title="通知类别")],
    frequency: Annotated[Frequency, Field(title="频率")],
) -> Preference:
    """Choose how often notices of a kind come over a channel. Raises `AgainstRules` for what
    always comes at once."""
    if kind in ALWAYS:
        raise AgainstRules(f"“{kind.label}”类通知总是立即发送，不能更改。", article="A28")
    return Preference.objects.update_or_create(
        person_id=actor.person, channel=channel, kind=kind, defaults={"frequency": frequency}
    )[0]


@recorded("A19", *EVERYBODY, label="设置消息接口")
def set_webhook(
    actor: Actor,
    *,
    url: Annotated[
        str,
        Field(title="接收地址", max_length=300, description="平台同时向该地址发送通知；留空即停用"),
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
        raise Malformed({"url": "请填写不带账号口令的 http 或 https 地址。"})
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
    about: str = "",
) -> list[int]:
    """Make the notices and put them on their way over the channels each person wants.

    Whoever was told of the same act already in this kind, as of this case or, where there is none,
    with this address, is not told again: the act ``about`` is, of which the running one is a
    consequence, else the running one. Returns the keys of the notices.
    """
    act = about or act_key()
    earlier = Notice.objects.filter(act=act, kind=kind, case=case, person__in=list(people))
    if case is None:
        earlier = earlier.filter(url=url)
    informed = set(earlier.values_list("person", flat=True))
    preferences = queries.preferences_of(dict.fromkeys(pk for pk in people if pk not in informed))
    notices = Notice.objects.bulk_create(
        [
            Notice(
                person_id=pk,
                kind=kind,
                title=title[:200],
                text=text[:1000],
                url=url,
                case=case,
                act=act,
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
            Delivery(notice=notice, channel=channel, frequency=frequency)
            for notice in notices
            for channel, people_there in reachable.items()
            if notice.person_id in people_there
            if (frequency := preferences[notice.person_id][channel, kind]) != Frequency.NEVER
        ]
    )
    for delivery in deliveries:
        if delivery.frequency == Frequency.AT_ONCE:
            jobs.defer("work.deliver", delivery=delivery.pk)
    note(told=sorted(preferences))
    return [notice.pk for notice in notices]


def case_url(case: Case) -> str:
    return reverse("work:case", args=[case.pk])
