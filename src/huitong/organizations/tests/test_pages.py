"""Every page opens for whom it is for, and refuses the others with who and why."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.test import Client
from tests.cast import Cast

from huitong.organizations import actions
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


def test_the_home_page_reminds_a_body_of_its_task_force(cast: Cast) -> None:
    assert "登记本部门工作专班" in cast.client("stranger_operator").get("/").content.decode()
    assert "登记本部门工作专班" not in cast.client("civil_operator").get("/").content.decode()
    assert "核实时限参数" in cast.client("system_admin").get("/").content.decode()
    assert "当前登录" in cast.client("security_admin").get("/").content.decode()


@pytest.mark.parametrize("q", ["《民政局》", "“民政局”。", "民\u200b政局", " 民政局　"])
@pytest.mark.parametrize(
    "path", ["/orgs/?q=", "/sys/bodies/?q=", "/sys/duties/?q=", "/sys/divisions/?q="]
)
def test_lists_are_searched_without_what_stands_around_a_name(
    cast: Cast, path: str, q: str
) -> None:
    client = cast.client("system_admin")
    plain, around = (client.get(path + quote(text)).context["list"].total for text in ("民政局", q))
    assert plain == around


def test_levels_of_divisions_are_in_words(cast: Cast) -> None:
    actions.import_divisions(
        cast.system_admin,
        sheet=Sheet([{"code": "320699", "name": "测试县", "level": "县（市、区）"}]),
    )
    assert (
        ">县（市、区）</td>"
        in cast.client("system_admin").get("/sys/divisions/?q=测试县").content.decode()
    )
