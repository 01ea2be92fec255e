"""The lists of demands, of what bodies owe, of what duties need and have: by page, file, API and
command line, each to whom it may be shown (A3, A10, A24, A25)."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.demanding import Demanding
from tests.journeys.doors import Api
from tests.sharing import Sharing

from huitong.catalog import actions as catalog
from huitong.catalog.tests.marriage import with_bureau
from huitong.cli import main
from huitong.demands import actions, queries
from huitong.demands.models import Answer
from huitong.demands.rules import S
from huitong.kernel.case import Case
from huitong.kernel.ledger import writing
from huitong.kernel.workdays import load_calendar, today

pytestmark = pytest.mark.django_db
WHY = {"ground": "not_digital", "reasons": "历史档案正在扫描录入，年底完成。"}


def working_days_ago(days: int) -> date:
    """The day since which so many working days have passed."""
    calendar, day = load_calendar(), today()
    while calendar.between(day, today()) < days:
        day -= timedelta(1)
    return day


def file_of(demanding: Demanding, who: str, path: str, **query: Any) -> list[dict[str, str]]:
    """The rows of a list's CSV file, as somebody takes it."""
    answer = demanding.cast.client(who).get(path, {"format": "csv", **query})
    assert answer.status_code == 200, path
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return list(csv.DictReader(io.StringIO(content.decode().lstrip("\ufeff"))))


