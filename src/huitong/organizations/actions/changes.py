"""Changes that let somebody into an account: requested by one administrator, released by another
(A28, decision 0023).

The system administrator requests, the security administrator releases; for an account of a security
administrator another one, or the audit administrator. A new password comes in two halves, one to
each of the two, and only its person gets both.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from pydantic import Field

from huitong.kernel import vault
from huitong.kernel.actor import BUREAU, SYSTEM, Actor, Post
from huitong.kernel.doing import note, recorded, was
from huitong.kernel.procedure import AgainstRules
from huitong.kernel.workdays import today
from huitong.organizations import queries
from huitong.organizations.models import AccountChange, Person, Token
from huitong.organizations.rules import AccountChangeKind, halves, one_time_password, security_limit

ACCOUNTS = (BUREAU(Post.SYSTEM_ADMIN), SYSTEM(Post.SYSTEM_ADMIN))
RIGHTS = (BUREAU(Post.SECURITY_ADMIN), SYSTEM(Post.SECURITY_ADMIN))
RELEASING = (BUREAU(Post.SECURITY_ADMIN), BUREAU(Post.AUDIT_ADMIN))

PersonId = Annotated[int, Field(title="人员")]
Reasons = Annotated[str, Field(title="理由", min_length=2, max_length=500)]
ChangeId = Annotated[int, Field(title="账号变更")]


@recorded("A28", *ACCOUNTS, label="启用账号")
def enable_person(actor: Actor, *, person: PersonId) -> dict[str, Any]:
    """Open a closed account again, with a new one-time password; see `request_password` for what is
    returned."""
    row = queries.person_for(actor, person)
    if row.is_active:
        raise AgainstRules("该账号正在使用中。", article="A28")
    return request_password(actor, row, AccountChangeKind.ENABLED)


@recorded("A28", *ACCOUNTS, label="重置密码")
def reset_password(actor: Actor, *, person: PersonId) -> dict[str, Any]:
    """A new one-time password; see `request_password` for what is returned. Until it is released
    the old one stays."""
    row = queries.person_for(actor, person)
    if row.pk == actor.person:
        raise AgainstRules("修改自己的密码请使用“修改密码”。", article="A28")
    if not row.is_active:
        raise AgainstRules("该账号已停用。", article="A28", remedy="请使用“启用账号”。")
    return request_password(actor, row, AccountChangeKind.PASSWORD)


@recorded("A28", *RELEASING, label="复核账号变更")
def release_change(actor: Actor, *, change: ChangeId) -> dict[str, Any]:
    """Let a requested change take effect. Returns ``{person, username}`` and, of a password, its
    ``second_half``, shown once."""
    row = _open_change(actor, change)
    person, answer = row.person, {"person": row.person_id, "username": row.person.username}
    if row.kind in (AccountChangeKind.EMAIL, AccountChangeKind.OPENED):
        was(email=person.email)
        note(email=row.email)
        person.email = row.email
    if row.password:
        answer["second_half"] = vault.decrypt(row.second_half, row.secret_purpose)
        person.is_active = True
        _set_password(person, row.password)
    person.save()
    _settle(row, actor, released=True)
    note(person=person.pk, kind=row.kind)
    return answer


@recorded("A28", *RELEASING, label="退回账号变更")
def decline_change(actor: Actor, *, change: ChangeId, reasons: Reasons) -> AccountChange:
    """Drop a requested change."""
    row = _open_change(actor, change)
    _settle(row, actor, released=False)
    note(person=row.person_id, kind=row.kind)
    return row


# -- for the actions of this context, inside an act ------------------------------------------------


def request_password(
    actor: Actor, person: Person, kind: AccountChangeKind, email: str = ""
) -> dict[str, Any]:
    """Request a one-time password. Returns ``{person, username, first_half}``; the second half
    comes with its release.

    The machine's own operator (`huitong init`, `huitong admin`) needs no release: the
    password takes effect, ``password`` is whole.
    """
    password, answer = one_time_password(), {"person": person.pk, "username": person.username}
    if actor.is_system:
        person.is_active, person.email = True, email or person.email
        _set_password(person, make_password(password))
        person.save()
        return answer | {"password": password}
    if unopened := AccountChange.objects.filter(
        person=person, kind=AccountChangeKind.OPENED, settled_at=None
    ).first():
        kind, email = AccountChangeKind.OPENED, email or unopened.email
    first, second = halves(password)
    withdraw(person, {*AccountChangeKind} - {AccountChangeKind.EMAIL})
    change = AccountChange(
        person=person,
        kind=kind,
        asked_by_id=actor.person,
        expires_at=timezone.now() + _waiting_time(),
        email=email,
        password=make_password(password),
    )
    change.second_half = vault.encrypt(second, change.secret_purpose)
    change.save()
    note(change=change.pk)
    return answer | {"first_half": first}


def request_email(actor: Actor, person: Person, email: str) -> None:
    """Request another address, through which passwords are reset; that of the machine's own
    operator needs no release."""
    if actor.is_system:
        person.email = email
        return
    withdraw(person, {AccountChangeKind.EMAIL})
    change = AccountChange.objects.create(
        person=person,
        kind=AccountChangeKind.EMAIL,
        asked_by_id=actor.person,
        email=email,
        expires_at=timezone.now() + _waiting_time(),
    )
    note(change=change.pk)


def withdraw(person: Person, kinds: Collection[AccountChangeKind]) -> None:
    """Drop requested changes that still wait."""
    for row in AccountChange.objects.select_for_update().filter(
        person=person, kind__in=kinds, settled_at=None
    ):
        _settle(row, None, released=False)


def end_session_of(row: Person) -> None:
    """End a person's session, and the others where a city allows several; the row is not saved."""
    if row.session_key:
        SessionStore(row.session_key).delete()
        row.session_key = ""
    if not settings.SINGLE_SESSION:
        sessions = Session.objects.filter(expire_date__gt=timezone.now()).iterator()
        Session.objects.filter(
            pk__in=[s.pk for s in sessions if s.get_decoded().get(SESSION_KEY) == str(row.pk)]
        ).delete()


