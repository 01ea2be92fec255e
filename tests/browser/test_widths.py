"""Pages on a phone and on a wide desk: a low head, folded filters, tables as cards, short lines."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.sharing import Sharing

#: what somebody on the road opens, and what is widest
PAGES = ("/", "/todo/", "/notices/", "/catalog/", "/apply/", "/limits/", "/help/")


@pytest.fixture
def phone(page: Page) -> Page:
    page.set_viewport_size({"width": 390, "height": 844})
    return page


def test_the_head_is_low_and_nothing_is_wider_than_the_window(
    phone: Page,
    enter: Callable[[str], str],
    sharing: Sharing,
    assert_a11y: Callable[[Page], None],
    shot: Callable[[Page, str], None],
) -> None:
    sharing.granted(sharing.mount("marriage", "api"))
    site = enter("housing_operator")
    for url in PAGES:
        phone.goto(f"{site}{url}")
        head = phone.locator(".top-bar").bounding_box()
        assert head and head["y"] + head["height"] <= 96, f"{url}: {head}"
        assert_a11y(phone)
        shot(phone, f"phone{url.replace('/', '-').rstrip('-')}")


def test_filters_fold_and_say_how_many_hold(phone: Page, enter: Callable[[str], str]) -> None:
    phone.goto(f"{enter('housing_operator')}/todo/?q=abc")
    expect(phone.get_by_label("编号或标题")).to_be_hidden()
    phone.get_by_role("button", name="查询条件（1）").click()
    expect(phone.get_by_label("编号或标题")).to_have_value("abc")


def test_facets_are_closed_until_asked_for(
    phone: Page, enter: Callable[[str], str], sharing: Sharing
) -> None:
    sharing.mount("marriage", "api")
    phone.goto(f"{enter('housing_operator')}/catalog/")
    value = phone.locator(".facet").filter(has_text="提供部门").get_by_role("link").first
    expect(value).to_be_hidden()
    phone.locator(".facet summary").filter(has_text="提供部门").click()
    expect(value).to_be_visible()


def test_a_row_becomes_a_card_that_names_its_columns(
    phone: Page, enter: Callable[[str], str], sharing: Sharing
) -> None:
    sharing.granted(sharing.mount("marriage", "api"))
    phone.goto(f"{enter('housing_operator')}/apply/")
    cell = phone.locator("td[data-label='环节']").first
    assert cell.evaluate("(cell) => getComputedStyle(cell, '::before').content") == '"环节"'
    box, window = cell.bounding_box(), phone.viewport_size
    assert box and window and box["x"] >= 0 and box["x"] + box["width"] <= window["width"]


def test_the_first_cell_of_a_card_carries_its_own_label(
    phone: Page, enter: Callable[[str], str], sharing: Sharing
) -> None:
    """A list whose first column stays in view on a desk has none that does so on a phone; the
    cell's label, placed within it, must not leave the card."""
    sharing.granted(sharing.mount("marriage", "api"))
    phone.goto(f"{enter('housing_operator')}/todo/?tab=mine")
    cell = phone.locator(".sticky-first > .table.cards > tbody > tr > :first-child").first
    assert cell.evaluate("(cell) => getComputedStyle(cell).position") == "relative"
    height = "(cell) => cell.getBoundingClientRect().height"
    before = cell.evaluate(height)
    cell.evaluate("(cell) => { cell.dataset.label = '使用部门对告知的答复'.repeat(6) }")
    assert cell.evaluate(height) > before, "a long label is written over the next one"


def test_lines_stay_readable_at_1920(
    page: Page, enter: Callable[[str], str], shot: Callable[[Page, str], None]
) -> None:
    page.set_viewport_size({"width": 1920, "height": 1080})
    site = enter("bureau_operator")
    for url in PAGES:
        page.goto(f"{site}{url}")
        shot(page, f"wide{url.replace('/', '-').rstrip('-')}")
        longest = page.locator("main p").evaluate_all(
            "(all) => Math.max(0, ...all.map((p) => p.clientWidth /"
            " parseFloat(getComputedStyle(p).fontSize)))"
        )
        assert longest <= 50.5, f"{url}: a line of {longest} characters"
