"""When a body is followed by another, its disputes pass to the heir (A2)."""

from __future__ import annotations

from django.db.models import Q

from huitong.disputes.models import Dispute, Reply, View
from huitong.kernel.actor import SYSTEM, Actor, Post
from huitong.kernel.doing import note, recorded
from huitong.organizations.rules import Heir, Predecessors, SucceededOn


@recorded("A2", SYSTEM(Post.OPERATOR), label="争议协商由承继机构接续")
def pass_on(actor: Actor, *, predecessors: Predecessors, heir: Heir, on: SucceededOn) -> None:
    """What the predecessors disputed, answered and stated is the heir's. Done twice it does nothing
    twice."""
    either = Q(claimant__in=predecessors) | Q(respondent__in=predecessors)
    cases = sorted(Dispute.objects.filter(either).values_list("case", flat=True))
    Dispute.objects.filter(claimant__in=predecessors).update(claimant=heir)
    Dispute.objects.filter(respondent__in=predecessors).update(respondent=heir)
    View.objects.filter(body__in=predecessors).update(body=heir)
    Reply.objects.filter(body__in=predecessors).update(body=heir)
    note(cases=cases)
