"""What a download is accompanied by: who received it, the digest to check it with, and how (A28, A30)."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from huitong.kernel.procedure import Problem


@dataclass(frozen=True)
class Machine:
    """A consumer's system that showed a valid access token."""

    client_id: str
    system: int
    system_name: str
    body_name: str
    ip: str

    @property
    def words(self) -> str:
        return f"{self.body_name} {self.system_name}({self.client_id})"


class Damaged(Problem):
    """The stored bytes are not those that were shared: nothing is handed out."""

    status, code = 503, "file_damaged"

    def __init__(self) -> None:
        super().__init__("平台保存的文件与登记的校验值不符，已停止提供。", article="A28", who="平台运维员",
                         remedy="请联系平台运维员从备份恢复，或请提供部门重新发布。")


def headers(sha256: str) -> dict[str, str]:
    """The digest as headers (RFC 9530, and RFC 3230 for older clients); no cache keeps the file."""
    value = base64.b64encode(bytes.fromhex(sha256)).decode()
    return {"Repr-Digest": f"sha-256=:{value}:", "Digest": f"sha-256={value}", "Cache-Control": "no-store"}


def how_to_check(name: str, sha256: str) -> list[dict[str, Any]]:
    """Commands with which anybody checks the file they received, without this platform."""
    quoted = name.replace("'", "'\\''")
    return [
        {"title": "Windows（命令提示符）", "code": f'certutil -hashfile "{name}" SHA256'},
        {"title": "Linux、统信、麒麟", "code": f"printf '%s  %s\\n' {sha256} '{quoted}' | sha256sum -c"},
    ]
