"""Scanned tables, systems, duties and matters stand beside the entries; what has none has a reason;
a manager signs for it once a year (A10)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from tests.cast import Cast

from huitong.catalog import actions, queries
from huitong.catalog.models import CoverageConfirmed, Database, LeftOut, Scan
from huitong.catalog.rules.coverage import (
    Coverage,
    Line,
    Standing,
    Subject,
    best,
    of_duty,
    reasons,
    reasons_on,
)
from huitong.catalog.tests.marriage import drafted, published
from huitong.kernel.actor import Actor
from huitong.kernel.laws import citation
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours
from huitong.kernel.workdays import today
from huitong.organizations.actions import create_token

S = Standing

# -- the rules -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("matters", "standing"),
    [
        ([], S.MISSING),
        ([S.PUBLISHED, S.MISSING], S.MISSING),
        ([S.PUBLISHED, S.DRAFT], S.MISSING),
        ([S.PUBLISHED, S.LEFT_OUT], S.PUBLISHED),
        ([S.LEFT_OUT], S.LEFT_OUT),
        ([S.REVIEW, S.LEFT_OUT], S.REVIEW),
    ],
)
def test_a_duty_stands_as_its_matters_do(matters: list[Standing], standing: Standing) -> None:
    assert of_duty(matters) is standing


def test_what_is_published_covers_what_a_draft_beside_it_does() -> None:
    assert best([S.DRAFT, S.PUBLISHED]) is S.PUBLISHED and best([]) is S.MISSING


def lines(*standings: Standing) -> Coverage:
    return Coverage(
        tuple(Line(1, Subject.TABLE, str(n), "表", "", s) for n, s in enumerate(standings))
    )


@pytest.mark.parametrize(
    ("standings", "words"),
    [
        ([], "—"),
        ([S.LEFT_OUT], "—"),
        ([S.PUBLISHED, S.LEFT_OUT], "100%"),
        ([S.PUBLISHED, S.MISSING, S.MISSING], "33.3%"),
        ([S.PUBLISHED] * 1999 + [S.MISSING], "99.9%"),
        ([S.REVIEW], "0%"),
    ],
)
def test_the_share_leaves_out_what_has_a_reason_and_is_never_rounded_up(
    standings: list[Standing], words: str
) -> None:
    assert lines(*standings).share_words == words


def test_every_reason_cites_its_article_and_fits_something() -> None:
    for reason in reasons().values():
        assert citation(reason.article).law.code == "nantong-2020"
        assert reason.subjects <= {str(s) for s in Subject} and reason.subjects
        assert reason.needs in ("", "entry", "words")
    assert reasons_on(date(2020, 2, 18)) == {} and set(reasons_on(today())) == set(reasons())


@pytest.mark.parametrize(
    ("reason", "subject", "entry", "words", "field"),
    [
        ("working_table", "duty", False, "", "reason"),
        ("working_table", "table", False, "", ""),
        ("in_entry", "table", False, "", "entry"),
        ("in_entry", "matter", True, "", ""),
        ("not_held", "system", False, "略", "words"),
        ("not_held", "system", False, " 无数据 ", "words"),
        ("not_held", "system", False, "省厅统建", ""),
        ("not_held", "system", False, "由省厅统一建设，本市无数据", ""),
        ("classified", "table", False, "", "reason"),
    ],
)
def test_a_reason_asks_for_what_it_needs(
    reason: str, subject: str, entry: bool, words: str, field: str
) -> None:
    fault = reasons()[reason].fault([subject], entry, words)
    assert (fault or ("", ""))[0] == field


# -- a body's lines --------------------------------------------------------------------------------


@pytest.fixture
def scanned(cast: Cast) -> Database:
    """A database of Civil Affairs as it was read: a table with a published entry, one with a draft,
    one without."""
    clerk = cast.civil_operator
    existing = published(clerk, cast.civil_manager, cast.bureau_operator)
    draft = drafted(clerk, "收养登记信息")
    with writing("test"):
        database = Database.objects.create(
            body=cast.body("civil"), name="业务库", host="10.1.1.1", dbname="mz", username="r"
        )
        for entry, table in ((existing, "marriage"), (draft, "adoption")):
            type(entry).objects.filter(pk=entry.pk).update(database=database, source_table=table)
        tables = [
            {"table": name, "comment": comment, "columns": 3, "rows": 9, "entry": None, "said": ""}
            for name, comment in (("marriage", "婚姻"), ("adoption", "收养"), ("tmp_1", ""))
        ]
        Scan.objects.create(database=database, asked_by=1, state="done", tables=tables)
        older = Scan.objects.create(database=database, asked_by=1, state="done", tables=[])
        Scan.objects.filter(pk=older.pk).update(asked_at=datetime(2020, 3, 1, tzinfo=UTC))
        Scan.objects.create(database=database, asked_by=1, state="failed", tables=[])
    return database


def standings(actor: Actor) -> dict[str, str]:
    return {line.label: str(line.standing) for line in queries.coverage.own_coverage(actor).lines}


def ref(actor: Actor, label: str) -> str:
    return next(
        line.ref for line in queries.coverage.own_coverage(actor).lines if line.label == label
    )


DUTY = "负责全市婚姻登记管理，推进婚俗改革"


def settled(cast: Cast) -> None:
    """Everything of Civil Affairs accounted for."""
    clerk = cast.civil_operator
    actions.leave_out(clerk, lines=[ref(clerk, "tmp_1")], reason="working_table")
    entry = next(
        pk for pk, name in queries.coverage.own_entry_choices(clerk) if name == "婚姻登记信息"
    )
    held = [ref(clerk, "婚姻登记"), ref(clerk, "adoption（收养）")]
    actions.leave_out(clerk, lines=held, reason="in_entry", entry=entry)


@pytest.mark.django_db
def test_tables_systems_duties_and_matters_stand_beside_the_entries(
    cast: Cast, scanned: Database
) -> None:
    assert standings(cast.civil_operator) == {
        "marriage（婚姻）": "published",
        "adoption（收养）": "draft",
        "tmp_1": "missing",
        "业务管理系统": "published",
        "婚姻登记": "missing",
        DUTY: "missing",
    }
    assert standings(cast.hr_operator) == {
        "社会保险参保登记": "missing",
        "负责全市社会保险管理": "missing",
    }


@pytest.mark.django_db
def test_what_is_accounted_for_is_open_no_more_and_may_be_counted_in_again(
    cast: Cast, scanned: Database
) -> None:
    clerk = cast.civil_operator
    settled(cast)
    own = standings(clerk)
    assert own["tmp_1"] == "left_out" and own["adoption（收养）"] == "published"
    assert own["婚姻登记"] == own[DUTY] == "published", "the duty stands as its matters do"
    assert not queries.coverage.own_coverage(clerk).open
    actions.count_in(clerk, line=ref(clerk, "tmp_1"))
    assert standings(clerk)["tmp_1"] == "missing"
    with pytest.raises(NotVisible):
        actions.count_in(clerk, line="table:9:tmp_1")


@pytest.mark.django_db
def test_what_does_not_fit_is_refused_by_its_field(cast: Cast, scanned: Database) -> None:
    clerk, table = cast.civil_operator, ref(cast.civil_operator, "tmp_1")
    other = published(cast.hr_operator, cast.hr_manager, cast.bureau_operator, "社保参保信息")
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("lines", {"lines": [ref(cast.hr_operator, "社会保险参保登记")], "reason": "in_entry"}),
        ("reason", {"lines": [table], "reason": "no_time"}),
        ("reason", {"lines": [ref(clerk, "婚姻登记")], "reason": "working_table"}),
        ("entry", {"lines": [table], "reason": "in_entry"}),
        ("entry", {"lines": [table], "reason": "in_entry", "entry": other.pk}),
        ("words", {"lines": [table], "reason": "not_held", "words": "无"}),
    ]
    for field, given in wrong:
        with pytest.raises(Malformed) as refused:
            actions.leave_out(clerk, **given)
        assert field in refused.value.fields, given
    assert not LeftOut.objects.exists()
    with pytest.raises(NotYours):
        actions.leave_out(cast.civil_manager, lines=[table], reason="working_table")


@pytest.mark.django_db
def test_the_manager_signs_once_nothing_is_open_and_the_ledger_keeps_it(
    cast: Cast, scanned: Database
) -> None:
    with pytest.raises(AgainstRules, match=r"还有 4 项.*1 项是未提交的草稿"):
        actions.confirm_coverage(cast.civil_manager)
    settled(cast)
    with pytest.raises(NotYours):
        actions.confirm_coverage(cast.civil_operator)
    row = actions.confirm_coverage(cast.civil_manager)
    act = LedgerEntry.objects.latest("seq")
    assert act.verb == "catalog.confirm_coverage" and act.article == "A10"
    assert act.after["lines_sha256"] == row.lines
    assert act.after["counts"]["数据表"] == {
        Standing(standing).label: n for standing, n in row.counts["table"].items()
    }
    assert row.counts["table"] == {"published": 2, "left_out": 1}
    assert queries.coverage.is_confirmed(queries.coverage.confirmations([row.body_id])[row.body_id])
    with writing("test"), pytest.raises(Exception, match="insert"):
        CoverageConfirmed.objects.update(by="别人")


@pytest.mark.django_db
def test_last_years_word_is_not_this_years(cast: Cast) -> None:
    row = CoverageConfirmed(at=datetime(today().year - 1, 12, 30, tzinfo=UTC))
    assert not queries.coverage.is_confirmed(row) and not queries.coverage.is_confirmed(None)


@pytest.mark.django_db
def test_all_bodies_cost_as_many_statements_as_one(
    cast: Cast, scanned: Database, django_assert_num_queries: Any
) -> None:
    civil = cast.body("civil").pk
    with django_assert_num_queries(6):
        assert civil in queries.coverage.coverage_by_body([civil])
    with django_assert_num_queries(7):  # and which bodies there are
        assert civil in queries.coverage.coverage_by_body()


@pytest.mark.django_db
def test_the_bureau_sees_all_bodies_and_others_their_own(cast: Cast, scanned: Database) -> None:
    settled(cast)
    actions.confirm_coverage(cast.civil_manager)
    numbers = {row.body: row for row in queries.coverage.coverage_numbers()}
    civil, hr = numbers["市民政局"], numbers["市人社局"]
    assert (civil.expected, civil.published, civil.left_out, civil.open) == (6, 5, 1, 0)
    assert civil.share_words == "100%" and civil.confirmed_by == cast.civil_manager.name
    assert (hr.open, hr.share, hr.confirmed_words) == (2, 0, "")
    page = cast.client("bureau_operator").get("/compile/coverage/bodies/").content.decode()
    assert "市民政局" in page and "100%" in page and cast.civil_manager.name in page
    file = cast.client("bureau_manager").get("/compile/coverage/bodies/?format=csv")
    assert "市人社局" in b"".join(file.streaming_content).decode()
    left = cast.client("bureau_operator").get("/compile/coverage/left-out/").content.decode()
    assert "tmp_1" in left and "临时、备份、日志" in left and "婚姻登记信息" in left
    assert cast.client("civil_operator").get("/compile/coverage/bodies/").status_code == 403
    assert (
        "tmp_1"
        not in cast.client("hr_operator").get("/compile/coverage/left-out/").content.decode()
    )
    assert cast.client("system_admin").get("/compile/coverage/").status_code == 403


@pytest.mark.django_db
def test_a_word_is_of_the_year_it_was_given_in_here(cast: Cast, monkeypatch: Any) -> None:
    """At half past midnight on New Year's Day it is still the old year in Greenwich."""
    monkeypatch.setattr(queries.coverage, "today", lambda: date(2027, 1, 1))
    signed = CoverageConfirmed(at=datetime(2026, 12, 31, 16, 30, tzinfo=UTC))
    assert queries.coverage.is_confirmed(signed)
    signed.at -= timedelta(hours=1)
    assert not queries.coverage.is_confirmed(signed)


