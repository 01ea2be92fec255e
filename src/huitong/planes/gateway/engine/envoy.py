"""Envoy's configuration vocabulary, as functions that return its JSON (v3 API).

Everything a caller sends that could pass for ours or steer Envoy is removed before any filter sees
it (`STRIPPED`); paths are normalized and escaped slashes refused, so that what was authorized is
what is served (CVE-2021-43557 and its kin).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from huitong.planes.gateway.engine.recording import HEADER

V3 = "type.googleapis.com/envoy."
HTTP = V3 + "extensions.filters.http."
JWT, RBAC, LIMIT = (
    "envoy.filters.http.jwt_authn",
    "envoy.filters.http.rbac",
    "envoy.filters.http.local_ratelimit",
)
#: the policy that let the call through, as the access control itself recorded it
POLICY_ID = "shadow_effective_policy_id"
MATCHED_POLICY = f"%DYNAMIC_METADATA({RBAC}:{POLICY_ID})%"
TOKEN_SUBJECT = f"%DYNAMIC_METADATA({JWT}:token:sub)%"
SAID_SPACE = "huitong"
SAID = f"%DYNAMIC_METADATA({SAID_SPACE}:said)%"
#: Never believed of a caller, by name or beginning. ``x-request-id`` is the evidence's own number
#: for a call (`%STREAM_ID%` too): whoever could choose it would make many calls count as one.
STRIPPED = ({"exact": "x-request-id"}, {"prefix": "x-huitong-"}, {"prefix": "x-envoy-"})


def discovery(kind: str, resources: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The content of a configuration file Envoy watches."""
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


def policy(
    *, methods: Sequence[str], subjects: Mapping[str, Sequence[str]], starts: str, ends: str
) -> dict[str, Any]:
    """Who may call and from which networks each (none = anywhere), with which methods, between
    two moments (RFC 3339, UTC; Envoy's own clock decides)."""
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
            "ids": [who, {"or_ids": {"ids": [{"remote_ip": _network(n)} for n in networks]}}]
        }
    }


def _network(network: str) -> dict[str, Any]:
    address, _, bits = network.partition("/")
    return {"address_prefix": address, "prefix_len": int(bits or (128 if ":" in address else 32))}


def route(
    path: str,
    *,
    cluster: str,
    policies: Mapping[str, Any],
    rates: Mapping[str, int],
    headers: Mapping[str, str],
) -> dict[str, Any]:
    """One address: exactly this path, these policies (none = nobody), each with its calls a
    second, whoever makes them."""
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
                "filter_enabled": _always(),
                "filter_enforced": _always(),
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
    """The policies of a route as `route_table` keeps it."""
    [matcher] = leaf["matcher"]["matcher_list"]["matchers"]
    policies: Mapping[str, Any] = matcher["on_match"]["action"]["typed_config"][
        "typed_per_filter_config"
    ][RBAC]["rbac"]["rules"]["policies"]
    return policies


