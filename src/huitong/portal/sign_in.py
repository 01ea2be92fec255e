"""Signing in: accounts are made by the system administrator, never by visitors; every sign-in is
in the ledger (A28)."""

from __future__ import annotations

import secrets
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils import timezone
from pydantic import SecretStr

from huitong.kernel import vault
from huitong.kernel.actor import Actor, Post
from huitong.kernel.requests import Request
from huitong.kernel.statements import Statement
from huitong.organizations import actions, queries
from huitong.organizations.models import Person
from huitong.organizations.rules import PASSWORD_WORDS, password_mixes
from huitong.work.actions import notify
from huitong.work.rules import NoticeKind

#: the door by which acts of the sign-in pages come; the acts themselves refuse every other
VIA = actions.SIGN_IN_DOOR
#: by this cookie a browser shows which person has signed in with it before, and for how many
#: seconds that is believed
DEVICE, DEVICE_AGE = "device", 365 * 24 * 3600
#: how many wrong passwords an account, and an address, may try
PER_ACCOUNT, PER_ADDRESS = settings.ACCOUNT_RATE_LIMITS["login_failed"].split(",")


#: allauth's name of a notice → what was done, where it is told
BY_ONESELF = {
    "account/email/password_reset": "通过邮件重置密码",
    "mfa/email/totp_activated": "启用双因素认证",
    "mfa/email/totp_deactivated": "停用双因素认证",
    "mfa/email/recovery_codes_generated": "重新生成恢复代码",
}


PERSON = Statement(lambda pk: Person.objects.filter(pk=pk), pk=int)


class Backend(AuthenticationBackend):
    """allauth's, with the person of a request asked in a statement that is made once."""

    def get_user(self, user_id: int) -> Person | None:
        people: list[Person] = PERSON(pk=user_id)
        return people[0] if people and self.user_can_authenticate(people[0]) else None


class FourClassesValidator:
    """Django's password validator for the rule of four classes."""

    def validate(self, password: str, user: Any = None) -> None:
        if not password_mixes(password):
            raise ValidationError(self.get_help_text(), code="four_classes")

    def get_help_text(self) -> str:
        return PASSWORD_WORDS


