"""When a body is followed by another, its disputes pass to the heir (A2)."""

from __future__ import annotations

from huitong.disputes.models import Dispute, Reply, View
from huitong.kernel.actor import SYSTEM, Actor, Post
from huitong.kernel.doing import note, recorded
from huitong.organizations.rules import Heir, Predecessors, SucceededOn


@recorded("A2", SYSTEM(Post.OPERATOR), label="争议协商由承继机构接续")
def pass_on(actor: Actor, *, predecessors: Predecessors, heir: Heir, on: SucceededOn) -> None:
    """What the predecessors disputed, answered and stated is the heir's. Done twice it does nothing
    twice."""
    own = list(Dispute.objects.filter(claimant__in=predecessors).values_list("pk", flat=True))
    Dispute.objects.filter(pk__in=own).update(claimant=heir)
    Dispute.objects.filter(respondent__in=predecessors).update(respondent=heir)
    View.objects.filter(body__in=predecessors).update(body=heir)
    Reply.objects.filter(body__in=predecessors).update(body=heir)
    note(cases=own)
