"""The pages of exchanges and files in a browser: from queued to delivered before one's eyes, and
a failure that says what to do."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from playwright.sync_api import Page, expect
from tests.cast import Cast
from tests.sharing import Sharing

from huitong.planes.tables import jobs, queries
from huitong.planes.tables.reconcile import reconcile


def enter(page: Page, site: Any, cast: Cast, who: str) -> str:
    session = cast.client(who).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": site.url}])
    return str(site.url)


def test_an_exchange_before_ones_eyes(
    page: Page,
    live_server: Any,
    sharing: Sharing,
    settings: Any,
    assert_a11y: Callable[[Page], None],
    shot: Callable[[Page, str], None],
) -> None:
    with psycopg.connect(sharing.target_url, autocommit=True) as target:
        target.execute("DROP TABLE IF EXISTS marriage, huitong_runs CASCADE")
    grant = sharing.granted(
        sharing.mount("marriage", "table"),
        items=["登记编号", "男方姓名", "男方身份号码", "登记日期"],
    )
    reconcile()
    (run,) = queries.runs_of(queries.schedule_for(sharing.cast.system, grant.pk))
    site = enter(page, live_server, sharing.cast, "housing_operator")
    page.goto(f"{site}/exchange/")
    page.get_by_role("link", name="婚姻登记信息", exact=True).click()
    page.locator(f"a[href='/exchange/runs/{run.pk}/']").click()
    expect(page.get_by_text("等待执行").first).to_be_visible()
    assert_a11y(page)
    shot(page, "exchange-waiting")
    jobs.deliver(run.pk)
    # the page noticed by itself
    expect(page.get_by_role("heading", name="两侧对账")).to_be_visible(timeout=8000)
    assert_a11y(page)
    shot(page, "exchange-delivered")
    settings.ALLOWED_NETWORKS = []
    page.get_by_role("button", name="重新执行").click()
    page.wait_for_url("**/exchange/runs/*/")
    failing = queries.runs_of(queries.schedule_for(sharing.cast.system, grant.pk))[0]
    jobs.deliver(failing.pk)
    page.reload()
    expect(page.get_by_text("由谁处理")).to_be_visible()
    assert_a11y(page)
    shot(page, "exchange-failed")
    page.goto(f"{site}/exchange/{grant.pk}/")
    assert_a11y(page)
    shot(page, "exchange-runs")
    page.get_by_text("暂停", exact=True).first.click()
    page.get_by_label("暂停原因").fill("源库检修")
    shot(page, "exchange-pause")
    page.get_by_role("button", name="确认暂停").click()
    expect(page.get_by_text("已由人工暂停")).to_be_visible()
    page.goto(f"{site}/exchange/?show=attention")
    assert_a11y(page)
    shot(page, "exchange-list")


def test_a_file_is_downloaded_and_checked(
    page: Page,
    live_server: Any,
    sharing: Sharing,
    assert_a11y: Callable[[Page], None],
    shot: Callable[[Page, str], None],
) -> None:
    grant = sharing.granted(sharing.mount("marriage", "file"))
    site = enter(page, live_server, sharing.cast, "housing_operator")
    page.goto(f"{site}/files/")
    page.get_by_text("核对收到的文件").click()
    assert_a11y(page)
    shot(page, "files")
    digest = page.locator("td details > code").inner_text()
    with page.expect_download() as waiting:
        page.locator(f"a[href='/files/{grant.pk}/']").click()
    assert hashlib.sha256(Path(waiting.value.path()).read_bytes()).hexdigest() == digest
