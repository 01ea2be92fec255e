"""What the actor's body can dispute, and against whom (A27)."""

from __future__ import annotations

from dataclasses import replace

from huitong.access import queries as access
from huitong.catalog.queries import terms as catalog
from huitong.demands import queries as demands
from huitong.demands.rules import Kind
from huitong.disputes.queries.disputes import running_about
from huitong.disputes.rules import DISPUTABLE, Matter, Side, decided_by_platform, opposite
from huitong.kernel.actor import BUREAU, CONSUMER, PROVIDER, Actor
from huitong.kernel.case import Case
from huitong.kernel.procedure import AgainstRules, NotVisible, NotYours


def matter_of(case: Case) -> Matter | None:
    """A case as it can be disputed; None for a kind that cannot."""
    if case.kind not in DISPUTABLE:
        return None
    matter = Matter(
        case.kind,
        case.state,
        case.body_of(CONSUMER.name),
        case.body_of(PROVIDER.name) or case.facts.get("provider"),
        decided_by_platform(case.facts.get("authority")),
        bool(case.facts.get("partly")),
    )
    if case.kind == "entry":
        struck = catalog.has_struck(case)
        return replace(matter, bureau=case.body_of(BUREAU.name) if struck else None)
    return _demand(case, matter) if case.kind == "demand" else matter


def _demand(case: Case, matter: Matter) -> Matter:
    """With what bodies said to it."""
    demand = demands.demand_of(case)
    declined = demands.declined_by(demand)
    reply = demand.answers.filter(kind__in=[Kind.NOT_OURS, Kind.DEFERRED]).order_by("-pk").first()
    return Matter(
        matter.kind,
        matter.state,
        matter.consumer,
        matter.provider,
        answered_by=reply.body_id if reply is not None else None,
        declined=frozenset(declined),
    )


def disputed_by(actor: Actor, pk: int) -> tuple[Case, Side, int]:
    """A case the actor's body may dispute now, from which side and against whom. Raises
    `NotVisible`, `NotYours`, `AgainstRules`."""
    if (case := Case.objects.visible_to(actor).filter(pk=pk).first()) is None:
        raise NotVisible("该事项")
    if (matter := matter_of(case)) is None:
        raise AgainstRules(
            "争议协商只针对共享申请、使用授权、需求申请、疑义和目录中被撤销的共享条件。",
            article="A27",
            remedy="请在有争议的申请、授权、需求或疑义的页面提出。",
        )
    if actor.body not in (matter.consumer, matter.provider, matter.answered_by):
        raise NotYours(
            "争议由该事项的使用部门或提供部门提出。", article="A27", who="使用部门或提供部门经办人"
        )
    if (against := opposite(matter, actor.body)) is None:
        raise AgainstRules(
            "该事项现在没有本部门可以提出争议的结果。",
            article="A27",
            remedy="申请未受理、未授权或部分授权的，授权有条件、被暂停或收回的，"
            "需求未被承接的，疑义答复为核对无误的，目录的共享条件被撤销的，才能提出；"
            "本部门自己作出的决定不能提出。",
        )
    return case, *against


def check_single(case: int, claimant: int | None) -> None:
    """Raises `AgainstRules` while a dispute of this body about the case is running."""
    if running_about(case, claimant):
        raise AgainstRules(
            "本部门对该事项的争议正在办理，不能重复提出。",
            article="A27",
            remedy="请在“争议协商”中接着办理。",
        )


def resource_of(case: Case) -> int | None:
    """The mounted resource a case is about."""
    if case.kind == "application":
        return int(case.facts["mount"])
    return access.grant_of(case).mount_id if case.kind == "grant" else None
