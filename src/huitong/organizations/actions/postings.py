"""Postings and deputies (A28): mostly the security administrator's acts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from django.utils import timezone
from pydantic import Field

from huitong.kernel.actor import BODY, Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.doing import note, recorded, was
from huitong.kernel.procedure import AgainstRules, Malformed, NotYours
from huitong.kernel.workdays import today
from huitong.organizations import queries
from huitong.organizations.actions.bodies import BodyId, body_in_force
from huitong.organizations.actions.changes import RIGHTS, PersonId, Reasons
from huitong.organizations.models import Body, Person, Posting, Token
from huitong.organizations.rules import (
    ADMINISTRATORS,
    AT_BUREAU_ONLY,
    DEPUTY_DAYS,
    LENDABLE,
    check_posts,
)

PostingId = Annotated[int, Field(title="岗位任用")]


@recorded("A28", *RIGHTS, label="任用岗位")
def appoint(
    actor: Actor,
    *,
    person: PersonId,
    body: BodyId,
    post: Annotated[Post, Field(title="岗位")],
    valid_from: Annotated[date | None, Field(title="开始日期", description="不填为今日。")] = None,
    valid_to: Annotated[date | None, Field(title="结束日期", description="不填为长期。")] = None,
) -> Posting:
    """Give a person a post in a body. Posts that exclude each other are refused (三员分立)."""
    row, who = body_in_force(actor, body), queries.person_for(actor, person)
    since = valid_from or today()
    if who.pk == actor.person:
        raise AgainstRules("不能为自己任用岗位。", article="A28", who="另一名安全管理员")
    if not who.is_active:
        raise AgainstRules("该账号已停用。", article="A28", who="系统管理员")
    if valid_to is not None and valid_to < since:
        raise Malformed({"valid_to": "结束日期不能早于开始日期。"})
    if post in AT_BUREAU_ONLY and not row.is_bureau:
        raise AgainstRules(f"{post.label}只设在大数据主管部门。", article="A28")
    check_posts({*queries.held_posts(who.pk), post})
    if (
        Posting.objects.filter(person=who, body=row, post=post, deputy_of=None)
        .exclude(valid_to__lt=since)
        .exists()
    ):
        raise AgainstRules(f"{who.name}已任该岗位。", article="A28")
    return Posting.objects.create(
        person=who, body=row, post=post, valid_from=since, valid_to=valid_to
    )


@recorded("A28", *RIGHTS, label="解除岗位")
def dismiss(actor: Actor, *, posting: PostingId, reasons: Reasons) -> Posting:
    """Take a post away at once. Cases in the person's hands go back to their desk; deputies
    lapse with the post."""
    row = queries.posting_for(actor, posting)
    if row.person_id == actor.person:
        raise AgainstRules("不能解除自己的岗位。", article="A28", who="另一名安全管理员")
    if row.post in ADMINISTRATORS and row.deputy_of_id is None:
        _check_not_last(row)
    _end([row])
    _return_to_desk(row.person_id, [f"{row.body_id}:{row.post}"])
    return row


@recorded("A19", BODY(Post.OPERATOR), BODY(Post.MANAGER), label="委托代理人")
def deputize(
    actor: Actor,
    *,
    deputy: Annotated[int, Field(title="代理人")],
    post: Annotated[Post, Field(title="岗位")],
    valid_to: Annotated[date, Field(title="代理至", description=f"最长 {DEPUTY_DAYS} 天。")],
    valid_from: Annotated[date | None, Field(title="代理自", description="不填为今日。")] = None,
    principal: Annotated[
        int | None, Field(title="被代理人", description="不填为本人；负责人可为本部门人员指定。")
    ] = None,
) -> Posting:
    """Let a colleague act in one's post for a bounded time. A body's manager may do it for those
    of the body."""
    whose, since = principal or actor.person, valid_from or today()
    if whose != actor.person and not actor.has(Post.MANAGER):
        raise NotYours("只有本部门负责人可以为他人指定代理人。", article="A19", who="本部门负责人")
    if post not in LENDABLE:
        raise AgainstRules(
            f"{post.label}不能代理，须由安全管理员另行任用。", article="A28", who="安全管理员"
        )
    if not since <= valid_to <= since + timedelta(DEPUTY_DAYS) or since < today():
        raise Malformed(
            {"valid_to": f"代理期限应自今日或以后开始，最长 {DEPUTY_DAYS} 天。"}, article="A19"
        )
    if (
        not Posting.objects.filter(
            person=whose, body=actor.body, post=post, deputy_of=None, valid_from__lte=since
        )
        .exclude(valid_to__lt=valid_to)
        .exists()
    ):
        raise AgainstRules("被代理人在代理期内不任该岗位，不能委托。", article="A19")
    who = queries.people_visible_to(actor).filter(pk=deputy, is_active=True).first()
    if (
        who is None
        or who.pk == whose
        or not Posting.objects.filter(person=who, body=actor.body, deputy_of=None)
        .exclude(valid_to__lt=since)
        .exists()
    ):
        raise Malformed({"deputy": "代理人应是本部门的另一名在岗人员。"}, article="A19")
    if Posting.objects.filter(
        person=who,
        body=actor.body,
        post=post,
        deputy_of=whose,
        valid_from__lte=valid_to,
        valid_to__gte=since,
    ).exists():
        raise AgainstRules(
            f"{who.name}在这段时间已是该岗位的代理人。",
            article="A19",
            remedy="如需改期，请先撤回原来的代理。",
        )
    check_posts({*queries.held_posts(who.pk), post})
    return Posting.objects.create(
        person=who,
        body_id=actor.body,
        post=post,
        valid_from=since,
        valid_to=valid_to,
        deputy_of_id=whose,
    )


@recorded("A19", *RIGHTS, anyone=True, label="撤回代理")
def revoke_deputy(actor: Actor, *, posting: PostingId) -> Posting:
    """End a deputy's time: by the person represented, the deputy, the body's manager or the
    security administrator."""
    row = queries.posting_for(actor, posting)
    if row.deputy_of_id is None:
        raise AgainstRules(
            "这不是代理岗位；解除岗位由安全管理员办理。", article="A28", who="安全管理员"
        )
    if (
        actor.person not in (row.deputy_of_id, row.person_id)
        and not (actor.body == row.body_id and actor.has(Post.MANAGER))
        and not (actor.bureau and actor.has(Post.SECURITY_ADMIN))
    ):
        raise NotYours(
            "只能撤回与本人或本部门有关的代理。", article="A19", who="被代理人或本部门负责人"
        )
    _end([row])
    _return_to_desk(row.person_id, [f"{row.body_id}:{row.post}"])
    return row


@recorded("A28", *RIGHTS, BODY(Post.MANAGER), label="离岗移交")
def hand_over(
    actor: Actor,
    *,
    person: PersonId,
    body: BodyId,
    reasons: Reasons,
    to: Annotated[
        int | None, Field(title="接手人", description="不填则在办事项退回岗位待领。")
    ] = None,
    pass_posts: Annotated[
        bool, Field(title="岗位一并转给接手人", description="由安全管理员办理。")
    ] = False,
) -> None:
    """Hand over the work of a person who leaves a body: posts, deputies and tokens there end, cases
    in hand pass to the successor or back to the desk."""
    row, who = body_in_force(actor, body), queries.person_for(actor, person)
    rights = actor.is_system or actor.has(Post.SECURITY_ADMIN)
    if who.pk == actor.person:
        raise AgainstRules(
            "不能为自己办理离岗移交。", article="A28", who="本部门负责人或安全管理员"
        )
    if not rights and actor.body != row.pk:
        raise NotYours(
            "只能办理本部门人员的离岗移交。", article="A28", who=f"{row.short_name}负责人"
        )
    if pass_posts and not rights:
        raise NotYours("岗位转移由安全管理员办理。", article="A28", who="安全管理员")
    heir = _successor(actor, to, who, row, pass_posts) if to else None
    plan = queries.hand_over_preview(who.pk, row.pk, heir.pk if heir else None, pass_posts)
    if not (plan.postings or plan.borrowed):
        raise AgainstRules(f"{who.name}在{row.short_name}没有岗位。", article="A28")
    if not rights and (
        others := {Post(p.post) for p in (*plan.postings, *plan.borrowed)} - LENDABLE
    ):
        names = "、".join(sorted(post.label for post in others))
        raise NotYours(
            f"{who.name}任{names}，由安全管理员办理离岗移交。", article="A28", who="安全管理员"
        )
    for posting in plan.postings:
        if posting.post in ADMINISTRATORS and not (heir and pass_posts):
            _check_not_last(posting)
    _end([*plan.postings, *plan.lent, *plan.borrowed])
    Token.objects.filter(pk__in=[t.pk for t in plan.tokens]).update(revoked_at=timezone.now())
    if heir and pass_posts:
        _take_over(heir, row, [Post(p.post) for p in plan.postings])
    Case.objects.filter(pk__in=[c.pk for c in plan.passed]).update(holder=heir.pk if heir else None)
    Case.objects.filter(pk__in=[c.pk for c in plan.returned]).update(holder=None)
    was(posts=[p.post for p in plan.postings], token_count=len(plan.tokens))
    note(
        passed=[c.pk for c in plan.passed],
        returned=[c.pk for c in plan.returned],
        vacant=list(plan.vacant),
    )


# -- inside ----------------------------------------------------------------------------------------


def _successor(actor: Actor, to: int, leaver: Person, body: Body, pass_posts: bool) -> Person:
    heir = Person.objects.filter(pk=to, is_active=True).exclude(pk=leaver.pk).first()
    posted = (
        heir
        and Posting.objects.filter(person=heir, body=body, deputy_of=None)
        .exclude(valid_to__lt=today())
        .exists()
    )
    if heir is None or not (posted or pass_posts):
        raise Malformed({"to": "接手人应是该机构的另一名在岗人员。"}, article="A28")
    if pass_posts and heir.pk == actor.person:
        raise AgainstRules("不能为自己任用岗位。", article="A28", who="另一名安全管理员")
    return heir


def _take_over(heir: Person, body: Body, posts: list[Post]) -> None:
    current = queries.held_posts(heir.pk)
    check_posts({*current, *posts})
    unlimited = set(
        Posting.objects.filter(person=heir, body=body, deputy_of=None, valid_to=None).values_list(
            "post", flat=True
        )
    )
    Posting.objects.bulk_create(
        [
            Posting(person=heir, body=body, post=p, valid_from=today())
            for p in posts
            if p not in unlimited
        ]
    )


def _end(rows: list[Posting]) -> None:
    """End these postings: their last day is yesterday."""
    Posting.objects.filter(pk__in=[row.pk for row in rows]).update(valid_to=today() - timedelta(1))
    for row in rows:
        row.valid_to = today() - timedelta(1)


def _return_to_desk(person: int, desks: list[str]) -> None:
    returned = Case.objects.filter(holder=person, closed_at=None, awaiting__overlap=desks)
    note(returned=list(returned.values_list("pk", flat=True)))
    returned.update(holder=None)


def _check_not_last(row: Posting) -> None:
    """Check that another administrator of this kind remains, for nobody else could appoint one.
    Raises `AgainstRules`."""
    if queries.is_last(row.person_id, Post(row.post)):
        raise AgainstRules(
            f"这是最后一名{Post(row.post).label}。",
            article="A28",
            remedy="请先任用另一名，再解除此人。",
        )
