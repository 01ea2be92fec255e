"""Grants and the credentials of the systems that use them (A22, A26, A28, A30)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from huitong.access import queries
from huitong.access.rules import LIVE, OUTCOMES, PLANES, TOKEN_SECONDS
from huitong.catalog import queries as catalog
from huitong.kernel import doing
from huitong.kernel.actor import Post
from huitong.kernel.addresses import reverse
from huitong.kernel.manifest import Place, panels
from huitong.kernel.requests import Request
from huitong.kernel.workdays import today
from huitong.publishing.rules import Mode, MountState
from huitong.work.forms import VerbForm

CRUMB = ("我的授权", reverse_lazy("access:grants"))
SYSTEMS = ("信息系统", reverse_lazy("catalog:systems"))


def row_of(grant: Any, closing: Mapping[int, Any]) -> dict[str, Any]:
    """A grant in words, for its page and lists; ``closing``: what `queries.closings` says."""
    state, tone = queries.standing_words(grant)
    in_force = grant.case.state in LIVE and grant.valid_to >= today()
    return {
        "grant": grant,
        "state": state,
        "tone": tone,
        "mode": Mode(grant.mount.mode).label,
        "closing": closing.get(grant.pk),
        "left": (grant.valid_to - today()).days if in_force else None,
    }


@require_safe
def grant_page(request: Request, pk: int) -> HttpResponse:
    """One grant: what may be had, for what, until when, what was delivered, with which
    credentials."""
    actor = request.actor
    grant = queries.grant_for(actor, pk)
    disuse = queries.disuse_facts(grant)
    closed = queries.closed_steps(disuse)
    steps = [
        (row.label, reverse("work:step", args=[grant.case_id, row.verb]), row.danger)
        for row, _ in doing.open_to(actor, grant.case)
        if row.verb not in closed
    ]
    own = grant.consumer_id == actor.body
    context = {
        "grant": grant,
        "row": row_of(grant, queries.closings([grant])),
        "words": queries.scope_words(grant.scope),
        "lines": queries.compared_grant(grant),
        "columns": queries.COLUMNS,
        "provide_by": queries.provide_by(grant),
        "steps": steps,
        "disuse": disuse,
        "renewal": _renewal(request, grant) if own else None,
        "mine": own,
        "stopped": grant.mount.state != MountState.ACTIVE,
        "deliveries": [_delivery(d) for d in queries.deliveries_of(grant)[:20]],
        "credentials": (
            queries.credentials_visible_to(actor).filter(
                system=grant.system_id, revoked_at=None, expires_at__gt=timezone.now()
            )
            if own
            else []
        ),
        "is_api": grant.mount.mode == Mode.API,
        "is_file": grant.mount.mode == Mode.FILE,
        "is_table": grant.mount.mode == Mode.TABLE,
        "samples": _samples(grant),
        "panels": panels(Place.CASE, actor, grant.case),
        "crumbs": [CRUMB, (grant.case.number or "", "")],
    }
    return render(request, "access/grant.html", context)


def _renewal(request: Request, grant: Any) -> dict[str, Any]:
    """Whether a grant may be applied for again, and the application that does."""
    actor = request.actor
    running = queries.asks_again(actor, grant)
    may = actor.has(Post.OPERATOR) and queries.renewal_fault(actor, grant) is None
    return {"running": running, "may": may, "over": grant.valid_to < today()}


def _delivery(fact: Any) -> dict[str, Any]:
    word, tone = OUTCOMES.get(fact.status, (fact.status, "neutral"))
    return {"fact": fact, "plane": PLANES.get(fact.plane, fact.plane), "word": word, "tone": tone}


def _samples(grant: Any) -> list[tuple[str, str]]:
    """What a developer pastes first: how to get a token, how to call."""
    if grant.mount.mode != Mode.API:
        return []
    address = f"{settings.GATEWAY_URL}/apis/{grant.mount.entry.code}"
    return [
        (
            f"一、以客户端凭证换取令牌（有效 {TOKEN_SECONDS // 60} 分钟）",
            (
                "curl -u 客户端标识:密钥 -d grant_type=client_credentials"
                f" {settings.PUBLIC_URL}/oauth/token"
            ),
        ),
        ("二、带令牌调用接口", f'curl -H "Authorization: Bearer 令牌" "{address}?limit=10"'),
    ]


# -- credentials -----------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_credential(request: Request, pk: int) -> HttpResponse:
    """Make a credential; the answer to the post is the only page that ever shows its secret."""
    system = catalog.own_system(request.actor, pk)
    return _secret(
        request,
        VerbForm("access.issue_credential", request, fixed={"system": system.pk}),
        system,
        "生成凭证",
        "凭证已生成",
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rotate(request: Request, pk: int) -> HttpResponse:
    """A new secret for a credential."""
    credential = queries.credential_for(request.actor, pk)
    system = catalog.own_system(request.actor, credential.system_id)
    return _secret(
        request,
        VerbForm("access.rotate_credential", request, fixed={"credential": credential.pk}),
        system,
        "更换密钥",
        "密钥已更换",
    )


def _secret(request: Request, form: VerbForm, system: Any, title: str, done: str) -> HttpResponse:
    context = {
        "form": form,
        "system": system,
        "title": title,
        "crumbs": [
            SYSTEMS,
            (system.name, reverse("catalog:system", args=[system.pk])),
            (title, ""),
        ],
    }
    if request.method == "POST" and (act := form.perform()):
        return render(
            request,
            "access/secret.html",
            context | {"done": done, "made": act.result, "replayed": act.replayed},
        )
    return render(request, "access/credential.html", context, status=form.status)
