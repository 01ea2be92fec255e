"""The front-end databases (前置库) of the departments in the story, filled with invented rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg import Connection

from huitong.cli.demo import civil_affairs, housing, human_resources, market
from huitong.cli.demo.tables import Table

#: tables by the body's full name, as in the register of bodies
DEPARTMENTS: Mapping[str, tuple[Table, ...]] = {
    "南通市民政局": civil_affairs.TABLES,
    "南通市人力资源和社会保障局": human_resources.TABLES,
    "南通市市场监督管理局": market.TABLES,
    "南通市住房和城乡建设局": housing.TABLES,
}


def load(conn: Connection[Any], department: str, seed: int = 2020) -> dict[str, int]:
    """Make this department's tables anew in the current schema and fill them; returns rows by
    table.

    Runs in one transaction of ``conn``. The same seed gives the same rows, and the same people in
    every department. Raises `KeyError` for a department that has no part in the story.
    """
    counts = {}
    with conn.transaction():
        for table in DEPARTMENTS[department]:
            table.create(conn)
            counts[table.name] = table.fill(conn, seed)
    return counts
