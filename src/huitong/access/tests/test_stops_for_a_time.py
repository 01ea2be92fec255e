"""A stop in an emergency is at once and for a time: the bureau and every user hear of it, and past
its day the bureau hears that it has run long (A16, A28)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.sharing import RISK, Sharing

from huitong.access import actions, queries
from huitong.access.models import Grant
from huitong.access.rules import G
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.ledger import writing
from huitong.kernel.watches import Watch
from huitong.kernel.workdays import load_calendar, today
from huitong.publishing import actions as publishing
from huitong.publishing import queries as publishing_queries
from huitong.publishing.jobs import watch_stops
from huitong.publishing.models import Mount
from huitong.publishing.rules import STOPPED, MountState
from huitong.work import jobs
from huitong.work.models import Notice

pytestmark = pytest.mark.django_db


def readers(title: str) -> set[int]:
    return set(Notice.objects.filter(title__contains=title).values_list("person_id", flat=True))


@pytest.mark.parametrize(
    ("table", "state", "seat"),
    [("marriage", G.SUSPENDED, "civil_manager"), ("division", G.HELD, "bureau_manager")],
)
def test_a_grant_is_stopped_at_once_and_who_may_let_it_go_on_is_warned(
    sharing: Sharing, table: str, state: G, seat: str
) -> None:
    """Of what a provider granted, and of what the platform did."""
    cast, grant = sharing.cast, sharing.granted(sharing.mount(table))
    actions.suspend(cast.civil_manager, grant.case, **RISK)
    assert not queries.live_grants() and sharing.case(grant).state == state
    assert readers("授权已暂停") >= {
        cast.person("housing_operator").pk,
        cast.person("bureau_operator").pk,
    }
    clock = Clock.objects.get(case=grant.case, name="suspension")
    assert clock.due_on == load_calendar().after(today(), 10).on
    jobs.watch(clock.due_on)
    assert cast.person("bureau_operator").pk not in readers("已超期")
    jobs.watch(clock.due_on + timedelta(1))
    assert readers("已超期") >= {cast.person(seat).pk, cast.person("bureau_operator").pk}
    assert sharing.case(grant).state == state, "nothing happens by itself"
    actions.resume(getattr(cast, seat), sharing.case(grant), reasons="已核实，可以继续使用。")
    clock.refresh_from_db()
    assert clock.stopped_on == today() and len(queries.live_grants()) == 1


def test_taking_the_grant_back_ends_the_limit_too(sharing: Sharing) -> None:
    grant = sharing.granted()
    actions.suspend(sharing.cast.civil_manager, grant.case, **RISK)
    actions.revoke(sharing.cast.civil_manager, sharing.case(grant), **RISK)
    assert not Clock.objects.filter(case=grant.case, stopped_on=None).exists()


def test_a_whole_resource_is_stopped_with_all_its_grants_and_watched(sharing: Sharing) -> None:
    cast, grant = sharing.cast, sharing.granted()
    publishing.suspend_delivery(cast.civil_operator, mount=grant.mount_id, **RISK)
    assert not queries.live_grants() and not Grant.objects.exclude(ended_at=None).exists()
    watch = Watch.objects.get(kind=STOPPED.kind)
    assert (watch.body, watch.due_on) == (
        cast.body("civil").pk,
        load_calendar().after(today(), 10).on,
    )
    jobs.watch(watch.due_on + timedelta(1))
    assert readers("暂停交付：婚姻登记信息") >= {
        cast.person("civil_manager").pk,
        cast.person("bureau_operator").pk,
    }
    assert Notice.objects.filter(title__contains="已超期", text__contains="恢复交付").exists()
    publishing.resume_delivery(cast.civil_manager, mount=grant.mount_id, reasons="已核实更正。")
    watch.refresh_from_db()
    assert watch.stopped_on == today() and len(queries.live_grants()) == 1


def test_a_stop_of_before_the_limit_has_it_from_the_upgrade(sharing: Sharing) -> None:
    """What was suspended while no stop was watched: from the next morning, once."""
    mount = sharing.mount()
    with writing("test"):
        Mount.objects.filter(pk=mount.pk).update(state=MountState.SUSPENDED)
    assert (publishing_queries.stops_to_watch(), Watch.objects.count()) == ([mount.pk], 0)
    for _ in range(2):
        watch_stops()
    watch = Watch.objects.get()
    assert (watch.kind, watch.body) == (STOPPED.kind, sharing.cast.body("civil").pk)
    assert watch.due_on == load_calendar().after(today(), 10).on
    assert LedgerEntry.objects.get(verb="publishing.watch_stop").article == "A28"
    publishing.resume_delivery(sharing.cast.civil_manager, mount=mount.pk, reasons="已核实更正。")
    publishing.watch_stop(sharing.cast.system, mount=mount.pk)  # looked up before it went on
    assert not Watch.objects.filter(stopped_on=None).exists()
