"""Two hands at the same moment: one request sent twice, one case taken by several, one decision
made by two, one name for two."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, transaction
from tests.cast import SINCE, Cast
from tests.sharing import Sharing

from huitong.access import actions as access
from huitong.access.models import Application
from huitong.catalog import actions as catalog
from huitong.catalog import queries as catalog_queries
from huitong.catalog.models import Database, Drift, Scan, SourceShape
from huitong.catalog.rules import ENTRY
from huitong.catalog.rules.drift import Shape
from huitong.catalog.tests.marriage import drafted, with_bureau
from huitong.catalog.tests.workbooks import COMPLETE, book_of, cell, exported, handed_in
from huitong.documents.models import DocumentVersion
from huitong.documents.tests.issued import by_bureau
from huitong.kernel import doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock, start_missing
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import Problem
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations
from huitong.organizations.models import Person, Posting
from huitong.work import actions as work

HANDS = 6


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """All of these at the same moment, each over a connection of its own; what came back, or the
    refusal."""
    ready = Barrier(len(acts))

    def one(act: Callable[[], Any]) -> Any:
        ready.wait(30)
        return alone(act)

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def alone(act: Callable[[], Any]) -> Any:
    """What came back of an act in a thread of its own, or the refusal."""
    try:
        return act()
    except Problem as no:
        return no
    finally:
        connections.close_all()


def until_waiting(count: int) -> None:
    """Until so many of this database's sessions wait for a lock."""
    until = time.monotonic() + 30
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND"
                " wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0] >= count:
                return
        assert time.monotonic() < until, "nobody waits"
        time.sleep(0.02)


@pytest.fixture
def colleagues(live_db: Any, cast: Cast) -> list[Actor]:
    """Six managers of Civil Affairs."""
    civil = cast.body("civil")
    with writing("test"):
        people = Person.objects.bulk_create(
            [Person(username=f"colleague{n}", name=f"同事{n}", password="!") for n in range(HANDS)]
        )
        Posting.objects.bulk_create(
            [Posting(person=p, body=civil, post=Post.MANAGER, valid_from=SINCE) for p in people]
        )
    return [organizations.actor_for(p, civil.pk) for p in people]


@pytest.fixture
def room_request(cast: Cast, colleagues: list[Actor]) -> int:
    """A case that waits at the desk of Civil Affairs' managers."""
    opened = doing.perform(
        cast.housing_operator,
        "room.ask_room",
        {"lender": cast.body("civil").pk, "purpose": "评审会", "on": "2026-12-01"},
    )
    assert opened.case is not None
    doing.perform(cast.housing_manager, "room.send", {}, case=opened.case.pk)
    return int(opened.case.pk)


def test_a_request_sent_several_times_at_once_happens_once(
    cast: Cast, colleagues: list[Actor]
) -> None:
    given = {"lender": cast.body("civil").pk, "purpose": "评审会", "on": "2026-12-01"}
    done = at_once(
        *[lambda: doing.perform(cast.housing_operator, "room.ask_room", given, request_key="same")]
        * HANDS
    )
    assert [type(d).__name__ for d in done] == ["Done"] * HANDS
    assert sorted(d.replayed for d in done) == [False] + [True] * (HANDS - 1)
    assert (
        len({d.entry.pk for d in done})
        == len({d.case.pk for d in done})
        == Case.objects.count()
        == 1
    )


def test_one_of_several_takes_a_case(room_request: int, colleagues: list[Actor]) -> None:
    done = at_once(
        *[
            lambda who=who: doing.perform(who, "work.claim", {"case": room_request})
            for who in colleagues
        ]
    )
    successes = [d for d in done if not isinstance(d, Problem)]
    assert len(successes) == 1 and {d.status for d in done if isinstance(d, Problem)} == {409}
    assert Case.objects.get(pk=room_request).holder == successes[0].entry.person


def test_one_decision_is_made_and_the_other_told_so(
    room_request: int, colleagues: list[Actor]
) -> None:
    acts = [
        ("room.lend", {}) if n % 2 else ("room.refuse", {"reasons": "会议室维修"})
        for n in range(HANDS)
    ]
    done = at_once(
        *[
            lambda who=who, act=act: doing.perform(who, act[0], act[1], case=room_request)
            for who, act in zip(colleagues, acts, strict=True)
        ]
    )
    assert [d.status for d in done if isinstance(d, Problem)] == [409] * (HANDS - 1)
    decided = Entry.objects.filter(case=room_request, verb__in=["room.lend", "room.refuse"])
    assert (
        decided.count() == 1
        and Case.objects.get(pk=room_request).state == decided.get().after["state"]
    )


