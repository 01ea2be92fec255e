"""Personal data in the ledger's texts, masked where many entries are shown at once (GB/T 22239,
lists)."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from huitong.scope.masks import Mask, apply, named

#: what in a text is taken for personal data, and the mask of `scope` that then applies; the first
#: that fits wins
PERSONAL = (
    ("citizen_number", re.compile(r"(?<![0-9A-Za-z])\d{17}[0-9Xx](?![0-9A-Za-z])")),
    ("bank_card", re.compile(r"(?<![0-9A-Za-z])\d{16,19}(?![0-9A-Za-z])")),
    ("mobile", re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")),
    ("email", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
)


def veiled(text: str) -> str:
    """The text with every number or address that looks personal masked."""
    for name, pattern in PERSONAL:
        text = pattern.sub(partial(_masked, named(name)), text)
    return text


def _masked(mask: Mask, match: re.Match[str]) -> str:
    return apply(mask, match[0]) or ""


def veiled_name(name: str) -> str:
    """A person's name with only its first character."""
    return apply(named("name"), name) or ""


def veiled_all(value: Any) -> Any:
    """The same value with every text in it masked."""
    if isinstance(value, str):
        return veiled(value)
    if isinstance(value, dict):
        return {key: veiled_all(item) for key, item in value.items()}
    if isinstance(value, list):
        return [veiled_all(item) for item in value]
    return value


#: of who acted: where from and by which request is the auditor's business, not that of the other
#: parties of a case
DOORS = ("ip", "request_id")


def without_door(actor: dict[str, Any]) -> dict[str, Any]:
    """Return who acted, without the address of the seat."""
    return {name: value for name, value in actor.items() if name not in DOORS}
