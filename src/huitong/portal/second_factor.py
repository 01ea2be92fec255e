"""Codes of the second factor: of the step now, of the one before and of the one after, each once
(RFC 6238 5.2).

Clocks of telephones go wrong by some seconds either way, and people type slowly. allauth forgets a
code it has taken after one step; while three steps count, the step itself is kept with the factor,
and neither it nor an older one is taken again.
"""

from __future__ import annotations

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt
from django.db import transaction


def step_of(factor: Authenticator, code: str) -> int | None:
    """The step of which this is the factor's code, among those that count now; None when it is
    of none."""
    secret = decrypt(factor.data["secret"])
    return next(
        (
            step
            for step in yield_hotp_counters_from_time()
            if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step)))
        ),
        None,
    )


def last_step(factor: Authenticator) -> int:
    """The youngest step whose code was taken. One was when the factor was enrolled, perhaps from
    a clock that goes fast."""
    enrolled = (
        int(factor.created_at.timestamp()) // app_settings.TOTP_PERIOD + app_settings.TOTP_TOLERANCE
    )
    return max(int(factor.data.get("step", 0)), enrolled)


class _Once(forms.BaseAuthenticateForm):
    """Takes the code of a step once, and after it none of an older step."""

    def clean_code(self) -> str:
        factor = Authenticator.objects.filter(user=self.user, type=Authenticator.Type.TOTP).first()
        step = step_of(factor, self.cleaned_data["code"]) if factor else None
        if factor and step is not None and step <= last_step(factor):
            check_rate_limit(self.user)  # it counts as a wrong one
            raise get_adapter().validation_error("incorrect_code")
        code: str = super().clean_code()
        if factor and step is not None and not _take(factor.pk, step):
            raise get_adapter().validation_error("incorrect_code")
        return code


def _take(pk: int, step: int) -> bool:
    """Keep the step. False when another request was faster."""
    with transaction.atomic():
        factor = Authenticator.objects.select_for_update().filter(pk=pk).first()
        if factor is None or step <= last_step(factor):
            return False
        factor.data["step"] = step
        factor.save(update_fields=["data"])
    return True


class AuthenticateForm(_Once, forms.AuthenticateForm):
    """The code asked for at sign-in."""


class ReauthenticateForm(_Once, forms.ReauthenticateForm):
    """The code asked for before something that weighs."""
