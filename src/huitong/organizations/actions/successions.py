"""One body follows another: resources, grants and cases pass on (A2).

The act itself passes on open cases, people, duties, units and the task force, and ends tokens.
Contexts above do their part by a reaction to ``organizations.succeed`` (entry.after:
``predecessors``, ``heir``, ``on``), or ask `queries.successor_of`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.db.models import F, Func, Value
from pydantic import Field

from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.doing import hand_on, note, recorded, was
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.watches import Watch
from huitong.kernel.workdays import today
from huitong.organizations import queries
from huitong.organizations.actions.bodies import (
    KEEPER,
    BodyId,
    Document,
    Name,
    ShortName,
    body_in_force,
    close_body,
    end_posts,
)
from huitong.organizations.models import Body, Duty, Matter, Posting, Succession, TaskForce
from huitong.organizations.rules import SuccessionKind, check_credit_code

On = Annotated[date, Field(title="承继日期", description="自这一天起由承继机构接续；不晚于今日。")]


@recorded("A2", *KEEPER, label="机构更名")
def rename_body(
    actor: Actor,
    *,
    body: BodyId,
    name: Name,
    short_name: ShortName,
    on: On,
    document: Document,
    credit_code: Annotated[str, Field(title="新统一社会信用代码", description="不变则不填。")] = "",
) -> Body:
    """Rename a body: a new row succeeds it, so that its past keeps the old name."""
    old = body_in_force(actor, body)
    code = check_credit_code(credit_code) if credit_code else old.credit_code
    if Body.objects.filter(name=name, valid_to=None).exists():
        raise Malformed({"name": "已有同名机构。"}, article="A2")
    _check_day(on, [old])
    old_bureau = old.is_bureau
    postings = _living_postings([old])
    close_body(old, on)
    new = Body.objects.create(
        name=name,
        short_name=short_name,
        kind=old.kind,
        credit_code=code,
        division_code=old.division_code,
        parent=old.parent,
        is_bureau=old_bureau,
        managing_organ=old.managing_organ,
        offices=old.offices,
        valid_from=on,
        number=old.number,
    )
    _reopen(postings, new, on)
    succeed(
        actor,
        kind=SuccessionKind.RENAME,
        predecessors=[old.pk],
        successors=[new.pk],
        heir=new.pk,
        on=on,
        document=document,
    )
    was(name=old.name)
    return new


@recorded("A2", *KEEPER, label="机构承继")
def succeed(
    actor: Actor,
    *,
    kind: Annotated[SuccessionKind, Field(title="承继方式")],
    predecessors: Annotated[list[int], Field(title="原机构", min_length=1)],
    successors: Annotated[list[int], Field(title="承继机构", min_length=1)],
    on: On,
    document: Document,
    heir: Annotated[
        int | None,
        Field(title="主要承继机构", description="分立时接续资源、授权、在办事项和人员的机构。"),
    ] = None,
) -> None:
    """Bodies are followed by others on a day under a document; the heir takes resources, grants,
    cases and people."""
    heir_key = heir or successors[0]
    if heir_key not in successors:
        raise Malformed({"heir": "主要承继机构应是承继机构之一。"}, article="A2")
    _check_numbers(kind, predecessors, successors)
    old = [queries.body_for(actor, pk) for pk in predecessors]
    new = {pk: body_in_force(actor, pk) for pk in successors}
    if Succession.objects.filter(predecessor__in=old, heir=True).exists():
        raise AgainstRules("原机构已经有承继机构。", article="A2")
    _check_day(on, old)
    target = new[heir_key]
    postings = _living_postings(old)
    moves = any(body.is_bureau and body.valid_to is None for body in old)
    for body in old:
        if body.valid_to is None:
            close_body(body, on)
    if moves and not target.is_bureau:
        end_posts(target, on)
        target.is_bureau = True
    target.offices = sorted({*target.offices, *(name for body in old for name in body.offices)})
    target.save()
    Succession.objects.bulk_create(
        [
            Succession(
                predecessor=a, successor=b, kind=kind, on=on, document=document, heir=b == target
            )
            for a in old
            for b in new.values()
        ]
    )
    _reopen(postings, target, on)
    note(
        case_count=_pass_cases([b.pk for b in old], target.pk),
        heir=target.pk,
        predecessors=predecessors,
        on=on,
    )
    _pass_registers(old, target)


# -- inside ----------------------------------------------------------------------------------------


def _check_numbers(kind: SuccessionKind, old: list[int], new: list[int]) -> None:
    """A rename is one to one, a merger several to one, a split one to several."""
    allowed = {
        SuccessionKind.RENAME: len(old) == len(new) == 1,
        SuccessionKind.MERGE: len(new) == 1,
        SuccessionKind.SPLIT: len(old) == 1 and len(new) > 1,
    }
    if not allowed[kind]:
        raise Malformed({"successors": f"“{kind.label}”的原机构与承继机构数目不对。"}, article="A2")
    if set(old) & set(new):
        raise Malformed({"successors": "承继机构不能同时是原机构。"}, article="A2")


def _check_day(on: date, old: list[Body]) -> None:
    if on > today():
        raise Malformed({"on": "请在承继生效之日或之后办理。"}, article="A2")
    if early := [b.name for b in old if on <= b.valid_from]:
        raise Malformed({"on": f"承继日期应晚于“{early[0]}”的设立日期。"}, article="A2")


def _living_postings(old: list[Body]) -> list[Posting]:
    """The postings in force, read before the old bodies close and with them their postings."""
    return [
        p
        for p in Posting.objects.filter(body__in=[b.pk for b in old]).select_related("body")
        if p.valid_to is None or p.valid_to >= today()
    ]


def _reopen(postings: list[Posting], heir: Body, on: date) -> None:
    """The same people hold the same posts in the heir, deputies included, without asking them to be
    appointed anew.

    Into the bureau people pass from the bureau alone: who else is to have rights there, the
    security administrator appoints.
    """
    if heir.is_bureau:
        postings = [p for p in postings if p.body.is_bureau]
    existing = set(
        Posting.objects.filter(body=heir)
        .exclude(valid_to__lt=on)
        .values_list("person", "post", "deputy_of")
    )
    new = [
        p
        for p in postings
        if (p.person_id, p.post, p.deputy_of_id) not in existing and p.body_id != heir.pk
    ]
    Posting.objects.bulk_create(
        [
            Posting(
                person_id=p.person_id,
                body=heir,
                post=p.post,
                valid_from=max(on, p.valid_from),
                valid_to=p.valid_to,
                deputy_of_id=p.deputy_of_id,
            )
            for p in new
        ]
    )


def _pass_cases(old: list[int], heir: int) -> int:
    """Open cases: the heir takes the predecessor's part, its desk and its running clock."""
    cases = list(
        Case.objects.select_for_update(no_key=True)
        .filter(bodies__overlap=old, closed_at=None)
        .order_by("pk")
    )
    hand_on(cases, dict.fromkeys(old, heir), today())
    Case.objects.filter(inside__in=old).update(inside=heir)
    Watch.objects.filter(body__in=old, stopped_on=None).update(body=heir)
    # closed matters keep their parties as they were; the heir reads them too
    archive = (
        Case.objects.filter(bodies__overlap=old)
        .exclude(closed_at=None)
        .exclude(bodies__contains=[heir])
    )
    archive.update(bodies=Func(F("bodies"), Value(heir), function="array_append"))
    return len(cases)


def _pass_registers(old: list[Body], heir: Body) -> None:
    """Duties with their matters, units below, and the task force where the heir has none."""
    texts = {d.text: d for d in Duty.objects.filter(body=heir)}
    for duty in Duty.objects.filter(body__in=old):
        if same := texts.get(duty.text):
            Matter.objects.filter(duty=duty).update(duty=same)
        else:
            texts[duty.text] = duty
            Duty.objects.filter(pk=duty.pk).update(body=heir)
    Body.objects.filter(parent__in=old, valid_to=None).exclude(pk=heir.pk).update(parent=heir)
    if not TaskForce.objects.filter(body=heir).exists() and (
        force := TaskForce.objects.filter(body__in=old).first()
    ):
        TaskForce.objects.filter(pk=force.pk).update(body=heir)
