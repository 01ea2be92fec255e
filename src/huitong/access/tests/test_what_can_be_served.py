"""Nothing is mounted, asked for or granted that no plane delivers, and no rows are chosen by
what their receiver may not see (A8, A13, A18, A30)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.sharing import Sharing
from tests.thawing import thawed

from huitong.access import actions
from huitong.access.forms import ScopeForm
from huitong.access.models import Application
from huitong.access.rules import asked_scope, decided_scope
from huitong.catalog.models import Version
from huitong.kernel import doing
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.publishing.rules import Mode, unserved
from huitong.scope import ControlParameter, Scope, narrow
from huitong.scope.evaluate import admits
from huitong.scope.filters import all_of
from huitong.scope.masks import NOTHING, mask_to_json, named
from huitong.scope.tests.strategies import TYPES, filters, row_values, scopes

BY_NAME = {"op": "eq", "item": "男方姓名", "value": {"text": "王小明"}}
BY_DATE = {"op": "ge", "item": "登记日期", "value": {"date": "2020-01-05"}}


# -- what no plane serves --------------------------------------------------------------------------


def test_comparison_is_no_choice_of_any_verb_or_page() -> None:
    """It could be granted although no plane gives a verdict only."""
    for verb in ("application.grant", "access.simulate"):
        assert "comparison_only" not in doing.VERBS[verb].given.model_fields
    form = ScopeForm(Scope(("甲",)), Scope(("甲",)), [], Mode.API, [])
    assert form.fields and not any("比对" in str(field.label) for field in form.fields.values())


@pytest.mark.parametrize("mode", ["api", "table", "file"])
def test_an_entry_may_say_comparison_only_but_is_not_mounted(sharing: Sharing, mode: str) -> None:
    sharing.entry(
        "division",
        share_class="2",
        shapes=["comparison"],
        share_modes=["api"],
        condition="只核对是否一致。",
    )
    with thawed():
        # whatever way an older entry names
        Version.objects.update(share_modes=["api", "table", "file"])
    with pytest.raises(AgainstRules) as refused:
        sharing.mount("division", mode)
    assert "尚不能提供比对" in refused.value.detail and "共享条件" in refused.value.detail


def test_what_was_mounted_before_is_neither_asked_for_nor_granted(
    sharing: Sharing, settings: Any
) -> None:
    mount = sharing.mount("division", "api")
    waiting = sharing.accepted(mount)
    with thawed():
        Version.objects.filter(entry=mount.entry_id).update(shapes=["comparison"])
    with pytest.raises(Malformed) as refused:
        sharing.form(mount)
    assert "比对" in str(refused.value)
    with pytest.raises(Malformed) as refused:
        actions.grant(sharing.cast.bureau_manager, Application.objects.get(pk=waiting.pk).case)
    assert "items" in refused.value.fields


def test_what_must_be_said_on_each_call_needs_calls(sharing: Sharing) -> None:
    sharing.entry("division", control_parameters=[{"name": "case-number", "title": "办件编号"}])
    for mode in ("table", "file"):
        with pytest.raises(AgainstRules) as refused:
            sharing.mount("division", mode)
        assert "办件编号" in refused.value.detail and "接口" in refused.value.detail
    provider: Client = sharing.cast.client("civil_operator")
    page = provider.get(f"/mounts/new/?entry={sharing.entry('division').pk}").content.decode()
    assert f"/mounts/new/{sharing.entry('division').pk}/api/" in page and "逐次的调用" in page
    assert f"/mounts/new/{sharing.entry('division').pk}/table/" not in page
    assert sharing.mount("division", "api").mode == "api"


def test_a_table_without_its_key_would_never_arrive(sharing: Sharing) -> None:
    """Granted, it would have run into a refusal every day."""
    application = sharing.accepted(sharing.mount("marriage", "table"))
    for decision in (
        {"items": ["登记日期", "登记机关"]},
        {"masks": {"登记编号": {"kind": "blank"}}},
    ):
        with pytest.raises(Malformed) as refused:
            actions.grant(sharing.cast.civil_manager, application.case, **decision)
        assert "主键" in refused.value.fields["items"][0]
    with pytest.raises(Malformed) as refused:
        sharing.form(sharing.mount("marriage", "table"), items=["登记日期"])
    assert "主键" in refused.value.fields["resources.0.items"][0]


@pytest.mark.parametrize(
    ("mode", "scope", "served"),
    [
        ("api", Scope(("甲",)), True),
        ("table", Scope(("甲", "乙")), True),
        ("table", Scope(("乙",)), False),
        ("file", Scope(("乙",)), True),
        ("table", Scope(("甲",), masks={"甲": NOTHING}), False),
        ("api", Scope(("甲",), masks={"甲": NOTHING}), True),
        ("table", Scope(("甲",), control_parameters=(ControlParameter("a", "事由"),)), False),
        (
            "table",
            Scope(("甲",), control_parameters=(ControlParameter("a", "事由", required=False),)),
            True,
        ),
        *((mode, Scope(("甲",), comparison_only=True), False) for mode in Mode),
    ],
)
def test_which_scope_is_served_which_way(mode: str, scope: Scope, served: bool) -> None:
    assert (unserved(mode, scope, ["甲"]) == "") == served


# -- rows are not chosen by what is hidden ---------------------------------------------------------


@pytest.mark.parametrize("mode", ["api", "table"])
def test_an_application_chooses_no_rows_by_a_masked_item(sharing: Sharing, mode: str) -> None:
    """The gateway refused such a question; the application for the same rows did not."""
    with pytest.raises(Malformed) as refused:
        sharing.form(
            sharing.mount("marriage", mode), row_filter={"op": "and", "of": [BY_DATE, BY_NAME]}
        )
    assert "男方姓名" in refused.value.fields["resources.0.row_filter"][
        0
    ] and "登记日期" not in str(refused.value)
    form = sharing.form(sharing.mount("marriage", mode), row_filter=BY_DATE)
    with pytest.raises(Malformed):
        actions.revise_resource(
            sharing.cast.housing_operator,
            application=form.applications.get().pk,
            row_filter=BY_NAME,
            **({"target": sharing.target_database().pk} if mode == "table" else {}),
        )


def test_a_decision_hides_nothing_the_consumer_chose_rows_by(sharing: Sharing) -> None:
    application = sharing.accepted(sharing.mount("marriage", "api"), row_filter=BY_DATE)
    for decision in (
        {"masks": {"登记日期": {"kind": "blank"}}},
        {"items": ["登记编号", "登记机关"]},
    ):
        with pytest.raises(Malformed) as refused:
            actions.grant(sharing.cast.civil_manager, application.case, **decision)
        assert "登记日期" in refused.value.fields["row_filter"][0]
        with pytest.raises(Malformed):
            actions.simulate(sharing.cast.civil_manager, application=application.pk, **decision)


def test_the_provider_itself_may_choose_rows_by_what_it_masks() -> None:
    base = Scope(("甲", "乙"), masks={"甲": named("name")})
    tree = {"op": "eq", "item": "甲", "value": {"text": "x"}}
    from huitong.scope.filters import filter_from_json

    assert (
        decided_scope(base, base, Mode.API, row_filter=filter_from_json(tree, "")).row_filter
        is not None
    )


@settings(max_examples=150, deadline=None)
@given(base=scopes(st.just(False)), own=filters(), row=row_values(), other=row_values())
def test_rows_alike_in_what_is_shown_are_chosen_alike(
    base: Scope, own: Any, row: dict[str, Any], other: dict[str, Any]
) -> None:
    """Two rows that differ only in hidden or masked items pass or fail together, whatever filter
    an application gets accepted."""
    assume(base.items)
    try:
        asked_scope(base, None, own)
    except Malformed as refused:
        assert set(refused.fields) == {"row_filter"}
        return
    clear = {item for item in base.items if item not in base.masks}
    twin = {item: row[item] if item in clear else other[item] for item in row}
    assert admits(own, row, TYPES) == admits(own, twin, TYPES)


@settings(max_examples=150, deadline=None)
@given(
    base=scopes(st.just(False)),
    own=filters(),
    granted=st.sets(st.sampled_from(list(TYPES))),
    blanked=st.sets(st.sampled_from(list(TYPES))),
    row=row_values(),
    other=row_values(),
)
def test_a_decision_leaves_no_row_chosen_by_what_it_hides(
    base: Scope,
    own: Any,
    granted: set[str],
    blanked: set[str],
    row: dict[str, Any],
    other: dict[str, Any],
) -> None:
    assume(base.items)
    requested = narrow(base, Scope(base.items, own))
    items = [i for i in requested.items if i in granted]
    assume(items)
    try:
        asked_scope(base, None, own)
        decided_scope(
            base,
            requested,
            Mode.API,
            items=items,
            masks={i: mask_to_json(NOTHING) for i in items if i in blanked},
        )
    except Malformed:
        return
    hidden = {
        i for i in requested.items if i not in requested.masks and (i not in items or i in blanked)
    }
    twin = {item: other[item] if item in hidden else row[item] for item in row}
    tree = all_of(own)
    assert admits(tree, row, TYPES) == admits(tree, twin, TYPES) or _of_the_base(base, own)


def _of_the_base(base: Scope, own: Any) -> bool:
    """A condition the entry sets itself is not the consumer's, though the consumer repeats it."""
    from huitong.scope.filters import conjuncts

    return bool(set(conjuncts(base.row_filter)) & set(conjuncts(own)))
