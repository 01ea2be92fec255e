"""Signing in: accounts are made by the system administrator, never by visitors; every sign-in is in the ledger (A28)."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from pydantic import SecretStr

from huitong.kernel import vault
from huitong.kernel.actor import Actor
from huitong.organizations import actions, queries
from huitong.organizations.rules import PASSWORD_WORDS, password_mixes

#: the door by which acts of the sign-in pages come; the acts themselves refuse every other
VIA = actions.SIGN_IN_DOOR


class FourClassesValidator:
    """Django's password validator for the rule of four classes."""

    def validate(self, password: str, user: Any = None) -> None:
        if not password_mixes(password):
            raise ValidationError(self.get_help_text(), code="four_classes")

    def get_help_text(self) -> str:
        return PASSWORD_WORDS


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth with sign-up closed, its writes turned into acts, its refusals in plain words."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": "登录失败次数过多，该账号已锁定。请 15 分钟后再试；忘记密码请联系系统管理员重置。",
        "username_password_mismatch": "用户名或密码不正确。连续 5 次失败后账号将锁定 15 分钟。",
        "account_inactive": "该账号已停用，请联系系统管理员。",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        raise PermissionError("accounts are made by organizations.actions")

    def clean_password(self, password: str, user: Any = None) -> str:
        cleaned: str = super().clean_password(password, user)
        if user is not None and user.pk and user.check_password(cleaned):
            raise ValidationError("新密码不能与原密码相同。", code="same_password")
        return cleaned

    def set_password(self, user: Any, password: str) -> None:
        actions.change_password(queries.actor_for(user, via=VIA), password=SecretStr(password))
        user.refresh_from_db(fields=["password", "must_change_password"])

    def post_login(self, request: HttpRequest, user: Any, **more: Any) -> HttpResponse:
        actions.sign_in(self._actor(request, user))
        return super().post_login(request, user, **more)

    def logout(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            actions.sign_out(self._actor(request, request.user))
        super().logout(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        machine = Actor.system("登录页", via=VIA).through(ip=request.META.get("REMOTE_ADDR", ""))
        known = queries.person_named(str(credentials.get("username", "")))
        actions.sign_in_refused(machine, person=known.pk if known else None)

    @staticmethod
    def _actor(request: HttpRequest, user: Any) -> Actor:
        return queries.actor_for(user, request.session.get(queries.ACTING_BODY), via=VIA,
                                 ip=request.META.get("REMOTE_ADDR", ""), request_id=getattr(request, "request_id", ""))


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors: their seeds encrypted at rest; who must have one cannot drop it."""

    def encrypt(self, text: str) -> str:
        return vault.encrypt(text, "second factor")

    def decrypt(self, encrypted_text: str) -> str:
        return vault.decrypt(encrypted_text, "second factor")

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        return not (settings.REQUIRE_SECOND_FACTOR and queries.must_have_second_factor(queries.actor_for(authenticator.user)))
