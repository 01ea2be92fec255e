"""Any order of steps, by anybody: nothing is delivered outside a live grant (A22-A30)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.sharing import RISK, Sharing

from huitong.access import actions, queries
from huitong.access.models import Grant
from huitong.access.rules import G
from huitong.kernel.case import Case
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import Problem
from huitong.kernel.workdays import SHANGHAI, today
from huitong.publishing import actions as publishing

pytestmark = pytest.mark.django_db
DAY = timedelta(1)

ACTS = (
    "suspend",
    "resume",
    "revoke",
    "give_back",
    "expire",
    "give_notice",
    "answer_notice",
    "end_answering",
    "reclaim",
    "keep_running",
    "stop mount",
    "resume mount",
    "a day",
    "many days",
)
SEATS = (
    "civil_manager",
    "civil_operator",
    "housing_operator",
    "housing_manager",
    "bureau_manager",
    "bureau_operator",
    "stranger_manager",
    "system",
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(moves=st.lists(st.tuples(st.sampled_from(ACTS), st.sampled_from(SEATS)), max_size=12))
def test_no_sequence_of_steps_yields_a_live_grant_outside_an_active_case_and_its_period(
    sharing: Sharing, moves
):
    grant = sharing.__dict__.setdefault("one_grant", None) or sharing.granted(
        valid_to=today() + 30 * DAY
    )
    sharing.one_grant = grant
    with writing("test"):  # of four months ago, so that notice of disuse can be given
        Grant.objects.filter(pk=grant.pk).update(valid_from=today() - 120 * DAY)
        Case.objects.filter(pk=grant.case_id).update(entered_at=datetime.now(UTC) - 120 * DAY)
    with transaction.atomic():
        now = datetime.now(UTC)
        for act, seat in moves:
            actor = getattr(sharing.cast, seat)
            try:
                with transaction.atomic():
                    if act == "a day":
                        now += DAY
                    elif act == "many days":
                        now += 20 * DAY
                    elif act in ("stop mount", "resume mount"):
                        move = (
                            publishing.suspend_delivery
                            if act == "stop mount"
                            else publishing.resume_delivery
                        )
                        move(
                            actor,
                            mount=grant.mount_id,
                            **(RISK if act == "stop mount" else {"reasons": "数据核对"}),
                        )
                    else:
                        given = (
                            RISK
                            if act in ("suspend", "revoke")
                            else {"reasons": "按规定办理"}
                            if act not in ("expire", "end_answering")
                            else {}
                        )
                        getattr(actions, act)(actor, grant.case, **given)
            except Problem:
                pass
            case = sharing.case(grant)
            row = Grant.objects.select_related("mount").get(pk=grant.pk)
            inside = row.valid_from <= now.astimezone(SHANGHAI).date() <= row.valid_to
            expected = (
                case.state in (G.ACTIVE, G.NOTICED, G.TO_SETTLE)
                and inside
                and row.mount.state == "active"
                and row.ended_at is None
            )
            assert bool(queries.live_grants(now)) == expected
            assert (row.ended_at is not None) == (case.state in (G.REVOKED, G.RETURNED, G.EXPIRED))
        transaction.set_rollback(True)
