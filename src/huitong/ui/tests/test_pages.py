"""Shell, error pages and display preferences, without a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings

from huitong.ui.tests import samples


@pytest.fixture
def site() -> Iterator[Client]:
    from django.conf import settings

    middleware = [name for name in settings.MIDDLEWARE if not name.startswith("huitong.")]
    engine = "django.contrib.sessions.backends.signed_cookies"
    with override_settings(
        ROOT_URLCONF="huitong.ui.tests.samples", MIDDLEWARE=middleware, SESSION_ENGINE=engine
    ):
        yield Client()


def test_style_guide_draws_every_component(site: Client) -> None:
    html = site.get("/styleguide/?sort=due&page=3").content.decode()
    assert "<c-" not in html
    assert "{%" not in html
    assert 'aria-sort="ascending"' in html
    assert 'href="?sort=-due"' in html
    assert 'href="?sort=due&amp;after=' in html, "paging keeps the order"
    assert html.count("<h1") == 1
    assert "<title>有误：组件样例 - 南通市政务数据共享交换平台</title>" in html


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 500])
def test_error_page_says_cause_who_next_step_and_contact(site: Client, status: int) -> None:
    page = site.get(f"/error/{status}/")
    html = page.content.decode()
    assert page.status_code == status
    for part in ("下一步", "由谁处理", "技术支持", "7c9e6679"):
        assert part in html


def test_what_a_refusal_says_is_escaped(site: Client) -> None:
    request = RequestFactory().get("/")
    problem = samples.explained({"status": 409, "detail": "<b>x</b>"})
    page: HttpResponse = samples.render(request, "ui/error.html", {"problem": problem})
    assert "&lt;b&gt;x&lt;/b&gt;" in page.content.decode()


def test_display_choice_is_kept_and_goes_back(site: Client) -> None:
    back = "http://testserver/styleguide/"
    answer = site.post("/display/", {"scale": "fs-125"}, headers={"referer": back})
    assert (answer.status_code, answer["Location"]) == (302, back)
    site.post("/display/", {"contrast": "1"}, headers={"referer": back})
    assert (
        '<html lang="zh-CN" class="fs-125 contrast">' in site.get("/styleguide/").content.decode()
    )
    site.post("/display/", {"contrast": "1"}, headers={"referer": back})
    assert 'class="fs-125 "' in site.get("/styleguide/").content.decode()


def test_display_choice_never_leads_elsewhere(site: Client) -> None:
    answer = site.post(
        "/display/", {"scale": "fs-9000"}, headers={"referer": "https://elsewhere.example/"}
    )
    assert answer["Location"] == "/"
    assert answer.cookies["display"].value == ""


def test_session_is_extended_for_the_signed_in_only(site: Client) -> None:
    assert site.post("/session/extend/").status_code == 401
    assert site.get("/session/extend/").status_code == 405


def test_sign_in_page_is_chinese_and_ours(site: Client) -> None:
    html = site.get("/account/login/").content.decode()
    assert "用户名" in html
    assert "严禁存储、处理、传输国家秘密" in html
    assert "testserver" not in html, (
        "allauth's own `site` must not stand where the platform's name belongs"
    )
