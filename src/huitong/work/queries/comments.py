"""Words between the parties of a case, and who follows it: for whom they are."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.procedure import AgainstRules, NotVisible, NotYours
from huitong.kernel.statements import Statement
from huitong.organizations import queries as organizations
from huitong.work.models import Comment, Copy, Follow
from huitong.work.queries.cases import case_for, reads_as_party

# -- comments --------------------------------------------------------------------------------------


def comments_visible_to(actor: Actor) -> QuerySet[Comment]:
    """The words of the cases an actor reads as a party or as the bureau: not by a copy."""
    return Comment.objects.filter(case__in=Case.objects.visible_to(actor).values("pk"))


def comments_of(actor: Actor, case: Case) -> QuerySet[Comment]:
    """The words said in a case; none for who reads it by a copy."""
    return _words_in(case.pk) if reads_as_party(actor, case) else Comment.objects.none()


def _words_in(case: int) -> QuerySet[Comment]:
    return Comment.objects.filter(case=case).select_related("by", "answers").order_by("pk")


LAST = Statement(
    lambda case, before, most: _words_in(case).filter(at__lt=before).order_by("-at", "-pk")[:most],
    shape=("most",),
    case=int,
    before=datetime,
)


def last_comments(actor: Actor, case: Case, before: datetime, most: int) -> list[Comment]:
    """The last words said in a case before a moment, the last first; none for who reads it by a
    copy."""
    return LAST(case=case.pk, before=before, most=most) if reads_as_party(actor, case) else []


def comment_for(actor: Actor, pk: int) -> Comment:
    """One comment. Raises `NotVisible`."""
    rows = comments_visible_to(actor).select_related("by", "case")
    if (row := rows.filter(pk=pk).first()) is None:
        raise NotVisible("该留言")
    return row


def case_to_talk_about(actor: Actor, pk: int) -> Case:
    """A case about which an actor may speak with its parties. Raises `NotVisible`, `NotYours` for
    who has a copy, `AgainstRules` while nobody else reads it."""
    case = case_for(actor, pk)
    if actor.body is None or not reads_as_party(actor, case):
        raise NotYours(
            "该事项是抄送给您的，留言由该事项各方和大数据管理局进行。",
            article="A19",
            who="该事项各方",
        )
    if case.inside is not None:
        raise AgainstRules(
            "该事项还没有送出，其他各方看不到。", article="A19", remedy="请提交后再留言。"
        )
    return case


def bodies_to_ask(actor: Actor, case: Case | None) -> list[tuple[int, str]]:
    """The other parties of a case, to be asked."""
    if case is None:
        return []
    bodies = [body for body in case.readers if body != actor.body]
    return sorted(organizations.body_names(bodies).items(), key=lambda pair: pair[1])


# -- follows ---------------------------------------------------------------------------------------


def follows_in_force() -> QuerySet[Follow]:
    """The follows of those who may read their case today: as a party, the bureau or by a copy."""
    head = Subquery(organizations.bureaus().values("pk")[:1])
    party = Q(case__bodies__contains=[F("body")]) | Q(body=head, case__overseen=True)
    left = Q(case__inside=None) | Q(case__inside=F("body"))
    copy = Copy.objects.filter(
        person=OuterRef("person"), body=OuterRef("body"), case=OuterRef("case")
    )
    seated = organizations.business_postings().filter(
        person=OuterRef("person"), body=OuterRef("body")
    )
    return Follow.objects.filter(Exists(seated), Q(left & party) | Exists(copy))


def follows_without_right() -> QuerySet[Follow]:
    return Follow.objects.exclude(pk__in=follows_in_force().values("pk"))


FOLLOWERS = Statement(
    lambda case: (
        follows_in_force().filter(case=case).order_by().values_list("person", flat=True).distinct()
    ),
    case=int,
)


def followers_of(case: Case) -> list[int]:
    """The people to be told of each step of a case."""
    return FOLLOWERS(case=case.pk)


FOLLOWS = Statement(
    lambda actor, case: Follow.objects.filter(
        person=actor.person, body=actor.body, case=case
    ).values_list("pk"),
    case=int,
)


def follows(actor: Actor, case: Case) -> bool:
    """Whether the actor is told of each step of a case."""
    return bool(FOLLOWS(actor, case=case.pk))
