"""Writing what `offline` reads: entries, checkpoints, keys and a signed manifest, as a zip."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any, Protocol

from huitong.audit.rules.note import Note, VerifierKey
from huitong.audit.rules.offline import CHECKPOINTS, ENTRIES, FORMAT, GROWTH, KEYS, MANIFEST
from huitong.audit.rules.signing import Signer


@dataclass(frozen=True)
class Line:
    """One sealed entry: its leaf number, hash and canonical bytes; in an excerpt also its proof."""

    leaf: int
    hash: bytes
    entry: bytes
    proof: tuple[bytes, ...] | None = None

    def __bytes__(self) -> bytes:
        proof = (
            ""
            if self.proof is None
            else f'"proof":{json.dumps([h.hex() for h in self.proof], separators=(",", ":"))},'
        )
        return (
            f'{{"leaf":{self.leaf},"hash":"{self.hash.hex()}",{proof}"entry":'.encode()
            + self.entry
            + b"}\n"
        )


class Target(Protocol):
    def file(self, name: str) -> Any: ...


@dataclass(frozen=True)
class ZipTarget:
    archive: zipfile.ZipFile

    @contextmanager
    def file(self, name: str) -> Iterator[IO[bytes]]:
        info = zipfile.ZipInfo(name)  # without the clock: the same content is the same archive
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        with self.archive.open(info, "w", force_zip64=True) as file:
            yield file


@dataclass
class Writer:
    """Writes the files one after the other in constant memory; `close` signs the list of them."""

    target: Target
    signer: Signer
    about: dict[str, Any]
    digests: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, chunks: Iterable[bytes]) -> None:
        digest = hashlib.sha256()
        with self.target.file(name) as file:
            for chunk in chunks:
                digest.update(chunk)
                file.write(chunk)
        self.digests[name] = digest.hexdigest()

    def entries(self, lines: Iterable[Line]) -> None:
        count = 0

        def counted() -> Iterator[bytes]:
            nonlocal count
            for count, line in enumerate(lines, 1):  # noqa: B007 - kept for the manifest
                yield bytes(line)

        self.add(ENTRIES, counted())
        self.about["entries"] = count

    def checkpoints(self, notes: Iterable[Note]) -> None:
        self.add(CHECKPOINTS, (f"{note}\n".encode() for note in notes))

    def keys(self, keys: Iterable[VerifierKey]) -> None:
        self.add(KEYS, (f"{key}\n".encode() for key in keys))

    def growth(self, proofs: Iterable[tuple[int, int, list[bytes]]]) -> None:
        """Consistency proofs ``(old, size, hashes)``."""
        self.add(GROWTH, (growth_line(*proof).encode() for proof in proofs))

    def close(self) -> None:
        lines = "".join(f"{digest} {name}\n" for name, digest in sorted(self.digests.items()))
        about = json.dumps(self.about, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        with self.target.file(MANIFEST) as file:
            file.write(str(self.signer.sign(f"{FORMAT}\n{about}\n{lines}")).encode())


def growth_line(old: int, size: int, proof: list[bytes]) -> str:
    """A consistency proof as `offline` and the public API write it."""
    return (
        json.dumps(
            {"old": old, "size": size, "proof": [h.hex() for h in proof]}, separators=(",", ":")
        )
        + "\n"
    )
