"""Grants that are brought in: in force from their own first day where the platform decides, once
the provider agrees where the law has it decide (A19, A22)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated, Any

from django.utils import timezone
from pydantic import Field

from huitong.access import queries
from huitong.access.actions.granting import end_grant, tell_parties
from huitong.access.actions.intake_applications import AT_ONCE, Old, stand_between
from huitong.access.actions.sealing import Reasons
from huitong.access.actions.standing import check_standing
from huitong.access.models import Grant
from huitong.access.rules import GRANT, GRANT_UNDER_DECREE
from huitong.access.rules.intake import Footing
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.doing import Result, step
from huitong.kernel.doing.together import Body
from huitong.kernel.procedure import AgainstRules
from huitong.kernel.workdays import SHANGHAI
from huitong.scope import ScopeError


@step(GRANT, GRANT_UNDER_DECREE, inner=True)
def bring_in(
    actor: Actor, case: Case, *, old: Old, application: Annotated[int, Field(title="申请")]
) -> Grant:
    """A grant that is brought in: part of confirming a table, for all of its rows together; never
    by itself."""
    raise AgainstRules(
        "补录的授权只能由确认补录产生。", article="A19", remedy="请在补录的页面确认。"
    )


def grants_of(table: Case) -> Body:
    """The body of ``grant.bring_in`` for the rows of a table."""

    def make(cases: list[Case], given: list[dict[str, Any]]) -> list[Result]:
        rows = Grant.objects.bulk_create(
            [_grant(case, **typed) for case, typed in zip(cases, given, strict=True)],
            batch_size=AT_ONCE,
        )
        for grant, case, typed in zip(rows, cases, given, strict=True):
            stand_between(table, case, typed["old"])
            case.title = typed["old"].title("授权")
            case.facts |= {
                "application": typed["application"],
                "grant": grant.pk,
                "footing": typed["old"].footing,
            }
        return [Result(grant) for grant in rows]

    return make


@step(GRANT, GRANT_UNDER_DECREE)
def agree(actor: Actor, case: Case) -> Grant:
    """The provider agrees to what the bureau has brought in: it is in force from now on, as far as
    the entry still allows, and on a duty that stands (A3). Raises `AgainstRules` where nothing
    could leave under it."""
    grant = queries.grant_of(case)
    check_standing(grant.application, remedy="请不同意，由使用部门按现行职责重新申请。")
    if queries.ends_at(grant) <= timezone.now():
        raise AgainstRules(
            f"授权有效期至 {grant.valid_to}，已经到期。",
            article="A26",
            remedy="请不同意，由使用部门重新申请。",
        )
    try:
        queries.scope_now(grant)
    except ScopeError as wrong:
        raise AgainstRules(f"登记的范围无法读取：{wrong}。", article="A30") from None
    return tell_parties(
        actor, case, "补录的授权已生效", f"有效期至 {grant.valid_to}。", grant=grant
    )


@step(GRANT, GRANT_UNDER_DECREE)
def disagree(actor: Actor, case: Case, *, reasons: Reasons) -> Grant:
    """The provider does not agree: the grant never comes into force; corrected, it may be brought
    in again."""
    return end_grant(actor, case, "补录的授权未获同意", reasons)


# -- inside ----------------------------------------------------------------------------------------


def _grant(case: Case, *, old: Old, application: int) -> Grant:
    over = old.footing == Footing.OVER
    return Grant(
        case=case,
        application_id=application,
        mount_id=old.mount,
        consumer_id=old.consumer,
        system_id=old.system,
        matter_id=old.matter,
        purpose=old.purpose,
        scope=old.scope,
        per_second=old.per_second,
        per_day=old.per_day,
        valid_from=old.valid_from,
        valid_to=old.valid_to,
        target_id=old.target,
        target_table=old.target_table,
        # of one that is over: when its last day was
        ended_at=datetime.combine(old.valid_to + timedelta(1), time(), SHANGHAI) if over else None,
    )
