"""Verifying an export of the ledger, or an evidence package, without the platform.

What is found, and against what: a file added, dropped or altered (the signed manifest); an entry
altered (its leaf hash); removed, inserted, put elsewhere (leaf numbers and the root of the tree);
everything rewritten and signed anew, or the tail cut off (a checkpoint that left the machine
earlier). Without such a checkpoint the last kind cannot be seen by anybody.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence

from huitong.audit.rules.archive import ArchiveError
from huitong.audit.rules.findings import Report
from huitong.audit.rules.note import (
    CheckpointText,
    Note,
    NoteError,
    VerifierKey,
    parse_keys,
    parse_notes,
)
from huitong.audit.rules.sources import WHOLE, Folder, Source, Zip, source
from huitong.audit.rules.suites import Suite
from huitong.audit.rules.tree import Frontier, root_by_inclusion, roots_by_consistency

__all__ = ["Folder", "Report", "Source", "Zip", "source", "verify"]

FORMAT = "huitong-export/1"
MANIFEST, ENTRIES, CHECKPOINTS, KEYS, GROWTH = (
    "MANIFEST.txt",
    "entries.jsonl",
    "checkpoints.txt",
    "keys.txt",
    "consistency.jsonl",
)

#: files in this folder are papers of a case: each stands in a sealed entry by its SHA-256
PAPERS = "papers/"
_DIGEST = re.compile(rb"[0-9a-f]{64}")
#: a line of entries has so many bytes at most
LINE = 32 << 20

_LINE = re.compile(
    rb'\{"leaf":(\d{1,18}),"hash":"([0-9a-f]{64})",'
    rb'(?:"proof":(\[[0-9a-f",]*\]),)?"entry":(\{.*\})\}\n'
)


def verify(
    export: Source,
    trusted: Iterable[Note] = (),
    keys: Sequence[VerifierKey] = (),
    growth: Iterable[str] = (),
) -> Report:
    """Check everything that can be checked and list every fault; never raises on a bad export.

    ``trusted`` are checkpoints kept outside the platform, ``keys`` public keys known from
    elsewhere, ``growth`` further consistency proofs (lines as in ``consistency.jsonl``).
    """
    report = Report()
    try:
        _Check(export, report, list(keys)).run(list(trusted), list(growth))
    except ArchiveError as error:
        report.fault("archive", "导出文件", str(error))
    except Exception as error:  # whatever a hostile file makes some library say: it is no export
        report.fault("unreadable", "导出文件", str(error)[:300] or type(error).__name__)
    return report


class _Check:
    def __init__(self, export: Source, report: Report, keys: list[VerifierKey]) -> None:
        self.export, self.report, self.keys = export, report, keys
        #: papers no entry has named yet: digest → file
        self.unnamed: dict[str, str] = {}

    def run(self, trusted: list[Note], growth: list[str]) -> None:
        # before anything is believed: an archive that can be read in two ways is none
        self.export.names()
        if not self.keys:
            self.keys = parse_keys(self._text(KEYS))
            self.report.remarks.append(
                "未另行提供公钥，使用导出文件自带的公钥：只能说明导出前后一致，不能证明出自该平台。"
            )
        self._manifest()
        claims = self._claims("导出文件", parse_notes(self._text(CHECKPOINTS)))
        if not claims:
            raise NoteError("没有检查点")
        head = self.report.checkpoint = max(claims, key=lambda c: c.size)
        if (self.report.about["size"], self.report.about["origin"]) != (head.size, head.origin):
            self.report.fault("root", MANIFEST, "清单所写的来源或大小与检查点不同")
        if not trusted:
            self.report.remarks.append("未提供外存检查点：整体重写或截去末尾无法发现。")
        outside = self._claims("外存检查点", trusted)
        if any((c.origin, c.suite) != (head.origin, head.suite) for c in claims + outside):
            self.report.fault("root", CHECKPOINTS, "各检查点的来源或哈希算法不同")
            return
        if self.report.about["kind"] == "full":
            self._full(head, claims, outside, growth)
        else:
            self._excerpt(head, outside, growth)
        for name in self.unnamed.values():
            self.report.fault(
                "file", name, "没有一条封存的记录记有这份材料的摘要：它不是办理时的那一份"
            )

    def _text(self, name: str) -> str:
        with self.export.open(name) as file:
            if len(raw := file.read(WHOLE + 1)) > WHOLE:
                raise ValueError(f"{name} 过大")
            return raw.decode()

    # -- signatures and files

    def _signed(self, where: str, note: Note) -> bool:
        try:
            names = note.signers(self.keys)
        except NoteError as error:
            self.report.fault("signature", where, str(error))
            return False
        if not names:
            self.report.fault("signature", where, "没有已知公钥的签名")
        self.report.signed_by = list(dict.fromkeys(self.report.signed_by + names))
        return bool(names)

    def _claims(self, where: str, notes: Iterable[Note]) -> list[CheckpointText]:
        claims: dict[int, CheckpointText] = {}
        for note in notes:
            claim = CheckpointText.parse(note.text)
            if not self._signed(f"{where}第 {claim.size} 条止", note):
                continue
            if claims.setdefault(claim.size, claim).root != claim.root:
                self.report.fault(
                    "root", where, f"两个检查点都称共 {claim.size} 条，根哈希却不同（分叉）"
                )
        return [claims[size] for size in sorted(claims)]

    def _manifest(self) -> None:
        note = Note.parse(self._text(MANIFEST))
        self._signed(MANIFEST, note)
        title, about, *lines = note.text.rstrip("\n").split("\n")
        if title != FORMAT:
            raise NoteError(f"不是本平台的导出文件：{title[:40]!r}")
        self.report.about = json.loads(about)
        digests = {name: digest for digest, _, name in (line.partition(" ") for line in lines)}
        present = set(self.export.names()) - {MANIFEST}
        for name in sorted(present ^ set(digests)):
            self.report.fault("file", name, "清单中没有此文件" if name in present else "文件缺失")
        for name in sorted(present & set(digests)):
            digest = hashlib.sha256()
            with self.export.open(name) as file:
                while part := file.read(1 << 20):
                    digest.update(part)
            if digest.hexdigest() != digests[name]:
                self.report.fault("file", name, "内容与清单所记的摘要不同")
            if name.startswith(PAPERS):
                self.unnamed[digest.hexdigest()] = name

    # -- entries

    def _entries(self, suite: Suite) -> Iterator[tuple[int, bytes, list[bytes]]]:
        with self.export.open(ENTRIES) as file:
            for count, line in enumerate(iter(lambda: file.readline(LINE + 1), b""), 1):
                if len(line) > LINE:
                    raise ValueError(f"{ENTRIES} 第 {count} 行过长")
                if not (match := _LINE.fullmatch(line)):
                    self.report.fault("unreadable", f"{ENTRIES} 第 {count} 行", "格式不符")
                    continue
                leaf, recorded, proof, entry = (
                    int(match[1]),
                    bytes.fromhex(match[2].decode()),
                    match[3],
                    match[4],
                )
                if suite.leaf(entry) != recorded:
                    self.report.fault("changed", f"第 {leaf} 条", "内容与其哈希不符")
                self.report.entries += 1
                for digest in map(bytes.decode, _DIGEST.findall(entry) if self.unnamed else ()):
                    self.unnamed.pop(digest, None)
                yield leaf, recorded, [bytes.fromhex(h) for h in json.loads(proof or b"[]")]
        if self.report.entries != self.report.about["entries"]:
            self.report.fault(
                "file",
                ENTRIES,
                f"清单记有 {self.report.about['entries']} 条，实有 {self.report.entries} 条",
            )

    def _full(
        self,
        head: CheckpointText,
        claims: list[CheckpointText],
        outside_claims: list[CheckpointText],
        growth: list[str],
    ) -> None:
        """A run of entries up to the checkpoint: the tree is built again, and compared wherever
        a root is known."""
        first = int(self.report.about["first"])
        tree = Frontier(
            head.hashing, first, [bytes.fromhex(h) for h in self.report.about["frontier"]]
        )
        beyond = [c for c in outside_claims if c.size < first or c.size > head.size]
        due = sorted(
            [(c, False) for c in claims] + [(c, True) for c in outside_claims if c not in beyond],
            key=lambda pair: pair[0].size,
        )
        order = _Order(self.report, first, head.size)
        last_good = first

        def compare() -> bool:
            """Compare the tree with the roots of its size. False once a root differs: all later
            ones would too."""
            nonlocal last_good
            while due and due[0][0].size == tree.size:
                claim, outside = due.pop(0)
                if claim.root != tree.root():
                    where = f"第 {last_good} 条至第 {claim.size - 1} 条" if claim.size else "检查点"
                    message = (
                        "与外存检查点不符：其中有条目被改动、增删或调换后重新封存"
                        if outside
                        else "与检查点的根哈希不符"
                    )
                    self.report.fault("root", where, message)
                    return False
                last_good = claim.size
                if outside:
                    self.report.confirmed.append(claim.size)
            return True

        sound = compare()
        for leaf, recorded, _ in self._entries(head.hashing):
            if order.follows(leaf) and sound:
                tree.append(recorded)
                sound = compare()
            sound = sound and order.unbroken
        order.end()
        if sound:
            for claim, outside in due:
                where = "外存检查点" if outside else "检查点"
                self.report.fault(
                    "tail",
                    f"第 {tree.size} 条之后",
                    f"{where}证明曾有 {claim.size} 条，导出只到 {tree.size} 条",
                )
            self._through_proofs(head, beyond, growth)

    def _excerpt(
        self, head: CheckpointText, outside: list[CheckpointText], growth: list[str]
    ) -> None:
        """Check entries that each bring a proof of their place in the tree of the checkpoint."""
        suite, last = head.hashing, -1
        for leaf, recorded, proof in self._entries(suite):
            if leaf <= last:
                self.report.fault(
                    "reordered" if leaf < last else "inserted",
                    f"第 {leaf} 条",
                    f"排在第 {last} 条之后",
                )
            last = max(last, leaf)
            try:
                proven = root_by_inclusion(suite, leaf, head.size, recorded, proof) == head.root
            except ValueError:
                proven = False
            if not proven:
                self.report.fault("root", f"第 {leaf} 条", "不能证明其在检查点所封存的台账之中")
        self._through_proofs(
            head,
            outside,
            growth + (self._text(GROWTH).splitlines() if GROWTH in self.export.names() else []),
        )

    def _through_proofs(
        self, head: CheckpointText, outside: list[CheckpointText], growth: list[str]
    ) -> None:
        """Compare checkpoints of another size than ours: a consistency proof shows that one ledger
        only added to the other."""
        proofs = {
            (p["old"], p["size"]): [bytes.fromhex(h) for h in p["proof"]]
            for p in map(json.loads, filter(str.strip, growth))
        }
        for claim in outside:
            old, new = sorted((claim, head), key=lambda c: c.size)
            where = f"第 {claim.size} 条止的外存检查点"
            if old.size == new.size or old.size == 0:
                agrees = old.size == 0 or old.root == new.root
            elif (old.size, new.size) in proofs:
                try:
                    proof = proofs[old.size, new.size]
                    agrees = roots_by_consistency(
                        head.hashing, old.size, new.size, old.root, proof
                    ) == (old.root, new.root)
                except ValueError:
                    agrees = False
            else:
                self.report.fault(
                    "incomparable",
                    where,
                    _missing_proof(old.size, new.size, claim.size > head.size),
                )
                continue
            if not agrees:
                self.report.fault("root", where, "与导出文件的检查点不是同一本台账（分叉）")
                continue
            self.report.confirmed.append(claim.size)
            if claim.size > head.size:
                self.report.remarks.append(
                    f"{where}晚于导出：其后又增 {claim.size - head.size} 条，不在导出之内。"
                    "该检查点如取自导出之前，则导出被截去末尾。"
                )


def _missing_proof(old: int, new: int, later: bool) -> str:
    """Say which proof is missing, where to get it, and what it would decide."""
    meaning = "检查点晚于导出属正常；如取自导出之前，则导出被截去末尾。" if later else ""
    return (
        f"{meaning}缺少第 {old} 条至第 {new} 条的一致性证明：请从平台网址"
        f" /checkpoint/consistency?old={old}&size={new} 取得后以 --proof 给出"
    )


class _Order:
    """The order of the leaf numbers: which are missing, extra or out of place."""

    def __init__(self, report: Report, first: int, size: int) -> None:
        self.report, self.next, self.size = report, first, size
        self.missing: list[tuple[int, int]] = []
        self.unbroken = True

    def follows(self, leaf: int) -> bool:
        if leaf == self.next < self.size:
            self.next += 1
            return True
        self.unbroken = False
        if leaf >= self.size:
            self.report.fault("inserted", f"第 {leaf} 条", f"检查点只到第 {self.size - 1} 条")
        elif leaf > self.next:
            self.missing.append((self.next, leaf))
            self.next = leaf + 1
        elif gap := next((g for g in self.missing if g[0] <= leaf < g[1]), None):
            self.missing.remove(gap)
            self.missing += [g for g in ((gap[0], leaf), (leaf + 1, gap[1])) if g[0] < g[1]]
            self.report.fault("reordered", f"第 {leaf} 条", "不在其应有的位置")
        else:
            self.report.fault("inserted", f"第 {leaf} 条", "出现不止一次")
        return False

    def end(self) -> None:
        for lo, hi in sorted(self.missing):
            self.report.fault(
                "removed", f"第 {lo} 条" if hi == lo + 1 else f"第 {lo} 条至第 {hi - 1} 条", "缺失"
            )
        if self.next < self.size:
            self.report.fault("tail", f"第 {self.next} 条至第 {self.size - 1} 条", "末尾缺失")
