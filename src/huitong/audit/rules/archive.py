"""Reading a zip archive in the one way in which every program reads it alike, or not at all
(APPNOTE.TXT 6.3.10).

An archive lists its members twice, at their beginning and in a directory at its end, and may hold
what neither names. Programs believe one or the other, the first or the last of one name: what is
checked and what is seen then differ. Here both lists must agree, members must follow one another
without a gap, and nothing may come before, between or after them.
"""

from __future__ import annotations

import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO

LOCAL, DIRECTORY_END, END64, LOCATOR64 = b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
#: flags of a member: encrypted; sizes stand behind it; name in UTF-8. 1 and 2 say how deflate was
#: told to work
ENCRYPTED, SIZES_BEHIND, UTF_8, FLAGS = 0x2041, 0x8, 0x800, 0x80E
#: characters which some file system or shell reads as something else
FORBIDDEN = frozenset('\\:*?"<>|')
CHUNK = 1 << 16


@dataclass(frozen=True)
class Limits:
    """How much an archive may unpack to: members, bytes, and times its own size once it is
    large; and whether it may have folders without members."""

    members: int = 10_000
    unpacked: int = 1 << 40
    ratio: int = 200
    free: int = 64 << 20
    empty_folders: bool = False


class ArchiveError(ValueError):
    """This archive can be read in more than one way, or not at all; the message says why,
    ``kind`` in one word."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def odd_name(name: str) -> str:
    """Say why this is no plain relative name of a file; empty when it is one."""
    if not 0 < len(name) <= 240 or any(not c.isprintable() or c in FORBIDDEN for c in name):
        return "文件名为空、过长或含有不可见、不允许的字符"
    parts = name.split("/")
    if any(
        part in ("", ".", "..")
        or (part != part.strip(" .") and not part.startswith("."))
        or part.endswith((" ", "."))
        for part in parts
    ):
        return "文件名不是规范的相对路径"
    return ""


def check_names(names: Iterable[str]) -> None:
    """Refuse names that are odd, or that are one to some program: the same, or but for case or
    composition. Raises `ArchiveError`."""
    by_name: dict[str, str] = {}
    for name in names:
        if reason := odd_name(name):
            raise ArchiveError("name", f"“{name[:80]}”：{reason}")
        alike = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
        if alike in by_name:
            raise ArchiveError("twice", f"“{name[:80]}”出现不止一次（或只是大小写不同）")
        by_name[alike] = name


def stored_name(info: zipfile.ZipInfo) -> str:
    """The name of a member as the standard reads it: UTF-8 by its flag, else code page 437."""
    return info.orig_filename


def members(
    archive: zipfile.ZipFile,
    limits: Limits = Limits(),
    name_of: Callable[[zipfile.ZipInfo], str] = stored_name,
) -> list[zipfile.ZipInfo]:
    """The members of an archive, each unpacked once to see that it is what both lists say. Raises
    `ArchiveError`, OSError.

    Without the empty ones by which many programs name folders. ``name_of``: the name to check, for
    archives whose names are in another character set than they say.
    """
    infos, file = archive.infolist(), archive.fp
    if file is None:
        raise ArchiveError("broken", "压缩包已关闭")
    size = file.seek(0, 2)
    if len(infos) > limits.members:
        raise ArchiveError("bomb", f"文件过多，超过 {limits.members} 个")
    unpacked = sum(info.file_size for info in infos)
    if unpacked > min(limits.unpacked, max(limits.free, limits.ratio * size)):
        raise ArchiveError("bomb", "展开后过大，疑似压缩炸弹")
    folders = _folders(infos, limits.empty_folders)
    check_names(
        name_of(info).removesuffix("/") if info.orig_filename in folders else name_of(info)
        for info in infos
    )
    at = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset != at:
            raise ArchiveError(
                "gap", f"“{info.orig_filename[:80]}”之前夹有其他内容，或与其他文件重叠"
            )
        at = _end_of(file, info)
    _check_end(file, infos, at, archive.start_dir, size)
    return [info for info in infos if info.orig_filename not in folders]


def _folders(infos: list[zipfile.ZipInfo], empty: bool) -> set[str]:
    """Names of empty members that stand for a folder in which another member lies, or for any
    folder."""
    above = {
        "/".join(parts[:n]) + "/"
        for parts in (i.orig_filename.rstrip("/").split("/") for i in infos)
        for n in range(1, len(parts))
    }
    return {
        info.orig_filename
        for info in infos
        if not info.file_size
        and (info.orig_filename in above or (empty and info.orig_filename.endswith("/")))
    }


def _end_of(file: IO[bytes], info: zipfile.ZipInfo) -> int:
    """Return where a member ends, its beginning and content being as the directory says."""
    name = info.orig_filename
    if info.flag_bits & ENCRYPTED:
        raise ArchiveError("password", f"“{name[:80]}”有密码保护")
    if (
        info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        or info.flag_bits & ~FLAGS
    ):
        raise ArchiveError("method", f"“{name[:80]}”的压缩方式不受支持")
    if stat.S_IFMT(info.external_attr >> 16) not in (
        0,
        stat.S_IFDIR if name.endswith("/") else stat.S_IFREG,
    ):
        raise ArchiveError("name", f"“{name[:80]}”不是普通文件")
    file.seek(info.header_offset)
    head = file.read(30)
    if len(head) < 30 or not head.startswith(LOCAL):
        raise ArchiveError("broken", f"“{name[:80]}”的开头已损坏")
    flags, method = struct.unpack_from("<HH", head, 6)
    crc, packed, plain, name_length, extra_length = struct.unpack_from("<IIIHH", head, 14)
    own, extra = file.read(name_length), file.read(extra_length)
    if (own, flags, method) != (
        name.encode("utf-8" if flags & UTF_8 else "cp437", "replace"),
        info.flag_bits,
        info.compress_type,
    ):
        raise ArchiveError("differs", f"“{name[:80]}”在压缩包中的两处记载不一致")
    if any(second != own for second in (*_second_names(extra), *_second_names(info.extra))):
        raise ArchiveError("differs", f"“{name[:80]}”另记有一个不同的文件名")
    begin = info.header_offset + 30 + name_length + extra_length
    _check_content(file, info, begin)
    end: int = begin + info.compress_size
    if flags & SIZES_BEHIND:
        return _behind(file, info, end)
    if (crc, *_sizes(packed, plain, extra)) != (info.CRC, info.compress_size, info.file_size):
        raise ArchiveError("differs", f"“{name[:80]}”的大小或校验值与所称不符")
    return end


def _fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """The further fields of a member: kind and content (4.5)."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        yield kind, extra[at + 4 : at + 4 + length]
        at += 4 + length


