"""Codes are gap-free and never given twice, whatever runs at once (A7)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, connections
from tests.cast import Cast

from huitong.catalog import actions
from huitong.catalog.models import CodeRule, CodeSequence, Entry
from huitong.catalog.rules import check_template, fill, prefix
from huitong.catalog.tests.marriage import drafted, published, second_draft, with_bureau
from huitong.kernel.case import Case
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import today

AT_ONCE = 50


@pytest.mark.django_db(transaction=True)
def test_fifty_approvals_at_once_leave_no_gap_and_no_number_twice(cast: Cast):
    cases = [
        with_bureau(cast.civil_operator, cast.civil_manager, f"资源名称{n}号信息")
        for n in range(AT_ONCE + 5)
    ]
    start = Barrier(10)

    def approve(at: int) -> None:
        """Ten at a time, each on a connection of its own; every tenth act fails after it has
        taken its number."""
        if at < 10:
            start.wait(timeout=20)
        try:
            if at >= AT_ONCE:
                with pytest.raises(AgainstRules):
                    # approved already, or just now
                    actions.pass_bureau(cast.bureau_operator, cases[at - AT_ONCE])
            else:
                actions.pass_bureau(cast.bureau_operator, cases[at])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(approve, range(AT_ONCE)))
        list(pool.map(approve, range(AT_ONCE, AT_ONCE + 5)))
    given = sorted(Entry.objects.exclude(code=None).values_list("code", flat=True))
    body = cast.body("civil").number
    assert given == [f"101{body:03d}/{n:06d}" for n in range(1, AT_ONCE + 1)]
    assert connection.vendor == "postgresql" and CodeSequence.objects.get().last == AT_ONCE


@pytest.mark.django_db
def test_a_number_taken_by_an_approval_that_fails_is_given_to_the_next(cast: Cast, monkeypatch):
    first, second = (
        with_bureau(cast.civil_operator, cast.civil_manager, name)
        for name in ("甲类登记信息", "乙类登记信息")
    )
    from huitong.kernel.doing import steps

    with monkeypatch.context() as broken:
        broken.setattr(steps, "move", lambda *a: (_ for _ in ()).throw(RuntimeError("power cut")))
        with pytest.raises(RuntimeError):
            actions.pass_bureau(cast.bureau_operator, first)
    entry = actions.pass_bureau(cast.bureau_operator, second)
    assert entry.code.endswith("/000001")
    assert actions.pass_bureau(cast.bureau_operator, first).code.endswith("/000002")


@pytest.mark.django_db
def test_a_returned_entry_keeps_the_code_it_was_given_and_no_other_gets_it(cast: Cast):
    case = with_bureau(cast.civil_operator, cast.civil_manager)
    entry = actions.pass_bureau(cast.bureau_operator, case)
    actions.publish(cast.civil_operator, case)
    other = actions.pass_bureau(
        cast.bureau_operator, with_bureau(cast.civil_operator, cast.civil_manager, "收养登记信息")
    )
    assert (entry.code[-6:], other.code[-6:]) == ("000001", "000002")


@pytest.mark.django_db
def test_a_new_coding_rule_applies_from_its_day(cast: Cast):
    rule = "{year}-{division}-{sequence:04d}"
    with pytest.raises(Malformed):
        actions.set_code_rule(cast.bureau_manager, template=rule, in_force=today() - timedelta(1))
    actions.set_code_rule(cast.bureau_manager, template=rule, in_force=today() + timedelta(1))
    assert (
        "/"
        in actions.pass_bureau(
            cast.bureau_operator, with_bureau(cast.civil_operator, cast.civil_manager)
        ).code
    )
    actions.set_code_rule(cast.bureau_manager, template=rule, in_force=today())
    code = actions.pass_bureau(
        cast.bureau_operator, with_bureau(cast.civil_operator, cast.civil_manager, "收养登记信息")
    ).code
    assert code == f"{today().year}-320600-0001"
    assert Case.objects.filter(facts__code=code).count() == 1


@pytest.mark.parametrize(
    "template",
    [
        "{category}/{colour}{sequence}",
        "{sequence}{category}",
        "{category}",
        "{category",
        "{sequence}/{sequence}",
        "{body}{sequence}",
        "{category}号{sequence}",
        "{category.__class__}/{sequence}",
        "{category!r}/{sequence}",
        "{category}/{sequence:0999999999d}",
        "{category}/{sequence:{body}d}",
        "{sequence}/",
        "{category}" + "-" * 40 + "{sequence}",
    ],
)
def test_a_template_that_cannot_number_is_refused(template):
    with pytest.raises(Malformed) as wrong:
        check_template(template)
    assert "template" in wrong.value.fields


def test_a_code_may_have_forty_characters_and_no_more():
    check_template("-" * 30 + "{sequence}")
    with pytest.raises(Malformed, match="40 个字符"):
        check_template("-" * 31 + "{sequence}")


def test_the_example_of_the_guide_comes_out():
    parts = {"category": "307", "body": 1, "division": "320600", "year": 2026}
    check_template("{category}{body:03d}/{sequence:06d}")
    assert fill("{category}{body:03d}/{sequence:06d}", 1, **parts) == "307001/000001"
    assert prefix("{category}{body:03d}/{sequence:06d}", **parts) == "307001/"


def test_two_bodies_never_come_to_one_code():
    """Which is why a sequence stands apart: without a sign before it 1 and 11 are 11 and 1."""
    one, other = (
        {"category": "101", "body": body, "division": "320600", "year": 2026} for body in (1, 11)
    )
    assert fill("{body}{sequence}", 11, **one) == fill("{body}{sequence}", 1, **other)
    check_template("{body}-{sequence}")
    assert fill("{body}-{sequence}", 11, **one) != fill("{body}-{sequence}", 1, **other)


# -- the page --------------------------------------------------------------------------------------

RULE = "{division}-{category}-{sequence:04d}"


@pytest.mark.django_db
def test_another_rule_is_looked_at_before_it_is_set(cast: Cast) -> None:
    """The codes the page shows are those then given, and looking counts nothing."""
    first, second = (
        with_bureau(cast.civil_operator, cast.civil_manager, name)
        for name in ("甲类登记信息", "乙类登记信息")
    )
    client = cast.client("bureau_manager")
    before = client.get("/catalog/codes/").content.decode()
    body = cast.body("civil").number
    assert f"101{body:03d}/000001" in before and f"101{body:03d}/000002" in before
    typed = {"template": RULE, "in_force": str(today()), "preview": "1"}
    page = client.post("/catalog/codes/", typed).content.decode()
    assert "320600-101-0001" in page and "320600-101-0002" in page and "尚未启用" in page
    live = client.post(
        "/catalog/codes/", {"template": "{sequence}"}, headers={"HX-Request": "true"}
    )
    assert live.status_code == 200 and "分隔符" in live.content.decode()
    assert not CodeRule.objects.exists() and not CodeSequence.objects.exists()
    del typed["preview"]
    assert client.post("/catalog/codes/", typed).status_code == 302
    for case, code in ((first, "320600-101-0001"), (second, "320600-101-0002")):
        assert actions.pass_bureau(cast.bureau_operator, case).code == code
    assert "320600-101-0003" in client.get("/catalog/codes/").content.decode()
    wrong = client.post("/catalog/codes/", typed | {"template": "{body}"})
    assert wrong.status_code == 422 and CodeRule.objects.count() == 1


@pytest.mark.django_db
def test_what_an_entry_lacks_for_a_rule_is_seen_before_it_stops_a_review(cast: Cast) -> None:
    with_bureau(cast.civil_operator, cast.civil_manager)
    typed = {"template": "{category}{item:03d}/{sequence}", "preview": "1"}
    page = cast.client("bureau_manager").post("/catalog/codes/", typed).content.decode()
    assert "不能赋码" in page


@pytest.mark.django_db
def test_the_preview_names_no_draft_the_bureau_has_not_received(cast: Cast) -> None:
    drafted(cast.hr_operator, "尚未送审的登记信息")
    entry = published(cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    draft = second_draft(cast.civil_operator, entry)
    actions.edit(cast.civil_operator, draft, name="改名中的登记信息")
    page = cast.client("bureau_manager").get("/catalog/codes/").content.decode()
    assert entry.name in page and "改名中的" not in page and "尚未送审的" not in page


@pytest.mark.django_db
def test_the_bureau_s_clerks_read_the_rule_and_others_do_not(cast: Cast) -> None:
    page = cast.client("bureau_operator").get("/catalog/codes/")
    assert page.status_code == 200 and "更换编码规范" not in page.content.decode()
    for who in ("civil_manager", "hr_operator", "audit_admin"):
        assert cast.client(who).get("/catalog/codes/").status_code == 403
