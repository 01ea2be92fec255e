"""The conditions of a decision: a grid, and the one tree of JSON it makes (A22)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st
from tests.sharing import Sharing

from huitong.access.forms import ScopeForm
from huitong.access.rules.conditions import ALONE, MOST, OPERATORS
from huitong.publishing.rules import ItemColumn, Mode
from huitong.scope import ItemType, Scope
from huitong.scope.evaluate import check_types
from huitong.scope.filters import filter_from_json
from huitong.scope.literals import FAMILIES
from huitong.scope.reading import ScopeError

COLUMNS = [ItemColumn(kind.label, f"c{n}", kind.value, "text") for n, kind in enumerate(ItemType)]
TYPES = {kind.label: kind for kind in ItemType}
#: a value that fits, by family
FITS = {
    "text": "3206",
    "number": "-12.50",
    "float": "7",
    "date": "2020-02-19",
    "time": "2020-02-19T08:00:00",
    "truth": "是",
    "": "x",
}
NAMES = ("item", "op", "value")
Rows = list[tuple[str, str, str]]


def data_of(typed: Rows, **more: Any) -> QueryDict:
    sent = QueryDict(mutable=True)
    for n, name in enumerate(NAMES):
        sent.setlist(f"conditions.{name}", [row[n] for row in typed])
    sent.update({"item_0": "on", "per_second": "5"} | more)
    sent.update({"valid_from": "2026-11-20", "valid_to": "2027-11-20"})
    return sent


def form_of(rows: Rows, columns: list[ItemColumn] | None = None) -> ScopeForm:
    scope = Scope(("甲",))
    return ScopeForm(
        scope, scope, COLUMNS if columns is None else columns, Mode.API, [], data_of(rows)
    )


def before(item: str, op: str, text: str) -> dict[str, Any]:
    """The tree of one condition as the three separate fields gave it."""

    def literal(family: str, text: str) -> dict[str, Any]:
        text = text.strip()
        return {"truth": text in ("是", "true", "1", "真")} if family == "truth" else {family: text}

    if op in ALONE:
        none = {"op": "is_null", "item": item}
        return none if op == "is_null" else {"op": "not", "of": none}
    family = {"float": "number", "": "text"}.get(TYPES[item].family, TYPES[item].family)
    if op == "in":
        parts = [t for t in re.split(r"[,，、]", text) if t.strip()]
        return {"op": "in", "item": item, "values": [literal(family, t) for t in parts]}
    return {"op": op, "item": item, "value": literal("text" if op == "prefix" else family, text)}


def is_sound(tree: dict[str, Any]) -> bool:
    try:
        check_types(Scope((), filter_from_json(tree)), TYPES)
    except ScopeError:
        return False
    return True


@pytest.mark.parametrize("kind", list(ItemType))
@pytest.mark.parametrize("op", list(OPERATORS))
def test_each_relation_of_each_type_gives_the_tree_it_gave(op: str, kind: ItemType) -> None:
    """And what the act would refuse for the type of the item is refused in the cell."""
    item, text = kind.label, FITS[FAMILIES[kind]]
    for cell in (item, f"{item}（{item}）"):
        form, tree = form_of([(cell, OPERATORS[op], text)]), before(item, op, text)
        assert form.is_valid() == is_sound(tree), form.errors
        if form.is_valid():
            assert form.scope()["row_filter"] == tree
        else:
            assert f"{cell}不能选“{OPERATORS[op]}”" in str(form.errors["conditions"])


@given(
    st.lists(
        st.tuples(
            st.sampled_from([kind.label for kind in ItemType]),
            st.sampled_from(list(OPERATORS)),
            st.lists(st.sampled_from([*FITS.values(), "否", "假", " ", ""]), max_size=4).flatmap(
                lambda parts: st.sampled_from(",，、").map(lambda mark: mark.join(parts))
            ),
        ),
        min_size=1,
        max_size=MOST,
    )
)
def test_whatever_is_typed_gives_the_tree_it_gave_or_is_refused(rows: Rows) -> None:
    form = form_of([(item, OPERATORS[op], text) for item, op, text in rows])
    trees = [before(*row) for row in rows]
    if form.is_valid():
        whole = trees[0] if len(trees) == 1 else {"op": "and", "of": trees}
        assert form.scope()["row_filter"] == whole
        assert all(map(is_sound, trees))
    else:
        alike = [
            is_sound(tree) and (op in ALONE or text.strip() != "")
            for tree, (_, op, text) in zip(trees, rows, strict=True)
        ]
        odd = [item == "逻辑型" for item, _, _ in rows]
        assert not all(alike) or any(odd)


@pytest.mark.parametrize(
    ("row", "target", "words"),
    [
        (("字符型", "等于", ""), "value", "请填写条件的值"),
        (("字符型", "是其中之一", "，、,"), "value", "请填写条件的值"),
        (("", "等于", "3206"), "item", "请选择信息项"),
        (("", "没有记录", ""), "item", "请选择信息项"),
        (("字符型", "", "3206"), "op", "请选择关系"),
        (("姓氏", "等于", "王"), "item", "没有“姓氏”这个选项"),
        (("数值型", "等于", "很多"), "value", "“很多”不是有效的数字（如 12.50）"),
        (("数值型", "是其中之一", "1，二"), "value", "“二”不是有效的数字（如 12.50）"),
        (("日期型", "不早于", "20200219"), "value", "“20200219”不是有效的日期（如 2020-02-19）"),
        (("逻辑型", "等于", "也许"), "value", "请填“是”或“否”"),
        (("数值型", "以…开头", "1"), "op", "数值型不能选“以…开头”"),
        (("字符型", "等于", "a\x00"), "value", "含有无法保存的字符"),
        (("字符型", "等于", "长" * 501), "value", "最多 500 个字，现有 501 个"),
    ],
)
def test_what_is_wrong_stands_in_its_cell(row: Any, target: str, words: str) -> None:
    form = form_of([("", "等于", ""), row])
    assert not form.is_valid()
    drawn = str(form["conditions"])
    fault = re.search(rf'id="conditions-2-{target}-error">([^<]*)<', drawn)
    assert fault and words in fault[1].replace("&quot;", '"'), drawn
    assert "第 2 行" in str(form.errors["conditions"])


def test_empty_rows_and_no_rows_narrow_nothing() -> None:
    for rows in ([("", "等于", "")] * 3, [("", "", "")]):
        form = form_of(rows)
        assert form.is_valid() and "row_filter" not in form.scope()
    bare = form_of([("", "", "")], columns=[])
    assert bare.is_valid() and "conditions" not in bare.fields


def test_a_form_that_came_without_its_conditions_grants_nothing() -> None:
    """A page drawn before an upgrade, a form cut short: fewer conditions would be a wider grant."""
    form = form_of([])
    assert not form.is_valid() and "没有完整送到" in str(form.errors["conditions"])
    more = form_of([("字符型", "等于", "1")] * (MOST + 1))
    assert not more.is_valid() and f"最多 {MOST} 行" in str(more.errors["conditions"])


def test_items_named_alike_but_for_their_brackets_are_not_mixed_up() -> None:
    """What stands in brackets is dropped when words are compared; items may differ in it alone."""
    columns = [ItemColumn("地址（省）", "a", "C", ""), ItemColumn("地址（市）", "b", "C", "")]
    for cell in ("地址（市）", "地址（市）（字符型）"):
        form = form_of([(cell, "等于", "南通")], columns)
        assert form.is_valid() and form.scope()["row_filter"]["item"] == "地址（市）"
    unclear = form_of([("地址", "等于", "南通")], columns)
    assert "没有“地址”这个选项" in str(unclear.errors["conditions"])


def test_what_the_act_says_of_the_filter_stands_beside_the_grid() -> None:
    form = form_of([("字符型", "等于", "1")])
    assert form.is_valid()
    form.refuse({"row_filter": ["row_filter:信息项“字符型”不能作为条件"]})
    assert form.errors["conditions"] == ["信息项“字符型”不能作为条件"]


# -- the page --------------------------------------------------------------------------------------


def decided(sharing: Sharing) -> tuple[Any, str, Any]:
    application = sharing.accepted(sharing.mount("marriage", "api"))
    return sharing.cast.client("civil_manager"), f"/decide/{application.pk}/", application


def sent(application: Any, typed: Rows, **more: str) -> str:
    """The form of the page with these conditions, all items ticked."""
    data = data_of(typed, **more)
    data["valid_from"] = str(application.form.period_from)
    data["valid_to"] = str(application.form.period_to)
    data.update({f"item_{n}": "on" for n in range(len(application.scope["items"]))})
    return data.urlencode()


def cells(page: str, name: str) -> list[str]:
    """The cells of a column, without the row that new ones are made of."""
    rows = page.partition("<template data-blank>")[0]
    return re.findall(rf'name="conditions\.{name}" value="([^"]*)"', rows)


@pytest.mark.django_db
def test_conditions_stay_as_they_were_typed(sharing: Sharing) -> None:
    """After faults, a simulation, the question before granting and the way back from it; more rows
    without scripts judge and perform nothing."""
    client, url, application = decided(sharing)
    form = {"content_type": "application/x-www-form-urlencoded"}
    rows = [("登记机关区划", "以…开头", "3206"), ("登记日期", "不早于", "2020-13-01")]

    def answer(typed: Rows, status: int = 200, **more: str) -> str:
        page = client.post(url, sent(application, typed, **more), **form)
        assert page.status_code == status
        return str(page.content.decode())

    page = answer([*rows, ("", "等于", "")], 200, rows="conditions:add", per_second="")
    assert len(cells(page, "item")) == 13 and cells(page, "value")[:2] == ["3206", "2020-13-01"]
    assert "error-summary" not in page and "模拟结果" not in page and "cell-fault" not in page
    assert (
        client.post(
            url, sent(application, rows, rows="conditions:add", _act="grant"), **form
        ).status_code
        == 200
    )
    page = answer(rows, 422, _act="simulate")
    assert "“2020-13-01”不是有效的日期" in page and cells(page, "op") == ["以…开头", "不早于"]
    assert 'href="#conditions-2-value"' in page, "the summary leads to the cell"
    rows[1] = ("登记日期", "不早于", "2020-01-05")
    page = answer(rows, 200, _act="simulate")
    assert "模拟结果" in page and cells(page, "value") == ["3206", "2020-01-05"]
    reason = {
        "ground": "more_than_needed",
        "cites": "登记机关区划",
        "reasons": "仅需本市登记的记录。",
    }
    page = answer(rows, 200, _act="grant", **reason)
    assert "确认同意授权" in page
    assert re.findall(r'name="conditions\.value" value="([^"]*)"', page) == ["3206", "2020-01-05"]
    page = answer(rows, 200, _act="grant", _back="1", **reason)
    assert cells(page, "item") == ["登记机关区划", "登记日期"] and "error-summary" not in page
    done = client.post(url, sent(application, rows, _act="grant", _confirmed="1", **reason), **form)
    assert done.status_code == 302
    application.refresh_from_db()
    tree = application.grant.scope["row_filter"]
    assert tree["op"] == "and" and [part["item"] for part in tree["of"]] == [r[0] for r in rows]
