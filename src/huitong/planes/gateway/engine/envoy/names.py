"""Names that several parts of the configuration share."""

from __future__ import annotations

from typing import Any

V3 = "type.googleapis.com/envoy."
HTTP = V3 + "extensions.filters.http."
JWT = "envoy.filters.http.jwt_authn"
RBAC = "envoy.filters.http.rbac"
LIMIT = "envoy.filters.http.local_ratelimit"
#: the policy that let the call through, as the access control itself recorded it
POLICY_ID = "shadow_effective_policy_id"
MATCHED_POLICY = f"%DYNAMIC_METADATA({RBAC}:{POLICY_ID})%"
TOKEN_SUBJECT = f"%DYNAMIC_METADATA({JWT}:token:sub)%"
PARAMETERS_SPACE = "huitong"
PARAMETERS = f"%DYNAMIC_METADATA({PARAMETERS_SPACE}:said)%"


def network_of(network: str) -> dict[str, Any]:
    address, _, bits = network.partition("/")
    return {"address_prefix": address, "prefix_len": int(bits or (128 if ":" in address else 32))}


def always() -> dict[str, Any]:
    return {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}
