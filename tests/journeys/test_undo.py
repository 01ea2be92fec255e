"""A step of a moment ago is undone before anybody is told of it, and then as if it had never been;
or it stands, and everybody is told (A17, A19)."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.cast import Cast
from tests.sharing import CLEARED, Sharing
from tests.toy import actions as toy

from huitong import reactions
from huitong.access import actions as access
from huitong.access.models import Application, Form
from huitong.catalog import actions as catalog
from huitong.kernel import doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case, entries_of
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, NotYours
from huitong.kernel.undo import Undoable
from huitong.ui.lists.bulk import MOST_AT_ONCE
from huitong.work import actions as work
from huitong.work import jobs as work_jobs
from huitong.work.models import Notice
from huitong.work.tests import made

pytestmark = pytest.mark.django_db
#: what remembers that there was a step at all
MEMORY = ("kernel_entry", "kernel_actofcase", "kernel_undoable", "procrastinate_", "work_reacted")


@pytest.fixture(autouse=True)
def _thirty_seconds(settings: Any) -> None:
    settings.UNDO_SECONDS = 30


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the record of acts."""
    tables = [t for t in connection.introspection.table_names() if not t.startswith(MEMORY)]
    rows = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" AS t ORDER BY 1')
            rows[table] = cursor.fetchall()
    return rows


def different(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {
        table: [set(before[table]) - set(after[table]), set(after[table]) - set(before[table])]
        for table in before
        if before[table] != after[table]
    }


def act_of(case: Case) -> str:
    return Undoable.objects.filter(case=case).latest("pk").act


def notices_so_far() -> int:
    return Notice.objects.count()


def run_jobs() -> None:
    """Do every reaction that was deferred, as the worker does when its time has come."""
    for job in ProcrastinateJob.objects.filter(task_name="huitong.react").order_by("pk"):
        reactions.react(**job.args)


def elapse(seconds: int) -> None:
    """Let time pass for what can be undone."""
    with writing("test"):
        for row in Undoable.objects.filter(undone=None):
            row.until -= timedelta(seconds=seconds)
            row.save()


def one_of(form: Form) -> Application:
    return Application.objects.select_related("case").get(form=form)


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


def test_after_the_moment_it_says_what_to_do_instead(cast: Cast, sharing: Sharing):
    application = one_of(sharing.applied(sharing.mount("division", "api")))
    act = act_of(application.case)
    elapse(31)
    with pytest.raises(AgainstRules) as refused:
        work.undo(cast.housing_manager, act=act)
    assert "30 秒" in refused.value.detail and "撤回申请" in refused.value.remedy
    application.case.refresh_from_db()
    assert application.case.state == "submitted"


def test_pressed_twice_it_says_that_it_is_undone_and_nobody_was_told(cast: Cast):
    """The clerk double-clicks: the second request must not say that people have been told."""
    case = made.room(cast)
    client, act = cast.client("housing_manager"), act_of(case)
    for words in ("已撤销，恢复到办理之前", "已经撤销，没有通知任何人"):
        answer = client.post("/undo/", {"act": act}, follow=True).content.decode()
        assert words in answer and "已收到通知" not in answer


def test_nobody_undoes_what_another_did(cast: Cast):
    case = made.room(cast)
    for stranger in (cast.housing_operator, cast.civil_manager, cast.stranger_manager):
        with pytest.raises(AgainstRules):
            work.undo(stranger, act=act_of(case))
    case.refresh_from_db()
    assert case.state == "asked"


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda cast, case: toy.lend(cast.civil_manager, case),
        lambda cast, case: work.claim(cast.civil_manager, case=case.pk),
        lambda cast, case: work.urge(cast.housing_operator, case=case.pk, text="请尽快。"),
        lambda cast, case: work.copy_to(
            cast.housing_operator, case=case.pk, to=[cast.person("housing_manager").pk]
        ),
        lambda cast, case: work.comment(cast.bureau_operator, case=case.pk, text="请补充人数。"),
    ],
    ids=["decided", "claimed", "urged", "copied", "commented"],
)
def test_what_others_went_on_with_stays(meanwhile: Callable[[Cast, Case], Any], cast: Cast):
    case = made.room(cast)
    meanwhile(cast, case)
    now = everything()
    with pytest.raises(AgainstRules, match="已有其他办理"):
        work.undo(cast.housing_manager, act=act_of(case))
    assert not different(now, everything())


