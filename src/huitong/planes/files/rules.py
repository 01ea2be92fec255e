"""Downloads: their receivers, the part of a file that is sent, the digest to check it with (A28,
A30)."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any

from huitong.kernel.procedure import Problem


@dataclass(frozen=True)
class Machine:
    """A consumer's system with a valid access token."""

    client_id: str
    system: int
    system_name: str
    body_name: str
    ip: str

    @property
    def words(self) -> str:
        return f"{self.body_name} {self.system_name}（{self.client_id}）"


class Damaged(Problem):
    """The stored bytes are not those that were shared, so nothing is handed out."""

    status, code = 503, "file_damaged"

    def __init__(self) -> None:
        super().__init__(
            "平台保存的文件与登记的校验值不符，已停止提供。",
            article="A28",
            who="平台运维员",
            remedy="请联系平台运维员从备份恢复，或请提供部门重新发布。",
        )


@dataclass(frozen=True)
class Part:
    """Bytes of a file, from ``start`` up to but not including ``end``; beyond the end of the
    file: none."""

    start: int
    end: int
    size: int

    @property
    def length(self) -> int:
        return max(self.end - self.start, 0)

    @property
    def status(self) -> int:
        """The HTTP status: 200 the whole, 206 a part, 416 nothing there."""
        if self.start >= self.end and self.size:
            return 416
        return 200 if (self.start, self.end) == (0, self.size) else 206

    @property
    def words(self) -> str:
        """The value of the header ``Content-Range``; empty for the whole."""
        return {
            200: "",
            206: f"bytes {self.start}-{self.end - 1}/{self.size}",
            416: f"bytes */{self.size}",
        }[self.status]


RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


def part_of(size: int, sha256: str, range_header: str, if_range: str) -> Part:
    """The part that the headers ``Range`` and ``If-Range`` request (RFC 9110, 13 and 14), so that a
    download that was cut off can go on.

    The whole file when they request no single range, which a server may always answer, or when the
    content has changed.
    """
    match = RANGE.fullmatch(range_header)
    first, last = match.groups() if match else ("", "")
    if (not first and not last) or (if_range and if_range != etag(sha256)):
        return Part(0, size, size)
    if not first:
        return Part(size - min(int(last), size), size, size)
    if last and int(last) < int(first):
        return Part(0, size, size)
    return Part(int(first), min(int(last) + 1, size) if last else size, size)


def etag(sha256: str) -> str:
    return f'"{sha256}"'


def headers(sha256: str, part: Part) -> dict[str, str]:
    """The digest of the whole file as headers (RFC 9530, and RFC 3230 for older clients), and
    the part that is sent; no cache may store it."""
    value = base64.b64encode(bytes.fromhex(sha256)).decode()
    fields = {
        "Repr-Digest": f"sha-256=:{value}:",
        "Digest": f"sha-256={value}",
        "Cache-Control": "no-store",
        "ETag": etag(sha256),
        "Accept-Ranges": "bytes",
        "Content-Length": str(part.length),
    }
    return fields | ({"Content-Range": part.words} if part.words else {})


def how_to_check(name: str, sha256: str) -> list[dict[str, Any]]:
    """Commands to check a received file with, without this platform."""
    quoted = name.replace("'", "'\\''")
    return [
        {"title": "Windows（命令提示符）", "code": f'certutil -hashfile "{name}" SHA256'},
        {
            "title": "Linux、统信、麒麟",
            "code": f"printf '%s  %s\\n' {sha256} '{quoted}' | sha256sum -c",
        },
    ]
