"""The hand of the database's owner: changes to what is published and frozen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from huitong.kernel.ledger import writing

FROZEN = ("version", "item", "legalground")


@contextmanager
def thawed() -> Iterator[None]:
    """Changes to what is published, as only the owner of the database could make them: for what
    an older platform left behind, and for damage."""

    def triggers(state: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in FROZEN:
                cursor.execute(
                    f"ALTER TABLE catalog_{table} {state} TRIGGER catalog_{table}_frozen"
                )

    triggers("DISABLE")
    with writing("test"):
        yield
    triggers("ENABLE")
