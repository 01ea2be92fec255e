"""What a call says for itself, as the evidence keeps it: as it is, or as a keyed digest (A18, A28,
A30).

The shaping service writes it into a header of its answer, which the gateway moves into its log and
takes off the answer; so the log holds what the service really took, and nothing of what is to be
kept as a digest only ever lies in it in plain.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from huitong.scope.parameters import LONGEST, ControlParameter
from huitong.scope.suggest import RECOGNISERS

#: the header between shaping service and gateway
HEADER = "x-huitong-said"
#: bytes of one call's record: the gateway keeps 8 KiB of a header; beyond, digests stay and values
#: go
MOST_BYTES = 5800
#: kinds of personal data nobody keeps in plain, whatever the parameter says
NEVER_PLAIN = frozenset({"citizen_number", "bank_card", "mobile"})


def digest(value: str, key: bytes) -> str:
    """By which a value is found again; 128 bits under a key of the platform's."""
    return hmac.new(key, value.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]


def recorded(
    parameters: Sequence[ControlParameter], said: Mapping[str, str], key: bytes
) -> list[dict[str, str]]:
    """``[{name, digest, value?}, …]`` of what was said; ``value`` only where the parameter may
    be kept as it is."""
    kept = [_kept(p, said[p.name], key) for p in parameters if said.get(p.name)]
    if len(json.dumps(kept, ensure_ascii=False).encode("utf-8", "replace")) > MOST_BYTES:
        kept = [{"name": one["name"], "digest": one["digest"]} for one in kept]
    return kept


def written(kept: Sequence[Mapping[str, str]]) -> str:
    """As the header carries it."""
    return base64.b64encode(
        json.dumps(kept, ensure_ascii=False).encode("utf-8", "replace")
    ).decode()


def read(text: Any) -> list[dict[str, str]]:
    """Back from the log; what is none of ours is nothing."""
    try:
        told = json.loads(base64.b64decode(str(text or ""), validate=True))
        return [
            {name: str(one[name]) for name in ("name", "digest", "value") if name in one}
            for one in told
        ]
    except (ValueError, TypeError, KeyError):
        return []


def _kept(parameter: ControlParameter, value: str, key: bytes) -> dict[str, str]:
    found = {"name": parameter.name, "digest": digest(value, key)}
    personal = any(
        known.kind in NEVER_PLAIN and known.value is not None and known.value(value)
        for known in RECOGNISERS
    )
    return (
        found
        if parameter.recorded == "hashed" or personal
        else found | {"value": _printable(value[:LONGEST])}
    )


def _printable(value: str) -> str:
    """Without what no database or page could keep."""
    return "".join(c if c.isprintable() else "\ufffd" for c in value)
