"""The pages: budgets of queries, exports, refusals, forms that keep what was typed, remarks
beside their fields."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.cast import Cast
from tests.thawing import thawed

from huitong.catalog import actions, queries
from huitong.catalog.models import Database, Entry, Scan, Version
from huitong.catalog.tests.marriage import ITEMS, drafted, published, with_bureau
from huitong.catalog.views import browse
from huitong.kernel.case import Case
from huitong.kernel.ledger import writing
from huitong.organizations import actions as organizations

pytestmark = pytest.mark.django_db
BUDGET = 12


@pytest.fixture
def city(cast: Cast) -> Cast:
    for n in range(6):
        published(
            cast.civil_operator,
            cast.civil_manager,
            cast.bureau_operator,
            f"第{n}类登记信息",
            themes=["201", "209"],
        )
    return cast


def queries_of(cast: Cast, who: str, url: str) -> int:
    client = cast.client(who)
    client.get("/catalog/")  # the menu is known, templates are compiled
    with CaptureQueriesContext(connection) as capture:
        assert client.get(url).status_code == 200
    return len(
        [q for q in capture.captured_queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    )


def test_list_and_entry_page_stay_within_their_budget_of_queries(city: Cast):
    entry = Entry.objects.order_by("pk").first()
    for url in (
        "/catalog/",
        "/catalog/?q=%E7%99%BB%E8%AE%B0&theme=201",
        f"/catalog/{entry.pk}/",
        f"/catalog/{entry.pk}.json",
    ):
        assert queries_of(city, "housing_operator", url) <= BUDGET, url


def test_the_list_of_own_entries_does_not_ask_once_per_row(city: Cast):
    assert queries_of(city, "civil_operator", "/compile/") <= BUDGET


def test_the_search_lies_in_the_address(city: Cast):
    body = city.body("civil").pk
    page = (
        city.client("housing_operator")
        .get("/catalog/", {"q": "登记", "theme": "201", "body": body, "sort": "name"})
        .content.decode()
    )
    assert (
        'value="登记"' in page and "主题：公共服务" in page and 'name="sort" value="name"' in page
    )
    assert f"?q=%E7%99%BB%E8%AE%B0&amp;body={body}&amp;sort=name" in page, (
        "a chosen value's link leads to the search without it"
    )


def test_exports_hold_the_same_search_and_no_formulas(cast: Cast):
    published(
        cast.civil_operator,
        cast.civil_manager,
        cast.bureau_operator,
        "=1+1 公式信息",
        summary="@SUM(A1) 摘要内容若干字",
    )
    client = cast.client("housing_operator")
    answer = client.get("/catalog/", {"q": "公式", "format_as": "csv"})
    head, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head[1] == "资源名称" and row[1] == "'=1+1 公式信息" and row[4].startswith("'@")
    rows = json.loads(client.get("/catalog/", {"q": "公式", "format_as": "json"}).content)
    assert rows[0]["资源名称"] == "=1+1 公式信息" and client.get(rows[0]["url"]).status_code == 200
    assert json.loads(client.get("/catalog/", {"q": "没有", "format_as": "json"}).content) == []


def test_an_export_that_is_cut_says_so(city: Cast, monkeypatch: pytest.MonkeyPatch):
    client = city.client("housing_operator")
    assert "导出 CSV</a>" in client.get("/catalog/").content.decode()
    monkeypatch.setattr(browse, "MOST_EXPORTED", 5)
    assert "导出 CSV（前 5 项）</a>" in client.get("/catalog/").content.decode()
    assert len(client.get("/catalog/", {"format_as": "json"}).json()) == 5


def test_the_entry_as_json_and_by_its_code(cast: Cast):
    entry = published(cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    client = cast.client("housing_operator")
    document = client.get(f"/catalog/{entry.pk}.json").json()
    assert (
        document["code"] == entry.code
        and document["items"][1]["mask"] == "name"
        and "suggestion" not in document["items"][1]
    )
    assert "source_table" not in document and document["grounds"] == []
    assert client.get(f"/r/{entry.code}").headers["Location"] == f"/catalog/{entry.pk}/"
    assert client.get("/r/999999/000001").status_code == 404


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
        "publish_on": "2026-12-01",
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


def grid(rows, **more):
    data = {
        "items-TOTAL_FORMS": len(rows),
        "items-INITIAL_FORMS": 0,
        "standard": "标准",
        "dictionary": "",
    } | more
    for n, row in enumerate(rows):
        data |= {
            f"items-{n}-{k}": v
            for k, v in ({"type": "C", "level": "2", "share_class": "1"} | row).items()
        }
    return data


def test_the_grid_adds_rows_without_saving_and_without_javascript(cast: Cast):
    entry = drafted(cast.civil_operator)
    client = cast.client("civil_operator")
    answer = client.post(f"/compile/{entry.pk}/items/", grid([{"name": "新的信息项"}], more="1"))
    html = answer.content.decode()
    assert (
        answer.status_code == 200 and 'value="新的信息项"' in html and 'name="items-5-name"' in html
    )
    assert entry.draft.items.count() == len(ITEMS)


def test_the_grid_saves_deletes_and_says_what_is_wrong_in_which_cell(cast: Cast):
    entry = drafted(cast.civil_operator)
    client = cast.client("civil_operator")
    answer = client.post(
        f"/compile/{entry.pk}/items/", grid([{"name": "编号", "length": "很长"}, {"column": "x"}])
    )
    html = answer.content.decode()
    assert (
        answer.status_code == 422 and html.count("invalid-feedback") == 1 and 'value="很长"' in html
    )
    answer = client.post(f"/compile/{entry.pk}/items/", grid([{"name": "编号"}, {"column": "x"}]))
    assert answer.status_code == 422 and "invalid-feedback" in answer.content.decode(), (
        "a column without a name"
    )
    rows = [
        {"name": "编号", "is_key": "on"},
        {"name": "多余", "DELETE": "on"},
        {},
        {"name": "日期", "type": "D"},
    ]
    assert client.post(f"/compile/{entry.pk}/items/", grid(rows, stay="1")).status_code == 302
    assert list(entry.draft.items.values_list("name", "type", "is_key")) == [
        ("编号", "C", True),
        ("日期", "D", False),
    ]


def test_a_wrong_cell_is_named_at_the_top_with_the_way_to_it(cast: Cast):
    entry = drafted(cast.civil_operator)
    answer = cast.client("civil_operator").post(
        f"/compile/{entry.pk}/items/", grid([{"name": "编号"}, {"name": "年度", "length": "很长"}])
    )
    html = answer.content.decode()
    assert answer.status_code == 422 and "表格中有 1 处填写有误" in html
    assert (
        '<a href="#id_items-1-length">第 2 行 长度' in html
        and 'id="id_items-1-length_error"' in html
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
        f'href="/compile/{entry.pk}/items/#row-{row}"' in page
        and f'href="/compile/{entry.pk}/basics/#id_summary"' in page
    )
    assert f'id="row-{row}"' in client.get(f"/compile/{entry.pk}/items/").content.decode()
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
    assert "没有包含“不存在”的目录" in client.get("/compile/?q=不存在").content.decode()


def test_a_system_is_registered_without_talk_of_connections(cast: Cast):
    page = cast.client("civil_operator").get("/compile/sources/systems/new/").content.decode()
    assert "连接" not in page and "业务系统" in page
    assert (
        "测试连接并保存"
        in cast.client("civil_operator").get("/compile/sources/databases/new/").content.decode()
    )


def test_a_suggestion_is_applied_only_where_a_person_accepts_it(cast: Cast):
    suggestion = {"kind": "name", "mask": "name", "label": "姓名", "level": "3", "reason": "像姓名"}
    entry = actions.draft(
        cast.civil_operator,
        name="婚姻登记信息",
        items=[
            {"name": "男方姓名", "column": "m", "suggestion": suggestion},
            {"name": "女方姓名", "column": "w", "suggestion": suggestion},
        ],
    )
    client = cast.client("civil_operator")
    assert client.get(f"/compile/{entry.pk}/items/").content.decode().count("采纳：姓名") == 2
    rows = [{"name": "男方姓名", "column": "m"}, {"name": "女方姓名", "column": "w"}]
    client.post(
        f"/compile/{entry.pk}/items/",
        grid([rows[0], rows[1] | {"accept": "on"}], **{"items-INITIAL_FORMS": 2}),
    )
    assert list(entry.draft.items.values_list("mask", "level")) == [("", "2"), ("name", "3")]
    client.post(
        f"/compile/{entry.pk}/items/", grid(rows, **{"items-INITIAL_FORMS": 2}, accept_all="1")
    )
    assert list(entry.draft.items.values_list("mask", flat=True)) == ["name", ""], (
        "what was taken off again stays off unless accepted"
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
            {"decision": "return", "ground": "unclear", "remark.summary": "写好些"},
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


def test_the_home_page_shows_the_catalog(city: Cast):
    page = city.client("housing_operator").get("/").content.decode()
    assert "可查看的资源" in page and "/catalog/?theme=201" in page


@pytest.mark.parametrize("total", ["", "x", "²", "99999999999999999999"])
def test_a_grid_that_was_tampered_with_is_refused_in_words(cast: Cast, total: str):
    entry, client = drafted(cast.civil_operator), cast.client("civil_operator")
    for how in ({"more": "1"}, {"stay": "1"}):
        answer = client.post(
            f"/compile/{entry.pk}/items/",
            grid([{"name": "编号"}], **{"items-TOTAL_FORMS": total}, **how),
        )
        assert answer.status_code in (200, 422), how
    assert (
        answer.status_code == 422
        and "error-summary" in answer.content.decode()
        and entry.draft.items.count() == len(ITEMS)
    )


def test_exports_give_the_day_of_the_city(cast: Cast):
    entry = published(cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    with thawed():
        Version.objects.filter(entry=entry).update(
            published_at=datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
        )
    [row] = json.loads(
        cast.client("housing_operator").get("/catalog/", {"format_as": "json"}).content
    )
    assert row["发布日期"] == "2026-11-23", "four in the morning in Nantong"


def test_a_facet_with_many_values_lets_every_one_be_reached(cast: Cast):
    for n, key in enumerate(("A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N")):
        published(
            cast.civil_operator,
            cast.civil_manager,
            cast.bureau_operator,
            f"第{n}类登记信息",
            industry=key,
        )
    page = cast.client("housing_operator").get("/catalog/").content.decode()
    assert "其余 2 个" in page and all(f"?industry={key}" in page for key in "ABCDEFGHIJKLMN")


def test_what_a_version_says_to_everybody_is_not_where_the_data_lies(cast: Cast):
    suggestion = {"kind": "name", "mask": "name", "label": "姓名", "level": "3", "reason": "像姓名"}
    items = [ITEMS[0], ITEMS[1] | {"suggestion": suggestion}]
    entry = drafted(cast.civil_operator, items=items)
    with writing("test"):
        Entry.objects.filter(pk=entry.pk).update(source_table="mz_hydj_2019")
    actions.add_ground(
        cast.civil_operator,
        entry.case,
        kind="law",
        document="旧的依据",
        article="第一条",
        quotation="后来改为有条件共享",
    )
    for act, who in ((actions.submit, "operator"), (actions.pass_department, "manager")):
        act(getattr(cast, f"civil_{who}"), entry.case, cleared=["state", "work"])
    actions.pass_bureau(cast.bureau_operator, entry.case)
    actions.publish(cast.civil_operator, entry.case)
    content = json.dumps(entry.versions.get().content, ensure_ascii=False)
    assert (
        "mz_hydj_2019" not in content
        and "像姓名" not in content
        and "旧的依据" not in content
        and "登记编号" in content
    )


def test_the_list_of_databases_reads_no_list_of_tables(cast: Cast):
    with writing("test"):
        database = Database.objects.create(
            body=cast.body("civil"), name="库", host="127.0.0.1", dbname="x", username="x"
        )
        for n in range(3):
            Scan.objects.create(
                database=database,
                asked_by=1,
                state="done",
                tables=[{"table": "很长的清单"}],
                total=n,
            )
    client = cast.client("civil_operator")
    client.get("/compile/sources/")
    with CaptureQueriesContext(connection) as capture:
        page = client.get("/compile/sources/").content.decode()
    last = Scan.objects.order_by("pk").last()
    assert f"/compile/sources/scans/{last.pk}/" in page and not any(
        '"catalog_scan"."tables"' in q["sql"] for q in capture.captured_queries
    )


def test_by_the_api_a_body_reads_its_own_systems(cast: Cast):
    system = actions.register_system(cast.civil_operator, name="婚姻登记系统")
    token = organizations.create_token(cast.civil_operator, label="脚本", days=1)["token"]
    answer = Client(headers={"Authorization": f"Bearer {token}"}).get("/api/catalog/systems")
    assert (
        answer.status_code == 200
        and {"id": system.pk, "name": "婚姻登记系统", "summary": "", "network": "", "builder": ""}
        in answer.json()
    )


def test_a_submission_without_secrecy_review_says_so_at_the_top_and_at_the_field(cast: Cast):
    entry = drafted(cast.civil_operator)
    page = cast.client("civil_operator").post(f"/compile/{entry.pk}/check/", {}).content.decode()
    assert (
        'href="#id_cleared_0"' in page
        and page.count("尚未确认不含") == 2
        and page.count("有误：") == 1
        and "没有必须改正的问题" not in page
    )
