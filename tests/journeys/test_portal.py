"""The pages that belong to no context, and the frame around all of them."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.test import Client

from huitong.portal.errors import Trace
from huitong.portal.menus import menu_for
from huitong.work import queries as work
from huitong.work.tests import made

pytestmark = pytest.mark.django_db


def test_healthz_answers_anybody_and_tells_when_the_database_is_gone(monkeypatch):
    well = Client().get("/healthz")
    assert (
        well.status_code == 200
        and well.json()["status"] == "ok"
        and well.json()["parts"] == {"database": True}
    )

    def fail():
        raise OperationalError("gone")

    monkeypatch.setattr(connection, "cursor", fail)
    down = Client().get("/healthz")
    assert (
        down.status_code == 503
        and down.json()["parts"] == {"database": False}
        and "gone" not in down.content.decode()
    )


def test_nobody_sees_the_home_page_without_signing_in():
    for url in (
        "/",
        "/todo/",
        "/cases/1/",
        "/cases/open/",
        "/do/work.claim/",
        "/notices/",
        "/attachments/1/",
    ):
        answer = Client().get(url)
        assert answer.status_code == 302 and "/account/login/" in answer.url, url


def test_who_submitted_something_comes_back_to_the_page_it_was_written_on():
    """The address it was sent to takes nothing but posts; the draft is offered where it was
    written."""

    def after(referer):
        answer = Client().post(
            "/notices/read/", {"notice": "1"}, headers={"Referer": referer} if referer else {}
        )
        assert answer.status_code == 302
        return parse_qs(urlsplit(answer.url).query)["next"]

    assert after("http://testserver/todo/?tab=todo&page=2") == ["/todo/?tab=todo&page=2"]
    assert after("https://elsewhere.example/todo/") == after("") == ["/"]


def test_a_part_of_a_page_is_not_replaced_by_the_sign_in_form():
    answer = Client().get("/todo/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Refresh"], answer.content) == (200, "true", b"")


def test_an_address_that_takes_only_posts_says_so(cast):
    answer = cast.client("housing_operator").get("/notices/read/")
    assert (
        answer.status_code == 405
        and answer.headers["Allow"] == "POST"
        and "请从页面上的按钮进入" in answer.content.decode()
    )


def test_a_page_that_fails_is_found_in_the_log_by_its_number_and_the_log_quotes_no_row(
    cast, monkeypatch, caplog
):
    def fails(*_):
        raise IntegrityError("Key (name)=(张三) already exists.") from ValueError("李四")

    monkeypatch.setattr("huitong.portal.home.home_panels", fails)
    client = cast.client("housing_operator")
    client.raise_request_exception = False
    page = client.get("/").content.decode()
    (record,) = [r for r in caplog.records if r.name == "django.request" and r.exc_info]
    line = Trace().format(record)
    assert record.request.request_id in page and f"[{record.request.request_id}]" in line
    assert (
        "ERROR django.request: Internal Server Error: /" in line
        and "in fails" in line
        and line.endswith("django.db.utils.IntegrityError")
    )
    assert "builtins.ValueError" in line and "张三" not in line and "李四" not in line


def test_the_home_page_shows_what_waits_what_was_told_and_what_may_be_started(cast):
    made.room(cast, "协调会")
    page = cast.client("civil_manager").get("/").content.decode()
    assert "借用会议室：协调会" in page and "剩 10 个工作日" in page
    first = work.openings(cast.housing_operator)[: work.SHORT]
    page = cast.client("housing_operator").get("/").content.decode()
    assert first and all(f'href="{opening.url}"' in page for opening in first)
    page = cast.client("system_admin").get("/").content.decode()
    assert not any(f'href="{opening.url}"' in page for opening in first)


MENUS = {
    "housing_operator": ({"/todo/", "/cases/open/", "/notices/"}, {"/sys/", "/audit/"}),
    "system_admin": ({"/sys/"}, {"/audit/", "/compile/"}),
    "audit_admin": ({"/audit/"}, {"/sys/", "/compile/"}),
}


@pytest.mark.parametrize("post", MENUS)
def test_menus_follow_the_post(cast, post):
    shown_items, hidden = MENUS[post]
    page = cast.client(post).get("/sitemap/").content.decode()
    assert all(f'href="{url}"' in page for url in shown_items) and not any(
        f'href="{url}"' in page for url in hidden
    )


def test_refusals_are_pages_that_say_who_acts_and_what_next(cast):
    client = cast.client("stranger_manager")
    missing = client.get("/cases/999999/")
    assert missing.status_code == 404 and "无权查看" in missing.content.decode()
    assert client.get("/no/such/page/").status_code == 404
    assert client.get("/do/no.such/").status_code == 404
    refused = client.get("/do/organizations.add_person/")
    assert refused.status_code == 403 and "系统管理员" in refused.content.decode()


def test_help_shows_every_procedure_with_its_articles(cast):
    page = cast.client("housing_operator").get("/help/").content.decode()
    assert "不同意借用" in page and "提供部门负责人" in page and "第二十二条" in page


def test_a_page_lights_the_line_it_is_reached_from(cast):
    def lit(path):
        sections = menu_for(cast.civil_operator, path)
        return [
            item["label"] for section in sections for item in section["items"] if item["active"]
        ]

    for path, label in {
        "/catalog/7/": "目录检索",
        "/catalog/code-lists/7/": "字典与标准",
        "/catalog/standards/": "字典与标准",
        "/catalog/leads/new/": "字典与标准",
        "/catalog/to-withdraw/": "目录普查",
        "/compile/sources/": "目录编制",
    }.items():
        assert lit(path) == [label], path
    assert lit("/unknown/") == []
