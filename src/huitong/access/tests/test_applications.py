"""From form to decision: what is asked, what is printed and sealed, who decides, what comes of
it (A3, A8, A18-A23)."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from pypdf import PdfReader
from tests.sharing import RISK, Sharing

from huitong.access import actions, queries
from huitong.access.models import Application, Form
from huitong.access.rules import S
from huitong.catalog import actions as catalog
from huitong.kernel.actor import Post
from huitong.kernel.case import Case
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours
from huitong.kernel.workdays import load_calendar, today
from huitong.organizations import actions as organizations
from huitong.organizations.queries import actor_for
from huitong.publishing import actions as publishing
from huitong.scope import from_json

pytestmark = pytest.mark.django_db
SCAN_OF_NOTHING = 10**9
NANTONG = {"op": "prefix", "item": "登记机关区划", "value": {"text": "3206"}}


def only(form: Form) -> Application:
    return Application.objects.select_related("case").get(form=form)


# -- asking ----------------------------------------------------------------------------------------


def test_one_form_for_several_resources_has_a_case_for_each(sharing: Sharing):
    form = sharing.form(sharing.mount("marriage", "api"), sharing.mount("division", "api"))
    cases = [a.case for a in queries.form_applications(form)]
    assert [c.state for c in cases] == [S.DRAFT, S.DRAFT] and [
        c.facts["authority"] for c in cases
    ] == ["provider", "platform"]
    assert form.number == f"SQ-{today():%Y}-{form.pk:06d}" and cases[0].number != cases[1].number
    assert {c.facts["form"] for c in cases} == {form.pk}


def test_the_applicant_is_told_beforehand_who_decides_and_by_when(sharing: Sharing):
    calendar = load_calendar()
    [route] = queries.routes_of([sharing.mount("marriage", "api")])
    assert (route["who"], route["article"], route["accept_words"], route["decide_words"]) == (
        "市民政局",
        "A22",
        "1 个工作日",
        "10 个工作日",
    )
    assert (
        route["accept_by"] == calendar.after(today(), 1).on
        and route["decide_by"] == calendar.after(route["accept_by"], 10).on
    )
    [route] = queries.routes_of([sharing.mount("division", "api")])
    assert (
        route["article"] == "A23"
        and route["decide_words"] == "2 个工作日"
        and "大数据" in route["who"]
    )


@pytest.mark.parametrize(
    "changes,field,article",
    [
        ({"purpose": "用"}, "purpose", ""),
        ({"matter": 10**9}, "matter", "A20"),
        ({"contact": ""}, "contact", ""),
        (
            {"period_from": today() + timedelta(9), "period_to": today() + timedelta(8)},
            "period_to",
            "A20",
        ),
        (
            {"period_from": today() - timedelta(9), "period_to": today() - timedelta(8)},
            "period_to",
            "A20",
        ),
    ],
)
def test_a_form_that_does_not_hold_is_refused_by_field(sharing: Sharing, changes, field, article):
    with pytest.raises(Malformed) as wrong:
        sharing.form(sharing.mount("division", "api"), answers=changes)
    assert field in wrong.value.fields and (not article or wrong.value.article == article)
    assert not Form.objects.exists()


def test_a_duty_must_be_the_bodys_own(sharing: Sharing):
    with pytest.raises(Malformed) as wrong:
        sharing.form(
            sharing.mount("division", "api"),
            answers={"duty": sharing.cast.duty("stranger").pk, "matter": None},
        )
    assert "本部门" in wrong.value.fields["duty"][0]


def test_only_a_registered_body_in_force_asks(sharing: Sharing):
    cast, mount, answers = sharing.cast, sharing.mount("division", "api"), sharing.answers()
    nobody = replace(cast.housing_operator, body=None, body_name="")
    organizations.end_body(
        cast.system_admin, body=cast.body("stranger").pk, on=today(), document="通政发〔2026〕1号"
    )
    ended = actor_for(cast.person("stranger_operator"), via="page")
    assert not ended.has(Post.OPERATOR), "its people act for it no more"
    for actor in (nobody, ended, cast.system_admin, cast.system):
        with pytest.raises(NotYours):
            actions.apply(actor, resources=[{"mount": mount.pk}], **answers)
    assert not Form.objects.exists()


def test_nothing_is_asked_that_the_entry_does_not_give(sharing: Sharing):
    mount = sharing.mount("marriage", "api")
    for more, field in (
        ({"items": ["女方姓名"]}, "items"),
        ({"items": []}, "items"),
        ({"row_filter": {"op": "eq", "item": "登记日期", "value": {"text": "x"}}}, "row_filter"),
        ({"row_filter": {"op": "sql", "item": "登记日期"}}, "row_filter"),
    ):
        with pytest.raises(Malformed) as wrong:
            sharing.form(mount, **more)
        assert f"resources.0.{field}" in wrong.value.fields
    form = sharing.form(mount, items=["男方姓名", "登记日期"], row_filter=NANTONG)
    scope = from_json(only(form).scope)
    assert scope.items == ("男方姓名", "登记日期") and scope.masks["男方姓名"].kind == "partial"
    with pytest.raises(Malformed) as wrong:
        actions.draft(sharing.cast.housing_operator, form=form.pk, mount=mount.pk)
    assert "已有" in wrong.value.fields["mount"][0]


def test_a_table_is_asked_for_with_the_place_it_goes_to(sharing: Sharing):
    mount = sharing.mount("marriage", "table")
    with pytest.raises(Malformed) as wrong:
        sharing.form(mount, target=None)
    assert "前置库" in wrong.value.fields["resources.0.target"][0]
    application = only(sharing.form(mount))
    assert (application.target, application.target_table) == (sharing.target_database(), "marriage")


def test_a_file_is_asked_for_whole(sharing: Sharing):
    mount = sharing.mount("division", "file")
    for more in (
        {"items": ["区划代码"]},
        {"row_filter": {"op": "prefix", "item": "区划代码", "value": {"text": "3206"}}},
    ):
        with pytest.raises(Malformed) as wrong:
            sharing.form(mount, **more)
        assert "整件" in wrong.value.fields["resources.0.items"][0]
    assert from_json(
        only(sharing.form(mount, items=["上级代码", "级别", "区划名称", "区划代码"])).scope
    ).items


def test_own_unserved_suspended_and_unshared_resources_cannot_be_asked_for(sharing: Sharing):
    cast, mount = sharing.cast, sharing.mount("division", "api")
    answers = sharing.answers() | {"duty": cast.duty("civil").pk, "matter": None}
    system = catalog.register_system(cast.civil_operator, name="民政系统")
    with pytest.raises(AgainstRules) as refused:
        actions.apply(
            cast.civil_operator, resources=[{"mount": mount.pk}], **answers | {"system": system.pk}
        )
    assert "本部门提供" in refused.value.detail
    entry = sharing.entry(
        "marriage",
        name="指定部门信息",
        shapes=["named_bodies", "masked"],
        named_bodies=[cast.body("hr").pk],
    )
    named = publishing.mount_api(
        cast.civil_operator, entry=entry.pk, database=sharing.database().pk, responsible="周建国"
    )
    with pytest.raises(AgainstRules) as refused:
        sharing.form(named)
    assert refused.value.article == "A8"
    publishing.suspend_delivery(cast.civil_operator, mount=mount.pk, **RISK)
    with pytest.raises(AgainstRules) as refused:
        sharing.form(mount)
    assert refused.value.article == "A28"


# -- printing and sealing --------------------------------------------------------------------------


def test_the_print_says_everything_and_a_change_asks_for_a_new_one(sharing: Sharing):
    clerk = sharing.cast.housing_operator
    form = sharing.form(sharing.mount("marriage", "api"), items=["男方姓名"], row_filter=NANTONG)
    with pytest.raises(AgainstRules):
        queries.printed_matter(form)
    form = actions.print_form(clerk, form=form.pk)
    first = queries.printed_matter(form)
    text = "".join(
        "".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(first)).pages
    )
    for words in (
        form.number,
        "第1版",
        form.printed_hash,
        "南通市住房和城乡建设局",
        "婚姻登记信息",
        "男方姓名",
        "登记机关区划以“3206”开头",
        "核对公共租赁住房申请人婚姻状况",
        "单位盖章处",
    ):
        assert words in text, words
    assert (
        actions.print_form(clerk, form=form.pk).version == 1
        and queries.printed_matter(form) == first
    )
    actions.revise(clerk, form=form.pk, purpose="核对廉租住房申请人婚姻状况")
    changed = Form.objects.get(pk=form.pk)
    with pytest.raises(AgainstRules) as refused:
        queries.printed_matter(changed)
    assert "作废" in refused.value.detail
    scan, number = SCAN_OF_NOTHING, "2026-17"
    with pytest.raises(AgainstRules) as refused:
        actions.seal_form(clerk, form=form.pk, scan=scan, archive_number=number)
    assert refused.value.article == "A20" and only(form).case.state == S.DRAFT
    again = actions.print_form(clerk, form=form.pk)
    assert again.version == 2 and again.printed_hash != form.printed_hash
    actions.revise_resource(clerk, application=only(form).pk, items=["男方姓名", "登记日期"])
    with pytest.raises(AgainstRules):
        actions.seal_form(clerk, form=form.pk, scan=scan, archive_number=number)
    assert actions.print_form(clerk, form=form.pk).version == 3
    sealed = actions.seal_form(clerk, form=form.pk, scan=sharing.scan(form), archive_number=number)
    assert (
        sealed.scanned_hash == sealed.printed_hash
        and sealed.archive_number == "2026-17"
        and only(form).case.state == S.SEALED
    )
    with pytest.raises(AgainstRules):
        actions.revise(clerk, form=form.pk, purpose="盖章之后再改目的")


def test_a_new_print_counts_the_versions_of_its_own_form_alone(sharing: Sharing):
    clerk = sharing.cast.housing_operator
    other, form = (
        actions.print_form(clerk, form=sharing.form(sharing.mount(table, "api")).pk)
        for table in ("division", "marriage")
    )
    actions.revise(clerk, form=form.pk, purpose="核对廉租住房申请人婚姻状况")
    assert actions.print_form(clerk, form=form.pk).version == 2
    assert Form.objects.get(pk=other.pk).version == 1


def test_a_scan_is_needed_and_must_be_ones_own(sharing: Sharing):
    form = sharing.form(sharing.mount("division", "api"))
    actions.print_form(sharing.cast.housing_operator, form=form.pk)
    with pytest.raises(Malformed) as wrong:
        actions.seal(sharing.cast.housing_operator, only(form).case, archive_number="ZJ-2026-017")
    assert "scan" in wrong.value.fields
    with pytest.raises(Malformed) as wrong:
        actions.seal(
            sharing.cast.housing_operator,
            only(form).case,
            scan=sharing.mount("division", "file").file_id,
            archive_number="ZJ-2026-017",
        )
    assert "不是您上传的" in wrong.value.fields["scan"][0]


def test_the_manager_sends_back_and_the_way_begins_anew(sharing: Sharing):
    clerk, manager = sharing.cast.housing_operator, sharing.cast.housing_manager
    form = sharing.form(sharing.mount("division", "api"))
    actions.print_form(clerk, form=form.pk)
    actions.seal_form(clerk, form=form.pk, scan=sharing.scan(form), archive_number="ZJ-2026-017")
    actions.send_back(
        manager, only(form).case, ground="form_wrong", cites="使用期限", reasons="期限请写到年底"
    )
    assert "scan" not in only(form).case.facts
    actions.revise(clerk, form=form.pk, period_to=today() + timedelta(30))
    with pytest.raises(AgainstRules):
        actions.submit(manager, only(form).case)
    actions.print_form(clerk, form=form.pk)
    actions.seal_form(clerk, form=form.pk, scan=sharing.scan(form), archive_number="ZJ-2026-017")
    actions.submit_form(manager, form=form.pk)
    assert (
        only(form).case.state == S.SUBMITTED
        and only(form).case.due_on == load_calendar().after(today(), 1).on
    )


def test_withdrawing_one_of_two_sealed_leaves_the_other(sharing: Sharing):
    clerk = sharing.cast.housing_operator
    form = sharing.form(sharing.mount("marriage", "api"), sharing.mount("division", "api"))
    actions.print_form(clerk, form=form.pk)
    actions.seal_form(clerk, form=form.pk, scan=sharing.scan(form), archive_number="ZJ-2026-017")
    first, second = form.applications.all()
    actions.withdraw(clerk, first.case, reasons="暂不需要")
    actions.submit_form(sharing.cast.housing_manager, form=form.pk)
    assert [Case.objects.get(pk=a.case_id).state for a in (first, second)] == [
        S.WITHDRAWN,
        S.SUBMITTED,
    ]


# -- who sees what ---------------------------------------------------------------------------------


def test_a_draft_is_the_consumers_own_business(sharing: Sharing):
    cast, form = sharing.cast, sharing.form(sharing.mount("marriage", "api"))
    application = only(form)
    assert queries.form_for(cast.housing_manager, form.pk) and queries.application_for(
        cast.housing_operator, application.pk
    )
    for actor in (
        cast.civil_manager,
        cast.bureau_operator,
        cast.stranger_operator,
        cast.audit_admin,
    ):
        with pytest.raises(NotVisible):
            queries.form_for(actor, form.pk)
        with pytest.raises(NotVisible):
            queries.application_for(actor, application.pk)
    with pytest.raises(NotVisible):
        actions.revise(cast.stranger_operator, form=form.pk, purpose="别人的申请表")


def test_once_submitted_bureau_and_provider_see_it_and_nobody_else(sharing: Sharing):
    cast, form = sharing.cast, sharing.applied(sharing.mount("marriage", "api"))
    for actor in (cast.civil_manager, cast.bureau_operator, cast.housing_operator):
        assert queries.form_for(actor, form.pk) and queries.application_for(actor, only(form).pk)
    for actor in (cast.stranger_operator, cast.hr_manager, cast.system_admin):
        with pytest.raises(NotVisible):
            queries.application_for(actor, only(form).pk)
    with pytest.raises(NotYours):
        actions.submit_form(cast.civil_manager, form=form.pk)
    with pytest.raises(AgainstRules):
        actions.submit_form(cast.housing_manager, form=form.pk)
