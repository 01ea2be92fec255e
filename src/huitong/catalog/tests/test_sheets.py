"""The catalog as a workbook (A7, A12): out with ids, edited, in again as one set of changes; what
is wrong comes back at its cell."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook
from tests.cast import Cast

from huitong.catalog import actions, queries
from huitong.catalog.models import ChangeSet, Entry, EntryChange, Version
from huitong.catalog.rules import Category
from huitong.catalog.tests.marriage import drafted, published
from huitong.catalog.tests.workbooks import COMPLETE, ITEMS, book_of, cell, exported, handed_in
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.procedure import AgainstRules, NotVisible, NotYours


@pytest.fixture
def city(cast: Cast) -> Cast:
    actions.register_system(cast.civil_operator, name="业务管理系统")
    return cast


@pytest.mark.django_db
def test_new_entries_come_in_as_one_set(city: Cast) -> None:
    clerk = city.civil_operator
    own = handed_in(clerk, book_of(COMPLETE, COMPLETE | {"资源名称": "收养登记信息"}))
    assert (own.state, own.faults, own.file) == ("ready", [], "")
    assert [(c.row, c.what, c.name, c.open) for c in own.rows.all()] == [
        (2, "new", "婚姻登记信息", 0),
        (3, "new", "收养登记信息", 0),
    ]
    assert not Entry.objects.exists(), "nothing is written before it is confirmed"
    actions.apply_changes(clerk, changes=own.pk)
    version = Version.objects.get(name="婚姻登记信息")
    assert version.state == "draft" and version.system is not None
    assert (version.share_modes, version.data_cycle) == (["table", "api"], "2")
    assert [i.name for i in version.items.all()] == [row[0] for row in ITEMS]
    assert "男方姓名" in version.words
    drafts = LedgerEntry.objects.filter(verb="entry.draft")
    assert {e.case for e in drafts} == set(Case.objects.values_list("pk", flat=True))
    assert {e.object_id for e in drafts} == {str(e.pk) for e in Entry.objects.all()}
    assert all(case.number and case.awaiting for case in Case.objects.all())


@pytest.mark.django_db
def test_a_second_click_on_a_button_is_the_first_one(city: Cast) -> None:
    own = handed_in(city.civil_operator, book_of(COMPLETE))
    client, page = city.client("civil_operator"), f"/compile/sheets/{own.pk}/"
    [once] = set(re.findall(r'name="once" value="(\w+)"', client.get(page).content.decode()))
    for _ in "12":
        assert client.post(f"{page}apply/", {"once": once}).status_code == 302
    assert LedgerEntry.objects.filter(verb="catalog.apply_changes").count() == 1
    assert client.post(f"{page}apply/", {"once": once[::-1]}).status_code == 409, "another page's"


@pytest.mark.django_db
def test_an_old_code_no_column_has_room_for_is_a_fault_at_its_cell(city: Cast) -> None:
    own = handed_in(city.civil_operator, book_of(COMPLETE | {"资源代码": "3" * 41}))
    [fault] = own.faults
    assert own.state == "faulty" and fault["heading"] == "资源代码" and "40" in fault["message"]


@pytest.mark.django_db
def test_out_edited_and_in_again_changes_what_was_edited(city: Cast) -> None:
    """Export, edit two cells, upload: those two differ, all else is as it was."""
    clerk = city.civil_operator
    entry = drafted(clerk)
    drafted(clerk, "收养登记信息")
    before = queries.facts_of(entry.draft)
    book = exported(clerk)
    cell(book, "目录", "资源摘要").value = "全市婚姻登记机关办理的结婚、离婚、撤销登记信息。"
    cell(book, "信息项", "长度", 2).value = 40
    own = handed_in(clerk, book)
    assert (own.state, own.same) == ("ready", 1), own.faults
    [change] = own.rows.all()
    assert (change.what, change.entry_id) == ("changed", entry.pk)
    assert [line[0] for line in change.lines] == ["资源摘要", "信息项“登记编号” 长度"]
    assert change.lines[1][1:] == ["30", "40"]
    actions.apply_changes(clerk, changes=own.pk)
    version = Version.objects.get(entry=entry)
    assert version.summary.startswith("全市") and "撤销" in version.summary
    assert version.items.get(name="登记编号").length == 40
    edit = LedgerEntry.objects.filter(verb="entry.edit", case=version.case_id).latest("seq")
    assert edit.before["summary"] == before.summary and edit.after["given"]["items"]
    assert edit.after["given"]["summary"] == version.summary
    actions.undo_changes(clerk, changes=own.pk)
    assert queries.facts_of(Version.objects.get(entry=entry)) == before
    assert handed_in(clerk, exported(clerk)).same == 2


def only(book: Workbook, *heads: str) -> Workbook:
    """The export with these columns of its entries alone, as clerks cut it down."""
    for name in book.sheetnames:
        if name != "目录":
            del book[name]
    page = book["目录"]
    for column in range(page.max_column, 0, -1):
        texts = {str(page.cell(row, column).value).rstrip("*") for row in (1, 2)}
        if not texts & {"平台编号", "校验码", "资源名称", *heads}:
            page.delete_cols(column)
    return book


@pytest.mark.django_db
def test_what_a_choice_empties_is_shown_and_comes_back(city: Cast) -> None:
    """Of columns the file has not: the conditions of another class, the theme of a category."""
    clerk = city.civil_operator
    entry = drafted(clerk)
    before = queries.facts_of(entry.draft)
    book = only(exported(clerk), "共享类型", "资源分类")
    cell(book, "目录", "共享类型").value = "无条件共享"
    cell(book, "目录", "资源分类").value = Category("202").label
    own = handed_in(clerk, book)
    assert own.state == "ready", own.faults
    [change] = own.rows.all()
    lines = {label: (old, new) for label, old, new in change.lines}
    assert lines["共享条件说明"] == ("用于住房保障资格审核。", "")
    assert lines["共享条件的形式"][1] == "" and Category("202").label in lines["所属主题"][1]
    actions.apply_changes(clerk, changes=own.pk)
    version = Version.objects.get(entry=entry)
    assert (version.condition, version.shapes, version.themes) == ("", [], ["201", "202"])
    actions.undo_changes(clerk, changes=own.pk)
    assert queries.facts_of(Version.objects.get(entry=entry)) == before


@pytest.mark.django_db
def test_what_a_choice_would_empty_is_a_conflict_where_another_wrote_it(city: Cast) -> None:
    clerk = city.civil_operator
    entry = drafted(clerk)
    book = only(exported(clerk), "共享类型")
    cell(book, "目录", "共享类型").value = "无条件共享"
    actions.edit(colleague_of(city), entry.case, condition="同事改过的共享条件说明。")
    assert [c.what for c in handed_in(clerk, book).rows.all()] == ["conflict"]


@pytest.mark.django_db
def test_a_choice_another_changed_empties_nothing(city: Cast) -> None:
    """The file says the class as it was: it is no choice of its clerk's, and nothing follows."""
    clerk = city.civil_operator
    entry = drafted(clerk, share_class="1", shapes=[], condition="")
    book = only(exported(clerk), "共享类型", "备注")
    cell(book, "目录", "备注").value = "表格里的备注"
    conditional = {"share_class": "2", "shapes": ["masked"], "condition": "用于资格审核。"}
    actions.edit(colleague_of(city), entry.case, **conditional)
    own = handed_in(clerk, book)
    [change] = own.rows.all()
    assert (change.what, [line[0] for line in change.lines]) == ("changed", ["备注"])
    actions.apply_changes(clerk, changes=own.pk)
    assert Version.objects.get(entry=entry).condition == "用于资格审核。"


