"""What changes in a source table after it was cataloged is seen, said and settled by people (A7,
A11)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from django.test import Client
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from tests.cast import Cast

from huitong import reactions
from huitong.catalog import actions, jobs, queries
from huitong.catalog.models import Database, Drift, Entry, Scan
from huitong.catalog.rules import EntryState
from huitong.catalog.rules.drift import DriftState
from huitong.catalog.rules.looks import LookCycle
from huitong.catalog.tests.marriage import published
from huitong.cli import main
from huitong.cli.postgres import EmbeddedPostgres
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours
from huitong.kernel.workdays import today
from huitong.organizations.actions import create_token
from huitong.work.models import Notice

NAME = "catalog_drifting"
BEGIN = """
DROP SCHEMA public CASCADE; CREATE SCHEMA public;
CREATE TABLE marriage (reg_no varchar(30) PRIMARY KEY, m_name varchar(50), m_id char(18),
                       reg_date date, office text);
COMMENT ON TABLE marriage IS '婚姻登记信息'; COMMENT ON COLUMN marriage.reg_no IS '登记编号';
INSERT INTO marriage VALUES ('A1'); ANALYZE marriage;
CREATE TABLE other (no int PRIMARY KEY); COMMENT ON TABLE other IS '其他登记';
"""
CHANGE = """
ALTER TABLE marriage DROP COLUMN m_id, ADD COLUMN w_name varchar(50),
  ALTER COLUMN office TYPE varchar(80);
