"""Signed notes and the checkpoints they carry: https://c2sp.org/signed-note and
https://c2sp.org/tlog-checkpoint.

A checkpoint says "the ledger ``origin`` has ``size`` leaves and this root". It is text, so it can
be printed, mailed or read out; any transparency-log tool can check it. Several may sign one note:
the platform, later the counties.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from huitong.audit.rules.ed25519 import verified
from huitong.audit.rules.suites import SUITES, Suite

ED25519 = 1
#: a witness's signature, which says when it saw the note (https://c2sp.org/tlog-cosignature)
COSIGNATURE = 4

_MARK = "\u2014 "
_NAME = re.compile(r"[^\s+]+")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")


class NoteError(ValueError):
    """This text is no signed note, key or checkpoint; the message says why."""


def _unbase64(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteError(f"不是有效的 base64：{text[:40]!r}") from None
    if base64.b64encode(raw).decode() != text:
        raise NoteError("base64 写法不规范")
    return raw


@dataclass(frozen=True)
class VerifierKey:
    """A public key with the name of its owner, written ``name+id+base64``."""

    name: str
    public: bytes
    algorithm: int = ED25519

    @property
    def id(self) -> bytes:
        return hashlib.sha256(
            self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public
        ).digest()[:4]

    def __str__(self) -> str:
        key = base64.b64encode(bytes([self.algorithm]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{key}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        parts = text.strip().split("+", 2)
        if len(parts) != 3 or not _NAME.fullmatch(parts[0]):
            raise NoteError(f"公钥应写作“名称+编号+base64”：{text[:60]!r}")
        raw = _unbase64(parts[2])
        key = cls(parts[0], raw[1:], raw[0] if raw else 0)
        if key.algorithm not in (ED25519, COSIGNATURE) or len(key.public) != 32:
            raise NoteError(f"公钥“{key.name}”的算法不受支持")
        if key.id.hex() != parts[1]:
            raise NoteError(f"公钥“{key.name}”的编号与内容不符")
        return key

    def confirms(self, text: str, blob: bytes) -> bool:
        """True when ``blob``, as it stands in a signature line, is this key's signature of the
        text."""
        if self.algorithm == ED25519:
            return verified(self.public, text.encode(), blob)
        stamp, signature = int.from_bytes(blob[:8], "big"), blob[8:]
        return verified(self.public, f"cosignature/v1\ntime {stamp}\n{text}".encode(), signature)


def parse_keys(text: str) -> list[VerifierKey]:
    """Every key of a file with one a line; lines beginning with ``#`` are remarks."""
    return [
        VerifierKey.parse(line)
        for line in text.splitlines()
        if line.strip() and not line.startswith("#")
    ]


@dataclass(frozen=True)
class Signature:
    name: str
    key_id: bytes
    blob: bytes

    def __str__(self) -> str:
        return f"{_MARK}{self.name} {base64.b64encode(self.key_id + self.blob).decode()}\n"


@dataclass(frozen=True)
class Note:
    """A text and the signatures under it."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(map(str, self.signatures))}"

    @classmethod
    def parse(cls, text: str) -> Note:
        head, gap, foot = text.rpartition("\n\n")
        if not gap or not foot.endswith("\n"):
            raise NoteError("不是签名文本：缺少签名行")
        if any(ord(c) < 32 and c != "\n" for c in text):
            raise NoteError("签名文本中有控制字符")
        signatures = tuple(_signature(line) for line in foot[:-1].split("\n"))
        if len({(s.name, s.key_id) for s in signatures}) < len(signatures):
            raise NoteError("同一签名出现不止一次")
        return cls(head + "\n", signatures)

    def signers(self, keys: Iterable[VerifierKey]) -> list[str]:
        """Names of those among the keys whose valid signature stands under the note.

        Signatures of unknown keys are passed over. Raises NoteError when a *known* key's signature
        is false.
        """
        names = []
        for signature in self.signatures:
            for key in keys:
                if (key.name, key.id) != (signature.name, signature.key_id):
                    continue
                if not key.confirms(self.text, signature.blob):
                    raise NoteError(f"“{key.name}”的签名不成立：文本或签名被改动")
                names.append(key.name)
        return list(dict.fromkeys(names))


def _signature(line: str) -> Signature:
    name, gap, blob = line.removeprefix(_MARK).partition(" ")
    if not line.startswith(_MARK) or not gap or not _NAME.fullmatch(name):
        raise NoteError(f"签名行不完整：{line[:60]!r}")
    raw = _unbase64(blob)
    if len(raw) < 5:
        raise NoteError("签名过短")
    return Signature(name, raw[:4], raw[4:])


def parse_notes(text: str) -> Iterator[Note]:
    """The notes of a text to which one after the other was appended."""
    return read_notes(text.splitlines(keepends=True))


def read_notes(lines: Iterable[str]) -> Iterator[Note]:
    """The same of lines, each with its end: an open file of any size."""
    rest: list[str] = []
    signed = False
    for line in lines:
        if signed and not line.startswith(_MARK):
            yield Note.parse("".join(rest).lstrip("\n"))
            rest, signed = [], False
        rest.append(line)
        signed = line.startswith(_MARK)
    if "".join(rest).strip():
        yield Note.parse("".join(rest).lstrip("\n"))


@dataclass(frozen=True)
class CheckpointText:
    """What a checkpoint claims. ``suite`` is an extension line, left out for SHA-256 so that
    plain tools read it."""

    origin: str
    size: int
    root: bytes
    suite: str = "sha256"

    def __str__(self) -> str:
        extension = "" if self.suite == "sha256" else f"hash {self.suite}\n"
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n{extension}"

    @property
    def hashing(self) -> Suite:
        return SUITES[self.suite]

    @classmethod
    def parse(cls, text: str) -> CheckpointText:
        lines = text.split("\n")
        if len(lines) < 4 or not lines[0] or not _NUMBER.fullmatch(lines[1]):
            raise NoteError("不是检查点：应依次为来源、大小、根哈希")
        suite = next((line[5:] for line in lines[3:] if line.startswith("hash ")), "sha256")
        root = _unbase64(lines[2])
        if suite not in SUITES or len(root) != 32:
            raise NoteError(f"检查点的哈希算法不受支持：{suite!r}")
        return cls(lines[0], int(lines[1]), root, suite)
