"""Doing: check, act, move, clock, record, in one transaction; or nothing at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Annotated

import pytest
from pydantic import Field, SecretStr

from huitong.kernel import doing
from huitong.kernel.actor import BODY, BUREAU, CONSUMER, PROVIDER, SYSTEM, Actor, Lent, Post
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.doing import note, perform, recorded, step, was
from huitong.kernel.doing.undoing import undo_seconds
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import (
    AgainstRules,
    End,
    Malformed,
    NotVisible,
    NotYours,
    Procedure,
    State,
    clock,
    limit,
    opens,
    state,
)
from huitong.kernel.procedure import step as row
from huitong.kernel.workdays import Limit

BUREAU_BODY, CONSUMER_BODY, PROVIDER_BODY = 1, 2, 3


class S(State):
    DRAFT = state("draft", "草稿", private=True, editable=True)
    WAITING = state("waiting", "待受理")
    BACK = state("back", "退回补正", editable=True)
    DECIDING = state("deciding", "待审核")
    GRANTED = state("granted", "已同意", end=End.GRANTED)
    ENDED = state("ended", "已结束", end=End.WITHDRAWN, private=True)


PROBE = Procedure(
    "probe",
    "试验",
    "nantong-2020",
    date(2020, 2, 19),
    (
        opens("draft", "A20", CONSUMER(Post.OPERATOR), S.DRAFT, label="起草"),
        row("submit", "A20", CONSUMER(Post.MANAGER), {S.DRAFT}, S.WAITING, label="提交"),
        row(
            "send_back",
            "A21",
            BUREAU(Post.OPERATOR),
            {S.WAITING},
            S.BACK,
            label="退回补正",
            reopens="probe",
            reasons=True,
        ),
        row("resubmit", "A20", CONSUMER(Post.MANAGER), {S.BACK}, S.WAITING, label="再次提交"),
        row("accept", "A21", BUREAU(Post.OPERATOR), {S.WAITING}, S.DECIDING, label="受理"),
        row("grant", "A22", PROVIDER(Post.MANAGER), {S.DECIDING}, S.GRANTED, label="同意"),
        row("explode", "A22", PROVIDER(Post.MANAGER), {S.DECIDING}, S.GRANTED, label="出错"),
        row(
            "withdraw",
            "A20",
            CONSUMER(Post.OPERATOR),
            {S.DRAFT, S.WAITING, S.DECIDING},
            S.ENDED,
            label="撤回",
            optional=True,
        ),
        row(
            "expire",
            "A26",
            SYSTEM(Post.OPERATOR),
            {S.GRANTED},
            S.ENDED,
            label="到期",
            optional=True,
        ),
    ),
    clocks=(
        clock("acceptance", limit("A21"), {S.WAITING}, stands={S.BACK}),
        clock("decision", limit("A22"), {S.DECIDING}),
    ),
    prefix="T",
)


@step(PROBE)
def draft(actor, case, *, purpose: Annotated[str, Field(title="用途", max_length=20)]):
    case.between(consumer=actor.body, provider=PROVIDER_BODY)
    case.title = purpose
    case.facts["purpose"] = purpose


@step(PROBE)
def submit(actor, case): ...


@step(PROBE)
def send_back(actor, case, *, reasons: str = ""): ...


@step(PROBE)
def resubmit(actor, case): ...


@step(PROBE)
def accept(actor, case): ...


@step(PROBE)
def grant(actor, case): ...


@step(PROBE)
def explode(actor, case):
    case.facts["lost"] = True
    raise RuntimeError("the body fails")


@step(PROBE)
def withdraw(actor, case): ...


@step(PROBE)
def expire(actor, case): ...


@recorded("A9", BODY(Post.OPERATOR), label="登记口令")
def keep(actor, *, word: SecretStr, reasons: str = ""):
    was(kept=False)
    note(kept=True)


#: registered for these tests only: other tests ask of every verb and procedure of the product
OWN_VERBS = {
    name: doing.VERBS.pop(name)
    for name in list(doing.VERBS)
    if name.startswith(("probe.", "test_doing."))
}
KIND = doing.PROCEDURES.pop("probe")


def person(pk, body, *posts):
    return Actor(
        pk, f"person {pk}", body, f"body {body}", frozenset(posts), bureau_body=BUREAU_BODY
    )


CLERK, CHIEF = person(10, CONSUMER_BODY, Post.OPERATOR), person(11, CONSUMER_BODY, Post.MANAGER)
INTAKE = person(20, BUREAU_BODY, Post.OPERATOR)
OWNER = person(30, PROVIDER_BODY, Post.MANAGER)
BOTH = person(40, CONSUMER_BODY, Post.OPERATOR, Post.MANAGER)
STRANGER = person(50, 9, Post.OPERATOR, Post.MANAGER)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    for name, verb in OWN_VERBS.items():
        monkeypatch.setitem(doing.VERBS, name, verb)
    monkeypatch.setitem(doing.PROCEDURES, "probe", KIND)


@pytest.fixture(autouse=True)
def monday(monkeypatch):
    """Monday 2 November 2026, nine o'clock in Nantong; returns a way to move on."""
    now = {"day": date(2026, 11, 2)}
    monkeypatch.setattr(
        "django.utils.timezone.now",
        lambda: datetime(now["day"].year, now["day"].month, now["day"].day, 1, tzinfo=UTC),
    )
    return lambda day: now.update(day=date(2026, 11, day))


