"""A step is undone no more once its moment is over, somebody else went on from it, or it is not
undone from where it was taken; and it says so (A17, A19)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.cast import Cast
from tests.journeys.moments import act_of, different, elapse, everything, one_of
from tests.sharing import Sharing
from tests.toy import actions as toy

from huitong import reactions
from huitong.access import actions as access
from huitong.access.models import Application
from huitong.kernel import doing
from huitong.kernel.actor import Post
from huitong.kernel.case import Case
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import AgainstRules, NotYours
from huitong.kernel.undo import Undoable
from huitong.ui.lists.bulk import MOST_AT_ONCE
from huitong.work import actions as work
from huitong.work import jobs as work_jobs
from huitong.work.models import Notice
from huitong.work.tests import made

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _thirty_seconds(settings: Any) -> None:
    settings.UNDO_SECONDS = 30


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


@pytest.mark.parametrize("whole", [False, True], ids=["a step", "an act around steps"])
def test_a_request_that_was_undone_is_repeated_in_vain(whole: bool, cast: Cast, sharing: Sharing):
    """A page of outcomes is loaded again after the undo: it must not say that it was done, nor do
    what its person has just taken back."""
    form = sharing.sealed(sharing.mount("division", "api"))
    case, manager = one_of(form).case, cast.housing_manager
    verb, given, about = (
        ("access.submit_form", {"form": form.pk}, None)
        if whole
        else ("application.submit", {}, case.pk)
    )
    first = doing.perform(manager, verb, given, case=about, request_key="once")
    assert doing.perform(manager, verb, given, case=about, request_key="once").replayed
    work.undo(manager, act=first.act)
    with pytest.raises(AgainstRules, match="已经撤销，这次重复的提交没有办理"):
        doing.perform(manager, verb, given, case=about, request_key="once")
    case.refresh_from_db()
    assert case.state == "sealed"
    doing.perform(manager, verb, given, case=about, request_key="another")
    case.refresh_from_db()
    assert case.state == "submitted"


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
