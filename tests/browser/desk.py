"""A post's desk in a real browser: one signed-in person, who reads, clicks and types, and whose
every page is looked at."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, Locator, Page
from tests.browser.conftest import axe, overflow, watch

#: what must never stand on a page: values a program left over
LEFTOVERS = re.compile(
    r"\bNone\b|\bTrue\b|\bFalse\b|\bnull\b|\{'|\{\"|\[\"|\bhuitong\.|Traceback|&(amp|lt|quot);"
)
#: a refusal the story means to meet; the console may say so
EXPECTED = ("status of 409", "status of 422", "status of 403", "status of 404")


class Desk:
    """``desk.open("/")``, ``desk.fill({"名称": "…"})``, ``desk.press("保存")``,
    ``desk.look("home")``."""

    def __init__(
        self,
        browser: Browser,
        site: str,
        user: str,
        password: str,
        settings: dict[str, Any],
        problems: list[str],
    ) -> None:
        self.site, self.user, self.password = site, user, password
        self.context = browser.new_context(**settings)
        self.scripts = settings.get("java_script_enabled", True)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        watch(self.page, problems, list(EXPECTED))
        self.visited: set[str] = set()

    def sign_in(self) -> Desk:
        """Through the form, as everybody."""
        self.open("/")
        self.fill({"用户名": self.user, "密码": self.password})
        self.press("登录")
        return self

    def open(self, path: str) -> Desk:
        self.page.goto(self.site + path)
        return self

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    def click(self, link: str, within: str = "", nth: int = 0) -> Desk:
        """A link by its words; ``within``: in the table row or list item that says this."""
        target = self.page.get_by_role("link", name=link)
        near = self._near(within).filter(has=target) if within else self.main
        near.last.get_by_role("link", name=link).nth(nth).click()
        return self

    def menu(self, link: str) -> Desk:
        self.page.get_by_role("navigation", name="主菜单").get_by_role(
            "link", name=link, exact=True
        ).click()
        return self

    def press(self, button: str, within: str = "") -> Desk:
        """A button by its words."""
        self._near(within).last.get_by_role("button", name=button).first.click()
        return self

    def confirm(self, button: str, within: str = "") -> Desk:
        """A button of a weighty act, and that of its summary."""
        return self.press(button, within).agree(button)

    def summarized(self) -> Desk:
        """The summary of a weighty act is there: a dialog, or a page without scripts."""
        self.page.locator("dialog[open] h2, button[name=_confirmed]").first.wait_for()
        return self

    def agree(self, button: str) -> Desk:
        """The button that confirms, in the dialog or on its page."""
        name = f"确认{button}"
        self.page.get_by_role("button", name=name, exact=True).last.click()
        return self

    def _near(self, words: str) -> Locator:
        root = self.main if self.page.get_by_role("main").count() else self.page.locator("body")
        return root.locator("tr, li, .panel", has_text=words) if words else root

    def fill(self, answers: dict[str, Any], within: str = "") -> Desk:
        """Fields by their labels: text, a choice by its words, True to tick, bytes to upload
        (name, type, content)."""
        near = self._near(within).last if within else self.page
        for label, value in answers.items():
            field = near.get_by_label(
                re.compile(rf"^\s*{re.escape(label)}\s*(（[^）]*必填）)?\s*$")
            ).first
            if isinstance(value, dict):
                field.set_input_files(value)
            elif isinstance(value, bool):
                field.set_checked(value)
            elif field.evaluate("f => f.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        return self

    def choose(self, *labels: str) -> Desk:
        """Tick boxes or radio buttons by their words."""
        return self.fill(dict.fromkeys(labels, True))

    def says(self, *words: str) -> Desk:
        """The page holds these words. Raises `AssertionError`."""
        for text in words:
            self.page.locator(".page").get_by_text(text).first.wait_for()
        return self

    def look(self, name: str, record: bool = False) -> Desk:
        """Once a page: one h1, nothing wider than the window, no leftovers of a program; where
        pictures are taken, axe finds nothing.

        ``record``: the page shows a record as it was sealed, which is code.
        """
        if name in self.visited:
            return self
        self.visited.add(name)
        page = self.page
        if folder := os.environ.get("HUITONG_SHOTS"):
            page.screenshot(path=f"{folder}/story-{name}.png", full_page=True)
        if self.scripts:
            if folder:  # every page of every post is asked once more in `test_menus.py`
                result = axe(page)
                assert not result.violations_count, f"{name}\n{result.generate_snapshot()}"
            wide = overflow(page)
            assert wide <= 0, f"{name} {page.url} is {wide} px wider than the window"
        assert page.locator("h1").count() == 1, (
            f"{name}: {page.locator('h1').count()} h1 on {page.url}"
        )
        left = LEFTOVERS.search(page.locator("body").inner_text())
        assert record or left is None, f"{name} {page.url} shows {left[0]!r}"
        return self


Sit = Callable[[str], Desk]
