"""What is wrong with an export, and the report that says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from huitong.audit.rules.note import CheckpointText
from huitong.audit.rules.sources import harmless

#: what can be wrong
KINDS = {
    "unreadable": "无法读取",
    "archive": "压缩包结构异常",
    "file": "文件被增删或改动",
    "signature": "签名不成立",
    "changed": "条目被改动",
    "removed": "条目缺失",
    "inserted": "条目多出",
    "reordered": "条目顺序被调换",
    "tail": "末尾被截断",
    "root": "与检查点不符",
    "incomparable": "无法与所给检查点比对",
}

#: of each fault at most so many are kept: a report is for reading
MOST_FAULTS = 200


@dataclass(frozen=True)
class Fault:
    kind: str
    where: str
    message: str

    def __str__(self) -> str:
        return f"[{KINDS[self.kind]}] {self.where}：{self.message}"


@dataclass
class Report:
    """The outcome. ``ok`` means: nothing wrong was found; ``remarks`` say what could not be
    looked at."""

    faults: list[Fault] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    entries: int = 0
    checkpoint: CheckpointText | None = None
    signed_by: list[str] = field(default_factory=list)
    confirmed: list[int] = field(default_factory=list)
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.faults

    @property
    def open(self) -> bool:
        """Whether nothing wrong was found but a checkpoint could not be compared: nobody can tell
        yet."""
        return bool(self.faults) and all(fault.kind == "incomparable" for fault in self.faults)

    def fault(self, kind: str, where: str, message: str) -> None:
        if sum(f.kind == kind for f in self.faults) < MOST_FAULTS:
            self.faults.append(Fault(kind, where, message))

    def __str__(self) -> str:
        head = self.checkpoint
        lines = [
            f"来源：{head.origin if head else '未知'}",
            f"条目：{self.entries} 条",
            (
                f"检查点：共 {head.size} 条，根哈希 {head.root.hex()}（{head.hashing.label}）"
                if head
                else "检查点：无"
            ),
            f"签名：{'、'.join(self.signed_by) or '无'}",
            f"与外存检查点一致：{'、'.join(f'第 {n} 条止' for n in self.confirmed) or '未比对'}",
            *(f"说明：{remark}" for remark in self.remarks),
            *map(str, self.faults),
            self.conclusion,
        ]
        return "\n".join(map(harmless, lines))

    @property
    def conclusion(self) -> str:
        if self.open:
            return f"结论：未发现改动，但有 {len(self.faults)} 处未能比对，尚不能下结论。请按上述说明补齐后重新核验。"
        return (
            "结论：未发现改动。" if self.ok else f"结论：核验不通过，共 {len(self.faults)} 处问题。"
        )
