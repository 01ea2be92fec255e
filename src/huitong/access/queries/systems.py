"""The consumers' systems and their credentials: a body's own, and for the bureau that they
exist."""

from __future__ import annotations

from django.db.models import QuerySet

from huitong.access.models import ApplicationSystem, Credential
from huitong.kernel.actor import Actor, Post
from huitong.kernel.procedure import NotVisible, NotYours


def systems_visible_to(actor: Actor) -> QuerySet[ApplicationSystem]:
    """A body's own systems; the bureau sees all."""
    rows = ApplicationSystem.objects.select_related("body")
    if actor.is_system or (actor.bureau and actor.has(Post.OPERATOR, Post.MANAGER)):
        return rows
    return (
        rows.filter(body=actor.body)
        if actor.body and actor.has(Post.OPERATOR, Post.MANAGER)
        else rows.none()
    )


def system_for(actor: Actor, pk: int) -> ApplicationSystem:
    """Raises `NotVisible`."""
    if (system := systems_visible_to(actor).filter(pk=pk).first()) is None:
        raise NotVisible("该应用系统")
    return system


def own_system(actor: Actor, pk: int) -> ApplicationSystem:
    """Raises `NotVisible` or `NotYours`."""
    system = system_for(actor, pk)
    if system.body_id != actor.body:
        raise NotYours(
            "应用系统及其凭证由使用部门自己管理。",
            article="A28",
            who=f"{system.body.short_name}经办人",
        )
    return system


def credentials_visible_to(actor: Actor) -> QuerySet[Credential]:
    """Credentials of the systems one sees; nobody sees a secret."""
    return (
        Credential.objects.filter(system__in=systems_visible_to(actor))
        .select_related("system__body")
        .defer("digest", "former_digest")
    )


def credential_for(actor: Actor, pk: int) -> Credential:
    """Raises `NotVisible`."""
    if (credential := credentials_visible_to(actor).filter(pk=pk).first()) is None:
        raise NotVisible("该凭证")
    return credential


def credential_by_client(client_id: str) -> Credential | None:
    """The credential a machine signs in with, whoever asks: for the token endpoint."""
    return Credential.objects.select_related("system").filter(client_id=client_id).first()
