"""The control parameters of a call in the evidence: plain, or as a keyed digest (A18, A28, A30).

The shaping service writes them into a header of its answer, which the gateway moves into its log.
So the log has the values the service used, and never in plain those recorded as a digest.
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
#: bytes of one call's record, as the gateway reads 8 KiB of a header; of longer ones only the
#: digests are recorded
MOST_BYTES = 5800
#: kinds of personal data that are never recorded in plain
NEVER_PLAIN = frozenset({"citizen_number", "bank_card", "mobile"})


def digest(value: str, key: bytes) -> str:
    """The digest to find a value by: 128 bits, under a key of the platform's."""
    return hmac.new(key, value.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]


def records_of(
    parameters: Sequence[ControlParameter], values: Mapping[str, str], key: bytes
) -> list[dict[str, str]]:
    """``[{name, digest, value?}, …]`` of the given values; ``value`` only where the parameter may
    be recorded in plain."""
    records = [_record(p, values[p.name], key) for p in parameters if values.get(p.name)]
    if len(json.dumps(records, ensure_ascii=False).encode("utf-8", "replace")) > MOST_BYTES:
        records = [{"name": one["name"], "digest": one["digest"]} for one in records]
    return records


def encode(records: Sequence[Mapping[str, str]]) -> str:
    """The records as the text of the header."""
    return base64.b64encode(
        json.dumps(records, ensure_ascii=False).encode("utf-8", "replace")
    ).decode()


def decode(text: Any) -> list[dict[str, str]]:
    """The records in a text of the log; none in any other text."""
    try:
        records = json.loads(base64.b64decode(str(text or ""), validate=True))
        return [
            {name: str(one[name]) for name in ("name", "digest", "value") if name in one}
            for one in records
        ]
    except (ValueError, TypeError, KeyError):
        return []


def _record(parameter: ControlParameter, value: str, key: bytes) -> dict[str, str]:
    record = {"name": parameter.name, "digest": digest(value, key)}
    personal = any(
        recogniser.kind in NEVER_PLAIN and recogniser.value(value) for recogniser in RECOGNISERS
    )
    return (
        record
        if parameter.recorded == "hashed" or personal
        else record | {"value": _printable(value[:LONGEST])}
    )


def _printable(value: str) -> str:
    """The value without characters that databases or pages cannot hold."""
    return "".join(c if c.isprintable() else "\ufffd" for c in value)
