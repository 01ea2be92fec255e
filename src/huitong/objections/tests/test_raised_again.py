"""An answer is evaluated; one that does not settle a doubt lets it be raised again, once (A29)."""

from __future__ import annotations

import pytest
from tests.objecting import REQUEST, RIGHT, WRONG, Objecting

from huitong.kernel.procedure import AgainstRules, Malformed, NotYours
from huitong.objections import actions
from huitong.objections.rules import Satisfaction

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
    cast, first = objecting.cast, objecting.raised()
    civil, hr = cast.body("civil").pk, cast.body("hr").pk
    sent = {"reasons": "数据来自人社局。"}
    actions.not_ours(cast.civil_operator, objecting.case(first), **sent)
    actions.assign(cast.bureau_operator, objecting.case(first), body=hr)
    actions.uphold(cast.hr_operator, objecting.case(first), reasons=RIGHT)
    no = {"satisfied": Satisfaction.NO, "evaluation": "证件原件与登记表不同。"}
    actions.evaluate(cast.housing_operator, objecting.case(first), **no)
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
    actions.not_ours(cast.hr_operator, objecting.case(second), **sent)
    actions.assign(cast.bureau_operator, objecting.case(second), body=stranger)
    page = cast.client("stranger_operator").get(f"/cases/{second.case_id}/").content.decode()
    assert first.case.number not in page and "上一次疑义" not in page
