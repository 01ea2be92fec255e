"""The files of Envoy: their form, what they refer to, the one it starts with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from huitong.planes.gateway.engine.envoy.names import V3


def discovery(kind: str, resources: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The content of a configuration file for Envoy."""
    return {"resources": [{"@type": f"{V3}config.{kind}", **resource} for resource in resources]}


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


def watched(folder: str, name: str) -> dict[str, Any]:
    """A configuration file that Envoy reads again whenever it is renamed into its folder."""
    return {
        "path_config_source": {"path": f"{folder}/{name}", "watched_directory": {"path": folder}},
        "resource_api_version": "V3",
    }


def bootstrap(folder: str, admin: str) -> dict[str, Any]:
    """The file Envoy starts with: the places of the others, and an administration socket for our
    account only."""
    return {
        "node": {"id": "gateway", "cluster": "huitong"},
        "dynamic_resources": {
            "cds_config": watched(folder, "clusters.json"),
            "lds_config": watched(folder, "listener.json"),
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