def test_a_case_moves_with_number_clock_desk_and_ledger():
    case = draft(CLERK, purpose="公租房资格审核")
    assert case.number == f"T20261102{case.pk:06d}"
    assert case.awaiting == [f"{CONSUMER_BODY}:manager"]
    case = submit(CHIEF, case)
    assert (case.state, case.due_on, case.awaiting) == (
        "waiting",
        date(2026, 11, 3),
        [f"{BUREAU_BODY}:operator"],
    )
    case = accept(INTAKE, case)
    assert case.due_on == date(2026, 11, 16)
    case = grant(OWNER, case)
    assert case.closed_at and not case.awaiting and case.due_on is None
    assert list(
        Entry.objects.filter(case=case.pk)
        .order_by("seq")
        .values_list("verb", "article", "after__state")
    ) == [
        ("probe.draft", "A20", "draft"),
        ("probe.submit", "A20", "waiting"),
        ("probe.accept", "A21", "deciding"),
        ("probe.grant", "A22", "granted"),
    ]
    assert list(
        Clock.objects.filter(case=case).order_by("pk").values_list("article", "gross", "net")
    ) == [("A21", 0, 0), ("A22", 0, 0)]


def test_nobody_takes_two_seats_in_one_case():
    case = draft(BOTH, purpose="x")
    with pytest.raises(NotYours, match="另一人"):
        submit(BOTH, case)
    submit(CHIEF, case)
    assert "accept" not in [
        step.verb for step, _ in doing.open_to(BOTH, Case.objects.get(pk=case.pk))
    ]


def test_a_stranger_does_not_even_see_it():
    case = draft(CLERK, purpose="x")
    with pytest.raises(NotVisible):
        withdraw(STRANGER, case)
    submit(CHIEF, case)
    assert not Case.objects.visible_to(STRANGER).exists()
    assert Case.objects.visible_to(INTAKE).count() == 1


def test_the_administrators_of_a_body_read_none_of_its_cases():
    submit(CHIEF, draft(CLERK, purpose="x"))
    for post in (Post.SYSTEM_ADMIN, Post.SECURITY_ADMIN, Post.AUDIT_ADMIN, Post.PLATFORM_OPERATOR):
        for body in (CONSUMER_BODY, BUREAU_BODY):
            assert not Case.objects.visible_to(person(60, body, post)).exists(), post


