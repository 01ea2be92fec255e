"""Scanning, sampling and probing a real MariaDB; every failure has its name; a hostile server gets
nothing and costs little."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from tests.servers import MariaDB

from huitong.connectors import (
    CAPABILITIES,
    ConnectorProblem,
    DatabaseAddress,
    Guard,
    Reader,
    connect,
    grant_reading_sql,
    mysql,
    probe,
    reading,
    tables,
)
from huitong.connectors.mysql_scanning import item_type_of
from huitong.scope import ItemType

#: a database as they are: comments in Chinese, names nobody should give
NAME = 'civil`%"_'
BACKSLASH = r"\\\1"
SETUP = """
CREATE TABLE marriage (
  id bigint unsigned AUTO_INCREMENT PRIMARY KEY COMMENT '登记流水号',
  name varchar(64) NOT NULL COMMENT '姓名', id_no char(18), born date,
  fee decimal(10,2) unsigned, valid tinyint(1) NOT NULL, code int(6) zerofill,
  kind enum('结婚','离''婚') COMMENT '类别：结婚、离婚', tags set('a','b'), flags bit(3), made datetime(3),
  born_in year, doc json, place point, photo mediumblob, note longtext,
  since int AS (year(born)) VIRTUAL COMMENT '出生年'
) COMMENT '婚姻登记';
INSERT INTO marriage
  (name, id_no, born, fee, valid, code, kind, tags, flags, made, born_in, doc, photo, note)
VALUES ('张三', '11010519491231002X', '1949-12-31', 9.5, 1, 12, '结婚', 'a,b', b'101',
        '2020-02-19 08:00', 1949, '{"a": 1}', x'00ff', repeat('长', 500));
CREATE TABLE pairs (a int NOT NULL, b varchar(9) NOT NULL, c int, d text NOT NULL,
  UNIQUE KEY u_c (c), UNIQUE KEY u_ba (b, a), UNIQUE KEY u_d (d(5)));
CREATE TABLE parted (no int, part int, PRIMARY KEY (part, no))
  PARTITION BY HASH (part) PARTITIONS 4;
