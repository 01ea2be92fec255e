"""The grid of items through its page: rows, cells, what is recognised, what is wrong in which
cell. Without scripts: what a browser posts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.cast import Cast

from huitong.catalog import actions, queries
from huitong.catalog.forms.rows import ITEM_COLUMNS
from huitong.catalog.models import Entry
from huitong.catalog.rules import STRICTEST, Settled
from huitong.catalog.tests.marriage import GIVEN, ITEMS, drafted
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.procedure import Malformed

pytestmark = pytest.mark.django_db
SUGGESTION = {"kind": "name", "mask": "name", "label": "姓名", "level": "3", "reason": "像姓名"}
#: a row as it starts
START = {column.name: column.words(column.start) for column in ITEM_COLUMNS}


def grid(items: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """The form of the page with these rows, in words."""
    base = START | {c.name: c.words(GIVEN[c.name]) for c in ITEM_COLUMNS if c.name in GIVEN}
    cells = [base | row for row in items]
    lists = {f"items.{c.name}": [row[c.name] for row in cells] for c in ITEM_COLUMNS}
    return lists | {"standard": "标准", "dictionary": ""} | more


def two_people(cast: Cast) -> Entry:
    """A draft whose scan recognised two names, nothing said of them yet."""
    return actions.draft(
        cast.civil_operator,
        name="婚姻登记信息",
        items=[
            {"name": "男方姓名", "column": "m", "suggestion": SUGGESTION},
            {"name": "女方姓名", "column": "w", "suggestion": SUGGESTION},
            {"name": "登记机关", "column": "office"},
        ],
    )


#: their rows as the page shows them
TWO = [
    START | {"name": "男方姓名", "column": "m"},
    START | {"name": "女方姓名", "column": "w"},
    START | {"name": "登记机关", "column": "office"},
]


def graded(entry: Entry) -> list[tuple[Any, ...]]:
    return list(entry.draft.items.values_list("mask", "level", "share_class"))


def test_the_grid_adds_copies_and_removes_rows_without_saving_and_without_javascript(cast: Cast):
    entry, client = drafted(cast.civil_operator), cast.client("civil_operator")
    rows = [{"name": "新的信息项"}, {"name": "第二项", "length": "很长"}]
    for button, ticked, names in (
        ("add", [], ["新的信息项", "第二项", *[""] * 10]),
        ("copy", [2], ["新的信息项", "第二项", "第二项"]),
        ("remove", [1], ["第二项"]),
        ("remove", [1, 2], [""]),
    ):
        data = grid(rows, rows=f"items:{button}", **{"items.tick": ticked})
        answer = client.post(f"/compile/{entry.pk}/items/", data)
        html = answer.content.decode()
        body = html[html.index("<tbody>") : html.index("</tbody>")]
        assert answer.status_code == 200 and "error-summary" not in html, button
        assert re.findall(r'name="items\.name" value="([^"]*)"', body) == names
        assert ('value="很长"' in body) == ("第二项" in names), "kept as typed"
    assert entry.draft.items.count() == len(ITEMS)


def test_the_grid_saves_and_says_what_is_wrong_in_which_cell_and_at_the_top(cast: Cast):
    entry, client = drafted(cast.civil_operator), cast.client("civil_operator")
    wrong = [
        {"name": "编号", "length": "很长", "type": "字符"},
        {"column": "x"},
        {"name": "日期", "level": "绝对不许看", "type": "date"},
    ]
    answer = client.post(f"/compile/{entry.pk}/items/", grid(wrong))
    html = answer.content.decode()
    assert answer.status_code == 422 and html.count('class="cell-fault"') == 3
    assert "<title>有误：" in html
    for cell, text in (
        ("items-1-length", "第 1 行 长度：请填 1 至 100000000 的整数"),
        ("items-2-name", "第 2 行 名称：请填写名称"),
        ("items-3-level", "第 3 行 分级：没有“绝对不许看”这个选项"),
    ):
        assert f'<a href="#{cell}">{text}</a>' in html and f'id="{cell}"' in html
        assert f'aria-invalid="true" aria-describedby="{cell}-error"' in html
    assert 'value="很长"' in html and 'value="绝对不许看"' in html, "kept as typed"
    rows = [
        {"name": "编号", "is_key": "√", "length": "１，０００"},
        {},
        {"name": "日期", "type": "date", "length": "8", "mask": "无"},
    ]
    answer = client.post(f"/compile/{entry.pk}/items/", grid(rows, stay="1"), follow=True)
    assert "没有保存：长度（日期" in answer.content.decode(), "a date has no length, and it is said"
    assert list(entry.draft.items.values_list("name", "type", "is_key", "length")) == [
        ("编号", "C", True, 1000),
        ("日期", "D", False, None),
    ]


def test_choices_follow_the_type(cast: Cast):
    """A bank card's mask was offered for a date."""
    entry, client = drafted(cast.civil_operator), cast.client("civil_operator")
    rows = [{"name": "日期", "type": "日期型", "mask": "银行卡号"}]
    html = client.post(f"/compile/{entry.pk}/items/", grid(rows)).content.decode()
    assert "第 1 行 脱敏：日期型不能选“银行卡号（保留前 6 后 4）”" in html
    offered = re.search(r'value="银行卡号（保留前 6 后 4）"[^>]* data-fits="([^"]*)"', html)
    assert offered and "D" not in offered[1].split("|") and "C" in offered[1].split("|")
    dated = {"name": "登记日期", "type": "D", "share_class": "1", "mask": "bank_card"}
    actions.edit(cast.civil_operator, entry.case, items=[*ITEMS[:3], dated])
    with pytest.raises(Malformed, match="日期型不能用"):
        actions.submit(cast.civil_operator, entry.case, cleared=["state", "work"])


