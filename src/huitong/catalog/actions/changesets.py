"""A set of changes taken as one: submitted, passed by the department, reviewed by the bureau,
published; codes of an old catalog kept (A7, A10, A12).

Every entry has its own case: what is done with the set is done with each of them by its own verb,
in one act, all or none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from django.db import transaction
from pydantic import Field

from huitong.catalog import queries
from huitong.catalog.actions.connecting import BY_CLERK
from huitong.catalog.actions.entering import hand_over
from huitong.catalog.actions.entries import publish, submit
from huitong.catalog.actions.review import (
    pass_bureau,
    pass_department,
    return_bureau,
    return_department,
)
from huitong.catalog.actions.sheets import ChangesId, held, hold
from huitong.catalog.models import ChangeSet, CodeSequence, Entry
from huitong.catalog.queries import reviewing
from huitong.catalog.rules import TO_SUBMIT, EntryState, given
from huitong.catalog.rules.sheets import SetState
from huitong.kernel.actor import BODY, BUREAU, ENTERER, Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.doing import belongs_to, note, other_hand, recorded
from huitong.kernel.procedure import AgainstRules, Malformed, NotYours, Problem
from huitong.work.rules import Cleared, GroundRef, Pick

S = EntryState
BY_MANAGER, BY_BUREAU = BODY(Post.MANAGER), BUREAU(Post.OPERATOR)
#: why a whole set is returned: what is remarked of each of its entries
Remark = Annotated[str, Field(title="退回原因", max_length=500)]
OneElement = Annotated[
    str, Pick(reviewing.remarked_elements), Field(title="所涉要素", max_length=40)
]
#: refusals named one by one
NAMED = 20
#: a code that ends in its number: what stands before that is the name of its counter
NUMBERED = re.compile(r"(.*\D)(\d{1,9})", re.ASCII)


@recorded("A12", BY_CLERK, label="整批提交审核")
def submit_changes(actor: Actor, *, changes: ChangesId, cleared: Cleared) -> ChangeSet:
    """Hand every draft of a set to the department's manager, the secrecy review declared for all of
    them (A3)."""
    return _each(actor, changes, TO_SUBMIT, submit, "提交", cleared=cleared)


@recorded("A7", ENTERER(Post.OPERATOR), label="整批交部门确认")
def hand_over_changes(actor: Actor, *, changes: ChangesId) -> ChangeSet:
    """Give the department every draft of a set that the bureau entered for it (A8, A10)."""
    return _each(actor, changes, (S.ENTERING,), hand_over, "交部门确认")


@recorded("A12", BY_MANAGER, label="整批审核通过")
def pass_changes(
    actor: Actor, *, changes: ChangesId, cleared: Cleared, reasons: given.Reasons = ""
) -> ChangeSet:
    """The department's manager passes every entry of a set on to the bureau, the secrecy review
    confirmed for all of them (A3)."""
    given = {"cleared": cleared, "reasons": reasons}
    return _each(actor, changes, (S.IN_DEPARTMENT,), pass_department, "审核", **given)


@recorded("A10", BY_BUREAU, label="整批审核通过并赋码")
def approve_changes(actor: Actor, *, changes: ChangesId, reasons: given.Reasons = "") -> ChangeSet:
    """The bureau passes every entry of a set; those without a code get one (A7)."""
    return _each(actor, changes, (S.WITH_BUREAU,), pass_bureau, "审核", reasons=reasons)


@recorded("A12", BY_MANAGER, label="整批退回修改", grounds_of="entry.return_department")
def return_changes(
    actor: Actor,
    *,
    changes: ChangesId,
    ground: GroundRef,
    reasons: Remark,
    element: OneElement = "",
) -> ChangeSet:
    """The department's manager returns every entry of a set to the clerk, with one reason for all
    of them, and a remark on the element it concerns, if it is one (A12)."""
    given = {"ground": ground, "reasons": reasons, "remarks": {element: reasons} if element else {}}
    return _each(actor, changes, (S.IN_DEPARTMENT,), return_department, "退回", **given)


@recorded("A10", BY_BUREAU, label="整批审核退回", grounds_of="entry.return_bureau")
def send_back_changes(
    actor: Actor, *, changes: ChangesId, ground: GroundRef, reasons: Remark, element: OneElement
) -> ChangeSet:
    """The bureau returns every entry of a set to the department, with one remark for all of them on
    the element it concerns (A10)."""
    given = {"ground": ground, "remarks": {element: reasons}}
    return _each(actor, changes, (S.WITH_BUREAU,), return_bureau, "退回", **given)


@recorded("A10", BY_CLERK, label="整批发布")
def publish_changes(actor: Actor, *, changes: ChangesId) -> ChangeSet:
    """Publish every reviewed entry of a set (A10)."""
    return _each(actor, changes, (S.TO_PUBLISH,), publish, "发布")


@recorded("A7", BY_BUREAU, label="沿用旧目录代码")
def keep_old_codes(actor: Actor, *, changes: ChangesId) -> ChangeSet:
    """Let the entries of an old catalog, received by the bureau, keep the codes they had. Counters
    go on behind them, so that none is given twice. Raises `Malformed` naming the rows of codes that
    others bear."""
    own = held(actor, changes, SetState.APPLIED)
    rows = list(queries.old_codes(actor, own).select_related("entry"))
    states = hold(actor, rows)
    received = [row for row in rows if states.get(row.case_id) == S.WITH_BUREAU]
    if not received:
        raise AgainstRules(
            "没有要沿用代码的目录。",
            article="A7",
            remedy="旧代码由提供部门填在表格中，到市级审核时沿用。",
        )
    for row in received:
        if row.case and (other := other_hand(actor, row.case, BUREAU(Post.OPERATOR))):
            raise NotYours(
                f"{other}（“{row.name}”），沿用代码须由另一人办理。",
                article="A12",
                who=BUREAU(Post.OPERATOR).label,
                remedy="请由同岗位的其他人员办理。",
            )
    borne = dict(
        Entry.objects.filter(code__in=[row.code for row in received]).values_list("code", "pk")
    )
    if borne_by_others := [row for row in received if row.code in borne]:
        raise Malformed(
            {
                "changes": [
                    f"第 {row.row} 行“{row.name}”的代码 {row.code} 已属另一条目录"
                    for row in borne_by_others[:NAMED]
                ]
            },
            article="A7",
        )
    for row in received:
        if row.entry is not None:
            row.entry.code = row.code
            row.entry.save(update_fields=["code", "updated_at"])
    _move_counters([row.code for row in received])
    note(codes={row.code: row.entry_id for row in received})
    belongs_to(*(row.case_id for row in received if row.case_id))
    return own


# -- inside ----------------------------------------------------------------------------------------


def _each(
    actor: Actor,
    pk: int,
    states: Sequence[EntryState],
    verb: Callable[..., Any],
    what: str,
    **given: Any,
) -> ChangeSet:
    """Do a verb for every case a set has written that stands in one of these states. Raises
    `Malformed` naming each entry that cannot, and then nothing has happened."""
    own = held(actor, pk, SetState.APPLIED)
    rows = list(queries.written(actor, own))
    standing = hold(actor, rows)
    cases = [(row.name, row.case_id) for row in rows if standing.get(row.case_id) in states]
    if not cases:
        raise AgainstRules(
            f"这批目录中没有可以{what}的。",
            article="A12",
            remedy="请刷新页面，查看各条目录现在的状态。",
        )
    refusals: list[str] = []
    for name, case in cases:
        try:
            with transaction.atomic():
                verb(actor, Case(pk=case), **given)
        except Malformed as refused:
            texts = [text for texts in refused.fields.values() for text in texts]
            refusals.append(f"“{name}”：{'；'.join(texts)}")
        except Problem as refused:
            refusals.append(f"“{name}”：{refused.detail}")
    if refusals:
        more = [f"另有 {len(refusals) - NAMED} 条"] if len(refusals) > NAMED else []
        raise Malformed(
            {
                "changes": [
                    f"{len(refusals)} 条不能{what}，整批都没有办理",
                    *refusals[:NAMED],
                    *more,
                ]
            },
            article="A12",
        )
    note(case_count=len(cases))
    belongs_to(*(case for _, case in cases if case))
    return own


def _move_counters(codes: Sequence[str]) -> None:
    """Let the counters of these codes go on behind them."""
    last: dict[str, int] = {}
    for code in codes:
        if match := NUMBERED.fullmatch(code):
            last[match[1]] = max(last.get(match[1], 0), int(match[2]))
    for prefix, number in sorted(last.items()):
        counter, _ = CodeSequence.objects.get_or_create(prefix=prefix)
        counter = CodeSequence.objects.select_for_update().get(pk=counter.pk)
        counter.last = max(counter.last, number)
        counter.save()
