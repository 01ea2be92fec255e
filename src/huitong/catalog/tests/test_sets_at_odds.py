"""A set of changes beside other acts on the same entries (A7, A10, A12): what it has not written it
does not act on, what it has written it writes once, and others see of it what they may see."""

from __future__ import annotations

from typing import Any

import pytest
from tests.cast import Cast

from huitong.catalog import actions, jobs, queries
from huitong.catalog.models import ChangeSet, Entry, Version
from huitong.catalog.rules.sheets import Outcome
from huitong.catalog.tests.marriage import drafted, published, second_draft
from huitong.catalog.tests.test_sheets import colleague_of
from huitong.catalog.tests.workbooks import COMPLETE, book_of, cell, exported, handed_in
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.procedure import AgainstRules, NotVisible

pytestmark = pytest.mark.django_db
CLEARED = ["state", "work"]
OTHER = COMPLETE | {"资源名称": "收养登记信息"}


@pytest.fixture
def city(cast: Cast) -> Cast:
    actions.register_system(cast.civil_operator, name="业务管理系统")
    return cast


def changing(clerk: Actor, **changes: str) -> ChangeSet:
    """The set of an export with cells of its first entry changed."""
    book = exported(clerk)
    for head, text in changes.items():
        cell(book, "目录", head).value = text
    return handed_in(clerk, book)


def state_of(entry: Entry) -> str:
    return Case.objects.get(pk=entry.case_id).state


def test_what_a_set_has_not_written_it_does_not_submit(city: Cast) -> None:
    """Neither before it is written nor after it is undone: its drafts say something else then."""
    clerk = city.civil_operator
    entry = drafted(clerk)
    own = changing(clerk, 备注="新")
    assert own.state == "ready"
    with pytest.raises(AgainstRules, match="待确认"):
        actions.submit_changes(clerk, changes=own.pk, cleared=CLEARED)
    page = city.client("civil_operator").get(f"/compile/sheets/{own.pk}/").content.decode()
    assert "检查通过" in page and "all/submit/" not in page
    actions.apply_changes(clerk, changes=own.pk)
    actions.undo_changes(clerk, changes=own.pk)
    with pytest.raises(AgainstRules, match="已撤销"):
        actions.submit_changes(clerk, changes=own.pk, cleared=CLEARED)
    assert state_of(entry) == "draft"


def test_what_was_in_conflict_is_not_submitted_with_the_rest(city: Cast) -> None:
    clerk = city.civil_operator
    entry, other = drafted(clerk), drafted(clerk, "收养登记信息")
    book = exported(clerk)
    for row in (3, 4):
        cell(book, "目录", "资源摘要", row).value = "表格里写的摘要，也很详细。"
    actions.edit(colleague_of(city), entry.case, summary="同事写的摘要，比原来的详细。")
    own = handed_in(clerk, book)
    actions.apply_changes(clerk, changes=own.pk)
    assert queries.states_of(clerk, ChangeSet.objects.get(pk=own.pk)) == {"draft": 1}
    actions.submit_changes(clerk, changes=own.pk, cleared=CLEARED)
    assert (state_of(entry), state_of(other)) == ("draft", "in_department")


def test_a_set_is_not_written_twice_nor_checked_again(city: Cast) -> None:
    """A worker that comes late, or twice, changes nothing of what was decided meanwhile."""
    clerk = city.civil_operator
    own = handed_in(clerk, book_of(COMPLETE))
    actions.apply_changes(clerk, changes=own.pk)
    with pytest.raises(AgainstRules, match="已写入"):
        actions.apply_changes(clerk, changes=own.pk)
    with pytest.raises(AgainstRules, match="已经结束"):
        actions.finish_check(city.system, changes=own.pk, outcome=Outcome(error="迟到的结果"))
    actions.note_progress(own.pk, 1, 2)
    jobs.check_workbook(changes=own.pk)
    own.refresh_from_db()
    assert (own.state, own.error, own.total, own.rows.count()) == ("applied", "", 1, 1)
    assert Entry.objects.count() == 1


