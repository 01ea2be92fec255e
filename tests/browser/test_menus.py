"""Every page in the menu of every post: it opens, axe finds nothing, its menu marks where one is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.cast import Cast

POSTS = ("housing_operator", "civil_manager", "bureau_operator", "system_admin", "security_admin", "audit_admin", "platform_operator")
#: reached by everybody, from top bar and footer
ALWAYS = ("/", "/help/", "/sitemap/", "/accessibility/")


@pytest.fixture
def enter(page: Page, live_server: Any, cast: Cast) -> Callable[[str], str]:
    """``enter("civil_manager")``: this browser is signed in as that person; the answer is the site's address."""

    def as_person(key: str) -> str:
        session = cast.client(key).cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        return str(live_server.url)

    return as_person


def test_every_page_of_every_menu(
    page: Page, enter: Callable[[str], str], assert_a11y: Callable[[Page], None], shot: Callable[[Page, str], None]
) -> None:
    seen: set[str] = set()
    for post in POSTS:
        site = enter(post)
        page.goto(f"{site}/")
        links = page.locator(".side-menu a").evaluate_all("(all) => all.map((a) => a.getAttribute('href'))")
        assert links, f"{post} has an empty menu"
        for url in [*ALWAYS, *links]:
            if url in seen and url != "/":
                continue
            seen.add(url)
            answer = page.goto(f"{site}{url}")
            assert answer and answer.status == 200, f"{post} gets {answer and answer.status} at {url}"
            assert_a11y(page)
            if url in links:
                expect(page.locator(".side-menu a.active")).to_have_attribute("href", url)
            shot(page, f"{post}{url.replace('/', '-').rstrip('-')}")
