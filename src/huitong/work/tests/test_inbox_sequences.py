"""After any sequence of verbs the inbox says what is so, and nothing else."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.cast import Cast
from tests.toys.change import actions as change
from tests.toys.consultation import actions as consultation

from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.procedure import Problem
from huitong.kernel.workdays import today
from huitong.work import actions, queries
from huitong.work.models import Notice
from huitong.work.rules import DUTIES, LIMITS, NoticeKind
from huitong.work.tests import made
from huitong.work.tests.inbox import react, second

pytestmark = pytest.mark.django_db
WORDS: dict[str, dict[str, Any]] = {
    "refuse": {"reasons": "当日会议室另有安排，不能出借。"},
    "ask_extension": {"days": 5, "reasons": "系统改造尚未完成，需要延期。"},
    "advise": {"opinion": "同意"},
    "conclude": {"text": "可以使用"},
}


def people(cast: Cast) -> list[Actor]:
    seats = [
        f"{body}_{post}"
        for body in ("civil", "housing", "bureau")
        for post in ("operator", "manager")
    ]
    extra = [second(cast, body, "manager") for body in ("civil", "housing")]
    return [*(getattr(cast, seat) for seat in seats), *extra]


def moves(cast: Cast, actor: Actor, case: Case) -> list[Callable[[], Any]]:
    """Everything this actor might try with this case now."""
    steps = [
        lambda v=verb: doing.perform(actor, v.name, WORDS.get(v.verb, {}), case=case.pk)
        for _, verb in doing.open_to(actor, case)
    ]
    others = [pk for pk, _ in queries.people_to_hand_over_to(actor, case)]
    beside = [
        lambda: actions.claim(actor, case=case.pk),
        lambda: actions.give_back(actor, case=case.pk),
        lambda: actions.urge(actor, case=case.pk, text="请尽快"),
        lambda: actions.read(actor),
        *(lambda to=to: actions.hand_over(actor, case=case.pk, to=to) for to in others),
        *(
            lambda u=urging: actions.answer_urging(actor, urging=u.pk, answer="在办")
            for urging in queries.urgings_of(case)
        ),
        *(
            lambda c=clock: actions.warn(cast.system, clock=c.pk, on=c.due_on + timedelta(1))
            for clock in Clock.objects.filter(case=case, stopped_on=None)
        ),
    ]
    return [*steps, *steps, *beside]


def check(actor: Actor) -> None:
    """What the inbox says is so."""
    waiting = Case.objects.waiting_for(actor)
    for notice in queries.unread_of(actor).filter(kind__in=[*DUTIES, *LIMITS]):
        case = Case.objects.get(pk=notice.case_id)
        if notice.kind == NoticeKind.ARRIVED:
            assert case in waiting and case.holder in (None, actor.person), notice.title
        elif notice.kind == NoticeKind.URGED:
            assert any(desk.startswith(f"{actor.body}:") for desk in case.awaiting), notice.title
        else:
            assert notice.clock is not None and notice.clock.stopped_on is None
            assert notice.clock.due_on == notice.limit_on and not notice.clock.standing
    # and the other way: what was told of the present stay of a case here counts until it is read
    arrivals = Notice.objects.filter(person=actor.person, kind=NoticeKind.ARRIVED, read_at=None)
    counted = set(queries.unread_of(actor).values_list("pk", flat=True))
    for case in waiting:
        if case.holder in (None, actor.person):
            current = arrivals.filter(case=case, at__gte=case.entered_at)
            assert set(current.values_list("pk", flat=True)) <= counted, case.title


@pytest.mark.parametrize("seed", range(20 if os.environ.get("HUITONG_SOAK") else 2))
def test_the_inbox_is_true_after_any_sequence_of_verbs(cast: Cast, seed: int) -> None:
    chance = random.Random(seed)
    actors = people(cast)
    cases = [
        made.room(cast, "协调会"),
        made.room(cast, "对接会", sent=False),
        change.register(cast.civil_operator, document="婚姻法", published_on=today()),
        consultation.convene(
            cast.bureau_operator,
            question="数据能否用于审核",
            provider=cast.body("civil").pk,
            consumer=cast.body("housing").pk,
        ),
    ]
    acts = 0
    for _ in range(30):
        actor, case = chance.choice(actors), chance.choice(cases)
        case.refresh_from_db()
        try:
            chance.choice(moves(cast, actor, case))()
            acts += 1
        except Problem:
            continue
        react()
        for reader in actors:
            check(reader)
    assert acts > 7
    clients = {seat: cast.client(seat) for seat in ("civil_manager", "bureau_operator")}
    for seat, client in clients.items():
        page = client.get("/notices/").content.decode()
        lines = page.count('class="form-check-input" form="mark-read"')
        assert lines == queries.shell_counts(getattr(cast, seat))["notices"]
        bell = re.search(r'消息<b class="count">(\d+)', page)
        assert int(bell[1]) == lines if lines else bell is None
