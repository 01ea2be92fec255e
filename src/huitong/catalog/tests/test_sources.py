"""Systems, databases, scans: probed before they are kept, passwords sealed, tables into drafts
(A3, A7, A13)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.db import connection
from procrastinate.jobs import Job
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from tests.cast import Cast

from huitong.catalog import actions, jobs, queries
from huitong.catalog.models import Database, Entry, Scan
from huitong.catalog.rules import ScanState, Settled
from huitong.catalog.tests.test_actions import everywhere
from huitong.cli.postgres import EmbeddedPostgres
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours

if TYPE_CHECKING:
    from conftest import Live

pytestmark = pytest.mark.django_db
NAME = "catalog_source"
TABLES = """
CREATE TABLE marriage (reg_no varchar(30) PRIMARY KEY, m_name varchar(50), m_id char(18),
                       reg_date date NOT NULL, fee numeric(8,2), kind char(1), note text);
COMMENT ON TABLE marriage IS '婚姻登记信息（虚构数据）';
COMMENT ON COLUMN marriage.reg_no IS '登记编号';
COMMENT ON COLUMN marriage.m_name IS '男方姓名';
COMMENT ON COLUMN marriage.m_id IS '男方身份证号';
COMMENT ON COLUMN marriage.reg_date IS '登记日期';
COMMENT ON COLUMN marriage.kind IS '登记类别：1结婚 2离婚';
INSERT INTO marriage VALUES ('A1', '王小明', '11010519491231002X', '2020-01-01', 9, '1', 'x');
CREATE TABLE archive_of_nothing (no int); INSERT INTO archive_of_nothing VALUES (1);
CREATE TABLE t_plain (id int, memo text);
CREATE TABLE archive (no int PRIMARY KEY, title text);
COMMENT ON TABLE archive IS '机密★20年 火星探测人员名册';
CREATE TABLE x (a int);
CREATE VIEW broken AS SELECT 1 / (no - no) AS n FROM archive_of_nothing;
CREATE TABLE odd ("  " int, a int, b int, "%s" text, "c""d" text);
COMMENT ON TABLE odd IS '秘密。这里其实只是说明';
CREATE TABLE strange ("  " int, a int, b int, "%s" text, "c""d" text);
COMMENT ON TABLE strange IS E'\u200b奇怪的表\t\n{{ x }} <b>%s';
COMMENT ON COLUMN strange.a IS '状态：1有效';
COMMENT ON COLUMN strange.b IS '状态：2无效';
CREATE VIEW hopeless AS SELECT no FROM archive_of_nothing WHERE 1 / (no - no) > 0;
CREATE TABLE parted (no int, part int, PRIMARY KEY (part, no)) PARTITION BY LIST (part);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
COMMENT ON TABLE parted IS '分区登记信息';
CREATE TABLE staff (no int PRIMARY KEY, grade text);
COMMENT ON COLUMN staff.grade IS '涉密等级之火星岗位';
"""


@pytest.fixture(scope="module")
def source(embedded_postgres: EmbeddedPostgres) -> Iterator[dict[str, Any]]:
    owner = conninfo_to_dict(embedded_postgres.owner_url)
    _as_owner(owner, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
    _as_owner(owner | {"dbname": NAME}, sql.SQL(TABLES))
    yield {
        "host": owner["host"],
        "port": int(owner["port"]),
        "dbname": NAME,
        "username": owner["user"],
        "password": owner["password"],
    }
    _as_owner(owner, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(NAME)))


def _as_owner(address: dict[str, Any], statement: sql.Composable) -> None:
    """On a connection of its own, closed at once: nobody may be in the database that others are
    copied from."""
    with psycopg.connect(**address, autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture(autouse=True)
def allowed(settings, source: dict[str, Any]) -> None:
    settings.ALLOWED_NETWORKS = [f"127.0.0.1:{source['port']}"]


def scanned(cast: Cast, database: Database) -> Scan:
    scan = actions.scan_database(cast.civil_operator, database=database.pk)
    jobs.scan(scan=scan.pk)
    return Scan.objects.get(pk=scan.pk)


def test_a_scan_whose_own_platform_database_goes_away_is_run_again_to_its_end(
    live_db: Live, cast: Cast, source: dict[str, Any]
):
    database = actions.register_database(cast.civil_operator, name="婚姻登记库", **source)
    scan = actions.scan_database(cast.civil_operator, database=database.pk)

    def cut() -> None:
        """Once the scan waits for the department's table, end every session of the platform,
        then let the table go."""
        with (
            psycopg.connect(live_db.superuser_url, autocommit=True) as server,
            psycopg.connect(holder) as department,
        ):
            department.execute("LOCK TABLE marriage IN ACCESS EXCLUSIVE MODE")
            locked.set()
            while not server.execute(
                "SELECT 1 FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'",
                [NAME],
            ).fetchone():
                time.sleep(0.01)
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid"
                " <> pg_backend_pid()",
                [live_db.name],
            )

    holder = make_conninfo(
        host=source["host"],
        port=source["port"],
        dbname=NAME,
        user=source["username"],
        password=source["password"],
    )
    locked, cutter = threading.Event(), threading.Thread(target=cut, daemon=True)
    cutter.start()
    assert locked.wait(30)
    with pytest.raises(jobs.jobs.DATABASE_GONE) as lost:
        jobs.scan(scan=scan.pk)
    cutter.join(30)
    connection.close()
    assert Scan.objects.get(pk=scan.pk).is_running, "nobody says that it failed: it is not over"
    assert jobs.scan.get_retry_exception(
        exception=lost.value,
        job=Job(id=1, lock=None, queueing_lock=None, task_name="catalog.scan", queue="default"),
    )
    jobs.scan(scan=scan.pk)
    assert Scan.objects.get(pk=scan.pk).state == ScanState.DONE


def test_a_database_is_probed_and_its_password_sealed(cast: Cast, source: dict[str, Any]):
    database = actions.register_database(cast.civil_operator, name="婚姻登记库", **source)
    assert database.server.startswith("PostgreSQL 18") and source["password"] not in database.secret
    assert queries.address_of(database).password == source["password"]
    assert not everywhere(source["password"]), "the password stands nowhere in the clear"
    assert LedgerEntry.objects.get(verb="catalog.register_database").after["password"] == ""


@pytest.mark.parametrize(
    "wrong,field,message",
    [
        ({"password": "no"}, "password", "密码"),
        ({"dbname": "nowhere"}, "dbname", "数据库不存在"),
        ({"schema_name": "nowhere"}, "schema_name", "模式"),
        ({"host": "169.254.169.254", "port": 80}, "host", "不允许"),
        ({"host": "10.1.2.3"}, "host", "不允许"),
        ({"host": "http://x/"}, "host", "不规范"),
        ({"kind": "oracle"}, "kind", "不能连接"),
    ],
)
def test_what_fails_is_said_by_field_and_nothing_is_kept(
    cast: Cast, source: dict[str, Any], wrong, field, message
):
    with pytest.raises(Malformed) as refused:
        actions.register_database(cast.civil_operator, name="婚姻登记库", **source | wrong)
    assert message in refused.value.fields[field][0] and refused.value.article == "A13"
    assert not Database.objects.exists()


def test_the_platforms_own_doors_are_no_database(cast: Cast, source: dict[str, Any], settings):
    settings.PUBLIC_URL = f"http://127.0.0.1:{source['port']}"
    with pytest.raises(Malformed) as refused:
        actions.register_database(cast.civil_operator, name="婚姻登记库", **source)
    assert "平台自身" in refused.value.fields["host"][0]


def test_a_scan_turns_tables_into_drafts(cast: Cast, source: dict[str, Any]):
    system = actions.register_system(cast.civil_operator, name="婚姻登记系统")
    database = actions.register_database(
        cast.civil_operator, name="婚姻登记库", system=system.pk, **source
    )
    scan = scanned(cast, database)
    assert (scan.state, scan.total, scan.done, scan.drafted, scan.refused) == (
        ScanState.DONE,
        11,
        11,
        8,
        3,
    )
    entry = Entry.objects.get(source_table="marriage")
    assert (entry.name, entry.draft.system, entry.body_id) == (
        "婚姻登记信息",
        system,
        cast.body("civil").pk,
    )
    items = {i.column: i for i in entry.draft.items.all()}
    assert (items["reg_no"].name, items["reg_no"].is_key, items["reg_no"].length) == (
        "登记编号",
        True,
        30,
    )
    assert (items["reg_date"].type, items["fee"].type, items["note"].type) == ("D", "N", "M")
    assert (items["kind"].name, items["kind"].remark) == ("登记类别", "1结婚 2离婚")
    assert items["fee"].name == "fee", (
        "a column without comment keeps its own name until a clerk names it"
    )


def test_what_is_odd_in_a_database_does_not_end_the_scan(cast: Cast, source: dict[str, Any]):
    scan = scanned(
        cast, actions.register_database(cast.civil_operator, name="婚姻登记库", **source)
    )
    by_table = {t["table"]: t for t in scan.tables}
    assert scan.state == ScanState.DONE and "odd" not in by_table, (
        "what reads as a marking once its comment is cut is refused, not a failure"
    )
    assert by_table["hopeless"]["rows"] == -1 and by_table["hopeless"]["entry"]
    assert by_table["marriage"]["comment"].startswith("婚姻登记信息") and "parted_1" not in by_table
    strange = Entry.objects.get(source_table="strange")
    assert [i.name for i in strange.draft.items.all()] == [
        "第1列",
        "状态(1)",
        "状态(2)",
        "%s",
        'c"d',
    ]
    assert [i.remark for i in strange.draft.items.all()][1:3] == ["1有效", "2无效"], (
        "what a comment explains is kept, whatever the item is called"
    )
    assert {
        i.column for i in Entry.objects.get(source_table="parted").draft.items.filter(is_key=True)
    } == {"no", "part"}
    page = cast.client("civil_operator").get(f"/compile/sources/scans/{scan.pk}/").content.decode()
    assert "婚姻登记信息（虚构数据）" in page and "&lt;b&gt;%s" in page


def test_a_password_that_can_no_longer_be_read_is_said_so_where_it_is_needed(
    cast: Cast, source: dict[str, Any]
):
    database = actions.register_database(cast.civil_operator, name="婚姻登记库", **source)
    with writing("test"):
        Database.objects.filter(pk=database.pk).update(dbname="moved")
    with pytest.raises(Malformed) as wrong:
        actions.probe_database(cast.civil_operator, database=database.pk)
    assert "更换密码" in wrong.value.fields["database"][0]


def test_personal_columns_are_suggested_with_a_reason_and_never_applied(
    cast: Cast, source: dict[str, Any]
):
    scanned(cast, actions.register_database(cast.civil_operator, name="婚姻登记库", **source))
    number = Entry.objects.get(source_table="marriage").draft.items.get(column="m_id")
    assert number.suggestion["kind"] == "citizen_number" and "校验码" in number.suggestion["reason"]
    assert (number.mask, number.level, number.share_class) == ("blank", "4", "3"), (
        "at its strictest until a person says more"
    )
    assert queries.facts_of(number.version).recognised[0][2] is Settled.OPEN
    assert not everywhere("11010519491231002X"), "sampled values are recognized and forgotten"


def test_tables_marked_classified_leave_nothing_but_their_count(cast: Cast, source: dict[str, Any]):
    scan = scanned(
        cast, actions.register_database(cast.civil_operator, name="婚姻登记库", **source)
    )
    assert (
        scan.refused == 3
        and not everywhere("火星")
        and not everywhere("title text")
        and not everywhere("探测")
        and not everywhere("staff")
    )


def test_scanning_again_or_after_a_crash_makes_no_second_draft(cast: Cast, source: dict[str, Any]):
    database = actions.register_database(cast.civil_operator, name="婚姻登记库", **source)
    scan = actions.scan_database(cast.civil_operator, database=database.pk)
    actions.begin_scan(cast.system, scan=scan.pk, total=11)  # the worker died here
    actions.draft(
        cast.civil_operator,
        name="婚姻登记信息",
        database=database.pk,
        source_schema="public",
        source_table="marriage",
    )
    jobs.scan(scan=scan.pk)
    assert Entry.objects.count() == 8 and Scan.objects.get().done == 11
    jobs.scan(scan=scan.pk)  # delivered twice
    assert Entry.objects.count() == 8
    again = scanned(cast, database)
    assert Entry.objects.count() == 8 and {t["said"] for t in again.tables} == {"已有目录"}


def test_one_scan_at_a_time_and_of_sources_only(cast: Cast, source: dict[str, Any]):
    database = actions.register_database(cast.civil_operator, name="婚姻登记库", **source)
    actions.scan_database(cast.civil_operator, database=database.pk)
    with pytest.raises(AgainstRules):
        actions.scan_database(cast.civil_operator, database=database.pk)
    front = actions.register_database(cast.civil_operator, name="前置库", role="target", **source)
    with pytest.raises(AgainstRules):
        actions.scan_database(cast.civil_operator, database=front.pk)


def test_a_scan_that_cannot_connect_says_why(cast: Cast, source: dict[str, Any], settings):
    database = actions.register_database(cast.civil_operator, name="婚姻登记库", **source)
    scan = actions.scan_database(cast.civil_operator, database=database.pk)
    settings.ALLOWED_NETWORKS = []
    jobs.scan(scan=scan.pk)
    scan.refresh_from_db()
    assert scan.state == ScanState.FAILED and "不允许" in scan.error


def test_a_scan_by_somebody_who_may_no_more_ends_with_the_reason_and_leaves_the_way_free(
    cast: Cast, source: dict[str, Any]
):
    from huitong.organizations.models import Posting

    database = actions.register_database(cast.civil_operator, name="婚姻登记库", **source)
    scan = actions.scan_database(cast.civil_operator, database=database.pk)
    with writing("test"):
        Posting.objects.filter(person=cast.person("civil_operator")).delete()
    jobs.scan(scan=scan.pk)
    scan.refresh_from_db()
    assert scan.state == ScanState.FAILED and scan.error and not Entry.objects.exists()


def test_a_scan_broken_by_a_fault_of_ours_is_closed_before_the_fault_goes_on(
    cast: Cast, source: dict[str, Any], monkeypatch
):
    database = actions.register_database(cast.civil_operator, name="婚姻登记库", **source)
    scan = actions.scan_database(cast.civil_operator, database=database.pk)
    with monkeypatch.context() as broken:
        broken.setattr(jobs, "propose", lambda *a: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            jobs.scan(scan=scan.pk)
    scan.refresh_from_db()
    assert scan.state == ScanState.FAILED and "平台内部出错" in scan.error
    assert scanned(cast, database).state == ScanState.DONE


def test_sources_are_a_bodys_own(cast: Cast, source: dict[str, Any]):
    database = actions.register_database(cast.civil_operator, name="婚姻登记库", **source)
    assert queries.database_for(cast.civil_manager, database.pk) == database
    for actor in (
        cast.hr_operator,
        cast.bureau_operator,
        cast.platform_operator,
        cast.system_admin,
    ):
        with pytest.raises((NotVisible, NotYours)):
            actions.scan_database(actor, database=database.pk)
        assert not queries.databases_visible_to(actor).exists()
    for actor in (cast.civil_manager, cast.system_admin):
        with pytest.raises(NotYours):
            actions.register_system(actor, name="系统")
    with pytest.raises(NotYours):
        actions.begin_scan(cast.civil_operator, scan=1, total=1)


def test_an_address_that_is_changed_does_not_carry_the_old_password_along(
    cast: Cast, source: dict[str, Any]
):
    from huitong.kernel import vault

    database = actions.register_database(cast.civil_operator, name="婚姻登记库", **source)
    database.host = "10.9.9.9"
    with pytest.raises(vault.Unreadable):
        queries.address_of(database)