def revoke_tokens_of(person: int) -> None:
    Token.objects.filter(person=person, revoked_at=None).update(revoked_at=timezone.now())


# -- inside ----------------------------------------------------------------------------------------


def _open_change(actor: Actor, pk: int) -> AccountChange:
    """The open change, locked, if this administrator may settle it."""
    row = (
        AccountChange.objects.select_for_update(of=("self",))
        .select_related("person")
        .get(pk=queries.change_for(actor, pk).pk)
    )
    if row.settled_at is not None or row.expires_at <= timezone.now():
        raise AgainstRules(
            "该账号变更已办结或已过期。",
            article="A28",
            who="系统管理员",
            remedy="如仍需要，请系统管理员重新申请。",
        )
    if actor.person == row.asked_by_id:
        raise AgainstRules("不能复核自己申请的账号变更。", article="A28", who="另一名安全管理员")
    if actor.person == row.person_id:
        raise AgainstRules(
            "不能复核自己的账号。", article="A28", who="另一名安全管理员或审计管理员"
        )
    return row


def _settle(row: AccountChange, actor: Actor | None, *, released: bool) -> None:
    row.settled_at, row.settled_by_id, row.released = (
        timezone.now(),
        actor.person if actor else None,
        released,
    )
    row.password = row.second_half = ""
    row.save()


def _set_password(row: Person, hashed: str) -> None:
    """Set a one-time password, for one sign-in within its time, and revoke the tokens: who knew the
    old one may have made some."""
    row.password, row.must_change_password = hashed, True
    row.one_time_until = timezone.now() + security_limit("one_time_password", today()).span
    end_session_of(row)
    revoke_tokens_of(row.pk)


def _waiting_time() -> Any:
    return security_limit("account_change", today()).span
