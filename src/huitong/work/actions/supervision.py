"""Clocks that warn and escalate, urging and its answer, reactions done once (A15, A19, A31)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.utils import timezone
from pydantic import Field

from huitong.kernel.actor import BODY, SYSTEM, Actor, Post
from huitong.kernel.case import Case, Clock
from huitong.kernel.doing import note, recorded
from huitong.kernel.procedure import AgainstRules, NotVisible, NotYours
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations
from huitong.ui.rules import article_words
from huitong.work import queries
from huitong.work.actions.notices import case_url, tell
from huitong.work.models import Reacted, Urging, Warned
from huitong.work.rules import CARD_OF, Card, CaseId, Hidden, Level, NoticeKind, levels_reached

BUSINESS = (BODY(Post.OPERATOR), BODY(Post.MANAGER))


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
    warned = set(Warned.objects.filter(clock=running).values_list("level", flat=True))
    new = (
        [
            x
            for x in levels_reached(running.half_on, running.warn_on, running.due_on, on)
            if x not in warned
        ]
        if not case.paused
        else []
    )
    Warned.objects.bulk_create(
        [
            Warned(clock=running, case=case, level=x, card=CARD_OF[x], body=running.body, on=on)
            for x in new
        ]
    )
    note(levels=new, article=running.article, due_on=running.due_on)
    if new:
        _tell_of(new[-1], running, case)
    return case


def _tell_of(level: Level, clock: Clock, case: Case) -> None:
    desks = list(case.awaiting)
    if level == Level.OVERDUE:
        head = organizations.bureau()
        desks += [f"{clock.body}:{Post.MANAGER}"] if clock.body is not None else []
        desks += [f"{head.pk}:{post}" for post in (Post.OPERATOR, Post.MANAGER)] if head else []
    kind = NoticeKind.OVERDUE if level == Level.OVERDUE else NoticeKind.WARNING
    card = CARD_OF[level]
    prefix = f"【{card.label}】" if card != Card.NONE else ""
    article = article_words(clock.article)
    tell(
        queries.people_to_notify(desks),
        kind,
        f"{prefix}{level.label}：{case.title or case.number}",
        f"{article}规定的办理时限于 {clock.due_on:%Y-%m-%d} 届满。",
        case_url(case),
        case,
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
    body = queries.accountable(row)
    if body is None:
        raise AgainstRules("该事项已办结，无须催办。", article="A19")
    if not queries.may_urge(actor, row) or actor.body is None:
        raise NotYours(
            "由大数据管理局或等待办理结果的一方催办。", article="A19", who="大数据管理局"
        )
    card = _card(row) if actor.bureau else Card.NONE
    Urging.objects.create(
        case=row, urged=body, by_body=actor.body, by_id=actor.person, card=card, text=text
    )
    prefix = f"【{card.label}】" if card != Card.NONE else ""
    desks = [*row.awaiting, *([f"{body}:{Post.MANAGER}"] if card == Card.RED else [])]
    tell(
        queries.people_to_notify(desks),
        NoticeKind.URGED,
        f"{prefix}{actor.body_name}催办：{row.title or row.number}",
        text,
        case_url(row),
        row,
    )
    note(card=card, urged=body)
    return row


def _card(case: Case) -> Card:
    clock = Clock.objects.filter(case=case, stopped_on=None).first()
    if clock is None or case.paused:
        return Card.NONE
    levels = levels_reached(clock.half_on, clock.warn_on, clock.due_on, today())
    return CARD_OF[levels[-1]] if levels else Card.NONE


@recorded("A19", *BUSINESS, label="回复催办")
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
