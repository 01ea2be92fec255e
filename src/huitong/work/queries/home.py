"""What the home page says of cases and their limits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet

from huitong.kernel import doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.manifest import Chart, HomePanel, Link, Point
from huitong.kernel.procedure import Tone
from huitong.kernel.statements import Statement, summed
from huitong.kernel.workdays import Calendar, day_of, load_calendar, today
from huitong.organizations import queries as organizations
from huitong.organizations.rules import LENDABLE
from huitong.work.models import Notice, Urging
from huitong.work.queries.cases import (
    DUES,
    Tab,
    colleagues,
    counting,
    due_days,
    ordered,
    parts_by_due,
    tab_cases,
    visible_to,
    waiting_elsewhere,
)
from huitong.work.queries.drafts import draft_panels
from huitong.work.queries.limits import running_limits
from huitong.work.queries.notices import notices_of

#: how many cases and notices the home page shows
SHORT = 6
#: nobody counts further: the list behind the line tells the rest
MOST = 100
#: how many bodies a chart names, and how many urgings the page
BODIES, URGINGS = 8, 5
TONES = {"overdue": Tone.DANGER, "near": Tone.WARNING, "week": Tone.INFO, "later": Tone.INFO}


def capped(count: int, most: int = MOST) -> int | str:
    """A number that was counted up to ``most``."""
    return count if count < most else f"{most - 1}+"


FIRST_WAITING = Statement(
    lambda actor: ordered(tab_cases(actor, Tab.WAITING), "").values_list("pk", flat=True)[:SHORT]
)
CASES = Statement(lambda keys: ordered(Case.objects.filter(pk__any=keys), ""), keys=list)
FIRST_ELSEWHERE = Statement(
    lambda actor, colleagues: waiting_elsewhere(actor, colleagues).order_by("entered_at")[:SHORT],
    colleagues=list,
)
LAST_NOTICES = Statement(lambda actor: notices_of(actor)[:SHORT])


def waiting_first(actor: Actor) -> list[Case]:
    """The few cases of the to-do list that are due first."""
    first = FIRST_WAITING(actor) if actor.person else []
    return CASES(keys=first) if first else []


def elsewhere_longest(actor: Actor) -> list[Case]:
    """The few cases that have waited longest for somebody else."""
    return FIRST_ELSEWHERE(actor, colleagues=colleagues(actor)) if actor.person else []


def notices_last(actor: Actor) -> list[Notice]:
    """The last few notices of a person."""
    return LAST_NOTICES(actor)


def home_panels(actor: Actor) -> list[HomePanel]:
    """To business posts: what waits for them by the end of its limit, what is overdue, who urges,
    what they began; to the bureau also who is late."""
    if not actor.has(*LENDABLE):
        return []
    calendar, (needs, troubles) = load_calendar(), _lines(actor)
    charts = [_by_due(actor, calendar), *([_late_bodies(actor)] if actor.bureau else [])]
    return [
        *draft_panels(actor),
        HomePanel(
            "时限",
            place=10,
            charts=[chart for chart in charts if chart.points],
            needs=needs,
            troubles=troubles,
        ),
    ]


WAITING_BY_DUE = Statement(
    lambda actor, **days: summed(
        tab_cases(actor, Tab.WAITING),
        **{name: Count("pk", filter=part) for name, part in parts_by_due(**days).items()},
    ),
    day=date,
    near=date,
    week=date,
)


def _by_due(actor: Actor, calendar: Calendar) -> Chart:
    rows = WAITING_BY_DUE(actor, **due_days(calendar)) or [(0,) * len(DUES)]
    numbers = dict(zip(DUES, rows[0], strict=True))
    return Chart(
        "待办事项的时限",
        [
            Point(
                label,
                numbers[name],
                reverse("work:todo", query={"due": name}),
                TONES.get(name, Tone.NEUTRAL),
            )
            for name, label in DUES.items()
        ]
        if any(numbers.values())
        else [],
        "件",
    )


def _by_body(limits: QuerySet[Any]) -> QuerySet[Any]:
    return limits.exclude(body=None).order_by().values_list("body").annotate(n=Count("pk"))


LATE_CLOCKS = Statement(lambda actor: _by_body(running_limits(actor, "overdue")[0]))
LATE_WATCHES = Statement(lambda actor: _by_body(running_limits(actor, "overdue")[1]))


def _late_bodies(actor: Actor) -> Chart:
    """The bodies that answer for most of what is overdue."""
    late = Counter(dict(LATE_CLOCKS(actor))) + Counter(dict(LATE_WATCHES(actor)))
    names = organizations.all_body_names() if late else {}
    return Chart(
        "已超期的时限，按责任部门",
        [
            Point(
                names.get(body, "其他部门"),
                count,
                reverse("work:limits", query={"due": "overdue", "body": body}),
                Tone.DANGER,
            )
            for body, count in late.most_common(BODIES)
        ],
        "项",
    )


def _urgings(actor: Actor) -> QuerySet[Urging]:
    """Those of this body that have had no answer."""
    return Urging.objects.filter(urged=actor.body, answered_at=None, case__closed_at=None)


URGED_AND_OVERDUE = Statement(
    lambda actor: counting(
        [
            _urgings(actor),
            *running_limits(actor, "overdue"),
            *running_limits(actor, "overdue", actor.body),
        ],
        MOST,
    )
)


def _lines(actor: Actor) -> tuple[list[Link], list[Link]]:
    """Who urges this body and has had no answer; what is overdue."""
    [(urged, clocks, watches, own_clocks, own_watches)] = URGED_AND_OVERDUE(actor)
    needs = [
        Link(
            f"答复催办：{row.case.title or row.case.number}",
            reverse("work:case", args=[row.case_id]),
            note=row.text,
        )
        for row in (
            _urgings(actor).select_related("case").order_by("-at")[:URGINGS] if urged else ()
        )
    ]
    count, owned = clocks + watches, own_clocks + own_watches
    if not count:
        return needs, []
    note = f"其中 {capped(owned)} 项由本部门负责" if owned else "由其他部门负责，可以催办"
    url = reverse("work:limits", query={"due": "overdue"})
    return needs, [Link("已超期的时限", url, capped(count), note)]


#: so many of the youngest cases are looked through for a word in their title: a number is found
#: among all
YOUNGEST = 2000


def cases_named(actor: Actor, word: str, most: int) -> list[Link]:
    """The cases one may see whose number begins with this, or the youngest with it in their
    title."""
    visible = visible_to(actor)
    youngest = visible.order_by("-pk").values("pk")[:YOUNGEST]
    numbered = visible.filter(number__startswith=word.upper()).order_by("-pk")[:most]
    titled = Case.objects.filter(pk__in=youngest, title__icontains=word).order_by("-pk")[:most]
    rows = list(numbered) if word.isascii() else []
    rows += [case for case in titled if case not in rows]
    return [
        Link(
            case.title or case.number or "",
            reverse("work:case", args=[case.pk]),
            note=f"{case.number or ''} {doing.procedure_of(case).state(case.state).label}".strip(),
        )
        for case in rows[:most]
    ]


# -- what waits for others -------------------------------------------------------------------------


@dataclass(frozen=True)
class Elsewhere:
    """A case at another desk: whose, since when."""

    case: Case
    kind: str
    desks: str
    since: date
    #: working days since then
    waited: int


def elsewhere(cases: list[Case], calendar: Calendar, names: dict[int, str]) -> list[Elsewhere]:
    """These cases as lines; ``names`` are those of the bodies."""
    return [
        Elsewhere(
            case,
            doing.procedure_of(case).label,
            "、".join(desk_words(desk, names) for desk in case.awaiting),
            since := day_of(case.entered_at),
            calendar.between(since, today()),
        )
        for case in cases
    ]


def desk_words(desk: str, names: dict[int, str]) -> str:
    """``"3:manager"`` as people read it: 市住建局负责人."""
    body, _, post = desk.partition(":")
    name = names.get(int(body), "") if body.isdecimal() else ""
    return f"{name}{Post(post).label if post in set(Post) else ''}"