COMMENT ON COLUMN marriage.w_name IS '女方姓名'; COMMENT ON COLUMN marriage.reg_no IS '登记号';
DELETE FROM marriage; VACUUM ANALYZE marriage; DROP TABLE other;
"""
ALL = {
    ("column_missing", "m_id"),
    ("column_new", "w_name"),
    ("type_changed", "office"),
    ("comment_changed", "reg_no"),
    ("emptied", ""),
}


@pytest.fixture(scope="module")
def server(embedded_postgres: EmbeddedPostgres) -> Iterator[dict[str, Any]]:
    owner = conninfo_to_dict(embedded_postgres.owner_url)
    for statement in ("CREATE DATABASE {}",):
        with psycopg.connect(**owner, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(NAME)))
    yield owner | {"dbname": NAME}
    with psycopg.connect(**owner, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(NAME)))


def run(server: dict[str, Any], script: str) -> None:
    with psycopg.connect(**server, autocommit=True) as connection:
        for statement in script.split(";"):
            if statement.strip():
                connection.execute(statement.encode())


@pytest.fixture
def source(
    cast: Cast, server: dict[str, Any], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Database:
    settings.ALLOWED_NETWORKS = [f"127.0.0.1:{server['port']}"]
    monkeypatch.setenv("DATABASE_URL", "postgresql://given-by-the-test")
    run(server, BEGIN)
    return actions.register_database(
        cast.civil_operator,
        name="婚姻登记库",
        host=server["host"],
        port=int(server["port"]),
        dbname=NAME,
        username=server["user"],
        password=server["password"],
    )


def look(cast: Cast, source: Database) -> Scan:
    scan = actions.scan_database(cast.civil_operator, database=source.pk)
    jobs.scan(scan=scan.pk)
    scan.refresh_from_db()
    assert scan.state == "done", scan.error
    return scan


def open_of(entry: Entry) -> set[tuple[str, str]]:
    return {(d.kind, d.column) for d in queries.open_drifts(entry)}


def columns_of(entry: Entry) -> list[str]:
    return [i.column for i in entry.draft.items.order_by("position")]


@pytest.mark.django_db
def test_a_draft_shows_what_changed_and_takes_over_what_is_chosen(
    cast: Cast, source: Database, server: dict[str, Any]
) -> None:
    look(cast, source)
    entry = Entry.objects.get(source_table="marriage")
    assert look(cast, source) and not Drift.objects.exists(), "nothing changed, nothing is said"
    run(server, CHANGE)
    scan = look(cast, source)
    assert open_of(entry) == ALL
    assert open_of(Entry.objects.get(source_table="other")) == {("table_missing", "")}
    assert not Drift.objects.filter(breaks=True).exists(), "a draft promises nothing"
    assert columns_of(entry)[2] == "m_id", "never by itself"

    client = cast.client("civil_operator")
    page = client.get(f"/compile/sources/scans/{scan.pk}/").content.decode()
    assert "5 处变化" in page and "1 个目录的来源表" in page
    page = client.get(f"/compile/{entry.pk}/").content.decode()
    assert "来源表的变化" in page and "w_name" in page and "带入草稿" in page
    chosen = list(
        entry.drifts.filter(column__in=["m_id", "w_name", "office"]).values_list("pk", flat=True)
    )
    client.post(f"/compile/{entry.pk}/drift/", {"drift": chosen, "how": "adopt"})
    assert columns_of(entry) == ["reg_no", "m_name", "reg_date", "office", "w_name"]
    new = entry.draft.items.get(column="w_name")
    assert (new.name, new.mask, new.level, new.suggestion["kind"]) == (
        "女方姓名",
        "blank",
        "4",
        "name",
    )
    assert entry.draft.items.get(column="office").column_type == "character varying(80)"
    assert open_of(entry) == {("comment_changed", "reg_no"), ("emptied", "")}
    for odd in ("9" * 5000, "9" * 18, "x", ""):
        answer = client.post(f"/compile/{entry.pk}/drift/", {"drift": odd, "how": "dismiss"})
        assert answer.status_code in (302, 404, 422), odd
    assert len(queries.open_drifts(entry)) == 2
    rest = [d.pk for d in queries.open_drifts(entry)]
    client.post(f"/compile/{entry.pk}/drift/", {"drift": rest, "how": "dismiss"})
    look(cast, source)
    assert not open_of(entry), "what is settled is not said again"
    assert set(entry.drifts.values_list("state", flat=True)) == {"adopted", "dismissed"}


@pytest.mark.django_db
def test_what_comes_back_passes_by_itself_and_what_goes_again_is_said_again(
    cast: Cast, source: Database, server: dict[str, Any]
) -> None:
    look(cast, source)
    entry = Entry.objects.get(source_table="marriage")
    run(server, "ALTER TABLE marriage RENAME TO elsewhere")
    look(cast, source)
    assert open_of(entry) == {("table_missing", "")}
    before = LedgerEntry.objects.filter(verb="catalog.compare_table").count()
    look(cast, source)
    after = LedgerEntry.objects.filter(verb="catalog.compare_table").count()
    assert after == before, "the same twice is written once"
    run(server, "ALTER TABLE elsewhere RENAME TO marriage")
    look(cast, source)
    assert not open_of(entry) and entry.drifts.get().state == DriftState.PASSED
    run(server, "ALTER TABLE marriage RENAME TO elsewhere")
    look(cast, source)
    actions.dismiss_drifts(cast.civil_operator, entry=entry.pk)
    look(cast, source)
    assert not open_of(entry), "dismissed it stays so"
    run(server, "ALTER TABLE elsewhere RENAME TO marriage")
    look(cast, source)
    run(server, "ALTER TABLE marriage RENAME TO elsewhere")
    look(cast, source)
    assert open_of(entry) == {("table_missing", "")}, "until it was there again"
    run(server, "ALTER TABLE elsewhere RENAME TO marriage")
    run(server, "ALTER TABLE marriage ALTER office TYPE char(9)")
    look(cast, source)
    run(server, "ALTER TABLE marriage ALTER office TYPE char(8)")
    look(cast, source)
    assert [d.after for d in queries.open_drifts(entry)] == ["character(8)"]


@pytest.mark.django_db
@pytest.mark.parametrize("door", ["api", "cli"])
def test_a_published_entry_that_breaks_warns_its_operators_and_is_mended_by_a_next_version(
    cast: Cast, source: Database, server: dict[str, Any], door: str, capsys: Any
) -> None:
    entry = published(cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    with writing("test"):
        Entry.objects.filter(pk=entry.pk).update(
            database=source, source_schema="public", source_table="marriage"
        )
    look(cast, source)
    run(server, CHANGE)
    scan = look(cast, source)
    broken = Drift.objects.get(breaks=True)
    assert (broken.kind, broken.column) == ("column_missing", "m_id")
    finished = LedgerEntry.objects.filter(verb="catalog.finish_scan").latest("seq")
    assert finished.object_id == str(scan.pk)
    assert reactions.tell_of_broken_sources.applies(finished, None)
    reactions.react(entry=finished.seq, reaction="tell_of_broken_sources", act="x")
    notice = Notice.objects.get(title__contains="来源表")
    assert notice.person_id == cast.person("civil_operator").pk
    assert entry.name in notice.text and "m_id" in notice.text

    home = cast.client("civil_operator").get("/").content.decode()
    assert "来源变化影响已发布的目录" in home
    assert "来源变化影响" not in cast.client("housing_operator").get("/").content.decode()
    only = cast.client("civil_operator").get("/compile/sources/drifts/", {"breaks": "on"})
    assert "m_id" in only.content.decode() and "w_name" not in only.content.decode()
    token = create_token(cast.civil_operator, label="测试", days=1)["token"]
    client = Client(headers={"Authorization": f"Bearer {token}"})
    listed = client.get(f"/api/catalog/drifts?state=open&limit=1&entry={entry.pk}").json()
    assert listed["count"] == len(ALL) and len(listed["items"]) == 1
    if door == "api":
        answer = client.post(
            "/api/do/catalog.adopt_drifts", {"entry": entry.pk}, content_type="application/json"
        )
        assert answer.status_code == 200, answer.content
    else:
        words = ["do", "catalog.adopt_drifts", "--as", "civil_operator", f"--entry={entry.pk}"]
        assert main(words) == 0, capsys.readouterr()
    own = Entry.objects.get(pk=entry.pk)
    assert own.draft.state is EntryState.DRAFT and own.latest_id != own.current_id
    assert "m_id" not in columns_of(own) and "w_name" in columns_of(own)
    assert "m_id" in [i.column for i in own.published.items.all()], "published is frozen"
    with pytest.raises(AgainstRules, match="可以带入"):
        actions.adopt_drifts(cast.civil_operator, entry=entry.pk)


@pytest.mark.django_db
def test_changes_are_a_bodys_own_listed_filtered_and_exported(
    cast: Cast, source: Database, server: dict[str, Any]
) -> None:
    look(cast, source)
    run(server, CHANGE)
    look(cast, source)
    entry = Entry.objects.get(source_table="marriage")
    client = cast.client("civil_operator")
    address = "/compile/sources/drifts/"
    page = client.get(address).content.decode()
    assert "列已不存在" in page and "表已不存在" in page
    page = client.get(address, {"kind": "column_new", "state": "open"}).content.decode()
    assert "w_name" in page and "m_id" not in page
    sheet = client.get(address, {"format": "csv", "state": "open"})
    assert "w_name" in b"".join(sheet.streaming_content).decode("utf-8-sig")
    drift = entry.drifts.first()
    for who in ("housing_operator", "bureau_operator"):
        assert "w_name" not in cast.client(who).get(address).content.decode()
        with pytest.raises((NotVisible, NotYours)):
            actions.dismiss_drifts(getattr(cast, who), entry=entry.pk, drifts=[drift.pk])
    other = Entry.objects.get(source_table="other").drifts.get()
    with pytest.raises(NotVisible):
        actions.dismiss_drifts(cast.civil_operator, entry=entry.pk, drifts=[other.pk])
    with pytest.raises(AgainstRules, match="带入"):
        actions.adopt_drifts(cast.civil_operator, entry=other.entry_id)


# -- looked at regularly ---------------------------------------------------------------------------


def nightly(source: Database, day: date) -> list[Scan]:
    """What the job of a night does to this source, whose day it is."""
    with writing("test"):
        Database.objects.filter(pk=source.pk).update(look_on=day)
    before = set(Scan.objects.values_list("pk", flat=True))
    jobs.look()
    scans = list(Scan.objects.exclude(pk__in=before))
    for scan in scans:
        jobs.scan(scan=scan.pk)
        scan.refresh_from_db()
    return scans


def notices_of(scan: Scan) -> list[str]:
    finished = LedgerEntry.objects.get(verb="catalog.finish_scan", object_id=str(scan.pk))
    reactions.react(entry=finished.seq, reaction="tell_of_a_look", act=f"look{scan.pk}")
    return list(Notice.objects.filter(act=f"look{scan.pk}").values_list("title", flat=True))


@pytest.mark.django_db
def test_a_source_is_looked_at_monthly_compared_only_and_its_clerks_are_told(
    cast: Cast, source: Database, server: dict[str, Any]
) -> None:
    assert (source.look_cycle, source.look_on) == (LookCycle.MONTH, source.look_first)
    look(cast, source)
    assert nightly(source, today() + timedelta(1)) == [], "not yet"
    [quiet] = nightly(source, today())
    assert quiet.state == "done" and notices_of(quiet) == []
    run(server, CHANGE + "CREATE TABLE fresh (no int);")
    [scan] = nightly(source, today())
    assert (scan.state, scan.asked_by) == ("done", None)
    assert open_of(Entry.objects.get(source_table="marriage")) == ALL
    assert not Entry.objects.filter(source_table="fresh").exists(), "no draft is made"
    assert {t["table"]: t["said"] for t in scan.tables}["fresh"] == "没有目录"
    assert notices_of(scan) == ["来源表有 6 处变化：婚姻登记库"]
    begun = LedgerEntry.objects.filter(verb="catalog.look_at_database").latest("seq")
    source.refresh_from_db()
    assert begun.after["look_on"] == str(source.look_on) > str(today())
    [again] = nightly(source, today())
    assert notices_of(again) == [], "the same is told once"
    page = cast.client("civil_operator").get(f"/compile/sources/scans/{scan.pk}/")
    assert "定期核对" in page.content.decode() and "没有目录" in page.content.decode()


@pytest.mark.django_db
def test_a_look_that_fails_says_why_and_one_being_scanned_waits(
    cast: Cast, source: Database, server: dict[str, Any]
) -> None:
    running = actions.scan_database(cast.civil_operator, database=source.pk)
    assert nightly(source, today()) == []
    source.refresh_from_db()
    assert source.look_on == today(), "the next night"
    jobs.scan(scan=running.pk)
    with writing("test"):
        Database.objects.filter(pk=source.pk).update(dbname="gone")
    [scan] = nightly(source, today())
    assert scan.state == "failed" and notices_of(scan) == ["定期核对没有成功：婚姻登记库"]
    assert "没有应答的数据库" in cast.client("civil_operator").get("/").content.decode()


@pytest.mark.django_db
def test_a_clerk_plans_the_looks_of_their_own_sources(cast: Cast, source: Database) -> None:
    client, day = cast.client("civil_operator"), today() + timedelta(3)
    page = client.get("/compile/sources/").content.decode()
    assert f"每月，下次 {source.look_on}" in page
    form = f"/do/catalog.plan_looks/?database={source.pk}"
    assert form in page.replace("&amp;", "&")
    given = {"database": source.pk, "look_cycle": "quarter", "first_on": str(day)}
    assert client.post(form, given).status_code == 302
    assert f"每季度，下次 {day}" in client.get("/compile/sources/").content.decode()
    with pytest.raises(Malformed, match="不能早于今天"):
        actions.plan_looks(
            cast.civil_operator, database=source.pk, look_cycle="month", first_on=date(2026, 1, 1)
        )
    with pytest.raises(NotVisible):
        actions.plan_looks(cast.hr_operator, database=source.pk, look_cycle="off")
    actions.plan_looks(cast.civil_operator, database=source.pk, look_cycle="off")
    jobs.look()
    assert not Scan.objects.exists()
    with writing("test"):
        Database.objects.filter(pk=source.pk).update(secret="")
    with pytest.raises(Malformed, match="没有保存密码"):
        actions.plan_looks(cast.civil_operator, database=source.pk, look_cycle="month")
    assert nightly(source, today()) == [], "without a password nobody knocks"
