"""Collations that know no case, and servers of two versions: what is compared is the text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from huitong.connectors import Guard
from huitong.planes.tables.tests.town import Town, address_of, emptied, inside, statements
from huitong.scope import Compare, Not, OneOf, Prefix, Scope
from huitong.scope.masks import named

# -- collations ------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere_built(town: Town, debian_postgres: str) -> Iterator[Town]:
    """A provider whose PostgreSQL is older than the consumer's and knows the collations of ICU."""
    source = address_of(debian_postgres, "postgres")
    with inside(source) as provider:
        emptied(provider)
        yield replace(
            town,
            source=source,
            provider=provider,
            guard=Guard.of([f"127.0.0.1:{port}" for port in (source.port, town.target.port)]),
        )


@pytest.fixture
def caseless(elsewhere_built: Town) -> Town:
    for statement in statements("d13-nondeterministic-collation.sql"):
        elsewhere_built.provider.execute(statement)
    return elsewhere_built


def test_a_collation_that_knows_no_case_changes_neither_masks_nor_filters(caseless: Town) -> None:
    """d13: 0A000 before PostgreSQL 18, which can search such text, and then finds too much:
    ``3206AB`` is not ``3206ab``."""
    caseless.provider.execute("INSERT INTO t VALUES (2, 'Li@example.cn', '3206ab')")
    masks = {"mail": named("email")}
    trees: dict[Any, int] = {
        Compare("eq", "code", "3206AB"): 1,
        OneOf("code", ("3206AB", "x")): 1,
        Prefix("code", "3206A"): 1,
        Prefix("code", "3206"): 2,
        Compare("ne", "code", "3206AB"): 1,
        Not(Compare("eq", "code", "3206AB")): 1,
        Compare("le", "code", "3206AB"): 1,
    }
    for turn, (tree, rows) in enumerate(trees.items()):
        assert (
            caseless.run(f"r{turn}", Scope(("id", "mail", "code"), tree, masks), table="t").rows
            == rows
        ), tree
    caseless.consumer.execute("DROP TABLE public.marriage_in, public.huitong_runs")
    caseless.run(
        "last", Scope(("id", "mail", "code"), None, masks | {"code": named("address")}), table="t"
    )
    assert sorted(caseless.arrived() or []) == [
        (1, "Z***@Example.cn", "***"),
        (2, "L***@example.cn", "***"),
    ]


def test_letters_changed_in_case_only_are_a_change(caseless: Town) -> None:
    """To such a collation the checksum of ``a`` would be that of ``A``."""
    scope = Scope(("id", "mail"))
    first = caseless.run("r1", scope, table="t")
    caseless.provider.execute("UPDATE t SET mail = lower(mail)")
    second = caseless.run("r2", scope, table="t")
    assert second.updated == 1 and second.source_checksum != first.source_checksum


def test_servers_of_two_versions_compare_as_text(elsewhere_built: Town) -> None:
    """d03, d16 with two majors: no json column is needed for the text to decide."""
    elsewhere_built.provider.execute(
        "CREATE TABLE t (k numeric PRIMARY KEY, granted text, x xml);"
        " INSERT INTO t VALUES (1.0, 'y', '<a/>b')"
    )
    scope = Scope(("k", "granted"))
    assert elsewhere_built.run("r1", scope, table="t").source_checksum.startswith("text:")
    elsewhere_built.provider.execute("UPDATE t SET k = 1.00")
    assert elsewhere_built.run("r2", scope, table="t").updated == 1
