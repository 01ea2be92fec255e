"""What the tests of undoing share: every row there is, the act of a step, time that passes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from huitong import reactions
from huitong.access.models import Application, Form
from huitong.kernel.case import Case
from huitong.kernel.ledger import writing
from huitong.kernel.undo import Undoable
from huitong.work.models import Notice

#: what remembers that there was a step at all
MEMORY = ("kernel_entry", "kernel_actofcase", "kernel_undoable", "procrastinate_", "work_reacted")


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
