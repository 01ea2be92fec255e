"""The yearly census by page, API and command (A11)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from tests.cast import Cast

from huitong.catalog.actions import census
from huitong.catalog.models import CensusAnswer, Entry
from huitong.catalog.tests.changing import fresh, three_entries, unread
from huitong.catalog.tests.marriage import published
from huitong.cli import main
from huitong.kernel.case import Case
from huitong.kernel.workdays import today
from huitong.organizations import actions as organizations
from huitong.work import jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def entries(cast: Cast) -> dict[str, Entry]:
    return three_entries(cast)


def over(client: Client, url: str, act: str, *chosen: Entry, **answers: str) -> str:
    """A bulk act over some rows, looked at and confirmed: what became of them."""
    page = client.post(url, {"bulk": act, "row": [str(entry.pk) for entry in chosen]})
    assert page.status_code == 200, page.content
    post = {"bulk": act, "confirm": "1", "rows": page.context["rows"], "once": uuid4().hex}
    return page.content.decode() + client.post(url, post | answers).content.decode()


def test_a_census_on_pages(cast: Cast, entries: dict[str, Entry]) -> None:
    """Opened, one clean entry and one with findings confirmed, signed, accepted, the report read
    and taken along."""
    clean = published(cast.civil_operator, cast.civil_manager, cast.bureau_operator, "收养信息")
    bureau, clerk = cast.client("bureau_operator"), cast.client("civil_operator")
    given = {
        "year": "2026",
        "begins_on": str(today()),
        "ends_on": str(today() + timedelta(30)),
        "instructions": "逐项核对",
        "bodies": [cast.body("civil").pk],
        "_confirmed": "1",
    }
    assert clerk.get("/catalog/census/new/").status_code == 403
    assert bureau.post("/catalog/census/new/", given | {"ends_on": ""}).status_code == 422
    answer = bureau.post("/catalog/census/new/", given)
    whole = Case.objects.get(kind="census")
    assert answer.url == f"/catalog/census/{whole.pk}/"
    part = whole.children.get()
    url = f"/catalog/census/parts/{part.pk}/"
    assert url in clerk.get(f"/catalog/census/{whole.pk}/").content.decode()
    assert "0 / 3 项" in clerk.get(url).content.decode()
    marriage, divorce = entries["marriage"], entries["divorce"]
    outcome = over(clerk, url, "unchanged", clean, marriage)
    assert "今天的检查有" in outcome
    assert [row.entry_id for row in CensusAnswer.objects.all()] == [clean.pk]
    over(clerk, url, "explained", marriage, reasons="历史数据，不再补充")
    over(clerk, url, "change", divorce, reasons="字段有增减")
    assert "都核对完了" in clerk.get(f"{url}?tab=left").content.decode()
    clerk.post(f"/cases/{part.pk}/add_missing/", {"name": "殡葬服务信息", "reasons": "新建系统"})
    page = clerk.get(url).content.decode()
    assert "殡葬服务信息" in page and "3 / 3 项" in page and "市住建局" not in page
    clerk.post(f"/cases/{part.pk}/submit/", {})
    cast.client("civil_manager").post(f"/cases/{part.pk}/sign/", {"_confirmed": "1"})
    over(bureau, url, "question", divorce, remark="请写明哪些字段")
    assert "请写明哪些字段" in clerk.get(f"{url}?tab=remarks").content.decode()
    over(bureau, url, "unquestion", divorce)
    bureau.post(f"/cases/{part.pk}/accept/", {"_confirmed": "1"})
    assert fresh(part).state == "accepted"
    jobs.finish_parent(whole.pk)
    report = f"/catalog/census/{whole.pk}/report/"
    for client in (bureau, clerk):
        page = client.get(report).content.decode()
        assert "市民政局" in page and "SHA-256" in page
        for kind in ("csv", "xlsx", "json"):
            assert client.get(f"{report}?format={kind}").getvalue()
    for address in (f"/catalog/census/{whole.pk}/", "/catalog/census/", f"/cases/{whole.pk}/"):
        assert bureau.get(address).status_code == 200, address
    assert bureau.get(f"/catalog/census/{whole.pk}/?format=xlsx").getvalue()
    stranger = cast.client("stranger_operator")
    for address in (url, f"/catalog/census/{whole.pk}/", report):
        assert stranger.get(address).status_code == 404, address
    assert cast.client("audit_admin").get("/catalog/census/").status_code == 403
    assert not unread(cast, "census", "census_part")


def test_the_same_through_api_and_command(
    cast: Cast, entries: dict[str, Entry], capsys: Any, monkeypatch: Any
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://of-this-test/")

    def client(who: str) -> Client:
        token = organizations.create_token(getattr(cast, who), label="测试", days=1)["token"]
        return Client(headers={"Authorization": f"Bearer {token}"})

    bureau, clerk = client("bureau_operator"), client("civil_operator")

    def post(by: Client, path: str, body: dict[str, Any]) -> Any:
        answer = by.post(f"/api/{path}", json.dumps(body), content_type="application/json")
        assert answer.status_code == 200, answer.content
        return answer.json()

    given = {
        "year": 2026,
        "begins_on": str(today()),
        "ends_on": str(today() + timedelta(30)),
        "bodies": [cast.body("civil").pk],
    }
    whole = post(bureau, "do/census.launch", given)["case"]["id"]
    [row] = clerk.get("/api/catalog/census").json()["items"]
    assert (row["case"], row["bodies"], row["over"]) == (whole, 1, 0)
    [row] = bureau.get(f"/api/catalog/census/{whole}/progress").json()["items"]
    assert (row["entries"], row["answered"], row["percent"]) == (2, 0, 0)
    part = row["part"]
    listed = clerk.get(f"/api/catalog/census/parts/{part}/entries").json()["items"]
    keys = [entry["id"] for entry in listed]
    body = {"entries": keys, "outcome": "change", "reasons": "字段有增减"}
    post(clerk, f"cases/census_part/{part}/answer", body)
    left = clerk.get(f"/api/catalog/census/parts/{part}/entries?unanswered=true").json()
    assert left["count"] == 0
    for who, verb in (("civil_operator", "submit"), ("civil_manager", "sign")):
        words = ["do", f"census_part.{verb}", "--as", who, "--case", str(part)]
        assert main(words) == 0, capsys.readouterr()
    assert bureau.get(f"/api/catalog/census/{whole}/report").status_code == 404
    post(bureau, f"cases/census_part/{part}/accept", {})
    jobs.finish_parent(whole)
    report = clerk.get(f"/api/catalog/census/{whole}/report").json()
    assert report["content"]["totals"]["change"] == 2 and len(report["sha256"]) == 64
    late = bureau.get(f"/api/catalog/census/{whole}/progress?late=true").json()
    assert late["count"] == 0


def test_progress_asks_the_same_of_the_database_however_many_bodies(
    cast: Cast, entries: dict[str, Entry], django_assert_max_num_queries: Any
) -> None:
    whole = census.launch(
        cast.bureau_operator, year=2026, begins_on=today(), ends_on=today() + timedelta(9)
    )
    client = cast.client("bureau_operator")
    client.get(f"/catalog/census/{whole.pk}/")
    with django_assert_max_num_queries(26):
        client.get(f"/catalog/census/{whole.pk}/")
    part = whole.children.get(parties__provider=cast.body("civil").pk)
    clerk = cast.client("civil_operator")
    clerk.get(f"/catalog/census/parts/{part.pk}/")
    with django_assert_max_num_queries(26):
        clerk.get(f"/catalog/census/parts/{part.pk}/")
