"""Filters and masks against the columns they meet: refused when they are given, not when
somebody calls (A8, A30)."""

from __future__ import annotations

from typing import Any

import pytest

from huitong.access.rules.answers import matter_wanting
from huitong.access.rules.conditions import MOST, written_filter
from huitong.access.rules.scoping import check_filter, check_masks, lessened, looser
from huitong.kernel.procedure import Malformed
from huitong.publishing.rules import ItemColumn, Mode
from huitong.scope import ControlParameter, Mask, Scope
from huitong.scope.masks import NOTHING, named, partial, token

COLUMNS = [
    ItemColumn("标签", "tags", "G", "text[]"),
    ItemColumn("编号", "n", "I", "integer[]"),
    ItemColumn("期间", "d", "C", "daterange"),
    ItemColumn("信息", "j", "M", "jsonb"),
    ItemColumn("姓名", "name", "C", "character varying(50)"),
    ItemColumn("单价", "price", "N", "public.price"),
]


@pytest.mark.parametrize(
    ("item", "value", "words"),
    [
        ("编号", {"number": "1"}, "integer[]"),
        ("标签", {"text": "x"}, "通用型"),
        ("期间", {"text": "x"}, None),
        ("信息", {"text": "{}"}, None),
        ("单价", {"number": "1"}, None),
    ],
)
def test_a_filter_the_source_cannot_answer_is_refused_when_it_is_given(
    item: str, value: dict[str, str], words: str | None
):
    """d10: typed as a number because the check once demanded it, an array made every call fail
    at the source."""
    given = {"op": "eq", "item": item, "value": value}
    if words is None:
        assert check_filter(given, COLUMNS) is not None
        return
    with pytest.raises(Malformed) as wrong:
        check_filter(given, COLUMNS)
    assert item in str(wrong.value.fields["row_filter"]) and words in str(
        wrong.value.fields["row_filter"]
    )
    assert check_filter({"op": "is_null", "item": item}, COLUMNS) is not None, (
        "whether there is any can be asked of everything"
    )


@pytest.mark.parametrize(
    ("item", "mask", "fits"),
    [
        ("标签", "name", False),
        ("信息", "citizen_number", False),
        ("期间", "address", False),
        ("标签", "blank", True),
        ("姓名", "name", True),
        ("单价", "name", True),
        ("标签", {"kind": "token", "algorithm": "sm3", "key": "default"}, True),
    ],
)
def test_a_mask_that_takes_texts_apart_is_laid_on_texts_only(item: str, mask: object, fits: bool):
    if fits:
        check_masks({item: mask}, COLUMNS)
        return
    with pytest.raises(Malformed) as wrong:
        check_masks({item: mask}, COLUMNS)
    assert item in str(wrong.value.fields["masks"]) and "置空" in str(wrong.value.fields["masks"])


@pytest.mark.parametrize(
    ("mask", "than", "shows_more"),
    [
        (named("name"), named("name"), False),
        (partial(1, 1), named("name"), True),
        (partial(2, 0), named("name"), True),
        (partial(0, 0), named("name"), False),
        (partial(6, 4, 3), named("citizen_number"), False),  # the length is joined, not compared
        (NOTHING, named("citizen_number"), False),
        (token("k"), named("name"), True),
        (named("name"), None, False),
    ],
)
def test_a_mask_of_a_decision_shows_no_character_more(
    mask: Mask, than: Mask | None, shows_more: bool
):
    assert looser(mask, than) is shows_more


@pytest.mark.parametrize(
    ("mode", "given", "less"),
    [
        (Mode.API, {}, []),
        (Mode.API, {"per_second": 19}, ["限制调用频率或次数"]),
        (Mode.API, {"per_second": 100}, []),
        (Mode.API, {"per_day": 10**8}, ["限制调用频率或次数"]),
        (Mode.TABLE, {"per_second": 1, "per_day": 1}, []),  # nobody calls
        (Mode.FILE, {"begins_later": True, "ends_sooner": True}, ["推迟起期", "缩短期限"]),
    ],
)
def test_a_decision_is_less_in_what_its_consumer_feels(
    mode: str, given: dict[str, Any], less: list[str]
):
    scope, whole = Scope(("编号",)), {"per_second": 20, "per_day": None}
    whole |= {"begins_later": False, "ends_sooner": False}
    assert lessened(scope, scope, mode, **whole | given) == less


@pytest.mark.parametrize(
    ("required", "matter", "wanting"), [(True, None, True), (True, 7, False), (False, None, False)]
)
def test_a_matter_is_named_where_every_call_must_say_one(
    required: bool, matter: int | None, wanting: bool
):
    demanded = ControlParameter("matter", "事项编码", required=required, kind="matter")
    about = ControlParameter("operator", "操作人")
    scope = Scope(("编号",), control_parameters=(demanded, about))
    assert bool(matter_wanting(scope, matter)) is wanting
    assert matter_wanting(Scope(("编号",), control_parameters=(about,)), None) == {}


def test_a_cell_states_so_many_conditions_and_no_more():
    """Twenty, all of which must hold."""
    condition = "姓名 = 张三"
    tree = written_filter("；".join([condition] * MOST), COLUMNS)
    assert tree is not None and len(tree["of"]) == MOST
    with pytest.raises(ValueError, match=f"最多 {MOST} 个条件"):
        written_filter("；".join([condition] * (MOST + 1)), COLUMNS)
