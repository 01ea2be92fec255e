"""Readers of values from the environment and the command line: one that cannot be used is named in
one line.

Plain Python, because settings, supervisor and doctor all read, and none of them may need Django for
it.
"""

from __future__ import annotations

import os
from ipaddress import ip_address
from urllib.parse import urlsplit


def whole(variable: str, default: int, least: int = 0, most: int = 10**9) -> int:
    """A whole number within bounds. Raises ValueError, which names the variable."""
    text = os.environ.get(variable) or str(default)
    if not (text.isascii() and text.isdecimal() and len(text) < 12 and least <= int(text) <= most):
        raise ValueError(f"{variable}: {text!r} is not a whole number from {least} to {most}")
    return int(text)


def address(variable: str, text: str) -> tuple[str, int]:
    """Return host and port to listen on; an IPv6 address stands in brackets and keeps them. Raises
    ValueError."""
    host, _, port = text.rpartition(":")
    error = ValueError(
        f"{variable}: {text!r} is not host:port, for instance 127.0.0.1:8800 or [::1]:8800"
    )
    if not (port.isascii() and port.isdecimal() and len(port) < 6 and int(port) < 65536):
        raise error
    bare = host.removeprefix("[").removesuffix("]")
    if host != bare or ":" in host:
        try:
            if ip_address(bare).version != 6 or host != f"[{bare}]":
                raise error
        except ValueError:
            raise error from None
    elif not host or any(sign.isspace() or sign in "/@?#[]" for sign in host):
        raise error
    return host, int(port)


def url(variable: str, text: str, *schemes: str) -> str:
    """A URL with a host, and no port beyond 65535. Raises ValueError."""
    error = ValueError(f"{variable}: {text!r} is not {schemes[0]}://host…")
    try:
        parts = urlsplit(text)
        if (
            parts.scheme not in schemes
            or not parts.hostname
            or parts.port == 0
            or any(sign.isspace() for sign in text)
        ):
            raise error
    except ValueError:
        raise error from None
    return text
