"""Applying again for a grant whose period is over, or soon will be: a new application, filled in
from the grant with what can still be had of it (A26)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from huitong.access import queries
from huitong.access.actions.applying import draft
from huitong.access.actions.consenting import bring_letters
from huitong.access.actions.filling import CLERK, begin_form
from huitong.access.actions.parameters import MatterRef, TargetRef
from huitong.access.models import Form, Grant
from huitong.access.rules.renewing import grounds_fault
from huitong.catalog import queries as catalog
from huitong.kernel.actor import SYSTEM, Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.doing import note, recorded
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import today
from huitong.work import actions as work
from huitong.work.rules import Hidden, NoticeKind, Pick

GrantRef = Annotated[int, Hidden(), Field(title="授权", ge=1)]


@recorded("A26", CLERK, label="再次申请")
def renew(
    actor: Actor,
    *,
    grant: GrantRef,
    period_from: Annotated[
        date | None, Field(title="使用期限起", description="不填，接着原来的期限。")
    ] = None,
    period_to: Annotated[
        date | None, Field(title="使用期限止", description="不填，与原来的期限一样长。")
    ] = None,
    duty: Annotated[int | None, Pick(queries.duty_choices), Field(title="履职依据")] = None,
    matter: MatterRef = None,
    system: Annotated[
        int | None, Pick(catalog.system_choices), Field(title="使用数据的信息系统")
    ] = None,
    target: TargetRef = None,
) -> Form:
    """A new form for what a grant allows, filled in from it: what is given here takes the place of
    what was. It is checked, printed, stamped and decided like any other. Raises `AgainstRules`,
    `Malformed` for what can no longer be named and is not given anew."""
    own = queries.own_grant(actor, grant)
    Grant.objects.select_for_update(of=("self",), no_key=True).get(pk=own.pk)  # once, not twice
    if (fault := queries.renewal_fault(actor, own)) is not None:
        raise fault
    renewal = queries.renewal_of(actor, own)
    given = {
        "period_from": period_from,
        "period_to": period_to,
        "duty": duty,
        "matter": matter,
        "system": system,
    }
    grounds = renewal.grounds | {name: value for name, value in given.items() if value is not None}
    resource = renewal.resource | ({"target": target} if target is not None else {})
    period = grounds["period_from"], grounds["period_to"]
    over = own.ended_at is not None
    if wrong := grounds_fault(grounds, period, own.valid_to, over, today()):
        raise Malformed(wrong, article="A26")
    form: Form = begin_form(actor, **grounds)
    if letters := queries.letters_of(own.application.form):
        bring_letters(form, [paper.pk for paper in letters])
    application = draft(actor, form=form.pk, **resource)
    application.renews = own
    application.save(update_fields=["renews"])
    note(form=form.pk, number=form.number, lost=renewal.lost)
    return form


@recorded("A26", SYSTEM(Post.OPERATOR), label="告知授权即将到期")
def offer_renewal(actor: Actor, *, grant: Annotated[int, Field(title="授权")]) -> Grant:
    """Tell the consumer, once, that a grant ends soon and may be applied for again. Raises
    `AgainstRules` when it was told or need not be."""
    row = (
        queries.renewals_to_offer(today()).select_for_update(of=("self",)).filter(pk=grant).first()
    )
    if row is None:
        raise AgainstRules("该授权不需要告知到期。", article="A26")
    row.renewal_offered_on = today()
    row.save(update_fields=["renewal_offered_on"])
    work.tell_bodies(
        actor,
        {row.consumer_id},
        f"授权即将到期：{row.mount.entry.name}",
        f"有效期至 {row.valid_to}，到期后不能再取得数据。仍需使用的，请在到期前再次申请，"
        "申请表按现授权填好；申请须重新审核，请留出办理时间。",
        reverse("access:grant", args=[row.pk]),
        row.case,
        kind=NoticeKind.OTHER,
    )
    return row