def test_a_draft_is_its_own_bodys_until_another_party_has_something_to_do():
    visible = [Case.objects.visible_to(who) for who in (CHIEF, INTAKE, OWNER)]
    case = draft(CLERK, purpose="x")
    assert [cases.count() for cases in visible] == [1, 0, 0]
    assert case.readers == {CONSUMER_BODY}
    with pytest.raises(NotVisible):
        accept(INTAKE, case)
    assert submit(CHIEF, case).readers == {CONSUMER_BODY, PROVIDER_BODY, BUREAU_BODY}
    assert [cases.count() for cases in visible] == [1, 1, 1]
    send_back(INTAKE, case, reasons="缺少用途说明")
    assert [cases.count() for cases in visible] == [1, 1, 1], "what was sent out once stays visible"
    withdraw(CLERK, draft(CLERK, purpose="y"))
    assert [cases.count() for cases in visible] == [2, 1, 1], "a draft given up was never sent out"


def test_the_act_of_a_deputy_is_also_the_act_of_whom_they_represent():
    chief = person(11, CONSUMER_BODY, Post.MANAGER, Post.OPERATOR)
    deputy = replace(
        person(60, CONSUMER_BODY, Post.OPERATOR, Post.MANAGER),
        lent=(Lent(Post.MANAGER, 11, "person 11"),),
    )
    case = draft(chief, purpose="x")
    with pytest.raises(NotYours, match="您代理的person 11已作为使用部门经办人经手该事项"):
        submit(deputy, case)
    assert "submit" not in [
        step.verb for step, _ in doing.open_to(deputy, Case.objects.get(pk=case.pk))
    ]
    submit(person(12, CONSUMER_BODY, Post.MANAGER), case)

    case = submit(deputy, draft(CLERK, purpose="y"))
    assert Entry.objects.latest("seq").actor["deputy_for"] == 11
    with pytest.raises(NotYours, match="您已作为使用部门负责人经手该事项"):
        withdraw(chief, case)


def test_in_their_own_post_a_deputy_acts_for_themselves():
    deputy = replace(
        person(60, CONSUMER_BODY, Post.OPERATOR, Post.MANAGER),
        lent=(Lent(Post.MANAGER, 11, "person 11"),),
    )
    case = draft(deputy, purpose="x")
    assert Entry.objects.latest("seq").actor["deputy_for"] is None
    with pytest.raises(NotYours, match="您已作为"):
        submit(deputy, case)
    assert submit(CHIEF, case).state == "waiting", (
        "whom a deputy represents elsewhere may decide on what the deputy drafted as a clerk"
    )


def test_a_step_is_taken_in_a_case_of_its_own_kind():
    """Verbs of two kinds may be called alike."""
    case = draft(CLERK, purpose="x")
    with writing("test"):
        Case.objects.filter(pk=case.pk).update(kind="another")
    with pytest.raises(NotVisible):
        withdraw(CLERK, case)


def test_when_the_body_fails_nothing_has_happened():
    case = accept(INTAKE, submit(CHIEF, draft(CLERK, purpose="x")))
    entries = Entry.objects.count()
    with pytest.raises(RuntimeError):
        explode(OWNER, case)
    case.refresh_from_db()
    assert (
        case.state == "deciding" and "lost" not in case.facts and Entry.objects.count() == entries
    )


def test_a_clock_stands_still_while_papers_are_back_and_both_counts_are_kept(monday):
    case = submit(CHIEF, draft(CLERK, purpose="x"))  # Monday 2nd, due Tuesday 3rd
    case = send_back(INTAKE, case, reasons="缺少用途说明")
    assert case.paused and case.awaiting == [f"{CONSUMER_BODY}:manager"]
    monday(5)
    # back on Thursday 5th: three working days stood
    case = resubmit(CHIEF, case)
    assert not case.paused and case.due_on == date(2026, 11, 6)
    monday(6)
    accept(INTAKE, case)
    clock = Clock.objects.get(case=case, article="A21")
    assert (clock.gross, clock.net, clock.on_time) == (4, 1, True)


