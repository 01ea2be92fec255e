"""How many statements a page may ask of the database, whoever reads it: the frame's four (session,
person, who acts, counts of the head) and the page's own. `make bench-pages` measures their time."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from tests.cast import Cast
from tests.sharing import Sharing

FRAME = 4


@pytest.fixture
def pages(sharing: Sharing, cast: Cast) -> dict[str, str]:
    application = sharing.accepted(sharing.mount("marriage", "api"))
    entry = application.mount.entry_id
    return {
        "help": reverse("portal:help"),
        "home": reverse("portal:home"),
        "todo": reverse("work:todo"),
        "entry": reverse("catalog:entry", args=[entry]),
        "catalog": reverse("catalog:browse"),
        "search": reverse("catalog:browse", query={"q": "信息"}),
        "case": reverse("work:case", args=[application.case_id]),
    }


#: page → statements beside the frame's
BUDGET = {"help": 1, "home": 24, "todo": 8, "entry": 13, "catalog": 6, "search": 6, "case": 21}


@pytest.mark.parametrize("who", ["housing_operator", "civil_manager", "bureau_operator"])
def test_a_page_stays_within_its_statements(
    pages: dict[str, str], cast: Cast, who: str, django_assert_max_num_queries: Any
) -> None:
    client = cast.client(who)
    assert pages.keys() == BUDGET.keys()
    for page, address in pages.items():
        assert client.get(address).status_code == 200, page
        with django_assert_max_num_queries(FRAME + BUDGET[page], info=page):
            client.get(address)
