"""Which entries can answer a demand: published, shared, mounted, for who asks (A8, A13, A25)."""

from __future__ import annotations

from datetime import date
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from huitong.catalog import queries as catalog
from huitong.catalog.rules import ShareClass
from huitong.demands.rules import DEMAND, S
from huitong.kernel.actor import BUREAU, CONSUMER, PROVIDER, Actor
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock, promise
from huitong.kernel.procedure import AgainstRules, NotYours
from huitong.kernel.workdays import load_calendar, today
from huitong.publishing import queries as publishing
from huitong.publishing.rules import MountState
from huitong.ui.selectors import HITS


def find_answers(actor: Actor, case: Case | None, words: str) -> list[tuple[int, str]]:
    """The first entries that can answer this demand whose name or code the words mean: of a body
    its own, of the bureau everybody's but the demander's."""
    demander = case.body_of(CONSUMER.name) if case is not None else None
    rows = catalog.entries_called(_offered(actor, case), words).exclude(body=demander)
    rows = rows.order_by("current__name", "pk")
    fitting = (entry for entry in rows.iterator(HITS) if catalog.admits(entry, demander))
    return [(entry.pk, _label(entry)) for entry in islice(fitting, HITS)]


def answer_names(actor: Actor, keys: list[int]) -> dict[int, str]:
    """What entries are called, as far as this actor may see them."""
    rows = catalog.visible_to(actor).filter(pk__in=keys, current__isnull=False)
    return {entry.pk: _label(entry) for entry in rows.select_related("body", "current")}


def answering_entry(actor: Actor, case: Case, pk: int, *, own: bool) -> Any:
    """The entry that shall answer a demand; ``own``: it must be the actor's body's. Raises
    `NotVisible`, `NotYours`, `AgainstRules`."""
    entry, demander = catalog.entry_for(actor, pk), case.body_of(CONSUMER.name)
    if own and entry.body_id != actor.body:
        raise NotYours(
            "只能以本部门的目录答复；其他部门掌握的，请答复“不属本部门职责”并写明应由哪个部门提供。",
            article="A25",
            who=f"{entry.body.short_name}经办人",
        )
    if entry.current is None:
        raise AgainstRules(
            "目录尚未发布，不能用来答复。", article="A10", remedy="请先完成目录审核与发布。"
        )
    if entry.body_id == demander:
        raise AgainstRules(
            "这是需求部门自己的资源，不能用来答复。", article="A24", remedy="请改选其他部门的目录。"
        )
    if entry.published.share_class == ShareClass.NOT_SHARED:
        raise AgainstRules(
            "该目录不予共享，需求部门不能申请使用，不能用来答复。",
            article="A8",
            who=f"{entry.body.short_name}经办人",
            remedy="确应提供的，由该部门先更新目录的共享类型；否则请改选其他目录。",
        )
    if not catalog.admits(entry, demander):
        raise AgainstRules(
            "该目录只提供给指定的部门，其中没有需求部门，不能用来答复。",
            article="A8",
            who=f"{entry.body.short_name}经办人",
            remedy="确应提供的，请先更新目录的共享条件。",
        )
    if not any(m.state == MountState.ACTIVE for m in publishing.mounts_of(actor, entry.pk)):
        raise AgainstRules(
            "目录已发布，但资源尚未挂接，需求部门还不能申请使用。",
            article="A13",
            who=f"{entry.body.short_name}经办人",
            remedy="请先挂接资源（库表、接口或文件），再答复。",
        )
    return entry


def latest_publication(case: Case) -> date:
    """The day until which the law gives a body to publish what it promises: that of the clock that
    runs, or of the one that would begin."""
    running = Clock.objects.filter(case=case, name="publish", stopped_on=None).first()
    if running is not None:
        return running.due_on
    return promise(DEMAND, S.PROMISED, case.facts, today(), load_calendar())[1].on


def _offered(actor: Actor, case: Case | None) -> QuerySet[Any]:
    mounted = publishing.deliverable().values("entry")
    with_bureau = (
        case is not None
        and case.body_of(BUREAU.name) == actor.body
        and PROVIDER.name not in case.parties
    )
    rows = catalog.visible_to(actor) if with_bureau else catalog.entries_of_body(actor)
    rows = rows.filter(current__isnull=False, pk__in=mounted)
    return rows.exclude(current__share_class=ShareClass.NOT_SHARED).select_related(
        "body", "current"
    )


def _label(entry: Any) -> str:
    return f"{entry.name}（{entry.body.short_name}，{entry.code}）"
