"""Applications, grants, credentials as tables and pure questions (A8, A18-A23, A26, A28, A30)."""

from huitong.access.rules import signing
from huitong.access.rules.credentials import (
    AUDIENCE,
    OVERLAP_HOURS,
    TOKEN_SECONDS,
    Refused,
    TokenRequest,
    client_authentication,
    digest_of,
    networks_checked,
    new_client_id,
    new_secret,
    reachable_from,
)
from huitong.access.rules.decree import APPLICATION_UNDER_DECREE
from huitong.access.rules.facts import CredentialFact, Fault, LiveGrant, Target
from huitong.access.rules.procedures import APPLICATION, GRANT, OUTCOMES, PLANES, UNUSED, G, S
from huitong.access.rules.scoping import (
    CALLS_PER_SECOND,
    asked_scope,
    check_filter,
    check_masks,
    decided_scope,
    lessened,
    scope_given,
)

__all__ = [
    "APPLICATION",
    "APPLICATION_UNDER_DECREE",
    "AUDIENCE",
    "CALLS_PER_SECOND",
    "GRANT",
    "OUTCOMES",
    "OVERLAP_HOURS",
    "PLANES",
    "TOKEN_SECONDS",
    "UNUSED",
    "CredentialFact",
    "Fault",
    "G",
    "LiveGrant",
    "Refused",
    "S",
    "Target",
    "TokenRequest",
    "asked_scope",
    "check_filter",
    "check_masks",
    "client_authentication",
    "decided_scope",
    "digest_of",
    "lessened",
    "networks_checked",
    "new_client_id",
    "new_secret",
    "reachable_from",
    "scope_given",
    "signing",
]
