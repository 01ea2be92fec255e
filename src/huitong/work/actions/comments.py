"""Words between the parties of a case, outside of every decision; and following a case (A19, A27).

A comment is recorded and told; it is nobody's opinion in a step and no ground of a decision.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from django.utils import timezone
from pydantic import Field

from huitong.kernel.actor import SYSTEM, Actor, Post
from huitong.kernel.doing import belongs_to, note, recorded
from huitong.kernel.procedure import AgainstRules, Malformed, NotYours
from huitong.organizations import queries as organizations
from huitong.work import queries
from huitong.work.actions.notices import close, tell
from huitong.work.actions.seats import BUSINESS
from huitong.work.models import Comment, Follow, Notice
from huitong.work.rules import CaseId, Hidden, NoticeKind, Pick

Text = Annotated[str, Field(title="内容", min_length=2, max_length=1000)]
CommentId = Annotated[int, Hidden(), Field(title="留言", ge=1)]


@recorded("A19", *BUSINESS, label="留言或询问")
def comment(
    actor: Actor,
    *,
    case: CaseId,
    text: Text,
    to: Annotated[
        list[int] | None,
        Pick(queries.bodies_to_ask),
        Field(title="请谁答复", description="不选即只是告知各方，不要求答复。"),
    ] = None,
) -> Comment:
    """Say something to the other parties of a case, or ask some of them. Raises `AgainstRules`
    while the case is still inside its body."""
    row = queries.case_to_talk_about(actor, case)
    others = dict(queries.bodies_to_ask(actor, row))
    asked_of = sorted(set(to or ()))
    if not set(asked_of) <= set(others):
        raise Malformed({"to": "只能请该事项的其他各方答复。"}, article="A19")
    belongs_to(row.pk)
    message = Comment.objects.create(
        case=row, body=actor.body, by_id=actor.person, text=text, to=asked_of
    )
    verb = "询问" if asked_of else "留言"
    _tell(actor, message, asked_of or others, f"{actor.body_name}{verb}：{row.title or row.number}")
    return message


@recorded("A19", *BUSINESS, label="答复留言")
def answer_comment(actor: Actor, *, comment: CommentId, text: Text) -> Comment:
    """Answer what another party said or asked."""
    question = queries.comment_for(actor, comment)
    row = queries.case_to_talk_about(actor, question.case_id)
    if question.withdrawn_at is not None:
        raise AgainstRules("该留言已由本人撤回，不用答复。", article="A19")
    belongs_to(row.pk)
    answer = Comment.objects.create(
        case=row, body=actor.body, by_id=actor.person, text=text, answers=question
    )
    own = organizations.people_of([actor.body] if actor.body is not None else [])
    close(
        Notice.objects.filter(kind=NoticeKind.COMMENT, url=question.get_absolute_url()).filter(
            person__in=own
        ),
        f"已由{actor.name}答复",
    )
    title = f"{actor.body_name}答复：{row.title or row.number}"
    _tell(actor, answer, [question.body], title, also=question.by_id)
    return answer


@recorded("A19", *BUSINESS, label="撤回留言")
def withdraw_comment(actor: Actor, *, comment: CommentId) -> Comment:
    """Take back one's own words: they stay in the record, struck out."""
    row = queries.comment_for(actor, comment)
    if row.by_id != actor.person:
        raise NotYours("只能撤回本人的留言。", article="A19", who=row.by.name)
    if row.withdrawn_at is not None:
        raise AgainstRules("该留言已经撤回。", article="A19")
    belongs_to(row.case_id)
    row.withdrawn_at = timezone.now()
    row.save(update_fields=["withdrawn_at"])
    notices = Notice.objects.filter(kind=NoticeKind.COMMENT, url=row.get_absolute_url())
    close(notices, "已由本人撤回")
    return row


def _tell(
    actor: Actor, row: Comment, bodies: Iterable[int], title: str, also: int | None = None
) -> None:
    """The desks of these bodies hear of it, but for the one who speaks."""
    keys = {str(body) for body in bodies}
    desks = [f"{body}:{Post.OPERATOR}" for body in sorted(keys)]
    desks += [desk for desk in row.case.awaiting if desk.partition(":")[0] in keys]
    people = {*queries.people_to_notify(desks), *([also] if also is not None else [])}
    tell(
        sorted(people - {actor.person}),
        NoticeKind.COMMENT,
        title,
        row.text,
        row.get_absolute_url(),
        row.case,
    )


# -- following -------------------------------------------------------------------------------------


@recorded("A19", *BUSINESS, label="关注")
def follow(actor: Actor, *, case: CaseId) -> Follow:
    """Be told of each step of a case one may read, until one may read it no longer."""
    row = queries.case_for(actor, case)
    return Follow.objects.get_or_create(person_id=actor.person, body=actor.body, case=row)[0]


@recorded("A19", *BUSINESS, label="取消关注")
def unfollow(actor: Actor, *, case: CaseId) -> int:
    """Be told of a case's steps no more. Returns how many follows ended."""
    return Follow.objects.filter(person=actor.person, body=actor.body, case=case).delete()[0]


@recorded("A19", SYSTEM(Post.OPERATOR), label="结束已无权查看的关注")
def end_follows(actor: Actor) -> int:
    """End the follows of those who may read the case no longer. Returns how many."""
    rows = queries.follows_without_right()
    note(follows=sorted(rows.values_list("pk", flat=True)))
    return rows.delete()[0]
