"""How an invented table is described, created and filled: one COPY each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from random import Random
from typing import Any

from psycopg import Connection, sql

INVENTED = "演示数据，系虚构"


@dataclass(frozen=True)
class Column:
    """``kind`` is the PostgreSQL type as written in a CREATE TABLE."""

    name: str
    kind: str
    comment: str
    nullable: bool = False


@dataclass(frozen=True)
class Table:
    """A table of a department's front-end database. The first column is the primary key.

    ``rows(seed)`` yields the rows in the order of the columns; the same seed yields the same rows.
    """

    name: str
    comment: str
    columns: tuple[Column, ...]
    rows: Callable[[int], Iterable[tuple[Any, ...]]]
    stamp: str = ""

    def create(self, conn: Connection[Any]) -> None:
        """Make the table anew, empty, with a comment on it and on each column."""
        name = sql.Identifier(self.name)
        columns = sql.SQL(", ").join(
            sql.SQL("{} {} {}").format(
                sql.Identifier(c.name), sql.SQL(c.kind), sql.SQL("" if c.nullable else "NOT NULL")
            )
            for c in self.columns
        )
        conn.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(name))
        conn.execute(
            sql.SQL("CREATE TABLE {} ({}, PRIMARY KEY ({}))").format(
                name, columns, sql.Identifier(self.columns[0].name)
            )
        )
        conn.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(name, sql.Literal(self.comment)))
        for column in self.columns:
            conn.execute(
                sql.SQL("COMMENT ON COLUMN {}.{} IS {}").format(
                    name, sql.Identifier(column.name), sql.Literal(column.comment)
                )
            )

    def fill(self, conn: Connection[Any], seed: int) -> int:
        """Copy the rows in and return how many there are."""
        columns = sql.SQL(", ").join(sql.Identifier(c.name) for c in self.columns)
        count = 0
        with conn.cursor() as cursor:
            with cursor.copy(
                sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(self.name), columns)
            ) as copy:
                for row in self.rows(seed):
                    copy.write_row(row)
                    count += 1
            if self.stamp:
                cursor.execute(
                    sql.SQL("CREATE INDEX ON {} ({})").format(
                        sql.Identifier(self.name), sql.Identifier(self.stamp)
                    )
                )
            cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(self.name)))
        return count


def office_hour(dice: Random, day: date) -> datetime:
    """A moment of that day at which an office is open in Nantong."""
    return datetime.combine(
        day, time(dice.randrange(1, 9), dice.randrange(60), dice.randrange(60)), UTC
    )
