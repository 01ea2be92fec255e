"""The life of a grant: issued by a decision, suspended, resumed, revoked, given back, expired
(A22, A23, A26, A28)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, time
from typing import Annotated, Any

from django.urls import reverse
from django.utils import timezone
from pydantic import Field

from huitong.access import queries
from huitong.access.actions.sealing import Reasons
from huitong.access.actions.telling import tell
from huitong.access.models import Application, Grant
from huitong.access.rules import GRANT
from huitong.kernel.actor import BUREAU, PROVIDER, SYSTEM, Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.doing import note, recorded, stated_reasons, step
from huitong.kernel.procedure import AgainstRules
from huitong.work.rules import Cites, GroundRef

_deciding: ContextVar[int] = ContextVar("huitong_deciding", default=0)


@contextmanager
def deciding(application: int) -> Iterator[None]:
    """Within, and only within, the decision on this application may issue its grant."""
    token = _deciding.set(application)
    try:
        yield
    finally:
        _deciding.reset(token)


@step(GRANT, inner=True)
def issue(
    actor: Actor,
    case: Case,
    *,
    application: Annotated[int, Field(title="申请")],
    scope: Annotated[dict[str, Any], Field(title="范围")],
    per_second: Annotated[int, Field(title="每秒调用上限", ge=1)],
    per_day: Annotated[int | None, Field(title="每日调用上限")] = None,
    valid_from: Annotated[date, Field(title="授权起")],
    valid_to: Annotated[date, Field(title="授权止")],
    until: Annotated[time | None, Field(title="最后一日的截止时刻")] = None,
) -> Grant:
    """Bring a grant into being: part of the decision on an application, never by itself."""
    if _deciding.get() != application:
        raise AgainstRules(
            "授权只能由对申请的审核决定产生。", article="A22", remedy="请在申请的审核页面同意授权。"
        )
    asked = Application.objects.select_related("case", "form", "mount__entry__body").get(
        pk=application
    )
    form, entry = asked.form, asked.mount.entry
    case.between(consumer=form.consumer_id, provider=entry.body_id)
    grant = Grant.objects.create(
        case=case,
        application=asked,
        mount=asked.mount,
        consumer_id=form.consumer_id,
        system_id=form.system_id,
        matter_id=form.matter_id,
        purpose=form.purpose,
        scope=scope,
        per_second=per_second,
        per_day=per_day,
        valid_from=valid_from,
        valid_to=valid_to,
        until=until,
        target_id=asked.target_id,
        target_table=asked.target_table,
    )
    case.about(grant, f"授权：{entry.name} → {form.consumer.short_name}")
    case.facts |= {
        "application": asked.pk,
        "grant": grant.pk,
        "authority": asked.case.facts["authority"],
    }
    case.save()
    return grant


@step(GRANT)
def suspend(
    actor: Actor, case: Case, *, ground: GroundRef, cites: Cites = "", reasons: Reasons
) -> Grant:
    """Stop delivery under a grant at once; it can be resumed. What the platform granted now
    waits for the platform to decide."""
    return _told(actor, case, "授权已暂停", stated_reasons(), ends=False)


@step(GRANT)
def resume(actor: Actor, case: Case, *, reasons: Reasons) -> Grant:
    """Go on with a suspended grant."""
    return _told(actor, case, "授权已恢复", reasons, ends=False)


@step(GRANT)
def revoke(
    actor: Actor, case: Case, *, ground: GroundRef, cites: Cites = "", reasons: Reasons
) -> Grant:
    """Take a grant back for good: by the provider who gave it (A26), or by the bureau when a
    duty was failed (A28)."""
    return _ended(actor, case, "授权已收回", stated_reasons())


@step(GRANT)
def give_back(actor: Actor, case: Case, *, reasons: Reasons = "") -> Grant:
    """The consumer needs it no longer."""
    return _ended(actor, case, "授权已退回", reasons)


@step(GRANT)
def expire(actor: Actor, case: Case) -> Grant:
    """The period is over; planes have stopped by themselves at its end."""
    grant = queries.grant_of(case)
    if queries.ends_at(grant) > timezone.now():
        raise AgainstRules(f"授权有效期至 {grant.valid_to}，尚未到期。", article="A26")
    return _ended(actor, case, "授权已到期", f"有效期至 {grant.valid_to}。继续使用须重新申请。")


@recorded("A28", SYSTEM(Post.OPERATOR), label="告知资源的使用部门")
def tell_users(
    actor: Actor,
    *,
    mount: Annotated[int, Field(title="挂接资源")],
    what: Annotated[str, Field(title="事由", max_length=60)],
    reasons: Annotated[str, Field(title="原因", max_length=1000)] = "",
) -> list[int]:
    """Tell every body with a running grant on a resource what happened to its delivery. Returns
    the bodies."""
    running = Grant.objects.filter(mount=mount, ended_at=None).select_related("mount__entry__body")
    bodies = {grant.consumer_id: grant for grant in running}
    for body, grant in bodies.items():
        entry = grant.mount.entry
        tell(
            actor,
            {body},
            f"{entry.body.short_name}{what}：{entry.name}",
            reasons,
            reverse("access:grant", args=[grant.pk]),
        )
    note(bodies=sorted(bodies))
    return sorted(bodies)


def _ended(actor: Actor, case: Case, title: str, text: str) -> Grant:
    grant = queries.grant_of(case)
    grant.ended_at = timezone.now()
    grant.save(update_fields=["ended_at"])
    note(ended_at=grant.ended_at)
    return _told(actor, case, title, text, grant=grant)


def _told(
    actor: Actor,
    case: Case,
    title: str,
    text: str,
    *,
    grant: Grant | None = None,
    ends: bool = True,
) -> Grant:
    """Consumer and provider hear of it, and the bureau, which tracks every grant, of whatever
    the provider does (A19, A28)."""
    grant = grant or queries.grant_of(case)
    provider = case.parties.get(PROVIDER.name)
    bodies = {
        grant.consumer_id,
        provider,
        case.parties.get(BUREAU.name) if actor.body == provider else None,
    }
    tell(
        actor,
        bodies,
        f"{title}：{grant.mount.entry.name}",
        text,
        reverse("access:grant", args=[grant.pk]),
        case,
        ends=ends,
    )
    return grant
