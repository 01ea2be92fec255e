"""docs/regulation.md tells the truth: every place and every test it names exists, and it is up
to date."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

from huitong.cli.commands.regulation import RANGE, articles, markdown

ROOT = Path(__file__).parents[2]
ARTICLES = articles()
DUTIES = [duty for article in ARTICLES for duty in article.duties]


def test_every_article_is_there_with_its_duties():
    assert [a.number for a in ARTICLES] == list(RANGE)
    assert all(a.duties for a in ARTICLES)


@pytest.mark.parametrize("duty", DUTIES, ids=lambda d: f"{d.article} {d.asks[:40]}")
def test_a_duty_is_enforced_by_named_code_and_tests_or_says_what_is_missing(duty):
    assert duty.is_enforced or duty.gap, (
        f"{duty.article} {duty.asks}: name code and tests, or say the gap"
    )
    for place in duty.where:
        module, _, name = place.partition(":")
        owner = import_module(module)
        for part in filter(None, name.split(".")):
            owner = getattr(owner, part)
    for test in duty.tests:
        path, _, name = test.partition("::")
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert name in names, f"{duty.article}: {test} does not exist"


def test_the_document_is_generated_from_the_table():
    assert (ROOT / "docs" / "regulation.md").read_text(encoding="utf-8") == markdown(), (
        "run `make docs`"
    )
