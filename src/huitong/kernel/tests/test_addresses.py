"""Addresses of pages: as Django gives them, found once."""

from __future__ import annotations

from typing import Any

import pytest
from django import urls
from django.template import Context, Template

from huitong.kernel.addresses import reverse


@pytest.mark.parametrize(
    ("name", "about"),
    [
        ("portal:home", {}),
        ("work:case", {"args": [7]}),
        ("work:case", {"args": [7], "fragment": "record"}),
        ("work:todo", {"query": {"tab": "mine", "q": "a&b 中"}}),
        ("work:todo", {"query": {"row": [1, 2]}}),
        ("work:todo", {"query": {}}),
    ],
)
def test_an_address_is_djangos(name: str, about: dict[str, Any]) -> None:
    assert reverse(name, **about) == reverse(name, **about) == urls.reverse(name, **about)


def test_a_page_that_does_not_exist_is_refused() -> None:
    for _ in range(2):
        with pytest.raises(urls.NoReverseMatch):
            reverse("work:case")


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("{% url 'work:case' pk %}", "/cases/7/"),
        ("{% url 'work:case' pk=pk %}", "/cases/7/"),
        ("{% url 'work:case' pk as there %}<{{ there }}>", "</cases/7/>"),
        ("{% url 'nowhere' as there %}<{{ there }}>", "<>"),
        ("{% url name %}", "/"),
    ],
)
def test_templates_name_pages_as_ever(page: str, expected: str) -> None:
    assert Template(page).render(Context({"pk": 7, "name": "portal:home"})) == expected


def test_a_template_that_names_no_page_is_refused() -> None:
    with pytest.raises(urls.NoReverseMatch):
        Template("{% url 'nowhere' %}").render(Context())
