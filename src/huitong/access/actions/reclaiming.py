"""Taking back a grant nobody uses: its consumer is told with the evidence and answers, then who
granted it decides; data are had under it meanwhile (A26)."""

from __future__ import annotations

from typing import Annotated

from django.utils import timezone
from pydantic import Field

from huitong.access import queries
from huitong.access.actions.granting import end_grant, tell_parties
from huitong.access.actions.parameters import CircumstanceRef, CircumstanceWords, Months
from huitong.access.actions.sealing import Reasons
from huitong.access.models import Grant
from huitong.access.rules import GRANT, GRANT_UNDER_DECREE, circumstance_fault, circumstance_words
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.doing import note, step, was
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import today


@step(GRANT, GRANT_UNDER_DECREE)
def give_notice(actor: Actor, case: Case, *, reasons: Reasons) -> Grant:
    """Tell the consumer, with the evidence, that a grant unused for three months may be taken
    back. Raises `AgainstRules` before the limit is past, and while a special circumstance holds."""
    grant = queries.grant_of(case)
    disuse = queries.disuse_of(grant)
    if disuse.since is None:
        raise AgainstRules(
            f"该授权现在不计为未使用：{disuse.circumstance}。",
            article="A26",
            remedy="特殊情况结束、进入使用季节或恢复交付之后，仍长期不使用的，再告知拟收回。",
        )
    evidence = queries.evidence_words(disuse)
    if not disuse.over:
        raise AgainstRules(
            f"未使用的期限还没有届满：{evidence}。",
            article="A26",
            remedy="期限届满后仍未使用的，再告知；因其他理由收回的，请办理“收回授权”。",
        )
    case.facts |= {
        "disuse": {"at": timezone.now().isoformat(), "evidence": evidence, "reasons": reasons}
    }
    text = (
        f"{evidence}。{reasons} 请使用部门经办人在答复期内说明是否仍需使用、有无季节性应用等特殊情况；"
        "其间照常使用。"
    )
    return tell_parties(actor, case, "拟收回长期未使用的授权", text, grant=grant)


@step(GRANT, GRANT_UNDER_DECREE)
def answer_notice(
    actor: Actor,
    case: Case,
    *,
    reasons: Annotated[
        str, Field(title="答复", description="是否仍需使用，为什么一直没有使用。", max_length=1000)
    ],
    circumstance: CircumstanceRef = "",
    months: Months = [],  # noqa: B006 read only
    circumstance_words: CircumstanceWords = "",
) -> Grant:
    """Say whether the grant is still needed, and state a special circumstance where there is
    one."""
    if wrong := circumstance_fault(circumstance, months, circumstance_words, today()):
        raise Malformed(wrong, article="A26")
    case.facts |= {
        "reply": {
            "reasons": reasons,
            "circumstance": circumstance,
            "months": sorted(set(months)),
            "circumstance_words": circumstance_words,
        }
    }
    stated = _stated(case)
    text = f"{reasons}{f' 特殊情况：{stated}。' if stated else ''}"
    return tell_parties(actor, case, "使用部门已答复拟收回", text)


@step(GRANT, GRANT_UNDER_DECREE)
def end_answering(actor: Actor, case: Case) -> Grant:
    """The time to answer is over: who granted it decides, nothing is taken back by itself."""
    text = "答复期已满，使用部门没有答复；由授权的一方决定收回或保留，其间照常使用。"
    return tell_parties(actor, case, "拟收回的答复期已满", text)


@step(GRANT, GRANT_UNDER_DECREE)
def reclaim(actor: Actor, case: Case, *, reasons: Reasons) -> Grant:
    """Take an unused grant back for good, after its consumer was told and could answer. Raises
    `AgainstRules` where it has been used since, or could not be."""
    if why := queries.kept_by(queries.grant_of(case)):
        raise AgainstRules(
            f"{why}。",
            article="A26",
            remedy="请保留授权，未使用的期限重新计算；因其他理由收回的，请办理“收回授权”。",
        )
    return end_grant(actor, case, "长期未使用的授权已收回", reasons)


@step(GRANT, GRANT_UNDER_DECREE)
def keep_running(
    actor: Actor,
    case: Case,
    *,
    reasons: Reasons,
    adopt: Annotated[
        bool,
        Field(
            title="认可使用部门所述的特殊情况",
            description="认可后记入授权；该情况下不使用，以后不计为未使用。",
        ),
    ] = False,
) -> Grant:
    """Leave an unused grant running: the limit of disuse begins anew, and where the circumstance
    the consumer states is adopted, the grant carries it from now on."""
    grant = queries.grant_of(case)
    answer = case.facts.get("reply", {})
    if adopt and not answer.get("circumstance"):
        raise Malformed({"adopt": "使用部门没有说明特殊情况，无可认可"}, article="A26")
    if adopt:
        fields = ["circumstance", "months", "circumstance_words"]
        was(**{name: getattr(grant, name) for name in fields})
        for name in fields:
            setattr(grant, name, answer[name])
        grant.save(update_fields=fields)
        note(**{name: answer[name] for name in fields})
    stated = f" 已认可特殊情况：{_stated(case)}。" if adopt else ""
    return tell_parties(actor, case, "授权予以保留", f"{reasons}{stated}", grant=grant)


def _stated(case: Case) -> str:
    answer = case.facts["reply"]
    return circumstance_words(
        answer["circumstance"], answer["months"], answer["circumstance_words"]
    )
