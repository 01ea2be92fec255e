"""Places where an export lies, and texts that people stored outside the platform: read as they are,
whatever editors and archivers did."""

from __future__ import annotations

import stat
import sys
import zipfile
from dataclasses import dataclass
from functools import cached_property
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Protocol

from huitong.audit.rules.archive import ArchiveError, check_names, members

#: a file that is read as a whole has so many bytes at most
WHOLE = 64 << 20


class Source(Protocol):
    """A place where an export lies: named files."""

    def names(self) -> list[str]: ...
    def open(self, name: str) -> IO[bytes]: ...


@dataclass(frozen=True)
class Folder:
    path: Path

    def names(self) -> list[str]:
        """The files below. Raises `ArchiveError` for what is no plain file, and for names that
        are one to some program."""
        inside = [(p, p.lstat().st_mode) for p in self.path.rglob("*")]
        if odd := [p for p, mode in inside if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)]:
            raise ArchiveError("name", f"“{odd[0].name[:80]}”不是普通文件")
        names = sorted(
            p.relative_to(self.path).as_posix() for p, mode in inside if stat.S_ISREG(mode)
        )
        check_names(names)
        return names

    def open(self, name: str) -> IO[bytes]:
        return (self.path / name).open("rb")


@dataclass(frozen=True)
class Zip:
    path: Path

    @cached_property
    def _archive(self) -> zipfile.ZipFile:
        archive = zipfile.ZipFile(self.path)
        try:
            members(archive)
        except BaseException:
            archive.close()
            raise
        return archive

    def names(self) -> list[str]:
        """The members but for folders. Raises `ArchiveError` for an archive that can be read in
        more than one way."""
        return sorted(name for name in self._archive.namelist() if not name.endswith("/"))

    def open(self, name: str) -> IO[bytes]:
        return self._archive.open(name)


def source(path: Path) -> Source:
    """The export at this path, folder or zip. Raises FileNotFoundError, ValueError for anything
    else."""
    if not path.exists():
        raise FileNotFoundError(f"没有此文件：{path}")
    if not path.is_dir() and not path.is_file():
        raise ValueError(f"不是文件夹，也不是文件：{path}")
    return Folder(path) if path.is_dir() else Zip(path)


def kept_text(path: Path) -> str:
    """Read a text that somebody stored outside, whatever their editor did to it: a byte order mark,
    UTF-16, GB18030, ends of lines.

    Raises OSError, ValueError.
    """
    raw = path.read_bytes()
    if len(raw) > WHOLE:
        raise ValueError(f"文件过大：{path}")
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return (
            text.replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
        )
    raise ValueError(f"不是文本文件：{path}")


def any_terminal() -> None:
    """Write letters a terminal does not have as their code points from now on, instead of ending
    the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def harmless(text: str) -> str:
    """The text with what steers a terminal or cannot be seen written out: names come from
    whoever made the archive."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
