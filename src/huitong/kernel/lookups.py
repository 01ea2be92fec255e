"""Lookups beside Django's own."""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, CharField, Lookup


class AnyOf(Lookup):
    """``pk__any=[1, 2, 3]``: as ``__in``, with the list as one parameter however long it is, which
    PostgreSQL hashes."""

    lookup_name = "any"
    prepare_rhs = False
    array = "bigint[]"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::{self.array})", [*parameters, list(self.rhs)]


class AnyOfTexts(AnyOf):
    """The same for texts."""

    array = "text[]"


BigIntegerField.register_lookup(AnyOf)
CharField.register_lookup(AnyOfTexts)
