"""Tables nobody has written yet and somebody will: side steps in joint states, two posts of one
body, parts that end before their whole is ready."""

from __future__ import annotations

import pytest

from huitong.kernel import doing
from huitong.kernel.actor import BUREAU, CONSUMER, MEMBERS, PROVIDER, SYSTEM
from huitong.kernel.case import Case
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import (
    AgainstRules,
    NotVisible,
    NotYours,
    Procedure,
    clock,
    joint,
    limit,
    opens,
)
from huitong.kernel.procedure import step as row
from huitong.kernel.tests.odd import (
    BUREAU_BODY,
    FIRST,
    MGR,
    OP,
    OWNER,
    SECOND,
    Make,
    S,
    person,
    running,
    table,
)
from huitong.kernel.workdays import today
from huitong.work import jobs

pytestmark = pytest.mark.django_db


# -- joint steps -----------------------------------------------------------------------------------


def hearing() -> Procedure:
    return table(
        "hearing",
        opens("ask", "A16", PROVIDER(OP), S.J, label="征求"),
        *joint("answer", "A16", (MEMBERS(OP),), {S.J}, S.Z, label="答复"),
        row("add", "A16", PROVIDER(OP), {S.J}, S.J, label="补充材料", optional=True),
        clocks=(clock("answer", limit("A22"), {S.J}),),
    )


def test_a_side_step_asks_nobody_again_who_has_spoken(make: Make) -> None:
    verbs = make(hearing(), members=[FIRST, SECOND])
    case = verbs["ask"](person(10, OWNER))
    case = verbs["answer"](person(30, FIRST), case)
    case = verbs["add"](person(10, OWNER), case)
    assert case.awaiting == [f"{SECOND}:operator"]
    assert [clock.body for clock in running(case)] == [SECOND]
    assert verbs["answer"](person(40, SECOND), case).state == "z"


def test_opinions_are_asked_of_somebody(make: Make) -> None:
    verbs = make(hearing(), members=[])
    with pytest.raises(AgainstRules, match="还没有确定有关部门经办人"):
        verbs["ask"](person(10, OWNER))


def test_two_posts_of_one_body_each_owe_their_own(make: Make) -> None:
    verbs = make(
        table(
            "posts",
            opens("ask", "A16", BUREAU(OP), S.J, label="征求"),
            *joint("answer", "A16", (PROVIDER(OP), PROVIDER(MGR)), {S.J}, S.Z, label="答复"),
            clocks=(clock("answer", limit("A22"), {S.J}),),
        ),
        provider=FIRST,
    )
    case = verbs["ask"](person(1, BUREAU_BODY))
    assert len(running(case)) == 2
    case = verbs["answer"](person(30, FIRST, OP), case)
    assert case.state == "j" and [clock.post for clock in running(case)] == ["manager"]
    assert verbs["answer"](person(31, FIRST, MGR), case).state == "z"


def test_a_clock_over_a_joint_step_and_more_names_who_answers_for_it() -> None:
    steps = (
        opens("ask", "A16", PROVIDER(OP), S.J, label="征求"),
        *joint("answer", "A16", (MEMBERS(OP),), {S.J}, S.K, label="答复"),
        *joint("again", "A16", (MEMBERS(OP),), {S.K}, S.Z, label="再答"),
    )
    with pytest.raises(ValueError, match="name its owner"):
        table("rounds", *steps, clocks=(clock("answer", limit("A22"), {S.J, S.K}),))
    named = clock("answer", limit("A22"), {S.J, S.K}, owner=PROVIDER(OP))
    assert table("rounds", *steps, clocks=(named,)).clocks == (named,)


# -- parts -----------------------------------------------------------------------------------------


def whole() -> Procedure:
    return table(
        "whole",
        opens("start", "A11", PROVIDER(OP), S.A, label="开"),
        row("ready", "A11", PROVIDER(OP), {S.A}, S.B, label="就绪"),
        row("stop", "A11", PROVIDER(OP), {S.A, S.B}, S.Z, label="终止", optional=True),
        row("finish", "A11", SYSTEM(OP), {S.B}, S.Z, label="完成", after_children=True),
    )


def part() -> Procedure:
    return table(
        "part",
        opens("assign", "A11", PROVIDER(OP), S.A, label="分办"),
        row("end", "A11", PROVIDER(OP), {S.A}, S.Z, label="毕"),
    )


def test_parts_that_end_before_their_whole_is_ready_end_it_when_it_is(make: Make) -> None:
    of_whole, of_part = make(whole()), make(part())
    clerk = person(10, OWNER)
    case = of_whole["start"](clerk)
    of_part["end"](clerk, of_part["assign"](clerk, parent=case))
    jobs.finish_parent(case.pk)
    assert Case.objects.get(pk=case.pk).state == "a"
    of_whole["ready"](clerk, case)
    jobs.watch(today())
    assert Case.objects.get(pk=case.pk).state == "z"


def test_a_whole_without_parts_does_not_end_by_itself(make: Make) -> None:
    verbs = make(whole())
    case = verbs["ready"](person(10, OWNER), verbs["start"](person(10, OWNER)))
    jobs.watch(today())
    jobs.finish_parent(case.pk)
    assert Case.objects.get(pk=case.pk).state == "b"