CREATE VIEW named AS SELECT id, name FROM marriage;
CREATE TABLE gone (x int);
CREATE VIEW broken AS SELECT x FROM gone;
DROP TABLE gone;
CREATE VIEW endless AS SELECT a.valid FROM marriage a WHERE sleep(600) = 0;
CREATE TABLE `婚``姻 %s "表"` (`字段 %` int, `a``b` int COMMENT '一''二');
CREATE TABLE hidden (a int, b int);
"""


COLUMNS = [
    "id",
    "name",
    "id_no",
    "born",
    "fee",
    "code",
    "kind",
    "tags",
    "flags",
    "born_in",
    "place",
    "photo",
    "note",
]


@pytest.fixture(scope="module")
def address(mariadb: MariaDB) -> Iterator[DatabaseAddress]:
    quoted = NAME.replace("`", "``")
    with mariadb.root() as root:
        root.execute(f"CREATE DATABASE `{quoted}` CHARACTER SET utf8mb4")
        root.execute(f"USE `{quoted}`")
        for statement in SETUP.split(";\n"):
            if statement.strip():
                root.execute(statement)
        account = DatabaseAddress(
            "127.0.0.1", NAME, "读者'x", "密码'Str0ng!", port=mariadb.port, kind="mysql"
        )
        root.execute("CREATE USER '读者''x'@'%' IDENTIFIED BY '密码''Str0ng!'")
        root.execute(f"GRANT SELECT ON `{re.sub('([_%])', BACKSLASH, quoted)}`.* TO '读者''x'@'%'")
        root.execute("CREATE USER part@'%' IDENTIFIED BY 'p'")
        root.execute(f"GRANT SELECT (a), INSERT (b) ON `{quoted}`.hidden TO part@'%'")
        root.execute(f"GRANT INSERT ON `{quoted}`.pairs TO part@'%'")
        yield account
        root.execute("DROP USER '读者''x'@'%', part@'%'")
        root.execute(f"DROP DATABASE `{quoted}`")


def guard_for(address: DatabaseAddress) -> Guard:
    return Guard.of([f"127.0.0.1:{address.port}"], resolve=lambda *_: ["127.0.0.1"])


@contextmanager
def opened(address: DatabaseAddress, **more: Any) -> Iterator[Reader]:
    with reading(address, guard=guard_for(address), **more) as reader:
        yield reader


def test_it_scans_tables_with_comments_types_and_keys(
    address: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "COUNT_S", 1)
    with opened(address, statement_s=60) as reader:
        by_name = {t.name: t for t in reader.scan(NAME)}
        assert reader.scan("ghost") == []
    marriage = by_name["marriage"]
    assert (
        *(marriage.kind, marriage.comment, marriage.rows_estimate, marriage.key),
        *(marriage.schema, marriage.readable),
    ) == ("table", "婚姻登记", 1, ("id",), NAME, True)
    assert [
        (c.name, c.type, c.length, c.nullable, c.comment, str(c.item_type))
        for c in marriage.columns
    ] == [
        ("id", "bigint(20) unsigned", 0, False, "登记流水号", "I"),
        ("name", "varchar(64)", 64, False, "姓名", "C"),
        ("id_no", "char(18)", 18, True, "", "C"),
        ("born", "date", 0, True, "", "D"),
        ("fee", "decimal(10,2) unsigned", 10, True, "", "N"),
        ("valid", "tinyint(1)", 0, False, "", "L"),
        ("code", "int(6) unsigned zerofill", 0, True, "", "C"),
        ("kind", "enum('结婚','离''婚')", 3, True, "类别：结婚、离婚", "C"),
        ("tags", "set('a','b')", 3, True, "", "C"),
        ("flags", "bit(3)", 0, True, "", "G"),
        ("made", "datetime(3)", 0, True, "", "T"),
        ("born_in", "year(4)", 0, True, "", "I"),
        ("doc", "longtext", 0, True, "", "M"),
        ("place", "point", 0, True, "", "G"),
        ("photo", "mediumblob", 0, True, "", "G"),
        ("note", "longtext", 0, True, "", "M"),
        ("since", "int(11)", 0, True, "出生年", "I"),
    ]
    assert [c.name for c in marriage.columns if c.primary_key] == ["id"]
    assert by_name["pairs"].key == ("b", "a"), (
        "neither one with NULLs nor one of beginnings will do"
    )
    assert by_name["parted"].key == ("part", "no") and by_name["parted"].rows_estimate == 0
    assert (by_name["named"].kind, by_name["named"].comment, by_name["named"].rows_estimate) == (
        "view",
        "",
        1,
    )
    assert by_name["endless"].rows_estimate == -1 and by_name["broken"].rows_estimate == -1
    odd = by_name['婚`姻 %s "表"']
    assert [(c.name, c.comment) for c in odd.columns] == [("字段 %", ""), ("a`b", "一'二")]


def test_samples_are_short_text_whatever_the_type(address: DatabaseAddress) -> None:
    with opened(address) as reader:
        (row,) = reader.samples(NAME, "marriage", COLUMNS, 3)
        assert reader.samples(NAME, '婚`姻 %s "表"', ["字段 %", "a`b"]) == []
        with pytest.raises(ConnectorProblem) as wrong:
            reader.samples(NAME, "marriage", ["no"])
        assert wrong.value.code == "no_such_table" and not reader.closed
    assert (row["id"], row["name"], row["fee"], row["note"]) == ("1", "张三", "9.50", "长" * 200)
    assert (row["kind"], row["tags"], row["code"], row["born"]) == (
        "结婚",
        "a,b",
        "000012",
        "1949-12-31",
    )
    assert (row["flags"], row["photo"], row["place"], row["born_in"]) == ("5", "00FF", None, "1949")


def test_what_the_account_may_not_read_is_seen_as_that(address: DatabaseAddress) -> None:
    part = replace(address, user="part", password="p")
    with opened(part) as reader:
        hidden, pairs = reader.scan(NAME)
    assert [(c.name, c.readable) for c in hidden.columns] == [("a", True), ("b", False)]
    assert [c.name for c in hidden.granted.columns] == ["a"]
    assert not pairs.readable and pairs.rows_estimate == -1


def test_sessions_are_read_only_limited_and_our_own(
    address: DatabaseAddress, mariadb: MariaDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither an option file nor a default of the server gets between."""
    monkeypatch.setenv("MYSQL_HOST", "10.255.255.1")
    monkeypatch.setenv("MYSQL_TCP_PORT", "1")
    admin = replace(address, user="root", password="")
    with mysql.connect(admin, guard=guard_for(address), statement_s=1) as session:
        for statement in ("CREATE TABLE mine (id int)", "DELETE FROM pairs"):
            with pytest.raises(ConnectorProblem) as refused:
                list(session.rows(statement))
            assert refused.value.code == "read_only"
        start = time.monotonic()
        with pytest.raises(ConnectorProblem) as slow:
            list(session.rows("SELECT sleep(20) FROM marriage"))
        assert slow.value.code == "timeout" and time.monotonic() - start < 3
        assert list(session.rows("SELECT @@time_zone, @@sql_mode")) == [("+08:00", "")]
        assert session.encrypted


