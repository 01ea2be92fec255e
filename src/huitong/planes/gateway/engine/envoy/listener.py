"""The listener: what every call passes, and the evidence it leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from huitong.planes.gateway.engine.envoy.names import (
    API_HEADER,
    CLIENT_HEADER,
    ENDS,
    GRANT_HEADER,
    HTTP,
    JWT,
    LIMIT,
    MATCHED_POLICY,
    PARAMETERS,
    PARAMETERS_SPACE,
    RBAC,
    V3,
    header,
    network_of,
)
from huitong.planes.gateway.engine.envoy.routes import scope_key
from huitong.planes.gateway.engine.recording import HEADER

#: what Envoy asks our control server for, on one stream
CONTROL: dict[str, Any] = {"ads": {}, "resource_api_version": "V3"}
#: headers removed from every call. ``x-request-id`` is the evidence's own number of a call, as is
#: `%STREAM_ID%`: who could choose it would make many calls count as one.
STRIPPED = ({"exact": "x-request-id"}, {"prefix": "x-huitong-"}, {"prefix": "x-envoy-"})


def listener(
    address: str,
    *,
    jwks: str,
    issuer: str,
    audience: str,
    protected: str,
    access_log: str,
    headers: Mapping[str, str],
    proxies: Sequence[str] = (),
) -> dict[str, Any]:
    """The listener: tokens, access control, ends, rates, routes; evidence of each call at its
    start and end. ``headers``: added to every call that is let through."""
    host, _, port = address.rpartition(":")
    manager = {
        "@type": V3 + "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "gateway",
        "codec_type": "AUTO",
        "server_name": "huitong",
        **_caller_address(proxies),
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
                        *({"remove_on_match": {"key_matcher": one}} for one in STRIPPED),
                        header(API_HEADER, "%PATH(NQ)%"),
                    ],
                },
            }
        ],
        "scoped_routes": {
            "name": "apis",
            "scope_key_builder": scope_key(),
            "rds_config_source": CONTROL,
            "scoped_rds": {"scoped_rds_config_source": CONTROL},
        },
        "local_reply_config": {"mappers": [_reply(*row) for row in REPLIES]},
        "access_log": _evidence(access_log),
        "access_log_options": {"flush_access_log_on_new_request": True},
        "http_filters": [
            _token_filter(jwks, issuer, audience, protected),
            _access_filter(),
            _headers_filter({GRANT_HEADER: MATCHED_POLICY, **headers}),
            _ends_filter(),
            _rate_filter(),
            _buffer_filter(),
            _parameters_filter(),
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


def _caller_address(proxies: Sequence[str]) -> dict[str, Any]:
    """The caller's address: of the connection, or, when that is one of our proxies, the one in its
    X-Forwarded-For."""
    if not proxies:
        return {"use_remote_address": True}
    trusted = {"cidrs": [network_of(proxy) for proxy in proxies]}
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


#: the gateway's own answers: status, code, what happened, who acts, what next (the error body of
#: every door)
# fmt: off
REPLIES = (
    (400, "malformed", "请求格式有误。", "调用方",
     "请核对地址与请求头；地址中不能含转义的斜杠。"),
    (401, "unauthenticated", "没有有效的访问令牌。", "调用方",
     "请以客户端凭证向 /oauth/token 换取令牌，放入 Authorization 请求头。"),
    (403, "not_granted", "该系统对此接口没有有效授权，或授权已暂停、终止、到期。", "使用部门",
     "请在平台查看授权状态，必要时重新申请（实施细则第二十六条）。"),
    (404, "not_visible", "没有这个接口。", "调用方", "请核对资源代码。"),
    (413, "too_large", "请求内容过大。", "调用方", "请减小请求内容。"),
    (429, "too_fast", "超过授权约定的调用频率。", "调用方",
     "请降低调用频率后重试；如需提高频率请重新申请。"),
    (503, "unavailable", "数据服务暂时不可用。", "平台运维员", "请稍后重试。"),
    (504, "timeout", "数据服务未在规定时间内答复。", "平台运维员", "请缩小查询范围后重试。"),
)
# fmt: on


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


def _token_filter(jwks: str, issuer: str, audience: str, protected: str) -> dict[str, Any]:
    """Tokens, in the Authorization header only, their scheme in any case (RFC 9110, 11.1). By
    default Envoy would accept one in the query too, where it ends up in other people's logs."""
    provider = {
        "issuer": issuer,
        "audiences": [audience],
        "local_jwks": {"inline_string": jwks},
        "claim_to_headers": [{"header_name": CLIENT_HEADER, "claim_name": "sub"}],
        # what follows the scheme
        "from_headers": [{"name": "Authorization", "value_prefix": " "}],
        "forward": False,
        "clock_skew_seconds": 5,
        "jwt_cache_config": {"jwt_cache_size": 10000},
        "require_expiration": True,
    }
    # Envoy compares a prefix letter by letter, so the rule matches the scheme; a call without it
    # meets a provider that no caller can satisfy
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


