"""The life of a grant: issued by a decision, suspended, resumed, revoked, given back, expired
(A22, A23, A26, A28); how one nobody uses is taken back stands in `reclaiming`."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Any

from django.utils import timezone
from pydantic import BaseModel, ConfigDict, Field, InstanceOf

from huitong.access import queries
from huitong.access.actions.sealing import Reasons
from huitong.access.actions.watching import watch_provision
from huitong.access.models import Application, Grant, IntakeRow
from huitong.access.rules import GRANT, GRANT_UNDER_DECREE, G
from huitong.kernel.actor import BUREAU, PROVIDER, Actor
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.doing import note, stated_reasons, step
from huitong.kernel.procedure import AgainstRules
from huitong.work import actions as work
from huitong.work.rules import Cites, GroundRef


class Decision(BaseModel):
    """What the decision on an application grants. Only `deciding.grant` makes one; no page, request
    or command can give one, since it is neither text nor number nor object of JSON."""

    model_config = ConfigDict(frozen=True)

    application: int
    scope: dict[str, Any]
    per_second: int
    per_day: int | None
    valid_from: date
    valid_to: date
    until: time | None


@step(GRANT, GRANT_UNDER_DECREE, inner=True)
def issue(
    actor: Actor, case: Case, *, decision: Annotated[InstanceOf[Decision], Field(title="审核决定")]
) -> Grant:
    """Bring a grant into being: part of the decision on an application, by who decides on it, while
    it waits for that decision; never by itself."""
    application = (
        Application.objects.select_for_update(of=("self",))
        .select_related("case", "form", "mount__entry__body", "mount__entry__current")
        .get(pk=decision.application)
    )
    form, entry = application.form, application.mount.entry
    if queries.deciding_seat(actor, application) is None:
        raise AgainstRules(
            "授权只能由对申请的审核决定产生。", article="A22", remedy="请在申请的审核页面同意授权。"
        )
    case.between(consumer=form.consumer_id, provider=entry.body_id)
    grant = Grant.objects.create(
        case=case,
        application=application,
        mount=application.mount,
        consumer_id=form.consumer_id,
        system_id=form.system_id,
        matter_id=form.matter_id,
        purpose=form.purpose,
        circumstance=form.circumstance,
        months=form.months,
        circumstance_words=form.circumstance_words,
        legal_basis=form.legal_basis,
        legal_words=form.legal_words,
        **decision.model_dump(exclude={"application"}),
        target_id=application.target_id,
        target_table=application.target_table,
    )
    case.title = f"授权：{entry.name} → {form.consumer.short_name}"[:300]
    case.facts |= {
        "application": application.pk,
        "grant": grant.pk,
        "authority": application.case.facts["authority"],
    }
    case.save()
    note(undertaken=form.undertaken)
    if case.law == GRANT_UNDER_DECREE.law:
        watch_provision(grant)
    return grant


@step(GRANT, GRANT_UNDER_DECREE)
def suspend(
    actor: Actor, case: Case, *, ground: GroundRef, cites: Cites = "", reasons: Reasons
) -> Grant:
    """Stop delivery under a grant at once; it can be resumed. What the platform granted now
    waits for the platform to decide."""
    return tell_parties(actor, case, "授权已暂停", stated_reasons())


@step(GRANT, GRANT_UNDER_DECREE)
def resume(actor: Actor, case: Case, *, reasons: Reasons) -> Grant:
    """Go on with a suspended grant."""
    return tell_parties(actor, case, "授权已恢复", reasons)


@step(GRANT, GRANT_UNDER_DECREE)
def revoke(
    actor: Actor, case: Case, *, ground: GroundRef, cites: Cites = "", reasons: Reasons
) -> Grant:
    """Take a grant back for good: by the provider who gave it, or by the bureau, when a duty
    was failed (A28). For disuse there is a way of its own: `reclaim` (A26)."""
    return end_grant(actor, case, "授权已收回", stated_reasons())


@step(GRANT, GRANT_UNDER_DECREE)
def give_back(actor: Actor, case: Case, *, reasons: Reasons = "") -> Grant:
    """The consumer needs it no longer."""
    return end_grant(actor, case, "授权已退回", reasons)


@step(GRANT, GRANT_UNDER_DECREE)
def expire(actor: Actor, case: Case) -> Grant:
    """The period is over; planes have stopped by themselves at its end."""
    grant = queries.grant_of(case)
    if queries.ends_at(grant) > timezone.now():
        raise AgainstRules(f"授权有效期至 {grant.valid_to}，尚未到期。", article="A26")
    return end_grant(actor, case, "授权已到期", f"有效期至 {grant.valid_to}。继续使用须重新申请。")


def end_grant(actor: Actor, case: Case, title: str, text: str) -> Grant:
    """Within a step that ends a grant: it has ended from now on, and its parties hear of it. One
    that was brought in and never agreed to was never in force: its row may be brought in again."""
    grant = queries.grant_of(case)
    if case.state == G.TO_AGREE:
        IntakeRow.objects.filter(grant=grant).update(void=True)
    grant.ended_at = timezone.now()
    grant.save(update_fields=["ended_at"])
    note(ended_at=grant.ended_at)
    return tell_parties(actor, case, title, text, grant=grant)


def tell_parties(
    actor: Actor, case: Case, title: str, text: str, *, grant: Grant | None = None
) -> Grant:
    """Consumer and provider hear of it, and the bureau, which tracks every grant, of whatever
    the provider does (A19, A28)."""
    grant = grant or queries.grant_of(case)
    provider = case.body_of(PROVIDER.name)
    bodies = {
        grant.consumer_id,
        provider,
        case.body_of(BUREAU.name) if actor.body == provider else None,
    }
    work.tell_bodies(
        actor,
        bodies,
        f"{title}：{grant.mount.entry.name}",
        text,
        reverse("access:grant", args=[grant.pk]),
        case,
    )
    return grant
