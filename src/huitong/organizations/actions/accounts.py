"""Accounts, passwords, sessions, tokens (A28). Accounts are the system administrator's, rights
the security administrator's."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Annotated, Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from pydantic import Field, SecretStr

from huitong.kernel.actor import SYSTEM, Actor, Post
from huitong.kernel.doing import note, recorded, was
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours
from huitong.kernel.requests import Request
from huitong.organizations import queries
from huitong.organizations.actions.changes import (
    ACCOUNTS,
    RIGHTS,
    PersonId,
    Reasons,
    end_session_of,
    request_email,
    request_password,
    revoke_tokens_of,
    withdraw,
)
from huitong.organizations.models import Person, Token
from huitong.organizations.rules import (
    ADMINISTRATORS,
    MOBILE,
    TOKEN_DAYS,
    TOKEN_PREFIX,
    USERNAME,
    AccountChangeKind,
    masked_mobile,
)

#: by which door sign-in, sign-out and a changed password come: never the API, where a token would
#: be enough
SIGN_IN_DOOR = "sign-in"

FullName = Annotated[str, Field(title="姓名", min_length=2, max_length=60)]
Mobile = Annotated[str, Field(title="手机号码", pattern=MOBILE)]
Email = Annotated[
    str, Field(title="电子邮箱", pattern=r"^([^@\s]+@[^@\s]+\.[^@\s]+)?$", max_length=200)
]


@recorded("A28", *ACCOUNTS, label="开设账号")
def add_person(
    actor: Actor,
    *,
    username: Annotated[
        str, Field(title="用户名", pattern=USERNAME, description="字母开头，3 至 40 位。")
    ],
    name: FullName,
    mobile: Mobile = "",
    email: Email = "",
) -> dict[str, Any]:
    """Open an account, into which nobody comes before its first password and address are
    released; see `request_password`."""
    if Person.objects.filter(username__iexact=username).exists():
        raise Malformed({"username": "该用户名已被使用。"}, article="A28")
    person = Person(username=username.lower(), name=name, mobile=mobile, must_change_password=True)
    person.set_unusable_password()
    person.save()
    note(person=person.pk, mobile=masked_mobile(mobile))
    return request_password(actor, person, AccountChangeKind.OPENED, email)


@recorded("A28", *ACCOUNTS, label="修改账号信息")
def edit_person(
    actor: Actor, *, person: PersonId, name: FullName, mobile: Mobile = "", email: Email = ""
) -> Person:
    """Correct a person's name and telephone; another address waits for its release, for
    passwords are reset through it."""
    row = queries.person_for(actor, person)
    was(name=row.name, mobile=masked_mobile(row.mobile), email=row.email)
    note(mobile=masked_mobile(mobile))
    row.name, row.mobile = name, mobile
    if email != row.email:
        request_email(actor, row, email)
    row.save()
    return row


@recorded("A28", anyone=True, label="修改个人资料")
def edit_own_profile(actor: Actor, *, mobile: Mobile = "", email: Email = "") -> Person:
    """Change how one is reached oneself."""
    row = _own_account(actor)
    # a new password is sent there: a token alone must not lead to the account
    if email != row.email and actor.via == "api":
        raise NotYours(
            "电子邮箱只能在页面上修改。",
            article="A28",
            who="本人",
            remedy="请登录后在“个人设置”中修改。",
        )
    was(email=row.email)
    note(mobile=masked_mobile(mobile))
    row.mobile, row.email = mobile, email
    row.save()
    return row


@recorded("A28", *ACCOUNTS, label="停用账号")
def disable_person(actor: Actor, *, person: PersonId, reasons: Reasons) -> Person:
    """Close an account: its session ends and its tokens are void at once. Its work is passed on
    by `hand_over`."""
    row = queries.person_for(actor, person)
    if row.pk == actor.person:
        raise AgainstRules("不能停用自己的账号。", article="A28", who="另一名系统管理员")
    for post in sorted(ADMINISTRATORS.intersection(queries.held_posts(row.pk))):
        if queries.is_last(row.pk, post):
            raise AgainstRules(
                f"这是最后一名{post.label}。",
                article="A28",
                who="安全管理员",
                remedy=f"请先任用另一名{post.label}。",
            )
    row.is_active = False
    withdraw(row, {*AccountChangeKind})  # a release must not open it again
    end_session_of(row)
    row.save()
    revoke_tokens_of(row.pk)
    return row


@recorded("A28", *RIGHTS, label="重置双因素认证")
def reset_second_factor(actor: Actor, *, person: PersonId, reasons: Reasons) -> Person:
    """Drop a lost second factor; the person enrols a new one at the next sign-in."""
    row = queries.person_for(actor, person)
    if row.pk == actor.person:
        raise AgainstRules("不能重置自己的双因素认证。", article="A28", who="另一名安全管理员")
    deleted, _ = Authenticator.objects.filter(user=row).delete()
    if not deleted:
        raise AgainstRules("该人员没有启用双因素认证。", article="A28")
    end_session_of(row)
    row.save(update_fields=["session_key"])
    return row


@recorded("A28", anyone=True, inner=True, label="修改密码")
def change_password(actor: Actor, *, password: Annotated[SecretStr, Field(title="新密码")]) -> None:
    """Set one's own password. The door has asked for the old one."""
    _check_sign_in_door(actor)
    row = _own_account(actor)
    try:
        validate_password(password.get_secret_value(), row)
    except ValidationError as error:
        raise Malformed({"password": list(error.messages)}, article="A28") from None
    if row.check_password(password.get_secret_value()):
        raise Malformed({"password": "新密码不能与原密码相同。"}, article="A28")
    row.set_password(password.get_secret_value())
    row.must_change_password, row.one_time_until = False, None
    row.save()


