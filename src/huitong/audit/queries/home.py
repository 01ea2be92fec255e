"""What the audit administrator's home page says of the ledger."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone

from huitong.audit.queries.entries import is_auditor
from huitong.audit.queries.standing import Status, status
from huitong.kernel.actor import Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.ledger import Entry
from huitong.kernel.manifest import Chart, Figure, HomePanel, Link, Point
from huitong.kernel.workdays import today

#: how many days the chart shows
DAYS = 14
#: nobody counts further: a day of more acts than this is read in the ledger
MOST = 50_000
REFUSED = "organizations.sign_in_refused"


def home_panels(actor: Actor) -> list[HomePanel]:
    """What people did by day, refused sign-ins, how far the ledger is sealed, and what is wrong
    with it."""
    if not is_auditor(actor):
        return []
    first, last = today() - timedelta(DAYS - 1), today()
    by_day = _acts_of_people(first)
    days = [first + timedelta(n) for n in range(DAYS)]
    refused = Entry.objects.filter(verb=REFUSED, at__gte=_start(last - timedelta(6)))
    standing, seals = status(), reverse("audit:status")
    week = {"since": last - timedelta(6), "until": last}
    return [
        HomePanel(
            "审计",
            20,
            (
                Figure("今天人员办理", by_day.get(last, 0), "次", _list(last)),
                Figure(
                    "7 天内登录失败",
                    refused.order_by().values("pk")[:MOST].count(),
                    "次",
                    reverse("audit:entries", query={"verb": REFUSED, **week}),
                ),
                Figure("已封存", standing.sealed, "条", seals),
            ),
            [
                Chart(
                    f"近 {DAYS} 天人员办理次数",
                    [
                        Point(f"{day.month}月{day.day}日", by_day.get(day, 0), _list(day))
                        for day in days
                    ],
                    "次",
                    days=True,
                )
            ]
            if by_day
            else (),
            troubles=[Link(label, seals, note=note) for label, note in _troubles(standing)],
        )
    ]


def _list(day: date) -> str:
    return reverse("audit:entries", query={"people": "yes", "since": day, "until": day})


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _acts_of_people(first: date) -> dict[date, int]:
    """The number of acts of people on each day from this one on, off an index."""
    rows = Entry.objects.filter(at__gte=_start(first), person__isnull=False)
    return dict(
        rows.order_by().annotate(day=TruncDate("at")).values_list("day").annotate(n=Count("pk"))
    )


def _troubles(standing: Status) -> list[tuple[str, str]]:
    lines = []
    if standing.trouble:
        lines.append(("台账与签名不一致", standing.trouble))
    if standing.stalled:
        lines.append(("封存没有跟上", "有记录超过 2 分钟没有封存，请平台运维员查看后台任务"))
    if standing.failed:
        lines.append(("核验发现问题", "某次核验发现台账与封存不符，请立即查明"))
    if standing.uninspected:
        lines.append(("两天没有核验", "夜间核验没有运行，请平台运维员查看后台任务"))
    lines += [(f"检查点没有送出：{t.name}", t.trouble) for t in standing.targets if t.trouble]
    return lines