@pytest.mark.django_db
def test_clerk_and_manager_on_the_page(cast: Cast, scanned: Database) -> None:
    clerk, manager = cast.client("civil_operator"), cast.client("civil_manager")
    assert "今年的目录覆盖情况未确认" in clerk.get("/").content.decode()
    assert "/compile/coverage/" in clerk.get("/compile/").content.decode()
    page = clerk.get("/compile/coverage/?standing=open").content.decode()
    assert "tmp_1" in page and "说明原因" in page and "marriage（婚姻）" not in page
    refused = manager.post("/compile/coverage/confirm/", follow=True).content.decode()
    assert "还有 4 项没有目录" in refused
    table = ref(cast.civil_operator, "tmp_1")
    form = clerk.get(f"/compile/coverage/leave-out/?line={table}").content.decode()
    assert "临时、备份、日志" in form and "checked" in form
    wrong = clerk.post("/compile/coverage/leave-out/", {"lines": [table], "reason": "in_entry"})
    assert wrong.status_code == 422 and "请选择包含它的目录" in wrong.content.decode()
    done = clerk.post("/compile/coverage/leave-out/", {"lines": [table], "reason": "working_table"})
    assert done.status_code == 302 and standings(cast.civil_operator)["tmp_1"] == "left_out"
    clerk.post("/compile/coverage/count-in/", {"line": table})
    assert standings(cast.civil_operator)["tmp_1"] == "missing"
    settled(cast)
    assert manager.post("/compile/coverage/confirm/").status_code == 302
    assert "确认今年应编目录没有遗漏" in manager.get("/compile/coverage/").content.decode()
    assert "今年的目录覆盖情况未确认" not in clerk.get("/").content.decode()
    assert manager.get("/compile/coverage/leave-out/").status_code == 403


