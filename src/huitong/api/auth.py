"""Who calls: a personal access token, hashed at rest, acting as its person in one body."""

from __future__ import annotations

from ninja.security import HttpBearer

from huitong.kernel.actor import Actor
from huitong.kernel.requests import Request
from huitong.organizations import queries as organizations


class Bearer(HttpBearer):
    """``Authorization: Bearer …``; sets ``request.actor``. A page session is no way in: no
    cross-site writes."""

    def authenticate(self, request: Request, token: str) -> Actor | None:
        actor = organizations.actor_by_token(
            token,
            ip=request.META.get("REMOTE_ADDR", ""),
            request_id=getattr(request, "request_id", ""),
        )
        if actor is not None:
            request.actor = actor
        return actor
