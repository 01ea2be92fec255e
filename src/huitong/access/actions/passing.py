"""When a body is followed by another, what it uses passes to the heir without a break (A2, A26).

A grant keeps its number, scope and period, a credential its secret: planes notice nothing. What was
printed and stamped keeps the name it was stamped under; a form not yet submitted is printed and
stamped anew, by the heir.
"""

from __future__ import annotations

from huitong.access.models import ApplicationSystem, Form, Grant
from huitong.kernel.actor import SYSTEM, Actor, Post
from huitong.kernel.doing import note, recorded
from huitong.organizations import queries as organizations
from huitong.organizations.rules import Heir, Predecessors, SucceededOn, free_name


@recorded("A2", SYSTEM(Post.OPERATOR), label="申请、授权和凭证由承继机构接续")
def pass_on(actor: Actor, *, predecessors: Predecessors, heir: Heir, on: SucceededOn) -> None:
    """Application systems with their credentials, forms and grants of the predecessors become
    the heir's. Does nothing twice."""
    names = organizations.body_names(predecessors)
    systems = list(ApplicationSystem.objects.select_for_update().filter(body__in=predecessors))
    for system in systems:
        system.name = free_name(
            set(ApplicationSystem.objects.filter(body=heir).values_list("name", flat=True)),
            system.name,
            names[system.body_id],
        )
        system.body_id = heir
        system.save(update_fields=["name", "body"])
    forms = list(Form.objects.filter(consumer__in=predecessors).values_list("pk", flat=True))
    Form.objects.filter(pk__in=forms).update(consumer=heir)
    grants = list(Grant.objects.filter(consumer__in=predecessors).values_list("pk", flat=True))
    Grant.objects.filter(pk__in=grants).update(consumer=heir)
    note(systems=[s.pk for s in systems], forms=forms, grants=grants)
