"""A grant whose period is over is applied for again, filled in from it (A26); what an application
says of a season or another special circumstance."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now
from tests.sharing import ITEMS, RISK, Sharing

from huitong.access import actions, jobs, queries
from huitong.access.models import Application, Form, Grant
from huitong.access.rules import G
from huitong.access.tests.test_application_pages import Clerk, text
from huitong.catalog import actions as catalog
from huitong.catalog.tests.marriage import republished
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, Malformed, NotYours
from huitong.kernel.workdays import today
from huitong.scope import from_json
from huitong.work.models import Notice

pytestmark = pytest.mark.django_db
SEASON = {"circumstance": "seasonal", "months": [6, 7, 8]}
NANTONG = {"op": "prefix", "item": "登记机关区划", "value": {"text": "3206"}}


def ending(sharing: Sharing, days: int = 10, **more: Any) -> Grant:
    """A grant of half a year that ends in so many days."""
    grant = sharing.granted(**more)
    with writing("test"):
        Grant.objects.filter(pk=grant.pk).update(
            valid_from=today() + timedelta(days - 180), valid_to=today() + timedelta(days)
        )
    return Grant.objects.select_related("case").get(pk=grant.pk)


def renewed(sharing: Sharing, grant: Grant, **given: Any) -> Application:
    form = actions.renew(sharing.cast.housing_operator, grant=grant.pk, **given)
    return Application.objects.select_related("form", "case").get(form=form)


# -- offered ---------------------------------------------------------------------------------------


def test_the_consumer_is_told_once_thirty_days_before_the_end(sharing: Sharing) -> None:
    late, soon = ending(sharing, 60), ending(sharing, 29, mount=sharing.mount("division", "api"))
    jobs.offer_renewals()
    jobs.offer_renewals()
    notices = Notice.objects.filter(title__startswith="授权即将到期")
    cast = sharing.cast
    assert {(n.person_id, n.url) for n in notices} == {
        (who.person, f"/grants/{soon.pk}/") for who in (cast.housing_operator, cast.housing_manager)
    }
    assert Entry.objects.filter(verb="access.offer_renewal").count() == 1
    client = cast.client("housing_operator")
    listed = client.get("/grants/?tab=held&show=soon").content.decode()
    assert f"/grants/{soon.pk}/" in listed and f"/grants/{late.pk}/" not in listed
    for grant, offered in ((soon, True), (late, False)):
        page = client.get(f"/grants/{grant.pk}/").content.decode()
        assert (f"/grants/{grant.pk}/renew/" in page) == offered
    provider = cast.client("civil_manager").get(f"/grants/{soon.pk}/").content.decode()
    assert "/renew/" not in provider


def test_what_is_stopped_or_over_is_not_offered(sharing: Sharing) -> None:
    grant = ending(sharing)
    actions.suspend(sharing.cast.civil_manager, grant.case, **RISK)
    jobs.offer_renewals()
    assert not Notice.objects.filter(title__startswith="授权即将到期").exists()
    with pytest.raises(AgainstRules) as stopped:
        actions.renew(sharing.cast.housing_operator, grant=grant.pk)
    assert "已暂停" in stopped.value.detail


# -- filled in -------------------------------------------------------------------------------------


def test_it_is_filled_in_from_the_grant_and_goes_the_way_of_any_other(sharing: Sharing) -> None:
    grant = ending(sharing, items=["登记编号", "男方姓名"], row_filter=NANTONG)
    old = grant.application.form
    application = renewed(sharing, grant)
    form, scope = application.form, from_json(application.scope)
    assert scope.items == ("登记编号", "男方姓名") and scope.filtered_items == ("登记机关区划",)
    for name in ("consumer", "duty", "matter", "system", "purpose", "scenario", "contact", "phone"):
        assert getattr(form, name) == getattr(old, name), name
    assert form.period_from == grant.valid_to + timedelta(1)
    assert form.period_to - form.period_from == grant.valid_to - grant.valid_from
    assert application.case.state == "draft" and application.renews == grant
    assert sharing.case(grant).state == G.ACTIVE, "the old one runs to its end"
    assert Entry.objects.filter(verb="access.renew").get().after["lost"] == []
    with pytest.raises(AgainstRules) as twice:
        actions.renew(sharing.cast.housing_operator, grant=grant.pk)
    assert form.number in twice.value.detail
    actions.withdraw(sharing.cast.housing_operator, application.case)
    assert renewed(sharing, grant).form != form


def test_what_was_refused_may_be_asked_for_again(sharing: Sharing) -> None:
    """Only what still runs bars another."""
    grant, cast = ending(sharing), sharing.cast
    application = renewed(sharing, grant)
    with writing("test"):
        Case.objects.filter(pk=application.case_id).update(state="refused", closed_at=now())
    assert queries.asks_again(cast.housing_operator, grant) == application
    assert queries.renewal_fault(cast.housing_operator, grant) is None


def test_it_works_after_the_end_too(sharing: Sharing) -> None:
    grant = ending(sharing, -3)
    assert not queries.renewals_to_offer(today()).exists(), "what is over ends no more"
    jobs.expire()
    assert sharing.case(grant).state == G.EXPIRED
    assert renewed(sharing, grant).form.period_from == today()


@pytest.mark.parametrize("end", ["revoke", "give_back"])
def test_what_was_taken_or_given_back_is_asked_for_anew(sharing: Sharing, end: str) -> None:
    grant = ending(sharing)
    if end == "revoke":
        actions.revoke(sharing.cast.civil_manager, grant.case, **RISK)
    else:
        actions.give_back(sharing.cast.housing_operator, grant.case)
    with pytest.raises(AgainstRules):
        actions.renew(sharing.cast.housing_operator, grant=grant.pk)
    assert not Application.objects.filter(renews=grant).exists()


def test_not_before_its_time_nor_by_another(sharing: Sharing) -> None:
    grant = ending(sharing, 60)
    with pytest.raises(AgainstRules) as early:
        actions.renew(sharing.cast.housing_operator, grant=grant.pk)
    assert str(grant.valid_to) in early.value.detail
    with pytest.raises(NotYours):
        actions.renew(sharing.cast.civil_operator, grant=grant.pk)
    with pytest.raises(NotYours):
        actions.renew(sharing.cast.housing_manager, grant=grant.pk)


def test_what_is_no_longer_allowed_falls_out_and_is_said(sharing: Sharing) -> None:
    grant = ending(sharing, row_filter=NANTONG)
    cast = sharing.cast
    hands = (cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    left = [r for r in ITEMS["marriage"] if r["name"] not in ("登记机关", "登记机关区划")]
    republished(*hands, sharing.entry(), items=left)
    page = cast.client("housing_operator").get(f"/grants/{grant.pk}/renew/").content.decode()
    assert "与原授权不同的地方" in page and "登记机关" in page
    application = renewed(sharing, grant)
    scope = from_json(application.scope)
    assert {"登记机关", "登记机关区划"}.isdisjoint(scope.items) and scope.row_filter is None
    lost = Entry.objects.get(verb="access.renew").after["lost"]
    assert any("登记机关" in words for words in lost)


def test_what_can_no_longer_be_named_is_given_anew(sharing: Sharing) -> None:
    grant = ending(sharing)
    cast = sharing.cast
    with writing("test"):
        grant.system.retired_on = today()
        grant.system.save()
    with pytest.raises(Malformed) as wrong:
        actions.renew(cast.housing_operator, grant=grant.pk)
    assert (
        set(wrong.value.fields) == {"system"}
        and not Form.objects.filter(applications__renews=grant).exists()
    )
    other = catalog.register_system(cast.housing_operator, name="住房保障新系统")
    assert renewed(sharing, grant, system=other.pk).form.system_id == other.pk


def test_a_person_renews_in_three_clicks(sharing: Sharing) -> None:
    """From the notice's page: 再次申请, 生成申请表; then the form, ready to print."""
    grant = ending(sharing, mount=sharing.mount("marriage", "table"))
    client = sharing.cast.client("housing_operator")
    url = f"/grants/{grant.pk}/renew/"
    page = client.get(url).content.decode()
    assert f'value="{grant.valid_to + timedelta(1)}"' in page
    fields = {
        "period_from": str(grant.valid_to + timedelta(1)),
        "period_to": str(grant.valid_to + timedelta(100)),
        "duty": grant.application.form.duty_id,
        "matter": grant.matter_id,
        "system": grant.system_id,
        "target": grant.target_id,
    }
    answer = client.post(url, fields, follow=True)
    form = Form.objects.latest("pk")
    assert answer.redirect_chain[-1][0] == f"/apply/{form.pk}/"
    assert form.period_to == grant.valid_to + timedelta(100)
    assert client.get(url)["Location"] == f"/apply/{form.pk}/"
    assert "已再次申请" in client.get(f"/grants/{grant.pk}/").content.decode()
    case = form.applications.get().case_id
    assert f"/grants/{grant.pk}/" in client.get(f"/cases/{case}/").content.decode()
    wrong = client.post(url, fields | {"period_from": str(grant.valid_to)})
    assert wrong.status_code == 302, "there is one already"