def printed(capsys: pytest.CaptureFixture[str], chosen: str, who: str) -> list[dict[str, Any]]:
    """The rows `huitong demands` prints to somebody."""
    assert main(["demands", chosen, "--as", who]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.fixture(autouse=True)
def no_database_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://given-by-the-test")


def promised(demanding: Demanding, days: int = 7, **changes: Any) -> Any:
    demand = demanding.submitted(**changes)
    planned = today() + timedelta(days)
    actions.promise(demanding.cast.civil_operator, demanding.case(demand), planned_on=planned)
    return demand


# -- what is needed --------------------------------------------------------------------------------


def test_the_list_of_demands_names_who_when_and_which_entry(
    demanding: Demanding, sharing: Sharing, capsys: pytest.CaptureFixture[str]
) -> None:
    cast = demanding.cast
    planned = today() + timedelta(7)
    demand = promised(demanding)
    for who, rows in {"housing_operator": 1, "civil_manager": 1, "hr_operator": 0}.items():
        listed = file_of(demanding, who, "/demands/", tab="all")
        assert [(r["需要的数据"], r["计划发布"], r["环节"]) for r in listed] == [
            ("婚姻登记信息", planned.isoformat(), "待发布")
        ] * rows, who
    entry = sharing.mount("marriage").entry
    actions.answer(cast.civil_operator, demanding.case(demand), entry=entry.pk)
    [row] = file_of(demanding, "bureau_operator", "/demands/", tab="all")
    assert (row["答复的目录"], row["需求部门"]) == (entry.name, cast.body("housing").short_name)
    [api] = Api(cast)._client("housing_operator").get("/api/demands").json()["items"]
    assert (api["promised_on"], api["entry"]) == (planned.isoformat(), entry.pk)
    assert [row["id"] for row in printed(capsys, "demands", "civil_operator")] == [demand.pk]
    assert printed(capsys, "demands", "hr_operator") == []


# -- what bodies owe -------------------------------------------------------------------------------


def test_what_is_owed_is_listed_with_its_day_and_how_late_it_is(
    demanding: Demanding, capsys: pytest.CaptureFixture[str]
) -> None:
    cast, start = demanding.cast, today()
    demand = promised(demanding)
    put_off = demanding.submitted(title="收养登记信息")
    until = start + timedelta(50)
    actions.obstacle(cast.civil_operator, demanding.case(put_off), **WHY, until=until)
    waiting = demanding.submitted(title="殡葬信息")
    demanding.submitted(addressed="", title="不动产登记信息")  # owed by no body yet
    case = with_bureau(cast.civil_operator, cast.civil_manager)
    catalog.pass_bureau(cast.bureau_operator, case)

    def owed(who: str, **query: Any) -> dict[str, dict[str, str]]:
        rows = file_of(demanding, who, "/demands/responsibilities/", **query)
        return {row["数据"]: row for row in rows}

    listed = owed("bureau_operator")
    civil = cast.body("civil").short_name
    assert {what: row["责任"] for what, row in listed.items()} == {
        "婚姻登记信息": "需求申请：待发布",
        "收养登记信息": "需求申请：暂时无法发布",
        "殡葬信息": "需求申请：待答复",
        case.title: "目录编制：待发布",
    }
    assert {row["责任部门"] for row in listed.values()} == {civil}
    assert listed["婚姻登记信息"]["计划日"] == (start + timedelta(7)).isoformat()
    assert listed["收养登记信息"]["计划日"] == until.isoformat()
    assert not any(row["超期（工作日）"] != "0" for row in listed.values())
    # a body that asked sees what is owed to it, not what another has still to publish
    assert set(owed("housing_operator")) == set(listed) - {case.title}
    assert owed("hr_operator") == owed("stranger_manager") == {}
    assert set(owed("civil_operator", kind="entry")) == {case.title}
    assert set(owed("civil_operator", kind="promised")) == {"婚姻登记信息"}
    assert set(owed("bureau_operator", body=cast.body("civil").pk)) == set(listed)
    assert (
        owed("bureau_operator", body=cast.body("hr").pk)
        == owed("bureau_operator", due="late")
        == {}
    )

    due, planned = working_days_ago(3), working_days_ago(2)
    with writing("test"):
        Case.objects.filter(pk=waiting.case_id).update(due_on=due)
        Answer.objects.filter(demand=demand).update(on=planned)
    late = owed("bureau_operator", due="late")
    assert {what: row["超期（工作日）"] for what, row in late.items()} == {"殡葬信息": "3"}
    behind = owed("bureau_operator")["婚姻登记信息"]
    assert (behind["计划已过（工作日）"], behind["超期（工作日）"]) == ("2", "0")
    page = cast.client("bureau_operator").get("/demands/responsibilities/").content.decode()
    assert "已过 2 个工作日" in page and "超期 3 个工作日" in page

    api = Api(cast)._client("bureau_operator").get("/api/demands/responsibilities", {"late": True})
    assert {row["what"]: row["late"] for row in api.json()["items"]} == {
        what: int(row["超期（工作日）"]) for what, row in late.items()
    }
    lines = printed(capsys, "responsibilities", "civil_manager")
    assert {row["what"] for row in lines} == set(listed)
    assert printed(capsys, "responsibilities", "hr_operator") == []
    row = next(row for row in lines if row["case"] == demand.case_id)
    assert (row["state"], row["asked_by"]) == (S.PROMISED, cast.body("housing").short_name)


@pytest.mark.parametrize("chosen", ["responsibilities", "duties"])
@pytest.mark.parametrize("who,reads", [("stranger_manager", True), ("platform_operator", False)])
def test_lists_of_bodies_are_read_by_who_works_with_data(
    demanding: Demanding, capsys: pytest.CaptureFixture[str], who: str, chosen: str, reads: bool
) -> None:
    cast, status = demanding.cast, 200 if reads else 403
    assert cast.client(who).get(f"/demands/{chosen}/").status_code == status
    assert Api(cast)._client(who).get(f"/api/demands/{chosen}").status_code == status
    assert main(["demands", chosen, "--as", who]) == (0 if reads else 1)


# -- what duties need and have ---------------------------------------------------------------------


def test_a_duty_is_listed_with_what_it_has_and_what_it_needs(
    demanding: Demanding, sharing: Sharing, capsys: pytest.CaptureFixture[str]
) -> None:
    cast = demanding.cast
    grant = sharing.granted(sharing.mount("marriage"))
    duty = grant.application.form.duty
    sharing.applied(sharing.mount("division"))
    demand = demanding.submitted(title="收养登记信息", addressed="")
    actions.close(cast.bureau_operator, demanding.case(demand), reasons="没有部门掌握。")
    demanding.submitted(title="殡葬信息")
    former = demanding.submitted(title="福利机构信息")
    actions.withdraw(cast.housing_operator, demanding.case(former))

    def listed(who: str, **query: Any) -> dict[str, dict[str, str]]:
        rows = file_of(demanding, who, "/demands/duties/", **query)
        return {row["职责"]: row for row in rows}

    own = listed("housing_operator")[duty.text]
    name = grant.mount.entry.name
    assert (own["获准使用的数据"], own["有效授权"], own["办理中的申请"]) == (name, "1", "1")
    assert sorted(own["需求"].split("；")) == ["办理中 1", "无部门掌握 1"]
    assert listed("bureau_operator")[duty.text] == own
    # the duty itself is public; what is used and asked for it is not
    other = listed("hr_operator")[duty.text]
    assert (other["获准使用的数据"], other["有效授权"], other["需求"]) == ("", "0", "")
    # to who gave the grant, its own part: the application it knows, not the bureau's closed one
    assert listed("civil_operator")[duty.text]["有效授权"] == "1"
    assert set(listed("housing_operator", lacking="yes")) == {duty.text}
    assert listed("hr_operator", lacking="yes") == {}
    assert duty.text not in listed("housing_operator", body=cast.body("civil").pk)
    [api] = (
        Api(cast)
        ._client("housing_operator")
        .get("/api/demands/duties", {"lacking": True})
        .json()["items"]
    )
    assert (api["granted"], api["demands"]) == ([name], {"无部门掌握": 1, "办理中": 1})
    lines = {row["duty"]: row for row in printed(capsys, "duties", "housing_operator")}
    assert lines[duty.pk] == api


def test_an_entry_a_body_names_for_its_duty_stands_beside_it(
    demanding: Demanding, sharing: Sharing
) -> None:
    cast, entry = demanding.cast, sharing.entry("marriage")
    duty = cast.duty("civil")
    catalog.leave_out(
        cast.civil_operator, lines=[f"duty:{duty.pk}"], reason="in_entry", entry=entry.pk
    )
    rows = file_of(demanding, "hr_operator", "/demands/duties/")
    assert {r["职责"]: r["本部门目录"] for r in rows}[duty.text] == entry.name


# -- who may, and at what cost ---------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/demands/responsibilities/", "/demands/duties/"])
def test_business_posts_read_them_and_nobody_else(demanding: Demanding, path: str) -> None:
    status = {
        "housing_manager": 200,
        "bureau_operator": 200,
        "audit_admin": 403,
        "system_admin": 403,
    }
    for who, expected in status.items():
        assert demanding.cast.client(who).get(path).status_code == expected, who


@pytest.mark.parametrize(
    "path,most",
    [("/demands/?tab=all", 9), ("/demands/responsibilities/", 10), ("/demands/duties/", 12)],
)
def test_a_list_asks_as_much_at_one_row_as_at_many(
    demanding: Demanding, sharing: Sharing, path: str, most: int
) -> None:
    def statements() -> int:
        client = demanding.cast.client("bureau_operator")
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    sharing.granted(sharing.mount("marriage"))
    promised(demanding)
    one = statements()
    for body in ("stranger", "hr"):
        demanding.submitted(body=body)
    sharing.granted(sharing.mount("division"))
    assert statements() == one <= most


def test_data_of_a_line_are_the_page_s(demanding: Demanding) -> None:
    demand = promised(demanding)
    actor, calendar = demanding.cast.civil_operator, load_calendar()
    [line] = queries.responsibility_lines(
        actor, list(queries.responsibilities(actor)), calendar, {}
    )
    assert line.data()["case"] == demand.case_id and line.late == line.behind == 0
