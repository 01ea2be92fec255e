"""The databases of two departments beside the platform's: a pytest plugin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from huitong.cli.postgres import EmbeddedPostgres

TABLES = """
CREATE TABLE marriage (
  reg_no varchar(30) PRIMARY KEY, m_name varchar(50), m_id char(18), reg_date date NOT NULL,
  office varchar(80), area char(6));
INSERT INTO marriage
SELECT 'A' || n, (ARRAY['王小明','李建国','张伟','欧阳文华'])[1 + n % 4], '11010519491231002X',
       date '2020-01-01' + n,
       CASE WHEN n % 5 = 0 THEN '苏州市民政局' ELSE '如东县民政局' END,
       CASE WHEN n % 5 = 0 THEN '320500' ELSE '320623' END
  FROM generate_series(1, 40) AS n;
CREATE TABLE division (
  code varchar(12) PRIMARY KEY, name varchar(80), level varchar(12), parent_code varchar(12));
INSERT INTO division VALUES
  ('320600', '南通市', 'city', '320000'),
  ('320623', '如东县', 'county', '320600'),
  ('320613', '崇川区', 'county', '320600');
"""


def address_of(address: dict[str, Any]) -> str:
    """The address of a department's database as a connection string."""
    return make_conninfo(
        host=address["host"],
        port=address["port"],
        dbname=address["dbname"],
        user=address["username"],
        password=address["password"],
    )


@pytest.fixture(scope="session")
def departments_server(
    embedded_postgres: EmbeddedPostgres,
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The databases of two departments beside the platform's: the provider's with rows, the
    consumer's empty."""
    owner = conninfo_to_dict(embedded_postgres.owner_url)
    names = ("department_source", "department_target")
    fronts = [
        {
            "host": owner["host"],
            "port": int(owner["port"]),
            "dbname": name,
            "username": owner["user"],
            "password": owner["password"],
        }
        for name in names
    ]
    for name in names:
        # not kept open: `live_db` copies the database
        with psycopg.connect(embedded_postgres.owner_url, autocommit=True) as server:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    with psycopg.connect(address_of(fronts[0]), autocommit=True) as filled:
        filled.execute(TABLES)
    yield fronts[0], fronts[1]
    for name in names:
        with psycopg.connect(embedded_postgres.owner_url, autocommit=True) as server:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
