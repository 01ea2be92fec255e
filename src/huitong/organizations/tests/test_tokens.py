"""A token never opens more than its person may do (A28)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.cast import Cast

from huitong.kernel.actor import Post
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import AgainstRules
from huitong.kernel.workdays import today
from huitong.organizations import actions, queries
from huitong.organizations.models import Person, Posting, Token
from huitong.organizations.tests.test_separation import ADMINISTRATORS

pytestmark = pytest.mark.django_db


# -- tokens ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", sorted(ADMINISTRATORS))
def test_administrators_have_no_tokens(cast: Cast, who: str) -> None:
    with pytest.raises(AgainstRules, match="不使用访问令牌"):
        actions.create_token(getattr(cast, who), label="脚本")
    assert "/me/tokens/add/" not in cast.client(who).get("/me/").content.decode()


def test_a_token_ends_when_its_person_becomes_an_administrator(cast: Cast) -> None:
    token = actions.create_token(cast.bureau_operator, label="脚本")["token"]
    actions.dismiss(
        cast.security_admin,
        posting=Posting.objects.get(person=cast.person("bureau_operator")).pk,
        reasons="转岗",
    )
    actions.appoint(
        cast.security_admin,
        person=cast.person("bureau_operator").pk,
        body=cast.body("bureau").pk,
        post=Post.SYSTEM_ADMIN,
    )
    assert queries.actor_by_token(token) is None


def test_a_token_loses_what_ends_and_never_gains(cast: Cast) -> None:
    """A token made as clerk stays a clerk's, whatever its person becomes; what ended does not come
    back with a new appointment."""
    who, housing = cast.person("housing_operator"), cast.body("housing").pk
    clerk = actions.create_token(cast.housing_operator, label="经办")["token"]
    actions.appoint(cast.security_admin, person=who.pk, body=housing, post=Post.MANAGER)
    both = actions.create_token(queries.actor_for(who), label="两岗")["token"]
    assert queries.actor_by_token(clerk).posts == {Post.OPERATOR} and queries.actor_by_token(
        both
    ).posts == {Post.OPERATOR, Post.MANAGER}
    actions.dismiss(
        cast.security_admin,
        posting=Posting.objects.get(person=who, post=Post.OPERATOR).pk,
        reasons="只任负责人",
    )
    assert queries.actor_by_token(clerk) is None and queries.actor_by_token(both).posts == {
        Post.MANAGER
    }
    with writing("test"):
        Posting.objects.create(
            person=who, body=cast.body("housing"), post=Post.OPERATOR, valid_from=today()
        )
    assert queries.actor_by_token(clerk) is None and queries.actor_by_token(both).posts == {
        Post.MANAGER
    }


def test_a_deputys_token_ends_with_the_deputyship(cast: Cast) -> None:
    lent = actions.deputize(
        cast.housing_manager,
        deputy=cast.person("housing_operator").pk,
        post=Post.MANAGER,
        valid_to=today(),
    )
    token = actions.create_token(queries.actor_for(cast.person("housing_operator")), label="代理")[
        "token"
    ]
    assert queries.actor_by_token(token).lent
    actions.revoke_deputy(cast.housing_manager, posting=lent.pk)
    assert queries.actor_by_token(token).posts == {Post.OPERATOR}


def test_tokens_there_before_are_bound_to_the_posts_of_their_day(cast: Cast) -> None:
    """The migration: living tokens get their posts, those of administrators end, one-time
    passwords begin to run out."""
    from importlib import import_module

    from django.apps import apps

    clerk = actions.create_token(cast.housing_operator, label="经办")
    with writing("test"):
        auditors = Token.objects.create(
            person=cast.person("audit_admin"),
            body=cast.body("bureau"),
            label="导出",
            digest="x",
            tail="x",
            expires_at=timezone.now() + timedelta(1),
        )
        Token.objects.update(postings=[])
        Person.objects.filter(pk=cast.person("hr_operator").pk).update(must_change_password=True)
        import_module("huitong.organizations.migrations.0003_account_changes").bind(apps, None)
    assert queries.actor_by_token(clerk["token"]).posts == {Post.OPERATOR}
    auditors.refresh_from_db()
    assert auditors.revoked_at is not None
    assert Person.objects.get(username="hr_operator").one_time_until > timezone.now()