def test_an_item_starts_at_its_strictest_by_whichever_door(cast: Cast):
    entry = actions.draft(cast.civil_operator, name="婚姻登记信息", items=[{"name": "登记机关"}])
    assert graded(entry) == [(STRICTEST.mask, STRICTEST.level, STRICTEST.share_class)]
    page = cast.client("civil_operator").get(f"/compile/{entry.pk}/items/").content.decode()
    blank = page[page.index("<template data-blank>") : page.index("</template>")]
    for words in ("四级", "不予", "不提供内容（置空）"):
        assert f'value="{words}"' in blank
    assert (entry.draft.open_class, entry.draft.open_mode) == ("3", "none")


def test_what_looks_personal_is_open_until_a_person_adopts_it_or_says_why_not(cast: Cast):
    entry, client = two_people(cast), cast.client("civil_operator")
    url = f"/compile/{entry.pk}/items/"
    assert client.get(url).content.decode().count("待处理") == 2
    tasks = client.get(f"/compile/{entry.pk}/").content.decode()
    assert "2 处必须改正" in tasks and "继续填写：" in tasks, "the section is not finished"
    client.post(url, grid(TWO, settle="adopt:column:w"))
    assert graded(entry) == [("blank", "4", "3"), ("name", "3", "2"), ("blank", "4", "3")]
    client.post(
        url, grid([TWO[0], TWO[1] | {"mask": "不脱敏", "share_class": "有条件"}, TWO[2]], stay="1")
    )
    assert client.get(url).content.decode().count("待处理") == 2, "loosened again, it is open again"
    client.post(url, grid(TWO, settle="withhold:column:w"))
    assert graded(entry)[1] == ("name", "3", "3")
    reason = {"reason.column:m": "登记员姓名，依法公示。"}
    client.post(url, grid([TWO[0] | {"mask": "不脱敏", "level": "二级"}, *TWO[1:]], **reason))
    facts = queries.facts_of(queries.entry_for(cast.civil_operator, entry.pk).draft)
    assert next(settled for _, _, settled in facts.recognised) is Settled.DECLINED
    page = client.get(url).content.decode()
    assert 'name="reason.column:' in page
    renamed = [TWO[0] | {"name": "男方身份姓名", "mask": "不脱敏", "level": "二级"}, *TWO[1:]]
    client.post(url, grid(renamed))
    assert "登记员姓名，依法公示。" in client.get(url).content.decode(), "renamed, its reason stays"
    client.post(url, grid([TWO[0] | {"mask": "不脱敏", "level": "二级"}, *TWO[1:]]))
    last = LedgerEntry.objects.filter(verb="entry.edit").latest("seq").after
    assert {"item": "男方姓名", "kind": "name", "settled": "declined"} | {
        "reason": "登记员姓名，依法公示。"
    } in last["personal"]


