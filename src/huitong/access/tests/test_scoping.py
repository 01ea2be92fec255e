"""Filters and masks against the columns they meet: refused when they are given, not when
somebody calls (A8, A30)."""

from __future__ import annotations

import pytest

from huitong.access.rules.scoping import check_filter, check_masks
from huitong.kernel.procedure import Malformed
from huitong.publishing.rules import ItemColumn

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
