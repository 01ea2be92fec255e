"""Grants nobody uses for three months: the provider is told and decides; use starts the limit again
(A26)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.sharing import Sharing

from huitong.access import actions, jobs, queries
from huitong.access.models import Grant
from huitong.access.rules import UNUSED, circumstance_fault, counts_from
from huitong.kernel import watches
from huitong.kernel.ledger import writing
from huitong.kernel.watches import Watch
from huitong.kernel.workdays import day_of, load_calendar, today
from huitong.work import jobs as work_jobs
from huitong.work.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def grant(sharing: Sharing) -> Grant:
    unused: Grant = sharing.granted(sharing.mount("marriage", "api"))
    jobs.watch_use()
    return unused


def running() -> Watch:
    return Watch.objects.get(kind__in=queries.KINDS, stopped_on=None)


def used(sharing: Sharing, grant: Grant, days_from_now: int, reference: str = "r") -> None:
    actions.report_delivery(
        sharing.cast.system,
        plane="gateway",
        reference=f"{reference}{days_from_now}",
        grant=grant.pk,
        at=timezone.now() + timedelta(days_from_now),
    )
    jobs.watch_use()


def test_three_months_run_from_the_day_it_was_granted(sharing: Sharing, grant: Grant) -> None:
    watch = running()
    assert watch.started_on == max(today(), grant.valid_from)
    assert watch.due_on == load_calendar().after_months(watch.started_on, 3).on
    assert (watch.body, watch.post) == (sharing.cast.body("civil").pk, "manager")
    assert queries.uses_to_watch() == {}, "nothing more to do until somebody uses it"


def test_the_provider_is_told_and_nothing_is_taken_back(sharing: Sharing, grant: Grant) -> None:
    work_jobs.watch(running().due_on + timedelta(1))
    notice = Notice.objects.filter(kind="overdue", person=sharing.cast.civil_manager.person).get()
    assert (
        "长期未使用" in notice.title
        and "收回" in notice.text
        and notice.url == f"/grants/{grant.pk}/"
    )
    assert [live.grant for live in queries.live_grants()] == [grant.pk]
    assert work_jobs.watch(running().due_on + timedelta(2)) == 0, "told once"


def test_use_starts_the_limit_again(sharing: Sharing, grant: Grant) -> None:
    used(sharing, grant, 20)
    assert running().started_on == today() + timedelta(20)
    used(sharing, grant, 10)
    assert running().started_on == today() + timedelta(20), "the youngest use counts"
    assert Watch.objects.count() == 1


def test_a_refused_call_is_no_use(sharing: Sharing, grant: Grant) -> None:
    actions.report_delivery(
        sharing.cast.system,
        plane="gateway",
        reference="refused",
        grant=grant.pk,
        at=timezone.now() + timedelta(9),
        status="refused",
    )
    assert queries.uses_to_watch() == {}


def test_of_what_the_platform_granted_the_bureau_is_told(sharing: Sharing) -> None:
    """Who would decide on taking it back answers for the watch, not the provider."""
    granted = sharing.granted(sharing.mount("division", "api"))
    with writing("test"):  # as an earlier release watched it
        watches.begin(UNUSED["provider"], granted, body=1, title="旧", on=today())
    jobs.watch_use()
    assert (running().body, running().post, running().party) == (
        sharing.cast.bureau_manager.body,
        "manager",
        "bureau",
    )
    assert queries.uses_to_watch() == {}


def test_with_the_grant_the_watch_ends(sharing: Sharing, grant: Grant) -> None:
    actions.suspend(
        sharing.cast.civil_manager, grant.case, ground="risk", reasons="发现异常调用，暂停核实原因"
    )
    jobs.watch_use()
    assert not Watch.objects.filter(stopped_on=None).exists()
    actions.resume(sharing.cast.civil_manager, grant.case, reasons="核实完毕，恢复使用")
    jobs.watch_use()
    assert running().started_on == max(today(), grant.valid_from)


@pytest.mark.parametrize("looked_meanwhile", [True, False])
def test_the_time_it_was_suspended_is_no_disuse(
    sharing: Sharing, grant: Grant, monkeypatch: pytest.MonkeyPatch, looked_meanwhile: bool
) -> None:
    """Suspended for four months and resumed: the limit starts again, or the provider would be told
    at once of a disuse it ordered itself."""
    used(sharing, grant, 0)
    actions.suspend(
        sharing.cast.civil_manager, grant.case, ground="risk", reasons="发现异常调用，暂停核实原因"
    )
    if looked_meanwhile:
        jobs.watch_use()
    resumed = timezone.now() + timedelta(120)
    monkeypatch.setattr("django.utils.timezone.now", lambda: resumed)
    actions.resume(sharing.cast.civil_manager, grant.case, reasons="核实完毕，恢复使用")
    jobs.watch_use()
    assert running().started_on == day_of(resumed)
    assert queries.uses_to_watch() == {}


def test_a_look_costs_three_queries_and_reads_no_fact_but_the_last(
    sharing: Sharing, grant: Grant, django_assert_num_queries: Any
) -> None:
    used(sharing, grant, 0)
    with django_assert_num_queries(3), CaptureQueriesContext(connection) as captured:
        queries.uses_to_watch()
    [of_grants] = [q["sql"] for q in captured if "access_grant" in q["sql"]]
    assert "LIMIT 1" in of_grants and "GROUP BY" not in of_grants


def test_a_second_disuse_is_warned_of_as_the_first(sharing: Sharing, grant: Grant) -> None:
    over = running().due_on + timedelta(1)
    assert work_jobs.watch(over) == 1
    used(sharing, grant, (over - today()).days)
    again = running()
    assert again.due_on > over
    assert work_jobs.watch(again.due_on + timedelta(1)) == 1


# -- special circumstances -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "months", "on", "counted"),
    [
        ("", [], date(2026, 8, 20), date(2026, 1, 5)),
        ("emergency", [], date(2026, 8, 20), None),
        ("other", [], date(2026, 8, 20), None),
        ("of_before", [8], date(2026, 8, 20), None),
        ("seasonal", [6, 7, 8, 9], date(2026, 5, 31), None),
        ("seasonal", [6, 7, 8, 9], date(2026, 6, 1), date(2026, 6, 1)),
        ("seasonal", [6, 7, 8, 9], date(2026, 9, 30), date(2026, 6, 1)),
        ("seasonal", [6, 7, 8, 9], date(2026, 10, 1), None),
        ("seasonal", [1, 2, 11, 12], date(2026, 2, 28), date(2026, 1, 5)),
        ("seasonal", [1, 2, 11, 12], date(2027, 2, 28), date(2026, 11, 1)),
        ("seasonal", [3, 9], date(2026, 9, 30), date(2026, 9, 1)),
    ],
)
def test_disuse_counts_in_season_only_and_not_while_a_circumstance_holds(
    code: str, months: list[int], on: date, counted: date | None
) -> None:
    assert counts_from(date(2026, 1, 5), code, months, on) == counted


@pytest.mark.parametrize(
    ("code", "months", "words", "field"),
    [
        ("", [], "", None),
        ("seasonal", [6, 7], "", None),
        ("emergency", [], "", None),
        ("other", [], "系统正在改造", None),
        ("seasonal", [], "", "months"),
        ("seasonal", list(range(1, 13)), "", "months"),
        ("emergency", [6], "", "months"),
        ("other", [], " ", "circumstance_words"),
        ("", [6], "", "months"),
        ("", [], "系统正在改造", "circumstance_words"),
        ("harvest", [], "", "circumstance"),
    ],
)
def test_what_is_stated_fits_the_circumstance(
    code: str, months: list[int], words: str, field: str | None
) -> None:
    faults = circumstance_fault(code, months, words, today())
    assert list(faults) == ([field] if field else [])


def test_a_circumstance_that_holds_is_not_watched(sharing: Sharing, grant: Grant) -> None:
    with writing("test"):
        Grant.objects.filter(pk=grant.pk).update(circumstance="emergency")
    assert queries.uses_to_watch() == {grant.pk: None}
    jobs.watch_use()
    assert not Watch.objects.filter(stopped_on=None).exists() and queries.uses_to_watch() == {}
