"""A step of a moment ago is undone before anybody is told of it, and then as if it had never been;
or it stands, and everybody is told (A17, A19)."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.cast import Cast
from tests.journeys.moments import (
    act_of,
    different,
    elapse,
    everything,
    notices_so_far,
    one_of,
    run_jobs,
)
from tests.sharing import CLEARED, Sharing
from tests.toy import actions as toy

from huitong import reactions
from huitong.access import actions as access
from huitong.access.models import Application
from huitong.catalog import actions as catalog
from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case, entries_of
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import AgainstRules
from huitong.kernel.undo import Undoable
from huitong.work import actions as work
from huitong.work.models import Notice
from huitong.work.tests import made

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _thirty_seconds(settings: Any) -> None:
    settings.UNDO_SECONDS = 30


# -- each undoable step of the product -------------------------------------------------------------


def sent_room(cast: Cast, sharing: Sharing) -> tuple[Case, Callable[[], Any], Actor]:
    case = made.room(cast, sent=False)
    return case, lambda: toy.send(cast.housing_manager, case), cast.housing_manager


def submitted_application(cast: Cast, sharing: Sharing) -> tuple[Case, Callable[[], Any], Actor]:
    application = one_of(sharing.sealed(sharing.mount("division", "api")))
    manager = cast.housing_manager
    return application.case, lambda: access.submit(manager, application.case), manager


def accepted_application(cast: Cast, sharing: Sharing) -> tuple[Case, Callable[[], Any], Actor]:
    application = one_of(sharing.applied(sharing.mount("marriage", "api")))
    clerk, ticked = cast.bureau_operator, sharing.checks()
    return application.case, lambda: access.accept(clerk, application.case, **ticked), clerk


def submitted_entry(cast: Cast, sharing: Sharing) -> tuple[Case, Callable[[], Any], Actor]:
    entry = sharing.entry("division", submitted=False)
    clerk = cast.civil_operator
    return entry.case, lambda: catalog.submit(clerk, entry.case, cleared=CLEARED), clerk


def passed_entry(cast: Cast, sharing: Sharing) -> tuple[Case, Callable[[], Any], Actor]:
    entry = sharing.entry("division", submitted=False)
    catalog.submit(cast.civil_operator, entry.case, cleared=CLEARED)
    manager = cast.civil_manager
    return (
        entry.case,
        lambda: catalog.pass_department(manager, entry.case, cleared=CLEARED),
        manager,
    )


WAYS = {
    "room.send": sent_room,
    "application.submit": submitted_application,
    "application.accept": accepted_application,
    "entry.submit": submitted_entry,
    "entry.pass_department": passed_entry,
}


def test_every_undoable_step_is_tried_here():
    undoable = {verb.name for verb in doing.VERBS.values() if verb.undoable}
    assert undoable == set(WAYS)


@pytest.mark.parametrize("name", WAYS)
def test_undone_it_is_as_if_it_had_never_been(name: str, cast: Cast, sharing: Sharing):
    """Do, undo: every row of every table is as before, and nobody hears of either; do it again."""
    case, act, who = WAYS[name](cast, sharing)
    run_jobs()
    before, notices = everything(), notices_so_far()
    for _ in range(2):
        act()
        assert different(before, everything()), f"{name} changed nothing"
        work.undo(who, act=act_of(case))
        assert not different(before, everything())
    run_jobs()
    assert notices_so_far() == notices
    verbs = [entry.verb for entry in entries_of(case.pk) if entry.verb in (name, "work.undo")]
    assert verbs[-4:] == [name, "work.undo", name, "work.undo"]
    act()
    run_jobs()
    assert notices_so_far() > notices, "what stands is told"
    with pytest.raises(AgainstRules, match="不能再撤销"):
        work.undo(who, act=act_of_last(name))


def act_of_last(name: str) -> str:
    """The act of the last step of a verb, though nothing offers to undo it any more."""
    jobs = ProcrastinateJob.objects.filter(task_name="huitong.react").order_by("-pk")
    entry = Entry.objects.filter(verb=name).latest("seq")
    return next(job.args["act"] for job in jobs if job.args["entry"] == entry.seq)


def test_nobody_is_told_before_the_moment_is_over(cast: Cast):
    made.room(cast)
    job = ProcrastinateJob.objects.filter(task_name="huitong.react").latest("pk")
    assert job.scheduled_at is not None
    assert 28 < (job.scheduled_at - timezone.now()).total_seconds() <= 30


def test_programs_ask_before_they_act(cast: Cast):
    """By API and command line nothing is put off."""
    case = made.room(cast, sent=False)
    toy.send(cast.housing_manager.through(via="api"), case)
    assert not Undoable.objects.exists()
    assert (
        ProcrastinateJob.objects.filter(task_name="huitong.react").latest("pk").scheduled_at is None
    )


def test_a_form_with_several_resources_is_undone_as_a_whole(cast: Cast, sharing: Sharing):
    form = sharing.sealed(sharing.mount("division", "api"), sharing.mount("marriage", "api"))
    cases = [a.case for a in Application.objects.filter(form=form)]
    before = everything()
    access.submit_form(cast.housing_manager, form=form.pk)
    rows = Undoable.objects.filter(case__in=cases)
    assert rows.count() == len(cases) == 2
    assert len(set(rows.values_list("until", flat=True))) == 1, "a moment of its own for each"
    jobs = ProcrastinateJob.objects.filter(args__entry__in=[row.entry_id for row in rows])
    assert set(jobs.values_list("scheduled_at", flat=True)) == {rows[0].until}
    work.undo(cast.housing_manager, act=act_of(cases[0]))
    assert not different(before, everything())


@pytest.mark.parametrize("seed", range(12))
def test_whatever_two_people_do_in_whatever_order(seed: int, cast: Cast):
    """Sequences of sending, undoing, answering, claiming and waiting by two people against a model
    of three facts: after each undo the case is what it was before the step, column by column, and
    at the end those are told who are to be told."""
    draw = random.Random(seed)
    case = made.room(cast, sent=False)
    stands = False  # whether the case is sent
    untouched = False  # whether nothing happened in it since
    acts: list[str] = []
    before = everything()
    for _ in range(14):
        what = draw.choice(("send", "undo", "undo of another", "claim", "wait", "tell"))
        if what == "send" and not stands:
            before = everything()
            toy.send(cast.housing_manager, case)
            acts.append(act_of(case))
            stands = untouched = True
        elif what == "undo" and acts:
            if stands and untouched:
                work.undo(cast.housing_manager, act=acts[-1])
                assert not different(before, everything()), (seed, what)
                stands = untouched = False
            else:
                now = everything()
                with pytest.raises(AgainstRules):
                    work.undo(cast.housing_manager, act=acts[-1])
                assert not different(now, everything())
        elif what == "undo of another" and acts:
            with pytest.raises(AgainstRules):
                work.undo(cast.civil_manager, act=acts[-1])
        elif what == "claim" and stands:
            work.claim(cast.civil_manager, case=case.pk)
            work.give_back(cast.civil_manager, case=case.pk)
            untouched = False
        elif what == "wait":
            elapse(31)
            untouched = False
        elif what == "tell":
            run_jobs()
            untouched = False
    run_jobs()
    lender = cast.civil_manager.person
    arrived = Notice.objects.filter(case=case, kind="arrived", person=lender).count()
    assert arrived == int(stands), (seed, acts)


@pytest.mark.django_db(transaction=True)
def test_undone_or_told_but_never_both(cast: Cast):
    """The job and the undo at the same instant: whichever is first, the other does nothing."""
    for _ in range(6):
        case = made.room(cast)
        act, jobs = act_of(case), ProcrastinateJob.objects.filter(task_name="huitong.react")
        args = jobs.latest("pk").args
        barrier, outcomes = threading.Barrier(2), []

        def tell(args: dict[str, Any] = args, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            try:
                reactions.react(**args)
            finally:
                connections.close_all()

        def undo(
            act: str = act, barrier: threading.Barrier = barrier, outcomes: list[str] = outcomes
        ) -> None:
            barrier.wait()
            try:
                work.undo(replace(cast.housing_manager), act=act)
                outcomes.append("undone")
            except AgainstRules:
                outcomes.append("told")
            finally:
                connections.close_all()

        threads = [threading.Thread(target=tell), threading.Thread(target=undo)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        lender = cast.civil_manager.person
        told_of_it = Notice.objects.filter(case=case, kind="arrived", person=lender).exists()
        assert told_of_it == (outcomes == ["told"])
        case.refresh_from_db()
        assert case.state == ("asked" if told_of_it else "draft")
