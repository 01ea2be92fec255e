"""Each page of an act does what the act does."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.test import Client
from tests.cast import Cast

from huitong.kernel.actor import Post
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import limit
from huitong.kernel.workdays import Limit, limit_row, today
from huitong.organizations import actions, queries
from huitong.organizations.models import Body, Person, Posting, TaskForce


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
        "members.name": ["王工", "李工", ""],
        "members.role": ["数据专员", "接口开发", ""],
        "members.phone": ["051312345678", "", ""],
    }
    more = post(client, address + "task-force/", **given | {"leader": ""}, rows="members:add")
    assert more.status_code == 200 and "请填写" not in more.content.decode(), (
        "nothing is judged yet"
    )
    assert more.content.decode().count('name="members.role"') == 3 + 10 + 1, "and the blank row"
    half = given | {"members.role": ["数据专员", "", ""]}
    wrong = post(client, address + "task-force/", **half)
    assert wrong.status_code == 422 and "第 2 行 分工" in wrong.content.decode()
    assert 'value="李工"' in wrong.content.decode()
    for form in (half | {"members.phone": ["051312345678"]}, {"leader": "张局"}):
        assert post(client, address + "task-force/", **form).status_code == 422
    assert post(client, address + "task-force/", **given).status_code == 302
    page = client.get(address).content.decode()
    assert "尚未登记" not in page and "王工（数据专员）、李工（接口开发）" in page
    assert "051312345678" in client.get(address + "task-force/").content.decode()
    assert cast.client("civil_manager").get(address + "task-force/").status_code == 403
    assert post(cast.client("civil_manager"), address + "task-force/", **given).status_code == 403
    assert TaskForce.objects.get(body=cast.body("stranger")).members.count() == 2


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
    answer = api.get("/api/bodies?q=民政").json()
    assert answer["count"] == 1 and answer["items"][0]["credit_code"] == "11320600XN000008X0"
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
    answer = post(
        client,
        "/sys/limits/add/",
        law="city",
        article="C",
        name="to_publish",
        amount="3",
        unit="wd",
        in_force="2027-01-01",
        basis="本市从严",
    )
    page = client.get("/sys/limits/").content.decode()
    assert answer.status_code == 302 and "本市设定" in page and "3 个工作日" in page
    assert limit_row(limit("C", "to_publish"), date(2027, 1, 1)).amount == 3
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
    html = client.get("/sec/sessions/", {"tab": "tokens", "q": "housing"}).content.decode()
    assert "对接" in html and "脚本" not in html
    token = queries.tokens_visible_to(cast.housing_operator).get()
    assert post(client, f"/me/tokens/{token.pk}/revoke/")["Location"] == "/sec/sessions/?tab=tokens"
