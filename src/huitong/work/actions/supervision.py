"""Clocks that warn and escalate, urging and its answer, reactions done once (A15, A19, A31)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.db.models import Q
from django.utils import timezone
from pydantic import Field

from huitong.kernel.actor import SYSTEM, Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock, RunningLimit
from huitong.kernel.doing import note, recorded
from huitong.kernel.laws import citation
from huitong.kernel.procedure import WATCHES, AgainstRules, NotVisible, NotYours
from huitong.kernel.watches import Watch
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations
from huitong.work import queries
from huitong.work.actions.notices import case_url, close, tell
from huitong.work.actions.seats import BUSINESS
from huitong.work.models import Notice, Reacted, Urging, Warned
from huitong.work.rules import CARD_OF, Card, CaseId, Hidden, Level, NoticeKind


@recorded("A15", SYSTEM(Post.OPERATOR), label="时限预警")
def warn(
    actor: Actor,
    *,
    clock: Annotated[int, Field(title="时限")],
    on: Annotated[date, Field(title="日期")],
) -> Case:
    """Warn of every level a running clock has reached by a day and was not warned about; the
    gravest one is told.

    Half time and the eve are told to the desk; overdue also to the managers of the accountable body
    and to the bureau.
    """
    # before its clock, as every step
    case = Case.objects.select_for_update(of=("self",), no_key=True).filter(clocks=clock).first()
    running = Clock.objects.select_for_update().filter(pk=clock, stopped_on=None).first()
    if case is None or running is None:
        raise AgainstRules("该时限已停止计时。", article="A15")
    new = [] if running.standing else _new_levels(running, on, clock=running)
    _warned(new, running, on, clock=running, case=case)
    if new:
        desk = f"{running.body}:{running.post}"
        desks = [desk] if desk in case.awaiting else case.awaiting
        _tell_of(new[-1], running, desks, case.title or case.number or "", case_url(case), case)
    return case


@recorded("A15", SYSTEM(Post.OPERATOR), label="持续时限预警")
def warn_of_watch(
    actor: Actor,
    *,
    watch: Annotated[int, Field(title="持续时限")],
    on: Annotated[date, Field(title="日期")],
) -> Watch:
    """The same of a limit that no case carries: the desk of its body is told, past its day the
    managers and the bureau."""
    running = Watch.objects.select_for_update().filter(pk=watch, stopped_on=None).first()
    if running is None:
        raise AgainstRules("该时限已停止计时。", article="A15")
    new = _new_levels(running, on, watch=running)
    _warned(new, running, on, watch=running)
    if new:
        desks = [f"{running.body}:{running.post}"]
        remedy = WATCHES[running.kind].remedy if running.kind in WATCHES else ""
        _tell_of(new[-1], running, desks, running.title, running.url, None, remedy)
    return running


def _new_levels(limit: RunningLimit, on: date, **of: RunningLimit) -> list[Level]:
    warned = dict(Warned.objects.filter(**of).order_by("on").values_list("level", "on"))
    return queries.levels_to_tell(limit, on, warned)


def _warned(levels: list[Level], limit: RunningLimit, on: date, **of: Any) -> None:
    Warned.objects.bulk_create(
        [Warned(level=x, card=CARD_OF[x], body=limit.body, on=on, **of) for x in levels]
    )
    note(levels=levels, article=limit.article, due_on=limit.due_on)


def _tell_of(
    level: Level,
    limit: RunningLimit,
    desks: list[str],
    title: str,
    url: str,
    case: Case | None,
    remedy: str = "",
) -> None:
    if level == Level.OVERDUE:
        head = organizations.bureau()
        desks = [*desks, *([f"{limit.body}:{Post.MANAGER}"] if limit.body is not None else [])]
        desks += [f"{head.pk}:{post}" for post in (Post.OPERATOR, Post.MANAGER)] if head else []
    of = Q(clock=limit.pk) if isinstance(limit, Clock) else Q(watch=limit.pk)
    close(Notice.objects.filter(of), "已有新的警示")
    kind = NoticeKind.OVERDUE if level == Level.OVERDUE else NoticeKind.WARNING
    card = CARD_OF[level]
    mark = f"【{card.label}】" if card != Card.NONE else ""
    tell(
        queries.people_to_notify(desks),
        kind,
        f"{mark}{level.label}：{title}",
        f"{citation(limit.article).limit_words}于 {limit.due_on:%Y-%m-%d} 届满。{remedy}",
        url,
        case,
        limit=limit,
    )


@recorded("A15", *BUSINESS, label="催办")
def urge(
    actor: Actor,
    *,
    case: CaseId,
    text: Annotated[str, Field(title="催办内容", max_length=500)] = "",
) -> Case:
    """Urge the body whose duty the next step is: by the bureau, or by a party that waits for it.

    The bureau's urging carries the card the clock has earned: yellow near its end, red past it.
    """
    row = queries.case_for(actor, case)
    due = queries.accountable(row)
    if not due:
        raise AgainstRules("该事项已办结，无须催办。", article="A19")
    if not queries.may_urge(actor, row) or actor.body is None:
        raise NotYours(
            "由大数据管理局或等待办理结果的一方催办。", article="A19", who="大数据管理局"
        )
    bodies = [body for body in due if body != actor.body]
    card = _card(row) if actor.bureau else Card.NONE
    Urging.objects.bulk_create(
        [
            Urging(
                case=row, urged=body, by_body=actor.body, by_id=actor.person, card=card, text=text
            )
            for body in bodies
        ]
    )
    prefix = f"【{card.label}】" if card != Card.NONE else ""
    desks = [desk for desk in row.awaiting if int(desk.partition(":")[0]) in bodies]
    desks += [f"{body}:{Post.MANAGER}" for body in bodies] if card == Card.RED else []
    tell(
        queries.people_to_notify(desks),
        NoticeKind.URGED,
        f"{prefix}{actor.body_name}催办：{row.title or row.number}",
        text,
        case_url(row),
        row,
    )
    note(card=card, urged=bodies)
    return row


def _card(case: Case) -> Card:
    """The card the most pressing of its clocks has earned."""
    clocks = Clock.objects.filter(case=case, stopped_on=None).order_by("due_on")
    levels = [
        level
        for clock in clocks.filter(standing=False)
        for level in queries.levels_of(clock, today())
    ]
    return CARD_OF[max(levels, key=list(Level).index)] if levels else Card.NONE


@recorded("A19", *BUSINESS, label="答复催办")
def answer_urging(
    actor: Actor,
    *,
    urging: Annotated[int, Hidden(), Field(title="催办")],
    answer: Annotated[str, Field(title="答复", min_length=1, max_length=500)],
) -> Case:
    """The urged body says how matters stand."""
    row = Urging.objects.select_for_update().select_related("case").filter(pk=urging).first()
    if row is None or not queries.visible_to(actor).filter(pk=row.case_id).exists():
        raise NotVisible("该催办")
    if row.urged != actor.body:
        raise NotYours("由被催办部门答复。", article="A19")
    if row.answered_at is not None:
        raise AgainstRules("该催办已经答复。", article="A19")
    row.answer, row.answered_by_id, row.answered_at = answer, actor.person, timezone.now()
    row.save()
    if not Urging.objects.filter(case=row.case, urged=row.urged, answered_at=None).exists():
        people = organizations.people_of([row.urged])
        urgings = Notice.objects.filter(case=row.case, kind=NoticeKind.URGED, person__in=people)
        close(urgings, f"已由{actor.name}答复")
    back = [row.by_id] if row.by_id else []
    tell(
        back,
        NoticeKind.RESULT,
        f"{actor.body_name}答复催办：{row.case.title or row.case.number}",
        answer,
        case_url(row.case),
        row.case,
    )
    return row.case


@recorded("A28", SYSTEM(Post.OPERATOR), label="执行后续动作")
def reacted(
    actor: Actor,
    *,
    entry: Annotated[int, Field(title="台账序号")],
    reaction: Annotated[str, Field(title="后续动作", max_length=120)],
) -> Reacted:
    """Note that a reaction to a ledger entry is being done: the row can exist once, and goes if
    the reaction fails."""
    return Reacted.objects.create(entry=entry, reaction=reaction)
