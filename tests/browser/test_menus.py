"""Every page in the menu of every post: it opens, axe finds nothing, its menu marks where one
is."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

POSTS = (
    "housing_operator",
    "civil_manager",
    "bureau_operator",
    "system_admin",
    "security_admin",
    "audit_admin",
    "platform_operator",
)
#: reached by everybody, from top bar and footer
ALWAYS = ("/", "/help/", "/sitemap/", "/accessibility/")


def test_every_page_of_every_menu(
    page: Page,
    enter: Callable[[str], str],
    assert_a11y: Callable[[Page], None],
    shot: Callable[[Page, str], None],
) -> None:
    visited: set[str] = set()
    for post in POSTS:
        site = enter(post)
        page.goto(f"{site}/")
        links = page.locator(".side-menu a").evaluate_all(
            "(all) => all.map((a) => a.getAttribute('href'))"
        )
        assert links, f"{post} has an empty menu"
        for url in [*ALWAYS, *links]:
            if url in visited and url != "/":
                continue
            visited.add(url)
            answer = page.goto(f"{site}{url}")
            assert answer and answer.status == 200, (
                f"{post} gets {answer and answer.status} at {url}"
            )
            assert_a11y(page)
            if url in links:
                expect(page.locator(".side-menu a.active")).to_have_attribute("href", url)
            shot(page, f"{post}{url.replace('/', '-').rstrip('-')}")
