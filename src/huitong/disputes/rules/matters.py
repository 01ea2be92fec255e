"""What can be disputed, by whom, and what came of it, plain (A27)."""

from __future__ import annotations

from dataclasses import dataclass, field

from huitong.access.rules import G
from huitong.access.rules import S as Application
from huitong.demands.rules import S as Demand
from huitong.kernel.actor import Labelled
from huitong.kernel.procedure import End, Tone
from huitong.objections.rules import S as Objection
from huitong.publishing.rules import Authority

#: the kinds of cases that can be disputed
DISPUTABLE = ("application", "grant", "demand", "entry", "objection")


class Subject(Labelled):
    """What the two see differently: the law's words first."""

    CONDITIONS = "conditions", "共享条件"
    REASONS = "reasons", "申请理由"
    RESULT = "result", "授权结果"
    DEMAND = "demand", "需求的答复"
    OTHER = "other", "其他"


class Side(Labelled):
    """Which of the two opened the dispute."""

    CONSUMER = "consumer", "使用部门"
    PROVIDER = "provider", "提供部门"


class Outcome(Labelled):
    """What a consultation came to."""

    AGREED = "agreed", "协商一致"
    PARTLY = "partly", "部分协商一致"
    FAILED = "failed", "协商未成"


class Ruling(Labelled):
    """What the authority or the government decided on what was asked for."""

    UPHELD = "upheld", "支持提出部门"
    PARTLY = "partly", "部分支持提出部门"
    REJECTED = "rejected", "不支持提出部门"


TONES = {
    "agreed": Tone.SUCCESS,
    "upheld": Tone.SUCCESS,
    "partly": Tone.INFO,
    "failed": Tone.WARNING,
    "rejected": Tone.WARNING,
}


def opens_the_way(outcome: str, ruling: str) -> bool:
    """Whether the case goes on from it: agreed or decided in favour, wholly or in part."""
    return (ruling or outcome) in (Outcome.AGREED, Outcome.PARTLY, Ruling.UPHELD)


@dataclass(frozen=True)
class Matter:
    """A case as somebody may dispute it. ``by_platform``: the bureau decided it. Of a demand,
    ``answered_by`` is the body whose last answer was that it is not its duty, or cannot be met yet;
    ``declined`` are all whose duty it is not. Of an entry, ``bureau`` struck conditions."""

    kind: str
    state: str
    consumer: int | None
    provider: int | None
    by_platform: bool = False
    partly: bool = False
    answered_by: int | None = None
    declined: frozenset[int] = field(default=frozenset())
    bureau: int | None = None


def opposite(matter: Matter, body: int | None) -> tuple[Side, int] | None:
    """Which side this body would dispute a case from, and against whom; None where there is
    nothing for it to dispute. What a body decided itself it does not dispute."""
    if body is None:
        return None
    asks = {
        "application": _application,
        "grant": _grant,
        "demand": _demand,
        "entry": _entry,
        "objection": _objection,
    }
    ask = asks.get(matter.kind)
    sides = ask(matter) if ask is not None else {}
    for side, (own, other) in sides.items():
        if own == body and other is not None and other != body:
            return side, other
    return None


def _both(matter: Matter, *sides: Side) -> dict[Side, tuple[int | None, int | None]]:
    pairs = {
        Side.CONSUMER: (matter.consumer, matter.provider),
        Side.PROVIDER: (matter.provider, matter.consumer),
    }
    return {side: pairs[side] for side in sides}


def _application(matter: Matter) -> dict[Side, tuple[int | None, int | None]]:
    end = Application(matter.state).end
    if end is End.GRANTED:
        consumer, provider = matter.partly, matter.by_platform
    else:
        consumer = end is End.REFUSED
        provider = consumer and matter.by_platform
    sides = [Side.CONSUMER] if consumer else []
    return _both(matter, *sides, *([Side.PROVIDER] if provider else []))


def _grant(matter: Matter) -> dict[Side, tuple[int | None, int | None]]:
    if G(matter.state).end in (End.WITHDRAWN, End.LAPSED):
        return {}
    return _both(matter, Side.CONSUMER, *([Side.PROVIDER] if matter.by_platform else []))


def _demand(matter: Matter) -> dict[Side, tuple[int | None, int | None]]:
    if matter.state == Demand.WITH_BODY:
        # asked again of a body that said it is not its duty
        return _both(matter, Side.PROVIDER) if matter.provider in matter.declined else {}
    if matter.state in (Demand.TO_ASSIGN, Demand.UNMET, Demand.DEFERRED):
        return {Side.CONSUMER: (matter.consumer, matter.answered_by)}
    return {}


def _entry(matter: Matter) -> dict[Side, tuple[int | None, int | None]]:
    """What the bureau struck, its provider disputes with the bureau itself."""
    return {Side.PROVIDER: (matter.provider, matter.bureau)}


def _objection(matter: Matter) -> dict[Side, tuple[int | None, int | None]]:
    # what was found right as it is; what was corrected is doubted anew
    return _both(matter, Side.CONSUMER) if matter.state == Objection.UPHELD else {}


def decided_by_platform(authority: object) -> bool:
    return authority == Authority.PLATFORM


def outcome_fault(outcome: Outcome, confirmed: int, objected: int) -> str:
    """Why an outcome does not follow from the minutes: nothing is agreed by silence. Empty when it
    does."""
    if outcome is Outcome.FAILED or (confirmed == 2 and not objected):
        return ""
    if objected:
        return "有一方对纪要提出了意见，请先修改纪要、由双方重新确认；确实谈不拢的，选“协商未成”"
    return "双方没有都确认纪要，不能视为一致；请催促确认，或选“协商未成”"
