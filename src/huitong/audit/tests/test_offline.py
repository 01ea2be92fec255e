"""The offline verifier finds whatever is done to an export, also by someone who holds the
signing key."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from huitong.audit.rules import tree
from huitong.audit.rules.export import FolderTarget, Line, Writer, ZipTarget, growth_line
from huitong.audit.rules.note import CheckpointText, Note, parse_notes
from huitong.audit.rules.offline import (
    CHECKPOINTS,
    ENTRIES,
    GROWTH,
    KEYS,
    MANIFEST,
    Folder,
    Report,
    main,
    source,
    verify,
)
from huitong.audit.rules.script import NAME, script
from huitong.audit.rules.signing import Signer
from huitong.audit.rules.sources import kept_text
from huitong.audit.rules.suites import SUITES

PLATFORM = Signer("nantong.example/ledger", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
STRANGER = Signer("nantong.example/ledger", Ed25519PrivateKey.from_private_bytes(bytes(32)))
SIZES = (3, 8, 13)


@dataclass
class Files:
    """An export in memory: both what is written to and what is read from."""

    held: dict[str, bytes] = field(default_factory=dict)

    def names(self) -> list[str]:
        return sorted(self.held)

    def open(self, name: str) -> io.BytesIO:
        return io.BytesIO(self.held[name])

    @contextmanager
    def file(self, name: str) -> Iterator[IO[bytes]]:
        with io.BytesIO() as file:
            yield file
            self.held[name] = file.getvalue()


@dataclass
class Ledger:
    """A ledger in memory, sealed at `sizes`, exported as the platform does it."""

    entries: list[bytes]
    sizes: tuple[int, ...] = SIZES
    suite: str = "sha256"
    signer: Signer = PLATFORM

    def __post_init__(self) -> None:
        hashing = SUITES[self.suite]
        self.known = {(0, n): hashing.leaf(entry) for n, entry in enumerate(self.entries)}
        frontier = tree.Frontier(hashing)
        self.notes: list[Note] = []
        for number in range(len(self.entries)):
            self.known.update(frontier.append(self.known[0, number]))
            if frontier.size in self.sizes:
                claim = CheckpointText(self.signer.name, frontier.size, frontier.root(), self.suite)
                self.notes.append(self.signer.sign(str(claim)))

    def prove(self, spans: list[tree.Span]) -> list[bytes]:
        return tree.hashes(
            SUITES[self.suite], spans, lambda places: {p: self.known[p] for p in places}
        )

    def export(
        self, first: int = 0, target: Files | FolderTarget | ZipTarget | None = None
    ) -> Files:
        made = Files()
        size = max(self.sizes)
        frontier = [self.known[place].hex() for place in tree.places((0, first))]
        about = {
            "kind": "full",
            "origin": self.signer.name,
            "size": size,
            "first": first,
            "frontier": frontier,
        }
        writer = Writer(target or made, self.signer, about)
        writer.entries(Line(n, self.known[0, n], self.entries[n]) for n in range(first, size))
        writer.checkpoints(
            note for note, at in zip(self.notes, self.sizes, strict=True) if at >= first
        )
        writer.keys([self.signer.key])
        writer.close()
        return made

    def excerpt(self, leaves: list[int], grown_from: tuple[int, ...] = ()) -> Files:
        made, size = Files(), max(self.sizes)
        writer = Writer(
            made, self.signer, {"kind": "excerpt", "origin": self.signer.name, "size": size}
        )
        writer.entries(
            Line(n, self.known[0, n], self.entries[n], tuple(self.prove(tree.inclusion(n, size))))
            for n in leaves
        )
        writer.checkpoints(self.notes[-1:])
        writer.keys([self.signer.key])
        writer.growth((old, size, self.prove(tree.consistency(old, size))) for old in grown_from)
        writer.close()
        return made


def entries(count: int, said: str = "办理") -> list[bytes]:
    return [
        json.dumps({"seq": n, "verb": said}, ensure_ascii=False, separators=(",", ":")).encode()
        for n in range(count)
    ]


HONEST = Ledger(entries(13))


def kinds(report: Report) -> set[str]:
    return {fault.kind for fault in report.faults}


# -- honest exports --------------------------------------------------------------------------------


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("first", [0, 1, 3, 7, 12])
def test_an_honest_export_passes_against_every_checkpoint_since_it_begins(
    suite: str, first: int
) -> None:
    ledger = Ledger(entries(13), suite=suite)
    trusted = [note for note, at in zip(ledger.notes, SIZES, strict=True) if at >= first]
    report = verify(ledger.export(first), trusted, [PLATFORM.key])
    assert (report.faults, report.entries, report.confirmed) == (
        [],
        13 - first,
        [at for at in SIZES if at >= first],
    )
    assert report.remarks == []
    assert "未发现改动" in str(report)


def test_an_honest_excerpt_passes_against_older_checkpoints_when_it_brings_their_proof() -> None:
    report = verify(HONEST.excerpt([0, 4, 12], grown_from=(3, 8)), HONEST.notes, [PLATFORM.key])
    assert (report.faults, report.entries, report.confirmed) == ([], 3, list(SIZES))


def test_what_could_not_be_looked_at_is_said() -> None:
    report = verify(HONEST.export())
    assert report.ok
    assert [word in "".join(report.remarks) for word in ("公钥", "外存检查点")] == [True, True]
    assert kinds(verify(HONEST.excerpt([1]), HONEST.notes[:1], [PLATFORM.key])) == {"incomparable"}
    assert kinds(verify(HONEST.export(first=5), HONEST.notes[:1], [PLATFORM.key])) == {
        "incomparable"
    }


def test_a_younger_checkpoint_is_compared_through_a_proof_asked_for() -> None:
    older = Ledger(HONEST.entries, sizes=(3, 8))
    proof = growth_line(8, 13, HONEST.prove(tree.consistency(8, 13)))
    assert verify(older.excerpt([1]), HONEST.notes[-1:], [PLATFORM.key], [proof]).confirmed == [13]


# -- any single mutation ---------------------------------------------------------------------------


@st.composite
def mutations(draw: st.DrawFn) -> tuple[str, dict[str, bytes]]:
    """One thing done to the files of an export: a byte, a line, a file."""
    made = draw(
        st.sampled_from(
            [HONEST.export(), HONEST.export(first=5), HONEST.excerpt([2, 3, 9], grown_from=(3,))]
        )
    )
    held = dict(made.held)
    name = draw(st.sampled_from(sorted(held)))
    lines = held[name].splitlines(keepends=True)
    what = draw(
        st.sampled_from(
            [
                "flip",
                "delete byte",
                "insert byte",
                "drop line",
                "repeat line",
                "swap lines",
                "cut",
                "drop file",
                "add file",
            ]
        )
    )
    at = draw(st.integers(0, max(len(held[name]) - 1, 0)))
    row = draw(st.integers(0, len(lines) - 1)) if lines else 0
    if what == "flip":
        held[name] = (
            held[name][:at]
            + bytes([held[name][at] ^ 1 << draw(st.integers(0, 7))])
            + held[name][at + 1 :]
        )
    elif what == "delete byte":
        held[name] = held[name][:at] + held[name][at + 1 :]
    elif what == "insert byte":
        held[name] = held[name][:at] + draw(st.binary(min_size=1, max_size=1)) + held[name][at:]
    elif what == "drop line":
        held[name] = b"".join(lines[:row] + lines[row + 1 :])
    elif what == "repeat line":
        held[name] = b"".join(lines[: row + 1] + lines[row:])
    elif what == "swap lines":
        other = draw(st.integers(0, len(lines) - 1))
        lines[row], lines[other] = lines[other], lines[row]
        held[name] = b"".join(lines)
    elif what == "cut":
        held[name] = held[name][:at]
    elif what == "drop file":
        del held[name]
    else:
        held["notes.txt"] = b""
    if held == made.held:
        held["notes.txt"] = b""
    return what, held


@settings(max_examples=400, deadline=None)
@given(mutations())
def test_any_single_mutation_of_an_export_is_found(mutated: tuple[str, dict[str, bytes]]) -> None:
    what, held = mutated
    assert not verify(Files(held), keys=[PLATFORM.key]).ok, what


# -- the one who holds the key ---------------------------------------------------------------------


Forgery = Callable[[list[bytes], int], list[bytes]]


def _changed(rows: list[bytes], at: int) -> list[bytes]:
    return [*rows[:at], rows[at].replace("办理".encode(), "篡改".encode()), *rows[at + 1 :]]


def _inserted(rows: list[bytes], at: int) -> list[bytes]:
    return [*rows[:at], b'{"seq":99}', *rows[at:]]


def _removed(rows: list[bytes], at: int) -> list[bytes]:
    return rows[:at] + rows[at + 1 :]


def _swapped(rows: list[bytes], at: int) -> list[bytes]:
    return [*rows[:at], rows[at + 1], rows[at], *rows[at + 2 :]]


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 6), forge=st.sampled_from([_changed, _inserted, _removed, _swapped]))
def test_a_ledger_rewritten_and_signed_anew_is_found_from_a_checkpoint_that_left(
    at: int, forge: Forgery
) -> None:
    rows = forge(list(HONEST.entries), at)
    forged = Ledger(rows, sizes=(len(rows),))
    assert verify(forged.export(), keys=[PLATFORM.key]).ok  # by itself nobody could tell
    assert kinds(verify(forged.export(), HONEST.notes[1:2], [PLATFORM.key])) == {"root"}
    proof = growth_line(8, len(rows), forged.prove(tree.consistency(8, len(rows))))
    assert kinds(verify(forged.excerpt([0]), HONEST.notes[1:2], [PLATFORM.key], [proof])) == {
        "root"
    }


@pytest.mark.parametrize("left", range(1, 13))
def test_an_export_older_than_a_checkpoint_is_told_from_one_cut_by_a_proof_and_its_day(
    left: int,
) -> None:
    """Without a proof nobody can tell whether the ledger grew after the export or was cut: it is
    neither passed nor accused.

    A checkpoint younger than an honest export once was called proof of a cut tail.
    """
    older = Ledger(HONEST.entries[:left], sizes=(left,))
    report = verify(older.export(), HONEST.notes[-1:], [PLATFORM.key])
    assert (kinds(report), report.ok, report.open) == ({"incomparable"}, False, True)
    assert (
        f"/checkpoint/consistency?old={left}&size=13" in str(report)
        and "尚不能下结论" in str(report)
        and "不通过" not in str(report)
    )
    proof = growth_line(left, 13, HONEST.prove(tree.consistency(left, 13)))
    report = verify(older.export(), HONEST.notes[-1:], [PLATFORM.key], [proof])
    assert (report.faults, report.confirmed) == ([], [13])
    assert f"其后又增 {13 - left} 条" in "".join(report.remarks) and "截去末尾" in "".join(
        report.remarks
    )
    forged = Ledger(entries(left, "另一本"), sizes=(left,))
    assert kinds(verify(forged.export(), HONEST.notes[-1:], [PLATFORM.key], [proof])) == {"root"}


def test_an_export_that_lacks_what_its_own_checkpoint_seals_is_cut() -> None:
    made = HONEST.export()
    made.held[ENTRIES] = b"".join(made.held[ENTRIES].splitlines(keepends=True)[:9])
    assert "tail" in kinds(verify(made, keys=[PLATFORM.key]))


def test_a_part_of_the_ledger_is_compared_with_a_checkpoint_before_it_through_a_proof() -> None:
    proof = growth_line(3, 13, HONEST.prove(tree.consistency(3, 13)))
    assert verify(HONEST.export(first=5), HONEST.notes[:1], [PLATFORM.key], [proof]).confirmed == [
        3
    ]


def test_two_checkpoints_of_one_size_are_a_fork() -> None:
    other = Ledger(entries(13, "另一本"), sizes=(8,))
    assert "root" in kinds(
        verify(HONEST.export(), [*HONEST.notes[1:2], *other.notes], [PLATFORM.key])
    )


def test_faults_are_told_apart() -> None:
    def told(*lines: int) -> set[str]:
        made = HONEST.export()
        rows = made.held[ENTRIES].splitlines(keepends=True)
        made.held[ENTRIES] = b"".join(rows[n] for n in lines)
        return kinds(verify(made, keys=[PLATFORM.key])) - {"file"}

    assert told(*range(13)) == set()
    assert told(0, 1, 2, 4, *range(5, 13)) == {"removed"}
    assert told(0, 1, 2, 2, *range(3, 13)) == {"inserted"}
    assert told(0, 2, 1, *range(3, 13)) == {"reordered"}
    assert told(*range(10)) == {"tail"}


def test_a_signature_of_somebody_else_under_our_name_is_refused() -> None:
    forged = Ledger(HONEST.entries, signer=STRANGER)
    assert "signature" in kinds(verify(forged.export(), keys=[PLATFORM.key]))


@pytest.mark.parametrize(
    "broken", [{}, {MANIFEST: b""}, {MANIFEST: b"\xff"}, {MANIFEST: HONEST.export().held[MANIFEST]}]
)
def test_what_is_no_export_is_said_to_be_unreadable(broken: dict[str, bytes]) -> None:
    assert "unreadable" in kinds(verify(Files(broken), keys=[PLATFORM.key]))


# -- as files, and by the script that goes with a package ------------------------------------------


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A folder with an export as folder and as zip, the checkpoints that left, the key, and the
    script."""
    HONEST.export(target=FolderTarget(tmp_path / "export"))
    with zipfile.ZipFile(tmp_path / "export.zip", "x") as archive:
        HONEST.export(target=ZipTarget(archive))
    (tmp_path / "outside.checkpoints").write_text("\n".join(map(str, HONEST.notes)))
    (tmp_path / "key.txt").write_text(f"{PLATFORM.key}\n")
    (tmp_path / NAME).write_text(script())
    return tmp_path


