"""When a body is followed by another, its demands and answers pass to the heir (A2)."""

from __future__ import annotations

from huitong.demands.models import Answer, Demand
from huitong.kernel.actor import SYSTEM, Actor, Post
from huitong.kernel.doing import note, recorded
from huitong.organizations.rules import Heir, Predecessors, SucceededOn


@recorded("A2", SYSTEM(Post.OPERATOR), label="需求申请由承继机构接续")
def pass_on(actor: Actor, *, predecessors: Predecessors, heir: Heir, on: SucceededOn) -> None:
    """What the predecessors demanded, were asked for and answered is the heir's. A demand not yet
    submitted is printed and stamped anew, by the heir. Done twice it does nothing twice."""
    own = list(Demand.objects.filter(consumer__in=predecessors).values_list("pk", flat=True))
    Demand.objects.filter(pk__in=own).update(consumer=heir)
    Demand.objects.filter(provider__in=predecessors).update(provider=heir)
    for demand in Demand.objects.filter(addressed__overlap=predecessors):
        others = set(demand.addressed) - set(predecessors)
        demand.addressed = sorted(others | {heir})
        demand.save(update_fields=["addressed"])
    Answer.objects.filter(body__in=predecessors).update(body=heir)
    Answer.objects.filter(named__in=predecessors).update(named=heir)
    note(demands=own)
