"""Taking a case from the desk, giving it back, handing it over, sending copies (A17, A19)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from huitong.kernel import doing
from huitong.kernel.actor import Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.doing import note, recorded, was
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours
from huitong.organizations import queries as organizations
from huitong.work import queries
from huitong.work.actions.notices import case_url, tell
from huitong.work.actions.seats import EVERYBODY
from huitong.work.models import Copy
from huitong.work.rules import CaseId, NoticeKind, Pick


@recorded("A17", *EVERYBODY, label="领办")
def claim(actor: Actor, *, case: CaseId) -> Case:
    """Take a case that waits at one's desk: from then on colleagues leave it alone. Refused when
    it waits elsewhere."""
    row = _at_my_desk(actor, case)
    seat = doing.procedure_of(row).awaits(row.state)
    if seat and (why := doing.other_hand(actor, row, seat)):
        raise NotYours(
            f"{why}，不能领办本环节。", article="A12", remedy="请由同岗位的其他人员领办。"
        )
    if row.holder not in (None, actor.person):
        raise AgainstRules("该事项已由其他人员领办。", article="A17", remedy="请先请其退回或移交。")
    return _hold(row, actor.person)


@recorded("A17", *EVERYBODY, label="退回待领")
def give_back(actor: Actor, *, case: CaseId) -> Case:
    """Put a case back on the desk: by the one who holds it, or by the manager of the same body."""
    row = _locked(actor, case)
    if row.holder is None:
        raise AgainstRules("该事项尚无人领办。", article="A17")
    _mine_or_my_bodys(actor, row)
    return _hold(row, None)


@recorded("A17", *EVERYBODY, label="移交他人办理")
def hand_over(
    actor: Actor,
    *,
    case: CaseId,
    to: Annotated[int, Pick(queries.people_to_hand_over_to), Field(title="移交给")],
    words: Annotated[str, Field(title="说明", max_length=300)] = "",
) -> Case:
    """Hand a case to another person of the same desk."""
    row = _locked(actor, case)
    if row.holder is None:
        _at_my_desk(actor, case)
    else:
        _mine_or_my_bodys(actor, row)
    if to not in {pk for pk, _ in queries.people_to_hand_over_to(actor, row)}:
        raise Malformed({"to": "只能移交给同一岗位的其他人员。"}, article="A17")
    tell(
        [to],
        NoticeKind.ARRIVED,
        f"{actor.name}向您移交：{row.title or row.number}",
        words,
        case_url(row),
        row,
    )
    return _hold(row, to)


@recorded("A19", *EVERYBODY, label="抄送")
def copy_to(
    actor: Actor,
    *,
    case: CaseId,
    to: Annotated[list[int], Pick(queries.people_to_copy), Field(title="抄送给", min_length=1)],
    words: Annotated[str, Field(title="附言", max_length=300)] = "",
) -> Case:
    """Send a case to people for information: they may read it, not act in it. Who reads it by a
    copy alone passes nothing on."""
    row = queries.case_for(actor, case)
    if not queries.reads_as_party(actor, row):
        raise NotYours(
            "该事项是抄送给您的，不能再抄送给他人。",
            article="A19",
            who="该事项各方",
            remedy="请该事项各方的人员抄送。",
        )
    if not set(to) <= {pk for pk, _ in queries.people_to_copy(actor, row)}:
        raise Malformed({"to": "只能抄送给该事项各方或本部门的人员。"}, article="A19")
    seats = organizations.business_seats(to, {*row.readers, actor.body or 0})
    fresh = sorted(set(seats) - set(Copy.objects.filter(case=row).values_list("person", "body")))
    Copy.objects.bulk_create(
        [
            Copy(case=row, person_id=pk, body=body, by_id=actor.person, words=words)
            for pk, body in fresh
        ]
    )
    new = list(dict.fromkeys(pk for pk, _ in fresh))
    tell(
        new,
        NoticeKind.COPIED,
        f"{actor.name}抄送：{row.title or row.number}",
        words,
        case_url(row),
        row,
    )
    return row


def _locked(actor: Actor, pk: int) -> Case:
    if (
        case := Case.objects.visible_to(actor).select_for_update(no_key=True).filter(pk=pk).first()
    ) is None:
        raise NotVisible("该事项")
    return case


def _at_my_desk(actor: Actor, pk: int) -> Case:
    case = _locked(actor, pk)
    if doing.procedure_of(case).is_joint(case.state):
        raise AgainstRules(
            "本环节由各部门分别办理，不用领办或移交。",
            article="A17",
            remedy="请直接办理本部门的一项。",
        )
    if not set(case.awaiting) & set(actor.desks):
        seat = doing.procedure_of(case).awaits(case.state)
        who = seat.label if seat else ""
        raise NotYours("该事项现在不在您的岗位。", article="A17", who=who)
    return case


def _mine_or_my_bodys(actor: Actor, case: Case) -> None:
    bodies = {desk.partition(":")[0] for desk in case.awaiting}
    if case.holder != actor.person and not (actor.has(Post.MANAGER) and str(actor.body) in bodies):
        raise NotYours("该事项由其他人员领办，由其本人或其部门负责人退回或移交。", article="A17")


def _hold(case: Case, person: int | None) -> Case:
    was(holder=case.holder)
    case.holder = person
    case.save(update_fields=["holder"])
    note(holder=person)
    return case
