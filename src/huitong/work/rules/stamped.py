"""Forms that are printed, stamped and scanned back (A20, A24): what the code of a print says, what
no scan of it is, and what people must look at."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.ui.paper import Paper

#: how much of the content's digest the code carries: hexadecimal digits
SHORT = 16
#: what the machine could not see on a scan, in words for who must look
DOUBTS = {
    "code_unread": "扫描件上的二维码无法识别，平台未能核对它是不是这张申请表的这一版。",
    "no_red": "扫描件上没有看到红色印迹，可能是黑白扫描，也可能没有盖章。",
}
_CODE = re.compile(r"/([a-z]+)/(\d{1,18})/\?(?:n=([^&\s]{1,40})&)?v=(\d{1,9})&h=([0-9a-f]{16})$")


@dataclass(frozen=True)
class FormKind:
    """A kind of form: the first part of its address, the article that has it stamped, how it is
    typeset."""

    path: str
    article: str
    template: Path


class StampedForm(Protocol):
    """What every such form keeps of its paper.

    ``printed_hash`` is the digest of the content as last printed, empty once that was changed; the
    scan must have been made of that very content.
    """

    pk: int
    version: int
    printed_hash: str
    printed_at: datetime | None
    printed_content: Any
    printed: Any
    scan: Any
    scan_id: Any
    scanned_hash: str
    scan_doubts: Any
    archive_number: str

    @property
    def number(self) -> str | None: ...

    def save(self) -> None: ...


@dataclass(frozen=True)
class Print:
    """One print of a form: what its QR code names. ``content`` is the digest of what the form
    says."""

    kind: FormKind
    form: int
    number: str
    version: int
    content: str

    def code(self, base: str) -> str:
        """What the QR code says: an address at which the form can be opened, and which print of
        it this is."""
        return (
            f"{base}/{self.kind.path}/{self.form}/"
            f"?n={self.number}&v={self.version}&h={self.content[:SHORT]}"
        )


def doubts_about(scan: Paper, print_: Print) -> list[str]:
    """What people must look at themselves (keys of `DOUBTS`) on the scan of this print.

    Raises `Malformed` on ``scan`` for what is no scan of it: our own print unstamped, another form,
    another version.
    """
    letters = "".join(scan.text.split())
    if not scan.pictures or print_.number in letters or print_.content in letters:
        raise _no_scan(
            print_,
            "这不是盖章件的扫描件，而是电子文档（例如未盖章的打印件）。请打印、盖章后，"
            "把纸质件扫描或拍照成图片再上传。",
        )
    codes = [code for text in scan.codes if (code := _CODE.search(text))]
    for path, pk, number, version, content in (code.groups() for code in codes):
        if (path, int(pk)) != (print_.kind.path, print_.form):
            raise _no_scan(
                print_,
                f"这是申请表 {number or '（另一张）'} 的盖章件，不是 {print_.number} 的，"
                "请上传本申请表的盖章件。",
            )
        if int(version) != print_.version or content != print_.content[:SHORT]:
            raise _no_scan(
                print_,
                f"这是本申请表第 {version} 版的盖章件，现在是第 {print_.version} 版。"
                f"请打印第 {print_.version} 版，重新盖章后上传。",
            )
    return [
        doubt for doubt, there in (("code_unread", not codes), ("no_red", not scan.red)) if there
    ]


def doubt_words(doubts: Iterable[str]) -> list[str]:
    """What people must look at, in words."""
    return [DOUBTS[doubt] for doubt in doubts if doubt in DOUBTS]


def _no_scan(print_: Print, words: str) -> Malformed:
    return Malformed({"scan": words}, article=print_.kind.article)


def print_fault(kind: FormKind, form: StampedForm, now: str) -> AgainstRules | None:
    """Why the form's last print does not count: there is none, or what it says has been changed
    since (``now`` is the digest of what it says now). None when it does."""
    if form.printed_at is None:
        return AgainstRules(
            "申请表尚未打印定版。",
            article=kind.article,
            remedy="请先点“生成打印件”，盖章后扫描上传。",
        )
    if now != form.printed_hash:
        return AgainstRules(
            "打印之后申请内容已修改，原打印件作废。",
            article=kind.article,
            remedy="请重新生成打印件并盖章。",
        )
    return None


def archived(number: str) -> str:
    """The archive number of the stamped original. Raises ValueError when it is none: whoever
    looks for the paper has only this."""
    if not any(sign.isdecimal() for sign in number):
        raise ValueError("请填写原件的档案号（含编号数字），凭它能找到盖章的纸质原件")
    return number
