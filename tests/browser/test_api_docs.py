"""The API's document in a real browser, offline: drawn from our own files, under the same
content policy as every page."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page
from tests.cast import Cast


def test_the_document_is_drawn_offline_and_the_console_is_silent(
    live_server: Any, cast: Cast, page: Page
) -> None:
    """`page` fails the test for any error or warning in the console, the content policy's
    included, and any other host."""
    answer = page.goto(f"{live_server.url}/api/docs")
    assert answer is not None and answer.status == 200
    policy = answer.headers["content-security-policy"]
    assert (
        "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]
        and "unsafe-eval" not in policy
    )
    page.get_by_text("政务数据共享交换平台接口").first.wait_for(timeout=120_000)
    rooms = page.locator(".opblock-tag")
    assert rooms.count() > 5
    rooms.first.click()
    page.locator(".opblock").first.wait_for()
    page.locator(".opblock").first.click()
    page.get_by_text("Responses").first.wait_for()
