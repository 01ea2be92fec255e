"""What is being filled in is its person's own: kept, seen by nobody else, not overwritten, gone
after its time; nothing marked as classified is kept (A3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests.cast import Cast

from huitong.kernel.actor import Actor
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours
from huitong.work import actions, jobs, queries
from huitong.work.models import Draft
from huitong.work.rules import NoLonger, Overtaken, keeping, kept_until
from huitong.work.rules.drafts import Keeping

pytestmark = pytest.mark.django_db


def save(actor: Actor, words: str, mark: str = "", **more: Any) -> Draft:
    about = {"kind": "access.apply", "key": "a", "title": "申请使用：婚姻登记信息", "url": "/a/"}
    return actions.save_draft(actor, **about | more, content={"purpose": [words]}, mark=mark)


def test_a_draft_is_seen_by_its_person_in_its_body_alone(cast: Cast) -> None:
    clerk = cast.housing_operator
    row = save(clerk, "核对")
    assert queries.drafts_of(clerk) == [row]
    for other in (
        cast.housing_manager,
        cast.bureau_manager,
        cast.system_admin,
        cast.audit_admin,
        replace(clerk, body=cast.body("civil").pk),
    ):
        assert queries.drafts_of(other) == [] and queries.draft_of(other, row.kind, row.key) is None
        for act in (actions.delete_draft, actions.restore_draft):
            with pytest.raises(NotVisible):
                act(other, pk=row.pk)
        actions.hand_in_draft(other, draft=row)
    assert queries.drafts_of(clerk) == [row]
    with pytest.raises(NotYours):
        save(Actor.system(), "核对")


def test_the_ledger_keeps_nothing_of_what_was_not_handed_in(cast: Cast) -> None:
    before = Entry.objects.count()
    row = save(cast.housing_operator, "还没有想好")
    actions.delete_draft(cast.housing_operator, pk=row.pk)
    assert Entry.objects.count() == before


def test_a_page_drawn_from_an_older_turn_replaces_nothing_newer(cast: Cast) -> None:
    clerk = cast.housing_operator
    first = save(clerk, "一")
    second = save(clerk, "二", mark=str(first.turn))
    assert second.turn == first.turn + 1
    with pytest.raises(Overtaken) as problem:
        save(clerk, "三", mark=str(first.turn))
    assert problem.value.turn == second.turn
    assert save(clerk, "二", mark=str(first.turn)).turn == second.turn, "the same is saved already"
    assert save(clerk, "三", mark=str(problem.value.turn)).content == {"purpose": ["三"]}
    with pytest.raises(Overtaken):
        save(clerk, "另一个窗口的第一次", mark="0")


def test_what_was_handed_in_or_deleted_is_not_begun_again_by_an_old_window(cast: Cast) -> None:
    clerk = cast.housing_operator
    row = save(clerk, "一")
    actions.delete_draft(clerk, pk=row.pk)
    with pytest.raises(NoLonger):
        save(clerk, "二", mark=str(row.turn))
    assert queries.drafts_of(clerk) == [] and queries.deleted_drafts(clerk, row.kind) == [row]
    actions.restore_draft(clerk, pk=row.pk)
    save(clerk, "二", mark=str(row.turn))
    actions.hand_in_draft(clerk, draft=row)
    with pytest.raises(NoLonger):
        save(clerk, "三", mark="2")
    assert not Draft.objects.exists()


def test_marked_text_is_kept_nowhere(cast: Cast) -> None:
    """A clerk pastes a paragraph of a classified document."""
    row = save(cast.housing_operator, "核对")
    with pytest.raises(AgainstRules) as problem:
        save(cast.housing_operator, "根据机密★5年文件", mark=str(row.turn))
    assert problem.value.article == "A3" and "根据" not in str(problem.value.as_body())
    assert Draft.objects.get().content == {"purpose": ["核对"]}


@pytest.mark.parametrize("words", ["长" * 400_001, "断\0开"], ids=["endless", "nul"])
def test_what_no_database_should_keep_is_refused(cast: Cast, words: str) -> None:
    with pytest.raises(Malformed):
        save(cast.housing_operator, words)
    assert not Draft.objects.exists()


def test_one_person_fills_no_disk(cast: Cast) -> None:
    clerk, most = cast.housing_operator, keeping(date.today()).most
    for n in range(most):
        save(clerk, "核对", key=f"k{n}")
    with pytest.raises(AgainstRules, match=str(most)):
        save(clerk, "核对", key="one more")
    save(clerk, "仍可继续填写", key="k0", mark="1")
    first = queries.draft_of(clerk, "access.apply", "k0")
    assert first is not None
    for n in range(2 * most):
        if n < most:
            actions.delete_draft(clerk, pk=queries.drafts_of(clerk)[0].pk)
        else:
            actions.delete_draft(clerk, pk=save(clerk, "又一份", key=f"n{n}").pk)
    remaining = [row.key for row in queries.deleted_drafts(clerk, "access.apply")]
    assert remaining == [f"n{n}" for n in reversed(range(most, 2 * most))], "the oldest made room"
    for n in range(most):
        save(clerk, "核对", key=f"again{n}")
    with pytest.raises(AgainstRules, match=str(most)):
        actions.restore_draft(clerk, pk=Draft.objects.exclude(deleted_at=None)[0].pk)


def test_drafts_go_when_their_time_is_over(cast: Cast) -> None:
    clerk, now, row = cast.housing_operator, timezone.now(), keeping(date.today())
    ages = {"new": (0, None), "old": (row.days, None), "almost": (row.days - 1, None)}
    ages |= {"deleted": (row.days_deleted, row.days_deleted), "in the bin": (3, 3)}
    for key, (saved, deleted) in ages.items():
        draft = save(clerk, "核对", key=key)
        with writing("test"):
            Draft.objects.filter(pk=draft.pk).update(
                saved_at=now - timedelta(saved),
                deleted_at=None if deleted is None else now - timedelta(deleted),
            )
    jobs.clear_drafts()
    assert set(Draft.objects.values_list("key", flat=True)) == {"new", "almost", "in the bin"}


def test_how_long_is_a_dated_row() -> None:
    rows = (Keeping(90, 7, 50, 10, date(2020, 2, 19)), Keeping(30, 7, 50, 10, date(2030, 1, 1)))
    assert keeping(date(2029, 12, 31), rows).days == 90
    assert keeping(date(2030, 1, 1), rows).days == 30
    now = timezone.now()
    assert kept_until(now, None, date(2026, 1, 1)) == now + timedelta(90)


def test_the_home_page_names_what_is_unfinished(cast: Cast) -> None:
    assert queries.draft_panels(cast.housing_operator) == []
    save(cast.housing_operator, "核对")
    page = cast.client("housing_operator").get("/").content.decode()
    assert "未完成的草稿" in page and "申请使用：婚姻登记信息" in page
    assert "未完成的草稿" not in cast.client("housing_manager").get("/").content.decode()


def test_a_draft_is_deleted_and_brought_back_on_pages(cast: Cast) -> None:
    row, clerk = save(cast.housing_operator, "核对"), cast.client("housing_operator")
    url = f"/drafts/{row.pk}/"
    assert cast.client("housing_manager").post(f"{url}delete/").status_code == 404
    assert clerk.get(f"{url}delete/").status_code == 405
    answer = clerk.post(f"{url}delete/", {"next": "/applications/drafts/"}, follow=True)
    assert "最近删除" in answer.content.decode() and queries.drafts_of(cast.housing_operator) == []
    answer = clerk.post(f"{url}restore/", {"next": "//elsewhere.example/"})
    assert answer["Location"] == "/" and len(queries.drafts_of(cast.housing_operator)) == 1
