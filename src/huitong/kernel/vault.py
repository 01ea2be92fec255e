"""Secrets kept for others (source passwords, webhook keys), encrypted at rest: AES-256-GCM under
the master key.

The key comes from HUITONG_MASTER_KEY or `<data>/keys/master-key`. ``purpose`` is bound into the
ciphertext, so a value copied from one row or column to another does not decrypt there. Values name
their key's fingerprint: those made under one of HUITONG_OLD_MASTER_KEYS are still read, new ones
are made under the present key.
"""

from __future__ import annotations

import base64
import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(RuntimeError):
    """A kept secret does not decrypt: other master key, other purpose, or damaged."""


def _key(master: str) -> tuple[bytes, str]:
    key = HKDF(hashes.SHA256(), 32, salt=None, info=b"huitong vault").derive(master.encode())
    return key, hashlib.sha256(key).hexdigest()[:8]


def encrypt(plain: str, purpose: str) -> str:
    """A printable ciphertext, different at each call."""
    key, name = _key(settings.MASTER_KEY)
    nonce = os.urandom(12)
    sealed = AESGCM(key).encrypt(nonce, plain.encode(), purpose.encode())
    return f"v1.{name}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt(stored: str, purpose: str) -> str:
    """The secret again. Raises `Unreadable`."""
    names = {name: key for key, name in map(_key, (settings.MASTER_KEY, *settings.OLD_MASTER_KEYS))}
    try:
        version, made_with, body = stored.split(".")
        raw = base64.urlsafe_b64decode(body)
        key = names.get(made_with)
        if version != "v1" or key is None:
            raise Unreadable(
                "the secret was encrypted under another master key: restore it or enter the secret"
                " again"
            )
        return AESGCM(key).decrypt(raw[:12], raw[12:], purpose.encode()).decode()
    except (ValueError, InvalidTag) as wrong:
        raise Unreadable(
            "the stored secret is damaged or belongs elsewhere: enter it again"
        ) from wrong
