"""The keys that sign access tokens: ES256, one file each, the next one published before it is used
(RFC 7517, RFC 9068).

A file's name begins with the moment it was made, so the order of names is the order of keys: the
youngest is the *next* one, the one before it signs, older ones are only published, for tokens that
still live. Rotating is adding a file.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey

ALGORITHM = "ES256"
#: next, current, and the one before: tokens live minutes, keys months
PUBLISHED = 3


def keys(folder: Path) -> list[ECKey]:
    """All published keys, the youngest (next) first; the first two are made at first use."""
    if len(files := _files(folder)) < 2:
        with _locked(folder):
            while len(files := _files(folder)) < 2:
                _add(folder)
    return [_read(path) for path in reversed(files[-PUBLISHED:])]


def rotate(folder: Path) -> str:
    """The next key becomes the signing one, a new next is made. Returns the kid that signs from
    now on."""
    keys(folder)
    with _locked(folder):
        _add(folder)
    return str(keys(folder)[1].kid)


def sign(folder: Path, claims: dict[str, Any]) -> str:
    """An access token (RFC 9068) with these claims."""
    key = keys(folder)[1]
    return jwt.encode(
        {"alg": ALGORITHM, "typ": "at+jwt", "kid": key.kid}, claims, key, algorithms=[ALGORITHM]
    )


def public(folder: Path) -> dict[str, Any]:
    """The JWK set: public halves only."""
    return {
        "keys": [
            key.as_dict(private=False) | {"use": "sig", "alg": ALGORITHM} for key in keys(folder)
        ]
    }


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.pem"))


def _read(path: Path) -> ECKey:
    key = ECKey.import_key(path.read_text())
    return ECKey.import_key(key.as_dict(private=True) | {"kid": key.thumbprint()})


def _add(folder: Path) -> None:
    """Written whole under another name first, so that no reader sees half a key."""
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    draft = folder / f"new-{os.getpid()}"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(pem)
    draft.rename(folder / f"{time.time_ns():020d}.pem")


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One process at a time makes keys."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(folder / "lock", os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
