"""Names that several parts of the configuration share."""

from __future__ import annotations

from typing import Any

V3 = "type.googleapis.com/envoy."
HTTP = V3 + "extensions.filters.http."
JWT = "envoy.filters.http.jwt_authn"
RBAC = "envoy.filters.http.rbac"
LIMIT = "envoy.filters.http.local_ratelimit"
#: the access control that refuses ended grants; by this name Envoy asks for it
ENDS = "ends"
#: headers of ours on a call: its path, the client of its token, the policy that let it through
API_HEADER, CLIENT_HEADER, GRANT_HEADER = "x-huitong-api", "x-huitong-client", "x-huitong-grant"
MATCHED_POLICY = f"%DYNAMIC_METADATA({RBAC}:enforced_effective_policy_id)%"
PARAMETERS_SPACE = "huitong"
PARAMETERS = f"%DYNAMIC_METADATA({PARAMETERS_SPACE}:said)%"


def network_of(network: str) -> dict[str, Any]:
    address, _, bits = network.partition("/")
    return {"address_prefix": address, "prefix_len": int(bits or (128 if ":" in address else 32))}


def always() -> dict[str, Any]:
    return {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}


def header(name: str, value: str) -> dict[str, Any]:
    """The replacement of a header, as Envoy's header mutations write it."""
    added = {"header": {"key": name, "value": value}}
    return {"append": added | {"append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}}
