"""A doubt is raised, withdrawn and, once answered, evaluated by who raised it (A29)."""

from __future__ import annotations

from pydantic import SecretStr

from huitong.kernel.actor import BUREAU, Actor
from huitong.kernel.case import Case
from huitong.kernel.doing import note, step
from huitong.kernel.procedure import Malformed
from huitong.objections import queries
from huitong.objections.actions.parameters import (
    About,
    Again,
    Believed,
    Delivery,
    Evaluation,
    Files,
    Granted,
    Held,
    ItemName,
    Kind,
    Locator,
    OfMount,
    Reasons,
    Satisfied,
    Words,
)
from huitong.objections.actions.sealing import sealed
from huitong.objections.actions.telling import tell
from huitong.objections.models import Objection
from huitong.objections.rules import (
    OBJECTION,
    OBJECTION_2025,
    Doubt,
    Satisfaction,
    doubt_faults,
    evaluation_fault,
)
from huitong.work.rules import refuse_marked


@step(OBJECTION, OBJECTION_2025)
def report(
    actor: Actor,
    case: Case,
    *,
    kind: Kind,
    words: Words,
    entry: About = None,
    mount: OfMount = None,
    grant: Granted = None,
    delivery: Delivery = "",
    item: ItemName = "",
    locator: Locator = "",
    held: Held = None,
    believed: Believed = None,
    files: Files = [],  # noqa: B006 - pydantic copies it
    again: Again = None,
) -> Objection:
    """Say what one doubts about an entry one may see, or about what one's body was granted and
    received. The body whose data they are verifies, the bureau is told at once."""
    _hold(again)
    about = queries.about(actor, entry=entry, mount=mount, grant=grant, again=again)
    given = {
        "delivery": delivery,
        "item": item,
        "locator": locator,
        "held": _text(held),
        "believed": _text(believed),
    }
    wrong = doubt_faults(
        kind, given, granted=about.grant is not None, items=queries.item_names(about.entry)
    )
    delivered = None
    if not wrong and kind is Doubt.CONTENT:
        delivered = queries.delivered_under(actor, about.grant, delivery)
        if delivered is None:
            wrong["delivery"] = "该授权下没有这一次交付；请从收到数据的页面提出，编号会自动填好"
    if wrong:
        raise Malformed(wrong, article="A29")
    for title, text in (("收到的值", given["held"]), ("认为正确的值", given["believed"])):
        refuse_marked(title, iter([text]))  # guards look at no secrets
    provider = about.provider.pk
    case.between(consumer=actor.body, provider=provider)
    case.title = f"疑义：{about.entry.name}（{kind.label}）"[:300]
    case.facts |= {"entry": about.entry.pk, "kind": kind.value}
    case.save()
    row = Objection.objects.create(
        case=case,
        consumer_id=actor.body,
        provider_id=provider,
        kind=kind.value,
        entry=about.entry,
        mount_id=about.mount,
        grant_id=about.grant,
        plane=delivered.plane if delivered is not None else "",
        delivery=delivery,
        delivered_at=delivered.at if delivered is not None else None,
        item=item,
        locator=locator,
        held=sealed(given["held"]),
        believed=sealed(given["believed"]),
        words=words,
        files=list(files),
        again_of=about.again,
        declined=list(about.again.declined) if about.again is not None else [],
    )
    note(name=about.entry.name, code=about.entry.code)
    tell(
        actor,
        case,
        row,
        {case.body_of(BUREAU.name) or actor.bureau_body} - {provider, actor.body},
        f"{row.consumer.short_name}对{row.entry.body.short_name}的数据提出疑义，"
        f"由{about.provider.short_name}校核。",
    )
    return row


@step(OBJECTION, OBJECTION_2025)
def withdraw(actor: Actor, case: Case, *, reasons: Reasons = "") -> Objection:
    """Give up a doubt before it is answered."""
    row = queries.objection_of(case)
    readers = {row.provider_id, case.body_of(BUREAU.name)}
    why = f"理由：{reasons}" if reasons else ""
    tell(actor, case, row, readers, f"{row.consumer.short_name}已撤回，不必再校核。{why}")
    return row


@step(OBJECTION, OBJECTION_2025)
def evaluate(
    actor: Actor, case: Case, *, satisfied: Satisfied, evaluation: Evaluation = ""
) -> Objection:
    """Say whether the answer settles the doubt. One that does not may be raised again, once."""
    row = queries.objection_of(case)
    if wrong := evaluation_fault(satisfied, evaluation):
        raise Malformed(wrong, article="A29")
    row.satisfied, row.evaluation = satisfied is Satisfaction.YES, evaluation
    row.save(update_fields=["satisfied", "evaluation"])
    readers = {row.provider_id, case.body_of(BUREAU.name)}
    tell(
        actor, case, row, readers, f"{row.consumer.short_name}评价：{satisfied.label}。{evaluation}"
    )
    return row


@step(OBJECTION, OBJECTION_2025)
def close_evaluation(actor: Actor, case: Case) -> None:
    """The limit for evaluating is over: the answer stands, and nobody has called it good."""


# -- inside ----------------------------------------------------------------------------------------


def _hold(again: int | None) -> None:
    """Let a doubt be raised again by one act at a time."""
    Objection.objects.select_for_update(of=("self",)).filter(pk=again).first()


def _text(value: SecretStr | None) -> str:
    return value.get_secret_value().strip() if value is not None else ""
