"""What a file is, is seen from its content; what pretends to be a document is refused with the
reason."""

from __future__ import annotations

import zipfile
from io import BytesIO
from zlib import crc32

import pytest

from huitong.kernel.procedure import Malformed
from huitong.work.rules import check_upload
from huitong.work.tests import made

LIMIT = 1024 * 1024
GOOD = {
    "盖章扫描件.pdf": (made.pdf(3), "application/pdf", 3),
    "scan.PDF": (made.pdf(), "application/pdf", 1),
    "page.png": (made.png(), "image/png", 1),
    "page.jpg": (made.jpeg(), "image/jpeg", 1),
    "a.docx": (
        made.docx(),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        None,
    ),
    "a.xlsx": (
        made.package(CT=b"<T/>", **{"xl__workbook.xml": b"<w/>"}),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        None,
    ),
    "a.ofd": (made.package(**{"OFD.xml": b"<ofd/>"}), "application/ofd", None),
}


@pytest.mark.parametrize("name", GOOD)
def test_documents_are_known_by_content(name):
    content, media_type, pages = GOOD[name]
    checked = check_upload(name, content, LIMIT)
    assert (checked.media_type, checked.pages) == (media_type, pages)


HTML = b"<html><script>alert(1)</script></html>"
BOMB = made.docx(**{"word__media__zeros.bin": b"\0" * 30_000_000})


def lying(content: bytes, size: int) -> bytes:
    """The same archive, whose directory says another size of its last part."""
    at = content.rindex(b"PK\x01\x02") + 24
    return content[:at] + size.to_bytes(4, "little") + content[at + 4 :]


HOSTILE = {
    "html renamed": ("a.pdf", HTML, "内容与扩展名不符"),
    "html as picture": ("a.png", HTML, "内容与扩展名不符"),
    "html as jpg": ("a.jpg", HTML, "内容与扩展名不符"),
    "html as document": ("a.docx", HTML, "内容与扩展名不符"),
    "unknown kind": ("a.html", HTML, "不接受这种文件"),
    "script": ("a.svg", b"<svg onload='x'/>", "不接受这种文件"),
    "two names": ("a.pdf.exe", made.pdf(), "不接受这种文件"),
    "empty": ("a.pdf", b"", "空的"),
    "too big": ("a.pdf", made.pdf() + b"%" * LIMIT, "文件过大"),
    "html before the pdf": ("a.pdf", HTML + made.pdf(), "内容与扩展名不符"),
    "html after the pdf": ("a.pdf", made.pdf() + HTML, "尾部附有其他内容"),
    "zip after the pdf": ("a.pdf", made.pdf() + made.docx(), "尾部附有其他内容"),
    "cut pdf": ("a.pdf", made.pdf()[:200], "不是完整的 PDF"),
    "pdf of nothing": ("a.pdf", b"%PDF-1.7\n%%EOF", "不是完整的 PDF"),
    "pdf with a program": ("a.pdf", made.pdf(javascript="app.alert(1)"), "脚本"),
    "pdf with a file inside": ("a.pdf", made.pdf(attached=b"MZ"), "夹带文件"),
    "pdf with a password": ("a.pdf", made.pdf(password="x"), "密码"),
    "html after the picture": ("a.png", made.png() + HTML, "尾部附有其他内容"),
    "damaged picture": ("a.png", made.png()[:-6] + b"\0\0\0\0\0\0", "不是完整的 PNG"),
    "zip after the photo": ("a.jpg", made.jpeg() + made.docx(), "尾部附有其他内容"),
    "photo without picture": ("a.jpg", b"\xff\xd8\xff\xd9", "不是完整的 JPG"),
    "cut photo": ("a.jpg", made.jpeg()[:-2], "不是完整的 JPG"),
    "bomb": ("a.docx", BOMB, "压缩炸弹"),
    "bomb that says it is none": ("a.docx", lying(BOMB, 10), "与所称不符"),
    "part larger than it is": (
        "a.docx",
        lying(made.docx(**{"word__media__a.bin": b"a" * 900}), 9000),
        "与所称不符",
    ),
    "picture of sixty thousand marks": (
        "a.png",
        made.png()[:33]
        + (b"\0\0\0\0tEXt" + crc32(b"tEXt").to_bytes(4, "big")) * 60_000
        + made.png()[33:],
        "不是完整的 PNG",
    ),
    "photo of sixty thousand marks": (
        "a.jpg",
        b"\xff\xd8" + b"\xff" * 60_000 + made.jpeg()[2:],
        "不是完整的 JPG",
    ),
    "macro": ("a.docx", made.docx(**{"word__vbaProject.bin": b"x"}), "宏"),
    "embedded object": ("a.docx", made.docx(**{"word__embeddings__o.bin": b"x"}), "宏或嵌入对象"),
    "path out of the archive": ("a.docx", made.docx(**{"..__..__etc__passwd": b"x"}), "内部结构"),
    "a sheet called document": (
        "a.docx",
        made.package(CT=b"", **{"xl__workbook.xml": b""}),
        "内容与扩展名不符",
    ),
    "something after the archive": ("a.docx", made.docx() + HTML, "尾部附有其他内容"),
    "entities in the head": (
        "a.ofd",
        made.package(**{"OFD.xml": b'<!DOCTYPE a [<!ENTITY x "y">]><a/>'}),
        "内部结构",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_pretends_is_refused_with_the_reason(case):
    name, content, reason = HOSTILE[case]
    with pytest.raises(Malformed) as refused:
        check_upload(name, content, LIMIT)
    assert reason in refused.value.detail, refused.value.detail


def test_the_bomb_is_one():
    with zipfile.ZipFile(BytesIO(BOMB)) as archive:
        assert sum(p.file_size for p in archive.infolist()) > 200 * len(BOMB)
