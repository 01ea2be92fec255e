"""What the platform does for many at once goes on past the one that is broken (A13, A15, A19, A26,
A28).

For the gateway, with a real Envoy: `planes/gateway/tests/test_broken_objects.py`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.cast import Cast
from tests.sharing import Sharing

from huitong.access import jobs as access
from huitong.access.models import Grant
from huitong.audit.actions import publishing as checkpoints
from huitong.catalog.queries import indexing
from huitong.catalog.tests.marriage import published
from huitong.kernel import jobs
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import writing
from huitong.kernel.workdays import today
from huitong.planes.tables.models import Run, Schedule
from huitong.planes.tables.reconcile import reconcile
from huitong.work.jobs import watch
from huitong.work.models import Warned
from huitong.work.tests import made

pytestmark = pytest.mark.django_db


def changed(rows: Any, **values: Any) -> None:
    with writing("test"):
        rows.update(**values)


def test_a_clock_warns_though_another_case_cannot_be_read(cast: Cast) -> None:
    broken, other = made.room(cast), made.room(cast)
    changed(
        Clock.objects.all(),
        started_on="2026-01-05",
        half_on="2026-01-06",
        warn_on="2026-01-07",
        due_on="2026-01-08",
    )
    changed(Case.objects.filter(pk=broken.pk), kind="nothing", law="nowhere")
    watch(today())
    assert set(Warned.objects.values_list("case", flat=True)) >= {other.pk}


@pytest.mark.parametrize("broken", [{"kind": "nothing"}, {"state": "nowhere"}])
def test_a_grant_expires_though_another_cannot(sharing: Sharing, broken: dict[str, str]) -> None:
    first, second = (
        sharing.granted(sharing.mount("division", "api")),
        sharing.granted(sharing.mount("division", "file")),
    )
    changed(Grant.objects.all(), valid_to=today() - timedelta(days=1))
    changed(Case.objects.filter(pk=first.case_id), **broken)
    access.expire()
    assert Grant.objects.get(pk=second.pk).ended_at and not Grant.objects.get(pk=first.pk).ended_at


def test_a_table_is_moved_and_another_stopped_though_a_third_cannot_be_arranged(
    sharing: Sharing,
) -> None:
    """The exchange that ends comes first."""
    broken, goes = (
        sharing.granted(sharing.mount("marriage", "table")),
        sharing.granted(sharing.mount("division", "table")),
    )
    reconcile()
    changed(Run.objects.all(), state="delivered")
    changed(Grant.objects.filter(pk=broken.pk), scope={"items": "?"})
    reconcile()
    ends = dict(Schedule.objects.values_list("grant", "ended_at"))
    assert ends[broken.pk] and ends[goes.pk] is None


def test_an_exchange_that_fails_to_be_queued_keeps_no_other(
    sharing: Sharing, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huitong.planes.tables import actions

    first, second = (
        sharing.granted(sharing.mount("marriage", "table")),
        sharing.granted(sharing.mount("division", "table")),
    )
    queue = actions.queue

    def failing(actor: Any, *, grant: int, **more: Any) -> Run:
        if grant == first.pk:
            raise LookupError("broken")
        return queue(actor, grant=grant, **more)

    monkeypatch.setattr(actions, "queue", failing)
    reconcile()
    assert list(Run.objects.values_list("schedule__grant", flat=True)) == [second.pk]


def test_an_entry_the_index_cannot_take_keeps_no_other_out(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = (cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    bad, good = (
        published(*desk),
        published(*desk, "收养登记信息", summary="收养登记的办理记录，逐日汇总。"),
    )
    folded = indexing.folded
    monkeypatch.setattr(
        indexing, "folded", lambda text: 1 / 0 if text == bad.name else folded(text)
    )
    assert len(list(indexing.documents({bad.pk: 1, good.pk: 1}))) == 1


def test_a_checkpoint_reaches_the_other_place(
    live_db: Any, cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any
) -> None:
    from huitong.audit import actions

    settings.LEDGER_KEY = tmp_path / "ledger.pem"
    settings.CHECKPOINT_PEERS, settings.CHECKPOINT_DIRS = (
        ["http://peer.invalid/checkpoint"],
        [tmp_path / "kept"],
    )
    monkeypatch.setattr(checkpoints, "_post", lambda *_: {}["nobody foresaw this"])
    made.room(cast)
    actions.seal()
    outcome = {row.target: row.done for row in actions.publish()}
    assert outcome == {"http://peer.invalid/checkpoint": False, str(tmp_path / "kept"): True}


def test_each_goes_on_past_what_fails_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    done: list[int] = []
    for _ in range(2):
        failures = jobs.each([1, 0, 2], lambda n: done.append(4 // n), "test.each")
    assert (
        done == [4, 2] * 2
        and [type(f) for f in failures] == [ZeroDivisionError]
        and len(caplog.records) == 1
    )
