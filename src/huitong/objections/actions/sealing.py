"""Values of persons are kept sealed: encrypted under the master key, read by an act alone (A29)."""

from __future__ import annotations

from huitong.kernel import vault

PURPOSE = "objection values"


def sealed(text: str) -> str:
    """What is kept of a value; nothing of nothing."""
    return vault.encrypt(text, PURPOSE) if text else ""


def opened(ciphertext: str) -> str:
    """The value again. Raises `vault.Unreadable`."""
    return vault.decrypt(ciphertext, PURPOSE) if ciphertext else ""
