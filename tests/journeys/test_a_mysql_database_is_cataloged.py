"""A department whose system runs on MariaDB catalogs it: by page, by API, by command; what cannot
be handed out from there yet is said with the way round it (A7, A13)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.cast import Cast
from tests.journeys.doors import Api, Command, Page
from tests.servers import MariaDB

from huitong.catalog import jobs
from huitong.catalog.models import Database, Entry, Scan
from huitong.catalog.rules import ScanState, ShareMode
from huitong.catalog.tests.marriage import published
from huitong.kernel.ledger import writing
from huitong.scope.identifiers import make_citizen_number

pytestmark = pytest.mark.django_db
NAME = "civil_old"
TABLES = """
CREATE TABLE marriage (id bigint unsigned AUTO_INCREMENT PRIMARY KEY COMMENT '登记编号',
  m_name varchar(50) COMMENT '男方姓名', m_id char(18), fee decimal(8,2),
  valid tinyint(1) COMMENT '有效') COMMENT '婚姻登记信息（虚构数据）';
INSERT INTO marriage (m_name, m_id, fee, valid) VALUES ('王小明', '{}', 9, 1), ('李小红', '{}', 9, 0);
CREATE TABLE archive (no int PRIMARY KEY) COMMENT '机密★20年 火星探测人员名册';
"""


@pytest.fixture(scope="module")
def source(mariadb: MariaDB) -> Iterator[dict[str, Any]]:
    from random import Random

    invented = [make_citizen_number(Random(n)) for n in (1, 2)]
    with mariadb.root() as root:
        root.execute(f"CREATE DATABASE {NAME} CHARACTER SET gbk")
        root.execute(f"USE {NAME}")
        for statement in TABLES.format(*invented).split(";\n"):
            if statement.strip():
                root.execute(statement)
        root.execute("CREATE USER old_reader@'%' IDENTIFIED BY 'Str0ng!'")
        root.execute(f"GRANT SELECT ON {NAME}.* TO old_reader@'%'")
        yield {
            "host": "127.0.0.1",
            "port": mariadb.port,
            "dbname": NAME,
            "username": "old_reader",
            "password": "Str0ng!",
            "kind": "mysql",
        }
        root.execute("DROP USER old_reader@'%'")
        root.execute(f"DROP DATABASE {NAME}")


@pytest.fixture(autouse=True)
def allowed(settings: Any, source: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ALLOWED_NETWORKS = [f"127.0.0.1:{source['port']}"]
    # the command starts no database of its own
    monkeypatch.setenv("DATABASE_URL", "postgresql://given-by-the-test")


@pytest.mark.parametrize("name", ["page", "api", "cli"])
def test_its_tables_become_drafts(
    cast: Cast, source: dict[str, Any], name: str, capsys: Any
) -> None:
    door = {"page": Page, "api": Api}.get(name, lambda c: Command(c, capsys))(cast)
    refused = door.do(
        "civil_operator", "catalog.register_database", name="老库", **source | {"password": "no"}
    )
    assert refused == 422 and "密码不正确" in door.text
    if name == "page":
        assert f"GRANT SELECT ON `{NAME.replace('_', chr(92) + '_')}`.*" in door.text
    wrong = {"role": "target"}
    assert (
        door.do("civil_operator", "catalog.register_database", name="老库", **source | wrong) == 422
    )
    assert "PostgreSQL 数据库作为接收数据的前置库" in door.text
    assert door.do("civil_operator", "catalog.register_database", name="老库", **source) == 200
    database = Database.objects.get()
    assert (database.schema, database.port) == (NAME, source["port"])
    assert database.server.startswith("MySQL / MariaDB 10.")
    assert door.do("civil_operator", "catalog.scan_database", database=database.pk) == 200
    scan = Scan.objects.get()
    jobs.scan(scan=scan.pk)
    scan.refresh_from_db()
    assert (scan.state, scan.error, scan.refused) == (ScanState.DONE, "", 1)
    entry = Entry.objects.get(source_table="marriage")
    assert (entry.name, entry.source_schema) == ("婚姻登记信息", NAME)
    items = {i.column: i for i in entry.draft.items.all()}
    assert [(i.type, i.length) for i in items.values()] == [
        *(("I", None), ("C", 50), ("C", 18), ("N", 8), ("L", None))
    ]
    assert items["id"].is_key and items["m_id"].suggestion["kind"] == "citizen_number"
    jobs.scan(scan=scan.pk)
    assert Entry.objects.filter(source_table="marriage").count() == 1


@pytest.mark.parametrize("name", ["api", "cli"])
def test_what_is_only_scanned_is_not_mounted_and_why_is_said(
    cast: Cast, source: dict[str, Any], name: str, capsys: Any
) -> None:
    door = Api(cast) if name == "api" else Command(cast, capsys)
    assert door.do("civil_operator", "catalog.register_database", name="老库", **source) == 200
    database = Database.objects.get()
    entry = published(cast.civil_operator, cast.civil_manager, cast.bureau_operator)
    for verb in ("mount_table", "mount_api"):
        given = {"entry": entry.pk, "database": database.pk, "responsible": "周建国"}
        assert door.do("civil_operator", f"publishing.{verb}", **given, table="marriage") == 422
        assert "挂接为文件" in door.text and "PostgreSQL 前置库" in door.text
    page = cast.client("civil_operator").get(f"/mounts/new/{entry.pk}/table/")
    assert "老库（只能扫描编目，不能挂接）" in page.content.decode()


def test_a_form_on_a_scanned_table_does_not_begin_with_a_mode_it_cannot_have(
    cast: Cast, source: dict[str, Any]
) -> None:
    from huitong.catalog import actions, queries

    database = actions.register_database(cast.civil_operator, name="老库", **source)
    entry = actions.draft(
        cast.civil_operator,
        name="婚姻登记信息",
        database=database.pk,
        source_schema=NAME,
        source_table="marriage",
    )
    assert "share_modes" not in queries.sharing_proposed(entry.draft)
    with writing("test"):
        Database.objects.update(kind="postgresql")
    entry = Entry.objects.get()
    assert queries.sharing_proposed(entry.draft)["share_modes"] == [ShareMode.TABLE]


def test_its_account_is_nowhere_to_be_read(cast: Cast, source: dict[str, Any]) -> None:
    from huitong.catalog import actions

    actions.register_database(cast.civil_operator, name="老库", **source)
    door = Api(cast)
    door._status(door._client("civil_operator").get("/api/catalog/databases"))
    assert '"kind": "mysql"' in door.text
    assert source["password"] not in door.text
