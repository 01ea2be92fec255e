"""A register is imported: checked first, confirmed once (A6)."""

from __future__ import annotations

import json

from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.cast import Cast

from huitong.kernel.ledger import Entry
from huitong.kernel.workdays import CalendarYear
from huitong.organizations import actions
from huitong.organizations.models import Matter
from huitong.organizations.tests.test_acts_on_pages import post

# -- imports ---------------------------------------------------------------------------------------


def upload(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("duties.csv", text.encode(), "text/csv")


HEAD = "机构,职责,事项编码,事项名称\n"


def test_an_import_is_checked_then_confirmed_once(cast: Cast) -> None:
    cache.clear()
    client = cast.client("civil_manager")
    wrong = client.post(
        "/sys/import/duties/", {"file": upload(HEAD + "南通市没有局,负责,X-1,甲\n")}
    )
    assert wrong.status_code == 422 and "没有名为" in wrong.content.decode()
    right = client.post(
        "/sys/import/duties/",
        {"file": upload(HEAD + "南通市民政局,负责养老服务,MZ-900,养老机构备案\n")},
    )
    assert (
        "新增 1 行" in right.content.decode() and not Matter.objects.filter(code="MZ-900").exists()
    )
    titled = client.post(
        "/sys/import/duties/",
        {"file": upload("职责清单\n" + HEAD.strip() + ",电话\n南通市民政局,负责,,\n")},
    )
    page = titled.content.decode()
    assert "第 1 行在列名之上，未导入" in page and "未导入：电话" in page and "新增 1 行" in page
    key = right.context["key"]
    stolen = post(cast.client("hr_manager"), "/sys/import/duties/confirm/", key=key)
    assert (
        stolen["Location"] == "/sys/import/duties/"
        and not Matter.objects.filter(code="MZ-900").exists()
    )
    assert post(client, "/sys/import/duties/confirm/", key=key).status_code == 302
    assert post(client, "/sys/import/duties/confirm/", key=key).status_code == 302
    assert Entry.objects.filter(verb="organizations.import_duties").count() == 1
    assert (
        client.get("/sys/import/duties/template/")
        .content.decode("utf-8-sig")
        .startswith("机构,职责,事项编码")
    )


def test_a_year_is_imported_through_the_page(cast: Cast) -> None:
    client = cast.client("system_admin")
    answer = client.post(
        "/sys/import/calendar/",
        {
            "file": upload("日期,类型,名称\n2027-01-01,放假,元旦\n"),
            "year": "2027",
            "source": "国办发明电〔2026〕9号",
        },
    )
    assert (
        post(client, "/sys/import/calendar/confirm/", key=answer.context["key"]).status_code == 302
    )
    assert CalendarYear.objects.get(year=2027).source == "国办发明电〔2026〕9号"
    assert "元旦" in client.get("/sys/calendar/?year=2027").content.decode()


def test_an_import_through_the_api_is_checked_or_done(cast: Cast) -> None:
    token = actions.create_token(cast.civil_manager, label="接口导入")["token"]
    api = Client(headers={"Authorization": f"Bearer {token}"})
    text = HEAD + "南通市民政局,负责养老服务,MZ-900,养老机构备案\n"
    answer = api.post("/api/imports/duties", {"file": upload(text), "dry_run": "true"}).json()
    assert (answer["added"], answer["imported"], answer["errors"]) == (1, False, [])
    answer = api.post("/api/imports/duties", {"file": upload(text)}).json()
    assert answer["imported"] and Matter.objects.filter(code="MZ-900").exists()
    answer = api.post("/api/imports/duties", {"file": upload(HEAD + ",,,\n,x,,\n")}).json()
    assert (
        answer["errors"] == [{"row": 3, "column": "机构", "message": "必须填写"}]
        and not answer["imported"]
    )
    rows = [
        {
            "机构": "南通市民政局",
            "职责": "负责养老服务",
            "事项编码": "MZ-901",
            "事项名称": "养老补贴",
        }
    ]
    done = api.post(
        "/api/do/organizations.import_duties",
        json.dumps({"sheet": rows}),
        content_type="application/json",
    )
    assert done.status_code == 200 and done.json()["result"] == {
        "added": 1,
        "changed": 0,
        "same": 0,
    }
    text = "名称,简称,机构类型,统一社会信用代码,行政区划代码\n甲局,甲局,政府部门,11320600XN00002662,320600\n"
    assert api.post("/api/imports/bodies", {"file": upload(text)}).status_code == 403