@pytest.mark.django_db
def test_an_undone_set_leaves_no_draft(city: Cast) -> None:
    clerk = city.civil_operator
    own = handed_in(clerk, book_of(COMPLETE))
    actions.apply_changes(clerk, changes=own.pk)
    actions.undo_changes(clerk, changes=own.pk)
    assert not queries.entries_of_body(clerk).exists()
    case = Case.objects.get()
    assert (case.state, case.awaiting, case.is_open) == ("discarded", [], False)
    with pytest.raises(AgainstRules):
        actions.undo_changes(clerk, changes=own.pk)
    again = handed_in(clerk, book_of(COMPLETE))
    assert again.state == "ready", "a discarded draft's name is free"


@pytest.mark.django_db
def test_what_somebody_went_on_with_is_not_undone(city: Cast) -> None:
    clerk = city.civil_operator
    own = handed_in(clerk, book_of(COMPLETE, COMPLETE | {"资源名称": "收养登记信息"}))
    actions.apply_changes(clerk, changes=own.pk)
    case = Case.objects.order_by("pk")[1]
    actions.edit(clerk, case, remark="改过")
    with pytest.raises(AgainstRules, match="收养登记信息"):
        actions.undo_changes(clerk, changes=own.pk)
    assert set(Case.objects.values_list("state", flat=True)) == {"draft"}, "all or nothing"


