"""The offline verifier finds whatever is done to an export, also by someone who holds the
signing key."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huitong.audit.rules import tree
from huitong.audit.rules.export import growth_line
from huitong.audit.rules.offline import (
    CHECKPOINTS,
    ENTRIES,
    GROWTH,
    KEYS,
    MANIFEST,
    Folder,
    Report,
    source,
    verify,
)
from huitong.audit.rules.script import NAME
from huitong.audit.rules.suites import SUITES
from huitong.audit.rules.verifying import main
from huitong.audit.tests.exports import HONEST, PLATFORM, SIZES, STRANGER, Files, Ledger, entries


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
    files = draw(
        st.sampled_from(
            [HONEST.export(), HONEST.export(first=5), HONEST.excerpt([2, 3, 9], grown_from=(3,))]
        )
    )
    held = dict(files.held)
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
    if held == files.held:
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
    files = HONEST.export()
    files.held[ENTRIES] = b"".join(files.held[ENTRIES].splitlines(keepends=True)[:9])
    assert "tail" in kinds(verify(files, keys=[PLATFORM.key]))


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
    def kinds_after(*lines: int) -> set[str]:
        files = HONEST.export()
        rows = files.held[ENTRIES].splitlines(keepends=True)
        files.held[ENTRIES] = b"".join(rows[n] for n in lines)
        return kinds(verify(files, keys=[PLATFORM.key])) - {"file"}

    assert kinds_after(*range(13)) == set()
    assert kinds_after(0, 1, 2, 4, *range(5, 13)) == {"removed"}
    assert kinds_after(0, 1, 2, 2, *range(3, 13)) == {"inserted"}
    assert kinds_after(0, 2, 1, *range(3, 13)) == {"reordered"}
    assert kinds_after(*range(10)) == {"tail"}


def test_a_signature_of_somebody_else_under_our_name_is_refused() -> None:
    forged = Ledger(HONEST.entries, signer=STRANGER)
    assert "signature" in kinds(verify(forged.export(), keys=[PLATFORM.key]))


@pytest.mark.parametrize(
    "broken", [{}, {MANIFEST: b""}, {MANIFEST: b"\xff"}, {MANIFEST: HONEST.export().held[MANIFEST]}]
)
def test_what_is_no_export_is_said_to_be_unreadable(broken: dict[str, bytes]) -> None:
    assert "unreadable" in kinds(verify(Files(broken), keys=[PLATFORM.key]))


# -- as files, and by the script that goes with a package ------------------------------------------


def test_folder_and_zip_are_read_alike(export_folder: Path) -> None:
    for name in ("export", "export.zip"):
        assert source(export_folder / name).names() == sorted(
            [CHECKPOINTS, ENTRIES, KEYS, MANIFEST]
        )
        assert (
            main(
                [
                    str(export_folder / name),
                    "--checkpoint",
                    str(export_folder / "outside.checkpoints"),
                    "--key",
                    str(export_folder / "key.txt"),
                ]
            )
            == 0
        )
    assert GROWTH not in Folder(export_folder / "export").names()


def test_the_script_needs_nothing_but_python(export_folder: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        # -I -S: no site packages, hence no cryptography and none of this project
        command = [sys.executable, "-I", "-S", "-X", "utf8", NAME, *arguments]
        return subprocess.run(
            command,
            cwd=export_folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    good = run("export.zip", "--checkpoint", "outside.checkpoints", "--key", "key.txt")
    assert (good.returncode, good.stderr) == (0, "")
    assert "未发现改动" in good.stdout
    rows = (export_folder / "export" / ENTRIES).read_bytes()
    (export_folder / "export" / ENTRIES).write_bytes(
        rows.replace("办理".encode(), "篡改".encode(), 1)
    )
    bad = run("export", "--key", "key.txt")
    assert bad.returncode == 1
    assert "条目被改动" in bad.stdout
    assert run("nowhere.zip").returncode == 2
