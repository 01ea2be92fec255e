"""The credentials of systems: a body's own, and for the bureau that they exist."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from huitong.access.models import Application, Credential, Grant
from huitong.catalog import queries as catalog
from huitong.kernel.actor import Actor
from huitong.kernel.procedure import NotVisible


def credentials_visible_to(actor: Actor) -> QuerySet[Credential]:
    """Credentials of the systems one sees; nobody sees a secret."""
    return (
        Credential.objects.filter(system__in=catalog.systems_visible_to(actor))
        .select_related("system__body")
        .defer("digest", "former_digest")
    )


def uses_of_system(system: Any) -> str:
    """What a system still uses data by, in words; nothing where it may be retired."""
    grants = Grant.objects.filter(system=system, ended_at=None)
    running = Application.objects.filter(form__system=system, case__closed_at=None)
    living = Credential.objects.filter(
        system=system, revoked_at=None, expires_at__gt=timezone.now()
    )
    counts = (
        (grants.count(), "项未结束的授权"),
        (running.count(), "项办理中的申请"),
        (living.count(), "个有效的凭证"),
    )
    return "、".join(f"{number} {words}" for number, words in counts if number)


def credential_for(actor: Actor, pk: int) -> Credential:
    """Raises `NotVisible`."""
    if (credential := credentials_visible_to(actor).filter(pk=pk).first()) is None:
        raise NotVisible("该凭证")
    return credential


def credential_by_client(client_id: str) -> Credential | None:
    """The credential a machine signs in with, whoever asks: for the token endpoint."""
    return Credential.objects.select_related("system").filter(client_id=client_id).first()
