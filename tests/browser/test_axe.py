"""axe, hastened, still finds what it finds: colours too close, seen through each other, unreadable
ones left open."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from tests.browser.conftest import AXE_OPTIONS, axe

COLOURS = ("#777", "rgb(120 120 120)", "rgba(0, 0, 0, .4)", "hsl(210deg 40% 50%)", "#000", "gold")
LINES = "".join(
    f'<p style="color: {ink}; background: {paper}"><span style="opacity: {opacity}">'
    f"{ink} on {paper}</span></p>"
    for ink in COLOURS
    for paper in (*COLOURS, "white", "linear-gradient(red, blue)")
    for opacity in (1, 0.7)
)
PAGE = f'<!doctype html><html lang="en"><title>Colours</title><main><h1>Colours</h1>{LINES}</main>'
ALL = AXE_OPTIONS | {"resultTypes": ["violations", "incomplete", "passes"]}


def findings(result: Any) -> dict[str, Any]:
    return {kind: result.response[kind] for kind in ("violations", "incomplete", "passes")}


@pytest.mark.parametrize("options", [ALL, AXE_OPTIONS], ids=["all", "violations"])
def test_colours_read_once_are_judged_the_same(page: Page, options: dict[str, Any]) -> None:
    page.set_content(PAGE)
    plain = findings(Axe().run(page, options=options))
    page.goto("about:blank")
    page.set_content(PAGE)
    assert findings(axe(page, options)) == plain
    (contrast,) = (rule for rule in plain["violations"] if rule["id"] == "color-contrast")
    assert len(contrast["nodes"]) > 20, "this page is full of colours too close to each other"