def test_no_step_closes_a_whole_over_the_heads_of_its_parts(make: Make) -> None:
    of_whole, of_part = make(whole()), make(part())
    clerk = person(10, OWNER)
    case = of_whole["start"](clerk)
    child = of_part["assign"](clerk, parent=case)
    with pytest.raises(AgainstRules, match="还有 1 件分办事项未办结"):
        of_whole["stop"](clerk, case)
    of_part["end"](clerk, child)
    assert of_whole["stop"](clerk, case).state == "z"


def test_parts_are_opened_under_what_one_sees_and_what_is_open(make: Make) -> None:
    of_whole, of_part = make(whole()), make(part())
    clerk = person(10, OWNER)
    case = of_whole["start"](clerk)
    with pytest.raises(NotVisible):
        of_part["assign"](person(30, FIRST), parent=case)
    of_whole["stop"](clerk, case)
    with pytest.raises(AgainstRules, match="所属事项已办结"):
        of_part["assign"](clerk, parent=case)


# -- rights, facts ---------------------------------------------------------------------------------


def test_what_the_platform_opens_nobody_else_opens(make: Make) -> None:
    verbs = make(
        table(
            "own",
            opens("begin", "A16", SYSTEM(OP), S.A, label="开"),
            row("end", "A16", PROVIDER(OP), {S.A}, S.Z, label="毕"),
        )
    )
    with pytest.raises(NotYours):
        verbs["begin"](person(10, OWNER))
    assert not Case.objects.exists()


def test_where_the_bureau_is_concerned_it_reads_nothing(make: Make) -> None:
    verbs = make(
        table(
            "kept_from",
            opens("begin", "A33", PROVIDER(OP), S.A, label="开"),
            row("end", "A33", PROVIDER(OP), {S.A}, S.Z, label="毕"),
            overseen=False,
        )
    )
    case = verbs["begin"](person(10, OWNER))
    assert "bureau" not in case.parties
    assert not Case.objects.visible_to(person(1, BUREAU_BODY)).exists()


def test_who_holds_a_case_has_its_duty_and_not_its_side_steps(make: Make) -> None:
    verbs = make(
        table(
            "held",
            opens("ask", "A16", PROVIDER(OP), S.A, label="开"),
            row("remark", "A16", BUREAU(OP), {S.A}, S.A, label="提意见", optional=True),
            row("end", "A16", BUREAU(OP), {S.A}, S.Z, label="毕"),
        )
    )
    case = verbs["ask"](person(10, OWNER))
    with writing("test"):
        Case.objects.filter(pk=case.pk).update(holder=2)
    other = person(1, BUREAU_BODY)
    assert verbs["remark"](other, case).state == "a"
    with pytest.raises(AgainstRules, match="领办"):
        verbs["end"](other, case)
    assert verbs["end"](person(2, BUREAU_BODY), case).state == "z"


def test_a_step_forgets_what_it_says_whether_it_reopens_or_not(make: Make) -> None:
    verbs = make(
        table(
            "forget",
            opens("begin", "A16", PROVIDER(OP), S.A, label="开"),
            row("back", "A16", PROVIDER(OP), {S.A}, S.B, label="退", forgets=("scan",)),
            row("end", "A16", PROVIDER(OP), {S.B}, S.Z, label="毕"),
        ),
        {"scan": 1, "other": 2},
    )
    case = verbs["back"](person(10, OWNER), verbs["begin"](person(10, OWNER)))
    assert case.facts == {"other": 2}


def test_of_two_seats_of_one_body_one_takes_the_one_open_to_oneself(make: Make) -> None:
    verbs = make(
        table(
            "seats",
            opens("begin", "A16", CONSUMER(MGR), S.A, label="开"),
            row("go", "A16", PROVIDER(MGR), {S.A}, S.Z, label="办", optional=True),
            row("go", "A16", CONSUMER(MGR), {S.A}, S.Z, label="办"),
        ),
        consumer=OWNER,
    )
    manager = person(10, OWNER, MGR)
    case = verbs["begin"](manager)
    assert [step.who.party for step, _ in doing.open_to(manager, case)] == ["consumer"]
    assert verbs["go"](manager, case).state == "z"


# -- what the platform does in passing -------------------------------------------------------------


def test_parts_that_end_before_their_whole_is_ready_do_not_hold_it_up(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = make(
        table(
            "part",
            opens("assign", "A11", BUREAU(OP), S.A, label="派"),
            row("report", "A11", BUREAU(OP), {S.A}, S.Z, label="报"),
        )
    )
    whole = make(
        table(
            "whole",
            opens("begin", "A11", BUREAU(OP), S.A, label="开"),
            row("go", "A11", BUREAU(OP), {S.A}, S.B, label="启动"),
            row("finish", "A11", SYSTEM(OP), {S.B}, S.Z, label="完成", after_children=True),
        )
    )
    bureau = person(1, BUREAU_BODY)
    case = whole["begin"](bureau)
    child = part["assign"](bureau)
    with writing("test"):
        Case.objects.filter(pk=child.pk).update(parent=case)
    part["report"](bureau, Case.objects.get(pk=child.pk))
    jobs.finish_parent(case.pk)
    case.refresh_from_db()
    assert case.state == "a", "too early"
    whole["go"](bureau, case)
    jobs.watch(today())
    assert Case.objects.get(pk=case.pk).state == "z"
