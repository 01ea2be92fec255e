"""The audit administrator reads the ledger, checks it, takes it along; a party takes the
evidence of its case along."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from tests.cast import Cast

from huitong.audit import actions, queries
from huitong.audit.rules.note import Note
from huitong.audit.rules.offline import Zip, verify
from huitong.kernel import ledger
from huitong.kernel.case import Case
from huitong.kernel.ledger import writing

Check = Callable[[Page], None]
Shot = Callable[[Page, str], None]


@pytest.fixture
def case(cast: Cast) -> Case:
    with writing("test"):
        row = Case.objects.create(
            kind="application",
            law="nantong-2020",
            title="申请使用婚姻登记信息",
            number="SQ20261123000001",
            parties={"consumer": cast.body("housing").pk, "provider": cast.body("civil").pk},
            bodies=[cast.body("housing").pk, cast.body("civil").pk],
        )
        for who, verb, article, after in (
            (cast.housing_operator, "draft", "A20", "draft"),
            (cast.housing_manager, "submit", "A20", "sent"),
            (cast.bureau_operator, "accept", "A21", "accepted"),
            (cast.civil_manager, "grant", "A22", "granted"),
        ):
            ledger.append(
                who,
                f"application.{verb}",
                article,
                kind="application",
                case=row.pk,
                obj=row,
                before={"state": "", "due_on": None},
                after={"state": after, "due_on": "2026-12-04"},
                reasons="用于公租房资格审核,联系电话 13812345678",
            )
    return row


def signed_in(page: Page, live_server: Any, cast: Cast, key: str) -> str:
    cookie = cast.client(key).cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
    return str(live_server.url)


def test_the_ledger_is_read_checked_and_taken_along(
    live_server: Any,
    cast: Cast,
    case: Case,
    page: Page,
    assert_a11y: Check,
    shot: Shot,
    settings: Any,
    tmp_path: Path,
) -> None:
    settings.CHECKPOINT_DIRS = [tmp_path / "share"]
    actions.seal()
    actions.publish()
    actions.inspect()
    url = signed_in(page, live_server, cast, "audit_admin")
    page.goto(f"{url}/audit/")
    assert page.get_by_text("台账完整").is_visible()
    assert "13812345678" not in page.content()
    assert_a11y(page)
    shot(page, "audit")
    page.get_by_role("combobox", name="依据").select_option("A22")
    page.get_by_role("button", name="查询").click()
    page.get_by_role("link", name="查看").click()
    assert page.get_by_text("与封存一致").is_visible()
    assert "13812345678" in page.content()
    assert_a11y(page)
    shot(page, "audit-entry")
    page.goto(f"{url}/audit/status/")
    assert_a11y(page)
    shot(page, "audit-status")
    page.get_by_role("button", name="立即核验").click()
    page.goto(f"{url}/audit/export/")
    assert_a11y(page)
    page.get_by_label("导出理由").fill("年度安全检查")
    page.get_by_role("button", name="导出").click()
    assert_a11y(page)
    shot(page, "audit-package")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载").click()
    report = verify(Zip(download.value.path()), [Note.parse(queries.latest().note)], queries.keys())
    assert (report.faults, report.entries) == ([], queries.size_sealed())


def test_a_party_takes_the_evidence_of_its_case_along(
    live_server: Any, cast: Cast, case: Case, page: Page, assert_a11y: Check
) -> None:
    actions.seal()
    url = signed_in(page, live_server, cast, "civil_manager")
    page.goto(f"{url}/audit/")
    assert page.get_by_role("link", name="查看").count() == 4
    page.get_by_role("link", name="查看").first.click()
    page.get_by_role("link", name="导出事项证据包").click()
    assert_a11y(page)
