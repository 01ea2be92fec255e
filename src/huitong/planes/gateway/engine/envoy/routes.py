"""Routes: who may call which path, at which rate, until when."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from huitong.planes.gateway.engine.envoy.names import (
    API_HEADER,
    CLIENT_HEADER,
    ENDS,
    GRANT_HEADER,
    HTTP,
    LIMIT,
    RBAC,
    V3,
    always,
    network_of,
)


@dataclass(frozen=True)
class Policy:
    """One grant as access control names it: ``number/rate/end``. Rate limit, end and evidence
    read what they need off the name, so that a grant costs one line of configuration."""

    grant: int
    per_second: int
    ends: datetime

    def __str__(self) -> str:
        return f"{self.grant}/{self.per_second}{_ending(self.ends)}"


def grant_of(policy: str) -> str:
    """The number of the grant in a policy's name; "" in any other text."""
    number = policy.partition("/")[0]
    return number if number.isascii() and number.isdigit() else ""


def scope(
    path: str,
    *,
    cluster: str,
    methods: Sequence[str],
    clients: Mapping[str, tuple[Policy, Sequence[str]]],
    headers: Mapping[str, str],
) -> dict[str, Any]:
    """The routes of one path alone, found by it. ``clients``: each with its policy and the
    networks it may come from, none = anywhere; who is not among them is refused."""
    policies = {policy for policy, _ in clients.values()}
    route = {
        "match": {"path": path, "headers": [{"name": ":method", "string_match": _one_of(methods)}]},
        "route": {"cluster": cluster, "timeout": "30s"},
        "request_headers_to_add": [
            {"header": {"key": k, "value": v}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
            for k, v in sorted(headers.items())
        ],
        "typed_per_filter_config": {
            RBAC: _access(clients),
            LIMIT: _rates({policy.per_second for policy in policies}, len(policies)),
        },
    }
    host = {"name": "apis", "domains": ["*"], "routes": [route]}
    return {
        "name": path,
        "key": {"fragments": [{"string_key": path}]},
        "route_configuration": {"name": path, "virtual_hosts": [host]},
    }


def scope_key() -> dict[str, Any]:
    """The part of a call its routes are found by: the path without query, which
    `listener` has written into a header."""
    return {"fragments": [{"header_value_extractor": {"name": API_HEADER, "index": 0}}]}


def ends(moments: Iterable[datetime], horizon: datetime) -> dict[str, Any]:
    """The refusal of grants that have ended by Envoy's own clock, and of every call from
    ``horizon`` on.

    An end beyond the horizon needs no condition: either the platform has moved the horizon by
    then, or nothing is served. So there are as many conditions as different ends ahead, however
    many grants there are.
    """
    policies = {
        f"ended{_ending(moment)}": _from(
            moment, {"header": {"name": GRANT_HEADER, "string_match": {"suffix": _ending(moment)}}}
        )
        for moment in sorted(moments)
        if moment < horizon
    }
    policies["unattended"] = _from(horizon, {"any": True})
    rules = {"action": "DENY", "policies": policies}
    return {"name": ENDS, "typed_config": {"@type": HTTP + "rbac.v3.RBAC", "rules": rules}}


def _ending(moment: datetime) -> str:
    """The end as part of a policy's name: seconds since 1970, the last part."""
    return f"/{int(moment.timestamp())}"


def _from(moment: datetime, principal: Mapping[str, Any]) -> dict[str, Any]:
    now = {"select_expr": {"operand": {"ident_expr": {"name": "request"}}, "field": "time"}}
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    at = _call("timestamp", {"const_expr": {"string_value": text}})
    return {
        "permissions": [{"any": True}],
        "principals": [principal],
        "condition": _call("_>=_", now, at),
    }


def _call(function: str, *args: Mapping[str, Any]) -> dict[str, Any]:
    return {"call_expr": {"function": function, "args": list(args)}}


def _one_of(words: Sequence[str]) -> dict[str, Any]:
    return {"safe_regex": {"regex": "|".join(words)}}


def _access(clients: Mapping[str, tuple[Policy, Sequence[str]]]) -> dict[str, Any]:
    """Access control as a map: one look-up, however many grants."""
    matches = {
        client: _within(networks, str(policy)) if networks else _decision(str(policy), "ALLOW")
        for client, (policy, networks) in sorted(clients.items())
    }
    matcher: dict[str, Any] = {"on_no_match": _decision("none", "DENY")}
    if matches:
        tree = {"input": _client(), "exact_match_map": {"map": matches}}
        matcher["matcher_tree"] = tree
    return {"@type": HTTP + "rbac.v3.RBACPerRoute", "rbac": {"matcher": matcher}}


def _client() -> dict[str, Any]:
    kind = V3 + "type.matcher.v3.HttpRequestHeaderMatchInput"
    return {"name": "client", "typed_config": {"@type": kind, "header_name": CLIENT_HEADER}}


def _decision(name: str, action: str) -> dict[str, Any]:
    config = {"@type": V3 + "config.rbac.v3.Action", "name": name, "action": action}
    return {"action": {"name": "decision", "typed_config": config}}


def _within(networks: Sequence[str], policy: str) -> dict[str, Any]:
    """The policy for callers from these networks; from elsewhere nobody."""
    address = V3 + "extensions.matching.common_inputs.network.v3.SourceIPInput"
    inside = {
        "@type": V3 + "extensions.matching.input_matchers.ip.v3.Ip",
        "cidr_ranges": [network_of(network) for network in networks],
        "stat_prefix": "network",
    }
    predicate = {
        "single_predicate": {
            "input": {"name": "address", "typed_config": {"@type": address}},
            "custom_match": {"name": "network", "typed_config": inside},
        }
    }
    match = {"predicate": predicate, "on_match": _decision(policy, "ALLOW")}
    return {
        "matcher": {
            "matcher_list": {"matchers": [match]},
            "on_no_match": _decision("elsewhere", "DENY"),
        }
    }


def _rates(rates: Collection[int], grants: int) -> dict[str, Any]:
    """A bucket for each grant, made when it is first needed, by the rate in its policy's name."""
    return {
        "@type": HTTP + "local_ratelimit.v3.LocalRateLimit",
        "stat_prefix": "grant",
        # only calls without a policy would meet the common bucket, and access control lets none
        # of them come so far
        "token_bucket": _bucket(1),
        "always_consume_default_token_bucket": False,
        "filter_enabled": always(),
        "filter_enforced": always(),
        "max_dynamic_descriptors": max(grants, 1),
        "rate_limits": [{"actions": [_class(rate), _each_grant()]} for rate in sorted(rates)],
        "descriptors": [
            {
                "entries": [{"key": "rate", "value": str(rate)}, {"key": "grant"}],
                "token_bucket": _bucket(rate),
            }
            for rate in sorted(rates)
        ],
    }


def _class(rate: int) -> dict[str, Any]:
    named = {"name": GRANT_HEADER, "string_match": {"contains": f"/{rate}/"}}
    match = {"descriptor_key": "rate", "descriptor_value": str(rate), "headers": [named]}
    return {"header_value_match": match}


def _each_grant() -> dict[str, Any]:
    return {"request_headers": {"header_name": GRANT_HEADER, "descriptor_key": "grant"}}


def _bucket(a_second: int) -> dict[str, Any]:
    # no more calls today: Envoy has no empty bucket, so one call passes
    if a_second == 0:
        return {"max_tokens": 1, "tokens_per_fill": 1, "fill_interval": "86400s"}
    return {"max_tokens": a_second, "tokens_per_fill": a_second, "fill_interval": "1s"}
