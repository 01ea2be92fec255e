"""Narrowing never lets more through than either scope, judged on rows, characters and calls, not
on syntax."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huitong.scope import (
    And,
    Between,
    Compare,
    ControlParameter,
    IsNull,
    Mask,
    Not,
    OneOf,
    Or,
    Prefix,
    Scope,
    implies,
    narrow,
    peeks,
    peeks_through,
    widens,
)
from huitong.scope.evaluate import admits
from huitong.scope.masks import NAMED, NOTHING, apply, named, partial, stricter, token
from huitong.scope.parameters import faults, merge
from huitong.scope.tests.strategies import TYPES, VALUES, filters, leaf, masks, row_values, scopes

DAY = date(2000, 1, 1)
QUICK = settings(max_examples=120, deadline=None)
calls = st.dictionaries(
    st.sampled_from(["matter", "operator", "case-number"]),
    st.sampled_from(["A1", "A2", "B3", "12", "", "Axyz"]),
)


@QUICK
@given(base=scopes(), requested=scopes(), rows=st.lists(row_values(), max_size=5), call=calls)
def test_narrow_is_never_wider_than_either(
    base: Scope, requested: Scope, rows: list[dict[str, Any]], call: dict[str, str]
) -> None:
    both = narrow(base, requested)
    for wide in (base, requested):
        assert set(both.items) <= set(wide.items)
        assert both.comparison_only >= wide.comparison_only
        for row in rows:
            assert not admits(both.row_filter, row, TYPES) or admits(wide.row_filter, row, TYPES)
        if not faults(both.control_parameters, call):
            assert not faults(wide.control_parameters, call)
        assert widens(wide, both) == ()
    for row in rows:  # and no narrower than both together
        assert admits(both.row_filter, row, TYPES) == (
            admits(base.row_filter, row, TYPES) and admits(requested.row_filter, row, TYPES)
        )


@QUICK
@given(
    base=scopes(),
    requested=scopes(),
    rows=st.lists(row_values(), min_size=1, max_size=6),
    call=calls,
)
def test_what_does_not_widen_lets_nothing_more_through(
    base: Scope, requested: Scope, rows: list[dict[str, Any]], call: dict[str, str]
) -> None:
    if widens(base, requested) == ():
        assert set(requested.items) <= set(base.items)
        assert not any(
            admits(requested.row_filter, row, TYPES) and not admits(base.row_filter, row, TYPES)
            for row in rows
        )
        assert faults(requested.control_parameters, call) or not faults(
            base.control_parameters, call
        )


@QUICK
@given(
    one=leaf(("code", "number", "score", "born")),
    other=leaf(("code", "number", "score", "born")),
    rows=st.lists(row_values(), min_size=5, max_size=9),
)
def test_implication_holds_on_rows(one: Any, other: Any, rows: list[dict[str, Any]]) -> None:
    if implies(one, other):
        assert not any(admits(one, row, TYPES) and not admits(other, row, TYPES) for row in rows)


@QUICK
@given(tree=filters())
def test_a_filter_implies_itself_and_its_parts(tree: Any) -> None:
    assert (
        implies(tree, tree)
        and implies(And((tree, IsNull("code"))), tree)
        and implies(tree, Or((IsNull("code"), tree)))
    )
    assert implies(tree, None)
    assert not implies(None, tree)


@QUICK
@given(
    one=st.none() | masks,
    other=st.none() | masks,
    text=VALUES["text"] | st.text("abc123", max_size=20),
)
def test_the_stricter_mask_shows_no_more_than_either(
    one: Mask | None, other: Mask | None, text: str
) -> None:
    both = stricter(one, other)
    keys = {"k1": b"1", "k2": b"2"}
    both_output = text if both is None else apply(both, text, keys)
    for mask in (one, other):
        output = text if mask is None else apply(mask, text, keys)
        if both is None or both_output is None:
            continue
        if both == mask:
            assert both_output == output
        elif mask is not None:  # both partial: every character still shown is shown by each
            assert all(s in ("*", o) for s, o in zip(both_output, output or "", strict=True))


IMPLICATIONS = [
    (Prefix("x", "320613"), Prefix("x", "3206"), True),
    (Prefix("x", "32"), Prefix("x", "3206"), False),
    (Compare("eq", "x", "320613"), Prefix("x", "3206"), True),
    (OneOf("x", ("320613", "33")), Prefix("x", "3206"), False),
    (OneOf("x", ("a", "b")), OneOf("x", ("a", "b", "c")), True),
    (Compare("eq", "x", "a"), Compare("ne", "x", "b"), True),
    (Compare("gt", "n", Decimal(5)), Compare("ge", "n", Decimal(5)), True),
    (Compare("ge", "n", Decimal(5)), Compare("gt", "n", Decimal(5)), False),
    (Between("n", Decimal(2), Decimal(3)), Compare("le", "n", Decimal(3)), True),
    (Between("n", Decimal(2), Decimal(3)), Between("n", Decimal(1), Decimal(9)), True),
    (Between("n", Decimal(0), Decimal(3)), Between("n", Decimal(1), Decimal(9)), False),
    (Compare("eq", "y", "a"), Compare("eq", "x", "a"), False),
    (Compare("lt", "d", date(2020, 1, 1)), Compare("lt", "d", date(2021, 1, 1)), True),
    (Compare("gt", "d", date(2020, 1, 1)), Compare("lt", "d", date(2021, 1, 1)), False),
    (And((Prefix("x", "3206"), IsNull("y"))), Prefix("x", "32"), True),
    (Or((Prefix("x", "3206"), Prefix("x", "33"))), Prefix("x", "3"), True),
    (Or((Prefix("x", "3206"), IsNull("x"))), Prefix("x", "3"), False),
    (Not(IsNull("x")), Not(IsNull("x")), True),
    # one and the same float
    (
        Compare("eq", "n", Decimal("0.1")),
        Compare("lt", "n", Decimal("0.10000000000000000000001")),
        False,
    ),
    (IsNull("x"), Prefix("x", "3"), False),
]


@pytest.mark.parametrize(("one", "other", "sure"), IMPLICATIONS)
def test_implications(one: Any, other: Any, sure: bool) -> None:
    assert implies(one, other) is sure


BASE = Scope(
    ("name", "code"),
    Prefix("code", "3206"),
    {"name": named("name")},
    (ControlParameter("matter", "事项编码", choices=("A1", "A2")),),
)
WIDENED = {
    "items": (
        Scope(("name", "code", "income"), BASE.row_filter, BASE.masks, BASE.control_parameters),
        "多出信息项：income",
    ),
    "mask": (
        Scope(("name",), BASE.row_filter, {}, BASE.control_parameters),
        "信息项“name”应按“姓名（保留首字）”脱敏",
    ),
    "another mask": (
        Scope(("name",), BASE.row_filter, {"name": partial(2, 0)}, BASE.control_parameters),
        "信息项“name”应按“姓名（保留首字）”脱敏",
    ),
    "rows": (
        Scope(("code",), Prefix("code", "32"), {}, BASE.control_parameters),
        "数据行的范围超出规定条件",
    ),
    "all rows": (Scope(("code",), None, {}, BASE.control_parameters), "数据行的范围超出规定条件"),
    "no reason given": (Scope(("code",), BASE.row_filter), "放宽了管控参数“事项编码”"),
    "more matters": (
        Scope(
            ("code",),
            BASE.row_filter,
            {},
            (ControlParameter("matter", "事项编码", choices=("A1", "B")),),
        ),
        "放宽了管控参数“事项编码”",
    ),
    "a reason that may be left out": (
        Scope(
            ("code",),
            BASE.row_filter,
            {},
            tuple(replace(parameter, required=False) for parameter in BASE.control_parameters),
        ),
        "放宽了管控参数“事项编码”",
    ),
}


@pytest.mark.parametrize(("requested", "sentence"), WIDENED.values(), ids=WIDENED)
def test_each_way_of_widening_is_named(requested: Scope, sentence: str) -> None:
    assert widens(BASE, requested) == (sentence,)


def test_less_is_no_widening() -> None:
    less = Scope(
        ("name",),
        Prefix("code", "320613"),
        {"name": NOTHING},
        (ControlParameter("matter", "事项编码", choices=("A1",)),),
        True,
    )
    assert widens(BASE, less) == () and widens(less, BASE) != ()
    assert widens(Scope(("code",), comparison_only=True), Scope(("code",))) == (
        "只允许比对，不得提供数据",
    )


def test_masks_that_cannot_be_compared_leave_nothing() -> None:
    assert stricter(named("email"), token("k1")) == NOTHING
    assert stricter(named("citizen_number"), named("mobile")) == partial(3, 4, 15)
    assert {stricter(mask, None) for _, mask in NAMED.values()} == {
        mask for _, mask in NAMED.values()
    }


def test_what_either_side_keeps_as_a_digest_or_binds_to_the_matter_stays_so() -> None:
    """Evidence that may only hold a digest holds none in plain after anybody narrows it (A30)."""
    plain = ControlParameter("who", "对象")
    strict = replace(plain, recorded="hashed", kind="matter")
    for one, other in ((plain, strict), (strict, plain)):
        assert merge((one,), (other,)) == (strict,)
    for looser in (replace(strict, recorded="plain"), replace(strict, kind="text")):
        assert widens(
            Scope((), control_parameters=(strict,)), Scope((), control_parameters=(looser,))
        ) == ("放宽了管控参数“对象”",)


def test_what_a_decision_hides_of_what_was_asked_in_the_clear_is_named() -> None:
    """Of an item that was masked when it was asked for, the rows told nothing new."""
    requested = Scope(("name", "code", "born"), masks={"name": named("name")})
    own = And((Prefix("name", "张"), Prefix("code", "3206"), Compare("ge", "born", DAY)))
    assert peeks_through(requested, requested, own) == ()
    assert peeks_through(requested, Scope(("code",)), own) == ("born",)
    assert peeks_through(
        requested, replace(requested, masks={**requested.masks, "code": NOTHING}), own
    ) == ("code",)


def test_a_consumer_may_not_filter_by_what_it_must_not_see() -> None:
    condition = And(
        (Compare("gt", "income", Decimal(5000)), Prefix("name", "张"), Prefix("code", "3206"))
    )
    assert peeks(BASE, condition) == ("income", "name")
    assert peeks(BASE, None) == ()
