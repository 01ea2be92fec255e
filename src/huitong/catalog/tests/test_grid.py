"""The grid of items: rows, cells, suggestions, what is wrong in which cell."""

from __future__ import annotations

import pytest
from tests.cast import Cast

from huitong.catalog import actions
from huitong.catalog.tests.marriage import ITEMS, drafted

pytestmark = pytest.mark.django_db


def grid(rows, **more):
    data = {
        "items-TOTAL_FORMS": len(rows),
        "items-INITIAL_FORMS": 0,
        "standard": "标准",
        "dictionary": "",
    } | more
    for n, row in enumerate(rows):
        data |= {
            f"items-{n}-{k}": v
            for k, v in ({"type": "C", "level": "2", "share_class": "1"} | row).items()
        }
    return data


def test_the_grid_adds_rows_without_saving_and_without_javascript(cast: Cast):
    entry = drafted(cast.civil_operator)
    client = cast.client("civil_operator")
    answer = client.post(f"/compile/{entry.pk}/items/", grid([{"name": "新的信息项"}], more="1"))
    html = answer.content.decode()
    assert (
        answer.status_code == 200 and 'value="新的信息项"' in html and 'name="items-5-name"' in html
    )
    assert entry.draft.items.count() == len(ITEMS)


def test_the_grid_saves_deletes_and_says_what_is_wrong_in_which_cell(cast: Cast):
    entry = drafted(cast.civil_operator)
    client = cast.client("civil_operator")
    answer = client.post(
        f"/compile/{entry.pk}/items/", grid([{"name": "编号", "length": "很长"}, {"column": "x"}])
    )
    html = answer.content.decode()
    assert (
        answer.status_code == 422 and html.count("invalid-feedback") == 1 and 'value="很长"' in html
    )
    answer = client.post(f"/compile/{entry.pk}/items/", grid([{"name": "编号"}, {"column": "x"}]))
    assert answer.status_code == 422 and "invalid-feedback" in answer.content.decode(), (
        "a column without a name"
    )
    rows = [
        {"name": "编号", "is_key": "on"},
        {"name": "多余", "DELETE": "on"},
        {},
        {"name": "日期", "type": "D"},
    ]
    assert client.post(f"/compile/{entry.pk}/items/", grid(rows, stay="1")).status_code == 302
    assert list(entry.draft.items.values_list("name", "type", "is_key")) == [
        ("编号", "C", True),
        ("日期", "D", False),
    ]


def test_a_wrong_cell_is_named_at_the_top_with_the_way_to_it(cast: Cast):
    entry = drafted(cast.civil_operator)
    answer = cast.client("civil_operator").post(
        f"/compile/{entry.pk}/items/", grid([{"name": "编号"}, {"name": "年度", "length": "很长"}])
    )
    html = answer.content.decode()
    assert answer.status_code == 422 and "表格中有 1 处填写有误" in html
    assert (
        '<a href="#id_items-1-length">第 2 行 长度' in html
        and 'id="id_items-1-length_error"' in html
    )


def test_a_suggestion_is_applied_only_where_a_person_accepts_it(cast: Cast):
    suggestion = {"kind": "name", "mask": "name", "label": "姓名", "level": "3", "reason": "像姓名"}
    entry = actions.draft(
        cast.civil_operator,
        name="婚姻登记信息",
        items=[
            {"name": "男方姓名", "column": "m", "suggestion": suggestion},
            {"name": "女方姓名", "column": "w", "suggestion": suggestion},
        ],
    )
    client = cast.client("civil_operator")
    assert client.get(f"/compile/{entry.pk}/items/").content.decode().count("采纳：姓名") == 2
    rows = [{"name": "男方姓名", "column": "m"}, {"name": "女方姓名", "column": "w"}]
    client.post(
        f"/compile/{entry.pk}/items/",
        grid([rows[0], rows[1] | {"accept": "on"}], **{"items-INITIAL_FORMS": 2}),
    )
    assert list(entry.draft.items.values_list("mask", "level")) == [("", "2"), ("name", "3")]
    client.post(
        f"/compile/{entry.pk}/items/", grid(rows, **{"items-INITIAL_FORMS": 2}, accept_all="1")
    )
    assert list(entry.draft.items.values_list("mask", flat=True)) == ["name", ""], (
        "what was taken off again stays off unless accepted"
    )


@pytest.mark.parametrize("total", ["", "x", "²", "99999999999999999999"])
def test_a_grid_that_was_tampered_with_is_refused_in_words(cast: Cast, total: str):
    entry, client = drafted(cast.civil_operator), cast.client("civil_operator")
    for how in ({"more": "1"}, {"stay": "1"}):
        answer = client.post(
            f"/compile/{entry.pk}/items/",
            grid([{"name": "编号"}], **{"items-TOTAL_FORMS": total}, **how),
        )
        assert answer.status_code in (200, 422), how
    assert (
        answer.status_code == 422
        and "error-summary" in answer.content.decode()
        and entry.draft.items.count() == len(ITEMS)
    )
