"""When a body is followed by another, its doubts pass to the heir (A2)."""

from __future__ import annotations

from huitong.kernel.actor import SYSTEM, Actor, Post
from huitong.kernel.doing import note, recorded
from huitong.objections.models import Objection
from huitong.organizations.rules import Heir, Predecessors, SucceededOn


@recorded("A2", SYSTEM(Post.OPERATOR), label="疑义校核由承继机构接续")
def pass_on(actor: Actor, *, predecessors: Predecessors, heir: Heir, on: SucceededOn) -> None:
    """What the predecessors doubted and have to verify is the heir's. Done twice it does nothing
    twice."""
    own = list(Objection.objects.filter(consumer__in=predecessors).values_list("pk", flat=True))
    Objection.objects.filter(pk__in=own).update(consumer=heir)
    Objection.objects.filter(provider__in=predecessors).update(provider=heir)
    note(cases=own)