def _second_names(extra: bytes) -> list[bytes]:
    """Names in UTF-8 some programs take instead of the member's own (4.6.9)."""
    return [content[5:] for kind, content in _fields(extra) if kind == 0x7075]


def _sizes(packed: int, plain: int, extra: bytes) -> tuple[int, int]:
    """Packed and plain size, from the ZIP64 field where they do not fit into the header."""
    if 0xFFFFFFFF not in (packed, plain):
        return packed, plain
    for kind, content in _fields(extra):
        if kind == 1 and len(content) >= 16:
            plain_size, small = struct.unpack_from("<QQ", content)
            return small if packed == 0xFFFFFFFF else packed, (
                plain_size if plain == 0xFFFFFFFF else plain
            )
    return packed, plain


def _behind(file: IO[bytes], info: zipfile.ZipInfo, end: int) -> int:
    """The end of the record behind a member, in its four shapes: with a mark or without, sizes
    of 4 or of 8 bytes."""
    file.seek(end)
    record = file.read(24)
    for mark in (b"PK\x07\x08", b""):
        for shape in ("<IQQ", "<III"):
            length = len(mark) + struct.calcsize(shape)
            try:
                descriptor = mark + struct.pack(shape, info.CRC, info.compress_size, info.file_size)
            except struct.error:  # does not fit into four bytes
                continue
            if record[:length] == descriptor:
                return end + length
    raise ArchiveError("differs", f"“{info.orig_filename[:80]}”的大小或校验值与所称不符")


def _check_content(file: IO[bytes], info: zipfile.ZipInfo, begin: int) -> None:
    """Unpack a member in constant memory: exactly the size, the sum and the packed bytes that are
    claimed."""
    reader = (
        zlib.decompressobj(-zlib.MAX_WBITS) if info.compress_type == zipfile.ZIP_DEFLATED else None
    )
    file.seek(begin)
    left, size, crc = info.compress_size, 0, 0
    broken = ArchiveError("broken", f"“{info.orig_filename[:80]}”已损坏，或实际大小与所称不符")
    while left:
        part = file.read(min(CHUNK, left))
        if not part:
            raise broken
        left -= len(part)
        while part:
            if reader is None:
                plain, part = part, b""
            else:
                try:
                    plain = reader.decompress(part, CHUNK)
                except zlib.error:
                    raise broken from None
                part = reader.unconsumed_tail
                if reader.unused_data or (reader.eof and left):
                    raise broken
            size, crc = size + len(plain), zlib.crc32(plain, crc)
            if size > info.file_size:
                raise broken
    if size != info.file_size or crc != info.CRC or (reader is not None and not reader.eof):
        raise broken


def _check_end(
    file: IO[bytes], infos: list[zipfile.ZipInfo], at: int, directory: int, size: int
) -> None:
    """The directory begins where the last member ends, lists the members alone, and is the last
    thing in the file."""
    file.seek(directory)
    directory_size = sum(
        46
        + len(i.orig_filename.encode("utf-8" if i.flag_bits & UTF_8 else "cp437", "replace"))
        + len(i.extra)
        + len(i.comment)
        for i in infos
    )
    end = directory + directory_size
    file.seek(end)
    tail = file.read(256)
    plain = size - end == 22 and tail.startswith(DIRECTORY_END)
    large = (
        size - end == 98
        and tail.startswith(END64)
        and tail[56:60] == LOCATOR64
        and tail[76:80] == DIRECTORY_END
    )
    if directory != at or not (plain or large):
        raise ArchiveError("trailing", "文件尾部附有其他内容，或目录与文件之间夹有其他内容")
