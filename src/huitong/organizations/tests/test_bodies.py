"""Bodies, their task forces and duties (A2, A3, A5, A6)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.cast import Cast

from huitong.kernel.actor import Actor
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import Malformed, NotYours
from huitong.kernel.workdays import today
from huitong.organizations import actions, queries
from huitong.organizations.models import Body, Matter
from huitong.organizations.rules import check_credit_code
from huitong.organizations.tests.planting import DOCUMENT

# -- codes and registration ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    ["11320600XN000008X0", "11320600XN00000200", " 11320600xn000008x0 ", "N2320600XN00000008"],
)
def test_right_credit_codes(code: str) -> None:
    # letters in front are right too: compute the check character for this one
    if code.startswith("N"):
        code = next(
            code[:17] + c for c in "0123456789ABCDEFGHJKLMNPQRTUWXY" if _right(code[:17] + c)
        )
    assert check_credit_code(code) == code.strip().upper()


def _right(code: str) -> bool:
    try:
        return bool(check_credit_code(code))
    except Malformed:
        return False


@pytest.mark.parametrize(
    ("code", "problem"),
    [("11320600XN000008X1", "校验码"), ("1132060", "18 位"), ("11320600XN00000I00", "只含数字")],
)
def test_wrong_credit_codes_say_why(code: str, problem: str) -> None:
    with pytest.raises(Malformed, match=problem):
        check_credit_code(code)


def test_a_body_is_registered_once_and_its_code_is_checked(cast: Cast) -> None:
    given = {
        "name": "南通市测试局",
        "short_name": "市测试局",
        "kind": "department",
        "division_code": "320600",
    }
    with pytest.raises(Malformed, match="校验码"):
        actions.add_body(cast.system_admin, credit_code="11320600XN000008X1", **given)
    with pytest.raises(Malformed) as why:
        actions.add_body(cast.system_admin, credit_code="11320600XN000008X0", **given)
    assert (
        "市民政局" in why.value.fields["credit_code"][0]
        or "民政" in why.value.fields["credit_code"][0]
    )
    body = actions.add_body(cast.system_admin, credit_code="11320600XN00002662", **given)
    entry = Entry.objects.get(verb="organizations.add_body")
    assert (entry.object_type, entry.object_id, entry.article) == (
        "organizations.body",
        str(body.pk),
        "A2",
    )
    with pytest.raises(Malformed):
        actions.edit_body(
            cast.system_admin,
            body=body.pk,
            short_name="x" * 2,
            kind="department",
            credit_code="11320600XN00002662",
            division_code="320600",
            parent=body.pk,
        )


def test_only_registered_divisions_in_force_once_there_is_a_register(cast: Cast) -> None:
    from huitong.organizations.rules import Sheet

    actions.import_divisions(
        cast.system_admin,
        sheet=Sheet(
            [
                {"代码": "320600", "名称": "南通市", "级别": "city"},
                {
                    "代码": "320602",
                    "名称": "崇川区",
                    "级别": "county",
                    "上级代码": "320600",
                    "失效日期": "2020-07-02",
                    "承接代码": "320600",
                },
            ]
        ),
    )
    given = {
        "name": "南通市测试局",
        "short_name": "市测试局",
        "kind": "department",
        "credit_code": "11320600XN00002662",
    }
    with pytest.raises(Malformed, match="没有代码"):
        actions.add_body(cast.system_admin, division_code="999999", **given)
    with pytest.raises(Malformed, match="停用"):
        actions.add_body(cast.system_admin, division_code="320602", **given)
    assert (
        actions.add_body(cast.system_admin, division_code="320600", **given).division_code
        == "320600"
    )


# -- task forces, duties ---------------------------------------------------------------------------


def test_a_missing_task_force_is_a_warning_until_it_is_named(cast: Cast) -> None:
    assert [b.short_name for b in queries.missing_task_forces()] == ["市体育局"]
    given = {
        "leader": "分管副局长",
        "office": "综合处",
        "technical_unit": "市大数据中心",
        "members": [{"name": "王工", "role": "数据专员"}],
    }
    with pytest.raises(NotYours):
        actions.set_task_force(cast.civil_manager, body=cast.body("stranger").pk, **given)
    actions.set_task_force(cast.stranger_manager, body=cast.body("stranger").pk, **given)
    assert not queries.missing_task_forces().exists()
    actions.set_task_force(
        cast.stranger_manager, body=cast.body("stranger").pk, **given | {"members": []}
    )
    assert not Body.objects.get(pk=cast.body("stranger").pk).task_force.members.exists()


def test_a_body_manages_its_subordinate_units(cast: Cast) -> None:
    unit = actions.add_body(
        cast.system_admin,
        name="南通市婚姻登记中心",
        short_name="市婚登中心",
        kind="institution",
        credit_code="12320600XN0000477E",
        division_code="320600",
        parent=cast.body("civil").pk,
    )
    assert queries.subordinates(cast.body("civil").pk) == [unit]
    actions.set_task_force(
        cast.civil_manager, body=unit.pk, leader="主任", office="登记处", technical_unit="信息中心"
    )
    assert unit not in queries.missing_task_forces()


def test_duties_are_kept_by_the_body_or_the_bureau(cast: Cast) -> None:
    with pytest.raises(NotYours, match="本部门"):
        actions.add_duty(cast.housing_manager, body=cast.body("civil").pk, text="管别人的事")
    duty = actions.add_duty(
        cast.housing_manager,
        body=cast.body("housing").pk,
        text="负责房屋租赁管理",
        source="三定规定",
    )
    matter = actions.add_matter(
        cast.housing_manager, duty=duty.pk, code="ZJ-100", name="房屋租赁登记备案"
    )
    assert matter in queries.matters_of(cast.body("housing").pk)
    with pytest.raises(Malformed):
        actions.add_matter(cast.bureau_operator, duty=duty.pk, code="ZJ-100", name="重复")
    actions.end_duty(cast.bureau_operator, duty=duty.pk, on=today(), document=DOCUMENT)
    assert matter not in queries.matters_of(cast.body("housing").pk)
    assert Matter.objects.get(pk=matter.pk).valid_to == today() - timedelta(1)


def test_everybody_signed_in_finds_a_body(cast: Cast) -> None:
    assert [b.short_name for b in queries.search(cast.stranger_operator, "民政")] == ["市民政局"]
    assert queries.search(cast.stranger_operator, division="3206").count() == 7
    assert not queries.search(Actor(person=0, name="访客"), "民政").exists()


def test_a_duty_that_ends_soon_is_shown_with_its_matters_until_then(cast: Cast) -> None:
    duty, last = cast.duty("civil"), today() + timedelta(29)
    with pytest.raises(Malformed, match="不能早于"):
        actions.end_duty(
            cast.bureau_operator, duty=duty.pk, on=duty.valid_from - timedelta(1), document=DOCUMENT
        )
    actions.end_duty(
        cast.bureau_operator, duty=duty.pk, on=today() + timedelta(30), document=DOCUMENT
    )
    for page in ("/sys/duties/?q=婚姻", f"/orgs/{cast.body('civil').pk}/"):
        assert "MZ-001" in cast.client("civil_manager").get(page).content.decode()
    assert f"至 {last}" in cast.client("civil_manager").get("/sys/duties/?q=婚姻").content.decode()


def test_a_public_enterprise_is_a_body_by_the_provinces_law(cast: Cast) -> None:
    """A fifth kind, added as data alone (江苏省数据条例): registered, listed, narrowed by kind."""
    actions.add_body(
        cast.system_admin,
        name="南通市自来水有限公司",
        short_name="市自来水公司",
        kind="public_enterprise",
        credit_code="11320600XN00002662",
        division_code="320600",
    )
    page = cast.client("system_admin").get("/orgs/", {"kind": "public_enterprise"})
    listed = page.content.decode()
    assert (
        "自来水有限公司" in listed and "公共企事业单位" in listed and "南通市民政局" not in listed
    )
    assert "公共企事业单位" in cast.client("system_admin").get("/sys/bodies/add/").content.decode()
