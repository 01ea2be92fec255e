"""An archive that two programs could read in two ways is no evidence, and none makes the
verifier stumble."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huitong.audit.rules.archive import ArchiveError, Limits, members, odd_name
from huitong.audit.rules.export import ZipTarget
from huitong.audit.rules.offline import ENTRIES, MANIFEST, Zip, verify
from huitong.audit.rules.script import NAME, script
from huitong.audit.rules.verifying import main
from huitong.audit.tests.exports import HONEST, PLATFORM

pytestmark = pytest.mark.filterwarnings("ignore:Duplicate name")


def written(files: dict[str, bytes], **how: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how.get("method", zipfile.ZIP_DEFLATED)) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def honest() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        HONEST.export(target=ZipTarget(archive))
    return out.getvalue()


GENUINE = honest()
HELD = HONEST.export().held
FALSE = HELD[ENTRIES].replace("办理".encode(), "篡改".encode(), 1)


def with_member(name: str, content: bytes, *, first: bool = False, **more: int) -> bytes:
    """The genuine archive and one member more, before or behind."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for at, content_of in (
            [(name, content)] * first + list(HELD.items()) + [(name, content)] * (not first)
        ):
            info = zipfile.ZipInfo(at)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = more.get("mode", 0o100644) << 16
            archive.writestr(info, content_of)
    return out.getvalue()


def with_field(field: bytes) -> bytes:
    """The genuine archive, a further field at each of its members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in HELD.items():
            info = zipfile.ZipInfo(name)
            info.extra = field
            archive.writestr(info, content)
    return out.getvalue()


def patched(content: bytes, signature: bytes, offset: int, value: bytes, which: int = 0) -> bytes:
    """A header's field rewritten; ``which`` of its kind."""
    at = -1
    for _ in range(which + 1):
        at = content.index(signature, at + 1)
    return content[: at + offset] + value + content[at + offset + len(value) :]


def corrupt(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        info = archive.getinfo(ENTRIES)
    at = info.header_offset + 30 + len(ENTRIES) + 20 + info.compress_size // 2
    return content[:at] + bytes(9 * [0xFF]) + content[at + 9 :]


def renamed(content: bytes, old: str, new: str) -> bytes:
    assert len(old.encode()) == len(new.encode())
    return content.replace(old.encode(), new.encode())


def hidden(content: bytes) -> bytes:
    """Bytes between the last member and the directory that nobody lists."""
    at = content.index(b"PK\x01\x02")
    end = content.rindex(b"PK\x05\x06")
    moved = struct.pack("<I", struct.unpack_from("<I", content, end + 16)[0] + 7)
    return content[:at] + b"hidden!" + content[at : end + 16] + moved + content[end + 20 :]


HOSTILE: dict[str, Callable[[], bytes]] = {
    "two of one name, the false one first": lambda: with_member(ENTRIES, FALSE, first=True),
    "two of one name, the false one last": lambda: with_member(ENTRIES, FALSE),
    "two manifests": lambda: with_member(MANIFEST, HELD[MANIFEST]),
    "names that differ in case": lambda: with_member(ENTRIES.upper(), FALSE),
    "names that differ in composition": lambda: written({**HELD, "\u00e9": b"", "e\u0301": b""}),
    "a path out of the folder": lambda: with_member("../x", b""),
    "an absolute path": lambda: with_member("/etc/x", b""),
    "a path of Windows": lambda: with_member("a\\b", b""),
    "a drive of Windows": lambda: with_member("C:x", b""),
    "a folder": lambda: with_member("x/", b""),
    "a name with a control character": lambda: with_member("x\x1b[2J", b""),
    "a second name some programs take": lambda: with_field(
        struct.pack("<HHBI", 0x7075, 10, 1, zlib.crc32(b"README.txt")) + b"x.txt"
    ),
    "a folder that holds something": lambda: written(
        {**HELD, "papers/": b"x", "papers/a.pdf": b""}
    ),
    "a folder and a file of one name": lambda: written(
        {**HELD, "papers": b"", "papers/": b"", "papers/a.pdf": b""}
    ),
    "a name turned round": lambda: with_member("x\u202etxt.exe", b""),
    "a name cut at a zero": lambda: renamed(with_member("xxxx", b""), "xxxx", "x\0xx"),
    "a name too long": lambda: with_member("x" * 300, b""),
    "a link": lambda: with_member("x", b"/etc/passwd", mode=0o120777),
    "a name that differs at the beginning": lambda: patched(GENUINE, b"PK\x03\x04", 30, b"E"),
    "an unknown method": lambda: patched(
        patched(GENUINE, b"PK\x01\x02", 10, b"\x63\0"), b"PK\x03\x04", 8, b"\x63\0"
    ),
    "an unknown method in one place": lambda: patched(GENUINE, b"PK\x01\x02", 10, b"\x63\0"),
    "bzip2": lambda: written(HELD, method=zipfile.ZIP_BZIP2),
    "lzma": lambda: written(HELD, method=zipfile.ZIP_LZMA),
    "encrypted": lambda: patched(
        patched(GENUINE, b"PK\x01\x02", 8, b"\x01\0"), b"PK\x03\x04", 6, b"\x01\0"
    ),
    "corrupt compression": lambda: corrupt(GENUINE),
    "another sum": lambda: patched(GENUINE, b"PK\x01\x02", 16, b"\0\0\0\0"),
    "a size too small": lambda: patched(GENUINE, b"PK\x01\x02", 24, b"\x05\0\0\0"),
    "a size too large": lambda: patched(GENUINE, b"PK\x01\x02", 24, b"\0\0\0\x7f"),
    "a bomb": lambda: with_member("zeros", bytes(100 << 20)),
    "something before": lambda: b"#!/bin/sh\n" + GENUINE,
    "something behind": lambda: GENUINE + b"x",
    "a remark": lambda: GENUINE[:-2] + b"\x03\0abc",
    "something between": lambda: hidden(GENUINE),
    "another archive behind": lambda: GENUINE + GENUINE,
    "another archive before": lambda: written({**HELD, ENTRIES: FALSE}) + GENUINE,
    "cut": lambda: GENUINE[:-30],
    "no archive": lambda: b"PK\x03\x04" + bytes(100),
    "nothing": lambda: b"",
    "a bitmap of zeros": lambda: bytes(100_000),
}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "key.txt").write_text(f"{PLATFORM.key}\n")
    yield tmp_path