@pytest.mark.django_db
def test_what_another_changed_meanwhile_is_a_conflict(city: Cast) -> None:
    """A colleague edits the summary after the export: the clerk's other summary is not written."""
    clerk = city.civil_operator
    entry, other = drafted(clerk), drafted(clerk, "收养登记信息")
    book = exported(clerk)
    colleague = colleague_of(city)
    actions.edit(colleague, entry.case, summary="同事写的摘要，比原来的详细。")
    actions.edit(colleague, other.case, remark="同事的备注")
    for row in (3, 4):
        cell(book, "目录", "资源摘要", row).value = "表格里写的摘要，也很详细。"
    own = handed_in(clerk, book)
    assert [(c.name, c.what) for c in own.rows.all()] == [
        ("婚姻登记信息", "conflict"),
        ("收养登记信息", "changed"),
    ], "the remark is another element"
    [fault] = [f for f in own.faults if "已于" in f["message"]]
    assert colleague.name in fault["message"] and not fault["grave"]
    actions.apply_changes(clerk, changes=own.pk)
    assert Version.objects.get(entry=entry).summary.startswith("同事")
    assert Version.objects.get(entry=other).remark == "同事的备注"


@pytest.mark.django_db
def test_what_changed_after_the_check_is_not_overwritten(city: Cast) -> None:
    clerk = city.civil_operator
    entry = drafted(clerk)
    book = exported(clerk)
    cell(book, "目录", "备注").value = "新"
    own = handed_in(clerk, book)
    actions.edit(clerk, entry.case, remark="后来写的")
    with pytest.raises(AgainstRules, match="检查之后"):
        actions.apply_changes(clerk, changes=own.pk)
    assert ChangeSet.objects.get().state == "ready"


@pytest.mark.django_db
def test_what_is_published_is_not_edited_by_a_table(city: Cast) -> None:
    entry = published(city.civil_operator, city.civil_manager, city.bureau_operator)
    book = exported(city.civil_operator)
    assert handed_in(city.civil_operator, book).same == 1
    cell(book, "目录", "备注").value = "新"
    own = handed_in(city.civil_operator, book)
    assert own.state == "faulty" and "已发布" in own.faults[0]["message"]
    assert entry.pk in [k.entry for k in queries.stored_entries(city.civil_operator)]


@pytest.mark.django_db
def test_the_same_name_is_not_entered_twice(city: Cast) -> None:
    drafted(city.civil_operator)
    own = handed_in(city.civil_operator, book_of(COMPLETE))
    assert own.state == "faulty"
    assert [(f["cell"], f["heading"]) for f in own.faults] == [("B2", "资源名称")]


