"""How an entry is shared and opened: grounds, conditions, personal data, the way it is given (A7,
A8, A10, A13)."""

from __future__ import annotations

from collections.abc import Sequence

from huitong.catalog.rules.checks.basics import CHINESE
from huitong.catalog.rules.checks.findings import Faults
from huitong.catalog.rules.facts import EntryFacts, Settled
from huitong.catalog.rules.terms import stated, without_basis
from huitong.catalog.rules.vocabulary import (
    WANTS_API,
    WANTS_TABLE,
    Cycle,
    Level,
    OpenClass,
    OpenMode,
    Shape,
    ShareClass,
    ShareMode,
    Usage,
)

SHORTEST_REASON = 8  # Chinese characters
NAMED = 5  # items a sentence names
LONGEST_WORDS = 40  # characters of a condition in a sentence


def no_ground(e: EntryFacts) -> Faults:
    if e.share_class == ShareClass.NOT_SHARED and not e.grounds:
        yield "grounds", "不予共享须有法律、法规、规章或政策依据并报备案，尚未登记依据"


def thin_ground(e: EntryFacts) -> Faults:
    for ground in e.grounds:
        if e.share_class == ShareClass.NOT_SHARED and not (ground.article and ground.quotation):
            yield "grounds", f"依据《{ground.document}》未写明条款或原文"


def no_shape(e: EntryFacts) -> Faults:
    if e.share_class == ShareClass.CONDITIONAL and not e.shapes:
        yield "shapes", "有条件共享须写明条件的形式：指定部门、部分信息项、脱敏、仅比对"


def empty_shape(e: EntryFacts) -> Faults:
    """A condition that is named must be there to enforce."""
    if e.share_class != ShareClass.CONDITIONAL:
        return
    if Shape.NAMED_BODIES in e.shapes and not e.named_bodies:
        yield "named_bodies", "已选“仅提供给指定部门”，但没有指定部门"
    if Shape.PARTIAL_ITEMS in e.shapes and len(e.shared_items) in (0, len(e.items)):
        yield "items", "已选“仅提供部分信息项”，须有的信息项不予共享、有的可以共享"
    if Shape.MASKED in e.shapes and not any(i.mask for i in e.shared_items):
        yield "items", "已选“脱敏后提供”，但没有信息项设置脱敏方式"
    if Shape.COMPARISON in e.shapes and set(e.share_modes) - {ShareMode.API}:
        yield "share_modes", "“仅提供比对结果”只能通过接口提供"


def unnamed_condition(e: EntryFacts) -> Faults:
    """Limits that are set but not said: the consumer would find out from what is missing."""
    limits = {
        Shape.NAMED_BODIES: ("named_bodies", "指定了部门", bool(e.named_bodies)),
        Shape.PARTIAL_ITEMS: ("items", "有信息项不予共享", len(e.shared_items) < len(e.items)),
        Shape.MASKED: ("items", "有信息项设置了脱敏", any(i.mask for i in e.shared_items)),
    }
    for shape, (field, limit, there) in limits.items():
        if there and e.share_class == ShareClass.UNCONDITIONAL:
            yield field, f"无条件共享不得附加条件，但{limit}"
        elif (
            there and e.share_class == ShareClass.CONDITIONAL and e.shapes and shape not in e.shapes
        ):
            yield "shapes", f"{limit}，但共享条件未选“{shape.label}”"
    for term in stated(e) if e.shapes else ():
        if term.shape and term.shape not in e.shapes:
            label = Shape(term.shape).label
            yield "sharing_terms", f"写有“{label}”的条件，但共享条件未选“{label}”，不会生效"


def no_condition_words(e: EntryFacts) -> Faults:
    if e.share_class == ShareClass.CONDITIONAL and not (e.condition or e.sharing_terms):
        yield "condition", "没有用文字说明共享条件"


def condition_without_basis(e: EntryFacts) -> Faults:
    """Nobody adds a condition of their own: each names the law it rests on."""
    for term in without_basis(e, e.struck):
        yield "sharing_terms", f"条件“{_short(term.what)}”没有写明依据"


def struck_condition(e: EntryFacts) -> Faults:
    for term in e.struck:
        yield (
            "sharing_terms",
            f"条件“{_short(term.what)}”已于 {term.on} 被撤销（{term.why}），不再适用",
        )


