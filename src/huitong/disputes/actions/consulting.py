"""The bureau convenes, the three state their views, minutes are written and confirmed (A27)."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from huitong.disputes import queries
from huitong.disputes.actions.parameters import (
    Files,
    Meeting,
    MeetsAt,
    MeetsOn,
    Minutes,
    MinutesFile,
    Objection,
    View,
)
from huitong.disputes.models import Dispute, Reply
from huitong.disputes.models import View as Stated
from huitong.disputes.rules import DISPUTE, DISPUTE_2025
from huitong.kernel.actor import BUREAU, CLAIMANT, RESPONDENT, Actor
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.doing import step, was
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import SHANGHAI, day_of
from huitong.work import actions as work


@step(DISPUTE, DISPUTE_2025)
def convene(actor: Actor, case: Case, *, on: MeetsOn, at: MeetsAt, place: Meeting) -> Dispute:
    """Name the day, the hour and the place of the meeting, or others than before; both sides are
    told. It lies within the limit for the outcome."""
    dispute = queries.dispute_of(case)
    moment = datetime.combine(on, at.replace(tzinfo=None), SHANGHAI)
    _check_moment(case, moment)
    again = dispute.meets_at is not None
    was(meets_at=dispute.meets_at, place=dispute.place)
    dispute.meets_at, dispute.place = moment, place
    dispute.save(update_fields=["meets_at", "place"])
    work.tell_bodies(
        actor,
        {dispute.claimant_id, dispute.respondent_id} - {actor.body},
        f"{'协商改期' if again else '通知协商'}：{dispute.about.title}",
        f"{on} {at:%H:%M}，{place}。请在此之前陈述意见、上传附件。",
        dispute.get_absolute_url(),
        case,
    )
    return dispute


@step(DISPUTE, DISPUTE_2025)
def present(
    actor: Actor,
    case: Case,
    *,
    words: View,
    files: Files = [],  # noqa: B006 - pydantic copies it
) -> Dispute:
    """State the view of one's side; the other two read it at once."""
    dispute = queries.dispute_of(case)
    Stated.objects.create(
        dispute=dispute,
        party=_party_to_state(actor, case, dispute),
        body_id=actor.body,
        words=words,
        files=list(files),
        by=actor.name,
        at=timezone.now(),
    )
    return dispute


@step(DISPUTE, DISPUTE_2025)
def amend(
    actor: Actor,
    case: Case,
    *,
    words: View,
    files: Files = [],  # noqa: B006 - pydantic copies it
) -> Dispute:
    """Put one's own view differently, all of it given anew, until the meeting begins."""
    dispute = queries.dispute_of(case)
    if dispute.meets_at is not None and dispute.meets_at <= timezone.now():
        raise AgainstRules(
            "协商已经开始，意见不能再修改。", article="A27", remedy="请在会上说明，由纪要记载。"
        )
    rows = Stated.objects.select_for_update(of=("self",)).filter(
        dispute=dispute, body=actor.body, party__in=_parties(actor, case)
    )
    # of a body that sits twice, that of the hand this person is
    held = case.hands.get(str(actor.person), "").partition(":")[0]
    stated = rows.filter(party=held).first() if held else rows.first()
    if stated is None:
        raise AgainstRules("贵部门还没有陈述意见。", article="A27", remedy="请先办理“陈述意见”。")
    was(words=stated.words, files=stated.files)
    stated.words, stated.files = words, list(files)
    stated.by, stated.at = actor.name, timezone.now()
    stated.save(update_fields=["words", "files", "by", "at"])
    return dispute


@step(DISPUTE, DISPUTE_2025)
def close_statements(actor: Actor, case: Case) -> None:
    """The limit for statements is over: who has not stated their view says it at the meeting."""


@step(DISPUTE, DISPUTE_2025)
def record(
    actor: Actor, case: Case, *, minutes: Minutes, minutes_file: MinutesFile = None
) -> Dispute:
    """Write down what was said and agreed, from the day of the meeting on; the two confirm it. A
    new version is confirmed anew."""
    dispute = queries.dispute_of(case)
    if dispute.meets_at is None or day_of(timezone.now()) < day_of(dispute.meets_at):
        raise AgainstRules(
            "协商的日子还没有到，不能记录纪要。", article="A27", remedy="提前协商的，请先改期。"
        )
    was(minutes=dispute.minutes, version=dispute.version)
    dispute.minutes, dispute.minutes_file_id = minutes, minutes_file
    dispute.version += 1
    dispute.save(update_fields=["minutes", "minutes_file", "version"])
    return dispute


@step(DISPUTE, DISPUTE_2025)
def confirm(actor: Actor, case: Case, *, objection: Objection = "") -> Dispute:
    """Confirm the minutes for one's side, or say where they are not what was said."""
    dispute = queries.dispute_of(case)
    reply(actor, case, dispute, dispute.version, objection)
    return dispute


@step(DISPUTE, DISPUTE_2025)
def close_confirming(actor: Actor, case: Case) -> None:
    """The limit for confirming is over: who was silent has confirmed nothing."""


def reply(actor: Actor, case: Case, dispute: Dispute, version: int, objection: str) -> None:
    """Keep what one of the two said."""
    spoken = Reply.objects.filter(dispute=dispute, version=version).values_list("party", flat=True)
    party = next(p for p in (CLAIMANT.name, RESPONDENT.name)
                 if case.body_of(p) == actor.body and p not in set(spoken))  # fmt: skip
    Reply.objects.create(
        dispute=dispute,
        party=party,
        body_id=actor.body,
        version=version,
        objection=objection.strip(),
        by=actor.name,
    )


# -- inside ----------------------------------------------------------------------------------------


def _check_moment(case: Case, moment: datetime) -> None:
    """The meeting is to come, and within the limit for the outcome while that runs. Raises
    `Malformed`."""
    if moment <= timezone.now():
        raise Malformed({"on": "请填写将来的日期和时间"}, article="A27")
    limit = Clock.objects.filter(case=case, name="outcome", stopped_on=None).first()
    today = day_of(timezone.now())
    if limit is not None and today <= limit.due_on < day_of(moment):
        raise Malformed({"on": f"最迟须于 {limit.due_on} 形成结果，请提前"}, article="A27")


def _parties(actor: Actor, case: Case) -> list[str]:
    """The parts the actor's body has among the three."""
    return [
        party
        for party in (CLAIMANT.name, RESPONDENT.name, BUREAU.name)
        if case.body_of(party) == actor.body
    ]


def _party_to_state(actor: Actor, case: Case, dispute: Dispute) -> str:
    """For which side this view is: of a body that sits twice, the one this person's hand is, else
    the one that has not spoken."""
    stated = set(Stated.objects.filter(dispute=dispute).values_list("party", flat=True))
    open_ = [party for party in _parties(actor, case) if party not in stated]
    held = case.hands.get(str(actor.person), "").partition(":")[0]
    return held if held in open_ else open_[0]