def test_a_good_address_passes_the_probe(address: DatabaseAddress) -> None:
    result = probe(address, guard=guard_for(address))
    assert result.ok and result.tables == 7 and "MariaDB" in result.version
    assert (result.encoding, result.encrypted) == ("utf8mb4", True)


FAILURES: dict[str, tuple[dict[str, Any], str]] = {
    "wrong password": ({"password": "wrong"}, "bad_password"),
    "no password": ({"password": ""}, "bad_password"),
    "unknown user": ({"user": "nobody"}, "bad_password"),
    "no such database": ({"database": "ghost", "user": "root", "password": ""}, "no_such_database"),
    "not to be told whether it is there": ({"database": "ghost"}, "no_privilege"),
    "certificate nobody signed": ({"tls": "verify-full", "host": "localhost"}, "tls"),
    "not allowed": ({"host": "169.254.169.254"}, "address_refused"),
    "a socket": ({"host": "/run/mysqld/mysqld.sock"}, "address_invalid"),
}


@pytest.mark.parametrize(("changes", "code"), FAILURES.values(), ids=FAILURES)
def test_each_failure_has_its_name(
    address: DatabaseAddress, changes: dict[str, Any], code: str
) -> None:
    guard = Guard.of([f"127.0.0.1:{address.port}"])
    result = probe(replace(address, **changes), guard=guard)
    assert result.problem is not None and result.problem.code == code, result.problem
    assert address.password not in f"{result.problem} {result.problem.detail}"


def test_encryption_is_as_registered(address: DatabaseAddress, mariadb: MariaDB) -> None:
    for tls, host, encrypted in (
        ("disable", "127.0.0.1", False),
        ("require", "127.0.0.1", True),
        ("verify-full", "localhost", True),
    ):
        there = replace(address, tls=tls, host=host, ca_file=mariadb.ca_file)
        result = probe(there, guard=guard_for(address))
        assert (result.problem, result.encrypted) == (None, encrypted), tls
    wrong = replace(address, tls="verify-full", host="other.example", ca_file=mariadb.ca_file)
    refused = probe(wrong, guard=guard_for(address)).problem
    assert refused is not None and refused.code == "tls", "the certificate is another host's"


def test_what_it_is_good_for_is_said_honestly(address: DatabaseAddress) -> None:
    capability = CAPABILITIES["mysql"]
    assert (
        capability.scanned
        and not capability.source
        and not capability.target
        and "不能挂接" in capability.note
    )
    with pytest.raises(ConnectorProblem):
        connect(address, guard=guard_for(address))
    refused = probe(address, guard=guard_for(address), target=True).problem
    assert refused is not None and refused.code == "no_delivery" and "PostgreSQL" in refused.remedy


def test_the_statements_to_paste_work_and_give_no_more(
    address: DatabaseAddress, mariadb: MariaDB
) -> None:
    with mariadb.root() as root:
        root.execute("CREATE DATABASE `civil``x%`")  # a pattern would match this as well
    clerk = replace(address, user="o'clerk", password="Str0ng!")
    for only, readable in ((["marriage", "pairs"], 2), ([], 7)):
        script = grant_reading_sql(clerk, NAME, only).replace("'密码'", "'Str0ng!'")
        with mariadb.root() as root:
            for statement in script.split(";\n"):
                if statement.strip():
                    root.execute(statement)
            try:
                result = probe(clerk, guard=guard_for(address))
                assert result.ok and result.tables == readable
                other = probe(replace(clerk, database="civil`x%"), guard=guard_for(address))
                assert other.problem is not None and other.problem.code == "no_privilege"
            finally:
                root.execute("DROP USER 'o''clerk'@'%'")
    with mariadb.root() as root:
        root.execute("DROP DATABASE `civil``x%`")


@pytest.mark.parametrize(
    ("declared", "code"),
    [
        ("tinyint(4)", "I"),
        ("tinyint unsigned", "I"),
        ("tinyint(1)", "L"),
        ("bit(1)", "L"),
        ("int", "I"),
        ("double(10,2)", "B"),
        ("float unsigned", "F"),
        ("timestamp(6)", "T"),
        ("time", "G"),
        ("mediumtext", "M"),
        ("json", "M"),
        ("varbinary(16)", "G"),
        ("enum('int')", "C"),
        ("point", "G"),
        ("uuid", "C"),
    ],
)
def test_types_become_item_types(declared: str, code: str) -> None:
    assert item_type_of(declared) is ItemType(code)
