"""A person of the cast signs in, is locked out after wrong passwords, sets up and uses the
second factor."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.mfa.totp.internal import auth
from django.core.cache import cache
from playwright.sync_api import Page, expect
from tests.cast import PASSWORD, Cast

Check = Callable[[Page], None]
Shot = Callable[[Page, str], None]
AFTER = "/account/2fa/"


@pytest.fixture(autouse=True)
def fresh_counts() -> Iterator[None]:
    """Failed attempts are counted in the cache, which outlives a test."""
    cache.clear()
    yield
    cache.clear()


def sign_in(page: Page, site: str, password: str, username: str = "housing_operator") -> None:
    page.goto(f"{site}/account/login/?next={AFTER}")
    expect(page.get_by_label("用户名")).to_be_focused()
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


def code_for(secret: str) -> str:
    return auth.format_hotp_value(auth.hotp_value(secret, int(time.time()) // 30))


def test_wrong_password_says_what_to_do_and_five_lock_the_account(
    page: Page, live_server: Any, cast: Cast, assert_a11y: Check, shot: Shot
) -> None:
    sign_in(page, live_server.url, "wrong")
    expect(page).to_have_title("有误：登录 - 南通市政务数据共享交换平台")
    expect(page.locator(".error-summary")).to_be_focused()
    assert_a11y(page)
    for _ in range(5):
        sign_in(page, live_server.url, "wrong")
    expect(page.get_by_text("账号已临时锁定")).to_be_visible()
    sign_in(page, live_server.url, PASSWORD)
    expect(page.get_by_text("账号已临时锁定")).to_be_visible()
    assert_a11y(page)
    shot(page, "locked-out")


def test_second_factor_from_setting_up_to_signing_in(
    page: Page, live_server: Any, cast: Cast, assert_a11y: Check, shot: Shot
) -> None:
    site = live_server.url
    sign_in(page, site, PASSWORD)
    expect(page.get_by_role("heading", name="双因素认证")).to_be_visible()
    assert_a11y(page)
    shot(page, "mfa")
    page.get_by_role("link", name="启用").click()
    expect(page.get_by_role("heading", name="确认身份")).to_be_visible()
    assert_a11y(page)
    shot(page, "reauthenticate")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="确认").click()
    expect(page.get_by_role("heading", name="启用双因素认证")).to_be_visible()
    assert_a11y(page)
    shot(page, "mfa-activate")
    secret = page.get_by_label("密钥", exact=True).input_value()
    page.get_by_label("动态码").fill("000000")
    page.get_by_role("button", name="启用").click()
    expect(page.locator(".error-summary")).to_be_visible()
    page.get_by_label("动态码").fill(code_for(secret))
    page.get_by_role("button", name="启用").click()
    expect(page.get_by_role("heading", name="恢复代码")).to_be_visible()
    assert_a11y(page)
    shot(page, "mfa-codes")
    recovery = page.locator("#recovery_codes code").first.text_content() or ""

    page.goto(f"{site}/account/logout/")
    page.get_by_role("main").get_by_role("button", name="退出登录").click()
    sign_in(page, site, PASSWORD)
    expect(page.get_by_role("heading", name="双因素认证")).to_be_visible()
    assert_a11y(page)
    shot(page, "mfa-authenticate")
    page.get_by_label("动态码").fill(recovery)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_text("已启用")).to_be_visible()
    expect(page.get_by_text("剩余 9 个")).to_be_visible()


def test_changing_the_password(
    page: Page, live_server: Any, cast: Cast, assert_a11y: Check, shot: Shot
) -> None:
    sign_in(page, live_server.url, PASSWORD)
    page.goto(f"{live_server.url}/account/password/change/")
    assert_a11y(page)
    page.get_by_role("button", name="保存新密码").click()
    expect(page.get_by_role("link", name="请填写当前密码")).to_be_visible()
    shot(page, "password-change")