@pytest.mark.parametrize("case", HOSTILE)
def test_what_can_be_read_in_two_ways_is_not_genuine(
    place: Path, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "export.zip").write_bytes(HOSTILE[case]())
    assert main([str(place / "export.zip"), "--key", str(place / "key.txt")]) == 1
    out = capsys.readouterr().out
    assert "未发现改动" not in out and all(c.isprintable() or c == "\n" for c in out)


def test_the_script_in_the_package_is_as_strict(place: Path) -> None:
    (place / NAME).write_text(script())
    for case in (
        "two of one name, the false one first",
        "corrupt compression",
        "a name with a control character",
    ):
        (place / "export.zip").write_bytes(HOSTILE[case]())
        result = subprocess.run(
            [sys.executable, "-I", "-S", "-X", "utf8", NAME, "export.zip", "--key", "key.txt"],
            cwd=place,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert (result.returncode, result.stderr) == (1, b""), case
        assert b"\x1b" not in result.stdout and "压缩包结构异常" in result.stdout.decode(), case


@pytest.mark.parametrize("how", ["ours", "stored", "packed again", "sizes behind"])
def test_an_archive_packed_again_by_an_honest_program_passes(place: Path, how: str) -> None:
    if how == "sizes behind":

        class Pipe(io.RawIOBase):
            def __init__(self) -> None:
                self.held = bytearray()

            def writable(self) -> bool:
                return True

            def write(self, part: bytes) -> int:  # type: ignore[override]
                self.held += part
                return len(part)

        out = Pipe()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[arg-type]
            for name, content in HELD.items():
                archive.writestr(name, content)
        content = bytes(out.held)
        assert b"PK\x07\x08" in content
    else:
        content = (
            GENUINE
            if how == "ours"
            else written(
                HELD, method=zipfile.ZIP_STORED if how == "stored" else zipfile.ZIP_DEFLATED
            )
        )
    (place / "export.zip").write_bytes(content)
    assert main([str(place / "export.zip"), "--key", str(place / "key.txt")]) == 0


def test_a_line_or_a_file_that_is_too_long_is_refused(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huitong.audit.rules.offline.LINE", 40)
    (place / "export.zip").write_bytes(GENUINE)
    assert {f.kind for f in verify(Zip(place / "export.zip"), keys=[PLATFORM.key]).faults} == {
        "unreadable"
    }
    monkeypatch.setattr("huitong.audit.rules.offline.WHOLE", 10)
    assert not verify(Zip(place / "export.zip"), keys=[PLATFORM.key]).ok


# -- fuzzing ---------------------------------------------------------------------------------------

SPOTS = [
    at
    for mark in (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06")
    for at in (i for i in range(len(GENUINE)) if GENUINE.startswith(mark, i))
]


@st.composite
def archives(draw: st.DrawFn) -> bytes:
    """The genuine archive after a few blows: bytes of headers and of content, pieces cut,
    doubled, moved, members renamed or added."""
    content = GENUINE
    for _ in range(draw(st.integers(1, 3))):
        if not content:
            break
        spot = draw(st.one_of(st.integers(0, len(content) - 1), st.sampled_from(SPOTS))) + draw(
            st.integers(0, 60)
        )
        at = min(spot, len(content) - 1)
        to = min(len(content), at + draw(st.integers(0, 40)))
        match draw(
            st.sampled_from(
                ["flip", "value", "cut", "double", "insert", "truncate", "append", "member"]
            )
        ):
            case "flip":
                content = (
                    content[:at]
                    + bytes([content[at] ^ 1 << draw(st.integers(0, 7))])
                    + content[at + 1 :]
                )
            case "value":
                content = (
                    content[:at]
                    + draw(
                        st.sampled_from(
                            [b"\0\0\0\0", b"\xff\xff\xff\xff", b"PK\x01\x02", b"\x01", b"\x7f\xff"]
                        )
                    )
                    + content[to:]
                )
            case "cut":
                content = content[:at] + content[to:]
            case "double":
                content = content[:to] + content[at:to] + content[to:]
            case "insert":
                content = content[:at] + draw(st.binary(max_size=30)) + content[at:]
            case "truncate":
                content = content[:at]
            case "append":
                content += draw(st.binary(min_size=1, max_size=30))
            case _:
                name = draw(
                    st.sampled_from(
                        [*HELD, *map(str.upper, HELD), "../x", "x\x1b", "notes.txt", "\ud800"]
                    )
                )
                try:
                    held = io.BytesIO(content)
                    with zipfile.ZipFile(held, "a") as archive:
                        archive.writestr(name, draw(st.binary(max_size=20)))
                    content = held.getvalue()
                except Exception:
                    continue
    return content


def what_others_see(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=archives())
def test_no_mutated_archive_makes_it_raise_or_is_called_genuine(
    place: Path, content: bytes
) -> None:
    (place / "export.zip").write_bytes(content)
    report = verify(Zip(place / "export.zip"), keys=[PLATFORM.key])
    if report.ok:  # only what means nothing was changed: a clock, a version
        assert what_others_see(content) == HELD
    assert all(c.isprintable() or c == "\n" for c in str(report))


@given(st.binary(max_size=400))
def test_whatever_is_no_archive_is_refused(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members(archive)
    except (ArchiveError, zipfile.BadZipFile):
        return
    assert content.startswith(b"PK")


# -- names and limits ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "a.txt",
        "calls/2026-11.jsonl",
        "盖章扫描件 第 1 版.pdf",
        "[Content_Types].xml",
        "_rels/.rels",
        "xl/a-b_c.xml",
    ],
)
def test_plain_names_pass(name: str) -> None:
    assert odd_name(name) == ""


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/a",
        "a/",
        "a//b",
        "./a",
        "a/../b",
        "a\\b",
        "c:a",
        "a\nb",
        "a\0",
        "a.",
        "a ",
        " a",
        "a/ b",
        "\ufeffa",
        "a\u202e",
        "x" * 241,
    ],
)
def test_odd_names_do_not(name: str) -> None:
    assert odd_name(name)


def test_folders_that_hold_members_are_no_members() -> None:
    """As 7-Zip and the libraries of browsers write them: an archive packed again is not accused."""
    with zipfile.ZipFile(
        io.BytesIO(written({"a/": b"", "a/b/": b"", "a/b/c.txt": b"x"}))
    ) as archive:
        assert [member.filename for member in members(archive)] == ["a/b/c.txt"]


def test_members_sizes_and_ratio_have_limits() -> None:
    many = written({str(n): b"" for n in range(20)})
    large = written({"a": bytes(1 << 20)})
    for content, limits in (
        (many, Limits(members=19)),
        (large, Limits(unpacked=1 << 19)),
        (large, Limits(free=1000)),
    ):
        with (
            zipfile.ZipFile(io.BytesIO(content)) as archive,
            pytest.raises(ArchiveError) as refused,
        ):
            members(archive, limits)
        assert refused.value.kind == "bomb"
