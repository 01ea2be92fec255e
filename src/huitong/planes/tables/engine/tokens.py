"""Rows with keyed tokens: masked in Python, so that the key never reaches a database (A8, A28)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping

from huitong.planes.tables.engine.problems import DeliveryProblem
from huitong.planes.tables.engine.source import checksum_text
from huitong.scope import ScopeError
from huitong.scope.masks import Mask, tokenize

# fmt: off
ESCAPES = {
    b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v", b"\\": b"\\",
}
# fmt: on
ESCAPED = re.compile(rb"\\(.)", re.DOTALL)


def masked(
    lines: Iterable[bytes], tokens: Mapping[int, Mask], keys: Mapping[str, bytes]
) -> Iterator[bytes]:
    """Lines of text COPY with the marked fields replaced by their tokens; NULL stays NULL.
    Raises `DeliveryProblem`."""
    try:
        for line in lines:
            fields = line[:-1].split(b"\t")
            for at, mask in tokens.items():
                if fields[at] != b"\\N":
                    plain = ESCAPED.sub(lambda match: ESCAPES.get(match[1], match[1]), fields[at])
                    fields[at] = tokenize(mask, plain.decode(), keys).encode()
            yield b"\t".join(fields) + b"\n"
    except ScopeError as fault:
        raise DeliveryProblem("scope_unusable", detail=str(fault)) from None


class LineSum:
    """Count and order-independent checksum of lines that pass, as `source.checksum` makes of
    rows."""

    def __init__(self) -> None:
        self.rows, self._total = 0, 0

    def through(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        for line in lines:
            self.rows += 1
            self._total += int.from_bytes(hashlib.sha256(line).digest()[:8])
            yield line

    def result(self) -> tuple[int, str]:
        return self.rows, checksum_text("lines", self._total)
