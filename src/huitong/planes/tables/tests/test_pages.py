"""The pages and the API of exchanges: who sees them, what they say, what they cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.sharing import Sharing

from huitong.kernel.ledger import writing
from huitong.organizations import actions as organizations
from huitong.planes.tables import actions, jobs, queries
from huitong.planes.tables.models import Run, Schedule
from huitong.planes.tables.reconcile import reconcile
from huitong.planes.tables.rules import RunState, Trigger
from huitong.planes.tables.views import EXCHANGES
from huitong.ui.lists import Listing

pytestmark = pytest.mark.django_db
BUDGET = 12


@pytest.fixture
def run(sharing: Sharing, grant: Any) -> Run:
    """Delivered once."""
    reconcile()
    run = Run.objects.get()
    jobs.deliver(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.DELIVERED, run.problem
    return run


def addresses(run: Run) -> list[str]:
    return [f"/exchange/{run.schedule.grant_id}/", f"/exchange/runs/{run.pk}/"]


def test_both_parties_the_bureau_and_the_platform_operators_see_it(
    sharing: Sharing, run: Run
) -> None:
    for who in ("housing_operator", "civil_manager", "bureau_operator", "platform_operator"):
        client = sharing.cast.client(who)
        assert "婚姻登记信息" in client.get("/exchange/").content.decode(), who
        assert [client.get(url).status_code for url in addresses(run)] == [200, 200], who


def test_others_do_not_know_of_it(sharing: Sharing, run: Run) -> None:
    for who in ("stranger_operator", "hr_manager", "system_admin", "audit_admin"):
        client = sharing.cast.client(who)
        assert "婚姻登记信息" not in client.get("/exchange/").content.decode(), who
        assert [
            client.get(url).status_code
            for url in [*addresses(run), f"/exchange/runs/{run.pk}/progress/"]
        ] == [404, 404, 404], who
        assert client.post(f"/exchange/{run.schedule.grant_id}/run/").status_code in (403, 404), who
    assert Client().get("/exchange/").status_code == 302


def test_the_run_shows_both_sides(sharing: Sharing, run: Run) -> None:
    page = sharing.cast.client("housing_operator").get(addresses(run)[1]).content.decode()
    assert (
        page.count(run.source_checksum.rpartition(":")[2]) == 2
        and page.count("一致</span>") == 2
        and "送达 32 行" in page
        and str(run.key) in page
    )


def test_a_failure_says_cause_who_and_remedy(sharing: Sharing, run: Run, settings: Any) -> None:
    settings.ALLOWED_NETWORKS = []
    client = sharing.cast.client("housing_operator")
    answer = client.post(f"/exchange/{run.schedule.grant_id}/run/", follow=True)
    failed = Run.objects.latest("pk")
    assert answer.redirect_chain == [(f"/exchange/runs/{failed.pk}/", 302)]
    jobs.deliver(failed.pk)
    failed.refresh_from_db()
    page = client.get(f"/exchange/runs/{failed.pk}/").content.decode()
    assert (
        all(failed.problem[part] in page for part in ("cause", "who", "remedy", "code"))
        and "重新执行" in page
    )
    assert "待处理" in client.get("/exchange/?show=attention").content.decode()
    assert "已停止，等待处理" in client.get(addresses(run)[0]).content.decode()


def test_progress_is_asked_until_it_is_over(sharing: Sharing, run: Run) -> None:
    client = sharing.cast.client("civil_operator")
    client.post(f"/exchange/{run.schedule.grant_id}/run/")
    second = Run.objects.latest("pk")
    url = f"/exchange/runs/{second.pk}/progress/"
    going = client.get(url)
    assert going.status_code == 200 and f'hx-get="{url}"' in going.content.decode()
    assert f'hx-get="{url}"' in client.get(f"/exchange/runs/{second.pk}/").content.decode()
    jobs.deliver(second.pk)
    over = client.get(url)
    assert (
        over.status_code == 286
        and over.headers["HX-Refresh"] == "true"
        and "hx-get" not in over.content.decode()
    )


def test_buttons_only_for_those_who_may_press_them(sharing: Sharing, run: Run) -> None:
    url, press = addresses(run)[0], f"/exchange/{run.schedule.grant_id}"
    assert "立即执行" in sharing.cast.client("housing_operator").get(url).content.decode()
    for who in ("housing_manager", "bureau_operator", "platform_operator"):
        client = sharing.cast.client(who)
        assert "立即执行" not in client.get(url).content.decode(), who
        assert [
            client.post(f"{press}/{verb}/", {"reasons": "试试看"}).status_code
            for verb in ("run", "pause", "resume")
        ] == [403] * 3, who
    clerk = sharing.cast.client("civil_operator")
    assert (
        clerk.post(f"{press}/resume/").status_code == 409
        and clerk.post(f"{press}/pause/").status_code == 422
    )
    assert clerk.post(f"{press}/pause/", {"reasons": "源库检修"}).status_code == 302
    page = clerk.get(url).content.decode()
    assert "已由人工暂停" in page and "源库检修" in page and "恢复" in page
    assert (
        clerk.post(f"{press}/run/").status_code == 409
        and clerk.get(f"{press}/run/").status_code == 405
    )


def test_pages_cost_the_same_however_many_runs_there_are(sharing: Sharing, run: Run) -> None:
    client = sharing.cast.client("bureau_operator")
    client.get("/exchange/")

    def cost(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    before = {url: cost(url) for url in ["/exchange/", *addresses(run)]}
    for _ in range(3):
        actions.run_now(sharing.cast.housing_operator, grant=run.schedule.grant_id)
        jobs.deliver(Run.objects.latest("pk").pk)
    after = {url: cost(url) for url in before}
    assert after == before and max(after.values()) <= BUDGET, after


def test_the_api_reads_the_same_and_runs(sharing: Sharing, run: Run) -> None:
    def bearer(who: str) -> dict[str, str]:
        return {
            "HTTP_AUTHORIZATION": (
                "Bearer"
                f" {organizations.create_token(getattr(sharing.cast, who), label='测试接口')['token']}"
            )
        }

    client, own, strange = Client(), bearer("housing_operator"), bearer("stranger_operator")
    grant = run.schedule.grant_id
    listed = client.get("/api/exchange", **own).json()
    assert (
        listed["count"] == 1
        and listed["items"][0]["target"].endswith("marriage")
        and listed["items"][0]["state"] == "正常"
    )
    one = client.get(f"/api/exchange/runs/{run.pk}", **own).json()
    assert (one["rows"], one["source_checksum"], one["state"]) == (
        32,
        run.target_checksum,
        "delivered",
    ) and one["log"]
    assert client.get(f"/api/exchange/{grant}/runs", **own).json()["count"] == 1
    assert client.get("/api/exchange", **strange).json()["count"] == 0
    assert client.get(f"/api/exchange/runs/{run.pk}", **strange).status_code == 404
    answer = client.post(
        "/api/do/tables.run_now", {"grant": grant}, content_type="application/json", **own
    )
    assert answer.status_code == 200 and Run.objects.count() == 2
    assert (
        client.post(
            "/api/do/tables.run_now", {"grant": grant}, content_type="application/json", **strange
        ).status_code
        == 404
    )


def test_an_ended_exchange_says_so(sharing: Sharing, run: Run) -> None:
    actions.unschedule(sharing.cast.system, grant=run.schedule.grant_id)
    client = sharing.cast.client("housing_operator")
    page = client.get(addresses(run)[0]).content.decode()
    assert "交换已终止" in page and "立即执行" not in page
    assert (
        Schedule.objects.get().ended_at
        and "婚姻登记信息" in client.get("/exchange/?show=ended").content.decode()
    )


def test_what_goes_on_is_listed_before_what_ended(sharing: Sharing, grant: Any) -> None:
    """On the page, over its pages and in the API; the exchange that ended is the younger one."""
    sharing.granted(sharing.mount("division", "table"))
    reconcile()
    running, ended = Schedule.objects.order_by("pk")
    actions.unschedule(sharing.cast.system, grant=ended.grant_id)

    def page(address: str = "") -> Listing:
        request = RequestFactory().get(f"/exchange/{address}")
        return Listing(request, replace(EXCHANGES, size=1), queries.listed(sharing.cast.system))

    first = page()
    second = page(first.later)
    assert [*first.rows, *second.rows] == [running, ended] and not second.later
    assert page(second.earlier).rows == [running]
    html = sharing.cast.client("bureau_operator").get("/exchange/").content.decode()
    assert html.index(f"/exchange/{running.grant_id}/") < html.index(f"/exchange/{ended.grant_id}/")


def test_runs_are_sorted_by_the_moment_that_is_shown(sharing: Sharing, run: Run) -> None:
    """A run ordered early began late, and one that waits is shown with when it was ordered."""
    now = timezone.now()
    with writing("test"):
        Run.objects.filter(pk=run.pk).update(
            queued_at=now - timedelta(hours=9), started_at=now - timedelta(hours=1)
        )
        waiting, early = (
            Run.objects.create(schedule=run.schedule, trigger=Trigger.CYCLE, state=state)
            for state in (RunState.QUEUED, RunState.FAILED)
        )
        Run.objects.filter(pk=waiting.pk).update(queued_at=now - timedelta(hours=2))
        Run.objects.filter(pk=early.pk).update(
            queued_at=now - timedelta(hours=4), started_at=now - timedelta(hours=3)
        )
    client = sharing.cast.client("housing_operator")
    for sort, order in (("at", [early, waiting, run]), ("-at", [run, waiting, early])):
        page = client.get(f"{addresses(run)[0]}?sort={sort}").context["list"]
        assert [row.run for row in page.rows] == order
