"""The two families of hash functions a ledger may be sealed with: international and 国密."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Suite:
    """A hash function with the domain separation of RFC 6962, 2.1: a leaf can never be taken for
    a node."""

    name: str
    label: str
    digest: Callable[[bytes], bytes]

    def leaf(self, entry: bytes) -> bytes:
        return self.digest(b"\x00" + entry)

    def node(self, left: bytes, right: bytes) -> bytes:
        return self.digest(b"\x01" + left + right)


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _sm3(data: bytes) -> bytes:
    """SM3 of GB/T 32905. Raises LookupError where neither OpenSSL nor `cryptography` has it."""
    try:
        return hashlib.new("sm3", data).digest()
    except ValueError:  # a Python built without it
        pass
    try:
        from cryptography.hazmat.primitives import hashes
    except ImportError:
        raise LookupError("本机 Python 不支持 SM3：请安装 cryptography 后再核验。") from None
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


SUITES: Mapping[str, Suite] = {
    "sha256": Suite("sha256", "SHA-256", _sha256),
    "sm3": Suite("sm3", "SM3（国密）", _sm3),
}
