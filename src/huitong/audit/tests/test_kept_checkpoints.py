"""Checkpoints that left the platform, as people keep them, and how a terminal shows a report."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from huitong.audit.rules.note import CheckpointText, parse_notes
from huitong.audit.rules.offline import verify
from huitong.audit.rules.script import NAME
from huitong.audit.rules.sources import kept_text
from huitong.audit.rules.verifying import main
from huitong.audit.tests.exports import HONEST, PLATFORM, Ledger, entries

CHECKPOINT = Path(__file__).parents[4] / "tests/inputs/ledger/cpmid-bom.txt"
EDITORS = {
    "as it came": lambda text: text.encode(),
    "with a byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "joined of files with a mark each": (
        lambda text: text.replace(f"{PLATFORM.name}\n", f"\ufeff{PLATFORM.name}\n").encode()
    ),
    "UTF-16, as PowerShell writes": lambda text: text.encode("utf-16"),
    "GB18030": lambda text: text.encode("gb18030"),
    "lines as Windows ends them": lambda text: text.replace("\n", "\r\n").encode(),
    "without an end to the last line": lambda text: text.rstrip("\n").encode(),
}


def test_a_byte_order_mark_makes_no_other_checkpoint() -> None:
    """cpmid-bom.txt, of a running platform: read like the same file without the mark."""
    assert CHECKPOINT.read_bytes().startswith(b"\xef\xbb\xbf")
    [note] = parse_notes(kept_text(CHECKPOINT))
    claim = CheckpointText.parse(note.text)
    assert (claim.origin, claim.size) == ("huitong.local/c882569732fb", 326)


@pytest.mark.parametrize("editor", EDITORS)
def test_a_checkpoint_is_read_whatever_the_editor_made_of_it(
    export_folder: Path, editor: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (export_folder / "outside.txt").write_bytes(EDITORS[editor]("".join(map(str, HONEST.notes))))
    (export_folder / "key2.txt").write_bytes(EDITORS[editor](f"# 平台公钥\n{PLATFORM.key}\n"))
    assert (
        main(
            [
                str(export_folder / "export.zip"),
                "--checkpoint",
                str(export_folder / "outside.txt"),
                "--key",
                str(export_folder / "key2.txt"),
            ]
        )
        == 0
    )
    assert "第 3 条止、第 8 条止、第 13 条止" in capsys.readouterr().out


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "latin-1", "utf-8"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["export.zip"],
        ["export.zip", "--checkpoint", "later.txt"],
        ["bad.zip"],
        ["nowhere"],
        ["--help"],
        [],
    ],
)
def test_a_terminal_without_the_letters_is_told_the_result_all_the_same(
    export_folder: Path, encoding: str, arguments: list[str]
) -> None:
    later = Ledger(entries(20), sizes=(20,))
    (export_folder / "later.txt").write_text(str(later.notes[0]))
    (export_folder / "bad.zip").write_bytes((export_folder / "export.zip").read_bytes()[:-1])
    environment = {
        "PYTHONIOENCODING": encoding,
        "LANG": "C",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONUTF8": "0",
    }
    result = subprocess.run(
        [sys.executable, "-S", NAME, *arguments],
        cwd=export_folder,
        capture_output=True,
        timeout=60,
        check=False,
        env=environment,
    )
    assert b"Traceback" not in result.stderr, result.stderr.decode()
    expected = {"export.zip": 0, "bad.zip": 1, "nowhere": 2, "--help": 0}.get(
        arguments[0] if arguments else "", 2
    )
    assert result.returncode == (3 if "later.txt" in arguments else expected)
    if (
        encoding in ("ascii", "latin-1")
        and result.returncode in (0, 1, 3)
        and "--help" not in arguments
    ):
        assert b"RESULT: " in result.stdout


def test_no_name_in_an_export_writes_to_the_terminal(
    export_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "x\x1b[2J\x1b]0;owned\x07\r\n结论：未发现改动。\x9b31m\u202e"
    files = HONEST.export()
    files.held[name] = b""
    about = str(verify(files, keys=[PLATFORM.key]))
    (export_folder / "export" / name.replace("/", "")).write_bytes(b"")
    assert main([str(export_folder / "export"), "--key", str(export_folder / "key.txt")]) == 1
    for output in (about, capsys.readouterr().out):
        assert "\\x1b[2J" in output and all(c.isprintable() or c == "\n" for c in output)
        assert not [line for line in output.splitlines() if line == "结论：未发现改动。"]