# -- special circumstances -------------------------------------------------------------------------


def test_a_circumstance_is_stamped_decided_on_and_carried(sharing: Sharing) -> None:
    application = sharing.accepted(sharing.mount(), answers=SEASON)
    assert queries.content_of(application.form)["circumstance"] == (
        "季节性应用（每年 6、7、8 月使用）"
    )
    page = sharing.cast.client("civil_manager").get(f"/decide/{application.pk}/").content.decode()
    assert "季节性应用（每年 6、7、8 月使用）" in page
    grant = actions.grant(sharing.cast.civil_manager, application.case)
    assert (grant.circumstance, grant.months) == ("seasonal", [6, 7, 8])
    assert "季节性应用" in (
        sharing.cast.client("bureau_manager").get(f"/grants/{grant.pk}/").content.decode()
    )
    with writing("test"):  # what was stamped binds
        Form.objects.filter(pk=application.form_id).update(months=[6])
    other = Application.objects.select_related("form").get(pk=application.pk)
    assert queries.stamp_of(other)["terms"] != sharing.case(other).facts["stamped"]["terms"]


def test_without_one_a_form_says_what_it_always_said(sharing: Sharing) -> None:
    form = sharing.form(sharing.mount())
    assert "circumstance" not in queries.content_of(form)


