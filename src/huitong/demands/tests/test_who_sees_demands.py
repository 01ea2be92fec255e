"""Who sees a demand while it goes its way, what others learn of it, and who goes on with it (A2,
A24, A25)."""

from __future__ import annotations

import pytest
from tests.demanding import Demanding

from huitong.demands import actions, queries
from huitong.demands.models import Answer, Demand
from huitong.kernel.workdays import today

pytestmark = pytest.mark.django_db
WHY = "该数据由公积金中心管理，不在本部门系统中。"

EVERYBODY = (
    "housing_operator",
    "housing_manager",
    "civil_operator",
    "civil_manager",
    "hr_operator",
    "bureau_operator",
    "stranger_operator",
    "system_admin",
    "audit_admin",
)


def seen_by(demanding: Demanding, demand: Demand) -> set[str]:
    return {
        who
        for who in EVERYBODY
        if queries.visible_to(getattr(demanding.cast, who)).filter(pk=demand.pk).exists()
    }


def test_who_sees_a_demand_while_it_goes_its_way(demanding: Demanding) -> None:
    cast, own = demanding.cast, {"housing_operator", "housing_manager"}
    civil = {"civil_operator", "civil_manager"}
    demand = demanding.drafted()
    assert seen_by(demanding, demand) == own
    demand = demanding.sealed()
    assert seen_by(demanding, demand) == own
    actions.submit(cast.housing_manager, demanding.case(demand))
    assert seen_by(demanding, demand) == own | civil | {"bureau_operator"}
    actions.not_ours(cast.civil_operator, demanding.case(demand), reasons=WHY)
    assert seen_by(demanding, demand) == own | civil | {"bureau_operator"}
    actions.assign(cast.bureau_operator, demanding.case(demand), body=cast.body("hr").pk)
    assert seen_by(demanding, demand) == own | civil | {"bureau_operator", "hr_operator"}
    assert [d.pk for d in queries.received_demands(cast.civil_operator)] == [demand.pk]
    assert [d.pk for d in queries.received_demands(cast.hr_operator)] == [demand.pk]
    assert not queries.received_demands(cast.housing_operator).exists()
    for who in EVERYBODY:
        listed = queries.submitted_demands(getattr(cast, who)).filter(pk=demand.pk).exists()
        assert listed is (who in seen_by(demanding, demand)), who


def test_others_learn_of_a_running_demand_what_it_is_for_and_no_more(demanding: Demanding) -> None:
    cast = demanding.cast
    demanding.drafted(title="婚姻登记历史信息")
    assert queries.running_alike(cast.stranger_operator, "婚姻登记信息") == []
    demand = demanding.submitted()
    [row] = queries.running_alike(cast.stranger_operator, "婚姻登记")
    assert (row.title, row.consumer, row.body, row.case) == (
        "婚姻登记信息",
        demand.consumer.short_name,
        cast.body("civil").short_name,
        None,
    )
    [row] = queries.running_alike(cast.housing_manager, "婚姻登记")
    assert row.case == demand.case_id
    assert queries.running_alike(cast.system_admin, "婚姻登记") == []
    assert queries.running_alike(cast.stranger_operator, "不动产登记信息") == []


def test_the_evidence_of_a_case_holds_its_papers(demanding: Demanding) -> None:
    demand = demanding.submitted()
    demand.refresh_from_db()
    files = dict(queries.papers_of(demanding.case(demand)))
    named = {demand.scan.sha256, demand.printed.sha256, demand.printed_hash}
    assert all(any(digest in name for name in files) for digest in named)
    assert ("demands.demand", str(demand.pk)) in set(queries.written_about(demanding.case(demand)))


def test_an_heir_goes_on_with_the_demands_of_its_predecessor(demanding: Demanding) -> None:
    cast, demand = demanding.cast, demanding.submitted()
    civil, hr = cast.body("civil").pk, cast.body("hr").pk
    actions.not_ours(cast.civil_operator, demanding.case(demand), reasons=WHY, right_body=hr)
    housing, stranger = cast.body("housing").pk, cast.body("stranger").pk
    for _ in range(2):
        actions.pass_on(cast.system, predecessors=[civil, housing], heir=stranger, on=today())
    demand.refresh_from_db()
    row = Answer.objects.get(demand=demand)
    assert (demand.consumer_id, demand.addressed) == (stranger, [stranger])
    assert (row.body_id, row.named_id) == (stranger, hr)
