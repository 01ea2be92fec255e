"""The inbox is true: a notice of a to-do ends with its case, and says who did it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.cast import Cast
from tests.toy import actions as toy
from tests.toys.change import actions as change
from tests.toys.consultation import actions as consultation

from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import writing
from huitong.kernel.workdays import load_calendar, today
from huitong.organizations.queries import actor_for
from huitong.work import actions, jobs, queries
from huitong.work.models import Notice
from huitong.work.rules import NoticeKind
from huitong.work.tests import made
from huitong.work.tests.inbox import outcomes, pending, react, second

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(cast: Cast) -> Actor:
    """A second manager at Civil Affairs."""
    return second(cast, "civil", "manager")


# -- a to-do ends with its case --------------------------------------------------------------------


def test_a_to_do_somebody_else_did_counts_no_more_and_says_who(
    cast: Cast, colleague: Actor
) -> None:
    case = made.room(cast)
    react()
    assert len(pending(colleague)) == len(pending(cast.civil_manager)) == 1
    toy.lend(cast.civil_manager, case)
    name = cast.civil_manager.name
    assert pending(colleague) == [] and outcomes(colleague) == [f"已由{name}办理“同意借用”"]
    client = cast.client("civil_manager")
    assert "没有待处理的消息" in client.get("/notices/").content.decode()
    assert f"已由{name}办理“同意借用”" in client.get("/notices/?tab=all").content.decode()


def test_a_case_taken_by_a_colleague_is_theirs_until_they_give_it_back(
    cast: Cast, colleague: Actor
) -> None:
    case = made.room(cast)
    react()
    actions.claim(colleague, case=case.pk)
    assert pending(cast.civil_manager) == [] and len(pending(colleague)) == 1
    page = cast.client("civil_manager").get("/notices/?tab=all").content.decode()
    assert f"已由{colleague.name}领办" in page
    actions.give_back(colleague, case=case.pk)
    assert len(pending(cast.civil_manager)) == 1
    actions.claim(colleague, case=case.pk)
    actions.hand_over(colleague, case=case.pk, to=cast.civil_manager.person)
    assert pending(colleague) == []
    assert {n.title.partition("：")[0] for n in pending(cast.civil_manager)} == {
        "待办",
        "钱二向您移交",
    }


def test_a_case_that_comes_back_is_told_anew_and_the_old_notice_stays_settled(cast: Cast) -> None:
    case = change.register(cast.civil_operator, document="婚姻法", published_on=today())
    change.ask_extension(cast.civil_operator, case, days=5, reasons="系统改造尚未完成，需要延期。")
    react()
    assert len(pending(cast.bureau_manager)) == 1
    case.refresh_from_db()
    change.disagree(cast.bureau_manager, case)
    react()
    change.ask_extension(cast.civil_operator, case, days=5, reasons="系统改造尚未完成，需要延期。")
    react()
    assert len(pending(cast.bureau_manager)) == 1
    first, again = outcomes(cast.bureau_manager)
    assert "不同意延期" in first and again == ""


def test_in_a_joint_step_each_body_ends_its_own_notice(cast: Cast) -> None:
    case = consultation.convene(
        cast.bureau_operator,
        question="数据能否用于审核",
        provider=cast.body("civil").pk,
        consumer=cast.body("housing").pk,
    )
    react()
    consultation.advise(cast.housing_manager, case, opinion="需要")
    assert pending(cast.housing_manager) == [] and len(pending(cast.civil_manager)) == 1
    assert outcomes(cast.civil_manager) == [""]


def test_an_urging_ends_with_its_answer_and_with_the_step(cast: Cast) -> None:
    case = made.room(cast)
    actions.urge(cast.housing_operator, case=case.pk, text="请尽快")
    actions.urge(cast.bureau_operator, case=case.pk, text="请按时")
    assert len(pending(cast.civil_manager, NoticeKind.URGED)) == 2
    first, other = queries.urgings_of(case)
    actions.answer_urging(cast.civil_manager, urging=first.pk, answer="明日办")
    assert len(pending(cast.civil_manager, NoticeKind.URGED)) == 2  # the other waits still
    actions.answer_urging(cast.civil_manager, urging=other.pk, answer="明日办")
    assert pending(cast.civil_manager, NoticeKind.URGED) == []
    actions.urge(cast.bureau_operator, case=case.pk, text="请按时")
    toy.lend(cast.civil_manager, case)
    assert pending(cast.civil_manager, NoticeKind.URGED) == []
    assert outcomes(cast.civil_manager, NoticeKind.URGED)[-1].startswith("已由")


def late(case: Case, days: int = 45) -> Clock:
    with writing("test"):
        clock = Clock.objects.get(case=case, stopped_on=None)
        clock.started_on = today() - timedelta(days)
        clock.aim(load_calendar())
        clock.save()
    return clock


def test_a_warning_ends_when_its_limit_is_met_for_supervisors_too(cast: Cast) -> None:
    case = made.room(cast)
    clock = late(case)
    actions.warn(cast.system, clock=clock.pk, on=today())
    for who in (cast.civil_manager, cast.bureau_operator):
        assert len(pending(who, NoticeKind.OVERDUE)) == 1
    toy.lend(cast.civil_manager, case)
    for who in (cast.civil_manager, cast.bureau_operator):
        assert pending(who, NoticeKind.OVERDUE) == []
        assert "同意借用" in outcomes(who, NoticeKind.OVERDUE)[0]


def test_a_graver_warning_takes_the_place_of_the_last(cast: Cast) -> None:
    case = made.room(cast)
    clock = late(case, 9)
    actions.warn(cast.system, clock=clock.pk, on=clock.warn_on)
    assert len(pending(cast.civil_manager, NoticeKind.WARNING)) == 1
    actions.warn(cast.system, clock=clock.pk, on=clock.due_on + timedelta(1))
    assert pending(cast.civil_manager, NoticeKind.WARNING) == []
    assert len(pending(cast.civil_manager, NoticeKind.OVERDUE)) == 1


def test_a_warning_whose_limit_was_extended_is_true_no_more(cast: Cast) -> None:
    """More time is asked for before the limit is over, and agreed to after."""
    case = change.register(cast.civil_operator, document="婚姻法", published_on=today())
    clock = Clock.objects.get(case=case)
    change.ask_extension(cast.civil_operator, case, days=5, reasons="系统改造尚未完成，需要延期。")
    with writing("test"):
        Clock.objects.filter(pk=clock.pk).update(due_on=today() - timedelta(1))
    actions.warn(cast.system, clock=clock.pk, on=today())
    assert len(pending(cast.civil_manager, NoticeKind.OVERDUE)) == 1
    case.refresh_from_db()
    change.agree(cast.bureau_manager, case)
    assert pending(cast.civil_manager, NoticeKind.OVERDUE) == []


def test_who_leaves_the_desk_is_asked_nothing_more(cast: Cast, colleague: Actor) -> None:
    made.room(cast)
    react()
    with writing("test"):
        from huitong.organizations.models import Posting

        Posting.objects.filter(person=cast.civil_manager.person).update(post="operator")
    moved = actor_for(cast.person("civil_manager"))
    assert pending(moved) == [] and len(pending(colleague)) == 1


def test_what_moved_without_a_step_is_settled_by_the_hourly_watch(cast: Cast) -> None:
    case = made.room(cast)
    react()
    with writing("test"):  # as an heir takes the place of a body
        Case.objects.filter(pk=case.pk).update(awaiting=[f"{cast.body('hr').pk}:manager"])
    assert pending(cast.civil_manager) == []
    jobs.watch_clocks(0)
    assert Notice.objects.get(person=cast.civil_manager.person, kind="arrived").settled_at
    page = cast.client("civil_manager").get("/notices/?tab=all").content.decode()
    assert "已不需办理" in page
