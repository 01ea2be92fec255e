"""Changes of law and function by page, API and command (A11)."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from tests.cast import Cast

from huitong.catalog.models import AffectedEntry, Entry
from huitong.catalog.tests.changing import LAW, by_bureau, fresh, three_entries, unread
from huitong.cli import main
from huitong.kernel import doing
from huitong.kernel.case import Case
from huitong.kernel.workdays import today
from huitong.organizations import actions as organizations
from huitong.work import queries as work

pytestmark = pytest.mark.django_db


@pytest.fixture
def entries(cast: Cast) -> dict[str, Entry]:
    return three_entries(cast)


def test_a_clerk_registers_chooses_and_settles_on_pages(
    cast: Cast, entries: dict[str, Entry]
) -> None:
    client = cast.client("civil_operator")
    given = {
        "kind": "law",
        "document": LAW,
        "published_on": str(today()),
        "concerns": "增设冷静期",
        "_confirmed": "1",
    }
    assert 'name="entries"' not in client.get("/catalog/changes/new/").content.decode()
    assert client.post("/catalog/changes/new/", given | {"document": ""}).status_code == 422
    answer = client.post("/catalog/changes/new/", given)
    whole = Case.objects.get(kind="catalog_change")
    part = whole.children.get()
    choose = f"/catalog/changes/{part.pk}/choose/"
    assert answer.url == choose
    page = client.get(choose).content.decode()
    assert "婚姻登记信息" in page and "共享条件" in page and "离婚登记信息" not in page
    assert "离婚登记信息" in client.get(f"{choose}?by=all").content.decode()
    assert "离婚登记信息" in client.get(f"{choose}?by=all&q=lihun").content.decode()

    def over(url: str, act: str, *chosen: Entry, **answers: str) -> str:
        post = {"bulk": act, "row": [str(entry.pk) for entry in chosen]}
        asked_page = client.post(url, post)
        assert asked_page.status_code == 200, asked_page.content
        rows = asked_page.context["rows"]
        answer = client.post(
            url, {"bulk": act, "confirm": "1", "rows": rows, "once": uuid4().hex, **answers}
        )
        return answer.content.decode()

    assert choose in client.get(f"/cases/{part.pk}/").content.decode()
    over(f"{choose}?by=all", "take_in", entries["marriage"], entries["divorce"])
    url = f"/catalog/changes/parts/{part.pk}/"
    assert "公布之后还没有发布新版本" in over(url, "changed", entries["marriage"])
    assert "编制新版本" in client.get(url).content.decode()
    client.post(f"/compile/{entries['divorce'].pk}/update/")
    assert "继续编制" in client.get(url).content.decode()
    over(url, "unchanged", entries["marriage"], entries["divorce"], reasons="不受影响")
    assert fresh(part).state == "settled"
    for address in (
        url,
        f"/catalog/changes/{whole.pk}/",
        f"/cases/{part.pk}/",
        "/catalog/changes/",
    ):
        page = client.get(address)
        assert page.status_code == 200 and LAW in page.content.decode(), address
    for kind in ("csv", "xlsx", "json"):
        assert client.get(f"{url}?format={kind}").getvalue()
    for who, status in (("civil_manager", 200), ("system_admin", 403), ("audit_admin", 403)):
        assert cast.client(who).get("/catalog/changes/").status_code == status, who
    assert cast.client("civil_manager").get("/catalog/changes/new/").status_code == 403
    assert not unread(cast, "catalog_change", "catalog_change_part")


def test_what_became_of_rows_is_read_again_when_the_page_is_loaded_again(
    cast: Cast, entries: dict[str, Entry]
) -> None:
    whole, client = by_bureau(cast, *entries.values()), cast.client("bureau_operator")
    url = f"/catalog/changes/{whole.pk}/"
    chosen = {"bulk": "exclude", "row": [entries["divorce"].pk, entries["house"].pk]}
    page = client.post(url, chosen)
    post = chosen | {"confirm": "1", "rows": page.context["rows"], "once": uuid4().hex}
    outcomes = [client.post(url, post).context["outcomes"] for _ in range(2)]
    assert [[outcome.done for _, outcome in rows] for rows in outcomes] == [[True, True]] * 2
    [left] = AffectedEntry.objects.filter(change__case=whole)
    assert left.entry == entries["marriage"]
    doing.perform(cast.bureau_operator, "catalog_change.send", {}, case=whole.pk)
    again = client.post(url, post, follow=True)
    assert again.status_code == 200 and "现在不能办理" in again.content.decode()


def test_who_may_register_from_two_seats_is_offered_it_once_and_told_what_theirs_means(
    cast: Cast,
) -> None:
    for who, effect in (
        ("bureau_operator", "分办前各部门不会收到通知"),
        ("civil_operator", "登记晚了也从公布之日算起"),
    ):
        client, actor = cast.client(who), getattr(cast, who)
        own = [o.verb.name for o in work.openings(actor)]
        assert own.count("catalog_change.register") == 1, who
        assert client.get("/").content.decode().count("登记法规职能变动") == 1, who
        given = {
            "kind": "law",
            "document": LAW,
            "published_on": str(today()),
            "concerns": "增设冷静期",
        }
        page = client.post("/catalog/changes/new/", given).content.decode()
        assert effect in page and "经办人）" in page, who
    assert not Case.objects.filter(kind="catalog_change").exists()


def test_the_same_through_api_and_command(
    cast: Cast, entries: dict[str, Entry], capsys: Any, monkeypatch: Any
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://of-this-test/")
    token = organizations.create_token(cast.bureau_operator, label="测试", days=1)["token"]
    api = Client(headers={"Authorization": f"Bearer {token}"})

    def post(path: str, body: dict[str, Any]) -> Any:
        answer = api.post(f"/api/{path}", json.dumps(body), content_type="application/json")
        assert answer.status_code == 200, answer.content
        return answer.json()

    given = {
        "kind": "law",
        "document": LAW,
        "published_on": str(today()),
        "concerns": "修订",
        "entries": [entries["marriage"].pk],
    }
    case = post("do/catalog_change.register", given)["case"]["id"]
    cited = api.get(f"/api/catalog/changes/{case}/citing").json()["items"]
    assert [row["name"] for row in cited] == ["购房家庭信息"], "the other is counted in already"
    post(f"cases/catalog_change/{case}/include", {"entries": [cited[0]["id"]]})
    post(f"cases/catalog_change/{case}/send", {})
    [row] = api.get("/api/catalog/changes").json()["items"]
    assert (row["document"], row["entries"], row["settled"]) == (LAW, 2, 0)
    part = Case.objects.get(parent=case, parties__provider=cast.body("civil").pk)
    words = ["do", "catalog_change_part.settle", "--as", "civil_operator", "--case", str(part.pk)]
    words += [f"--entries=[{entries['marriage'].pk}]", "--outcome=unchanged", "--reasons=不受影响"]
    assert main(words) == 0, capsys.readouterr()
    affected = api.get(f"/api/catalog/changes/{case}/entries").json()["items"]
    assert sorted(row["outcome"] for row in affected) == ["", "unchanged"]
