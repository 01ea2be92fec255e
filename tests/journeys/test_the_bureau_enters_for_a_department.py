"""A weak department asks the bureau to enter its catalog (代录): by page, API and command the bureau
types, the department confirms, submits and reviews, and another of the bureau looks at the form
(A7, A8, A10, A12)."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from tests.cast import Cast
from tests.journeys.doors import Api, Command, Door, Page
from tests.sharing import CLEARED

from huitong.catalog import actions, jobs, queries
from huitong.catalog.models import ChangeSet, Entry
from huitong.catalog.tests.marriage import COMPLETE
from huitong.catalog.tests.workbooks import COMPLETE as ROW
from huitong.catalog.tests.workbooks import book_of
from huitong.cli import main
from huitong.kernel.case import Case
from huitong.organizations.actions import create_token

pytestmark = pytest.mark.django_db
WHY = {"reasons": "该局没有熟悉平台的人员，来文请求代录", "request": "通民函〔2026〕7号"}


@pytest.fixture(params=["page", "api", "cli"])
def door(
    request: pytest.FixtureRequest,
    cast: Cast,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Door:
    monkeypatch.setenv("DATABASE_URL", "postgresql://given-by-the-test")
    cast.colleague("bureau_operator", "second")
    actions.register_system(cast.civil_operator, name="业务管理系统")
    return {"page": Page, "api": Api, "cli": lambda cast: Command(cast, capsys)}[request.param](
        cast
    )


def test_the_bureau_types_and_the_department_answers_for_it(cast: Cast, door: Door) -> None:
    def do(who: str, verb: str, status: int = 200, at: int | None = None, **given: Any) -> None:
        assert door.do(who, f"entry.{verb}", at, **given) == status, (who, verb, door.text)

    civil = cast.body("civil").pk
    do("hr_operator", "enter_for", 403, body=civil, name="婚姻登记信息", **WHY)
    do("bureau_operator", "enter_for", body=civil, name="婚姻登记信息", **WHY)
    entry = Entry.objects.get()
    case = entry.case_id
    do("bureau_operator", "edit", at=case, **COMPLETE)
    assert door.read("civil_manager", entry.pk) == 200 and "市大数据局" in door.text
    assert door.read("hr_operator", entry.pk) == 404
    do("civil_operator", "take_over", at=case)
    do("civil_operator", "ask_entering", at=case, reasons="请把摘要写得更清楚")
    summary = COMPLETE["summary"] + "含补领证件。"
    do("bureau_operator", "edit", at=case, **COMPLETE | {"summary": summary})
    do("bureau_operator", "hand_over", at=case, reasons="登记日期的列名请核实")
    assert Case.objects.get(pk=case).state == "draft"
    do("civil_operator", "edit", at=case, **COMPLETE | {"summary": summary, "keywords": ["婚姻"]})
    do("civil_operator", "submit", at=case, cleared=CLEARED)
    do("civil_manager", "pass_department", at=case, cleared=CLEARED)
    do("bureau_operator", "pass_bureau", 403, at=case)
    do("second", "pass_bureau", at=case)
    do("civil_operator", "publish", at=case)
    assert door.read("hr_operator", entry.pk) == 200 and "市大数据局" in door.text

    do("bureau_operator", "update_for", entry=entry.pk, **WHY)
    again = queries.entry_for(cast.bureau_operator, entry.pk).case_id
    do("bureau_operator", "edit", at=again, **COMPLETE | {"summary": summary + "每日更新。"})
    do("bureau_operator", "hand_over", at=again)
    do("civil_operator", "submit", at=again, cleared=CLEARED)
    do("civil_manager", "pass_department", at=again, cleared=CLEARED)
    do("bureau_operator", "pass_bureau", 403, at=again)
    do("second", "pass_bureau", at=again)
    do("civil_operator", "publish", at=again)
    now = queries.entry_for(cast.hr_operator, entry.pk).published
    assert (now.number, now.entered_by) == (2, "市大数据局")


def test_a_workbook_is_entered_for_a_department_by_every_door(
    cast: Cast, door: Door, tmp_path: Path
) -> None:
    """Template and export are the department's; the file goes in with the reason, and comes to it
    as drafts to confirm."""
    civil = cast.body("civil").pk
    client = cast.client("bureau_operator")
    stream = io.BytesIO()
    book_of(ROW).save(stream)
    file = tmp_path / "民政局目录.xlsx"
    file.write_bytes(stream.getvalue())
    if door.name == "cli":
        blank = tmp_path / "blank.xlsx"
        as_bureau = ["--as", "bureau_operator", "--for", str(civil)]
        assert main(["catalog", "template", str(blank), *as_bureau]) == 0
        why = ["--reasons", WHY["reasons"], "--request", WHY["request"], "--apply"]
        assert main(["catalog", "import", str(file), *as_bureau, *why]) == 0
    elif door.name == "api":
        token = create_token(cast.bureau_operator, label="代录", days=1)["token"]
        door = {"Authorization": f"Bearer {token}"}
        blank = tmp_path / "blank.xlsx"
        answer = client.get(f"/api/catalog/workbook/template?body={civil}", headers=door)
        blank.write_bytes(answer.content)
        with file.open("rb") as sent:
            answer = client.post(
                "/api/catalog/change-sets", {"file": sent, "body": civil, **WHY}, headers=door
            )
        assert answer.status_code == 200, answer.content
        assert json.loads(answer.content)["entered_by"] == "市大数据局"
    else:
        blank = tmp_path / "blank.xlsx"
        answer = client.get(f"/compile/sheets/template.xlsx?body={civil}")
        blank.write_bytes(answer.content)
        with file.open("rb") as sent:
            answer = client.post("/compile/sheets/", {"file": sent, "body": civil, **WHY})
        assert answer.status_code == 302, answer.content.decode()
    names = {
        cell.value
        for sheet in load_workbook(blank)
        for row in sheet.iter_rows()
        for cell in row
        if cell.value
    }
    assert "业务管理系统" in names
    own = ChangeSet.objects.get()
    if own.is_running:
        jobs.check_workbook(changes=own.pk)
        actions.apply_changes(cast.bureau_operator, changes=own.pk)
    entry = Entry.objects.get()
    assert (entry.body_id, entry.draft.entered_by, str(entry.state)) == (
        civil,
        "市大数据局",
        "entering",
    )
    page = client.get(f"/compile/sheets/{own.pk}/").content.decode()
    assert "整批交部门确认（1）" in page and WHY["request"] in page
    page = cast.client("civil_operator").get(f"/compile/{entry.pk}/").content.decode()
    assert "接手编制" in page and WHY["reasons"] in page
