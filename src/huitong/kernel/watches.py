"""Limits that no case carries: a cycle of updates, the disuse of a grant, the end of a filing.

What is watched is a row of the table (`kernel.procedure.WATCHES`); a `Watch` is one run of it over
one subject. It warns and escalates on the same calendar and in the same lists as a clock, and moves
nothing by itself.
"""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.db import models

from huitong.kernel.clocks import RunningLimit
from huitong.kernel.procedure import WatchRule
from huitong.kernel.workdays import limit_row, load_calendar


class Watch(RunningLimit):
    """One run of a watch over one subject: ``subject`` is ``app.model:key``."""

    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=100)
    #: the line people read, and where it leads
    title = models.CharField(max_length=300)
    url = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["due_on"], condition=models.Q(stopped_on=None), name="watch_running_due"
            ),
            models.Index(fields=["body", "kind", "stopped_on"]),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=models.Q(stopped_on=None),
                name="watch_running_once",
            )
        ]


def key_of(subject: models.Model) -> str:
    return f"{subject._meta.label_lower}:{subject.pk}"


def begin(
    rule: WatchRule, subject: models.Model, *, body: int, title: str, on: date, url: str = ""
) -> Watch:
    """Begin to watch a subject from a day; what runs over it already stops on that day."""
    end(rule, subject, on=on)
    amount = limit_row(rule.limit, on)
    row = Watch(
        kind=rule.kind,
        subject=key_of(subject),
        title=title[:300],
        url=url,
        article=rule.limit.article,
        party=rule.seat.party,
        post=rule.seat.post,
        body=body,
        amount=amount.amount,
        unit=amount.unit,
        started_on=on,
    )
    row.aim(load_calendar())
    row.save()
    return row


def meet(rule: WatchRule, subject: models.Model, *, on: date) -> Watch | None:
    """Note that what is watched for happened on this day. A cycle begins anew, an idle limit
    starts again from that day, any other stops. Returns the run that goes on, if one does."""
    running = _running(rule, subject)
    if running is None:
        return None
    if rule.idle and on <= running.started_on:
        return running
    if rule.idle and on < running.half_on:  # nobody has been told yet: the same run, from this day
        running.started_on = on
        running.aim(load_calendar())
        running.save()
        return running
    end(rule, subject, on=on)
    if not (rule.recurring or rule.idle):
        return None
    body = running.body or 0
    return begin(rule, subject, body=body, title=running.title, on=on, url=running.url)


def end(rule: WatchRule, subject: models.Model, *, on: date) -> Watch | None:
    """Watch a subject no longer: it is gone, or the rule does not concern it any more. Returns
    the run that stopped, if there was one."""
    if (running := _running(rule, subject)) is not None:
        running.stop(on, load_calendar())
        running.save()
    return running


def watched(rule: WatchRule) -> set[int]:
    """The keys of the subjects it runs over now."""
    rows = Watch.objects.filter(kind=rule.kind, stopped_on=None)
    return {int(subject.rpartition(":")[2]) for subject in rows.values_list("subject", flat=True)}


def ended_on(rule: WatchRule, *subjects: models.Model) -> dict[int, date]:
    """Key → the day a run of this watch last ended over it; of these subjects, or of all."""
    rows = Watch.objects.filter(kind=rule.kind, stopped_on__isnull=False)
    if subjects:
        rows = rows.filter(subject__in=[key_of(subject) for subject in subjects])
    last = rows.order_by().values_list("subject").annotate(on=models.Max("stopped_on"))
    return {int(subject.rpartition(":")[2]): on for subject, on in last}


def _running(rule: WatchRule, subject: models.Model) -> Watch | None:
    rows: Any = Watch.objects.select_for_update()
    return rows.filter(kind=rule.kind, subject=key_of(subject), stopped_on=None).first()
