"""Envoy's configuration vocabulary, as functions that return its JSON (v3 API).

Everything a caller sends that could pass for ours or steer Envoy is removed before any filter sees
it (`listener.STRIPPED`); paths are normalized and escaped slashes refused, so that what was
authorized is what is served (CVE-2021-43557 and its kin).
"""

from huitong.planes.gateway.engine.envoy.files import bootstrap, socket_cluster
from huitong.planes.gateway.engine.envoy.listener import listener
from huitong.planes.gateway.engine.envoy.names import ENDS
from huitong.planes.gateway.engine.envoy.routes import Policy, ends, grant_of, scope

__all__ = ["ENDS", "Policy", "bootstrap", "ends", "grant_of", "listener", "scope", "socket_cluster"]