# -- sessions --------------------------------------------------------------------------------------


@recorded("A28", anyone=True, inner=True, label="登录")
def sign_in(actor: Actor) -> None:
    """Note a sign-in: who, when, from where (the entry's actor says it). A one-time password is
    used up by it."""
    _check_sign_in_door(actor)
    Person.objects.filter(pk=actor.person).exclude(one_time_until=None).update(one_time_until=None)


@recorded("A28", anyone=True, inner=True, label="退出")
def sign_out(actor: Actor) -> None:
    """Note a sign-out."""
    _check_sign_in_door(actor)


def note_session(request: Request, user: Person, **_: Any) -> None:
    """Remember the session that counts; called whenever Django begins one or renews its key."""
    if request.session.session_key and user.session_key != request.session.session_key:
        user.session_key = request.session.session_key
        user.save(update_fields=["session_key"])


@recorded("A28", SYSTEM(Post.SYSTEM_ADMIN), label="登录失败")
def sign_in_refused(actor: Actor, *, person: Annotated[int | None, Field(title="人员")]) -> None:
    """Note a refused sign-in. An unknown user name is not kept: people type passwords there."""


@recorded("A28", *RIGHTS, label="强制下线")
def end_session(actor: Actor, *, person: PersonId, reasons: Reasons) -> Person:
    """End a person's running session."""
    row = queries.person_for(actor, person)
    if not row.session_key:
        raise AgainstRules("该人员当前没有登录。", article="A28")
    end_session_of(row)
    row.save(update_fields=["session_key"])
    return row


# -- tokens ----------------------------------------------------------------------------------------


@recorded("A28", anyone=True, label="生成访问令牌")
def create_token(
    actor: Actor,
    *,
    label: Annotated[str, Field(title="用途", min_length=2, max_length=60)],
    days: Annotated[int, Field(title="有效天数", ge=1, le=TOKEN_DAYS)] = 90,
) -> dict[str, Any]:
    """A token for the API and the command line, in the body acted for now, with the posts held
    there now.

    Returns ``{pk, token, expires_at}``, shown once. Administrators have none: a token would pass by
    their second factor.
    """
    if actor.body is None or actor.via == "api":
        raise AgainstRules("访问令牌只能在页面上、以有岗位的身份生成。", article="A28")
    if ADMINISTRATORS.intersection(queries.held_posts(actor.person or 0)):
        raise AgainstRules(
            "系统、安全、审计管理员不使用访问令牌。", article="A28", remedy="请登录后在页面上办理。"
        )
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    row = Token.objects.create(
        person_id=actor.person,
        body_id=actor.body,
        label=label,
        tail=token[-4:],
        digest=hashlib.sha256(token.encode()).hexdigest(),
        postings=queries.posting_keys(actor),
        expires_at=timezone.now() + timedelta(days=days),
    )
    note(token=row.pk, tail=row.tail)
    return {"pk": row.pk, "token": token, "expires_at": row.expires_at.isoformat()}


@recorded("A28", *RIGHTS, anyone=True, label="吊销访问令牌")
def revoke_token(actor: Actor, *, token: Annotated[int, Field(title="令牌")]) -> Token:
    """Void a token at once: one's own, or any by the security administrator."""
    row = queries.tokens_visible_to(actor).filter(pk=token).first()
    if row is None:
        raise NotVisible("该令牌")
    row.revoked_at = timezone.now()
    row.save()
    return row


# -- inside ----------------------------------------------------------------------------------------


def _check_sign_in_door(actor: Actor) -> None:
    if actor.via != SIGN_IN_DOOR:
        raise NotYours("只能在登录页面上进行。", article="A28", who="本人")


def _own_account(actor: Actor) -> Person:
    return Person.objects.get(pk=actor.person)
