"""Undoing a step, for a moment and by whoever took it, before anybody is told of it.

A step whose row is `undoable` leaves its rows as they were beside its ledger entry: its case, the
case's clocks, and what its body has named by `keep`. What tells people of it waits until the moment
is over, and finds out then, under the row's lock, whether the step still stands: so it is either
undone or told, never both.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.db import models
from django.utils import timezone

from huitong.kernel import jobs
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case, entries_of
from huitong.kernel.clocks import Clock
from huitong.kernel.doing.act import Act, belongs_to, current, note
from huitong.kernel.doing.registry import procedure_of
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, NotYours, Step
from huitong.kernel.undo import Exact, Undoable

Image = list[dict[str, Any]]
#: how long after its moment what could be undone is kept
LEFT = timedelta(days=1)
# made anew each time: one that is raised again keeps the frames of all who raised it
ALREADY = partial(
    AgainstRules,
    "办理之后该事项已有其他办理，不能撤销。",
    article="A17",
    remedy="请打开该事项，查看现在可以怎样办理。",
)
UNDONE = partial(
    AgainstRules,
    "刚才的办理已经撤销，没有通知任何人，不必再次撤销。",
    article="A17",
    remedy="请打开该事项，查看现在可以怎样办理。",
)
AGAIN = partial(
    AgainstRules,
    "刚才的办理已经撤销，这次重复的提交没有办理。",
    article="A17",
    remedy="仍要办理的，请重新打开该事项的页面后提交。",
)
ELSEWHERE = partial(
    NotYours,
    "刚才的办理不是以您现在的部门和岗位作出的，不能撤销。",
    article="A17",
    remedy="请切换到办理时的部门；岗位已变动的，请与该事项现在的办理部门联系。",
)


def undo_seconds(actor: Actor, row: Step) -> int:
    """How long this actor may undo this step: people on pages only, for programs ask before they
    act. 0: not at all."""
    by_hand = actor.person is not None and actor.via == "page"
    return int(settings.UNDO_SECONDS) if row.undoable and by_hand else 0


def keep(*rows: models.Model, more: Iterable[models.Model] = ()) -> None:
    """Have an undo of the running step bring these rows back as they are now. To be called within
    an undoable step, before it changes anything beside its case. ``more`` is a queryset, read only
    where it is needed."""
    if (act := current()).images is not None:
        act.images += image([*rows, *more])


def begin(actor: Actor, row: Step, case: Case, act: Act) -> None:
    """Before the body of a step runs: from here on its rows are kept."""
    if seconds := undo_seconds(actor, row):
        act.images = image([case, *_running(case)])
        # steps within one act are undone together: they have one moment, that of the first
        act.tells_at = act.tells_at or timezone.now() + timedelta(seconds=seconds)


def remember(actor: Actor, case: Case, act: Act, entry: Entry) -> None:
    """After a step: keep what an undo needs."""
    if act.images is None or act.tells_at is None:
        return
    existing = {_key(one) for one in act.images}
    begun = [c for c in _running(case) if (c._meta.label_lower, c.pk) not in existing]
    Undoable.objects.create(
        entry=entry,
        case=case,
        act=act.key,
        person=actor.person,
        until=act.tells_at,
        before=act.images,
        after=_now(act.images) + image(begun),
    )


def clear_undoable(now: datetime) -> int:
    """Let go of what can be undone no more, a day after: what nobody is told of, and what was
    undone, unless a reaction to it may still be tried and must find that it does not stand.
    Returns how many."""
    waiting = [arguments["entry"] for arguments in jobs.unfinished("huitong.react")]
    rows = Undoable.objects.filter(until__lt=now - LEFT)
    with writing("kernel.clear_undoable"):
        return rows.exclude(~models.Q(undone=None), entry__in=waiting).delete()[0]


def undoable_until(acts: Iterable[str]) -> datetime | None:
    """Until when these acts can be undone; None when none of them can."""
    rows = Undoable.objects.filter(act__in=list(acts), undone=None)
    return rows.aggregate(first=models.Min("until"))["first"]


def undo(actor: Actor, act: str) -> list[Case]:
    """Bring the cases of an act back as they were before it, if nothing else happened in them.

    Raises `AgainstRules` when the moment is over or somebody was faster, `NotYours` when the
    actor acts for another body now, has lost a post or may not see a case of it any more.
    """
    steps = Undoable.objects.filter(act=act, person=actor.person).order_by("-entry")
    keys = set(steps.values_list("case", flat=True))
    # the cases first and in order, as every step does: no two wait for each other
    visible = Case.objects.visible_to(actor).filter(pk__in=keys)
    locked = visible.select_for_update(no_key=True).order_by("pk")
    cases = {case.pk: case for case in locked}
    _hold(steps)
    rows = list(steps.select_related("entry").select_for_update(of=("self",)))
    if keys - set(cases) or not all(_same_seat(actor, row.entry) for row in rows):
        raise ELSEWHERE()
    if any(row.undone for row in rows):
        raise UNDONE()
    if not rows or any(row.until <= timezone.now() for row in rows):
        raise too_late(list(cases.values()))
    for row in rows:  # the last step first: it may have changed what an earlier one left
        try:
            if _happened_since(row) or _gone_on_from(row):
                raise ALREADY()
            _restore(row)
        except models.ProtectedError:  # of one of its clocks somebody has been warned
            raise ALREADY() from None
        row.undone = timezone.now()
        row.save(update_fields=["undone"])
    belongs_to(*cases)
    note(undone=sorted({*(row.entry_id for row in rows), *_requests_of(rows)}))
    return list(Case.objects.filter(pk__in=cases).order_by("pk"))


def _requests_of(rows: Iterable[Undoable]) -> list[int]:
    """The entries of the requests that these steps were done by: their own, or that of the act
    around them, written in the same transaction after them."""
    first = [
        Entry.objects.filter(xid=row.entry.xid, seq__gte=row.entry_id, person=row.person)
        .exclude(request_key="")
        .order_by("seq")
        .first()
        for row in rows
    ]
    return [entry.pk for entry in first if entry is not None]


def was_undone(entry: Entry) -> bool:
    """Whether what a request had done was undone since, by who had done it."""
    later = Entry.objects.filter(person=entry.person, seq__gt=entry.pk)
    return later.filter(after__undone__contains=[entry.pk]).exists()


def _same_seat(actor: Actor, entry: Entry) -> bool:
    """Whether somebody acts for the body they took a step for, and with the posts they had."""
    return entry.body == actor.body and actor.posts.issuperset(entry.actor["posts"])


def too_late(cases: Iterable[Case]) -> AgainstRules:
    """Why an act is undone no more, and what its person can do instead."""
    instead = dict.fromkeys(
        row.label
        for case in cases
        for row in procedure_of(case).steps
        if case.state in row.origin and row.optional and row.danger
    )
    return AgainstRules(
        f"已超过 {settings.UNDO_SECONDS} 秒，不能再撤销；有关人员已收到通知。",
        article="A17",
        remedy=f"可以在该事项中办理“{'”“'.join(instead)}”。"
        if instead
        else "请打开该事项，与现在的办理部门联系，由其退回或不予办理。",
    )


def stands(entry: int) -> bool:
    """Whether a step stands, so that people are to be told of it; asked within what tells them.
    From then on nobody undoes it."""
    row = Undoable.objects.select_for_update().filter(entry=entry).first()
    if row is None:
        return True
    if row.undone is not None:
        return False
    row.delete()
    return True


# -- rows as they were -----------------------------------------------------------------------------


def image(rows: Iterable[models.Model]) -> Image:
    """Rows with all their columns as JSON holds them: of values, never of what may still change."""
    columns = serializers.serialize("python", rows)
    return list(json.loads(json.dumps(columns, cls=Exact)))


def _running(case: Case) -> list[Clock]:
    return list(Clock.objects.filter(case=case, stopped_on=None).order_by("pk"))


def _now(images: Image) -> Image:
    """The same rows as they are now; what is gone is missing."""
    rows: Image = []
    for one in images:
        rows += image(apps.get_model(one["model"])._default_manager.filter(pk=one["pk"]))
    return rows


def _happened_since(row: Undoable) -> bool:
    """Whether anything happened in the case since the step: an act of it, or a change of what the
    step changed beside the acts."""
    later = Entry.objects.filter(seq__gt=row.entry_id)
    upon = later.filter(object_type=Case._meta.label_lower, object_id=str(row.case_id))
    if upon.exists() or entries_of(row.case_id).filter(seq__gt=row.entry_id).exists():
        return True
    now = {_key(one): one["fields"] for one in _now(row.after)}
    return any(
        (fields := now.get(_key(one))) is None
        or any(fields[name] != one["fields"][name] for name in changed)
        for one, changed in _changes(row)
    )


def _gone_on_from(row: Undoable) -> bool:
    """Whether a later step of another act, which stands, went on from what this one changed: it
    kept the same row, or was taken on it, though it left it as it was."""
    changed = [_key(one) for one, names in _changes(row) if names]
    aside = Undoable.objects.filter(models.Q(act=row.act) | ~models.Q(undone=None))
    later = Entry.objects.filter(seq__gt=row.entry_id).exclude(pk__in=aside.values("entry"))
    holding = concerning = models.Q(pk__in=[])
    for model, pk in changed:
        holding |= models.Q(before__contains=[{"model": model, "pk": pk}])
        concerning |= models.Q(object_type=model, object_id=str(pk), case__isnull=False)
    keeping = Undoable.objects.filter(holding, entry__gt=row.entry_id)
    return later.filter(concerning | models.Q(pk__in=keeping.values("entry"))).exists()


def _hold(steps: Iterable[Undoable]) -> None:
    """Lock the rows these steps changed, after the cases, as every step does: what another act is
    doing with one of them is done and seen, or waits."""
    keys: dict[str, set[Any]] = {}
    for row in steps:
        for one, names in _changes(row):
            if names:
                keys.setdefault(one["model"], set()).add(one["pk"])
    for model, pks in sorted(keys.items()):
        rows = apps.get_model(model)._default_manager.filter(pk__in=pks).order_by("pk")
        list(rows.select_for_update(no_key=True).values("pk"))


def _restore(row: Undoable) -> None:
    """Take away the rows the step made, and give back the values it changed."""
    before = {_key(one): one for one in row.before}
    for one, changed in _changes(row):
        model = apps.get_model(one["model"])
        same = model._default_manager.filter(pk=one["pk"])
        if (was := before.get(_key(one))) is None:
            same.delete()
        elif changed:
            (stored,) = serializers.deserialize("python", [was])
            names = [model._meta.get_field(name).attname for name in changed]
            same.update(**{name: getattr(stored.object, name) for name in names})


def _changes(row: Undoable) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Each row the step left, with the names of what it changed in it: all of a row it made."""
    before = {_key(one): one["fields"] for one in row.before}
    for one in row.after:
        fields, was = one["fields"], before.get(_key(one))
        yield one, [name for name in fields if was is None or fields[name] != was[name]]


def _key(one: dict[str, Any]) -> tuple[str, Any]:
    return one["model"], one["pk"]
