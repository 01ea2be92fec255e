"""The readable part of an evidence package: a summary as PDF and a page on how to verify it
(A34)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

from huitong.audit.rules.export import Line
from huitong.audit.rules.reading import local
from huitong.audit.rules.script import NAME
from huitong.kernel.actor import PARTIES
from huitong.kernel.laws import article_words
from huitong.ui.pdf import render

#: the summary is for reading; every act stands in entries.jsonl
PRINTED = 500
TEMPLATE = Path(str(resources.files("huitong.audit"))) / "data" / "summary.typ"


def facts(
    *,
    case: Mapping[str, Any],
    entries: Sequence[Mapping[str, Any]],
    lines: Sequence[Line],
    checkpoint: str,
    root: str,
    by: Mapping[str, Any],
    labels: Mapping[str, str],
    states: Mapping[str, str],
) -> dict[str, Any]:
    """Everything the summary shows, as plain text. ``entries`` and ``lines`` are the same acts
    in the same order."""
    return {
        "platform": by["platform"],
        "number": case["number"],
        "title": case["title"] or "（无题）",
        "law": case["law"],
        "state": states.get(case["state"], case["state"]),
        "opened": local(case["opened_at"]),
        "closed": local(case["closed_at"]) if case["closed_at"] else case["end"] or "未办结",
        "parties": [
            [PARTIES[name].label if name in PARTIES else name, body]
            for name, body in case["parties"].items()
        ],
        "by": f"{by['body']} {by['by']}".strip(),
        "at": local(by["at"]),
        "reasons": by["reasons"],
        "size": str(by["size"]),
        "root": root,
        "checkpoint": checkpoint,
        "origin": by["origin"],
        "entries": [
            {
                "leaf": str(line.leaf),
                "at": local(entry["at"]),
                "verb": labels.get(entry["verb"], entry["verb"]),
                "article": article_words(entry["article"]),
                "who": _who(entry["actor"]),
                "reasons": entry["reasons"],
                "change": _change(entry["before"], entry["after"], states),
                "hash": line.hash.hex(),
            }
            for entry, line in list(zip(entries, lines, strict=True))[:PRINTED]
        ],
        "count": str(len(entries)),
    }


def pdf(facts: Mapping[str, Any], made_at: datetime, fonts: Path | None = None) -> bytes:
    """An A4 document in Chinese. Needs no system fonts and no network; ``fonts`` as for
    `render`."""
    return render(TEMPLATE, facts, made_at=made_at.replace(microsecond=0), fonts=fonts)


PAPERS_LINE = (
    "  papers/           申请表打印件、盖章件和其他附件，以 SHA-256 为文件名，"
    "须为某条记录所记；papers.jsonl 是其清单\n"
)


def readme(about: Mapping[str, Any], archive: str) -> str:
    title = "台账导出文件" if about["kind"] == "full" else f"事项 {about['number']} 的证据包"
    return f"""{about["platform"]} {title}

内容
  MANIFEST.txt      清单：每个文件的摘要，由平台签名
  entries.jsonl     台账条目，一行一条，附条号、哈希{"" if about["kind"] == "full" else "和包含证明"}
  checkpoints.txt   检查点：平台对台账条数和根哈希的签名（C2SP tlog-checkpoint）
{"" if about["kind"] == "full" else PAPERS_LINE}  keys.txt          平台公钥；请另从平台网站或主管部门取得一份核对
  {NAME} 离线核验程序，只需 Python 3.11

核验
  1. 从证据包中取出 {NAME}（更稳妥：使用另行取得的同名程序）；
  2. 执行  python3 {NAME} {archive} --key 另行取得的公钥文件 --checkpoint 平台之外保存的检查点文件
  3. 显示“未发现改动”即为通过；否则逐条列出问题。
  4. 显示某检查点“未能比对”的，说明其条数与本包不同：按提示从平台网址 /checkpoint/consistency?old=小&size=大
     取得一致性证明，存为文件，加上  --proof 该文件  再执行一次。检查点晚于本包属正常；早于本包则说明末尾被截去。

不带 --checkpoint 时，平台自身整体重写台账的情形无法发现；检查点由平台定期送往外部存放，也可随时从 /checkpoint 取得后自行留存。
"""


def _who(actor: Mapping[str, Any]) -> str:
    deputy = f"（代理{actor['deputy_for_name']}）" if actor.get("deputy_for_name") else ""
    return f"{actor.get('body_name') or ''} {actor['name']}{deputy}".strip()


def _change(before: Mapping[str, Any], after: Mapping[str, Any], states: Mapping[str, str]) -> str:
    """Say from which state to which, where the act moved a case; the whole difference stands in the
    entry itself."""
    was, now = before.get("state"), after.get("state")
    return (
        f"{states.get(str(was), was or '—')} → {states.get(now, now)}" if now and was != now else ""
    )
