"""What passed every review and lies there is watched: its body has so many days as the city sets,
is warned, then the bureau hears of it and urges (A10, A15)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.cast import Cast
from tests.journeys.doors import Api, Command

from huitong.catalog import actions
from huitong.catalog.tests.marriage import with_bureau
from huitong.cli.commands import migrate
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import writing
from huitong.kernel.workdays import load_calendar, today
from huitong.work import queries
from huitong.work.jobs import watch
from huitong.work.models import Notice, Urging

pytestmark = pytest.mark.django_db


@pytest.fixture
def passed(cast: Cast) -> Case:
    """An entry the bureau has passed, which its body has not published."""
    case = with_bureau(cast.civil_operator, cast.civil_manager)
    actions.pass_bureau(cast.bureau_operator, case)
    return Case.objects.get(pk=case.pk)


def test_it_is_due_in_the_days_the_city_sets_and_stands_in_the_list_of_limits(
    cast: Cast, passed: Case
) -> None:
    clock = Clock.objects.get(case=passed)
    assert (clock.article, clock.amount, clock.unit) == ("C", 5, "wd")
    assert passed.due_on == clock.due_on == load_calendar().after(today(), 5).on
    for who in ("civil_operator", "bureau_operator"):
        page = cast.client(who).get("/limits/").content.decode()
        assert "目录编制：发布" in page and "本市设定" in page
    file = b"".join(cast.client("bureau_operator").get("/limits/?format=csv").streaming_content)
    assert "目录编制：发布" in file.decode() and "第十条" not in file.decode()


def test_the_body_is_warned_then_the_bureau_hears_of_it_and_urges(
    cast: Cast, passed: Case, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock.objects.get(case=passed)
    watch(clock.warn_on)
    [warning] = Notice.objects.filter(kind="warning").exclude(title__contains="过半")
    assert warning.person_id == cast.person("civil_operator").pk
    assert warning.text.startswith("本市设定的时限于")
    watch(clock.due_on + timedelta(1))
    late = {notice.person_id for notice in Notice.objects.filter(kind="overdue")}
    expected = ("civil_operator", "civil_manager", "bureau_operator", "bureau_manager")
    assert late == {cast.person(who).pk for who in expected}
    page = cast.client("bureau_operator")
    assert page.post("/do/work.urge/", {"case": passed.pk, "text": "请发布"}).status_code == 302
    api = Api(cast)._client("bureau_operator")
    sent = api.post("/api/do/work.urge", {"case": passed.pk}, content_type="application/json")
    assert sent.status_code == 200
    monkeypatch.setenv("DATABASE_URL", "postgresql://given-by-the-test")
    assert Command(cast, capsys).do("bureau_operator", "work.urge", case=passed.pk) == 200
    assert [row.urged for row in Urging.objects.all()] == [cast.body("civil").pk] * 3


def test_publishing_stops_it_and_counts_as_in_time(cast: Cast, passed: Case) -> None:
    actions.publish(cast.civil_operator, passed)
    passed.refresh_from_db()
    assert passed.due_on is None and Clock.objects.get(case=passed).on_time
    [rate] = queries.on_time(today(), today())
    assert (rate.article, rate.body, rate.in_time) == ("C", cast.body("civil").pk, 1)


def test_what_lay_there_before_the_clock_came_is_watched_from_the_upgrade_on(
    cast: Cast, passed: Case
) -> None:
    with writing("before"):
        Clock.objects.filter(case=passed).delete()
        Case.objects.filter(pk=passed.pk).update(due_on=None)
    assert migrate.take_shipped() == ["clocks: entry gained one"]
    [clock] = Clock.objects.filter(case=passed)
    passed.refresh_from_db()
    assert passed.due_on == clock.due_on > today()
    assert migrate.take_shipped() == [], "once"
    actions.publish(cast.civil_operator, passed)
    assert migrate.take_shipped() == []


def test_an_entry_on_its_way_has_no_such_clock(cast: Cast) -> None:
    case: Any = with_bureau(cast.civil_operator, cast.civil_manager)
    assert not Clock.objects.filter(case=case).exists() and migrate.take_shipped() == []
