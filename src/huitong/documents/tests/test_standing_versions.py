"""Of a document everybody is shown the version that stands for them: not a later one before its
day, nor one that was not published to them (A4, A35)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.cast import Cast

from huitong.documents import queries
from huitong.documents.rules import Standing
from huitong.documents.tests.issued import WORDS, act, by_bureau, issued
from huitong.kernel import doing
from huitong.kernel.workdays import today

pytestmark = pytest.mark.django_db


def test_a_scheduled_version_changes_nothing_before_its_day(cast: Cast) -> None:
    """Neither which article leads to it, nor what lists show, nor who reads it."""
    document, day = by_bureau(cast, articles=["A9"]), today() + timedelta(30)
    draft = doing.perform(
        cast.bureau_operator, "city_document.revise", {"document": document.pk}
    ).case
    words = {
        "title": "婚姻登记数据标准（修订）",
        "articles": ["A22"],
        "audience": "own",
        "in_force": day.isoformat(),
    }
    act(cast.bureau_operator, draft, "edit", **WORDS | words)
    issued(cast.bureau_operator, cast.bureau_manager, draft)
    for actor in (cast.civil_operator, cast.bureau_operator):
        titles = [v.title for v in queries.search(actor)]
        assert titles == [v.title for v in queries.search(actor, on=today())] == [WORDS["title"]]
        assert [v.title for v in queries.on_article(actor, "A9")] == titles
        assert not queries.on_article(actor, "A22") and not queries.search(actor, "修订")
        assert [link.label for link in queries.documents_named(actor, "婚姻", 5)] == titles
    assert document in queries.visible_to(cast.civil_operator)
    later = queries.in_force(cast.bureau_operator, day, articles__contains=["A22"])
    assert [v.title for v in later] == [words["title"]]
    assert not queries.in_force(cast.civil_operator, day), "published to its own body only"
    page = cast.client("civil_operator").get(document.get_absolute_url()).content.decode()
    assert "现行有效" in page and "修订" not in page


def test_who_may_read_only_an_old_version_is_shown_it_as_old(cast: Cast) -> None:
    old = by_bureau(cast, title="旧标准")
    draft = doing.perform(cast.bureau_operator, "city_document.revise", {"document": old.pk}).case
    act(cast.bureau_operator, draft, "edit", **WORDS | {"title": "内部标准", "audience": "own"})
    issued(cast.bureau_operator, cast.bureau_manager, draft)
    (row,) = queries.search(cast.civil_operator)
    assert (row.title, queries.standings([row])[row.pk]) == ("旧标准", Standing.REPLACED)
    assert not queries.in_force(cast.civil_operator)
    page = cast.client("civil_operator").get(old.get_absolute_url()).content.decode()
    assert "新版本没有发布给您" in page and "内部标准" not in page