def test_one_form_submitted_as_a_whole_and_in_part_at_once_waits_for_nobody_in_a_circle(
    live_db: Any, cast: Cast, sharing: Sharing
) -> None:
    """The whole form first has the first case and waits for the form; the single step comes with
    the second case and waits for the form too. Were the second case not taken beforehand, the
    two would then wait for each other."""
    form = sharing.form(sharing.mount("division"), sharing.mount("marriage"))
    access.print_form(cast.housing_operator, form=form.pk)
    access.seal_form(
        cast.housing_operator, form=form.pk, scan=sharing.scan(form), archive_number="ZJ-2026-017"
    )
    first, second = (
        Application.objects.filter(form=form).order_by("pk").values_list("case", flat=True)
    )
    other_manager = Actor(
        cast.finance_manager.person,
        "另一负责人",
        cast.body("housing").pk,
        "市住建局",
        frozenset({Post.MANAGER}),
        bureau_body=cast.body("bureau").pk,
    )
    with ThreadPoolExecutor(2) as pool, psycopg.connect(live_db.owner_url) as door:
        door.execute("SELECT FROM access_form WHERE id = %s FOR UPDATE", [form.pk])
        whole = pool.submit(
            alone,
            lambda: doing.perform(cast.housing_manager, "access.submit_form", {"form": form.pk}),
        )
        until_waiting(1)
        single = pool.submit(
            alone, lambda: doing.perform(other_manager, "application.submit", {}, case=second)
        )
        until_waiting(2)
        door.rollback()
    assert isinstance(whole.result(30), doing.Done)
    assert "当前状态为“待受理”" in single.result(30).detail
    assert {Case.objects.get(pk=pk).state for pk in (first, second)} == {"submitted"}


def test_a_warning_and_a_decision_at_once_wait_for_nobody_in_a_circle(
    live_db: Any, cast: Cast, room_request: int, colleagues: list[Actor]
) -> None:
    """Both want the case and its clock; the hourly warning comes first and has to take them in
    the order every step does."""
    clock = Clock.objects.get(case=room_request)
    with ThreadPoolExecutor(2) as pool, psycopg.connect(live_db.owner_url) as door:
        door.execute("SELECT FROM kernel_clock WHERE id = %s FOR UPDATE", [clock.pk])
        warned = pool.submit(
            alone, lambda: work.warn(cast.system, clock=clock.pk, on=clock.due_on + timedelta(1))
        )
        until_waiting(1)
        lent = pool.submit(
            alone, lambda: doing.perform(colleagues[0], "room.lend", {}, case=room_request)
        )
        until_waiting(2)
        door.rollback()
    assert [type(done.result(30)).__name__ for done in (warned, lent)] == ["Case", "Done"]
    assert (
        Case.objects.get(pk=room_request).state == "lent"
        and Entry.objects.filter(verb="work.warn").count() == 1
    )


def test_an_entry_published_while_its_body_is_succeeded_is_the_heir_s(
    live_db: Any, cast: Cast
) -> None:
    """Publication had read the entry, and wrote its former body back (A2)."""
    case = with_bureau(cast.civil_operator, cast.civil_manager)
    catalog.pass_bureau(cast.bureau_operator, case)
    entry, heir = catalog_queries.entry_of(case), cast.body("housing").pk
    succeeded = {"predecessors": [entry.body_id], "heir": heir, "on": today()}
    with ThreadPoolExecutor(2) as pool, psycopg.connect(live_db.owner_url) as door:
        door.execute("SELECT FROM catalog_version WHERE id = %s FOR UPDATE", [entry.latest_id])
        publishing = pool.submit(alone, lambda: catalog.publish(cast.civil_operator, case))
        until_waiting(1)
        passing = pool.submit(alone, lambda: catalog.pass_on(cast.system, **succeeded))
        assert passing.result(30) is None
        door.rollback()
    assert publishing.result(30).pk == entry.pk
    entry.refresh_from_db()
    assert entry.is_published and entry.body_id == heir


