"""Constant parts of templates, drawn when they are loaded: the same look, and nothing of a request
in them."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from django.template import Context, engines
from django.template.base import Origin
from django_cotton.cotton_loader import Loader as CottonLoader

import huitong
from huitong.ui.loader import Loader
from huitong.ui.templatetags.ui import menu_sections

ENGINE = engines["django"].engine


def loaded(text: str, tmp_path: Path) -> str:
    file = tmp_path / "page.html"
    file.write_text(text, encoding="utf-8")
    return Loader(ENGINE).get_contents(Origin(str(file)))


@pytest.mark.parametrize(
    "text",
    [
        '<c-icon name="search" />',
        '<c-icon name="bell" class="big" label="消息" />',
        '<c-tag kind="info">办理中</c-tag>',
        "<c-tag>未到达</c-tag>",
        "<c-th>事项</c-th>",
        '<c-th :num="True">数量</c-th>',
        '<c-th class="no">序号</c-th>',
    ],
)
def test_what_is_constant_is_drawn_once_and_looks_the_same(text: str, tmp_path: Path) -> None:
    drawn = loaded(text, tmp_path)
    assert "{%" not in drawn
    # as the component is drawn where it is not constant
    plain = super(Loader, Loader(ENGINE)).get_contents(Origin(str(tmp_path / "page.html")))
    assert "{%" in plain and ENGINE.from_string(plain).render(Context()) == drawn


@pytest.mark.parametrize(
    "text",
    [
        '<c-icon name="bell" label="{{ words }}" />',
        '<c-th :num="numeric">数量</c-th>',
        '<c-th class="{{ css }}">数量</c-th>',
        '<c-th>事项<c-slot name="more">x</c-slot></c-th>',
        '<c-icon :name="icon" />',
    ],
)
def test_what_depends_on_the_page_is_drawn_with_the_page(text: str, tmp_path: Path) -> None:
    assert "{% cotton" in loaded(text, tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        '<c-icon name="{{ icon }}" />',
        '<c-icon name="{% if late %}alert-circle{% else %}bell{% endif %}" class="big" />',
        '<c-tag kind="{{ tone }}">{{ state }}</c-tag>',
        "<c-tag kind=\"{% if state == 'a<b' %}danger{% else %}info{% endif %}\">办理中</c-tag>",
        '<c-tag>至 {{ day|date:"Y-m-d" }}</c-tag>',
        "<c-th>{% for word in words %}{{ word }}、{% endfor %}{{ missing }}</c-th>",
        '<c-tag text="{{ state }}" kind="{{ missing }}" />',
    ],
)
@pytest.mark.parametrize("late", [True, False])
def test_what_the_page_fills_in_is_filled_in_alike(text: str, late: bool, tmp_path: Path) -> None:
    drawn = loaded(text, tmp_path)
    assert "{% cotton" not in drawn and "{" in drawn
    plain = super(Loader, Loader(ENGINE)).get_contents(Origin(str(tmp_path / "page.html")))
    page = {
        "icon": 'x"><script>',
        "late": late,
        "tone": "info",
        "state": "a<b",
        "day": date(2026, 11, 29),
        "words": ["甲", "<乙>"],
    }
    slow, quick = (ENGINE.from_string(part).render(Context(page)) for part in (plain, drawn))
    assert quick == slow and "<script>" not in quick


def test_no_page_draws_an_icon_of_a_given_name_anew() -> None:
    loader, icons = Loader(ENGINE), 0
    for file in (Path(huitong.__file__).parent).rglob("templates/**/*.html"):
        contents = loader.get_contents(Origin(str(file)))
        icons += contents.count("<use href=")
        assert not re.search(r'{% cotton icon name="[\w-]+" %}', contents), file
    assert icons > 50


def test_pages_are_loaded_so() -> None:
    """Django-cotton would put a loader of its own in the place of ours."""
    [cached] = ENGINE.template_loaders
    assert isinstance(cached.loaders[0], Loader)


def test_a_countdown_and_a_date_are_tags(tmp_path: Path) -> None:
    page = '<c-due :left="row.left" :due="row.due" /> <c-date :at="row.due" :ago="False" />'
    called = loaded(page, tmp_path)
    assert "{% cotton" not in called
    row = {"left": 3, "due": date(2026, 12, 2)}
    slow = ENGINE.from_string(CottonLoader(ENGINE).cotton_compiler.process(page))
    quick, context = ENGINE.from_string(called), {"row": row}
    assert quick.render(Context(context)).split() == slow.render(Context(context)).split()


def test_a_menu_is_marked_for_the_page_it_stands_on() -> None:
    def menu(active: str) -> str:
        items = [
            {"label": label, "url": f"/{label}/", "icon": "bell", "active": label == active}
            for label in ("甲", "乙<b>")
        ]
        return menu_sections([{"label": "工作台", "items": items}])

    assert (
        menu("甲").count('aria-current="page"') == menu("乙<b>").count('aria-current="page"') == 1
    )
    assert menu("甲") != menu("乙<b>") and menu("甲") == menu("甲")
    assert "乙&lt;b&gt;" in menu("甲") and "/甲/" in menu("")
