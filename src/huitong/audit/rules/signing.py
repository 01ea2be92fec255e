"""The platform's own signature under checkpoints and manifests. Only here is a private key
touched."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from huitong.audit.rules.note import COSIGNATURE, Note, Signature, VerifierKey


@dataclass(frozen=True)
class Signer:
    """A private key under a name. Counties that cosign have one of algorithm `COSIGNATURE`."""

    name: str
    private: Ed25519PrivateKey
    algorithm: int = 1

    @property
    def key(self) -> VerifierKey:
        return VerifierKey(self.name, self.private.public_key().public_bytes_raw(), self.algorithm)

    def sign(self, text: str, at: int = 0) -> Note:
        """The text with this one signature; ``at`` (seconds since 1970) counts for cosignatures
        only."""
        if self.algorithm == COSIGNATURE:
            blob = at.to_bytes(8, "big") + self.private.sign(
                f"cosignature/v1\ntime {at}\n{text}".encode()
            )
        else:
            blob = self.private.sign(text.encode())
        return Note(text, (Signature(self.name, self.key.id, blob),))

    def cosign(self, note: Note, at: int = 0) -> Note:
        """The same note with this signature added."""
        return Note(note.text, note.signatures + self.sign(note.text, at).signatures)


def load_or_create(path: Path, name: str = "") -> Signer:
    """The key in this file; made at first use, readable by its owner only. The name defaults to
    one of its own."""
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), None)
    except FileNotFoundError:
        _create(path)
        private = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(private, Ed25519PrivateKey):
        raise ValueError(f"{path} holds no Ed25519 key")
    fingerprint = hashlib.sha256(private.public_key().public_bytes_raw()).hexdigest()
    return Signer(name or f"huitong.local/{fingerprint[:12]}", private)


def _create(path: Path) -> None:
    """Write a new key. Two processes may start at once: the file appears whole and only one
    wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
