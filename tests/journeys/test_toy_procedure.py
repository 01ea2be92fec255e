"""Proof 1: a procedure of one rules.py and one actions.py has its pages, and nothing else was
written for it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import Entry

pytestmark = pytest.mark.django_db

CONFIRMED = {"_confirmed": "1"}
ASK = {
    "purpose": "区县协调会",
    "on": "2026-12-01",
    "seats": "20",
    "size": "large",
    "half": "上午",
    "guests": "如东县\n通州区",
}


def posted(page, **more):
    """What a browser would post from this page: its hidden fields and what was typed."""
    html = page.content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html))
    return {k: v for k, v in hidden.items() if k != "csrfmiddlewaretoken"} | more


def opened(cast):
    """A case opened through the page."""
    clerk = cast.client("housing_operator")
    page = clerk.get("/cases/open/room/ask_room/")
    answer = clerk.post(
        "/cases/open/room/ask_room/", posted(page, lender=cast.body("civil").pk, **ASK), follow=True
    )
    assert answer.status_code == 200, answer.content.decode()
    return Case.objects.get(kind="room")


def test_the_pages_carry_a_case_from_its_opening_to_its_end(cast):
    case = opened(cast)
    assert case.state == "draft" and case.number.startswith("HY")
    manager = cast.client("housing_manager")
    assert "提交借用" in manager.get(f"/cases/{case.pk}/").content.decode()
    # A34: a party may take its evidence along
    assert "/do/audit.evidence/?case=" in manager.get(f"/cases/{case.pk}/").content.decode()
    text = manager.post(f"/cases/{case.pk}/send/", CONFIRMED, follow=True).content.decode()
    assert "下一步由提供部门负责人办理" in text
    case.refresh_from_db()
    clock = Clock.objects.get(case=case)
    assert (
        case.due_on == clock.due_on
        and f"最迟 {case.due_on:%Y-%m-%d}" in text
        and clock.amount == 10
    )
    assert "借用会议室：区县协调会" in cast.client("civil_manager").get("/todo/").content.decode()
    assert (
        "借用会议室：区县协调会"
        not in cast.client("housing_manager").get("/todo/").content.decode()
    )
    decided = (
        cast.client("civil_manager")
        .post(f"/cases/{case.pk}/lend/", {"opinion": "同意，请爱护设施"} | CONFIRMED, follow=True)
        .content.decode()
    )
    assert "已办结" in decided and "同意，请爱护设施" in decided
    assert [e.verb for e in Entry.objects.filter(case=case.pk).order_by("seq")] == [
        "room.ask_room",
        "room.send",
        "room.lend",
    ]


def test_a_wrong_form_answers_422_names_the_field_and_keeps_what_was_typed(cast):
    clerk = cast.client("housing_operator")
    page = clerk.get("/cases/open/room/ask_room/")
    wrong = clerk.post(
        "/cases/open/room/ask_room/",
        posted(page, lender=cast.body("civil").pk, **ASK | {"seats": "999", "purpose": "会"}),
    )
    html = wrong.content.decode()
    assert wrong.status_code == 422 and not Case.objects.exists()
    assert 'href="#id_seats"' in html and 'href="#id_purpose"' in html and "<title>有误：" in html
    assert 'value="999"' in html and "如东县\n通州区" in html


def test_a_double_click_does_nothing_twice(cast):
    clerk = cast.client("housing_operator")
    sent = posted(clerk.get("/cases/open/room/ask_room/"), lender=cast.body("civil").pk, **ASK)
    first, second = (clerk.post("/cases/open/room/ask_room/", sent) for _ in range(2))
    assert first.status_code == second.status_code == 302 and first.url == second.url
    assert Case.objects.count() == 1


def test_a_dangerous_step_asks_once_more_and_demands_its_reasons(cast):
    case = opened(cast)
    cast.client("housing_manager").post(f"/cases/{case.pk}/send/", CONFIRMED)
    manager = cast.client("civil_manager")
    page = manager.get(f"/cases/{case.pk}/refuse/")
    assert "必填" in page.content.decode()
    assert manager.post(f"/cases/{case.pk}/refuse/", posted(page, reasons="")).status_code == 422
    answer = manager.post(f"/cases/{case.pk}/refuse/", posted(page, reasons="当日已有安排"))
    assert answer.status_code == 200 and "确认不同意借用" in answer.content.decode()
    case.refresh_from_db()
    assert case.state == "asked"
    done = manager.post(
        f"/cases/{case.pk}/refuse/", posted(answer, _confirmed="1"), follow=True
    ).content.decode()
    case.refresh_from_db()
    assert case.state == "refused" and "当日已有安排" in done


def test_the_wrong_people_are_told_who_acts_and_strangers_see_nothing(cast):
    case = opened(cast)
    clerk = cast.client("housing_operator")
    early = clerk.get(f"/cases/{case.pk}/send/")
    assert early.status_code == 403 and "使用部门负责人" in early.content.decode()
    assert clerk.post(f"/cases/{case.pk}/send/", CONFIRMED).status_code == 403
    assert cast.client("civil_manager").get(f"/cases/{case.pk}/").status_code == 404  # not sent yet
    assert (
        cast.client("housing_manager").post(f"/cases/{case.pk}/send/", CONFIRMED).status_code == 302
    )
    assert cast.client("housing_manager").get(f"/cases/{case.pk}/send/").status_code == 409
    assert cast.client("stranger_manager").get(f"/cases/{case.pk}/").status_code == 404
    assert (
        cast.client("stranger_manager").post(f"/cases/{case.pk}/send/", CONFIRMED).status_code
        == 404
    )
    assert cast.client("housing_manager").get("/cases/open/room/ask_room/").status_code == 403


def test_a_case_waits_where_the_table_says_and_its_clock_is_that_of_the_rules(cast):
    case = opened(cast)
    cast.client("housing_manager").post(f"/cases/{case.pk}/send/", CONFIRMED)
    clock = Clock.objects.get(case=case)
    assert clock.article == "A22" and clock.body == cast.body("civil").pk
    assert (
        clock.started_on
        < clock.half_on
        <= clock.warn_on
        < clock.due_on
        <= date.today() + timedelta(30)
    )


def test_a_repeated_step_is_answered_as_the_first_though_the_case_has_moved_on(cast):
    case = opened(cast)
    manager = cast.client("housing_manager")
    sent = posted(manager.get(f"/cases/{case.pk}/send/"), **CONFIRMED)
    first, second = (manager.post(f"/cases/{case.pk}/send/", sent) for _ in range(2))
    assert first.status_code == second.status_code == 302 and first.url == second.url
    assert Entry.objects.filter(case=case.pk, verb="room.send").count() == 1
    assert (
        manager.post(f"/cases/{case.pk}/send/", CONFIRMED | {"_once": "another"}).status_code == 409
    )


def test_nothing_else_was_written_for_it():
    """The package is rules and actions; no page, address or template names it."""
    root = Path(__file__).parents[2]
    assert {p.name for p in (root / "tests/toy").glob("*.py")} == {
        "__init__.py",
        "rules.py",
        "actions.py",
    }
    named = [
        p
        for p in (root / "src").rglob("*")
        if p.suffix in (".py", ".html", ".js")
        and "tests" not in p.parts
        and "tests.toy" in p.read_text(encoding="utf-8")
    ]
    assert not named