def test_a_draft_edited_while_a_workbook_is_written_is_not_overwritten(
    live_db: Any, cast: Cast
) -> None:
    """The set is written after the edit that came first is there, and sees it (A12)."""
    clerk = cast.civil_operator
    entry = drafted(clerk)
    book = exported(clerk)
    cell(book, "目录", "备注").value = "表格里的备注"
    own = handed_in(clerk, book)
    with ThreadPoolExecutor(2) as pool, psycopg.connect(live_db.owner_url) as door:
        door.execute("SELECT FROM catalog_version WHERE id = %s FOR UPDATE", [entry.latest_id])
        edit = pool.submit(
            alone, lambda: catalog.edit(clerk, Case(pk=entry.case_id), remark="先写的备注")
        )
        until_waiting(1)
        applied = pool.submit(alone, lambda: catalog.apply_changes(clerk, changes=own.pk))
        until_waiting(2)
        door.rollback()
    assert edit.result(30).pk == entry.pk
    assert "检查之后又有修改" in applied.result(30).detail
    assert catalog_queries.entry_of(Case(pk=entry.case_id)).draft.remark == "先写的备注"


def test_one_entry_of_two_files_is_written_once(live_db: Any, cast: Cast) -> None:
    clerk = cast.civil_operator
    catalog.register_system(clerk, name="业务管理系统")
    sets = [handed_in(clerk, book_of(COMPLETE)).pk for _ in range(2)]
    done = at_once(*[lambda pk=pk: catalog.apply_changes(clerk, changes=pk) for pk in sets])
    assert len([d for d in done if isinstance(d, Problem) and "同名" in d.detail]) == 1
    assert catalog_queries.entries_of_body(clerk).count() == 1


def test_a_scan_and_a_clerk_at_one_entry_s_drifts_wait_for_nobody_in_a_circle(
    live_db: Any, cast: Cast
) -> None:
    """Both want what is agreed of the table and its changes, and take them in one order."""
    entry = drafted(cast.civil_operator)
    with writing("test"):
        database = Database.objects.create(
            body=cast.body("civil"), name="前置库", host="x", dbname="x", username="x"
        )
        scan = Scan.objects.create(database=database, asked_by=cast.civil_operator.person)
        SourceShape.objects.create(entry=entry, shape=Shape({}).as_json())
        drift = Drift.objects.create(entry=entry, scan=scan, kind="emptied")
    with ThreadPoolExecutor(2) as pool, psycopg.connect(live_db.owner_url) as door:
        door.execute("SELECT FROM catalog_drift WHERE id = %s FOR UPDATE", [drift.pk])
        dismissed = pool.submit(
            alone, lambda: catalog.dismiss_drifts(cast.civil_operator, entry=entry.pk)
        )
        until_waiting(1)
        noted = pool.submit(
            alone, lambda: catalog.compare_table(cast.system, scan=scan.pk, entry=entry.pk)
        )
        until_waiting(2)
        door.rollback()
    assert dismissed.result(30) == noted.result(30) == entry
    assert Drift.objects.get().state == "dismissed"


def test_a_case_that_moves_on_during_an_upgrade_gets_no_clock_it_has_no_use_for(
    live_db: Any, cast: Cast
) -> None:
    case = with_bureau(cast.civil_operator, cast.civil_manager)
    catalog.pass_bureau(cast.bureau_operator, case)
    with writing("before"):
        Clock.objects.filter(case=case).delete()

    def upgrade() -> int:
        with transaction.atomic(), writing("upgrade"):
            return start_missing(ENTRY, today())

    with ThreadPoolExecutor(1) as pool, psycopg.connect(live_db.owner_url) as door:
        door.execute("UPDATE kernel_case SET state = 'published' WHERE id = %s", [case.pk])
        started = pool.submit(alone, upgrade)
        until_waiting(1)
        door.commit()
        assert started.result(30) == 0
    assert not Clock.objects.filter(case=case).exists()


def test_a_document_gets_one_next_version(live_db: Any, cast: Cast) -> None:
    document = by_bureau(cast)
    given = {"document": document.pk}
    done = at_once(
        *[lambda: doing.perform(cast.bureau_operator, "city_document.revise", given)] * HANDS
    )
    assert sum(isinstance(one, doing.Done) for one in done) == 1
    assert DocumentVersion.objects.filter(document=document, number=None).count() == 1


def test_a_name_is_given_once(cast: Cast, colleagues: list[Actor]) -> None:
    given = {"username": "newcomer", "name": "新来的"}
    done = at_once(
        *[lambda: doing.perform(cast.system_admin, "organizations.add_person", given)] * HANDS
    )
    refused = [d for d in done if isinstance(d, Problem)]
    assert len(refused) == HANDS - 1 and {d.status for d in refused} <= {409, 422}
    assert Person.objects.filter(username="newcomer").count() == 1
