"""The bureau strikes sharing conditions that rest on no law or on a wrong one, and restores them
(the decree: nobody adds a condition of their own)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from huitong.catalog.models import Entry, Version
from huitong.catalog.queries import terms
from huitong.catalog.rules import LIFTED, StruckTerm, Term, stated, struck_in
from huitong.kernel import ledger
from huitong.kernel.actor import BUREAU, Actor, Post, Seat
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.doing import lend_hand, note, recorded
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import today
from huitong.work import actions as work
from huitong.work.rules import CaseId, Pick

STRIKER, RESTORER = BUREAU(Post.OPERATOR), BUREAU(Post.MANAGER)
Reasons = Annotated[str, Field(title="理由", min_length=4, max_length=500)]


@recorded(
    "D",
    STRIKER,
    label="撤销共享条件",
    effect="新的申请不再受这一条件约束，已有授权不变；提供部门会收到通知，可以提出争议协商。",
)
def strike_condition(
    actor: Actor,
    *,
    case: CaseId,
    term: Annotated[str, Pick(terms.standing_choices), Field(title="条件", max_length=40)],
    reasons: Reasons,
) -> Entry:
    """Strike a condition that names no basis or a wrong one, while the entry is reviewed or after
    it is published; whatever version says the same again is not bound by it either."""
    version = terms.version_stating(actor, case)
    terms.check_decree(version)
    entry = _locked(version)
    condition = _named(version, term)
    if condition.key in {row.key for row in struck_in(version, entry.struck)}:
        raise AgainstRules("这一条件已经撤销。", article="D", remedy="不必再次撤销。")
    if condition.shape not in LIFTED:
        raise AgainstRules(
            f"“{condition.what}”由信息项的设置落实，不能直接撤销。",
            article="D",
            who="提供部门经办人",
            remedy="审核中的请退回修改；已发布的，请提供部门更新目录。",
        )
    row = StruckTerm(**dict(condition), on=today(), by=actor.name, why=reasons)
    entry.struck = [*entry.struck, ledger.plain(row.model_dump())]
    _keep(actor, entry, version, condition, STRIKER, "撤销共享条件")
    _tell(
        actor,
        version,
        f"共享条件已撤销：{version.name}",
        f"“{condition.words}”不再适用于新的申请。理由：{reasons} 不同意的，可以提出争议协商。",
    )
    return entry


@recorded(
    "D", RESTORER, label="恢复共享条件", effect="新的申请重新受这一条件约束；提供部门会收到通知。"
)
def restore_condition(
    actor: Actor,
    *,
    case: CaseId,
    term: Annotated[str, Pick(terms.struck_choices), Field(title="条件", max_length=40)],
    reasons: Reasons,
) -> Entry:
    """Let a condition that was struck stand again: its basis was shown, or a dispute came to it."""
    version = terms.version_stating(actor, case)
    entry = _locked(version)
    condition = _named(version, term)
    left = [row for row in entry.struck if StruckTerm(**row).key != condition.key]
    if len(left) == len(entry.struck):
        raise AgainstRules("这一条件没有被撤销。", article="D", remedy="不必恢复。")
    entry.struck = left
    _keep(actor, entry, version, condition, RESTORER, "恢复共享条件")
    _tell(
        actor,
        version,
        f"共享条件已恢复：{version.name}",
        f"“{condition.words}”重新适用于新的申请。理由：{reasons}",
    )
    return entry


# -- inside ----------------------------------------------------------------------------------------


def _locked(version: Version) -> Entry:
    """The entry, held with its case until the act is over."""
    version.case = Case.objects.select_for_update(of=("self",)).get(pk=version.case_id)
    return Entry.objects.select_for_update(of=("self",)).get(pk=version.entry_id)


def _named(version: Version, key: str) -> Term:
    """The condition a key names among those of the version. Raises `Malformed`."""
    term = next((term for term in stated(version) if term.key == key), None)
    if term is None:
        raise Malformed({"term": "目录中没有这一条件"}, article="D")
    return term


def _keep(actor: Actor, entry: Entry, version: Version, term: Term, seat: Seat, label: str) -> None:
    entry.save(update_fields=["struck", "updated_at"])
    version.case.facts |= {"struck": True}
    version.case.save(update_fields=["facts"])
    lend_hand(actor, seat, [version.case], label)
    note(entry=entry.pk, sharing_term=term.words)


def _tell(actor: Actor, version: Version, title: str, text: str) -> None:
    work.tell_bodies(
        actor,
        {version.entry.body_id},
        title,
        text,
        reverse("work:case", args=[version.case_id]),
        version.case,
    )
