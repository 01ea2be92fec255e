"""Every page opens for whom it is for, refuses the others, and does through the page what the
acts do."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.cast import Cast

from huitong.kernel.actor import Post
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.workdays import CalendarYear, Limit, today
from huitong.organizations import actions, queries
from huitong.organizations.models import Body, Matter, Person, Posting, TaskForce
from huitong.organizations.rules import Sheet

SYSTEM = [
    "/sys/",
    "/sys/bodies/",
    "/sys/bodies/add/",
    "/sys/bodies/succession/",
    "/sys/people/",
    "/sys/people/add/",
    "/sys/duties/",
    "/sys/duties/add/",
    "/sys/divisions/",
    "/sys/calendar/",
    "/sys/calendar/?year=2026",
    "/sys/limits/",
    "/sys/limits/add/",
    "/sys/import/divisions/",
    "/sys/import/bodies/",
    "/sys/import/duties/",
    "/sys/import/calendar/",
    "/sys/import/bodies/template/",
]
SECURITY = ["/sec/", "/sec/appoint/", "/sec/sessions/"]
OWN = ["/orgs/", "/orgs/?q=民政", "/me/", "/me/profile/", "/me/tokens/add/"]


@pytest.mark.parametrize(
    ("who", "pages"),
    [
        ("system_admin", SYSTEM + OWN),
        ("security_admin", SECURITY + OWN),
        ("audit_admin", OWN),
        ("housing_manager", [*OWN, "/me/deputies/add/", "/sys/duties/", "/sys/duties/add/"]),
    ],
)
def test_pages_open_for_whom_they_are(cast: Cast, who: str, pages: list[str]) -> None:
    client = cast.client(who)
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, (page, answer.status_code)
        assert "template" in page or "<h1" in answer.content.decode(), page


@pytest.mark.parametrize(
    ("who", "pages"),
    [
        (
            "housing_manager",
            [p for p in SYSTEM if "duties" not in p and p != "/sys/bodies/"] + SECURITY,
        ),
        ("system_admin", SECURITY),
        (
            "security_admin",
            [
                "/sys/",
                "/sys/bodies/add/",
                "/sys/people/add/",
                "/sys/limits/",
                "/sys/import/bodies/",
            ],
        ),
    ],
)
def test_pages_of_others_are_refused_with_who_and_why(
    cast: Cast, who: str, pages: list[str]
) -> None:
    client = cast.client(who)
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 403 and "管理员" in answer.content.decode(), (
            page,
            answer.status_code,
        )


def test_nothing_opens_without_signing_in(db: None) -> None:
    for page in SYSTEM + SECURITY + OWN:
        assert Client().get(page).status_code == 302, page


def post(client: Client, page: str, **given: Any) -> Any:
    return client.post(page, given)


def test_the_administrators_bring_in_a_new_clerk_page_by_page(cast: Cast) -> None:
    """System administrator opens the account, security administrator gives the post, the clerk
    signs in and changes the password."""
    answer = post(
        cast.client("system_admin"),
        "/sys/people/add/",
        username="lin.fang",
        name="林芳",
        mobile="13912345678",
    )
    page = answer.content.decode()
    person = Person.objects.get(username="lin.fang")
    assert "只显示这一次" in page and "lin.fang" in page
    assert not person.has_usable_password(), (
        "nobody comes in before the second administrator has released it"
    )
    waiting = person.changes.get()
    assert "待复核的账号变更" in cast.client("security_admin").get("/sec/").content.decode()
    assert cast.client("system_admin").get("/sys/people/").content.decode().count("变更待复核") == 1
    first = next(w.split('"')[0] for w in page.split('value="') if len(w.split('"')[0]) == 8)
    page = post(
        cast.client("security_admin"), f"/sec/changes/{waiting.pk}/release/"
    ).content.decode()
    person.refresh_from_db()
    password = next(
        first + w.split('"')[0]
        for w in page.split('value="')
        if person.check_password(first + w.split('"')[0])
    )
    answer = post(
        cast.client("security_admin"),
        "/sec/appoint/",
        person=person.pk,
        body=cast.body("housing").pk,
        post="operator",
    )
    assert answer.status_code == 302 and answer["Location"] == "/sec/"
    clerk = Client()
    clerk.post("/account/login/", {"login": "lin.fang", "password": password})
    clerk.post(
        "/account/password/change/",
        {"oldpassword": password, "password1": "Lin-fang-2026", "password2": "Lin-fang-2026"},
    )
    page = clerk.get("/me/").content.decode()
    assert "市住建局 经办人" in page and "139****5678" in page


def test_a_wrong_form_says_so_beside_the_field_and_keeps_what_was_typed(cast: Cast) -> None:
    answer = post(
        cast.client("system_admin"),
        "/sys/bodies/add/",
        name="南通市测试局",
        short_name="市测试局",
        kind="department",
        credit_code="11320600XN000008X1",
        division_code="320600",
    )
    page = answer.content.decode()
    assert (
        answer.status_code == 422
        and "校验码" in page
        and "南通市测试局" in page
        and "有误：" in page
    )


def test_a_double_click_does_it_once(cast: Cast) -> None:
    client, given = (
        cast.client("system_admin"),
        {
            "name": "南通市测试局",
            "short_name": "市测试局",
            "kind": "department",
            "credit_code": "11320600XN00002662",
            "division_code": "320600",
            "_once": "abc",
        },
    )
    assert post(client, "/sys/bodies/add/", **given).status_code == 302
    assert post(client, "/sys/bodies/add/", **given).status_code == 302
    assert Body.objects.filter(name="南通市测试局").count() == 1


def test_a_body_page_warns_of_a_missing_task_force_until_its_manager_names_one(cast: Cast) -> None:
    client, address = cast.client("stranger_manager"), f"/orgs/{cast.body('stranger').pk}/"
    assert "尚未登记工作专班" in client.get(address).content.decode()
    given = {
        "leader": "张局",
        "office": "综合处",
        "technical_unit": "信息中心",
        "members": "王工,数据专员,051312345678\n李工，接口开发",
    }
    assert post(client, address + "task-force/", **given | {"members": "王工"}).status_code == 422
    assert post(client, address + "task-force/", **given).status_code == 302
    page = client.get(address).content.decode()
    assert "尚未登记" not in page and "王工（数据专员）、李工（接口开发）" in page
    assert "051312345678" in client.get(address + "task-force/").content.decode()
    assert cast.client("civil_manager").get(address + "task-force/").status_code == 403
    assert post(cast.client("civil_manager"), address + "task-force/", **given).status_code == 403
    assert TaskForce.objects.get(body=cast.body("stranger")).members.count() == 2


def test_the_home_page_reminds_a_body_of_its_task_force(cast: Cast) -> None:
    assert "尚未登记工作专班" in cast.client("stranger_operator").get("/").content.decode()
    assert "尚未登记工作专班" not in cast.client("civil_operator").get("/").content.decode()
    assert "待核实的时限" in cast.client("system_admin").get("/").content.decode()
    assert "当前登录" in cast.client("security_admin").get("/").content.decode()


def test_a_rename_through_the_page(cast: Cast) -> None:
    client, old = cast.client("system_admin"), cast.body("civil")
    assert "南通市民政局" in client.get(f"/sys/bodies/{old.pk}/rename/").content.decode()
    answer = post(
        client,
        f"/sys/bodies/{old.pk}/rename/",
        name="南通市民政和社会事务局",
        short_name="市民政社会局",
        on=today().isoformat(),
        document="通委办〔2026〕1号",
    )
    assert answer.status_code == 302
    new = Body.objects.get(name="南通市民政和社会事务局")
    page = client.get(f"/orgs/{new.pk}/").content.decode()
    assert "机构沿革" in page and "南通市民政局" in page
    assert "已于" in client.get(f"/orgs/{old.pk}/").content.decode()


def test_a_merger_through_the_page(cast: Cast) -> None:
    answer = cast.client("system_admin").post(
        "/sys/bodies/succession/",
        {
            "kind": "merge",
            "predecessors": [cast.body("civil").pk, cast.body("hr").pk],
            "successors": [cast.body("housing").pk],
            "on": today().isoformat(),
            "document": "通委办〔2026〕1号",
        },
    )
    assert (
        answer.status_code == 302
        and queries.successor_of(cast.body("hr").pk) == cast.body("housing").pk
    )


def test_switching_between_two_bodies(cast: Cast) -> None:
    with writing("test"):
        Posting.objects.create(
            person=cast.person("housing_operator"),
            body=cast.body("stranger"),
            post=Post.OPERATOR,
            valid_from=today(),
        )
    client = cast.client("housing_operator")
    assert "当前办理身份" in client.get("/me/").content.decode()
    assert (
        post(client, "/me/body/", body=cast.body("stranger").pk, next="/orgs/")["Location"]
        == "/orgs/"
    )
    assert client.get("/me/").context["actor"].body == cast.body("stranger").pk
    assert post(client, "/me/body/", body=cast.body("civil").pk).status_code == 404
    assert (
        post(client, "/me/body/", body=cast.body("housing").pk, next="https://evil.example/")[
            "Location"
        ]
        == "/me/"
    )


def test_lending_and_taking_back_a_post(cast: Cast) -> None:
    client = cast.client("housing_manager")
    answer = post(
        client,
        "/me/deputies/add/",
        deputy=cast.person("housing_operator").pk,
        post="manager",
        valid_to=(today() + timedelta(7)).isoformat(),
    )
    assert answer.status_code == 302
    row = Posting.objects.get(deputy_of=cast.person("housing_manager"))
    assert "撤回" in client.get("/me/").content.decode()
    assert (
        post(cast.client("housing_operator"), f"/me/deputies/{row.pk}/revoke/").status_code == 302
    )
    assert queries.actor_for(cast.person("housing_operator")).posts == {Post.OPERATOR}


def test_a_token_made_on_the_page_opens_the_api(cast: Cast) -> None:
    client = cast.client("housing_operator")
    page = post(client, "/me/tokens/add/", label="对账脚本", days="30").content.decode()
    token = next(w.split('"')[0] for w in page.split('value="') if w.startswith("ht_"))
    api = Client(headers={"Authorization": f"Bearer {token}"})
    told = api.get("/api/bodies?q=民政").json()
    assert told["count"] == 1 and told["items"][0]["credit_code"] == "11320600XN000008X0"
    assert (
        api.get("/api/matters", {"body": cast.body("housing").pk}).json()["items"][0]["code"]
        == "ZJ-001"
    )
    people = api.get("/api/people").json()
    assert {p["username"] for p in people["items"]} == {
        "housing_operator",
        "housing_manager",
    } and "****" in people["items"][0]["mobile"]
    assert api.get("/api/bodies/999999999").status_code == 404
    assert Client().get("/api/bodies").status_code == 401
    assert (
        token[-4:] in client.get("/me/").content.decode()
        and token not in client.get("/me/").content.decode()
    )


def test_leaving_is_previewed_then_confirmed(cast: Cast) -> None:
    client = cast.client("security_admin")
    address = f"/hand-over/{cast.person('civil_manager').pk}/{cast.body('civil').pk}/"
    assert client.get(address).status_code == 200
    page = post(client, address, reasons="退休", preview="1").content.decode()
    assert "将发生的变化" in page and "确认移交" in page and "将无人在岗" in page
    assert queries.managers_of(cast.body("civil").pk).exists(), "a preview changes nothing"
    assert post(client, address, reasons="退休", confirm="1").status_code == 302
    assert not queries.managers_of(cast.body("civil").pk).exists()
    assert cast.client("housing_manager").get(address).status_code == 404
    assert cast.client("bureau_manager").get(address).status_code == 403


# -- imports ---------------------------------------------------------------------------------------


def upload(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("duties.csv", text.encode(), "text/csv")


@pytest.mark.parametrize("q", ["《民政局》", "“民政局”。", "民\u200b政局", " 民政局　"])
@pytest.mark.parametrize(
    "path", ["/orgs/?q=", "/sys/bodies/?q=", "/sys/duties/?q=", "/sys/divisions/?q="]
)
def test_lists_are_searched_without_what_stands_around_a_name(
    cast: Cast, path: str, q: str
) -> None:
    client = cast.client("system_admin")
    plain, around = (
        client.get(path + quote(text)).context["page"].paginator.count for text in ("民政局", q)
    )
    assert plain == around


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
    told = api.post("/api/imports/duties", {"file": upload(text), "dry_run": "true"}).json()
    assert (told["added"], told["imported"], told["errors"]) == (1, False, [])
    told = api.post("/api/imports/duties", {"file": upload(text)}).json()
    assert told["imported"] and Matter.objects.filter(code="MZ-900").exists()
    told = api.post("/api/imports/duties", {"file": upload(HEAD + ",,,\n,x,,\n")}).json()
    assert (
        told["errors"] == [{"row": 3, "column": "机构", "message": "必须填写"}]
        and not told["imported"]
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


def test_limits_are_added_and_confirmed_on_their_screen(cast: Cast) -> None:
    client = cast.client("system_admin")
    answer = post(
        client,
        "/sys/limits/add/",
        law="nantong-2020",
        article="A22",
        amount="7",
        unit="wd",
        in_force="2027-01-01",
        basis="市政府决定",
    )
    assert answer.status_code == 302 and "7 个工作日" in client.get("/sys/limits/").content.decode()
    recalled = Limit.objects.filter(confidence="recalled").first()
    assert recalled is not None
    assert (
        post(client, f"/sys/limits/{recalled.pk}/confirm/", source="国务院令第 809 号").status_code
        == 302
    )


def test_the_security_administrator_sees_and_ends_sessions(cast: Cast) -> None:
    cast.client("housing_operator")
    client = cast.client("security_admin")
    assert cast.housing_operator.name in client.get("/sec/sessions/").content.decode()
    assert (
        post(
            client, f"/sec/sessions/{cast.person('housing_operator').pk}/end/", reasons="值守离开"
        ).status_code
        == 302
    )
    assert cast.housing_operator.name not in client.get("/sec/sessions/").content.decode()


def test_the_security_administrator_finds_a_token_and_comes_back_to_the_list(cast: Cast) -> None:
    actions.create_token(cast.housing_operator, label="对接")
    actions.create_token(cast.civil_operator, label="脚本")
    client = cast.client("security_admin")
    found = client.get("/sec/sessions/", {"tab": "tokens", "q": "housing"}).content.decode()
    assert "对接" in found and "脚本" not in found
    token = queries.tokens_visible_to(cast.housing_operator).get()
    assert post(client, f"/me/tokens/{token.pk}/revoke/")["Location"] == "/sec/sessions/?tab=tokens"


def test_levels_of_divisions_are_in_words(cast: Cast) -> None:
    actions.import_divisions(
        cast.system_admin,
        sheet=Sheet([{"code": "320699", "name": "测试县", "level": "县（市、区）"}]),
    )
    assert (
        "<td>县（市、区）</td>"
        in cast.client("system_admin").get("/sys/divisions/?q=测试县").content.decode()
    )