@pytest.mark.django_db
def test_by_the_api_as_by_the_page(cast: Cast, scanned: Database) -> None:
    def client(key: str) -> Client:
        token = create_token(getattr(cast, key), label="测试", days=1)["token"]
        return Client(headers={"Authorization": f"Bearer {token}"})

    clerk = client("civil_operator")
    listed = clerk.get("/api/catalog/coverage?standing=missing&subject=table").json()["items"]
    assert [row["label"] for row in listed] == ["tmp_1"]
    given = {"lines": [listed[0]["ref"]], "reason": "working_table"}
    done = clerk.post("/api/do/catalog.leave_out", given, content_type="application/json")
    assert done.status_code == 200, done.content
    [row] = client("bureau_operator").get("/api/catalog/left-out").json()["items"]
    assert (row["label"], row["reason"], row["body"]) == ("tmp_1", "working_table", "市民政局")
    bodies = client("bureau_operator").get("/api/catalog/coverage/bodies").json()["items"]
    assert {"市民政局", "市人社局"} <= {body["body"] for body in bodies}
    own = clerk.get("/api/catalog/coverage/bodies").json()["items"]
    assert own == [row for row in bodies if row["body"] == "市民政局"]
    for actor in (cast.audit_admin, cast.platform_operator):
        assert queries.coverage.numbers_visible_to(actor) == []
    for name in ("standing", "subject"):
        wrong = clerk.get(f"/api/catalog/coverage?{name}=nonsense")
        assert wrong.status_code == 422 and list(wrong.json()["fields"]) == [name]
    assert clerk.get("/api/catalog/coverage?standing=").status_code == 200
