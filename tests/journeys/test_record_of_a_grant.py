"""The record of a grant's case shows what was delivered under it, by each plane, to its parties."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.sharing import Sharing

from huitong.access.models import DeliveryFact
from huitong.kernel.ledger import writing
from huitong.kernel.manifest import EventKind
from huitong.planes.gateway.models import Call
from huitong.planes.gateway.rules import Verdict
from huitong.planes.tables.models import Run, Schedule
from huitong.planes.tables.rules import RunState, Trigger
from huitong.work import queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def delivered(sharing: Sharing):
    """A grant with two runs, a download cut short, and calls on two days, one of them denied."""
    grant = sharing.granted(sharing.mount("marriage", "api"))
    now = timezone.now()
    with writing("test"):
        schedule = Schedule.objects.create(grant=grant, cycle="01")
        failed = (2, RunState.PAUSED, {"cause": "连接不上前置库"})
        for ago, state, problem in ((3, RunState.DELIVERED, {}), failed):
            run = Run.objects.create(
                schedule=schedule, trigger=Trigger.GRANT, state=state, rows=40, problem=problem
            )
            Run.objects.filter(pk=run.pk).update(ended_at=now + timedelta(minutes=ago))
        DeliveryFact.objects.create(
            grant=grant, plane="files", reference="f1", at=now + timedelta(minutes=4), bytes=12,
            status="cut", detail={"receiver": "郑经办人", "ip": "10.0.0.1"},
        )  # fmt: skip
        for n, (days, verdict) in enumerate(
            ((2, Verdict.ALLOWED), (2, Verdict.TOO_FAST), (0, Verdict.ALLOWED))
        ):
            Call.objects.create(
                stream=str(n), ended=True, at=now - timedelta(days=days), grant=grant,
                verdict=verdict,
            )  # fmt: skip
    grant.refresh_from_db()
    return grant


def titles(actor, case, **more) -> list[str]:
    record = queries.timeline(actor, case, {}, kind=EventKind.DELIVERY, **more)
    return [line["title"].partition("（")[0] for line in record.lines]


def test_runs_downloads_and_calls_by_day_stand_in_both_cases_record(
    sharing: Sharing, delivered
) -> None:
    for case in (delivered.case, delivered.application.case):
        for actor in (sharing.cast.housing_operator, sharing.cast.civil_manager):
            names = titles(actor, case)
            assert [t.split("：")[-1] for t in names if t.startswith("接口调用")] == [
                "2 次",
                "1 次",
            ]
            assert "数据交换：已送达" in names and "文件下载未成功" in names
            assert len(names) == 5
        page = sharing.cast.client("housing_operator").get(f"/cases/{case.pk}/?kind=delivery")
        text = page.content.decode()
        assert "其中未放行 1 次" in text and "连接不上前置库" in text


def test_deliveries_are_read_in_stretches(sharing: Sharing, delivered) -> None:
    actor, case = sharing.cast.housing_operator, delivered.case
    whole, parts, before = titles(actor, case), [], None
    while True:
        record = queries.timeline(actor, case, {}, kind=EventKind.DELIVERY, before=before, most=2)
        parts = [line["title"].partition("（")[0] for line in record.lines] + parts
        if (before := record.older) is None:
            break
    assert parts == whole


def test_who_has_a_copy_sees_no_deliveries(sharing: Sharing, delivered) -> None:
    """A copy is of the case; what a plane hands out under the grant is its parties' business."""
    stranger = sharing.cast.stranger_operator
    assert titles(stranger, delivered.case) == []


def test_the_print_of_the_form_is_offered_to_who_may_see_the_form(
    sharing: Sharing, delivered
) -> None:
    case = delivered.application.case
    text = sharing.cast.client("civil_manager").get(f"/cases/{case.pk}/?kind=paper")
    html = text.content.decode()
    link = f"/apply/{delivered.application.form_id}/form.pdf"
    assert link in html and "打印件" in html
    assert sharing.cast.client("civil_manager").get(link).status_code == 200
