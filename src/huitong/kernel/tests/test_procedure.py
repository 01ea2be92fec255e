"""A procedure is a table, and a wrong table cannot be written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from huitong.kernel.actor import BUREAU, CONSUMER, PROVIDER, Post
from huitong.kernel.procedure import (
    AgainstRules,
    End,
    Malformed,
    NotYours,
    Procedure,
    State,
    clock,
    in_force,
    limit,
    opens,
    route,
    state,
    step,
)


class S(State):
    DRAFT = state("draft", "草稿", private=True, editable=True)
    WAITING = state("waiting", "待审核")
    DONE = state("done", "已办结", end=End.COMPLETED)


STEPS = (
    opens("draft", "A20", CONSUMER(Post.OPERATOR), S.DRAFT, label="起草"),
    step("submit", "A20", CONSUMER(Post.MANAGER), {S.DRAFT}, S.WAITING, label="提交", scan=True),
    step("grant", "A22", PROVIDER(Post.MANAGER), {S.WAITING}, S.DONE, label="同意"),
    step(
        "refuse", "A22", PROVIDER(Post.MANAGER), {S.WAITING}, S.DONE, label="不同意", reasons=True
    ),
    step(
        "withdraw",
        "A20",
        CONSUMER(Post.OPERATOR),
        {S.DRAFT, S.WAITING},
        S.DONE,
        label="撤回",
        optional=True,
    ),
)
TOY = Procedure(
    "t",
    "测试",
    "nantong-2020",
    date(2020, 2, 19),
    STEPS,
    clocks=(clock("decision", limit("A22"), {S.WAITING}),),
)


def test_the_table_says_whose_duty_the_next_move_is():
    assert TOY.awaits(S.DRAFT) == CONSUMER(Post.MANAGER)
    assert TOY.awaits(S.WAITING) == PROVIDER(Post.MANAGER)
    assert TOY.awaits(S.DONE) is None
    assert TOY.final == {S.DONE}


def test_buttons_are_the_rows_open_to_a_seat():
    assert [r.verb for r in TOY.open_to(S.WAITING, {PROVIDER(Post.MANAGER)}, {})] == [
        "grant",
        "refuse",
    ]
    assert [r.verb for r in TOY.open_to(S.WAITING, {CONSUMER(Post.OPERATOR)}, {})] == ["withdraw"]
    assert TOY.open_to(S.WAITING, {BUREAU(Post.OPERATOR)}, {}) == []


def test_refusals_name_who_state_and_field():
    with pytest.raises(NotYours, match="提供部门负责人") as stopped:
        TOY.check("grant", S.WAITING, {CONSUMER(Post.OPERATOR)}, {})
    assert stopped.value.article == "A22"
    with pytest.raises(AgainstRules, match="已办结"):
        TOY.check("grant", S.DONE, {PROVIDER(Post.MANAGER)}, {})
    with pytest.raises(Malformed) as wrong:
        TOY.check("refuse", S.WAITING, {PROVIDER(Post.MANAGER)}, {"reasons": "  "})
    assert wrong.value.as_body()["fields"] == {"reasons": ["请写明理由"]}


def test_a_verb_of_two_seats_is_each_ones_own_in_its_own_state():
    """Who may take it elsewhere does not take it here in another's place (A17)."""
    rows = (
        step("settle", "A22", PROVIDER(Post.MANAGER), {S.WAITING}, S.DONE, optional=True),
        step("settle", "A20", CONSUMER(Post.MANAGER), {S.DRAFT}, S.DONE, optional=True),
    )
    table = replace(TOY, steps=TOY.steps + rows)
    consumer = {CONSUMER(Post.MANAGER)}
    assert table.check("settle", S.DRAFT, consumer, {}).article == "A20"
    with pytest.raises(NotYours) as refused:
        table.check("settle", S.WAITING, consumer, {})
    assert (refused.value.article, refused.value.who) == ("A22", "提供部门负责人")


def test_a_demand_is_met_by_a_fact_of_the_case():
    assert TOY.check("submit", S.DRAFT, {CONSUMER(Post.MANAGER)}, {"scan": 7}).target == S.WAITING


