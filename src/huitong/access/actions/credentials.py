"""How a system that uses data signs in; secrets leave the platform once and are kept
nowhere (A28)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from django.conf import settings
from django.utils import timezone
from pydantic import BeforeValidator, Field

from huitong.access import queries
from huitong.access.models import Credential
from huitong.access.rules import (
    OVERLAP_HOURS,
    digest_of,
    networks_checked,
    new_client_id,
    new_secret,
    signing,
)
from huitong.access.rules.credentials import CREDENTIAL_DAYS
from huitong.catalog import queries as catalog
from huitong.catalog.rules.protection import unprotected
from huitong.kernel.actor import BODY, BUREAU, SYSTEM, Actor, Post
from huitong.kernel.addresses import reverse
from huitong.kernel.case import Case
from huitong.kernel.doing import Verb, note, recorded, was
from huitong.kernel.procedure import AgainstRules
from huitong.kernel.workdays import today
from huitong.work import actions as work
from huitong.work.rules import Hidden

CLERK = BODY(Post.OPERATOR)


def _lines(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = value.strip()
    return (
        json.loads(text)
        if text.startswith("[")
        else [w for w in re.split(r"[\s,，、;；]+", text) if w]
    )


SystemRef = Annotated[int, Hidden(), Field(title="信息系统", ge=1)]
CredentialRef = Annotated[int, Hidden(), Field(title="凭证", ge=1)]
Networks = Annotated[
    list[str],
    Field(title="允许的来源地址", description="IP 或网段，每行一个；不填为不限。", max_length=100),
    BeforeValidator(_lines),
]


@recorded("A28", CLERK, label="生成凭证")
def issue_credential(
    actor: Actor,
    *,
    system: SystemRef,
    label: Annotated[
        str, Field(title="用途", description="便于日后辨认，如“生产环境”。", max_length=60)
    ] = "",
    networks: Networks = [],  # noqa: B006 - pydantic copies it
    days: Annotated[
        int,
        Field(
            title="有效天数",
            description=f"最多 {CREDENTIAL_DAYS} 天，到期后须重新生成。",
            ge=1,
            le=CREDENTIAL_DAYS,
        ),
    ] = CREDENTIAL_DAYS,
) -> dict[str, Any]:
    """Make a credential for a system whose classified protection is on record. The secret is in the
    answer and nowhere else: neither table nor ledger nor log has it. Raises `AgainstRules`,
    `NotVisible`, `NotYours`."""
    owner = catalog.system_to_name(actor, system)
    if lacking := unprotected(owner.protection_level, owner.protection_filing):
        raise AgainstRules(
            f"“{owner.name}”{lacking}，不能生成凭证。",
            article="A28",
            remedy="请先在信息系统页面补登；还没有备案的，先向公安机关备案。",
        )
    secret = new_secret()
    credential = Credential.objects.create(
        system=owner,
        client_id=new_client_id(),
        label=label,
        digest=digest_of(secret),
        networks=networks_checked(networks),
        expires_at=timezone.now() + timedelta(days=days),
    )
    note(credential=credential.pk, client_id=credential.client_id, expires_at=credential.expires_at)
    return {
        "credential": credential.pk,
        "client_id": credential.client_id,
        "client_secret": secret,
        "expires_at": credential.expires_at,
    }


@recorded("A28", CLERK, label="更换密钥")
def rotate_credential(
    actor: Actor,
    *,
    credential: CredentialRef,
    overlap_hours: Annotated[
        int, Field(title="新旧并用小时数", description="0 为旧密钥立即失效。", ge=0, le=168)
    ] = OVERLAP_HOURS,
) -> dict[str, Any]:
    """A new secret for the same client; the old one works for so many hours more."""
    row = _living(actor, credential)
    secret, now = new_secret(), timezone.now()
    row.former_digest, row.former_until = (
        (row.digest, now + timedelta(hours=overlap_hours)) if overlap_hours else ("", None)
    )
    row.digest = digest_of(secret)
    row.save()
    note(client_id=row.client_id, former_until=row.former_until)
    return {
        "credential": row.pk,
        "client_id": row.client_id,
        "client_secret": secret,
        "former_until": row.former_until,
    }


@recorded(
    "A28",
    CLERK,
    BODY(Post.MANAGER),
    BUREAU(Post.MANAGER),
    label="吊销凭证",
    effect="用这个凭证的系统立即不能再取得数据；吊销后不能恢复，须另行生成凭证。",
)
def revoke_credential(
    actor: Actor,
    *,
    credential: CredentialRef,
    reasons: Annotated[str, Field(title="理由", max_length=500)] = "",
) -> Credential:
    """End a credential at once; tokens it got are refused at the next reconcile. By its body, or
    by the bureau's manager."""
    visible = queries.credential_for(actor, credential)
    row = (
        _living(actor, credential)
        if not (actor.bureau and actor.has(Post.MANAGER))
        else Credential.objects.select_for_update().get(pk=visible.pk)
    )
    if row.revoked_at is not None:
        raise AgainstRules("该凭证已吊销。", article="A28")
    row.revoked_at = timezone.now()
    row.save(update_fields=["revoked_at"])
    note(client_id=row.client_id)
    if visible.system.body_id != actor.body:
        work.tell_bodies(
            actor,
            {visible.system.body_id},
            f"凭证已被吊销：{row.client_id}",
            reasons,
            reverse("catalog:system", args=[visible.system_id]),
        )
    return row