def test_folder_and_zip_are_read_alike(kept: Path) -> None:
    for name in ("export", "export.zip"):
        assert source(kept / name).names() == sorted([CHECKPOINTS, ENTRIES, KEYS, MANIFEST])
        assert (
            main(
                [
                    str(kept / name),
                    "--checkpoint",
                    str(kept / "outside.checkpoints"),
                    "--key",
                    str(kept / "key.txt"),
                ]
            )
            == 0
        )
    assert GROWTH not in Folder(kept / "export").names()


def test_the_script_needs_nothing_but_python(kept: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        # -I -S: no site packages, hence no cryptography and none of this project
        command = [sys.executable, "-I", "-S", "-X", "utf8", NAME, *arguments]
        return subprocess.run(
            command,
            cwd=kept,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    good = run("export.zip", "--checkpoint", "outside.checkpoints", "--key", "key.txt")
    assert (good.returncode, good.stderr) == (0, "")
    assert "未发现改动" in good.stdout
    rows = (kept / "export" / ENTRIES).read_bytes()
    (kept / "export" / ENTRIES).write_bytes(rows.replace("办理".encode(), "篡改".encode(), 1))
    bad = run("export", "--key", "key.txt")
    assert bad.returncode == 1
    assert "条目被改动" in bad.stdout
    assert run("nowhere.zip").returncode == 2


# -- what people keep, and where they read ---------------------------------------------------------

KEPT = Path(__file__).parents[4] / "tests/inputs/ledger/cpmid-bom.txt"
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


def test_a_checkpoint_kept_by_an_editor_that_adds_a_byte_order_mark_is_the_same_checkpoint() -> (
    None
):
    """cpmid-bom.txt, of a running platform: read like the same file without the mark."""
    assert KEPT.read_bytes().startswith(b"\xef\xbb\xbf")
    [note] = parse_notes(kept_text(KEPT))
    claim = CheckpointText.parse(note.text)
    assert (claim.origin, claim.size) == ("huitong.local/c882569732fb", 326)


@pytest.mark.parametrize("editor", EDITORS)
def test_what_was_kept_is_read_whatever_the_editor_made_of_it(
    kept: Path, editor: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (kept / "outside.txt").write_bytes(EDITORS[editor]("".join(map(str, HONEST.notes))))
    (kept / "key2.txt").write_bytes(EDITORS[editor](f"# 平台公钥\n{PLATFORM.key}\n"))
    assert (
        main(
            [
                str(kept / "export.zip"),
                "--checkpoint",
                str(kept / "outside.txt"),
                "--key",
                str(kept / "key2.txt"),
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
    kept: Path, encoding: str, arguments: list[str]
) -> None:
    later = Ledger(entries(20), sizes=(20,))
    (kept / "later.txt").write_text(str(later.notes[0]))
    (kept / "bad.zip").write_bytes((kept / "export.zip").read_bytes()[:-1])
    environment = {
        "PYTHONIOENCODING": encoding,
        "LANG": "C",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONUTF8": "0",
    }
    made = subprocess.run(
        [sys.executable, "-S", NAME, *arguments],
        cwd=kept,
        capture_output=True,
        timeout=60,
        check=False,
        env=environment,
    )
    assert b"Traceback" not in made.stderr, made.stderr.decode()
    wanted = {"export.zip": 0, "bad.zip": 1, "nowhere": 2, "--help": 0}.get(
        arguments[0] if arguments else "", 2
    )
    assert made.returncode == (3 if "later.txt" in arguments else wanted)
    if (
        encoding in ("ascii", "latin-1")
        and made.returncode in (0, 1, 3)
        and "--help" not in arguments
    ):
        assert b"RESULT: " in made.stdout


def test_no_name_in_an_export_writes_to_the_terminal(
    kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "x\x1b[2J\x1b]0;owned\x07\r\n结论：未发现改动。\x9b31m\u202e"
    made = HONEST.export()
    made.held[name] = b""
    about = str(verify(made, keys=[PLATFORM.key]))
    (kept / "export" / name.replace("/", "")).write_bytes(b"")
    assert main([str(kept / "export"), "--key", str(kept / "key.txt")]) == 1
    for shown in (about, capsys.readouterr().out):
        assert "\\x1b[2J" in shown and all(c.isprintable() or c == "\n" for c in shown)
        assert not [line for line in shown.splitlines() if line == "结论：未发现改动。"]