def test_one_is_stated_as_a_whole_and_taken_out(sharing: Sharing) -> None:
    form, clerk = sharing.form(sharing.mount(), answers=SEASON), sharing.cast.housing_operator
    for given, field in (
        ({"circumstance": "seasonal"}, "months"),
        ({"circumstance": "other"}, "circumstance_words"),
        ({"months": [3]}, "circumstance"),
    ):
        with pytest.raises(Malformed) as wrong:
            actions.revise(clerk, form=form.pk, **given)
        assert field in wrong.value.fields, given
    changed = actions.revise(clerk, form=form.pk, circumstance="emergency")
    assert changed.special == "应急处置" and changed.months == []
    actions.revise(clerk, form=form.pk, purpose="核对公共租赁住房申请人婚姻状况（复核）")
    assert Form.objects.get(pk=form.pk).circumstance == "emergency"
    assert actions.revise(clerk, form=form.pk, circumstance="none").special == ""


def test_the_question_stands_on_the_second_page(sharing: Sharing) -> None:
    clerk = Clerk(sharing, sharing.mount("division", "api"))
    clerk.send(**clerk.items("级别"))
    answer = clerk.send("grounds/", **clerk.answers(circumstance="seasonal"))
    assert answer.status_code == 422 and "请选择每年使用的月份" in text(answer)
    answers = clerk.answers(circumstance="seasonal", months=["6", "7"])
    assert clerk.send("grounds/", **answers)["Location"] == f"{clerk.url}check/"
    page = text(clerk.client.get(f"{clerk.url}check/"))
    assert "季节性应用" in page and "6 月、7 月" in page
    clerk.send("check/", _mark=clerk.mark())
    form = Form.objects.get()
    assert (form.circumstance, form.months) == ("seasonal", [6, 7])
