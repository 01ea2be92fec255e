"""The verifier as a command: `huitong verify`, and the script in every evidence package."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from huitong.audit.rules.note import parse_keys, parse_notes
from huitong.audit.rules.offline import verify
from huitong.audit.rules.sources import any_terminal, harmless, kept_text, source


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("export", type=Path, help="导出文件夹或 .zip 文件")
    parser.add_argument(
        "--checkpoint",
        type=Path,
        action="append",
        default=[],
        help="保存在平台之外的检查点文件，可多次给出",
    )
    parser.add_argument(
        "--key", type=Path, action="append", default=[], help="另行取得的公钥文件，可多次给出"
    )
    parser.add_argument(
        "--proof",
        type=Path,
        action="append",
        default=[],
        help=(
            "一致性证明文件，可多次给出：检查点与导出大小不同且未能比对时，从平台"
            " /checkpoint/consistency?old=小&size=大 取得"
        ),
    )


def run(options: argparse.Namespace) -> int:
    """Print the report. Returns 0 when nothing wrong was found, 1 when something was, 2 when a file
    cannot be read, 3 when a checkpoint could not be compared."""
    any_terminal()
    try:
        keys = [key for path in options.key for key in parse_keys(kept_text(path))]
        trusted = [note for path in options.checkpoint for note in parse_notes(kept_text(path))]
        growth = [line for path in options.proof for line in kept_text(path).splitlines()]
        report = verify(source(options.export), trusted, keys, growth)
    except (OSError, ValueError) as error:
        print(harmless(f"无法读取：{error}"))
        return 2
    print(report)
    code = 0 if report.ok else 3 if report.open else 1
    if not _readable(report.conclusion):
        print(
            (
                "RESULT: no change found",
                "RESULT: FAULTS FOUND, see above",
                "",
                "RESULT: undecided, a consistency proof is missing",
            )[code]
        )
    return code


def _readable(text: str) -> bool:
    """Whether the terminal has the letters."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def main(words: Sequence[str] | None = None) -> int:
    any_terminal()
    parser = argparse.ArgumentParser(description="离线核验汇通台账导出文件或证据包。")
    arguments(parser)
    return run(parser.parse_args(words))
