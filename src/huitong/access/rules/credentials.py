"""How a machine signs in: OAuth 2.0 client credentials (RFC 6749), the secret kept only as its
digest (A28)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.parse import unquote_plus

from huitong.kernel.procedure import Malformed

#: for how long an access token of a credential is good, in seconds; revocation does not wait for it
#: (A28)
TOKEN_SECONDS = 600
#: whom tokens are for (RFC 9068 aud): the gateway
AUDIENCE = "huitong-gateway"
#: a credential lives so many days at most; ours
CREDENTIAL_DAYS = 365
#: after a change of secret the old one works so many hours on, so that a system can be switched
#: without a gap; ours
OVERLAP_HOURS = 24
#: so many refused attempts in so many seconds, then all are refused for as long: from one address
#: for one client, and from one address for whatever clients. Never for a client from everywhere: a
#: stranger could lock a department out; ours
FAILURES, FAILURES_OF_ADDRESS, FAILURE_SECONDS = 10, 100, 300


def new_client_id() -> str:
    return f"ht-{secrets.token_hex(8)}"


def new_secret() -> str:
    """256 random bits: too many to guess, so that a plain digest is as good as a slow one and
    costs a token nothing."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def networks_checked(networks: Iterable[str]) -> list[str]:
    """Addresses and networks in one spelling. Raises `Malformed` on ``networks``."""
    checked, wrong = [], []
    for text in networks:
        try:
            checked.append(str(ip_network(text.strip(), strict=False)))
        except ValueError:
            wrong.append(text)
    if wrong:
        raise Malformed({"networks": f"不是 IP 地址或网段：{'、'.join(wrong)}"}, article="A28")
    return list(dict.fromkeys(checked))


def reachable_from(networks: Iterable[str], ip: str) -> bool:
    """May this address use a credential limited to these networks? An empty list limits nothing."""
    allowed = [ip_network(n) for n in networks]
    if not allowed:
        return True
    try:
        address = ip_address(ip)
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address.version == n.version and address in n for n in allowed)


# -- the token request -----------------------------------------------------------------------------


class Refused(Exception):
    """An error response of RFC 6749 section 5.2. ``basic``: the client tried the Authorization
    header."""

    def __init__(
        self, error: str, description: str, status: int = 400, basic: bool = False
    ) -> None:
        super().__init__(description)
        self.error, self.description, self.status, self.basic = error, description, status, basic


@dataclass(frozen=True)
class TokenRequest:
    client_id: str
    secret: str
    basic: bool


def client_authentication(authorization: str, form: Mapping[str, list[str]]) -> TokenRequest:
    """Who asks, by header (client_secret_basic) or form (client_secret_post), never both. Raises
    `Refused`."""
    if repeated := [name for name, values in form.items() if len(values) > 1]:
        raise Refused("invalid_request", f"parameter repeated: {', '.join(sorted(repeated)[:5])}")
    fields = {name: values[0] for name, values in form.items() if values and values[0] != ""}
    scheme, _, rest = authorization.partition(" ")
    basic = scheme.lower() == "basic"
    if authorization and not basic:
        raise Refused(
            "invalid_client", "client authentication must be Basic or in the form", 401, basic=True
        )
    if basic and "client_secret" in fields:
        raise Refused("invalid_request", "more than one client authentication method")
    if not fields.get("grant_type"):
        raise Refused("invalid_request", "grant_type is missing")
    if fields["grant_type"] != "client_credentials":
        raise Refused("unsupported_grant_type", "only client_credentials is supported")
    if "scope" in fields:
        raise Refused("invalid_scope", "scopes follow from the grants, none may be asked for")
    if not basic:
        if not fields.get("client_id") or not fields.get("client_secret"):
            raise Refused("invalid_client", "client authentication is missing", 401)
        return TokenRequest(fields["client_id"], fields["client_secret"], False)
    try:
        name, colon, secret = base64.b64decode(rest.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise Refused(
            "invalid_request", "the Authorization header is malformed", basic=True
        ) from None
    if not colon:
        raise Refused("invalid_request", "the Authorization header is malformed", basic=True)
    client, secret = unquote_plus(name), unquote_plus(secret)
    if fields.get("client_id", client) != client:
        raise Refused(
            "invalid_request", "client_id differs from the Authorization header", basic=True
        )
    return TokenRequest(client, secret, True)