@pytest.mark.parametrize(
    "changed",
    [
        lambda cast: {"body": cast.civil_manager.body, "body_name": "市民政局"},
        lambda cast: {"body": cast.stranger_manager.body, "body_name": "市统计局"},
        lambda cast: {"posts": frozenset({Post.OPERATOR})},
    ],
    ids=["of the other party", "of a body that may not see it", "no manager"],
)
def test_who_acts_for_another_body_or_lost_the_post_undoes_nothing(
    changed: Callable[[Cast], dict[str, Any]], cast: Cast
):
    """Within the moment the manager switches to another body they sit in, or loses the post."""
    case, actor = made.room(cast), cast.housing_manager
    now = everything()
    with pytest.raises(NotYours):
        work.undo(replace(actor, **changed(cast)), act=act_of(case))
    assert not different(now, everything())
    work.undo(actor, act=act_of(case))


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


def test_what_can_be_undone_no_more_is_cleared_at_night(cast: Cast):
    """A day after: what nobody was told of, and what was undone, but not while a job that would
    tell of it is still to be tried: the worker was down. A step within its moment stays; and no
    act clears anything of others."""
    undone, silent, failing, young = (made.room(cast, f"会{n}", sent=False) for n in range(4))
    for case in (undone, silent, failing):
        toy.send(cast.housing_manager, case)
    for case in (undone, failing):
        work.undo(cast.housing_manager, act=act_of(case))
    with writing("test"):
        Undoable.objects.update(until=timezone.now() - timedelta(days=2))
    toy.send(cast.housing_manager, young)
    assert Undoable.objects.count() == 4
    work_jobs.clear_undoable()
    assert set(Undoable.objects.values_list("case", flat=True)) == {
        undone.pk, failing.pk, young.pk
    }, "its reactions are still to come"  # fmt: skip
    entries = dict(Undoable.objects.values_list("case", "entry"))
    jobs = ProcrastinateJob.objects.filter(task_name="huitong.react")
    done = jobs.filter(args__entry=entries[undone.pk])
    assert done.exists()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = ANY(%s)",
            [list(done.values_list("pk", flat=True))],
        )
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'failed' WHERE id = ANY(%s)",
            [list(jobs.filter(args__entry=entries[failing.pk]).values_list("pk", flat=True))],
        )
    work_jobs.clear_undoable()
    assert set(Undoable.objects.values_list("case", flat=True)) == {failing.pk, young.pk}
    for job in jobs.filter(args__entry=entries[failing.pk]):  # tried again by hand
        reactions.react(**job.args)
    assert not Notice.objects.filter(case=failing).exists()


def test_as_many_are_undone_at_once_as_are_done_at_once(cast: Cast):
    """A bulk act takes two hundred; the last of them is undone by the one press, too."""
    case = made.room(cast)
    acts = [f"passed {n}" for n in range(MOST_AT_ONCE - 1)] + [act_of(case)]
    cast.client("housing_manager").post("/undo/", {"act": acts})
    case.refresh_from_db()
    assert case.state == "draft"


@pytest.mark.parametrize("via", ["page", "api"])
def test_what_another_application_of_the_form_goes_on_from_stays(
    via: str, cast: Cast, sharing: Sharing
):
    """Two applications on one form: the second is submitted on what the first wrote in the form
    and changes nothing in it. It lies with the bureau, so the form stays submitted."""
    form = sharing.sealed(sharing.mount("division", "api"), sharing.mount("marriage", "api"))
    first, second = (a.case for a in Application.objects.filter(form=form).order_by("pk"))
    manager = cast.housing_manager
    before = everything()
    access.submit(manager, first)
    between = everything()
    access.submit(manager.through(via=via), second)
    now = everything()
    with pytest.raises(AgainstRules, match="已有其他办理"):
        work.undo(manager, act=act_of(first))
    assert not different(now, everything())
    if via == "page":  # the later one first, then the earlier
        work.undo(manager, act=act_of(second))
        assert not different(between, everything())
        work.undo(manager, act=act_of(first))
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
