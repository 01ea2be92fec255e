"""What the home page says of applications and grants."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet

from huitong.access.models import Application, Grant
from huitong.access.queries.grants import grants_given, grants_visible_to
from huitong.access.queries.uses import KINDS
from huitong.access.rules import PAUSED, REMEDY, G, S
from huitong.kernel.actor import Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.manifest import Chart, Figure, HomePanel, Link, Point
from huitong.kernel.statements import Statement
from huitong.kernel.watches import Watch
from huitong.kernel.workdays import today
from huitong.work import queries as work

#: what a list of grants can be narrowed to
SHOW = {"soon": "即将到期", "stopped": "已暂停", "intake": "补录的", "to_agree": "补录待同意"}


def narrowed(grants: QuerySet[Grant], show: str) -> QuerySet[Grant]:
    """Narrow grants to one of `SHOW`."""
    day = today()
    parts = {
        # time to apply again, as its consumer was told (A26)
        "soon": Q(ended_at=None, valid_to__gte=day, renewal_offered_on__isnull=False),
        "stopped": Q(ended_at=None, case__state__in=PAUSED),
        "intake": Q(intake_row__isnull=False),
        "to_agree": Q(case__state=G.TO_AGREE),
    }
    return grants.filter(parts[show]) if show in parts else grants


def _running(actor: Actor) -> QuerySet[Application]:
    """The body's own applications on their way: found by the open cases in which it has a part."""
    cases = Case.objects.visible_to(actor).filter(closed_at=None, state__in=S.open())
    cases = cases.filter(kind="application", bodies__contains=[actor.body])
    return Application.objects.filter(form__consumer=actor.body, case__in=cases.values("pk"))


COUNTED = ("held", "soon", "given", "stopped", "unused")


def _counted(actor: Actor) -> list[QuerySet[Any]]:
    """The lists that are `COUNTED`."""
    held = grants_visible_to(actor).filter(consumer=actor.body, ended_at=None)
    held = held.exclude(case__state=G.TO_AGREE)
    in_force = held.filter(valid_to__gte=today())
    return [
        in_force,
        narrowed(in_force, "soon"),
        grants_given(actor)
        .filter(ended_at=None, valid_to__gte=today())
        .exclude(case__state=G.TO_AGREE),
        narrowed(held, "stopped"),
        Watch.objects.filter(kind__in=KINDS, body=actor.body, stopped_on=None, due_on__lt=today()),
    ]


COUNTS = Statement(lambda actor: work.counting(_counted(actor)))
OWN_BY_STATE = Statement(
    lambda actor: _running(actor).order_by().values_list("case__state").annotate(n=Count("pk"))
)
ALL_BY_STATE = Statement(
    lambda actor: (
        Case.objects.visible_to(actor)
        .filter(kind="application", state__in=set(S.open()) - set(S.where(private=True)))
        .order_by()
        .values_list("state")
        .annotate(n=Count("pk"))
    )
)


def home_panels(actor: Actor) -> list[HomePanel]:
    """To a department: its running applications, what it may use and what of it ends soon, what
    it lets others use, what has stopped or is used by nobody. To the bureau: all applications."""
    if actor.body is None or not actor.has(Post.OPERATOR, Post.MANAGER):
        return []
    [numbers] = COUNTS(actor)
    own = dict(OWN_BY_STATE(actor))
    counts = {"running": sum(own.values()), **dict(zip(COUNTED, numbers, strict=True))}
    chart = _all_by_state(actor) if actor.bureau else _own_by_state(own)
    if not any(counts.values()) and chart is None:
        return []
    figures = (
        Figure("办理中的申请", counts["running"], "件", _applications("mine")),
        Figure("可用的授权", counts["held"], "项", _grants("held")),
        Figure("即将到期", counts["soon"], "项", _grants("held", show="soon")),
        Figure("授给其他部门的", counts["given"], "项", _grants("given")),
    )
    return [
        HomePanel("共享使用", 20, figures, [chart] if chart else (), troubles=_troubles(counts))
    ]


def _troubles(counts: dict[str, int]) -> list[Link]:
    lines = []
    if counts["stopped"]:
        note = "暂停期间不提供数据；原因见授权页面"
        lines.append(Link("已暂停的授权", _grants("held", show="stopped"), counts["stopped"], note))
    if counts["unused"]:
        lines.append(Link("长期未使用的授权", reverse("access:unused"), counts["unused"], REMEDY))
    return lines


def _applications(tab: str, **more: str) -> str:
    return reverse("access:applications", query={"tab": tab, **more})


def _grants(tab: str, **more: str) -> str:
    return reverse("access:grants", query={"tab": tab, **more})


def _own_by_state(numbers: dict[str, int]) -> Chart | None:
    """Where the body's own applications stand."""
    return _by_state("办理中的申请，按环节", numbers, "mine") if numbers else None


def _all_by_state(actor: Actor) -> Chart | None:
    """Where all applications stand that have left their departments."""
    numbers = dict(ALL_BY_STATE(actor))
    return _by_state("全市办理中的申请，按环节", numbers, "all") if numbers else None


def _by_state(title: str, numbers: dict[str, int], tab: str) -> Chart:
    return Chart(
        title,
        [
            Point(state.label, numbers[state.value], _applications(tab, state=state.value))
            for state in S
            if numbers.get(state.value)
        ],
        "件",
    )
