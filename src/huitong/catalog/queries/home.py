"""What the home page says of the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from huitong.catalog.models import CoverageConfirmed, Database, Scan
from huitong.catalog.queries.census import late_parts, running_parts
from huitong.catalog.queries.changes import late_changes
from huitong.catalog.queries.drift import breaking_drifts
from huitong.catalog.queries.entries import counts_by_state
from huitong.catalog.queries.search import count_visible
from huitong.catalog.queries.sources import databases_visible_to
from huitong.catalog.queries.withdrawing import to_withdraw
from huitong.catalog.queries.words import number_missed
from huitong.catalog.rules import THEMES, EntryState, ScanState
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.manifest import Chart, Figure, HomePanel, Link, Point
from huitong.kernel.procedure import Tone
from huitong.kernel.statements import Statement
from huitong.kernel.workdays import today
from huitong.work.queries import counting

#: the tabs of a body's own entries, and the states on each
TABS: dict[str, tuple[str, tuple[EntryState, ...]]] = {
    "": ("全部", ()),
    "draft": ("草稿", (EntryState.DRAFT,)),
    "entering": ("代录中", (EntryState.ENTERING,)),
    "returned": ("退回修改", (EntryState.RETURNED,)),
    "review": ("审核中", EntryState.where(stage=2) + EntryState.where(stage=3)),
    "ready": ("待发布", EntryState.where(stage=4)),
    "published": ("已发布", EntryState.where(stage=5)),
}
TONES = {"returned": Tone.WARNING, "ready": Tone.WARNING, "published": Tone.SUCCESS}


def home_panels(actor: Actor) -> list[HomePanel]:
    """What the home page shows of the catalog: how much there is, how one's own entries stand,
    which sources did not answer, and the themes to browse by. To business posts: the
    administrators (三员) have no business data (A28)."""
    if not actor.has(Post.OPERATOR, Post.MANAGER):
        return []
    browse = reverse("catalog:browse")
    day = today()
    [(silent, late, confirmed, parts, over, overdue, withdrawing, broken)] = COUNTS(
        actor, day=day, since=date(day.year, 1, 1)
    )
    figures = [Figure("可查看的资源", count_visible(actor), "项", browse)]
    charts = []
    if own := counts_by_state(actor):
        figures.append(Figure("本部门目录", sum(own.values()), "项", reverse("catalog:mine")))
        charts.append(_own_by_state(own))
    if actor.bureau and parts:
        url = reverse("catalog:censuses")
        figures.append(Figure("目录普查已完成", f"{over}/{parts}", "个部门", url))
    if actor.bureau and withdrawing:
        url = reverse("catalog:to_withdraw")
        figures.append(Figure("拟撤销发布的目录", withdrawing, "项", url))
    troubles = []
    if silent:
        note = "最近一次扫描没有成功，原因见扫描记录"
        troubles.append(Link("没有应答的数据库", reverse("catalog:sources"), silent, note))
    if broken:
        note = "已发布的目录有信息项，来源表中已没有对应的列或表"
        url = reverse("catalog:drifts", query={"state": "open", "breaks": "on"})
        troubles.append(Link("来源变化影响已发布的目录", url, broken, note))
    if late:
        note = "法规修订、职能变化公布已超过规定时限，涉及的目录还没有更新"
        url = reverse("catalog:changes", query={"late": "on"})
        troubles.append(Link("超期未更新的目录", url, late, note))
    if own and not confirmed:
        note = "由负责人每年确认一次：应编目录没有遗漏"
        troubles.append(Link("今年的目录覆盖情况未确认", reverse("catalog:coverage"), note=note))
    if overdue:
        note = "截止日期已过，还没有核对完并签核"
        troubles.append(Link("超期未完成的目录普查", reverse("catalog:censuses"), overdue, note))
    if actor.bureau and (count := number_missed()):
        note = "两人以上查过；同一事物的不同叫法，可以设为同义词"
        troubles.append(Link("没有结果的检索", reverse("catalog:missed"), count, note))
    links = [
        Link(theme.label, reverse("catalog:browse", query={"theme": theme.value}))
        for theme in THEMES
    ]
    return [
        HomePanel(
            "数据目录", 90, figures, charts, links, links_title="按主题浏览", troubles=troubles
        )
    ]


def _own_by_state(numbers: Mapping[str, int]) -> Chart:
    counts = {
        tab: sum(numbers.get(state, 0) for state in states)
        for tab, (_, states) in TABS.items()
        if states
    }
    return Chart(
        "本部门目录的办理情况",
        [
            Point(
                TABS[tab][0],
                count,
                reverse("catalog:mine", query={"tab": tab}),
                TONES.get(tab, Tone.INFO),
            )
            for tab, count in counts.items()
            if count
        ],
        "项",
    )


def _silent_sources(actor: Actor) -> QuerySet[Database]:
    """The body's databases whose last reading failed."""
    last = Scan.objects.filter(database=OuterRef("pk")).order_by("-asked_at", "-pk")
    return (
        databases_visible_to(actor)
        .alias(last=Subquery(last.values("state")[:1]))
        .filter(last=ScanState.FAILED)
    )


def _confirmed_since(actor: Actor, since: date) -> QuerySet[CoverageConfirmed]:
    """The word of the body's manager that its catalog leaves nothing out (A10)."""
    return CoverageConfirmed.objects.filter(body=actor.body, at__date__gte=since)


def _counted(actor: Actor, day: date, since: date) -> tuple[str, list[Any]]:
    parts = running_parts(actor)
    return counting(
        [
            _silent_sources(actor),
            late_changes(actor, day),
            _confirmed_since(actor, since),
            parts,
            parts.exclude(closed_at=None),
            late_parts(parts, day),
            to_withdraw(actor),
            breaking_drifts(actor),
        ]
    )


#: sources that did not answer, changes that are late, words of the manager, parts of a running
#: census, those over, those late, entries that wait to be withdrawn,
#: changes of sources that break published entries
COUNTS = Statement(_counted, day=date, since=date)
