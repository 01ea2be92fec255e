"""An answer is evaluated; one that does not settle a doubt lets it be raised again, once (A29)."""

from __future__ import annotations

import pytest
from tests.objecting import REQUEST, RIGHT, WRONG, Objecting

from huitong.catalog import actions as catalog
from huitong.kernel.procedure import AgainstRules, Malformed, NotYours
from huitong.kernel.workdays import today
from huitong.objections import actions
from huitong.objections.models import Objection
from huitong.objections.rules import Satisfaction
from huitong.organizations import actions as organizations

pytestmark = pytest.mark.django_db


def test_an_answer_that_does_not_settle_it_is_doubted_once_more(objecting: Objecting) -> None:
    cast, upheld = objecting.cast, objecting.upheld()
    with pytest.raises(Malformed):
        actions.evaluate(cast.housing_operator, objecting.case(upheld), satisfied=Satisfaction.NO)
    first = objecting.dissatisfied()
    assert any("不满意" in text for text in objecting.titles("bureau_operator"))
    once_more = WRONG | {"delivery": REQUEST, "again": first.pk}
    second = actions.report(cast.housing_operator, **once_more)
    assert second.again_of_id == first.pk and second.grant_id == first.grant_id
    with pytest.raises(AgainstRules, match="已再次提出过"):
        actions.report(cast.housing_operator, **once_more)
    with pytest.raises(NotYours):
        actions.report(cast.civil_operator, **once_more)
    objecting.upheld(second)
    given = {"satisfied": Satisfaction.NO, "evaluation": "仍与原件不一致。"}
    actions.evaluate(cast.housing_operator, objecting.case(second), **given)
    with pytest.raises(AgainstRules, match="不能第三次"):
        actions.report(cast.housing_operator, **once_more | {"again": second.pk})


def test_one_withdrawn_has_not_used_it_up(objecting: Objecting) -> None:
    cast, first = objecting.cast, objecting.dissatisfied()
    client = cast.client("housing_operator")
    door = f"/objections/new/?again={first.pk}"
    once_more = WRONG | {"delivery": REQUEST, "again": first.pk}
    for _ in range(2):
        second = actions.report(cast.housing_operator, **once_more)
        assert client.get(door).status_code == 409
        actions.withdraw(cast.housing_operator, objecting.case(second))
        page = client.get(f"/cases/{first.case_id}/").content.decode()
        assert door in page and "已再次提出" not in page
    assert first.successors.count() == 2
    third = objecting.upheld(actions.report(cast.housing_operator, **once_more))
    page = client.get(f"/cases/{first.case_id}/").content.decode()
    assert third.case.number in page and door not in page


def test_it_goes_once_more_to_the_body_that_answered(objecting: Objecting) -> None:
    cast, first = objecting.cast, answered_by_hr(objecting)
    civil, hr = cast.body("civil").pk, cast.body("hr").pk
    page = cast.client("housing_operator").get(f"/objections/new/?again={first.pk}")
    assert f"提出后由{cast.body('hr').short_name}在时限内校核" in page.content.decode()
    again = WRONG | {"delivery": REQUEST, "again": first.pk}
    second = actions.report(cast.housing_operator, **again)
    assert (second.provider_id, second.declined) == (hr, [civil])
    assert objecting.case(second).awaiting == [f"{hr}:operator"]
    assert f"由{cast.body('hr').short_name}校核" in objecting.titles("bureau_operator")[-1]
    # who said it is not their duty reads the first on, and nothing of the second
    page = cast.client("civil_operator").get(f"/cases/{first.case_id}/").content.decode()
    assert second.case.number not in page and "已再次提出" not in page
    page = cast.client("housing_operator").get(f"/cases/{first.case_id}/").content.decode()
    assert second.case.number in page and "已再次提出" in page
    stranger = cast.body("stranger").pk
    actions.not_ours(cast.hr_operator, objecting.case(second), reasons="数据来自人社局。")
    actions.assign(cast.bureau_operator, objecting.case(second), body=stranger)
    page = cast.client("stranger_operator").get(f"/cases/{second.case_id}/").content.decode()
    assert first.case.number not in page and "上一次疑义" not in page


def test_it_goes_to_whose_entry_it_is_where_the_body_that_answered_was_merged_into_the_asker(
    objecting: Objecting,
) -> None:
    cast, first = objecting.cast, answered_by_hr(objecting)
    merged_into_housing(objecting, "hr")
    assert objecting.again(first).provider_id == cast.body("housing").pk
    goes_to_civil(objecting, first)


def test_it_goes_to_whose_entry_it_is_where_the_body_that_answered_has_ended(
    objecting: Objecting,
) -> None:
    cast, first = objecting.cast, answered_by_hr(objecting)
    ended = {"on": today(), "document": "通政发〔2026〕9号"}
    organizations.end_body(cast.system_admin, body=cast.body("hr").pk, **ended)
    goes_to_civil(objecting, first)


def test_nobody_raises_it_again_about_an_entry_that_has_become_their_own(
    objecting: Objecting,
) -> None:
    cast, first = objecting.cast, objecting.dissatisfied()
    client = cast.client("housing_operator")
    merged_into_housing(objecting, "civil")
    own = cast.body("housing").pk
    catalog.pass_on(cast.system, predecessors=[cast.body("civil").pk], heir=own, on=today())
    with pytest.raises(AgainstRules, match="这是本部门的数据"):
        actions.report(cast.housing_operator, **WRONG | {"delivery": REQUEST, "again": first.pk})
    door = f"/objections/new/?again={first.pk}"
    assert door not in client.get(f"/cases/{first.case_id}/").content.decode()


def answered_by_hr(objecting: Objecting) -> Objection:
    """A doubt Civil Affairs said is not its duty, and Human Resources answered."""
    cast, first = objecting.cast, objecting.raised()
    actions.not_ours(cast.civil_operator, objecting.case(first), reasons="数据来自人社局。")
    actions.assign(cast.bureau_operator, objecting.case(first), body=cast.body("hr").pk)
    actions.uphold(cast.hr_operator, objecting.case(first), reasons=RIGHT)
    no = {"satisfied": Satisfaction.NO, "evaluation": "证件原件与登记表不同。"}
    actions.evaluate(cast.housing_operator, objecting.case(first), **no)
    return objecting.again(first)


def merged_into_housing(objecting: Objecting, key: str) -> None:
    cast = objecting.cast
    old, heir = cast.body(key).pk, cast.body("housing").pk
    organizations.succeed(
        cast.system_admin,
        kind="merge",
        predecessors=[old],
        successors=[heir],
        on=today(),
        document="通政发〔2026〕9号",
    )
    actions.pass_on(cast.system, predecessors=[old], heir=heir, on=today())


def goes_to_civil(objecting: Objecting, first: Objection) -> None:
    cast, civil = objecting.cast, objecting.cast.body("civil")
    page = cast.client("housing_operator").get(f"/objections/new/?again={first.pk}")
    assert f"提出后由{civil.short_name}在时限内校核" in page.content.decode()
    second = actions.report(
        cast.housing_operator, **WRONG | {"delivery": REQUEST, "again": first.pk}
    )
    assert second.provider_id == civil.pk
    assert objecting.case(second).awaiting == [f"{civil.pk}:operator"]
