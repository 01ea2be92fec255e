"""When a body is followed by another, what it uses passes to the heir without a break (A2, A26).

A grant keeps its number, scope and period, a credential its secret: planes notice nothing. What was
printed and stamped keeps the name it was stamped under; a form not yet submitted is printed and
stamped anew, by the heir.
"""

from __future__ import annotations

from huitong.access.models import Form, Grant
from huitong.kernel.actor import SYSTEM, Actor, Post
from huitong.kernel.doing import note, recorded
from huitong.organizations.rules import Heir, Predecessors, SucceededOn


@recorded("A2", SYSTEM(Post.OPERATOR), label="申请和授权由承继机构接续")
def pass_on(actor: Actor, *, predecessors: Predecessors, heir: Heir, on: SucceededOn) -> None:
    """Forms and grants of the predecessors become the heir's; their systems, with their
    credentials, are passed on with the catalog. Does nothing twice."""
    forms = list(Form.objects.filter(consumer__in=predecessors).values_list("pk", flat=True))
    Form.objects.filter(pk__in=forms).update(consumer=heir)
    grants = list(Grant.objects.filter(consumer__in=predecessors).values_list("pk", flat=True))
    Grant.objects.filter(pk__in=grants).update(consumer=heir)
    note(forms=forms, grants=grants)
