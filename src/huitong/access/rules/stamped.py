"""The stamped scan of a form (A20): what its code says, what no scan is, what people must look
at, and what who accepts ticks."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from huitong.kernel.procedure import Malformed
from huitong.ui.paper import Paper

#: how much of the content's digest the code carries: hexadecimal digits
SHORT = 16
#: what the machine could not see on a scan, in words for clerk and acceptor
DOUBTS = {
    "code_unread": "扫描件上的二维码无法识别，系统未能核对它是不是这张申请表的这一版。",
    "no_red": "扫描件上没有看到红色印迹，可能是黑白扫描，也可能没有盖章。",
}
_CODE = re.compile(r"/apply/(\d{1,18})/\?(?:n=([^&\s]{1,40})&)?v=(\d{1,9})&h=([0-9a-f]{16})$")


@dataclass(frozen=True)
class Print:
    """One print of a form: what its QR code names. ``content`` is the digest of what the form
    says."""

    form: int
    number: str
    version: int
    content: str

    def code(self, base: str) -> str:
        """What the QR code says: an address at which the form can be opened, and which print of
        it this is."""
        return (
            f"{base}/apply/{self.form}/?n={self.number}&v={self.version}&h={self.content[:SHORT]}"
        )


def doubts_about(scan: Paper, print_: Print) -> list[str]:
    """What people must look at themselves (keys of `DOUBTS`) on the scan of this print.

    Raises `Malformed` on ``scan`` for what is no scan of it: our own print unstamped, another form,
    another version.
    """
    letters = "".join(scan.text.split())
    if not scan.pictures or print_.number in letters or print_.content in letters:
        raise Malformed(
            {
                "scan": (
                    "这不是盖章件的扫描件，而是电子文档（例如未盖章的打印件）。请打印、盖章后，"
                    "把纸质件扫描或拍照成图片再上传。"
                )
            },
            article="A20",
        )
    codes = [code for text in scan.codes if (code := _CODE.search(text))]
    for pk, number, version, content in (code.groups() for code in codes):
        if int(pk) != print_.form:
            raise Malformed(
                {
                    "scan": (
                        f"这是申请表 {number or '（另一张）'} 的盖章件，不是 {print_.number} 的，"
                        "请上传本申请表的盖章件。"
                    )
                },
                article="A20",
            )
        if int(version) != print_.version or content != print_.content[:SHORT]:
            raise Malformed(
                {
                    "scan": (
                        f"这是本申请表第 {version} 版的盖章件，现在是第 {print_.version} 版。"
                        f"请打印第 {print_.version} 版，重新盖章后上传。"
                    )
                },
                article="A20",
            )
    return [
        doubt for doubt, there in (("code_unread", not codes), ("no_red", not scan.red)) if there
    ]


def archived(number: str) -> str:
    """The archive number of the stamped original. Raises ValueError when it is none: whoever
    looks for the paper has only this."""
    if not any(sign.isdecimal() for sign in number):
        raise ValueError("请填写原件的档案号（含编号数字），凭它能找到盖章的纸质原件")
    return number


# -- what who accepts has looked at ----------------------------------------------------------------


@dataclass(frozen=True)
class Check:
    """One line of the checklist; ``when`` names the doubt about a scan that calls for it, none:
    always."""

    in_force: date
    until: date | None
    key: str
    article: str
    when: str
    label: str


@cache
def _rows() -> tuple[Check, ...]:
    text = (resources.files("huitong.access") / "data/acceptance.csv").read_text(encoding="utf-8")
    return tuple(
        Check(
            date.fromisoformat(r["in_force"]),
            date.fromisoformat(r["until"]) if r["until"] else None,
            r["key"],
            r["article"],
            r["when"],
            r["label"],
        )
        for r in csv.DictReader(text.splitlines())
    )


def checklist(doubts: Collection[str], on: date) -> tuple[Check, ...]:
    """What must be looked at before a form is accepted on this day, given what is doubtful about
    its scan."""
    return tuple(
        row
        for row in _rows()
        if row.in_force <= on
        and (row.until is None or on <= row.until)
        and (not row.when or row.when in doubts)
    )


def unticked(ticked: Collection[str], doubts: Collection[str], on: date) -> dict[str, str]:
    """Which boxes are missing, and which are not on the list, by field."""
    rows = {row.key: row for row in checklist(doubts, on)}
    missing = {
        f"checked.{key}": f"请核对后勾选：{row.label}"
        for key, row in rows.items()
        if key not in ticked
    }
    return missing | {f"checked.{key}": "受理核对中没有这一项" for key in ticked if key not in rows}