def personal_open(e: EntryFacts) -> Faults:
    """Privacy before comfort: what looks personal is kept as suggested, or somebody says why
    not."""
    for item, recognition, settled in e.recognised:
        if settled is Settled.OPEN:
            yield (
                f"items.{item.name}",
                f"像{recognition.what}（{recognition.reason}），建议{recognition.proposal}，尚未处理",
            )


def personal_declined(e: EntryFacts) -> Faults:
    for item, recognition, settled in e.recognised:
        if settled is Settled.DECLINED:
            sign = f"像{recognition.what}（{recognition.reason}）"
            yield (
                f"items.{item.name}",
                f"{sign}，未按建议（{recognition.proposal}）处理，理由：{item.declined}",
            )


def personal_unconditional(e: EntryFacts) -> Faults:
    """Personal data for every body that asks: possible, with a reason that can be read and
    weighed."""
    names = [i.name for i in e.shared_items if i.personal]
    if (
        e.share_class == ShareClass.UNCONDITIONAL
        and names
        and len(CHINESE.findall(e.personal_reason)) < SHORTEST_REASON
    ):
        yield (
            "personal_reason",
            (
                f"{_some(names)}像个人信息，"
                f"随无条件共享提供须写明理由{'，现有的过于简单' if e.personal_reason else ''}"
            ),
        )


def sensitive_unconditional(e: EntryFacts) -> Faults:
    if e.share_class == ShareClass.UNCONDITIONAL:
        for item in e.shared_items:
            if item.level in (Level.THREE, Level.FOUR):
                yield f"items.{item.name}", f"分级为{item.level.label}，却随无条件共享提供"


def open_but_not_shared(e: EntryFacts) -> Faults:
    if e.share_class == ShareClass.NOT_SHARED and e.open_class in (
        OpenClass.UNCONDITIONAL,
        OpenClass.CONDITIONAL,
    ):
        yield "open_class", "不予共享的资源不能向社会开放"


def open_wider_than_shared(e: EntryFacts) -> Faults:
    """What everybody may have without a condition, no department needs one for."""
    if e.share_class == ShareClass.CONDITIONAL and e.open_class == OpenClass.UNCONDITIONAL:
        yield "open_class", "向社会无条件开放，部门之间却有条件共享"


def open_personal(e: EntryFacts) -> Faults:
    """Personal data for the public, neither withheld nor masked."""
    if e.open_class in (OpenClass.UNCONDITIONAL, OpenClass.CONDITIONAL):
        names = [i.name for i in e.shared_items if i.personal and not i.mask]
        if names:
            yield "open_class", f"{_some(names)}像个人信息，未经脱敏向社会开放"


def open_mode(e: EntryFacts) -> Faults:
    if (
        e.open_class in (OpenClass.UNCONDITIONAL, OpenClass.CONDITIONAL)
        and e.open_mode == OpenMode.NONE
    ):
        yield "open_mode", "向社会开放的资源须选择开放方式"


def open_condition(e: EntryFacts) -> Faults:
    if e.open_class == OpenClass.CONDITIONAL and not e.open_condition:
        yield "open_condition", "有条件开放须写明开放条件"


def wants_api(e: EntryFacts) -> Faults:
    """A13: often-changing, time-critical, joint approval, collaboration → interface."""
    if e.share_class == ShareClass.NOT_SHARED or ShareMode.API in e.share_modes:
        return
    reasons = [Usage(u).label for u in e.usage if u in WANTS_API]
    if not reasons and e.update_cycle == Cycle.REAL_TIME:
        reasons = ["实时更新"]
    if reasons:
        yield "share_modes", f"{'、'.join(reasons)}的资源宜采用接口方式"


def wants_table(e: EntryFacts) -> Faults:
    if (
        e.share_class == ShareClass.NOT_SHARED
        or ShareMode.TABLE in e.share_modes
        or Shape.COMPARISON in e.shapes
    ):
        return
    if reasons := [Usage(u).label for u in e.usage if u in WANTS_TABLE]:
        yield "share_modes", f"{'、'.join(reasons)}的资源宜采用库表方式"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_WORDS else f"{text[:LONGEST_WORDS]}…"


def _some(names: Sequence[str]) -> str:
    more = f"等 {len(names)} 项" if len(names) > NAMED else ""
    return "、".join(names[:NAMED]) + more