def route_table(name: str, routes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """All addresses, found by a map on the path (a linear list is slow with thousands), nothing
    else."""
    host: dict[str, Any] = {"name": name, "domains": ["*"]}
    if routes:
        leaves = {
            r["match"]["path"]: {"matcher": {"matcher_list": {"matchers": [_only(r)]}}}
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


def _only(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """The route, if the path is its very path or that path with a query: a longer code must not
    fall to a shorter one."""
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


def listener(
    address: str,
    *,
    route_table: str,
    jwks: str,
    issuer: str,
    audience: str,
    protected: str,
    access_log: str,
    folder: str,
    proxies: Sequence[str] = (),
) -> dict[str, Any]:
    """The door: tokens, access control, rates, routes; evidence of each call at its start and
    its end."""
    host, _, port = address.rpartition(":")
    manager = {
        "@type": V3 + "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "gateway",
        "codec_type": "AUTO",
        "server_name": "huitong",
        **_caller(proxies),
        "normalize_path": True,
        "merge_slashes": True,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
        "generate_request_id": True,
        "always_set_request_id_in_response": True,
        "strip_any_host_port": True,
        "request_timeout": "60s",
        "request_headers_timeout": "10s",
        "stream_idle_timeout": "60s",
        "delayed_close_timeout": "1s",
        "max_request_headers_kb": 32,
        "common_http_protocol_options": {
            "idle_timeout": "120s",
            "headers_with_underscores_action": "REJECT_REQUEST",
        },
        "http2_protocol_options": {
            "max_concurrent_streams": 100,
            "initial_stream_window_size": 1 << 16,
            "initial_connection_window_size": 1 << 20,
        },
        "early_header_mutation_extensions": [
            {
                "name": "stripped",
                "typed_config": {
                    "@type": (
                        V3
                        + "extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation"
                    ),
                    "mutations": [
                        {"remove_on_match": {"key_matcher": matcher}} for matcher in STRIPPED
                    ],
                },
            }
        ],
        "rds": {"route_config_name": route_table, "config_source": watched(folder, "routes.json")},
        "local_reply_config": {"mappers": [_reply(*row) for row in REPLIES]},
        "access_log": [_evidence(access_log)],
        "access_log_options": {"flush_access_log_on_new_request": True},
        "http_filters": [
            _jwt(jwks, issuer, audience, protected),
            _rbac(),
            _limit(),
            _buffer(),
            _said(),
            {
                "name": "envoy.filters.http.router",
                "typed_config": {
                    "@type": HTTP + "router.v3.Router",
                    "suppress_envoy_headers": True,
                },
            },
        ],
    }
    return {
        "name": "gateway",
        "address": {"socket_address": {"address": host.strip("[]"), "port_value": int(port)}},
        "per_connection_buffer_limit_bytes": 1 << 20,
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    }


def _caller(proxies: Sequence[str]) -> dict[str, Any]:
    """Whose address counts: the one that connects, or, when that is one of our proxies, the one
    it names in X-Forwarded-For."""
    if not proxies:
        return {"use_remote_address": True}
    trusted = {"cidrs": [_network(proxy) for proxy in proxies]}
    return {
        "use_remote_address": False,
        "original_ip_detection_extensions": [
            {
                "name": "proxies",
                "typed_config": {
                    "@type": V3 + "extensions.http.original_ip_detection.xff.v3.XffConfig",
                    "xff_trusted_cidrs": trusted,
                },
            }
        ],
    }


def watched(folder: str, name: str) -> dict[str, Any]:
    """A configuration file that is taken anew whenever it is renamed into its folder."""
    return {
        "path_config_source": {"path": f"{folder}/{name}", "watched_directory": {"path": folder}},
        "resource_api_version": "V3",
    }


def bootstrap(folder: str, admin: str) -> dict[str, Any]:
    """What Envoy is started with: where to find the rest, and an administration socket nobody
    else reaches."""
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


#: what the gateway itself answers: status, code, what happened, who acts, what next (the body every
#: door uses)
REPLIES = (
    (400, "malformed", "请求格式有误。", "调用方", "请核对地址与请求头；地址中不能含转义的斜杠。"),
    (
        401,
        "unauthenticated",
        "没有有效的访问令牌。",
        "调用方",
        "请以客户端凭证向 /oauth/token 换取令牌，放入 Authorization 请求头。",
    ),
    (
        403,
        "not_granted",
        "该应用系统对此接口没有有效授权，或授权已暂停、终止、到期。",
        "使用部门",
        "请在平台查看授权状态，必要时重新申请（实施细则第二十六条）。",
    ),
    (404, "not_visible", "没有这个接口。", "调用方", "请核对资源代码。"),
    (413, "too_large", "请求内容过大。", "调用方", "请减小请求内容。"),
    (
        429,
        "too_fast",
        "超过授权约定的调用频率。",
        "调用方",
        "请降低调用频率后重试；如需提高频率请重新申请。",
    ),
    (503, "unavailable", "数据服务暂时不可用。", "平台运维员", "请稍后重试。"),
    (504, "timeout", "数据服务未在规定时间内答复。", "平台运维员", "请缩小查询范围后重试。"),
)


def _reply(status: int, code: str, detail: str, who: str, remedy: str) -> dict[str, Any]:
    equals = {
        "comparison": {
            "op": "EQ",
            "value": {"default_value": status, "runtime_key": f"reply_{status}"},
        }
    }
    body = {
        "status": status,
        "code": code,
        "detail": detail,
        "who": who,
        "remedy": remedy,
        "request_id": "%REQ(X-REQUEST-ID)%",
    }
    return {"filter": {"status_code_filter": equals}, "body_format_override": {"json_format": body}}


def _jwt(jwks: str, issuer: str, audience: str, protected: str) -> dict[str, Any]:
    """A token in the Authorization header, its scheme in any case (RFC 9110, 11.1), and nowhere
    else: by default Envoy would take one out of the query too, where it ends up in other
    people's logs."""
    provider = {
        "issuer": issuer,
        "audiences": [audience],
        "local_jwks": {"inline_string": jwks},
        "payload_in_metadata": "token",
        # what follows the scheme
        "from_headers": [{"name": "Authorization", "value_prefix": " "}],
        "forward": False,
        "clock_skew_seconds": 5,
        "jwt_cache_config": {"jwt_cache_size": 10000},
        "require_expiration": True,
    }
    # Envoy compares a prefix letter by letter, so the scheme is looked at by the rule; without it:
    # a provider no caller can satisfy
    nobody = provider | {"from_headers": [{"name": "x-huitong-nobody"}]}
    bearer = {"name": "authorization", "string_match": {"prefix": "bearer ", "ignore_case": True}}
    rules = [
        {
            "match": {"prefix": protected, "headers": [bearer]},
            "requires": {"provider_name": "huitong"},
        },
        {"match": {"prefix": protected}, "requires": {"provider_name": "nobody"}},
    ]
    return {
        "name": JWT,
        "typed_config": {
            "@type": HTTP + "jwt_authn.v3.JwtAuthentication",
            "rules": rules,
            "providers": {"huitong": provider, "nobody": nobody},
        },
    }


def _rbac() -> dict[str, Any]:
    """Deny by default: a route without policies of its own lets nobody through."""
    return {
        "name": RBAC,
        "typed_config": {
            "@type": HTTP + "rbac.v3.RBAC",
            "rules": {"action": "ALLOW", "policies": {}},
        },
    }


def _limit() -> dict[str, Any]:
    return {
        "name": LIMIT,
        "typed_config": {"@type": HTTP + "local_ratelimit.v3.LocalRateLimit", "stat_prefix": "all"},
    }


def _buffer() -> dict[str, Any]:
    return {
        "name": "envoy.filters.http.buffer",
        "typed_config": {"@type": HTTP + "buffer.v3.Buffer", "max_request_bytes": 65536},
    }


def _said() -> dict[str, Any]:
    """What the shaping service noted of the call's parameters: out of the answer, into the
    evidence."""
    taken = {
        "header": HEADER,
        "on_header_present": {"metadata_namespace": SAID_SPACE, "key": "said", "type": "STRING"},
        "remove": True,
    }
    return {
        "name": "envoy.filters.http.header_to_metadata",
        "typed_config": {"@type": HTTP + "header_to_metadata.v3.Config", "response_rules": [taken]},
    }


def _bucket(a_second: int) -> dict[str, Any]:
    # nothing more for now: Envoy knows no empty bucket, so one call slips through
    if a_second == 0:
        return {"max_tokens": 1, "tokens_per_fill": 1, "fill_interval": "86400s"}
    return {"max_tokens": a_second, "tokens_per_fill": a_second, "fill_interval": "1s"}


def _always() -> dict[str, Any]:
    return {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}


def _evidence(path: str) -> dict[str, Any]:
    """One JSON line when a call starts and one when it ends; the path without its query, which
    may carry personal data."""
    return {
        "name": "evidence",
        "typed_config": {
            "@type": V3 + "extensions.access_loggers.file.v3.FileAccessLog",
            "path": path,
            "log_format": {
                "json_format": {
                    "kind": "%ACCESS_LOG_TYPE%",
                    "id": "%STREAM_ID%",
                    "request_id": "%REQ(X-REQUEST-ID)%",
                    "at": "%START_TIME%",
                    "method": "%REQ(:METHOD)%",
                    "path": "%PATH(NQ)%",
                    "status": "%RESPONSE_CODE%",
                    "details": "%RESPONSE_CODE_DETAILS%",
                    "flags": "%RESPONSE_FLAGS%",
                    "bytes": "%BYTES_SENT%",
                    "received": "%BYTES_RECEIVED%",
                    "ms": "%DURATION%",
                    "client": TOKEN_SUBJECT,
                    "grant": MATCHED_POLICY,
                    "ip": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
                    "said": SAID,
                }
            },
        },
    }
