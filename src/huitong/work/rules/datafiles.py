"""Data handed out as files (A13): tables, texts and archives, each exactly one well-formed file of
its kind.

Read as `uploads` reads documents: by content, by list of what is allowed, no more in memory than
the file and what it holds.
"""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any
from xml.parsers import expat

from huitong.audit.rules.archive import Limits
from huitong.work.rules.uploads import DOCUMENTS, Checked, Refused
from huitong.work.rules.zips import RATIO, TRAILING, UNPACKED_BYTES, open_zip

#: the encodings of a text; a byte order mark decides first
ENCODINGS = ("utf-8-sig", "gb18030")
#: control characters that no text of a person has
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
MEMBERS = 500
LIMITS = Limits(MEMBERS, UNPACKED_BYTES, RATIO, free=0, empty_folders=True)
#: why an archive is refused, for people: by kind of `ArchiveError`
PROBLEMS = {
    "bomb": f"压缩包展开后过大，或文件超过 {MEMBERS} 个。",
    "password": "压缩包有密码保护，请去除密码后上传。",
    "trailing": TRAILING,
    "gap": "压缩包内部夹有其他内容。",
    "name": "压缩包中有不合规的文件名。",
    "twice": "压缩包中有同名文件。",
    "method": "压缩包的压缩方式不受支持，请以普通 ZIP 方式重新压缩。",
    "damaged": "压缩包已损坏，无法读取，或各文件的实际大小与所称不符。",
}
#: the flag of a member whose name is UTF-8 (APPNOTE 4.4.4, bit 11)
UTF8_NAME = 0x800
#: what an .xls may hold beside the workbook: properties, and what WPS adds
# fmt: off
STREAMS = frozenset({
    "workbook", "book", "\x05summaryinformation", "\x05documentsummaryinformation", "\x01compobj",
    "etextdata", "wpscustomdata",
})
# fmt: on
#: records of the workbook's beginning (MS-XLS 2.3) that make a file more than data
RECORDS = {0x002F: "有密码保护，请去除密码后上传。", 0x00D3: "含有宏，请去除后上传。"}
SUPBOOK, OWN, ADDIN = 0x01AE, b"\x01\x04", b"\x01\x3a"
BOUNDSHEET, WORKSHEET, CHART = 0x0085, 0x00, 0x02


def _text(media_type: str) -> Callable[[bytes], Checked]:
    def check(content: bytes) -> Checked:
        _decode(content)
        return Checked(media_type)

    return check


def _decode(content: bytes) -> str:
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ENCODINGS
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not CONTROLS.search(text):
            return text
    raise Refused("不是文本文件（UTF-8 或 GB18030 编码），或含有控制字符。")


def _json(content: bytes) -> Checked:
    try:
        # a number may be of any length
        json.loads(
            content.decode("utf-8-sig"), parse_constant=_constant, parse_int=len, parse_float=len
        )
    except UnicodeDecodeError:
        raise Refused("不是 UTF-8 编码的 JSON 文件。") from None
    except json.JSONDecodeError as error:
        raise Refused(
            f"不是规范的 JSON：第 {error.lineno} 行第 {error.colno} 个字符处有误。"
        ) from None
    except RecursionError:
        raise Refused("JSON 嵌套过深。") from None
    except ValueError as error:
        raise Refused(f"不是规范的 JSON：{error}。") from None
    return Checked("application/json")


def _constant(name: str) -> Any:
    raise ValueError(f"{name} 不是 JSON 的数字")


def _xml(content: bytes) -> Checked:
    """Check that XML is well-formed and has no document type, which would bring entities and
    outside references."""

    def refuse(*_: Any) -> None:
        raise Refused("含有文档类型声明（DOCTYPE），请去除后上传。")

    if declaration := re.match(rb"<\?xml[^>]*encoding=[\"']gb", content[:200], re.IGNORECASE):
        content = _decode(content).encode()  # which expat does not know by itself
    parser = expat.ParserCreate("utf-8" if declaration else None)
    parser.StartDoctypeDeclHandler = refuse
    parser.ProcessingInstructionHandler = _instruction
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise Refused(f"不是规范的 XML：第 {error.lineno} 行有误。") from None
    except (ValueError, LookupError):
        raise Refused("XML 声明的字符编码无法读取，请另存为 UTF-8 后上传。") from None
    return Checked("application/xml")


