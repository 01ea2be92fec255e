"""Data handed out as files: what each kind must be, and what hides in it is refused (A13, A28)."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cast import Cast

from huitong.kernel import doing
from huitong.kernel.procedure import Malformed
from huitong.work.rules import check_upload
from huitong.work.rules.kinds import HANDED_OUT, KINDS, PAPERS
from huitong.work.tests import made

INPUTS = Path(__file__).parents[4] / "tests" / "inputs" / "files"
LIMIT = 1024 * 1024
XLS, PARQUET = (INPUTS / "rows.xls").read_bytes(), (INPUTS / "rows.parquet").read_bytes()
TABLE = "机构,数量\r\n民政局,1\r\n"


def packed(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def with_unlisted(content: bytes) -> bytes:
    """An archive with bytes between its last member and its directory, which no list has."""
    start, end = content.index(b"PK\x01\x02"), content.rindex(b"PK\x05\x06")
    moved = struct.pack("<I", start + 7)
    return content[:start] + b"hidden!" + content[start : end + 16] + moved + content[end + 20 :]


def workbook(*, replaced: tuple[bytes, bytes]) -> bytes:
    """The sample workbook with some bytes of its records replaced by as many others."""
    before, after = replaced
    assert XLS.count(before) >= 1 and len(before) == len(after)
    return XLS.replace(before, after, 1)


GOOD = {
    "表.csv": (TABLE.encode(), "text/csv"),
    "国标.csv": (TABLE.encode("gb18030"), "text/csv"),
    "说明.txt": ("说明\n".encode("utf-16"), "text/plain"),
    "行.json": (b'[{"a": 1.5, "b": null}]', "application/json"),
    "行.xml": (
        '<?xml version="1.0" encoding="GB18030"?><行>甲</行>'.encode("gb18030"),
        "application/xml",
    ),
    "行.parquet": (PARQUET, "application/vnd.apache.parquet"),
    "行.xls": (XLS, "application/vnd.ms-excel"),
    "行.et": (XLS, "application/vnd.ms-excel"),
    "空文件夹.zip": (packed(empty__=b"", full__=b"", **{"full__a.csv": b"a"}), "application/zip"),
    "行.zip": (
        packed(**{"a.csv": TABLE.encode(), "b__c.json": b"{}", "d.pdf": made.pdf()}),
        "application/zip",
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_data_of_these_kinds_may_be_handed_out(name: str) -> None:
    content, media_type = GOOD[name]
    assert check_upload(name, content, LIMIT).media_type == media_type


class OfWindows(zipfile.ZipInfo):
    """A member whose name is GB 18030 and says nothing of it."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("gb18030"), self.flag_bits & ~0x800


