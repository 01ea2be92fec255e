"""One list of every limit that runs: over cases and over anything else (A15, A17)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.cast import Cast

from huitong.access.rules import UNUSED
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import writing
from huitong.kernel.watches import Watch, begin
from huitong.kernel.workdays import today
from huitong.ui.lists import Listing
from huitong.work.tests import made

pytestmark = pytest.mark.django_db


@pytest.fixture
def watch(cast: Cast) -> Watch:
    """A grant nobody uses, of Civil Affairs; any row stands for it."""
    body = cast.body("civil")
    with writing("test"):
        return begin(
            UNUSED["provider"],
            body,
            body=body.pk,
            title="授权长期未使用",
            on=today(),
            url="/grants/1/",
        )


def listed_for(cast: Cast, who: str, address: str = "") -> Listing:
    listing: Listing = cast.client(who).get(f"/limits/{address}").context["list"]
    return listing


def labels_for(cast: Cast, who: str, address: str = "") -> list[str]:
    return [line.label for line in listed_for(cast, who, address).rows]


def test_clocks_and_watches_stand_in_one_list_the_nearest_first(cast: Cast, watch: Watch) -> None:
    made.room(cast)
    assert labels_for(cast, "civil_manager") == ["借用会议室：答复", UNUSED["provider"].label]
    assert labels_for(cast, "bureau_manager") == ["借用会议室：答复", UNUSED["provider"].label]


def test_a_body_sees_its_cases_and_its_own_watches(cast: Cast, watch: Watch) -> None:
    made.room(cast)
    assert labels_for(cast, "housing_manager") == ["借用会议室：答复"], "it waits for the answer"
    assert labels_for(cast, "stranger_manager") == []


def test_the_list_is_narrowed_to_what_is_late_or_near(cast: Cast, watch: Watch) -> None:
    case = made.room(cast)
    with writing("test"):
        Clock.objects.filter(case=case).update(due_on=today() - timedelta(3))
        Watch.objects.update(warn_on=today())
    assert labels_for(cast, "bureau_manager", "?due=overdue") == ["借用会议室：答复"]
    assert labels_for(cast, "bureau_manager", "?due=near") == [UNUSED["provider"].label]


def test_clocks_of_one_case_and_day_are_each_listed_once(cast: Cast) -> None:
    """Thirty bodies are asked at once and must all answer by the same day: the page ends among
    them, and what follows is on the next one."""
    case = made.room(cast)
    clock = Clock.objects.get(case=case)
    with writing("test"):
        for body in range(90_001, 90_030):
            clock.pk, clock.body, clock.article = None, body, f"A{body - 90_000 + 100}"
            clock._state.adding = True
            clock.save()
    first = listed_for(cast, "bureau_manager")
    second = listed_for(cast, "bureau_manager", first.later)
    assert (len(first.rows), len(second.rows), second.later) == (20, 10, "")
    assert len({line.article for page in (first, second) for line in page.rows}) == 30
    assert listed_for(cast, "bureau_manager", second.earlier).rows == first.rows


def test_the_page_and_its_file(cast: Cast, watch: Watch) -> None:
    case = made.room(cast)
    page = cast.client("civil_manager").get("/limits/")
    html = page.content.decode()
    assert page.status_code == 200 and f"/cases/{case.pk}/" in html and "/grants/1/" in html
    assert "第二十六条" in html and "第二十二条" in html
    file = cast.client("bureau_operator").get("/limits/?format=csv")
    text = b"".join(file.streaming_content).decode()
    assert text.startswith("\ufeff时限,事项") and "授权长期未使用" in text
    assert cast.client("system_admin").get("/limits/").status_code == 403
