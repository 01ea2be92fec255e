"""What a task costs a person: every click and every field, counted as it is done.

``hand = Counter(page)``, then everything through it: ``hand.click("button", "继续")``,
``hand.fill("使用目的", "…")``, ``hand.tick("姓名")``, ``hand.choose("方式", "接口")``,
``hand.upload("扫描件", path)``, ``hand.press("Enter")``. ``hand.total`` is clicks and fields
together; ``assert hand.total <= 10, hand`` fails with the list of what was done. What the
browser does by itself (redirects, `page.wait_for…`, `expect`) costs nothing.

With ``keyboard=True`` nothing is clicked: the same calls move there by Tab and press Enter or
the space bar, and fail when the Tab key does not reach the place. The keys are not counted.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

#: how often the Tab key is pressed in search of one place
FAR = 400


class Counter:
    """One person's hand on one page."""

    def __init__(self, page: Page, *, keyboard: bool = False) -> None:
        self.page, self.keyboard = page, keyboard
        self.acts: list[str] = []

    @property
    def total(self) -> int:
        return len(self.acts)

    def __str__(self) -> str:
        return f"{self.total}: " + " · ".join(self.acts)

    def click(self, role: str, name: str, *, within: Locator | None = None) -> None:
        """A button or link by its role and words."""
        words: dict[str, Any] = {"role": role, "name": re.compile(re.escape(name))}
        place = (within or self.page).get_by_role(**words)
        self._press(place.first, "Enter")
        self.acts.append(f"点“{name}”")

    def tick(self, label: str, *, within: Locator | None = None) -> None:
        """A box or a radio button by its words; one that is ticked already costs nothing."""
        place = self._field(label, within)
        if place.is_checked():
            return
        self._press(place, "Space")
        expect(place).to_be_checked()
        self.acts.append(f"选“{label}”")

    def fill(self, label: str, text: str, *, within: Locator | None = None) -> None:
        """A field by its label; one that says so already costs nothing."""
        place = self._field(label, within)
        if place.input_value() == text:
            return
        if self.keyboard:
            self._reach(place)
            self.page.keyboard.press("ControlOrMeta+a")
            self.page.keyboard.insert_text(text)
        else:
            place.fill(text)
        self.acts.append(f"填“{label}”")

    def choose(self, label: str, words: str, *, within: Locator | None = None) -> None:
        """An option of a select by its words."""
        place = self._field(label, within)
        if not self.keyboard:
            place.select_option(label=words)
        else:
            self._reach(place)
            self.page.keyboard.press("Home")
            chosen = "e => e.selectedOptions[0].label"
            for _ in range(place.locator("option").count()):
                if place.evaluate(chosen) == words:
                    break
                self.page.keyboard.press("ArrowDown")
            assert place.evaluate(chosen) == words, f"no option {words!r}"
        self.acts.append(f"选“{label}”")

    def upload(self, label: str, file: str | Path | Any, *, within: Locator | None = None) -> None:
        """A file into its field: the browser's own window of files counts as one."""
        place = self._field(label, within)
        if self.keyboard:
            self._reach(place)
        place.set_input_files(file)
        self.acts.append(f"选文件“{label}”")

    def press(self, keys: str) -> None:
        """A key that stands for a click, as Enter in a field."""
        self.page.keyboard.press(keys)
        self.acts.append(f"按 {keys}")

    # -- inside ------------------------------------------------------------------------------------

    def _field(self, label: str, within: Locator | None) -> Locator:
        words = re.compile(rf"^\s*{re.escape(label)}\s*(（[^）]*必填）)?\s*$")
        return (within or self.page).get_by_label(words).first

    def _press(self, place: Locator, key: str) -> None:
        if not self.keyboard:
            place.click()
            return
        self._reach(place)
        self.page.keyboard.press(key)

    def _reach(self, place: Locator) -> None:
        """To a place by the Tab key alone; within a group of radio buttons by the arrows."""
        place.wait_for()
        for _ in range(FAR):
            if place.evaluate("e => e === document.activeElement"):
                return
            of_group = place.evaluate(
                "e => e.type === 'radio' && document.activeElement.name === e.name"
                " && document.activeElement.form === e.form"
            )
            self.page.keyboard.press("ArrowDown" if of_group else "Tab")
        raise AssertionError(f"the Tab key does not reach {place}")