class AccountAdapter(DefaultAccountAdapter):
    """allauth with sign-up closed, its writes turned into acts, its refusals in plain words."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": (
            "登录失败次数过多，请 15 分钟后再试；忘记密码的，请系统管理员和安全管理员重置，重置后即可登录。"
        ),
        "username_password_mismatch": "用户名或密码不正确。连续 5 次失败后账号将锁定 15 分钟。",
        "one_time_password_over": "该一次性密码已用过或已过期，请系统管理员重新申请重置。",
        "account_inactive": "该账号已停用，请联系系统管理员。",
    }

    def is_open_for_signup(self, request: Request) -> bool:
        return False

    def save_user(self, request: Request, user: Any, form: Any, commit: bool = True) -> Any:
        raise PermissionError("accounts are made by organizations.actions")

    def clean_password(self, password: str, user: Any = None) -> str:
        cleaned: str = super().clean_password(password, user)
        if user is not None and user.pk and user.check_password(cleaned):
            raise ValidationError("新密码不能与原密码相同。", code="same_password")
        return cleaned

    def set_password(self, user: Any, password: str) -> None:
        actions.change_password(queries.actor_for(user, via=VIA), password=SecretStr(password))
        user.refresh_from_db(fields=["password", "must_change_password"])

    def post_login(self, request: Request, user: Any, **more: Any) -> HttpResponse:
        actions.sign_in(self._actor(request, user))
        answer: HttpResponse = super().post_login(request, user, **more)
        answer.set_cookie(
            DEVICE,
            signing.dumps([user.pk, device_of(request, user) or secrets.token_hex(8)], salt=DEVICE),
            max_age=DEVICE_AGE,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
        return answer

    def logout(self, request: Request) -> None:
        if request.user.is_authenticated:
            actions.sign_out(self._actor(request, request.user))
        super().logout(request)

    def pre_authenticate(self, request: Request, **credentials: Any) -> None:
        """Refuse when too many attempts have failed (GB/T 22239-2019 8.1.4.1), before the password
        is looked at.

        A browser the person has signed in with before is counted apart: who types wrong passwords
        elsewhere keeps strangers out, never the person. A new password is counted anew, so
        resetting it unlocks.
        """
        person = queries.person_named(str(credentials.get("username", "")))
        key, rates = attempts_of(request, person, str(credentials.get("username", "")))
        # given back by allauth when the password is right
        self._login_failed_rl_usage = _counted(request, key, rates)
        if not self._login_failed_rl_usage:
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: Request, **credentials: Any) -> Any:
        """A one-time password lets its person in once, within its time."""
        user = super().authenticate(request, **credentials)
        if (
            user is not None
            and user.is_active
            and user.must_change_password
            and not (user.one_time_until and user.one_time_until > timezone.now())
        ):
            self.authentication_failed(request, **credentials)
            raise self.validation_error("one_time_password_over")
        return user

    def authentication_failed(self, request: Request, **credentials: Any) -> None:
        address = request.META.get("REMOTE_ADDR", "")
        machine = Actor.system("登录页", via=VIA).through(ip=address)
        person = queries.person_named(str(credentials.get("username", "")))
        actions.sign_in_refused(machine, person=person.pk if person else None)
        key, rates = attempts_of(request, person, str(credentials.get("username", "")))
        if person is not None and not _counted(request, key, PER_ACCOUNT, dry_run=True):
            notify(
                machine,
                people=[person.pk, *queries.administrators(Post.SECURITY_ADMIN)],
                kind=NoticeKind.SECURITY,
                title=f"账号 {person.username} 连续登录失败，已锁定 15 分钟",
                text=(
                    f"来自 {address}。平时登录用的浏览器不受影响；系统管理员重置密码后即可登录。"
                    "如非本人操作，请安全管理员查明来源。"
                ),
            )
        if PER_ADDRESS in rates and not _counted(request, key, PER_ADDRESS, dry_run=True):
            notify(
                machine,
                people=queries.administrators(Post.SECURITY_ADMIN),
                kind=NoticeKind.SECURITY,
                title=f"来自 {address} 的登录连续失败，已暂停受理 15 分钟",
                text="该地址上以前登录过的浏览器不受影响。请查明来源；一个地址后有多人的，请核对代理设置。",
            )

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: Any = None, email: str | None = None
    ) -> None:
        """What somebody did to an account from its own pages: told as every change that could
        let another into it."""
        if (done := BY_ONESELF.get(template_prefix)) is None:
            return
        machine = Actor.system("登录页", via=VIA).through(
            ip=self.request.META.get("REMOTE_ADDR", "")
        )
        notify(
            machine,
            people=sorted({user.pk, *queries.administrators(Post.SECURITY_ADMIN)}),
            kind=NoticeKind.SECURITY,
            title=f"账号安全：{user.name}的账号已办理“{done}”",
            text=f"由本人账号在 {machine.ip} 办理。如非本人操作，请立即联系安全管理员。",
        )

    @staticmethod
    def _actor(request: Request, user: Any) -> Actor:
        return queries.actor_for(
            user,
            request.session.get(queries.ACTING_BODY),
            via=VIA,
            ip=request.META.get("REMOTE_ADDR", ""),
            request_id=getattr(request, "request_id", ""),
        )


def device_of(request: Request, person: Person) -> str:
    """What this browser is told apart by, when this person has signed in with it before; else
    empty."""
    try:
        owner, device = signing.loads(
            request.COOKIES.get(DEVICE, ""), salt=DEVICE, max_age=DEVICE_AGE
        )
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(device) if owner == person.pk else ""


def attempts_of(request: Request, person: Person | None, username: str) -> tuple[str, str]:
    """Under which key an attempt is counted, and by which rates: see
    `AccountAdapter.pre_authenticate`."""
    everybody = f"{PER_ACCOUNT},{PER_ADDRESS}"
    if person is None:
        return f"nobody:{username.lower()}", everybody
    key = f"{person.pk}:{person.get_session_auth_hash()}"
    return (
        (f"{key}:{device}", PER_ACCOUNT)
        if (device := device_of(request, person))
        else (key, everybody)
    )


def _counted(request: Request, key: str, rates: str, dry_run: bool = False) -> Any:
    """Count an attempt. None when it is one too many; ``dry_run``: only say whether the next one
    would be."""
    return ratelimit.consume(
        request,
        app="allauth.account",
        action="login_failed",
        key=key,
        config={"login_failed": rates},
        dry_run=dry_run,
    )


class MFAAdapter(DefaultMFAAdapter):
    """Second factors: their seeds encrypted at rest; who must have one cannot drop it."""

    def encrypt(self, text: str) -> str:
        return vault.encrypt(text, "second factor")

    def decrypt(self, encrypted_text: str) -> str:
        return vault.decrypt(encrypted_text, "second factor")

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        return not (
            settings.REQUIRE_SECOND_FACTOR
            and queries.must_have_second_factor(queries.actor_for(authenticator.user))
        )