def test_a_table_without_article_or_with_two_accountable_seats_cannot_be_made():
    with pytest.raises(ValueError, match="names its article"):
        Procedure(
            "t",
            "t",
            "nantong-2020",
            date(2020, 1, 1),
            (opens("draft", "art. 3", CONSUMER(Post.OPERATOR), S.DRAFT),),
        )
    two = (
        opens("draft", "A20", CONSUMER(Post.OPERATOR), S.DRAFT),
        step("a", "A20", CONSUMER(Post.MANAGER), {S.DRAFT}, S.DONE),
        step("b", "A20", PROVIDER(Post.MANAGER), {S.DRAFT}, S.DONE),
    )
    with pytest.raises(ValueError, match="A17 wants one"):
        Procedure("t", "t", "nantong-2020", date(2020, 1, 1), two)


def test_a_target_is_routed_by_a_named_fact():
    to = route("authority", platform=S.WAITING, provider=S.DONE)
    assert to.resolve({"authority": "provider"}) is S.DONE
    with pytest.raises(AgainstRules, match="authority"):
        to.resolve({})


def test_a_case_runs_under_the_youngest_law_its_city_has_adopted():
    later = Procedure("t", "测试", "national-2025", date(2025, 8, 1), STEPS)
    both = {"nantong-2020", "national-2025"}
    assert in_force((TOY, later), date(2025, 7, 31), both) is TOY
    assert in_force((TOY, later), date(2025, 8, 1), both) is later
    assert in_force((later, TOY), date(2026, 1, 1), {"nantong-2020"}) is TOY
    assert in_force((TOY,), date(2026, 1, 1), both) is TOY, "a kind the younger law leaves alone"
    with pytest.raises(AgainstRules):
        in_force((TOY,), date(2019, 1, 1), both)
    with pytest.raises(AgainstRules):
        in_force((later,), date(2026, 1, 1), {"nantong-2020"})


def test_a_step_of_another_law_is_refused_in_words():
    later = Procedure("t", "测试", "national-2025", date(2025, 8, 1), STEPS)
    with pytest.raises(AgainstRules, match="《政务数据共享条例》没有这一步骤"):
        later.check("of_another_law", S.DRAFT, [], {})


def test_a_clock_may_run_in_some_cases_only():
    rule = clock("c", limit("A22"), {S.WAITING}, only=("sharing", "conditional"))
    table = Procedure("t", "测试", "nantong-2020", date(2020, 2, 19), STEPS, (rule,))
    assert table.clocks_in(S.WAITING, {"sharing": "conditional"}) == [rule]
    assert table.clocks_in(S.WAITING, {"sharing": "unconditional"}) == []
    assert table.clocks_in(S.WAITING, {}) == []


def test_a_row_counts_only_in_cases_whose_fact_is_so():
    """What the platform gave, the provider does not take back: the row for it is not there in
    such a case, for no door."""
    rows = (
        step(
            "revoke",
            "A26",
            PROVIDER(Post.MANAGER),
            {S.WAITING},
            S.DONE,
            label="收回",
            only=("authority", "provider"),
            optional=True,
        ),
        step(
            "revoke", "A28", BUREAU(Post.MANAGER), {S.WAITING}, S.DONE, label="取消", optional=True
        ),
    )
    table = replace(TOY, steps=TOY.steps + rows)
    own, other = {"authority": "provider"}, {"authority": "platform"}
    manager = {PROVIDER(Post.MANAGER)}
    assert table.check("revoke", S.WAITING, manager, own).article == "A26"
    assert "revoke" in [r.verb for r in table.open_to(S.WAITING, manager, own)]
    for facts in (other, {}):
        assert "revoke" not in [r.verb for r in table.open_to(S.WAITING, manager, facts)]
        with pytest.raises(NotYours) as refused:
            table.check("revoke", S.WAITING, manager, facts)
        assert refused.value.who == "大数据管理局负责人"
    alone = replace(TOY, steps=TOY.steps + rows[:1])
    with pytest.raises(AgainstRules):
        alone.check("revoke", S.WAITING, manager, other)
