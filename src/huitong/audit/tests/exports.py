"""Exports of a ledger, made by hand and signed, for the tests of the verifier."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from huitong.audit.rules import tree
from huitong.audit.rules.export import Line, Writer, ZipTarget
from huitong.audit.rules.note import CheckpointText, Note
from huitong.audit.rules.signing import Signer
from huitong.audit.rules.suites import SUITES

PLATFORM = Signer("nantong.example/ledger", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
STRANGER = Signer("nantong.example/ledger", Ed25519PrivateKey.from_private_bytes(bytes(32)))
SIZES = (3, 8, 13)


@dataclass
class Files:
    """An export in memory: both what is written to and what is read from."""

    held: dict[str, bytes] = field(default_factory=dict)

    def names(self) -> list[str]:
        return sorted(self.held)

    def open(self, name: str) -> io.BytesIO:
        return io.BytesIO(self.held[name])

    @contextmanager
    def file(self, name: str) -> Iterator[IO[bytes]]:
        with io.BytesIO() as file:
            yield file
            self.held[name] = file.getvalue()


@dataclass
class Ledger:
    """A ledger in memory, sealed at `sizes`, exported as the platform does it."""

    entries: list[bytes]
    sizes: tuple[int, ...] = SIZES
    suite: str = "sha256"
    signer: Signer = PLATFORM

    def __post_init__(self) -> None:
        hashing = SUITES[self.suite]
        self.hashes = {(0, n): hashing.leaf(entry) for n, entry in enumerate(self.entries)}
        frontier = tree.Frontier(hashing)
        self.notes: list[Note] = []
        for number in range(len(self.entries)):
            self.hashes.update(frontier.append(self.hashes[0, number]))
            if frontier.size in self.sizes:
                claim = CheckpointText(self.signer.name, frontier.size, frontier.root(), self.suite)
                self.notes.append(self.signer.sign(str(claim)))

    def prove(self, spans: list[tree.Span]) -> list[bytes]:
        return tree.hashes(
            SUITES[self.suite], spans, lambda places: {p: self.hashes[p] for p in places}
        )

    def export(self, first: int = 0, target: Files | ZipTarget | None = None) -> Files:
        files = Files()
        size = max(self.sizes)
        frontier = [self.hashes[place].hex() for place in tree.places((0, first))]
        about = {
            "kind": "full",
            "origin": self.signer.name,
            "size": size,
            "first": first,
            "frontier": frontier,
        }
        writer = Writer(target or files, self.signer, about)
        writer.entries(Line(n, self.hashes[0, n], self.entries[n]) for n in range(first, size))
        writer.checkpoints(
            note for note, at in zip(self.notes, self.sizes, strict=True) if at >= first
        )
        writer.keys([self.signer.key])
        writer.close()
        return files

    def excerpt(self, leaves: list[int], grown_from: tuple[int, ...] = ()) -> Files:
        files, size = Files(), max(self.sizes)
        writer = Writer(
            files, self.signer, {"kind": "excerpt", "origin": self.signer.name, "size": size}
        )
        writer.entries(
            Line(n, self.hashes[0, n], self.entries[n], tuple(self.prove(tree.inclusion(n, size))))
            for n in leaves
        )
        writer.checkpoints(self.notes[-1:])
        writer.keys([self.signer.key])
        writer.growth((old, size, self.prove(tree.consistency(old, size))) for old in grown_from)
        writer.close()
        return files


def entries(count: int, verb: str = "办理") -> list[bytes]:
    return [
        json.dumps({"seq": n, "verb": verb}, ensure_ascii=False, separators=(",", ":")).encode()
        for n in range(count)
    ]


HONEST = Ledger(entries(13))