def test_all_suggestions_are_adopted_at_once_and_the_rest_is_opened_at_once(cast: Cast):
    entry, client = two_people(cast), cast.client("civil_operator")
    url = f"/compile/{entry.pk}/items/"
    client.post(url, grid(TWO, settle="adopt_all"))
    assert graded(entry) == [("name", "3", "2"), ("name", "3", "2"), ("blank", "4", "3")]
    adopted = [
        row | {"mask": "姓名", "level": "三级", "share_class": "有条件"}
        if "姓名" in row["name"]
        else row
        for row in TWO
    ]
    client.post(url, grid(adopted, settle="open_rest"))
    assert graded(entry)[2] == ("", "2", "1")
    assert "待处理" not in client.get(url).content.decode()


def test_both_reviewers_see_what_was_recognised_and_what_became_of_it(cast: Cast):
    items = [*ITEMS[:2], ITEMS[2] | {"mask": "", "declined": "证件号已由系统加密，不是原值。"}]
    entry = drafted(cast.civil_operator, items=items)
    actions.submit(cast.civil_operator, entry.case, cleared=["state", "work"])
    for who in ("civil_manager", "bureau_operator"):
        page = cast.client(who).get(f"/review/{entry.case_id}/").content.decode()
        assert "个人信息识别与处理" in page and "证件号已由系统加密，不是原值。" in page
        assert "已采纳" in page and "不采纳" in page
        if who == "civil_manager":
            actions.pass_department(cast.civil_manager, entry.case, cleared=["state", "work"])
    actions.pass_bureau(cast.bureau_operator, entry.case)
    actions.publish(cast.civil_operator, entry.case)
    answer = cast.client("hr_operator").get(f"/catalog/{entry.pk}.json").content.decode()
    assert "证件号已由系统加密" not in answer, "the reviewers' affair, nobody else's"


def test_two_hundred_rows_are_rendered_and_saved_cheaply(cast: Cast, django_assert_max_num_queries):
    """36 rows needed seven reloads, 200 a second of processor time."""
    entry, client = drafted(cast.civil_operator), cast.client("civil_operator")
    url = f"/compile/{entry.pk}/items/"
    rows = [{"name": f"信息项{n}", "column": f"c{n}", "length": "20"} for n in range(200)]
    with django_assert_max_num_queries(60):
        assert client.post(url, grid(rows, stay="1")).status_code == 302
    assert entry.draft.items.count() == 200
    with django_assert_max_num_queries(40):
        page = client.get(url).content.decode()
    assert page.count('name="items.name"') == 204 and page.count("<datalist") == 8
    assert page.count("<option") < 80, "choices are drawn once, not once a row"


@pytest.mark.parametrize("cut", ["items.level", "items.name", None])
def test_a_grid_that_was_tampered_with_is_refused_in_words(cast: Cast, cut: str | None):
    entry, client = drafted(cast.civil_operator), cast.client("civil_operator")
    data = grid([{"name": "编号"}, {"name": "年度"}])
    if cut:
        data[cut] = data[cut][:1]
    else:
        data = {"standard": "标准"}
    answer = client.post(f"/compile/{entry.pk}/items/", data)
    assert answer.status_code == 422 and "没有完整送到" in answer.content.decode()
    assert entry.draft.items.count() == len(ITEMS)
