"""Grants of an older platform, brought in: dated back, marked, never wider than what is published,
in force only where who decides has a hand in it (A19, A22)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.bringing import SOURCE, Bringing
from tests.sharing import RISK, Sharing, scan_png

from huitong.access import actions, jobs, queries
from huitong.access.models import Application, Form, Grant, Intake, IntakeRow
from huitong.access.rules import G, S
from huitong.access.rules.intake import GRANTS, B
from huitong.access.tests.papers import written
from huitong.kernel.actor import Post
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours
from huitong.kernel.workdays import today
from huitong.organizations.models import Body, Duty
from huitong.organizations.rules import Sheet
from huitong.publishing import actions as publishing
from huitong.scope import from_json
from huitong.work import actions as work
from huitong.work import queries as files
from huitong.work.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def bringing(sharing: Sharing) -> Bringing:
    return Bringing(sharing)


def check(bringing: Bringing, *rows: dict[str, str], papers: Any = ()) -> queries.Check:
    return queries.check_intake(bringing.cast.bureau_operator, SOURCE, Sheet(rows), papers)


def faults(bringing: Bringing, row: dict[str, str]) -> dict[str, str]:
    return {error.column: error.message for error in check(bringing, row).report.errors}


def test_what_the_platform_decides_is_in_force_once_another_person_confirms(bringing: Bringing):
    cast = bringing.cast
    intake = bringing.prepared(bringing.of_platform())
    assert intake.case.state == B.PREPARED and not Grant.objects.exists()
    with pytest.raises(NotYours):
        actions.confirm(cast.bureau_operator, intake.case)
    actions.confirm(cast.bureau_manager, intake.case)
    [grant] = bringing.grants(intake)
    assert grant.case.state == G.ACTIVE and grant.valid_from == today() - timedelta(300)
    assert [live.grant for live in queries.live_grants()] == [grant.pk]
    assert grant.application.case.state == S.GRANTED
    assert grant.intake_row.decided_on == today() - timedelta(310)
    assert "补录，原编号 JH-2024-0001" in grant.case.title
    reached = Notice.objects.filter(title__contains="补录了").values_list("person", flat=True)
    assert {cast.civil_manager.person, cast.housing_operator.person} <= set(reached)


def test_what_the_provider_decides_waits_for_it(bringing: Bringing):
    cast = bringing.cast
    [grant] = bringing.confirmed(bringing.of_provider())
    assert grant.case.state == G.TO_AGREE and queries.live_grants() == []
    assert Case.objects.waiting_for(cast.civil_manager).filter(pk=grant.case_id).exists()
    for actor in (cast.bureau_manager, cast.housing_manager, cast.civil_operator):
        with pytest.raises(NotYours):
            actions.agree(actor, grant.case)
    actions.agree(cast.civil_manager, grant.case)
    assert [live.grant for live in queries.live_grants()] == [grant.pk]
    actions.revoke(cast.civil_manager, bringing.case(grant), **RISK)
    assert queries.live_grants() == []


def test_who_says_the_platform_decided_does_not_pass_the_provider_by(bringing: Bringing):
    [grant] = bringing.confirmed(bringing.of_provider(决定单位="平台"))
    assert grant.case.state == G.TO_AGREE and grant.case.facts["authority"] == "provider"


def test_nobody_agrees_to_what_rests_on_a_duty_that_has_ended(bringing: Bringing):
    [grant] = bringing.confirmed(bringing.of_provider())
    duty = bringing.cast.duty("housing")
    with writing("test"):
        Duty.objects.filter(pk=duty.pk).update(valid_to=today() - timedelta(1))
    with pytest.raises(AgainstRules, match="现在无效") as refused:
        actions.agree(bringing.cast.civil_manager, grant.case)
    assert refused.value.article == "A3" and queries.live_grants() == []
    assert refused.value.remedy == "请不同意，由使用部门按现行职责重新申请。"


def test_a_provider_that_does_not_agree_ends_it_and_the_row_may_come_again(bringing: Bringing):
    row = bringing.of_provider()
    [grant] = bringing.confirmed(row)
    actions.disagree(bringing.cast.civil_manager, grant.case, reasons="原授权已于去年收回。")
    assert bringing.case(grant).state == G.DISAGREED and queries.live_grants() == []
    assert not check(bringing, row).before
    [again] = bringing.confirmed(row)
    assert again.pk != grant.pk and check(bringing, row).before == [(2, row["原编号"])]


def test_nobody_confirms_what_they_prepared_nor_agrees_to_what_they_confirmed(bringing: Bringing):
    """One person with both posts, and a deputy, are one hand."""
    cast = bringing.cast
    both = replace(cast.bureau_operator, posts=frozenset({Post.OPERATOR, Post.MANAGER}))
    intake = actions.prepare(both, source=SOURCE, sheet=Sheet([bringing.of_platform()]))
    case = Case.objects.get(pk=intake.case_id)
    with pytest.raises(NotYours):
        actions.confirm(both, case)
    actions.confirm(cast.bureau_manager, case)
    [grant] = bringing.grants(Intake.objects.get(pk=intake.pk))
    hands = bringing.case(grant).hands
    assert hands == {
        str(both.person): "bureau:operator",
        str(cast.bureau_manager.person): "bureau:manager",
    }


def test_only_the_bureau_brings_in(bringing: Bringing):
    cast, row = bringing.cast, bringing.of_platform()
    others = (cast.civil_operator, cast.housing_manager, cast.bureau_manager, cast.system_admin)
    for actor in others:
        with pytest.raises(NotYours):
            actions.prepare(actor, source=SOURCE, sheet=Sheet([row]))
    intake = bringing.prepared(row)
    for actor in (cast.civil_operator, cast.housing_manager, cast.stranger_operator):
        with pytest.raises(NotVisible):
            queries.intake_for(actor, intake.pk)
        with pytest.raises(NotVisible):
            actions.confirm(actor, intake.case)


def test_no_clock_of_the_past_is_made_up_and_disuse_counts_from_now(bringing: Bringing):
    [grant] = bringing.confirmed(bringing.of_platform())
    cases = (grant.case_id, grant.application.case_id)
    assert not Clock.objects.filter(case__in=cases).exists()
    jobs.watch_use()
    assert queries.disuse_of(grant).since == today()
    entry = Entry.objects.get(verb="grant.bring_in")
    assert entry.at.date() >= today() - timedelta(1)
    assert entry.after["given"]["old"]["decided_on"] == str(today() - timedelta(310))


@pytest.mark.parametrize(
    ("changes", "column", "words"),
    [
        ({"使用部门": "市某某局"}, "使用部门", "没有名为"),
        ({"使用部门": "市民政局"}, "使用数据的信息系统", "没有登记这个信息系统"),
        ({"使用数据的信息系统": "没有的系统"}, "使用数据的信息系统", "没有登记这个信息系统"),
        ({"履职依据": "没有的职责"}, "履职依据", "没有登记这项职责"),
        ({"事项编码": "X-1"}, "事项编码", "没有这个事项编码"),
        ({"资源代码": "没有"}, "资源代码", "没有以此代码发布并挂接的资源"),
        ({"方式": "库表"}, "方式", "没有以该方式挂接，现有：接口"),
        ({"方式": "邮寄"}, "方式", "应为：库表、接口、文件"),
        ({"信息项": "区划代码、人口"}, "信息项", "人口"),
        ({"数据行条件": "人口 > 3"}, "数据行条件", "没有“人口”这个信息项"),
        ({"数据行条件": "胡乱写的"}, "数据行条件", "不是条件"),
        ({"有效期至": "2025-13-01"}, "有效期至", "不是日期"),
        ({"决定日期": "2199-01-01"}, "决定日期", "不能晚于今日"),
        ({"有效期自": "2001-01-01"}, "有效期自", "不能早于决定日期"),
        ({"有效期至": "2001-01-01"}, "有效期至", "不能早于“有效期自”"),
        ({"是否已结束": "是"}, "有效期至", "请填实际终止的日期"),
        ({"每秒调用上限": "5000"}, "每秒调用上限", "1 至 1000"),
        ({"每秒调用上限": "0000000000109"}, "每秒调用上限", "1 至 1000"),
        ({"每日调用上限": "000000000001" + "9" * 20}, "每日调用上限", "1 至 100000000"),
        ({"有效期至": "9999-12-31"}, "有效期至", "1900 年至 2199 年"),
        ({"决定日期": "0208-01-01"}, "决定日期", "1900 年至 2199 年"),
        ({"决定单位": "某人"}, "决定单位", "应为：平台、提供部门"),
        ({"扫描件": "没有.pdf"}, "扫描件", "没有收到"),
        ({"原编号": ""}, "原编号", "必须填写"),
        ({"使用目的": "用"}, "使用目的", "至少 4 个字"),
    ],
)
def test_each_wrong_cell_is_named_with_what_to_do(
    bringing: Bringing, changes: dict[str, str], column: str, words: str
):
    wrong = faults(bringing, bringing.of_platform(**changes))
    assert words in wrong[column], wrong
    with pytest.raises(Malformed) as refused:
        bringing.prepared(bringing.of_platform(**changes))
    assert any("第 2 行" in where for where in refused.value.fields)
    assert not IntakeRow.objects.exists()


def test_a_period_that_is_over_is_refused_unless_it_is_only_filed(bringing: Bringing):
    over = {"有效期至": str(today() - timedelta(1))}
    assert "只存档的" in faults(bringing, bringing.of_platform(**over))["有效期至"]
    [grant] = bringing.confirmed(bringing.of_provider(**over, 是否已结束="是"))
    assert grant.case.state == G.EXPIRED and grant.ended_at is not None
    assert queries.live_grants() == [] and not queries.grants_to_expire().exists()


def test_right_rows_go_on_without_the_wrong_and_nothing_comes_twice(bringing: Bringing):
    right, wrong = bringing.of_platform(), bringing.of_platform(资源代码="没有")
    twice = right | {"使用目的": "同一编号的另一行"}
    assert check(bringing, right, twice).wrong_rows == 1
    assert len(bringing.confirmed(right, wrong, leave_out=True)) == 1
    with pytest.raises(AgainstRules, match="已补录过 1 行"):
        bringing.prepared(right)
    assert Grant.objects.count() == 1 and Form.objects.count() == 1
    entry = Entry.objects.get(verb="intake.prepare")
    assert (entry.after["rows"], entry.after["left_out"]) == (1, 1)
    # another source may have the same number
    assert bringing.prepared(right, source="纸质档案")


def test_a_table_that_is_given_up_leaves_nothing(bringing: Bringing):
    cast, row = bringing.cast, bringing.of_platform()
    first = bringing.prepared(row)
    assert check(bringing, row).before == [(2, row["原编号"])]
    actions.drop(cast.bureau_operator, first.case)
    second = bringing.prepared(row)
    actions.turn_down(cast.bureau_manager, second.case, reasons="范围须与提供部门核对。")
    assert not Grant.objects.exists() and bringing.confirmed(row)


def test_a_table_is_judged_again_when_it_is_confirmed(bringing: Bringing):
    intake = bringing.prepared(bringing.of_platform(), bringing.of_provider())
    mount = bringing.sharing.mount("division", "api")
    publishing.suspend_delivery(bringing.cast.civil_manager, mount=mount.pk, **RISK)
    with pytest.raises(AgainstRules, match="情况有变，1 行不能补录"):
        actions.confirm(bringing.cast.bureau_manager, intake.case)
    assert not Grant.objects.exists() and not Application.objects.exists()


def test_the_paper_is_read_by_both_parties_and_stands_in_the_evidence(bringing: Bringing):
    cast = bringing.cast
    scan = SimpleUploadedFile("授权书.png", scan_png())
    paper = work.attach(cast.bureau_operator, upload=scan)
    [grant] = bringing.confirmed(bringing.of_provider(扫描件="授权书.png"), papers=[paper.pk])
    for actor in (cast.civil_operator, cast.housing_manager):
        assert files.attachment_for(actor, paper.pk) == paper
    with pytest.raises(NotVisible):
        files.attachment_for(cast.stranger_operator, paper.pk)
    assert (paper._meta.label_lower, str(paper.pk)) in set(queries.written_about(grant.case))
    table = Case.objects.get(kind="intake")
    assert (table._meta.label_lower, str(table.pk)) in set(queries.belonging(grant.case))


def test_two_papers_of_one_name_are_bound_to_nothing(bringing: Bringing):
    cast = bringing.cast
    papers = [
        work.attach(cast.bureau_operator, upload=SimpleUploadedFile("001.png", content)).pk
        for content in (scan_png(), written("PNG"))
    ]
    row = bringing.of_provider(扫描件="001.png")
    [error] = check(bringing, row, papers=papers).report.errors
    assert error.column == "扫描件" and "收到 2 个名为“001.png”的文件" in error.message
    assert check(bringing, row, papers=papers[:1]).grants[0].paper == papers[0]


def test_a_short_name_of_two_bodies_names_neither_and_full_names_go_first(bringing: Bringing):
    body, last = bringing.cast.body("housing"), Body.objects.latest("number")
    with writing("test"):
        other = Body.objects.create(
            name="某园区住房建设局",
            short_name=body.short_name,
            kind=body.kind,
            credit_code="11320600MB0000001X",
            division_code=body.division_code,
            valid_from=body.valid_from,
            number=last.number + 1,
        )
    wrong = faults(bringing, bringing.of_platform(使用部门=body.short_name))
    assert f"有 2 个部门简称“{body.short_name}”：请填全称" in wrong["使用部门"]
    assert not faults(bringing, bringing.of_platform(使用部门=body.name))
    with writing("test"):  # called for short what another is called in full
        Body.objects.filter(pk=other.pk).update(short_name=body.name[:40])
    [grant] = check(bringing, bringing.of_platform(使用部门=body.name)).grants
    assert grant.consumer == body.pk


def test_a_table_under_the_names_of_the_columns_reads_as_one_under_their_headings(
    bringing: Bringing,
):
    row = bringing.of_platform(备注="旧库")
    names = {column.heading: column.name for column in GRANTS.columns}
    named = {names[heading]: text for heading, text in row.items()}
    intake = bringing.prepared(named | {"多余": "一列"})
    assert intake.rows.get().given == row
    page = bringing.cast.client("bureau_manager").get(f"/grants/intake/{intake.pk}/")
    assert row["使用部门"] in page.content.decode()


def test_conditions_and_items_are_what_the_row_says(bringing: Bringing):
    row = bringing.of_provider(
        信息项="登记日期，登记机关区划", 数据行条件="登记机关区划 开头 3206；登记日期 ≥ 2020-01-05"
    )
    [grant] = bringing.confirmed(row)
    scope = from_json(grant.scope)
    assert scope.items == ("登记日期", "登记机关区划") and len(scope.filtered_items) == 2


def test_the_bureau_or_the_consumer_ends_what_the_provider_has_not_agreed_to(bringing: Bringing):
    cast = bringing.cast
    rows = [bringing.of_provider() for _ in range(4)]
    first, second, third, fourth = bringing.confirmed(*rows)
    actions.revoke(cast.bureau_manager, first.case, **RISK)
    actions.give_back(cast.housing_operator, second.case)
    with pytest.raises(AgainstRules):
        actions.agree(cast.civil_manager, first.case)
    with writing("test"):
        Grant.objects.filter(pk=third.pk).update(valid_to=today() - timedelta(1))
    actions.expire(cast.system, third.case)
    assert queries.live_grants() == []
    # what was never in force may come again, corrected; what was may not
    actions.agree(cast.civil_manager, fourth.case)
    actions.revoke(cast.civil_manager, bringing.case(fourth), **RISK)
    assert check(bringing, *rows).before == [(5, rows[3]["原编号"])]
    assert len(bringing.confirmed(*rows[:3])) == 3
