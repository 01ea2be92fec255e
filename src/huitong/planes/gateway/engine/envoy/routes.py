"""Routes: who may call which path, at which rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from huitong.planes.gateway.engine.envoy.names import (
    HTTP,
    JWT,
    LIMIT,
    POLICY_ID,
    RBAC,
    V3,
    always,
    network_of,
)


def policy(
    *, methods: Sequence[str], subjects: Mapping[str, Sequence[str]], starts: str, ends: str
) -> dict[str, Any]:
    """The policy of one grant: these subjects, each from its networks (none = anywhere), with these
    methods, between two moments (RFC 3339, UTC, by Envoy's own clock)."""
    who = {
        "or_ids": {
            "ids": [_principal(subject, networks) for subject, networks in sorted(subjects.items())]
        }
    }
    how = {
        "or_rules": {
            "rules": [
                {"header": {"name": ":method", "string_match": {"exact": m}}} for m in methods
            ]
        }
    }
    now = {"select_expr": {"operand": {"ident_expr": {"name": "request"}}, "field": "time"}}
    return {
        "permissions": [how],
        "principals": [who],
        "condition": _call(
            "_&&_", _call("_>=_", now, _timestamp(starts)), _call("_<_", now, _timestamp(ends))
        ),
    }


def _call(function: str, *args: Mapping[str, Any]) -> dict[str, Any]:
    return {"call_expr": {"function": function, "args": list(args)}}


def _timestamp(moment: str) -> dict[str, Any]:
    return _call("timestamp", {"const_expr": {"string_value": moment}})


def _principal(subject: str, networks: Sequence[str]) -> dict[str, Any]:
    matcher = {
        "filter": JWT,
        "path": [{"key": "token"}, {"key": "sub"}],
        "value": {"string_match": {"exact": subject}},
    }
    who = {"sourced_metadata": {"metadata_matcher": matcher, "metadata_source": "DYNAMIC"}}
    if not networks:
        return who
    return {
        "and_ids": {
            "ids": [who, {"or_ids": {"ids": [{"remote_ip": network_of(n)} for n in networks]}}]
        }
    }


def route(
    path: str,
    *,
    cluster: str,
    policies: Mapping[str, Any],
    rates: Mapping[str, int],
    headers: Mapping[str, str],
) -> dict[str, Any]:
    """The route of one path: its policies (none = nobody), each with its calls a second for all
    subjects together."""
    rules = {"action": "ALLOW", "policies": policies}
    return {
        "match": {"path": path},
        "route": {"cluster": cluster, "timeout": "30s"},
        "request_headers_to_add": [
            {"header": {"key": k, "value": v}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
            for k, v in headers.items()
        ],
        "typed_per_filter_config": {
            RBAC: {
                "@type": HTTP + "rbac.v3.RBACPerRoute",
                "rbac": {"rules": rules, "shadow_rules": rules},
            },
            LIMIT: {
                "@type": HTTP + "local_ratelimit.v3.LocalRateLimit",
                "stat_prefix": "grant",
                # only calls without a policy would meet the common bucket, and access control
                # lets none of them come so far
                "token_bucket": _bucket(1),
                "always_consume_default_token_bucket": False,
                "filter_enabled": always(),
                "filter_enforced": always(),
                "rate_limits": [
                    {
                        "actions": [
                            {
                                "metadata": {
                                    "descriptor_key": "policy",
                                    "metadata_key": {"key": RBAC, "path": [{"key": POLICY_ID}]},
                                }
                            }
                        ]
                    }
                ],
                "descriptors": [
                    {"entries": [{"key": "policy", "value": name}], "token_bucket": _bucket(rate)}
                    for name, rate in sorted(rates.items())
                ],
            },
        },
    }


def policies_of(leaf: Mapping[str, Any]) -> Mapping[str, Any]:
    """The policies of a route in a `route_table`."""
    [matcher] = leaf["matcher"]["matcher_list"]["matchers"]
    policies: Mapping[str, Any] = matcher["on_match"]["action"]["typed_config"][
        "typed_per_filter_config"
    ][RBAC]["rbac"]["rules"]["policies"]
    return policies


def route_table(name: str, routes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The table of all routes: a map on the path, as a linear list is slow with thousands."""
    host: dict[str, Any] = {"name": name, "domains": ["*"]}
    if routes:
        leaves = {
            r["match"]["path"]: {"matcher": {"matcher_list": {"matchers": [_exact_match(r)]}}}
            for r in routes
        }
        host["matcher"] = {
            "matcher_tree": {
                "input": {
                    "name": "path",
                    "typed_config": {
                        "@type": V3 + "type.matcher.v3.HttpRequestHeaderMatchInput",
                        "header_name": ":path",
                    },
                },
                "prefix_match_map": {"map": leaves},
            }
        }
    return {"name": name, "virtual_hosts": [host]}


def _exact_match(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """The route for exactly its path, with or without a query: a longer code must not match a
    shorter one."""
    path = chosen["match"]["path"]
    exact = {
        "single_predicate": {
            "input": {
                "name": "path",
                "typed_config": {
                    "@type": V3 + "type.matcher.v3.HttpRequestHeaderMatchInput",
                    "header_name": ":path",
                },
            },
            "value_match": {
                "safe_regex": {
                    "google_re2": {},
                    "regex": (
                        "".join(c if c.isalnum() or c in "/_-" else "\\" + c for c in path)
                        + r"(\?.*)?"
                    ),
                }
            },
        }
    }
    action = {"name": "route", "typed_config": {"@type": V3 + "config.route.v3.Route", **chosen}}
    return {"predicate": exact, "on_match": {"action": action}}


def _bucket(a_second: int) -> dict[str, Any]:
    # no more calls today: Envoy has no empty bucket, so one call passes
    if a_second == 0:
        return {"max_tokens": 1, "tokens_per_fill": 1, "fill_interval": "86400s"}
    return {"max_tokens": a_second, "tokens_per_fill": a_second, "fill_interval": "1s"}
