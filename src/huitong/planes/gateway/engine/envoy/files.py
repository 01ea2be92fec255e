"""What Envoy starts with, and a service behind a socket."""

from __future__ import annotations

from typing import Any

from huitong.planes.gateway.engine.envoy.names import V3


def socket_cluster(name: str, path: str) -> dict[str, Any]:
    """A service behind a Unix socket."""
    endpoint = {"endpoint": {"address": {"pipe": {"path": path}}}}
    return {
        "name": name,
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [endpoint]}]},
        "circuit_breakers": {
            "thresholds": [
                {"max_connections": 256, "max_pending_requests": 256, "max_requests": 512}
            ]
        },
    }


def bootstrap(node: str, control: str, admin: str) -> dict[str, Any]:
    """The file Envoy starts with: the socket of the control server, from which everything else
    comes by delta xDS on one stream, and an administration socket for our account only."""
    service = {"api_type": "DELTA_GRPC", "transport_api_version": "V3"}
    from_control = {"ads": {}, "resource_api_version": "V3"}
    options = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
    http2 = {
        "@type": V3 + "extensions.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": {"http2_protocol_options": {}},
    }
    return {
        "node": {"id": node, "cluster": "huitong"},
        "static_resources": {
            "clusters": [
                socket_cluster("control", control)
                | {"typed_extension_protocol_options": {options: http2}}
            ]
        },
        "dynamic_resources": {
            "ads_config": service
            | {"grpc_services": [{"envoy_grpc": {"cluster_name": "control"}}]},
            "cds_config": from_control,
            "lds_config": from_control,
        },
        "admin": {"address": {"pipe": {"path": admin, "mode": 0o600}}},
        "overload_manager": {
            "resource_monitors": [
                {
                    "name": "envoy.resource_monitors.global_downstream_max_connections",
                    "typed_config": {
                        "@type": V3
                        + "extensions.resource_monitors.downstream_connections.v3"
                        + ".DownstreamConnectionsConfig",
                        "max_active_downstream_connections": 10000,
                    },
                }
            ]
        },
    }
