"""Confirmation of duties by the bureau, against their source document (A3)."""

from __future__ import annotations

from typing import Annotated

from django.utils import timezone
from pydantic import Field

from huitong.kernel.actor import BUREAU, Actor, Post
from huitong.kernel.doing import acting_people, note, recorded
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.organizations import queries
from huitong.organizations.models import Duty

#: the bureau's posts for business: its system administrator keeps registers but vouches for none of
#: their content
CONFIRMING = (Post.OPERATOR, Post.MANAGER)


def set_writer(actor: Actor, duty: Duty) -> Duty:
    """Set who wrote a duty's words, and whether they are confirmed by that.

    They are when the bureau, or the platform at its founding, writes them for another body with a
    source. A body's own wait for the bureau, the bureau's own for a colleague.
    """
    duty.written_by = actor.person
    vouches = actor.is_system or (
        actor.bureau and actor.has(*CONFIRMING) and duty.body_id != actor.body
    )
    sure = bool(duty.source) and vouches
    duty.confirmed_at, duty.confirmed_by = (timezone.now(), actor.name) if sure else (None, "")
    return duty


@recorded("A3", *(BUREAU(post) for post in CONFIRMING), label="确认职责")
def confirm_duties(
    actor: Actor,
    *,
    duties: Annotated[
        list[int],
        Field(
            title="职责", min_length=1, max_length=1000, description="与依据文件核对一致的职责。"
        ),
    ],
    source: Annotated[
        str,
        Field(
            title="依据",
            max_length=200,
            description="登记时没有写明依据的，填“三定”规定文号；已写明的不变。",
        ),
    ] = "",
) -> list[int]:
    """Confirm duties against their source document; from now on they carry applications for
    conditional data. Their bodies are told."""
    rows = list(
        Duty.objects.select_for_update(of=("self",))
        .filter(pk__in=queries.duties_visible_to(actor).filter(pk__in=duties).values("pk"))
        .order_by("pk")
    )
    if len(rows) != len(set(duties)):
        raise Malformed({"duties": "有的职责不存在或已终止。"}, article="A3")
    own = [row.text for row in rows if row.written_by in acting_people()]
    if own:
        raise AgainstRules(
            f"“{own[0]}”是您本人或您代理的人员登记、修改的，须由另一人确认。",
            article="A3",
            who="市大数据管理局的其他人员",
        )
    if without_source := [row.text for row in rows if not (row.source or source)]:
        raise Malformed(
            {"source": f"“{without_source[0]}”没有登记依据，请填写依据文件。"}, article="A3"
        )
    for row in rows:
        row.source = row.source or source
        row.confirmed_at, row.confirmed_by = timezone.now(), actor.name
    Duty.objects.bulk_update(rows, ["source", "confirmed_at", "confirmed_by"])
    note(duties=[row.pk for row in rows], bodies=sorted({row.body_id for row in rows}))
    return [row.pk for row in rows]