@pytest.mark.django_db
def test_grounds_of_what_is_not_shared_come_along(city: Cast) -> None:
    """Not shared, with its ground on a sheet of its own; the ground is changed by the next file and
    given back by undoing it."""
    clerk = city.civil_operator
    entry = {"资源名称": "收养档案信息", "共享类型": "不予共享"}
    book = book_of(entry, items=[])
    page = book.create_sheet("不予共享的依据")
    page.append(("资源名称", "依据类别", "文件名称", "条款", "原文"))
    page.append(
        ("收养档案信息", "法律", "中华人民共和国民法典", "第一千一百一十条", "应当尊重其意愿。")
    )
    own = handed_in(clerk, book)
    assert own.state == "ready", own.faults
    actions.apply_changes(clerk, changes=own.pk)
    [ground] = Version.objects.get().grounds.all()
    assert (ground.kind, ground.document) == ("law", "中华人民共和国民法典")
    again = exported(clerk)
    cell(again, "不予共享的依据", "条款", 2).value = "第一千一百一十一条"
    other = handed_in(clerk, again)
    actions.apply_changes(clerk, changes=other.pk)
    assert [g.article for g in Version.objects.get().grounds.all()] == ["第一千一百一十一条"]
    actions.undo_changes(clerk, changes=other.pk)
    assert [g.article for g in Version.objects.get().grounds.all()] == ["第一千一百一十条"]


@pytest.mark.django_db
def test_a_set_is_its_bodys_own(city: Cast) -> None:
    own = handed_in(city.civil_operator, book_of(COMPLETE))
    for actor in (city.housing_operator, city.bureau_operator):
        with pytest.raises(NotVisible):
            actions.apply_changes(actor, changes=own.pk)
        assert not queries.change_sets(actor).exists()
    with pytest.raises(NotYours):
        actions.apply_changes(city.civil_manager, changes=own.pk)
    actions.give_up_changes(city.civil_operator, changes=own.pk)
    assert not EntryChange.objects.exists()
    with pytest.raises(AgainstRules):
        actions.apply_changes(city.civil_operator, changes=own.pk)


@pytest.mark.django_db
def test_what_a_file_of_many_names_is_asked_for_once(city: Cast) -> None:
    """Code lists, standards, systems and bodies: no statement more for each of twelve entries than
    for each of two, to check them and to write them."""
    clerk = city.civil_operator
    items = [
        ("目录序号", "名称", "列名", "类型", "长度", "数据字典"),
        *((n, "性别", "sex", "字符型", 1, "GB/T 2261.1-2003") for n in range(1, 13)),
    ]
    counts = []
    for number, many in enumerate((2, 12)):
        names = [COMPLETE | {"资源名称": f"第{number}{n}号登记信息"} for n in range(many)]
        book = book_of(*names, items=[])
        for at, row in enumerate(items[: many + 1], 1):
            for column, value in enumerate(row, 1):
                book["信息项"].cell(at, column, value)
        with CaptureQueriesContext(connection) as checked:
            own = handed_in(clerk, book)
        assert own.state == "ready", own.faults
        with CaptureQueriesContext(connection) as written:
            actions.apply_changes(clerk, changes=own.pk)
        counts.append((len(checked), len(written)))
    assert all(many < few + 5 for few, many in zip(*counts, strict=True)), counts


@pytest.mark.django_db
def test_what_is_required_by_law_is_told_in_the_file(city: Cast) -> None:
    """Without a standard no entry is submitted (A9): the clerk reads it before."""
    entry = {name: text for name, text in COMPLETE.items() if name != "执行的数据标准"}
    own = handed_in(city.civil_operator, book_of(entry))
    assert (own.state, own.rows.get().open) == ("ready", 1)
    assert [f["heading"] for f in own.faults] == ["执行的数据标准"]


def colleague_of(city: Cast) -> Actor:
    """Another operator of Civil Affairs."""
    return replace(city.civil_operator, person=city.person("civil_manager").pk, name="李同事")
