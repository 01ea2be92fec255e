"""From form to decision: what is asked, what is printed and sealed, who decides, what comes of
it (A3, A8, A18-A23)."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from pypdf import PdfReader
from tests.sharing import LESS, REFUSED, RISK, Sharing

from huitong.access import actions, queries
from huitong.access.models import Application, Form
from huitong.access.rules import S
from huitong.kernel.actor import Post
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours
from huitong.kernel.workdays import load_calendar, today
from huitong.organizations import actions as organizations
from huitong.organizations.queries import actor_for
from huitong.publishing import actions as publishing
from huitong.scope import from_json
from huitong.work.models import Notice

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
    said = queries.route_words(sharing.mount("marriage", "api"))
    assert (said["who"], said["article"], said["accept_words"], said["decide_words"]) == (
        "市民政局",
        "A22",
        "1 个工作日",
        "10 个工作日",
    )
    assert (
        said["accept_by"] == calendar.after(today(), 1).on
        and said["decide_by"] == calendar.after(said["accept_by"], 10).on
    )
    said = queries.route_words(sharing.mount("division", "api"))
    assert (
        said["article"] == "A23"
        and said["decide_words"] == "2 个工作日"
        and "大数据" in said["who"]
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
    asked = only(sharing.form(mount))
    assert (asked.target, asked.target_table) == (sharing.target_database(), "marriage")


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
    system = actions.register_system(cast.civil_operator, name="民政系统")
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
    said = "".join(
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
        assert words in said, words
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


# -- deciding --------------------------------------------------------------------------------------


def test_the_platform_decides_and_the_provider_is_told(sharing: Sharing):
    cast = sharing.cast
    application = sharing.accepted(sharing.mount("division", "api"))
    assert (
        application.case.state == S.WITH_PLATFORM
        and application.case.due_on == load_calendar().after(today(), 2).on
    )
    with pytest.raises(NotYours):
        actions.grant(cast.civil_manager, application.case)
    grant = actions.grant(cast.bureau_manager, application.case)
    told = Notice.objects.filter(title__contains="平台已授权使用")
    assert {n.person_id for n in told} == {cast.civil_operator.person, cast.civil_manager.person}
    assert Entry.objects.get(
        verb="application.grant"
    ).article == "A23" and grant.case.number.startswith("SH")


def test_the_provider_grants_in_part_after_a_simulation(sharing: Sharing):
    cast, application = sharing.cast, sharing.accepted(sharing.mount("marriage", "api"))
    assert (
        application.case.state == S.WITH_PROVIDER
        and application.case.due_on == load_calendar().after(today(), 10).on
    )
    part = {
        "items": ["男方姓名", "登记日期", "登记机关区划"],
        "row_filter": NANTONG,
        "masks": {"男方姓名": "blank"},
    }
    seen = actions.simulate(cast.civil_manager, application=application.pk, **part)
    assert seen["columns"] == ["男方姓名", "登记日期", "登记机关区划"] and len(seen["rows"]) == 10
    assert {row[0] for row in seen["rows"]} == {None} and {row[2] for row in seen["rows"]} == {
        "320623"
    }
    kept = Entry.objects.get(verb="access.simulate")
    assert kept.after["rows_seen"] == 10 and "2020-" not in str(kept.as_dict()["after"])
    grant = actions.grant(
        cast.civil_manager,
        application.case,
        per_day=500,
        valid_to=today() + timedelta(90),
        **LESS | part,
    )
    scope = from_json(grant.scope)
    assert (
        scope.items == tuple(part["items"])
        and scope.masks["男方姓名"].kind == "blank"
        and (grant.per_second, grant.per_day) == (20, 500)
    )
    case = sharing.case(application)
    assert case.facts["partly"] and case.facts["grant"] == grant.pk and case.state == S.GRANTED
    said = Notice.objects.get(
        title__contains="申请已获授权", person=cast.housing_manager.person
    ).text
    assert "部分同意" in said and "登记机关区划以“3206”开头" in said


def test_a_token_joins_without_telling_and_differs_between_consumers(sharing: Sharing):
    application = sharing.accepted(sharing.mount("marriage", "api"))
    part = {
        "items": ["登记机关"],
        "masks": {"登记机关": {"kind": "token", "algorithm": "sm3", "key": "default"}},
    }
    seen = actions.simulate(sharing.cast.civil_manager, application=application.pk, **part)["rows"]
    assert len({row[0] for row in seen}) == 2 and all(len(row[0]) == 64 for row in seen), (
        "ten rows of two offices"
    )
    grant = actions.grant(sharing.cast.civil_manager, application.case, **LESS | part)
    [live] = queries.live_grants()
    assert (
        queries.token_keys(live)
        == queries.keys_for(grant.consumer_id, ["default"])
        != queries.keys_for(10**6, ["default"])
    )


def test_a_simulation_is_for_the_deciding_seat_alone(sharing: Sharing):
    cast, application = sharing.cast, sharing.accepted(sharing.mount("marriage", "api"))
    for actor in (cast.civil_operator, cast.bureau_manager, cast.housing_manager):
        with pytest.raises(NotYours):
            actions.simulate(actor, application=application.pk)
    with pytest.raises(NotVisible):
        actions.simulate(cast.stranger_manager, application=application.pk)
    actions.grant(cast.civil_manager, application.case)
    with pytest.raises(NotYours):
        actions.simulate(cast.civil_manager, application=application.pk)


@pytest.mark.parametrize(
    "wider,field",
    [
        ({"items": ["男方姓名", "登记机关"]}, "items"),
        ({"items": []}, "items"),
        ({"masks": {"男方姓名": {"kind": "partial", "first": 2, "last": 1}}}, "masks"),
        ({"masks": {"登记机关": "blank"}}, "masks"),
        ({"masks": {"男方姓名": {"kind": "token", "algorithm": "sm3", "key": "k"}}}, "masks"),
        ({"row_filter": {"op": "eq", "item": "没有", "value": {"text": "x"}}}, "row_filter"),
        ({"valid_to": today() + timedelta(400)}, "valid_to"),
        ({"valid_from": today() - timedelta(1)}, "valid_from"),
        ({"valid_from": today() + timedelta(9), "valid_to": today() + timedelta(8)}, "valid_to"),
        ({"per_second": 0}, "per_second"),
    ],
)
def test_never_more_than_was_asked(sharing: Sharing, wider, field):
    application = sharing.accepted(sharing.mount("marriage", "api"), items=["男方姓名", "登记日期"])
    with pytest.raises(Malformed) as wrong:
        actions.grant(sharing.cast.civil_manager, application.case, **wider)
    assert field in wrong.value.fields and sharing.case(application).state == S.WITH_PROVIDER


def test_a_file_is_granted_whole_or_not_at_all(sharing: Sharing):
    application = sharing.accepted(sharing.mount("division", "file"))
    with pytest.raises(Malformed) as wrong:
        actions.grant(sharing.cast.bureau_manager, application.case, items=["区划代码"])
    assert wrong.value.article == "A13"
    with pytest.raises(AgainstRules):
        actions.simulate(sharing.cast.bureau_manager, application=application.pk)
    assert actions.grant(sharing.cast.bureau_manager, application.case).mount.mode == "file"


def test_a_refusal_names_specific_reasons(sharing: Sharing):
    cast, application = sharing.cast, sharing.accepted(sharing.mount("marriage", "api"))
    for reasons in ("", "不同意"):
        with pytest.raises(Malformed) as wrong:
            actions.refuse(cast.civil_manager, application.case, **REFUSED | {"reasons": reasons})
        assert "reasons" in wrong.value.fields
    actions.refuse(cast.civil_manager, application.case, **REFUSED)
    assert sharing.case(application).state == S.REFUSED
    assert Notice.objects.filter(
        title__contains="不予授权", person=cast.housing_manager.person
    ).exists()
    assert queries.live_grants() == []


def test_the_bureau_declines_what_is_not_in_order(sharing: Sharing):
    form = sharing.applied(sharing.mount("division", "api"))
    actions.decline(
        sharing.cast.bureau_operator,
        only(form).case,
        ground="papers_incomplete",
        cites="盖章扫描件",
        reasons="扫描件没有加盖公章,请重新盖章上传。",
    )
    entry = Entry.objects.get(verb="application.decline")
    assert only(form).case.state == S.DECLINED and entry.article == "A21" and entry.reasons


def test_a_grant_comes_from_a_decision_only(sharing: Sharing):
    application = sharing.accepted(sharing.mount("marriage", "api"))
    with pytest.raises(AgainstRules):
        actions.issue(
            sharing.cast.civil_manager,
            application=application.pk,
            scope=application.scope,
            per_second=1,
            valid_from=today(),
            valid_to=today(),
        )


def test_the_choice_of_delegation_is_read_when_submitted(sharing: Sharing):
    mount = sharing.mount("marriage", "api")
    form = sharing.form(mount)
    assert only(form).case.facts["authority"] == "provider"
    publishing.tend(sharing.cast.civil_operator, mount=mount.pk, authorization="delegated")
    publishing.confirm_change(sharing.cast.civil_manager, mount=mount.pk)
    actions.print_form(sharing.cast.housing_operator, form=form.pk)
    actions.seal_form(
        sharing.cast.housing_operator,
        form=form.pk,
        scan=sharing.scan(form),
        archive_number="ZJ-2026-017",
    )
    actions.submit_form(sharing.cast.housing_manager, form=form.pk)
    actions.accept(sharing.cast.bureau_operator, only(form).case, **sharing.checks())
    assert only(form).case.state == S.WITH_PLATFORM


def test_the_bureau_as_consumer_is_flagged_and_served_by_other_people(sharing: Sharing):
    cast, mount = sharing.cast, sharing.mount("division", "api")
    system = actions.register_system(cast.bureau_operator, name="城市运行监测")
    about = sharing.answers(
        duty=cast.duty("bureau").pk, matter=cast.matter("bureau").pk, system=system.pk
    )
    form = actions.apply(cast.bureau_operator, resources=[{"mount": mount.pk}], **about)
    assert only(form).case.facts["bureau_is_party"]
    actions.print_form(cast.bureau_operator, form=form.pk)
    actions.seal_form(
        cast.bureau_operator,
        form=form.pk,
        scan=sharing.scan(form, by=cast.bureau_operator),
        archive_number="DSJ-2026-1",
    )
    actions.submit_form(cast.bureau_manager, form=form.pk)
    with pytest.raises(NotYours) as refused:
        actions.accept(cast.bureau_operator, only(form).case, **sharing.checks())
    assert refused.value.article == "A12"


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
