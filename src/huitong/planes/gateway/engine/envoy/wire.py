"""Envoy's JSON as the binary messages of its discovery protocol.

The message types come from the published definitions (`xds-protos`), so what they do not know is
refused here, before any gateway sees it. They are loaded when first needed: only the worker and
the control server need them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from google.protobuf.message import Message

TYPE = "type.googleapis.com/"
#: the kinds of item Envoy asks for, in the order in which changes are sent: what is referred to
#: comes first. Each with its message type.
KINDS = {
    "cluster": "envoy.config.cluster.v3.Cluster",
    "listener": "envoy.config.listener.v3.Listener",
    "filter": "envoy.config.core.v3.TypedExtensionConfig",
    "scope": "envoy.config.route.v3.ScopedRouteConfiguration",
}


def encode(kind: str, value: Mapping[str, Any]) -> bytes:
    """The message of an item; the same bytes for the same value. Raises ValueError for what
    Envoy's definitions do not know."""
    from google.protobuf import json_format

    message = _types()[kind]()
    try:
        json_format.ParseDict(value, message)
    except (json_format.ParseError, TypeError) as wrong:
        raise ValueError(f"no {KINDS[kind]}: {wrong}") from wrong
    body: bytes = message.SerializeToString(deterministic=True)
    return body


def decode(kind: str, body: bytes) -> dict[str, Any]:
    """The JSON of a message, names as in Envoy's definitions."""
    from google.protobuf import json_format

    message = _types()[kind]()
    message.ParseFromString(body)
    value: dict[str, Any] = json_format.MessageToDict(message, preserving_proto_field_name=True)
    return value


@cache
def _types() -> dict[str, type[Message]]:
    """The message types by kind, with those nested in them, which are looked up by name."""
    # ruff: noqa: F401
    from envoy.config.cluster.v3.cluster_pb2 import Cluster
    from envoy.config.core.v3.extension_pb2 import TypedExtensionConfig
    from envoy.config.listener.v3.listener_pb2 import Listener
    from envoy.config.rbac.v3 import rbac_pb2
    from envoy.config.route.v3.scoped_route_pb2 import ScopedRouteConfiguration
    from envoy.extensions.access_loggers.file.v3 import file_pb2
    from envoy.extensions.filters.http.buffer.v3 import buffer_pb2
    from envoy.extensions.filters.http.header_mutation.v3 import header_mutation_pb2
    from envoy.extensions.filters.http.header_to_metadata.v3 import header_to_metadata_pb2
    from envoy.extensions.filters.http.jwt_authn.v3 import config_pb2
    from envoy.extensions.filters.http.local_ratelimit.v3 import local_rate_limit_pb2
    from envoy.extensions.filters.http.rbac.v3 import rbac_pb2 as http_rbac_pb2
    from envoy.extensions.filters.http.router.v3 import router_pb2
    from envoy.extensions.filters.network.http_connection_manager.v3 import (
        http_connection_manager_pb2,
    )
    from envoy.extensions.http.early_header_mutation.header_mutation.v3 import (
        header_mutation_pb2 as early_pb2,
    )
    from envoy.extensions.http.original_ip_detection.xff.v3 import xff_pb2
    from envoy.extensions.matching.common_inputs.network.v3 import network_inputs_pb2
    from envoy.extensions.matching.input_matchers.ip.v3 import ip_pb2
    from envoy.extensions.upstreams.http.v3 import http_protocol_options_pb2
    from envoy.type.matcher.v3 import http_inputs_pb2

    return {
        "cluster": Cluster,
        "listener": Listener,
        "filter": TypedExtensionConfig,
        "scope": ScopedRouteConfiguration,
    }
