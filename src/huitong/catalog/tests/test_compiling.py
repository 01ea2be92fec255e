"""The compiling and review pages: who opens them, forms that keep what was typed, remarks beside
their fields."""

from __future__ import annotations

import pytest
from tests.cast import Cast

from huitong.catalog import actions, queries
from huitong.catalog.models import Entry
from huitong.catalog.tests.marriage import ITEMS, drafted, published, with_bureau
from huitong.kernel.case import Case

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "who,status",
    [
        ("civil_operator", 200),
        ("civil_manager", 200),
        ("hr_operator", 404),
        ("housing_manager", 404),
        ("bureau_operator", 404),
        ("system_admin", 403),
        ("audit_admin", 403),
    ],
)
def test_who_opens_the_compiling_pages_of_a_draft(cast: Cast, who: str, status: int):
    entry = drafted(cast.civil_operator)
    assert cast.client(who).get(f"/compile/{entry.pk}/").status_code == status
    section = cast.client(who).get(f"/compile/{entry.pk}/basics/").status_code
    assert section == (403 if who == "civil_manager" else status), (
        "the manager reads, the clerk writes"
    )


def test_a_published_entry_is_seen_by_all_and_compiled_only_by_its_owner(cast: Cast):
    entry = published(cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    stranger = cast.client("stranger_operator")
    assert stranger.get(f"/catalog/{entry.pk}/").status_code == 200
    assert stranger.get(f"/compile/{entry.pk}/").status_code == 403
    assert stranger.post(f"/compile/{entry.pk}/publish/").status_code == 403
    assert cast.client("civil_operator").get(f"/compile/{entry.pk}/basics/").status_code == 409, (
        "published: the rules say no"
    )
    assert stranger.get("/compile/999999/").status_code == 404


def test_a_section_that_is_wrong_answers_422_and_keeps_what_was_typed(cast: Cast):
    entry = drafted(cast.civil_operator)
    client = cast.client("civil_operator")
    answer = client.post(f"/compile/{entry.pk}/basics/", {"name": "短", "summary": "我打了很多字"})
    html = answer.content.decode()
    assert (
        answer.status_code == 422
        and "我打了很多字" in html
        and 'href="#id_name"' in html
        and "<title>有误：" in html
    )
    entry.refresh_from_db()
    assert entry.name == "婚姻登记信息"


def test_emptying_a_field_empties_it(cast: Cast):
    entry = drafted(cast.civil_operator)
    client = cast.client("civil_operator")
    data = {
        "update_cycle": "",
        "data_cycle": "2",
        "contact_office": "",
        "contact_name": "",
        "contact_phone": "",
        "remark": "",
        "back": "1",
    }
    assert client.post(f"/compile/{entry.pk}/updating/", data).status_code == 302
    entry.refresh_from_db()
    assert (
        entry.draft.update_cycle == ""
        and entry.draft.contact_phone == ""
        and entry.draft.data_cycle == "2"
    )


def test_what_the_checks_find_leads_to_the_row_or_field_to_mend(cast: Cast):
    entry = drafted(cast.civil_operator)
    actions.edit(
        cast.civil_operator,
        entry.case,
        summary="",
        items=[*ITEMS, {"name": "abc", "column": "abc"}],
    )
    client = cast.client("civil_operator")
    page = client.get(f"/compile/{entry.pk}/check/").content.decode()
    row = len(ITEMS) + 1
    assert (
        f'href="/compile/{entry.pk}/items/#items-row-{row}"' in page
        and f'href="/compile/{entry.pk}/basics/#id_summary"' in page
    )
    assert f'id="items-row-{row}"' in client.get(f"/compile/{entry.pk}/items/").content.decode()
    assert 'id="id_summary"' in client.get(f"/compile/{entry.pk}/basics/").content.decode()


def test_the_task_list_says_what_to_do_next_to_the_clerk_alone(cast: Cast):
    entry = drafted(cast.civil_operator)
    url = f"/compile/{entry.pk}/"
    assert "检查并提交" in cast.client("civil_operator").get(url).content.decode()
    actions.edit(cast.civil_operator, entry.case, summary="")
    assert "继续填写：基本信息" in cast.client("civil_operator").get(url).content.decode()
    manager = cast.client("civil_manager").get(url).content.decode()
    assert (
        f"/compile/{entry.pk}/basics/" not in manager
        and "由本部门经办人编制" in manager
        and "MZ/T" in manager
    ), "the manager reads the content"


def test_an_empty_list_says_why_it_is_empty(cast: Cast):
    client = cast.client("civil_operator")
    assert "可以新建" in client.get("/compile/").content.decode()
    drafted(cast.civil_operator)
    assert "没有“退回修改”的目录" in client.get("/compile/?tab=returned").content.decode()
    page = client.get("/compile/?q=不存在").content.decode()
    assert "没有符合条件的" in page and "去掉全部条件" in page


def test_a_system_is_registered_without_talk_of_connections(cast: Cast):
    page = cast.client("civil_operator").get("/systems/new/").content.decode()
    assert "连接" not in page and "信息系统" in page
    assert (
        "测试连接并保存"
        in cast.client("civil_operator").get("/compile/sources/databases/new/").content.decode()
    )


def test_a_remark_stands_beside_its_field_and_is_gone_with_the_next_round(cast: Cast):
    case = with_bureau(cast.civil_operator, cast.civil_manager)
    entry = queries.entry_of(case)
    actions.return_bureau(
        cast.bureau_operator,
        case,
        ground="unclear",
        remarks={"summary": "请写明时间范围", "items.登记日期": "请说明口径"},
    )
    client = cast.client("civil_operator")
    assert "请写明时间范围" in client.get(f"/compile/{entry.pk}/basics/").content.decode()
    assert "请说明口径" in client.get(f"/compile/{entry.pk}/items/").content.decode()
    assert "请写明时间范围" not in client.get(f"/compile/{entry.pk}/updating/").content.decode()
    tasks = client.get(f"/compile/{entry.pk}/").content.decode()
    assert tasks.count("待补充") == 2
    actions.submit(cast.civil_operator, case, cleared=["state", "work"])
    actions.pass_department(cast.civil_manager, case, cleared=["state", "work"])
    assert (
        "请写明时间范围"
        in cast.client("bureau_operator").get(f"/review/{case.pk}/").content.decode()
    ), "the reviewer sees earlier rounds"


def test_a_review_that_passes_with_remarks_or_returns_without_is_stopped(cast: Cast):
    case = with_bureau(cast.civil_operator, cast.civil_manager)
    client = cast.client("bureau_operator")
    both = client.post(f"/review/{case.pk}/", {"decision": "pass", "remark.summary": "写好些"})
    assert both.status_code == 422 and "写好些" in both.content.decode()
    assert (
        client.post(
            f"/review/{case.pk}/",
            {"decision": "return", "ground": "unclear", "reasons": "写得不好"},
        ).status_code
        == 422
    )
    groundless = client.post(
        f"/review/{case.pk}/",
        {"decision": "return", "remark.summary": "写好些", "reasons": "写得不够清楚明白"},
    ).content.decode()
    assert 'href="#id_ground"' in groundless and "写得不够清楚明白</textarea>" in groundless, (
        "the error leads to its field, what was typed stays"
    )
    assert (
        cast.client("bureau_manager").post(f"/review/{case.pk}/", {"decision": "pass"}).status_code
        == 403
    )
    assert cast.client("hr_operator").get(f"/review/{case.pk}/").status_code == 404
    assert (
        client.post(
            f"/review/{case.pk}/",
            {
                "decision": "return",
                "ground": "unclear",
                "remark.summary": "写好些",
                "_confirmed": "1",
            },
        ).status_code
        == 302
    )
    assert Case.objects.get(pk=case.pk).state == "returned"
    assert client.post(f"/review/{case.pk}/", {"decision": "pass"}).status_code in (403, 409), (
        "somebody was faster"
    )


def test_the_same_form_sent_twice_makes_one_draft(cast: Cast):
    client = cast.client("civil_operator")
    data = {"name": "婚姻登记信息", "classified": "no", "once": "abc123"}
    first, second = (client.post("/compile/new/", data) for _ in range(2))
    assert (
        first.status_code == second.status_code == 302
        and first.headers["Location"] == second.headers["Location"]
    )
    assert Entry.objects.count() == 1


def test_the_case_page_shows_the_entry_and_leads_to_the_review_page(cast: Cast):
    case = with_bureau(cast.civil_operator, cast.civil_manager)
    page = cast.client("bureau_operator").get(f"/cases/{case.pk}/").content.decode()
    assert "业务管理系统" in page and f'href="/review/{case.pk}/"' in page
    assert (
        f'href="/review/{case.pk}/"'
        not in cast.client("civil_operator").get(f"/cases/{case.pk}/").content.decode()
    )


def test_what_makes_no_sense_now_is_not_offered_on_the_case_page(cast: Cast):
    case = with_bureau(cast.civil_operator, cast.civil_manager)
    actions.return_bureau(
        cast.bureau_operator, case, ground="unclear", remarks={"summary": "请写明时间范围"}
    )
    client = cast.client("civil_operator")
    page = client.get(f"/cases/{case.pk}/").content.decode()
    assert "提交审核" in page and "撤下依据" not in page and "登记不予共享依据" not in page
    assert 'tag-warning">退回修改' in page, "sent back looks as it does in the list of own entries"
    actions.edit(cast.civil_operator, case, share_class="3")
    page = client.get(f"/cases/{case.pk}/").content.decode()
    assert "登记不予共享依据" in page and "撤下依据" not in page, "there is none yet"


def test_a_draft_looks_alike_on_its_case_page_and_in_the_list_of_own_entries(cast: Cast):
    entry = drafted(cast.civil_operator)
    client = cast.client("civil_operator")
    for url in (f"/cases/{entry.case_id}/", "/compile/", "/todo/"):
        assert 'tag-neutral">草稿' in client.get(url).content.decode(), url


def test_quick_phrases_stand_only_where_there_is_a_box_for_them(cast: Cast):
    case = with_bureau(cast.civil_operator, cast.civil_manager)
    actions.pass_bureau(cast.bureau_operator, case)
    page = cast.client("civil_operator").get(f"/cases/{case.pk}/").content.decode()
    assert "待发布" in page and "data-phrase" not in page


def test_a_submission_without_secrecy_review_says_so_at_the_top_and_at_the_field(cast: Cast):
    entry = drafted(cast.civil_operator)
    page = cast.client("civil_operator").post(f"/compile/{entry.pk}/check/", {}).content.decode()
    assert (
        'href="#id_cleared_0"' in page
        and page.count("尚未确认不含") == 2
        and page.count("有误：") == 1
        and "没有必须改正的问题" not in page
    )
