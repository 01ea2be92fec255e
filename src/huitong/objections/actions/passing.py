"""When a body is followed by another, its doubts pass to the heir (A2)."""

from __future__ import annotations

from django.db.models import Q

from huitong.kernel.actor import SYSTEM, Actor, Post
from huitong.kernel.doing import note, recorded
from huitong.objections.models import Objection
from huitong.organizations.rules import Heir, Predecessors, SucceededOn


@recorded("A2", SYSTEM(Post.OPERATOR), label="疑义校核由承继机构接续")
def pass_on(actor: Actor, *, predecessors: Predecessors, heir: Heir, on: SucceededOn) -> None:
    """What the predecessors doubted, have to verify, and said is not their duty is the heir's. Done
    twice it does nothing twice."""
    cases, now = set(), dict.fromkeys(predecessors, heir)
    for row in Objection.objects.select_for_update().filter(
        Q(consumer__in=predecessors)
        | Q(provider__in=predecessors)
        | Q(declined__overlap=predecessors)
    ):
        row.consumer_id = now.get(row.consumer_id, row.consumer_id)
        row.provider_id = now.get(row.provider_id, row.provider_id)
        row.declined = list(dict.fromkeys(now.get(body, body) for body in row.declined))
        row.save(update_fields=["consumer", "provider", "declined"])
        cases.add(row.case_id)
    note(cases=sorted(cases))