@recorded("A28", CLERK, label="限定来源地址")
def limit_networks(actor: Actor, *, credential: CredentialRef, networks: Networks) -> Credential:
    """From which addresses a credential may be used."""
    row = _living(actor, credential)
    was(networks=row.networks)
    row.networks = networks_checked(networks)
    row.save(update_fields=["networks"])
    return row


def _living(actor: Actor, pk: int) -> Credential:
    """An own credential that is not revoked, locked."""
    visible = queries.credential_for(actor, pk)
    catalog.own_system(actor, visible.system_id)
    credential = Credential.objects.select_for_update().get(pk=visible.pk)
    if credential.revoked_at is not None:
        raise AgainstRules("该凭证已吊销。", article="A28", remedy="请生成新的凭证。")
    return credential


def keep_systems_in_use(
    actor: Actor, verb: Verb, case: Case | None, given: Mapping[str, Any]
) -> None:
    """A system that may still have data is not taken out of use: its grants are returned, its
    applications withdrawn, its credentials revoked first. Raises `AgainstRules`."""
    if verb.name != "catalog.retire_system":
        return
    system = catalog.locked_system(actor, given["system"])
    if uses := queries.uses_of_system(system):
        raise AgainstRules(
            f"该信息系统还有 {uses}，不能停用。",
            article="A28",
            remedy="请先退回授权、撤回申请、吊销凭证。",
        )


# -- by the platform -------------------------------------------------------------------------------


@recorded("A28", SYSTEM(Post.OPERATOR), label="登记凭证使用")
def note_sign_in(actor: Actor, *, credential: CredentialRef) -> Credential:
    """A credential got its first token of the day."""
    row = Credential.objects.select_for_update().get(pk=credential)
    row.last_used_on = today()
    row.save(update_fields=["last_used_on"])
    note(client_id=row.client_id)
    return row


@recorded("A28", SYSTEM(Post.OPERATOR), label="登记凭证验证失败")
def refuse_sign_in(
    actor: Actor,
    *,
    client_id: Annotated[str, Field(title="客户端", max_length=60)],
    error: Annotated[str, Field(title="原因", max_length=60)],
) -> None:
    """Somebody failed to sign in as a machine."""


@recorded("A28", SYSTEM(Post.OPERATOR), BUREAU(Post.SECURITY_ADMIN), label="更换令牌签名密钥")
def rotate_signing_key(actor: Actor) -> str:
    """The key published ahead signs from now on, a new one is published ahead. Returns the
    signing key's id."""
    kid = signing.rotate(settings.OAUTH_KEYS)
    note(kid=kid)
    return kid
