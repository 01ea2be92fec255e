"""When a body is followed by another, its documents pass to the heir (A2)."""

from __future__ import annotations

from huitong.documents.models import Document, DocumentVersion
from huitong.kernel.actor import SYSTEM, Actor, Post
from huitong.kernel.doing import note, recorded
from huitong.organizations.rules import Heir, Predecessors, SucceededOn


@recorded("A2", SYSTEM(Post.OPERATOR), label="制度文件由承继机构接续")
def pass_on(actor: Actor, *, predecessors: Predecessors, heir: Heir, on: SucceededOn) -> None:
    """The predecessors' documents hold on as the heir's, who may change and repeal them; what was
    published to them by name is published to it. Done twice it does nothing twice."""
    documents = list(
        Document.objects.filter(body__in=predecessors).order_by("pk").values_list("pk", flat=True)
    )
    Document.objects.filter(pk__in=documents).update(body=heir)
    named = list(
        DocumentVersion.objects.select_for_update()
        .filter(bodies__overlap=predecessors)
        .order_by("pk")
    )
    for version in named:
        version.bodies = sorted({heir if pk in predecessors else pk for pk in version.bodies})
    DocumentVersion.objects.bulk_update(named, ["bodies"])
    note(documents=documents, published_to=[version.pk for version in named])