def test_what_must_be_given_is_named(monday):
    with pytest.raises(Malformed) as wrong:
        draft(CLERK)
    assert wrong.value.fields == {"purpose": ["“用途”必须填写"]}
    with pytest.raises(Malformed) as wrong:
        draft(CLERK, purpose="很" * 21)
    assert wrong.value.fields == {"purpose": ["“用途”最多 20 个字"]}
    case = submit(CHIEF, draft(CLERK, purpose="x"))
    with pytest.raises(Malformed) as wrong:
        send_back(INTAKE, case)
    assert wrong.value.fields == {"reasons": ["请写明理由"]} and wrong.value.article == "A21"
    with pytest.raises(AgainstRules, match="不能“同意”"):
        grant(OWNER, case)


def test_a_held_case_is_moved_by_its_holder_only():
    case = submit(CHIEF, draft(CLERK, purpose="x"))
    with writing("test"):
        Case.objects.filter(pk=case.pk).update(holder=21)
    with pytest.raises(AgainstRules, match="领办"):
        accept(INTAKE, case)
    assert accept(person(21, BUREAU_BODY, Post.OPERATOR), case).holder is None


def test_the_system_acts_on_behalf_of_and_only_where_the_table_says():
    case = grant(OWNER, accept(INTAKE, submit(CHIEF, draft(CLERK, purpose="x"))))
    with pytest.raises(NotYours):
        expire(CLERK, case)
    assert expire(Actor.system("到期规则"), case).state == "ended"
    assert Entry.objects.latest("seq").actor["deputy_for_name"] == "到期规则"


def test_secrets_never_reach_the_ledger():
    keep(CLERK, word="t0p-secret", reasons="更换")
    entry = Entry.objects.latest("seq")
    assert "t0p" not in entry.canonical().decode()
    assert (entry.verb, entry.before, entry.after["kept"], entry.reasons) == (
        "test_doing.keep",
        {"kept": False},
        True,
        "更换",
    )
    with pytest.raises(NotYours):
        keep(CHIEF, word="x")


def test_a_repeated_request_happens_once():
    first = perform(CLERK, "probe.draft", {"purpose": "x"}, request_key="k1")
    again = perform(CLERK, "probe.draft", {"purpose": "x"}, request_key="k1")
    assert again.replayed and again.case.pk == first.case.pk and Case.objects.count() == 1
    with pytest.raises(Malformed, match="另一个请求"):
        perform(CLERK, "probe.draft", {"purpose": "y"}, request_key="k1")
    other = perform(
        person(12, CONSUMER_BODY, Post.OPERATOR), "probe.draft", {"purpose": "x"}, request_key="k1"
    )
    assert not other.replayed


def test_a_case_keeps_the_law_it_was_opened_under():
    case = draft(CLERK, purpose="x")
    assert case.law == "nantong-2020" and doing.procedure_of(case) is PROBE
    assert Limit.objects.filter(law="national-2025", article="D").exists()


def test_only_what_a_person_does_on_a_page_is_undone(settings):
    """Programs ask before they act; the platform's own part of an act is none of its person's."""
    settings.UNDO_SECONDS = 30
    step = replace(PROBE.rows("accept")[0], undoable="nobody acts before they are told")
    assert undo_seconds(INTAKE, step) == 30
    for who in (INTAKE.platform, INTAKE.through(via="api")):
        assert undo_seconds(who, step) == 0
    assert undo_seconds(INTAKE, PROBE.rows("accept")[0]) == 0


def test_what_a_page_has_confirmed_does_nothing_first():
    """The summary is made by rehearsing the act; what comes before its transaction would remain."""
    with pytest.raises(ValueError, match="rehearsed"):
        doing.recorded("A7", BODY(Post.OPERATOR), effect="影响交付", first=lambda actor: None)
