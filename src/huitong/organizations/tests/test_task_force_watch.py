"""A body without its task force is warned, then the bureau hears of it and urges (A5, A15)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.cast import Cast

from huitong.kernel.watches import Watch
from huitong.kernel.workdays import load_calendar, today
from huitong.organizations import actions, jobs
from huitong.work.jobs import watch
from huitong.work.models import Notice

pytestmark = pytest.mark.django_db
GIVEN = {"leader": "分管副局长", "office": "综合处", "technical_unit": "市大数据中心"}


def test_it_is_watched_once_until_one_is_named(cast: Cast) -> None:
    jobs.watch_task_forces()
    [running] = Watch.objects.all()
    assert running.body == cast.body("stranger").pk
    assert (running.article, running.post, running.amount, running.unit) == (
        "C",
        "manager",
        20,
        "wd",
    )
    assert running.due_on == load_calendar().after(today(), 20).on
    jobs.watch_task_forces()
    assert Watch.objects.get() == running, "not begun anew each morning"
    actions.set_task_force(cast.stranger_manager, body=cast.body("stranger").pk, **GIVEN)
    running.refresh_from_db()
    assert running.stopped_on == today()
    jobs.watch_task_forces()
    assert Watch.objects.count() == 1


def test_its_manager_is_warned_then_the_bureau_hears_of_it(cast: Cast) -> None:
    jobs.watch_task_forces()
    [running] = Watch.objects.all()
    watch(running.warn_on)
    warned = Notice.objects.filter(kind="warning", title__contains="未登记工作专班")
    assert {n.person_id for n in warned} == {cast.person("stranger_manager").pk}
    watch(running.due_on + timedelta(1))
    late = {n.person_id for n in Notice.objects.filter(kind="overdue")}
    assert late == {
        cast.person(who).pk for who in ("stranger_manager", "bureau_operator", "bureau_manager")
    }
    page = cast.client("bureau_operator").get("/limits/").content.decode()
    assert "市体育局未登记工作专班" in page and "本市设定" in page


def test_a_body_that_ends_is_watched_no_more(cast: Cast) -> None:
    jobs.watch_task_forces()
    actions.end_body(
        cast.system_admin,
        body=cast.body("stranger").pk,
        on=today() + timedelta(1),
        document="机构改革方案",
    )
    jobs.watch_task_forces()
    assert Watch.objects.get().stopped_on == today()
