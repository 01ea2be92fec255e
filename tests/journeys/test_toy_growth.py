"""Three procedures of two files each: opinions in parallel, a clock from outside, parts of a whole;
their pages, API, command, to-do, clocks, ledger, docs and matrix are there, and nothing else was
written for them."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.architecture.test_tables import TABLES
from tests.cast import Cast
from tests.toys.campaign import actions as campaign
from tests.toys.change import actions as change
from tests.toys.consultation import actions as consultation

from huitong.cli.commands import procedures
from huitong.kernel import doing
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, Malformed, NotYours
from huitong.kernel.workdays import load_calendar, today
from huitong.organizations import actions as organizations
from huitong.work import jobs
from huitong.work.models import Notice

pytestmark = pytest.mark.django_db


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


# -- a change with a clock from outside ------------------------------------------------------------


def registered(cast: Cast, days_ago: int = 0) -> Case:
    result: Case = change.register(
        cast.civil_operator, document="婚姻登记条例", published_on=today() - timedelta(days_ago)
    )
    return result


def test_the_clock_counts_from_the_day_of_publication(cast: Cast) -> None:
    case = registered(cast, 7)
    clock = Clock.objects.get(case=case)
    since = today() - timedelta(7)
    assert (clock.name, clock.started_on) == ("update", since)
    assert case.due_on == load_calendar().after(since, 15).on


def test_registered_late_it_is_overdue_at_birth(cast: Cast) -> None:
    case = registered(cast, 60)
    assert case.due_on is not None and case.due_on < today()
    jobs.watch(today())
    assert Notice.objects.filter(kind="overdue", person=cast.civil_manager.person).exists()


def test_two_clocks_run_while_the_bureau_thinks_and_the_case_shows_the_nearer(cast: Cast) -> None:
    case = registered(cast)
    change.ask_extension(cast.civil_operator, case, days=3, reasons="数据表结构需要调整")
    case = fresh(case)
    running = {c.name: c for c in Clock.objects.filter(case=case, stopped_on=None)}
    assert set(running) == {"update", "answer"}
    assert case.due_on == min(c.due_on for c in running.values()) == running["answer"].due_on
    assert running["update"].body == cast.body("civil").pk
    assert running["answer"].body == cast.body("bureau").pk


def test_who_answers_reads_what_was_asked_for(cast: Cast) -> None:
    """A kind without a page of its own says in its record what came with each step."""
    case = registered(cast)
    change.ask_extension(cast.civil_operator, case, days=3, reasons="数据表结构需要调整")
    for page in (f"/cases/{case.pk}/", f"/cases/{case.pk}/print/"):
        text = cast.client("bureau_manager").get(page).content.decode()
        assert "数据表结构需要调整　延长工作日：3" in text
        assert text.count("婚姻登记条例") >= 1 and text.count("文件：") == 0, (
            "the opening stands above"
        )


def test_an_extension_adds_what_was_agreed_once_and_no_more(cast: Cast) -> None:
    case = registered(cast)
    first = fresh(case).due_on
    assert first is not None
    with pytest.raises(Malformed, match="最多可延长 5 个工作日"):
        change.ask_extension(cast.civil_operator, case, days=9, reasons="数据表结构需要调整")
    change.ask_extension(cast.civil_operator, case, days=5, reasons="数据表结构需要调整")
    change.disagree(cast.bureau_manager, case)
    assert fresh(case).due_on == first
    change.ask_extension(cast.civil_operator, case, days=3, reasons="数据表结构需要调整")
    change.agree(cast.bureau_manager, case)
    assert fresh(case).due_on == load_calendar().after(first, 3).on
    change.ask_extension(cast.civil_operator, case, days=1, reasons="数据表结构需要调整")
    with pytest.raises(AgainstRules, match="已延长过一次"):
        change.agree(cast.bureau_manager, case)


# -- a campaign with a part for every body ---------------------------------------------------------


def test_the_last_part_ends_the_whole(cast: Cast) -> None:
    until = today() + timedelta(10)
    whole: Case = campaign.launch(
        cast.bureau_operator,
        name="2026 年度目录普查",
        bodies=[cast.body("civil").pk, cast.body("housing").pk],
        until=until,
    )
    parts = {part.body_of("provider"): part for part in whole.children.all()}
    assert len(parts) == 2 and all(part.due_on == until for part in parts.values())
    with pytest.raises(AgainstRules, match="还有 2 件"):
        campaign.finish(cast.system, whole)
    for name in ("civil", "housing"):
        part = parts[cast.body(name).pk]
        assert part in Case.objects.waiting_for(getattr(cast, f"{name}_operator"))
        assert fresh(whole).state == "running"
        campaign.report(getattr(cast, f"{name}_operator"), part, count=7)
        campaign.confirm(getattr(cast, f"{name}_manager"), part)
        jobs.finish_parent(whole.pk)
    assert fresh(whole).state == "done" and fresh(whole).closed_at is not None
    assert Entry.objects.filter(case=whole.pk, verb="campaign.finish").count() == 1
    jobs.finish_parent(whole.pk)  # notice once more: nothing happens


def test_a_whole_whose_parts_are_over_before_it_looks_ends_too(cast: Cast) -> None:
    """Each time a case enters the state from which its parts end it, the platform looks."""
    whole = campaign.launch(
        cast.bureau_operator, name="普查", bodies=[cast.body("civil").pk], until=today()
    )
    looks = ProcrastinateJob.objects.filter(task_name="work.finish_parent")
    assert looks.filter(args={"parent": whole.pk}).count() == 1


def test_nothing_is_assigned_under_a_case_that_is_over(cast: Cast) -> None:
    whole = campaign.launch(
        cast.bureau_operator, name="普查", bodies=[cast.body("civil").pk], until=today()
    )
    with writing("test"):
        Case.objects.filter(pk=whole.pk).update(closed_at=timezone.now())
    with pytest.raises(AgainstRules, match="所属事项已办结"):
        campaign.assign(
            cast.bureau_operator,
            parent=fresh(whole),
            body=cast.body("hr").pk,
            name="x",
            until=today(),
        )


def test_a_body_sees_its_own_part_and_not_its_neighbours(cast: Cast) -> None:
    campaign.launch(
        cast.bureau_operator,
        name="普查",
        bodies=[cast.body("civil").pk, cast.body("housing").pk],
        until=today() + timedelta(10),
    )
    visible = Case.objects.visible_to(cast.civil_operator)
    assert [case.kind for case in visible] == ["campaign_part"]
    assert Case.objects.visible_to(cast.bureau_operator).count() == 3


def test_a_part_cannot_be_opened_by_hand_nor_under_a_parent_of_ones_own(cast: Cast) -> None:
    given = {"body": cast.body("civil").pk, "name": "x", "until": "2027-01-01"}
    assert not doing.VERBS["campaign_part.assign"].offered
    with pytest.raises(Malformed, match="没有这一项"):
        doing.perform(cast.bureau_operator, "campaign_part.assign", given | {"parent": 1})


def test_whose_post_opens_no_such_case_is_refused_before_anything_is_looked_at(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Any] = []
    monkeypatch.setattr(campaign, "assign", lambda *a, **k: looked.append(a))
    with pytest.raises(NotYours):
        campaign.launch(cast.civil_operator, name="普查", bodies=[1], until=today())
    assert not looked and not Case.objects.exists()


# -- the doors -------------------------------------------------------------------------------------


def test_pages_offer_each_their_own_and_show_clocks_parts_and_opinions(
    cast: Cast, enquiry: Case
) -> None:
    consultation.advise(cast.civil_manager, enquiry, opinion="民政同意提供")
    page = cast.client("bureau_operator").get(f"/cases/{enquiry.pk}/").content.decode()
    assert "民政同意提供" in page and page.count("等待") >= 2
    manager = cast.client("housing_manager")
    assert "提出意见" in manager.get(f"/cases/{enquiry.pk}/").content.decode()
    answer = manager.post(
        f"/cases/{enquiry.pk}/advise/", {"opinion": "住建需要", "_confirmed": "1"}, follow=True
    )
    assert answer.status_code == 200 and fresh(enquiry).opinions.count() == 2
    whole = campaign.launch(
        cast.bureau_operator,
        name="年度普查",
        bodies=[cast.body("civil").pk],
        until=today() + timedelta(3),
    )
    page = cast.client("bureau_operator").get(f"/cases/{whole.pk}/").content.decode()
    part = whole.children.get()
    assert "分办事项" in page and f"/cases/{part.pk}/" in page
    page = cast.client("civil_operator").get(f"/cases/{part.pk}/").content.decode()
    assert "填报" in page and "年度普查" in page


def test_the_api_opens_asks_and_answers(cast: Cast, client: Any) -> None:
    def call(who: str, method: str, path: str, body: Any = None) -> Any:
        token = organizations.create_token(getattr(cast, who), label="测试")["token"]
        return getattr(client, method)(
            f"/api{path}",
            data=json.dumps(body) if body is not None else None,
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )

    result = call(
        "civil_operator",
        "post",
        "/do/change.register",
        {"document": "某条例", "published_on": str(today())},
    )
    assert result.status_code == 200, result.content
    case = result.json()["case"]
    enquiry = call(
        "civil_operator",
        "post",
        f"/cases/change/{case['id']}/ask_extension",
        {"days": 2, "reasons": "数据表结构需要调整"},
    )
    assert enquiry.status_code == 200, enquiry.content
    waiting = call("bureau_manager", "get", "/cases?waiting=true").json()
    assert [c["id"] for c in waiting["items"]] == [case["id"]]
    entries = call("civil_operator", "get", f"/cases/{case['id']}/entries").json()["items"]
    assert [(e["law"], e["article"]) for e in entries] == [
        ("nantong-2020", "A11"),
        ("national-2025", "D"),
    ]


def test_the_api_names_each_of_the_bodies_that_are_one_party(
    cast: Cast, client: Any, enquiry: Case
) -> None:
    several = sorted(cast.body(name).pk for name in ("finance", "housing"))
    with writing("test"):
        enquiry.between(grantees=several)
        enquiry.save()
    token = organizations.create_token(cast.civil_operator, label="测试")["token"]
    headers = {"Authorization": f"Bearer {token}"}
    case = client.get(f"/api/cases/{enquiry.pk}", headers=headers)
    assert case.status_code == 200, case.content
    parties = case.json()["parties"]
    assert (parties["provider"], parties["grantees"]) == (cast.body("civil").pk, several)
    listed = client.get("/api/cases", headers=headers).json()["items"]
    assert [row["parties"] for row in listed] == [parties]


def test_what_waits_for_the_platform_is_under_way_and_on_nobodys_desk(cast: Cast) -> None:
    whole: Case = campaign.launch(
        cast.bureau_operator,
        name="年度普查",
        bodies=[cast.body("civil").pk],
        until=today() + timedelta(3),
    )
    client = cast.client("bureau_operator")
    page = client.get(f"/cases/{whole.pk}/").content.decode()
    assert "等待平台办理" in page and "经办人" not in page.partition("等待平台办理")[2][:200]
    assert "平台经办人" not in page and "领办人" not in page
    part = whole.children.get()
    assert "尚未领办" in cast.client("civil_operator").get(f"/cases/{part.pk}/").content.decode()

    def listed(state: str) -> bool:
        page = client.get(f"/todo/?tab=mine&kind=campaign&state={state}")
        return f"/cases/{whole.pk}/" in page.content.decode()

    assert [listed(state) for state in ("open", "running", "closed")] == [True, False, False]


def test_docs_and_matrix_hold_them() -> None:
    kinds = {"consultation", "change", "campaign", "campaign_part"}
    assert kinds <= {table.kind for table in TABLES}
    text = "".join(procedures.section(table) for table in TABLES if table.kind in kinds)
    assert "提出意见" in text and "| D |" in text and "A11 clock" in text


def test_nothing_else_was_written_for_them() -> None:
    root = Path(__file__).parents[2]
    for toy in ("consultation", "change", "campaign"):
        files = {p.name for p in (root / "tests" / "toys" / toy).glob("*.py")}
        assert files == {"__init__.py", "rules.py", "actions.py"}
    named = [
        path
        for path in (root / "src").rglob("*.py")
        if "tests" not in path.parts and "tests.toys" in path.read_text(encoding="utf-8")
    ]
    assert not named


def test_days_of_a_case_are_kept_true_when_the_calendar_changes(cast: Cast) -> None:
    from huitong.kernel.clocks import show_nearest

    case = registered(cast)
    with writing("test"):
        Clock.objects.filter(case=case).update(due_on=date(2030, 1, 2))
        show_nearest(case)
    assert case.due_on == date(2030, 1, 2)