def of_windows(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(OfWindows(name), "a,b")
    return out.getvalue()


def test_names_in_an_archive_are_read_as_windows_writes_them() -> None:
    """Read as code page 437, 挨 and 哎 differ in case only, 誠 has a backslash, and nobody can read
    what is refused."""
    assert (
        check_upload("a.zip", of_windows("挨.csv", "哎.csv", "誠.csv"), LIMIT).media_type
        == "application/zip"
    )
    for name, why in [
        ("婚姻登记.exe", "“婚姻登记.exe”不是可以提供"),
        ("誠..\\a.csv", "不合规的文件名"),
        ("../甲.csv", "不合规的文件名"),
    ]:
        with pytest.raises(Malformed, match=why):
            check_upload("a.zip", of_windows(name), LIMIT)


def test_a_number_of_json_may_be_of_any_length() -> None:
    assert (
        check_upload("a.json", b"[" + b"9" * 5000 + b", 1e999]", LIMIT).media_type
        == "application/json"
    )


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.xml", '<?xml version="1.0" encoding="Big5"?><a>甲</a>'.encode("big5"), "字符编码"),
        ("a.xml", b'<?xml version="1.0" encoding="no"?><a/>', "第 1 行|字符编码"),
        ("a.csv", b"MZ\x90\x00\x03", "不是文本"),
        ("a.csv", XLS, "不是文本"),
        ("a.txt", b"\x1b[31mred", "控制字符"),
        ("a.json", b'{"a": NaN}', "NaN 不是 JSON 的数字"),
        ("a.json", b'{"a": 1}{"b": 2}', "第 1 行第 9 个字符"),
        ("a.json", b"[" * 100_000, "嵌套过深"),
        ("a.json", '{"a":"甲"}'.encode("gb18030"), "不是 UTF-8"),
        ("a.xml", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "DOCTYPE"),
        ("a.xml", b"<a><b></a>", "第 1 行"),
        ("a.xml", b'<?xml-stylesheet href="http://127.0.0.1/x.xsl"?><a/>', "样式表"),
        ("a.parquet", PARQUET[:-8] + struct.pack("<I", len(PARQUET)) + b"PAR1", "不是完整"),
        ("a.parquet", PARQUET[:-1], "不是 Parquet"),
        ("a.xls", made.docx(), "内容与扩展名不符"),
        ("a.xls", XLS[:600], "已损坏"),
        ("a.et", b"x", "内容与扩展名不符"),
        (
            "a.xls",
            workbook(replaced=(struct.pack("<HH", 0x42, 2), struct.pack("<HH", 0x2F, 2))),
            "密码保护",
        ),
        (
            "a.xls",
            workbook(replaced=(struct.pack("<HH", 0x42, 2), struct.pack("<HH", 0xD3, 2))),
            "含有宏",
        ),
        ("a.zip", packed(a__=b""), "空的"),
        ("a.zip", packed(**{"a.exe": b"MZ"}), "“a.exe”不是可以提供的文件格式"),
        ("a.zip", packed(**{"a.zip": packed(**{"b.csv": b"a"})}), "“a.zip”不是可以提供的文件格式"),
        ("a.zip", packed(**{"a.csv": b"\x00"}), "“a.csv”不是文本"),
        ("a.zip", packed(**{"..__a.csv": b"a"}), "不合规的文件名"),
        ("a.zip", packed(**{"a.csv": b"a", "A.CSV": b"b"}), "同名文件"),
        ("a.zip", packed(**{"a.csv": b"a"}) + b"x", "附有其他内容"),
        ("a.zip", with_unlisted(packed(**{"a.csv": b"a"})), "其他内容"),
        ("a.zip", packed(**{"a.csv": b"0" * 900_000}), "展开后过大"),
        ("a.zip", packed(**{"a.pdf": made.pdf(javascript="x")}), "“a.pdf”含有"),
    ],
    ids=lambda value: value if isinstance(value, str) else "content",
)
def test_what_pretends_or_hides_something_is_refused(name: str, content: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        check_upload(name, content, LIMIT)


def test_a_workbook_of_macros_or_objects_is_refused_by_its_streams() -> None:
    """The directory of a compound file names its streams in UTF-16: one more beside the workbook
    is none of a table's."""
    name = "Workbook".encode("utf-16-le")
    assert XLS.count(name) == 1
    with pytest.raises(Malformed, match="宏、嵌入对象"):
        check_upload("a.xls", XLS.replace(name, "_VBA_PRO".encode("utf-16-le")), LIMIT)


def test_data_is_taken_where_it_is_handed_out_and_nowhere_else(cast: Cast) -> None:
    """A stamped scan that is a table would be no scan."""
    assert set(PAPERS) < set(HANDED_OUT) == set(KINDS)
    takes = {
        (name, field): mark.suffixes
        for name, verb in doing.VERBS.items()
        for field, about in verb.given.model_fields.items()
        if (mark := _mark(about)) is not None
    }
    data = {place for place, suffixes in takes.items() if set(suffixes) - set(PAPERS)}
    assert data == {("publishing.mount_file", "file"), ("publishing.remount", "file")}


def _mark(about: object) -> object:
    from huitong.work.rules import AttachmentRef, shape_of

    return shape_of(about).mark(AttachmentRef)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(sorted(set(HANDED_OUT) - set(PAPERS))),
    st.sampled_from([XLS, PARQUET, GOOD["行.zip"][0], b"", b"<a>", b"{"]),
    st.integers(0, 4000),
    st.binary(max_size=30),
)
def test_any_content_is_taken_or_refused_in_words(
    suffix: str, base: bytes, at: int, change: bytes
) -> None:
    content = base[:at] + change + base[at + len(change) :]
    try:
        check_upload(f"a{suffix}", content, LIMIT)
    except Malformed as why:
        assert why.fields["upload"]
