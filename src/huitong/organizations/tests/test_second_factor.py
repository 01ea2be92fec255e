"""Codes of the second factor: clocks may go wrong by one step, and no code is taken twice (GB/T
22239-2019 8.1.4.1; RFC 6238 5.2)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from allauth.mfa.utils import encrypt
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from tests.cast import PASSWORD, Cast

SECRET, PERIOD = auth.generate_totp_secret(), 30
WHO = "security_admin"
Enters = Callable[[int, float], bool]


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def enters(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Enters:
    """``enters(step, after)``: signs in with the code of a step counted from the present one,
    some seconds later."""
    factor = Authenticator.objects.create(
        user=cast.person(WHO), type=Authenticator.Type.TOTP, data={"secret": encrypt(SECRET)}
    )
    Authenticator.objects.filter(pk=factor.pk).update(created_at=timezone.now() - timedelta(days=1))
    begin = int(time.time()) // PERIOD * PERIOD

    def sign_in(step: int, after: float = 0) -> bool:
        monkeypatch.setattr(auth, "time", SimpleNamespace(time=lambda: begin + after))
        # allauth's own memory of used codes lasts one step only: ours must not lean on it
        cache.clear()
        client = Client()
        assert client.post("/account/login/", {"login": WHO, "password": PASSWORD})[
            "Location"
        ].startswith("/account/2fa/authenticate/")
        code = auth.format_hotp_value(auth.hotp_value(SECRET, begin // PERIOD + step))
        return client.post("/account/2fa/authenticate/", {"code": code}).status_code == 302

    return sign_in


@pytest.mark.parametrize(
    ("step", "enters_with_it"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_clock_may_be_wrong_by_one_step(enters: Enters, step: int, enters_with_it: bool) -> None:
    assert enters(step, 0) is enters_with_it


@pytest.mark.parametrize("step", [-1, 0, 1])
@pytest.mark.parametrize("after", [0, 29, 31, 59])
def test_no_code_is_taken_twice(enters: Enters, step: int, after: int) -> None:
    """Looked over somebody's shoulder: worthless, at once and in every later step in which it
    would still count."""
    assert enters(step, 0)
    assert not enters(step, after)


def test_after_a_code_none_of_an_older_step_is_taken(enters: Enters) -> None:
    assert enters(0, 0)
    assert not enters(-1, 0)
    assert enters(1, 31), "the next one is"


def test_the_code_of_enrolment_lets_nobody_in(enters: Enters, cast: Cast) -> None:
    Authenticator.objects.update(created_at=timezone.now())
    assert not any(enters(step, 0) for step in (-1, 0, 1))
    assert enters(3, 90)


def test_refused_codes_are_counted(enters: Enters, cast: Cast) -> None:
    """A code taken before counts as a wrong one: nobody gets new guesses by showing it again."""
    assert enters(0, 0)
    client = Client()
    client.post("/account/login/", {"login": WHO, "password": PASSWORD})
    code = auth.format_hotp_value(auth.hotp_value(SECRET, int(time.time()) // PERIOD))
    pages = [
        client.post("/account/2fa/authenticate/", {"code": code}).content.decode()
        for _ in range(12)
    ]
    assert all("不正确" in page or "错误" in page for page in pages[:3]), pages[0][-3000:]
    assert pages[-1] != pages[0] and any(word in pages[-1] for word in ("次数过多", "太多", "稍后"))
