"""Envoy's configuration vocabulary, as functions that return its JSON (v3 API).

Everything a caller sends that could pass for ours or steer Envoy is removed before any filter sees
it (`listener.STRIPPED`); paths are normalized and escaped slashes refused, so that what was
authorized is what is served (CVE-2021-43557 and its kin).
"""

from huitong.planes.gateway.engine.envoy.files import bootstrap, discovery, socket_cluster
from huitong.planes.gateway.engine.envoy.listener import listener
from huitong.planes.gateway.engine.envoy.names import MATCHED_POLICY, TOKEN_SUBJECT
from huitong.planes.gateway.engine.envoy.routes import policies_of, policy, route, route_table

__all__ = [
    "MATCHED_POLICY",
    "TOKEN_SUBJECT",
    "bootstrap",
    "discovery",
    "listener",
    "policies_of",
    "policy",
    "route",
    "route_table",
    "socket_cluster",
]
