"""When a body is followed by another, what its people were sent and uploaded goes on with them
(A2)."""

from __future__ import annotations

from huitong.kernel.actor import SYSTEM, Actor, Post
from huitong.kernel.doing import note, recorded
from huitong.organizations.rules import Heir, Predecessors, SucceededOn
from huitong.work.models import Attachment, Copy


@recorded("A2", SYSTEM(Post.OPERATOR), label="抄送和附件由承继机构接续")
def pass_on(actor: Actor, *, predecessors: Predecessors, heir: Heir, on: SucceededOn) -> None:
    """Copies and uploads given or made in the predecessors count in the heir. Does nothing
    twice; what is there already stays."""
    copies = _follow(Copy, ("person", "case"), predecessors, heir)
    uploads = _follow(Attachment, ("uploader", "sha256", "name"), predecessors, heir)
    note(copies=copies, uploads=uploads)


def _follow(
    model: type[Copy | Attachment], key: tuple[str, ...], predecessors: list[int], heir: int
) -> int:
    there = set(model.objects.filter(body=heir).values_list(*key))
    passing = []
    for row in model.objects.filter(body__in=predecessors).order_by("pk").values("pk", *key):
        if (values := tuple(row[name] for name in key)) not in there:
            there.add(values)
            passing.append(row["pk"])
    return model.objects.filter(pk__in=passing).update(body=heir)
