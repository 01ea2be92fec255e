"""A dispute is written by a body's clerk and submitted by its manager (A27)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from huitong.disputes import queries
from huitong.disputes.actions.parameters import About, Files, Reasons, Subject, Wish, Words
from huitong.disputes.models import Dispute
from huitong.disputes.rules import DISPUTE, DISPUTE_2025, S
from huitong.kernel.actor import BUREAU, Actor
from huitong.kernel.case import Case
from huitong.kernel.doing import step, was
from huitong.work import actions as work


@step(DISPUTE, DISPUTE_2025)
def draft(
    actor: Actor,
    case: Case,
    *,
    about: About,
    subject: Subject,
    words: Words,
    wish: Wish,
    files: Files = [],  # noqa: B006 - pydantic copies it
) -> Dispute:
    """Write down what one's body sees differently in a case of its own, and what it asks for. The
    case in dispute stays as it is."""
    disputed, side, respondent = queries.disputed_by(actor, about)
    _hold(disputed)
    queries.check_single(disputed.pk, actor.body)
    case.between(claimant=actor.body, respondent=respondent)
    case.title = f"争议协商：{disputed.title}"[:300]
    case.facts |= {"about": disputed.pk}
    case.save()
    return Dispute.objects.create(
        case=case,
        about=disputed,
        claimant_id=actor.body,
        respondent_id=respondent,
        side=side.value,
        mount_id=queries.resource_of(disputed),
        subject=subject.value,
        words=words,
        wish=wish,
        files=list(files),
    )


@step(DISPUTE, DISPUTE_2025)
def edit(
    actor: Actor,
    case: Case,
    *,
    subject: Subject,
    words: Words,
    wish: Wish,
    files: Files = [],  # noqa: B006 - pydantic copies it
) -> Dispute:
    """Change what a dispute says, all of it given anew, before it is submitted."""
    dispute = queries.dispute_of(case)
    given: dict[str, Any] = {
        "subject": subject.value,
        "words": words,
        "wish": wish,
        "files": list(files),
    }
    was(**{name: getattr(dispute, name) for name in given})
    for name, value in given.items():
        setattr(dispute, name, value)
    dispute.save(update_fields=list(given))
    return dispute


@step(DISPUTE, DISPUTE_2025)
def submit(actor: Actor, case: Case) -> Dispute:
    """Hand the dispute to the bureau: the other side and the bureau read it from now on. The case
    must still stand so that there is something to dispute."""
    dispute = queries.dispute_of(case)
    _, side, respondent = queries.disputed_by(actor, dispute.about_id)
    case.between(respondent=respondent)
    dispute.side, dispute.respondent_id = side.value, respondent
    dispute.submitted_at = timezone.now()
    dispute.save(update_fields=["side", "respondent", "submitted_at"])
    work.tell_bodies(
        actor,
        {respondent},
        f"收到争议：{dispute.about.title}",
        f"{dispute.claimant.short_name}提出争议协商，由大数据管理局召集。原事项在此期间保持原状。",
        dispute.get_absolute_url(),
        case,
    )
    return dispute


@step(DISPUTE, DISPUTE_2025)
def withdraw(actor: Actor, case: Case, *, reasons: Reasons = "") -> Dispute:
    """Give up a dispute; what was disputed stays as it is."""
    dispute = queries.dispute_of(case)
    if not S(case.state).private:
        work.tell_bodies(
            actor,
            {dispute.respondent_id, case.body_of(BUREAU.name)},
            f"争议已撤回：{dispute.about.title}",
            f"{dispute.claimant.short_name}已撤回争议，不再协商。"
            + (f"理由：{reasons}" if reasons else ""),
            dispute.get_absolute_url(),
            case,
        )
    return dispute


def _hold(disputed: Case) -> None:
    """Hold the case in dispute until the act is over, so that of two who dispute it at once for one
    body the second finds the first."""
    Case.objects.select_for_update(no_key=True).get(pk=disputed.pk)