def test_a_name_that_came_meanwhile_is_not_entered_twice(city: Cast) -> None:
    """By a form, or by another file that was checked at the same time."""
    clerk = city.civil_operator
    first, second, third = (handed_in(clerk, book_of(one)) for one in (COMPLETE, COMPLETE, OTHER))
    actions.apply_changes(clerk, changes=first.pk)
    drafted(clerk, "收养登记信息")
    for own, name in ((second, "婚姻登记信息"), (third, "收养登记信息")):
        with pytest.raises(AgainstRules, match=f"“{name}”与本部门另一条目录同名"):
            actions.apply_changes(clerk, changes=own.pk)
        own.refresh_from_db()
        assert own.state == "ready"
    assert queries.entries_of_body(clerk).count() == 2


def test_an_entry_is_not_renamed_to_another_and_two_may_change_names(city: Cast) -> None:
    clerk = city.civil_operator
    for name in ("婚姻登记信息", "收养登记信息"):
        drafted(clerk, name)
    own = changing(clerk, 资源名称="收养登记信息")
    assert own.state == "faulty" and "重复" in own.faults[0]["message"]
    book = exported(clerk)
    cell(book, "目录", "资源名称").value = "收养登记信息"
    book["目录"].delete_rows(4)
    for part in ("信息项", "共享条件及依据"):
        book[part].delete_rows(2, 100)
    own = handed_in(clerk, book)
    assert [f["message"] for f in own.faults if f["grave"]] == [
        "本部门已有同名的目录（草稿）：请改名"
    ]
    book = exported(clerk)
    cell(book, "目录", "资源名称", 3).value = "收养登记信息"
    cell(book, "目录", "资源名称", 4).value = "婚姻登记信息"
    for part in book.sheetnames[2:-1]:
        del book[part]
    own = handed_in(clerk, book)
    actions.apply_changes(clerk, changes=own.pk)
    names = Version.objects.order_by("entry").values_list("name", flat=True)
    assert list(names) == ["收养登记信息", "婚姻登记信息"]


def test_a_renamed_entry_keeps_its_items_by_its_number(city: Cast) -> None:
    """The clerk renames it in the first sheet alone: the other sheets still have the old name
    beside the number."""
    clerk = city.civil_operator
    entry = drafted(clerk)
    own = changing(clerk, 资源名称="婚姻登记基本信息")
    assert own.state == "ready", own.faults
    actions.apply_changes(clerk, changes=own.pk)
    version = Version.objects.get(entry=entry)
    assert (version.name, version.items.count()) == ("婚姻登记基本信息", 5)


def test_the_bureau_sees_of_a_set_what_has_reached_it(city: Cast) -> None:
    """One of two entries is with the bureau, the other one still its department's own; and an
    update of a published one that nobody has submitted is nothing the bureau sees."""
    clerk, manager, bureau = city.civil_operator, city.civil_manager, city.bureau_operator
    old = published(clerk, manager, bureau, "公墓信息")
    second_draft(clerk, old)
    update = changing(clerk, 备注="只在草稿里")
    actions.apply_changes(clerk, changes=update.pk)
    assert not queries.change_sets(bureau).exists()
    own = handed_in(clerk, book_of(COMPLETE, OTHER))
    actions.apply_changes(clerk, changes=own.pk)
    first = Version.objects.get(name="婚姻登记信息").case
    actions.submit(clerk, first, cleared=CLEARED)
    actions.pass_department(manager, first, cleared=CLEARED)
    [own_set] = queries.change_sets(bureau)
    counts: dict[str, Any] = queries.counts_of(bureau, own_set)
    assert (own_set.pk, own_set.new, counts["new"]) == (own.pk, 1, 1)
    assert [row.name for row in queries.changes_of(bureau, own_set)] == ["婚姻登记信息"]
    assert queries.states_of(bureau, own_set) == {"with_bureau": 1}
    page = city.client("bureau_operator").get(f"/compile/sheets/{own.pk}/").content.decode()
    assert "婚姻登记信息" in page and "收养登记信息" not in page
    with pytest.raises(NotVisible):
        queries.change_set_for(bureau, update.pk)
    assert {row.pk: row.new for row in queries.change_sets(manager)} == {own.pk: 2, update.pk: 0}