#: access control that lets nobody through
CLOSED = {"@type": HTTP + "rbac.v3.RBAC", "rules": {"action": "ALLOW", "policies": {}}}


def _access_filter() -> dict[str, Any]:
    """Access control that denies by default: what has no route lets nobody through."""
    return {"name": RBAC, "typed_config": CLOSED}


def _headers_filter(headers: Mapping[str, str]) -> dict[str, Any]:
    """What the shaping service, the rate limit and the evidence are told of a call."""
    mutations = [header(name, value) for name, value in sorted(headers.items())]
    return {
        "name": "envoy.filters.http.header_mutation",
        "typed_config": {
            "@type": HTTP + "header_mutation.v3.HeaderMutation",
            "mutations": {"request_mutations": mutations},
        },
    }


def _ends_filter() -> dict[str, Any]:
    """Ends of grants, a configuration of their own: they change by the day, and a listener that
    changed would drain its connections. Until it has come, everything is closed."""
    discovery = {
        "config_source": CONTROL,
        "type_urls": [HTTP + "rbac.v3.RBAC"],
        "default_config": CLOSED,
    }
    return {"name": ENDS, "config_discovery": discovery}


def _rate_filter() -> dict[str, Any]:
    return {
        "name": LIMIT,
        "typed_config": {"@type": HTTP + "local_ratelimit.v3.LocalRateLimit", "stat_prefix": "all"},
    }


def _buffer_filter() -> dict[str, Any]:
    return {
        "name": "envoy.filters.http.buffer",
        "typed_config": {"@type": HTTP + "buffer.v3.Buffer", "max_request_bytes": 65536},
    }


def _parameters_filter() -> dict[str, Any]:
    """The move of the call's parameters from a header of the answer into the evidence."""
    rule = {
        "header": HEADER,
        "on_header_present": {
            "metadata_namespace": PARAMETERS_SPACE,
            "key": "said",
            "type": "STRING",
        },
        "remove": True,
    }
    return {
        "name": "envoy.filters.http.header_to_metadata",
        "typed_config": {"@type": HTTP + "header_to_metadata.v3.Config", "response_rules": [rule]},
    }


#: what is recorded when a call starts: before anything is known of it, for calls that are lost
START = {
    "kind": "%ACCESS_LOG_TYPE%",
    "id": "%STREAM_ID%",
    "at": "%START_TIME%",
    "method": "%REQ(:METHOD)%",
    "path": "%PATH(NQ)%",
    "ip": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
}
#: and what when it ends
END = START | {
    "request_id": "%REQ(X-REQUEST-ID)%",
    "status": "%RESPONSE_CODE%",
    "details": "%RESPONSE_CODE_DETAILS%",
    "bytes": "%BYTES_SENT%",
    "ms": "%DURATION%",
    "client": f"%REQ({CLIENT_HEADER})%",
    "grant": f"%REQ({GRANT_HEADER})%",
    "said": PARAMETERS,
}


def _evidence(path: str) -> list[dict[str, Any]]:
    """The log: a JSON line when a call starts and one when it ends; paths without their query,
    which may carry personal data."""
    return [
        {
            "name": "evidence",
            "filter": {"log_type_filter": {"types": [kind]}},
            "typed_config": {
                "@type": V3 + "extensions.access_loggers.file.v3.FileAccessLog",
                "path": path,
                "log_format": {"json_format": line},
            },
        }
        for kind, line in (("DownstreamStart", START), ("DownstreamEnd", END))
    ]
