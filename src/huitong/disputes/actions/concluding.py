"""What a dispute comes to, level by level, and what follows for the case that was disputed (A27).

An outcome decides nothing in the place of the seat the law names: where somebody owes the next move
of the disputed case, it lies on their desk with the outcome; where the case is over, its consumer
begins anew, filled in, and the next application is known as what went on from it.
"""

from __future__ import annotations

from collections.abc import Sequence

from huitong.disputes import queries
from huitong.disputes.actions.consulting import reply
from huitong.disputes.actions.parameters import (
    Decision,
    DecisionScan,
    DecisionWords,
    Refusal,
    Result,
    ResultWords,
)
from huitong.disputes.models import Dispute, Reply
from huitong.disputes.rules import DISPUTE, DISPUTE_2025, opens_the_way, outcome_fault
from huitong.kernel.actor import BUREAU, CONSUMER, Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.doing import note, step
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import Malformed, NotYours
from huitong.organizations import queries as organizations
from huitong.work import actions as work
from huitong.work.rules import NoticeKind


@step(DISPUTE, DISPUTE_2025)
def conclude(actor: Actor, case: Case, *, outcome: Result, words: ResultWords) -> Dispute:
    """State what the consultation came to. Agreed, wholly or in part, is only what both confirmed
    in the minutes."""
    dispute = queries.dispute_of(case)
    _refuse_own_decision(actor, dispute)
    replies = Reply.objects.filter(dispute=dispute, version=dispute.version)
    objected = sum(bool(row.objection) for row in replies)
    if why := outcome_fault(outcome, len(replies), objected):
        raise Malformed({"outcome": why}, article="A27")
    dispute.outcome, dispute.outcome_words = outcome.value, words
    dispute.save(update_fields=["outcome", "outcome_words"])
    case.facts |= {"outcome": outcome.value}
    _tell_both(actor, case, dispute, f"{outcome.label}。{words}")
    if opens_the_way(dispute.outcome, ""):
        _go_on(actor, dispute, words)
    return dispute


@step(DISPUTE_2025)
def decide(actor: Actor, case: Case, *, ruling: Decision, words: DecisionWords) -> Dispute:
    """Decide as the authority of the level on what the two could not agree on. Either may have it
    go to the government."""
    dispute = queries.dispute_of(case)
    _refuse_own_decision(actor, dispute)
    dispute.ruling, dispute.ruling_words = ruling.value, words
    dispute.save(update_fields=["ruling", "ruling_words"])
    case.facts |= {"escalates": "no"}
    _tell_both(actor, case, dispute, f"主管部门决定：{ruling.label}。{words}")
    return dispute


@step(DISPUTE_2025)
def answer(actor: Actor, case: Case, *, objection: Refusal = "") -> Dispute:
    """Take the authority's decision, or say why not: then it goes to the government."""
    dispute = queries.dispute_of(case)
    reply(actor, case, dispute, 0, objection)
    if objection.strip():
        case.facts |= {"escalates": "yes"}
    if len(case.awaiting) == 1:  # the last to answer
        _settle(actor, case, dispute)
    return dispute


@step(DISPUTE_2025)
def close_answering(actor: Actor, case: Case) -> None:
    """The limit for answering is over: the decision stands, unless somebody has objected."""
    _settle(actor, case, queries.dispute_of(case))


@step(DISPUTE_2025)
def rule(
    actor: Actor, case: Case, *, ruling: Decision, words: DecisionWords, scan: DecisionScan
) -> Dispute:
    """Put the government's decision on record, with its paper: it replaces the authority's."""
    dispute = queries.dispute_of(case)
    dispute.ruling, dispute.ruling_words, dispute.decision_id = ruling.value, words, scan
    dispute.save(update_fields=["ruling", "ruling_words", "decision"])
    _tell_both(actor, case, dispute, f"本级人民政府决定：{ruling.label}。{words}")
    if opens_the_way("", dispute.ruling):
        _go_on(actor, dispute, words)
    return dispute


def follow_up(entry: Entry, case: Case | None) -> None:
    """After an application is begun: where an outcome has opened the way for its consumer and
    resource, it is what went on from it. Called by `kernel.doing` inside the act."""
    if entry.verb != "application.draft" or case is None:
        return
    consumer, mount = case.body_of(CONSUMER.name), case.facts.get("mount")
    if consumer is None or mount is None:
        return
    rows: Sequence[Dispute] = list(
        queries.awaiting_the_way(consumer, mount).select_for_update(of=("self",))
    )
    for dispute in rows:
        if opens_the_way(dispute.outcome, dispute.ruling):
            dispute.followed_by = case
            dispute.save(update_fields=["followed_by"])
            return


# -- inside ----------------------------------------------------------------------------------------


def _settle(actor: Actor, case: Case, dispute: Dispute) -> None:
    if case.facts.get("escalates") == "yes":
        _tell_both(actor, case, dispute, "有一方不接受主管部门的决定，报请本级人民政府决定。")
        return
    _tell_both(actor, case, dispute, f"按主管部门决定办结。{dispute.ruling_words}")
    if opens_the_way("", dispute.ruling):
        _go_on(actor, dispute, dispute.ruling_words)


def _tell_both(actor: Actor, case: Case, dispute: Dispute, text: str) -> None:
    """Both sides, and the bureau, which may have only recorded it, hear of a result."""
    work.tell_bodies(
        actor,
        {dispute.claimant_id, dispute.respondent_id, case.body_of(BUREAU.name)},
        f"争议协商结果：{dispute.about.title}",
        text,
        dispute.get_absolute_url(),
        case,
    )


def _go_on(actor: Actor, dispute: Dispute, words: str) -> None:
    """Whoever owes the next move of the disputed case has it on their desk with the outcome."""
    about = Case.objects.get(pk=dispute.about_id)
    note(about=about.pk)
    people = organizations.people_at(about.awaiting).values_list("pk", flat=True)
    if reached := list(people):
        work.notify(
            actor.platform,
            people=reached,
            kind=NoticeKind.ARRIVED,
            title=f"按争议协商结果办理：{about.title}"[:200],
            text=words[:1000],
            url=reverse("work:case", args=[about.pk]),
            case=about.pk,
        )


def _refuse_own_decision(actor: Actor, dispute: Dispute) -> None:
    """Nobody concludes on a decision of their own, not through a deputy either (A12). Raises
    `NotYours`."""
    people = actor.at(BUREAU(Post.MANAGER)).people
    if {str(one) for one in people} & Case.objects.get(pk=dispute.about_id).hands.keys():
        raise NotYours(
            "您或您代理的人员经手过被争议的事项，须由另一人办理。",
            article="A12",
            who="大数据管理局负责人",
            remedy="请由没有经手该事项的负责人或其代理人办理。",
        )
