"""Signing in: accounts are made by the system administrator, never by visitors."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from huitong.organizations.rules import PASSWORD_WORDS, password_mixes


class FourClassesValidator:
    """Django's password validator for the rule of four classes."""

    def validate(self, password: str, user: Any = None) -> None:
        if not password_mixes(password):
            raise ValidationError(self.get_help_text(), code="four_classes")

    def get_help_text(self) -> str:
        return PASSWORD_WORDS


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth with sign-up closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        raise PermissionError("accounts are made by organizations.actions")
