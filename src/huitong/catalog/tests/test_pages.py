"""The pages of the catalog: budgets of queries, the search in the address, exports, what is said to
everybody."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.cast import Cast
from tests.thawing import thawed

from huitong.catalog import actions
from huitong.catalog.models import Database, Entry, Scan, Version
from huitong.catalog.tests.marriage import ITEMS, drafted, published
from huitong.kernel.ledger import writing
from huitong.organizations import actions as organizations
from huitong.ui.lists import listing

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
    head, row = csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig")))
    assert head[1] == "资源名称" and row[1] == "'=1+1 公式信息" and row[4].startswith("'@")
    rows = in_json(client, q="公式")
    assert rows[0]["资源名称"] == "=1+1 公式信息" and client.get(rows[0]["url"]).status_code == 200
    assert in_json(client, q="没有") == []


def in_json(client: Any, **question: str) -> list[dict[str, Any]]:
    """What a search exports as JSON."""
    answer = client.get("/catalog/", question | {"format_as": "json"})
    return json.loads(b"".join(answer.streaming_content))


def test_an_export_that_is_cut_says_so(city: Cast, monkeypatch: pytest.MonkeyPatch):
    client = city.client("housing_operator")
    page = client.get("/catalog/").content.decode()
    assert "导出 CSV</a>" in page and "文件最多含" not in page
    monkeypatch.setattr(listing, "MOST", 5)
    monkeypatch.setattr(listing, "COUNTED", 5)
    assert "文件最多含前 5 项" in client.get("/catalog/").content.decode()
    assert len(in_json(client)) == 5


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


def test_the_home_page_shows_the_catalog(city: Cast):
    page = city.client("housing_operator").get("/").content.decode()
    assert "可查看的资源" in page and "/catalog/?theme=201" in page


def test_exports_give_the_day_of_the_city(cast: Cast):
    entry = published(cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    with thawed():
        Version.objects.filter(entry=entry).update(
            published_at=datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
        )
    [row] = in_json(cast.client("housing_operator"))
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
    answer = Client(headers={"Authorization": f"Bearer {token}"}).get("/api/systems")
    assert answer.status_code == 200
    assert answer.json() == {
        "items": [
            {
                "id": system.pk,
                "body": cast.body("civil").pk,
                "name": "婚姻登记系统",
                "summary": "",
                "network": "",
                "builder": "",
                "protection_level": "",
                "protection_filing": "",
                "retired_on": None,
            }
        ],
        "count": 1,
    }
