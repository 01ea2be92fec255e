"""Where machines sign in: OAuth 2.0 token endpoint (RFC 6749, client credentials) and key set
(RFC 7517, RFC 9068)."""

from __future__ import annotations

import hmac
import time
import uuid
from urllib.parse import parse_qs

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from huitong.access import actions, queries
from huitong.access.models import Credential
from huitong.access.rules import (
    AUDIENCE,
    TOKEN_SECONDS,
    Refused,
    client_authentication,
    digest_of,
    reachable_from,
    signing,
)
from huitong.access.rules.credentials import FAILURE_SECONDS, FAILURES, FAILURES_OF_ADDRESS
from huitong.kernel.actor import Actor
from huitong.kernel.requests import Request
from huitong.kernel.workdays import today

LONGEST = 16 * 1024


@csrf_exempt
@require_POST
def token(request: Request) -> HttpResponse:
    """An access token for the gateway, good for minutes. Every refusal is recorded, repeated
    ones are slowed down."""
    ip = request.META.get("REMOTE_ADDR", "")
    platform = Actor.system(via="oauth").through(
        ip=ip, request_id=getattr(request, "request_id", "")
    )
    client = ""
    try:
        _check_rate(ip, FAILURES_OF_ADDRESS)
        form = _form(request)
        client = (form.get("client_id") or [""])[0]
        claim = client_authentication(request.headers.get("Authorization", ""), form)
        if not claim.client_id.isprintable():  # no identifier of ours, and no database takes it
            raise Refused("invalid_client", "client authentication failed", 401, basic=claim.basic)
        client = claim.client_id
        _check_rate(_pair(ip, client), FAILURES)
        credential = _authenticated(claim.client_id, claim.secret, ip, claim.basic)
    except Refused as wrong:
        if wrong.status != 429:
            _count(ip, _pair(ip, client))
            if wrong.error == "invalid_client":
                actions.refuse_sign_in(
                    platform, client_id=_printable(client), error=wrong.description[:60]
                )
        return _refusal(wrong)
    if credential.last_used_on != today():
        actions.note_sign_in(platform, credential=credential.pk)
    return _answer(
        {"access_token": _token(credential), "token_type": "Bearer", "expires_in": TOKEN_SECONDS}
    )


@require_safe
@cache_control(max_age=300, public=True)
def jwks(request: Request) -> JsonResponse:
    """The public keys that verify tokens: the signing one, the one that will sign next, the one
    before."""
    return JsonResponse(
        signing.public(settings.OAUTH_KEYS), content_type="application/jwk-set+json"
    )


@require_safe
@cache_control(max_age=300, public=True)
def metadata(request: Request) -> JsonResponse:
    """Where tokens are had and how (RFC 8414), for clients that are told nothing but the
    platform's address."""
    address = settings.PUBLIC_URL
    return JsonResponse(
        {
            "issuer": address,
            "token_endpoint": f"{address}/oauth/token",
            "jwks_uri": f"{address}/oauth/jwks",
            "response_types_supported": [],
            "grant_types_supported": ["client_credentials"],
            "service_documentation": f"{address}/api/docs",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }
    )


def _form(request: Request) -> dict[str, list[str]]:
    if request.content_type != "application/x-www-form-urlencoded":
        raise Refused("invalid_request", "the body must be application/x-www-form-urlencoded")
    if int(request.headers.get("Content-Length") or 0) > LONGEST:
        raise Refused("invalid_request", "the body is too long")
    try:
        return parse_qs(request.body.decode(), keep_blank_values=True, max_num_fields=20)
    except (UnicodeDecodeError, ValueError):
        raise Refused("invalid_request", "the body is malformed") from None


def _authenticated(client_id: str, secret: str, ip: str, basic: bool) -> Credential:
    """The credential these belong to. Whatever is wrong, the client hears the same."""
    credential, now = queries.credential_by_client(client_id), timezone.now()
    given = digest_of(secret)
    digest = credential.digest if credential else digest_of("nobody")
    right = hmac.compare_digest(given, digest)
    if (
        credential is not None
        and credential.former_digest
        and credential.former_until
        and credential.former_until > now
    ):
        right = hmac.compare_digest(given, credential.former_digest) or right
    if (
        credential is None
        or not right
        or credential.revoked_at is not None
        or credential.expires_at <= now
        or not reachable_from(credential.networks, ip)
    ):
        raise Refused("invalid_client", "client authentication failed", 401, basic=basic)
    return credential


def _token(credential: Credential) -> str:
    now = int(time.time())
    return signing.sign(
        settings.OAUTH_KEYS,
        {
            "iss": settings.PUBLIC_URL,
            "aud": AUDIENCE,
            "sub": credential.client_id,
            "client_id": credential.client_id,
            "iat": now,
            "nbf": now,
            "exp": min(now + TOKEN_SECONDS, int(credential.expires_at.timestamp())),
            "jti": uuid.uuid4().hex,
        },
    )


# -- slowing down those who guess ------------------------------------------------------------------


def _pair(ip: str, client_id: str) -> str:
    return f"{ip}:{digest_of(client_id)[:16]}"


def _check_rate(who: str, most: int) -> None:
    if cache.get(f"oauth:{who}", 0) >= most:
        raise Refused("temporarily_unavailable", "too many failed attempts, try again later", 429)


def _count(*whos: str) -> None:
    for who in whos:
        key = f"oauth:{who}"
        cache.set(key, int(cache.get(key, 0)) + 1, FAILURE_SECONDS)


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable())[:60]


def _refusal(wrong: Refused) -> JsonResponse:
    answer = _answer({"error": wrong.error, "error_description": wrong.description}, wrong.status)
    if wrong.status == 401 and wrong.basic:
        answer.headers["WWW-Authenticate"] = 'Basic realm="huitong", charset="UTF-8"'
    if wrong.status == 429:
        answer.headers["Retry-After"] = str(FAILURE_SECONDS)
    return answer


def _answer(body: dict[str, object], status: int = 200) -> JsonResponse:
    return JsonResponse(
        body, status=status, headers={"Cache-Control": "no-store", "Pragma": "no-cache"}
    )
