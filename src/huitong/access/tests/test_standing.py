"""The duty behind an application must stand when it is submitted, accepted and granted, and be
confirmed for conditional data (A3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from tests.sharing import Sharing

from huitong.access import actions
from huitong.access.models import Application, Form
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import AgainstRules
from huitong.kernel.workdays import today
from huitong.organizations import actions as organizations
from huitong.organizations.models import Duty, Matter


def ended(s: Sharing) -> None:
    """As an auditor did it: the duty ended before the form was submitted, and still led to a
    grant."""
    with writing("test"):
        Duty.objects.filter(pk=s.cast.duty("housing").pk).update(valid_to=today() - timedelta(1))


def passed_on(s: Sharing) -> None:
    organizations.transfer_duty(
        s.cast.bureau_operator,
        duty=s.cast.duty("housing").pk,
        body=s.cast.body("stranger").pk,
        document="通编〔2026〕3号",
    )


def changed(s: Sharing) -> None:
    organizations.edit_duty(
        s.cast.housing_manager,
        duty=s.cast.duty("housing").pk,
        text=s.cast.duty("housing").text,
        source="另一文件",
    )


def matter_ended(s: Sharing) -> None:
    with writing("test"):
        Matter.objects.filter(pk=s.cast.matter("housing").pk).update(
            valid_to=today() - timedelta(1)
        )


FAULTS: dict[str, tuple[Callable[[Sharing], None], str]] = {
    "ended": (ended, "现在无效"),
    "passed on": (passed_on, "已不属该部门"),
    "changed": (changed, "未经市大数据管理局确认"),
    "matter ended": (matter_ended, "终止"),
}


def sealed(s: Sharing) -> Application:
    form = s.form(s.mount())
    actions.print_form(s.cast.housing_operator, form=form.pk)
    actions.seal_form(
        s.cast.housing_operator, form=form.pk, scan=s.scan(form), archive_number="ZJ-1"
    )
    return Application.objects.get(form=form)


def submitted(s: Sharing) -> Application:
    return Application.objects.get(form=s.applied(s.mount()))


STAGES: dict[str, tuple[Callable[[Sharing], Application], str, Callable[..., Any]]] = {
    "submit": (sealed, "housing_manager", actions.submit),
    "accept": (submitted, "bureau_operator", actions.accept),
    "grant": (lambda s: s.accepted(s.mount()), "civil_manager", actions.grant),
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_duty_that_no_longer_stands_stops_each_stage(sharing: Sharing, fault: str, stage: str):
    reach, who, act = STAGES[stage]
    application = reach(sharing)
    spoil, words = FAULTS[fault]
    spoil(sharing)
    with pytest.raises(AgainstRules, match=words) as refused:
        act(getattr(sharing.cast, who), application.case)
    assert refused.value.article == "A3" and refused.value.who and refused.value.remedy


def test_a_duty_added_and_cited_at_once_carries_no_conditional_data(sharing: Sharing):
    """A manager added any duty to the own body, without a source, and cited it at once."""
    duty = organizations.add_duty(
        sharing.cast.housing_manager, body=sharing.cast.body("housing").pk, text="负责一切事务"
    )
    answers = {"duty": duty.pk, "matter": None}
    with pytest.raises(AgainstRules, match="没有登记依据文件") as refused:
        sharing.applied(sharing.mount(), answers=answers)
    assert "大数据管理局" in refused.value.who and "补登依据" in refused.value.remedy
    organizations.confirm_duties(
        sharing.cast.bureau_operator, duties=[duty.pk], source="通办〔2019〕16号"
    )
    form = Form.objects.get()
    assert actions.submit_form(sharing.cast.housing_manager, form=form.pk).submitted_at


def test_unconditional_data_may_rest_on_it_and_everybody_sees_that(sharing: Sharing):
    duty = organizations.add_duty(
        sharing.cast.housing_manager, body=sharing.cast.body("housing").pk, text="负责一切事务"
    )
    application = sharing.accepted(
        sharing.mount("division"), answers={"duty": duty.pk, "matter": None}
    )
    for who in ("bureau_operator", "bureau_manager", "housing_operator"):
        page = sharing.cast.client(who).get(f"/cases/{application.case_id}/").content.decode()
        assert "职责未确认" in page, who
    assert (
        "职责未确认"
        in sharing.cast.client("bureau_manager").get(f"/decide/{application.pk}/").content.decode()
    )
    token = organizations.create_token(sharing.cast.bureau_manager, label="接口")["token"]
    answer = Client(headers={"Authorization": f"Bearer {token}"}).get(
        f"/api/forms/{application.form_id}"
    )
    assert answer.status_code == 200 and answer.json()["duty_confirmed"] is False


def test_the_decider_reads_what_is_wrong_before_deciding(sharing: Sharing):
    application = sharing.accepted(sharing.mount())
    changed(sharing)
    for url in (f"/cases/{application.case_id}/", f"/decide/{application.pk}/"):
        assert (
            "未经市大数据管理局确认"
            in sharing.cast.client("civil_manager").get(url).content.decode()
        )


def test_the_acceptor_reads_it_beside_the_scan(sharing: Sharing):
    application = submitted(sharing)
    assert (
        "职责未确认"
        not in sharing.cast.client("bureau_operator")
        .get(f"/accept/{application.pk}/")
        .content.decode()
    )
    changed(sharing)
    page = sharing.cast.client("bureau_operator").get(f"/accept/{application.pk}/").content.decode()
    assert "未经市大数据管理局确认" in page and "职责未确认" in page
