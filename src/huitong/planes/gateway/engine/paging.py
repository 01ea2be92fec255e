"""One page of an answer from the rows of a source: as many as the query and the limits allow, ended
where the key changes.

The pages together are every row once, or a refusal that names who must correct the table.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from huitong.planes.gateway.engine.asking import Refused
from huitong.planes.gateway.rules import MOST_BYTES
from huitong.scope.pages import Row

UNPROVIDED = "502 Bad Gateway"
#: characters of ``after``: the gateway reads 32 KiB of headers, the address among them
LONGEST_AFTER = 16_000
SEAL_BYTES = 16


@dataclass(frozen=True)
class Places:
    """Writes a place in a table as ``after`` and reads it back: the key as the database writes it,
    sealed for this table and key, so that no caller can make one up.
    """

    secret: bytes
    about: str

    def write(self, place: Sequence[str | None]) -> str:
        content = json.dumps(place, ensure_ascii=False).encode()
        return urlsafe_b64encode(self._seal(content) + content).rstrip(b"=").decode()

    def read(self, after: str) -> tuple[str, ...]:
        """The place in ``after``. Raises ValueError for any text not from `write`."""
        raw = urlsafe_b64decode(after + "=" * (-len(after) % 4))
        if not hmac.compare_digest(raw[:SEAL_BYTES], self._seal(raw[SEAL_BYTES:])):
            raise ValueError("not sealed by us")
        return tuple(json.loads(raw[SEAL_BYTES:]))

    def _seal(self, content: bytes) -> bytes:
        return hmac.digest(self.secret, self.about.encode() + b"\0" + content, hashlib.sha256)[
            :SEAL_BYTES
        ]


@dataclass(frozen=True)
class Batch:
    """The rows of a page, the next one if there are more, and the one after it when the next cannot
    be sent."""

    rows: list[Row]
    ahead: Row | None = None
    beyond: Row | None = None


def take(rows: Iterable[Row], limit: int) -> Batch:
    """Take as many rows as the query and `MOST_BYTES` allow; read at most two more."""
    sendable: list[Row] = []
    size, source = 0, iter(rows)
    for row in source:
        size += row.size
        if row.json is None and not sendable:
            return Batch(sendable, row, next(source, None))
        if len(sendable) == limit:
            next(source, None)  # reads to the end, or the database would have to be stopped
            return Batch(sendable, row)
        if row.json is None or size > MOST_BYTES:
            return Batch(sendable, row)
        sendable.append(row)
    return Batch(sendable)


def page(batch: Batch, places: Places, key: Sequence[str]) -> tuple[list[bytes], bool, str | None]:
    """``(rows, more, after)``. ``key`` names the key's columns, if pages can go on. Raises
    `Refused`: a row too large to send, more rows of one key than a page holds, a key that is empty
    or too long to be written.
    """
    rows, ahead = list(batch.rows), batch.ahead
    if ahead is None:
        return _contents(rows), False, None
    if not rows:
        raise too_large(ahead, batch.beyond, places, key)
    if not key:
        return _contents(rows), True, None
    # a page that ended among equal keys could not be gone on from
    while rows and rows[-1].step == ahead.step:
        rows.pop()
    if not rows or None in rows[-1].place:
        raise not_unique(key)
    after = places.write(rows[-1].place)
    if len(after) > LONGEST_AFTER:
        raise Refused(
            UNPROVIDED,
            "key_too_long",
            f"主键（{'、'.join(key)}）的值过长，无法翻页。",
            who="提供部门",
            remedy="请提供部门改用较短的主键重新挂接。",
        )
    return _contents(rows), True, after


def not_unique(key: Sequence[str]) -> Refused:
    """The refusal of a source whose key is no longer unique."""
    return Refused(
        UNPROVIDED,
        "key_not_unique",
        f"主键（{'、'.join(key)}）的值有重复或为空，不能保证每行都提供到。",
        who="提供部门",
        remedy=(
            "请提供部门清理重复或为空的主键值，或以能唯一确定一行的列变更挂接；重复的行不多时，加大"
            " limit 或缩小查询范围也可继续。"
        ),
    )


def too_large(row: Row, beyond: Row | None, places: Places, key: Sequence[str]) -> Refused:
    """The refusal of a row larger than an answer may be, with the place from which the caller can
    go on without it."""
    row_name = (
        "、".join(f"{name}={value}" for name, value in zip(key, row.place, strict=True))[:200]
        if key
        else "该查询的第一行"
    )
    single = bool(key) and None not in row.place and (beyond is None or beyond.step != row.step)
    after = places.write(row.place) if single else None
    return Refused(
        UNPROVIDED,
        "row_too_large",
        f"一行数据（{row_name}）有 {row.size:,} 字节，超过接口一次应答的上限 {MOST_BYTES:,} 字节。",
        who="提供部门",
        remedy=(
            "请提供部门把大字段改以文件方式提供；调用方可用本应答中的 after 跳过这一行，"
            "或申请不含大字段的信息项。"
        ),
        after=after,
    )


def _contents(rows: Iterable[Row]) -> list[bytes]:
    return [row.json for row in rows if row.json is not None]