def _instruction(target: str, _: str) -> None:
    if target.lower().startswith("xml-stylesheet"):
        raise Refused("引用了样式表，请去除后上传。")


def _parquet(content: bytes) -> Checked:
    """Check for Parquet's mark at both ends, and the length of the footer before the last."""
    if len(content) < 12 or content[:4] != b"PAR1" or content[-4:] != b"PAR1":
        raise Refused("不是 Parquet 文件（内容与扩展名不符）。")
    if not 0 < struct.unpack("<I", content[-8:-4])[0] <= len(content) - 12:
        raise Refused("不是完整的 Parquet 文件。")
    return Checked("application/vnd.apache.parquet")


def _compound(content: bytes) -> Checked:
    """Check that a workbook of Excel 97-2003 or WPS has no macros, objects or links outside."""
    import olefile

    if not content.startswith(olefile.MAGIC):
        raise Refused("不是 Excel 97-2003 文件（内容与扩展名不符）。")
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as parts:
            paths = parts.listdir(streams=True, storages=True)
            if any(len(path) > 1 or path[0].lower() not in STREAMS for path in paths):
                raise Refused("含有宏、嵌入对象或加密内容，请去除后另存上传。")
            name = next(
                (path[0] for path in paths if path[0].lower() in ("workbook", "book")), None
            )
            if name is None:
                raise Refused("不是 Excel 工作簿。")
            _records(parts.openstream(name).read())
    except Refused:
        raise
    except Exception as error:  # olefile raises anything on a damaged file
        raise Refused("文件已损坏，无法读取。") from error
    return Checked("application/vnd.ms-excel")


def _records(stream: bytes) -> None:
    at, first = 0, True
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        if first and kind not in (0x0009, 0x0209, 0x0409, 0x0809):
            raise Refused("不是 Excel 工作簿。")
        body, first = stream[at + 4 : at + 4 + length], False
        if kind in RECORDS:
            raise Refused(RECORDS[kind])
        if kind == BOUNDSHEET and body[5:6] not in (bytes([WORKSHEET]), bytes([CHART])):
            raise Refused("含有宏表，请去除后上传。")
        if kind == SUPBOOK and body[2:4] not in (OWN, ADDIN):
            raise Refused("含有指向其他文件的链接，请“断开链接”后上传。")
        at += 4 + length


def _archive(content: bytes) -> Checked:
    """Check a zip of files each of which could be handed out alone; no archive in an archive."""
    if not content.startswith(b"PK\x03\x04"):
        raise Refused("不是 ZIP 文件（内容与扩展名不符）。")
    archive, members = open_zip(content, LIMITS, PROBLEMS, _name_of)
    if not members:
        raise Refused("压缩包是空的。")
    for member in members:
        _check_member(member, archive)
    return Checked("application/zip")


def _name_of(member: zipfile.ZipInfo) -> str:
    """A member's name. Windows writes GB 18030 without a flag, which the standard reads as code
    page 437."""
    if member.flag_bits & UTF8_NAME:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return member.filename


def _check_member(member: zipfile.ZipInfo, archive: zipfile.ZipFile) -> None:
    path = PurePath(_name_of(member))
    title, suffix = f"压缩包中的“{path.name[:60]}”", path.suffix.lower()
    check = DOCUMENTS.get(suffix) or DATA.get(suffix)
    if check is None or suffix == ".zip":
        raise Refused(f"{title}不是可以提供的文件格式。")
    try:
        check(archive.read(member))
    except Refused as refusal:
        raise Refused(f"{title}{refusal}") from None


def _workbook_of_wps(content: bytes) -> Checked:
    """Check an .et, which is a workbook in either packing."""
    if content.startswith(b"PK\x03\x04"):
        DOCUMENTS[".xlsx"](content)
        return Checked("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    return _compound(content)


#: what may be handed out as a file beside the documents of `uploads`
DATA: Mapping[str, Callable[[bytes], Checked]] = {
    ".csv": _text("text/csv"),
    ".txt": _text("text/plain"),
    ".json": _json,
    ".xml": _xml,
    ".parquet": _parquet,
    ".xls": _compound,
    ".et": _workbook_of_wps,
    ".zip": _archive,
}
