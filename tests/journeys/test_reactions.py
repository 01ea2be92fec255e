"""After a step the next desk is told, at the end the one who began; once, however often the job
comes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.toy import actions as toy

from huitong import reactions
from huitong.kernel.ledger import Entry
from huitong.work import queries
from huitong.work.models import Notice, Reacted
from huitong.work.tests import made

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.django_db


def reacted_to(verb: str) -> None:
    """Run the reactions that the last entry of a verb has deferred, as the worker does."""
    entry = Entry.objects.filter(verb=verb).latest("seq")
    deferred = [
        j.args
        for j in ProcrastinateJob.objects.filter(task_name="huitong.react")
        if j.args["entry"] == entry.seq
    ]
    assert deferred
    for args in deferred:
        reactions.react(**args)
        reactions.react(**args)  # a job that comes twice does nothing twice


def notices_of(actor) -> list[tuple[str, str]]:
    return list(queries.notices_of(actor).order_by("pk").values_list("kind", "title"))


def test_the_next_desk_and_at_last_the_opener_are_told_once(cast):
    case = made.room(cast)
    reacted_to("room.send")
    assert notices_of(cast.civil_manager) == [("arrived", "待办：借用会议室：协调会")]
    assert (
        f"请于 {case.due_on:%Y-%m-%d} 前办理" in queries.notices_of(cast.civil_manager).get().text
    )
    toy.refuse(cast.civil_manager, case, reasons="当日有会")
    reacted_to("room.refuse")
    result = queries.notices_of(cast.housing_operator).get()
    assert result.kind == "result" and "不同意" in result.text and "当日有会" in result.text
    assert notices_of(cast.stranger_manager) == [] and Reacted.objects.count() == 4


def test_a_reaction_that_fails_leaves_nothing_and_may_be_tried_again(cast, monkeypatch):
    made.room(cast)
    entry = Entry.objects.filter(verb="room.send").get()

    def breaks(system, entry, case):
        reactions.tell_the_next_desk(system, entry, case)
        raise OSError("down")

    monkeypatch.setitem(reactions.BY_NAME, "breaks", breaks)
    with pytest.raises(OSError):
        reactions.react(entry.seq, "breaks")
    assert not Notice.objects.exists() and not Reacted.objects.exists()
    monkeypatch.setitem(reactions.BY_NAME, "breaks", reactions.tell_the_next_desk)
    reactions.react(entry.seq, "breaks")
    assert Notice.objects.count() == 1


def test_the_worker_does_what_the_act_deferred(live_db, cast):
    """The real worker over committed rows: it knows the tasks, runs them, and nothing is left
    waiting."""
    case = made.room(cast)
    worker = [sys.executable, "-m", "django", "procrastinate", "worker", "--one-shot"]
    paths = os.pathsep.join(str(ROOT / part) for part in ("src", ""))
    result = subprocess.run(
        worker,
        env=live_db.environment | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    left = ProcrastinateJob.objects.exclude(status="succeeded")
    assert not left.exists(), list(left.values("task_name", "status", "args"))
    assert "待办" in queries.notices_of(cast.civil_manager).get(case=case.pk).title
