"""The stamped application form (A20): everything it must say can be read from it, on every page."""

from __future__ import annotations

import io
from datetime import datetime, timedelta, timezone
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import typst
from pypdf import PdfReader

from huitong.ui import pdf

TEMPLATE = Path(str(files("huitong.access") / "data" / "application.typ"))
NOW = datetime(2026, 11, 23, 10, 40, tzinfo=timezone(timedelta(hours=8)))
MARRIAGES = {
    "name": "婚姻登记信息",
    "code": "303012/000002",
    "provider": "南通市民政局",
    "mode": "接口",
    "items": ["男方姓名", "登记日期", "婚姻状态"],
    "scope": "仅限南通市登记机关办理的登记",
}


def form(**changes: Any) -> dict[str, Any]:
    content: dict[str, Any] = {
        "city": "南通市",
        "number": "SQ-2026-000123",
        "version": 2,
        "printed_at": "2026-11-23 10:40",
        "applicant": {
            "name": "南通市住房和城乡建设局",
            "credit_code": "11320600XN00001499",
            "office": "住房保障处",
        },
        "contact": {"name": "沈佳", "phone": "0513-00000000"},
        "duty": "负责城镇住房保障",
        "matter": {"code": "ZJ-001", "name": "公租房资格审核"},
        "purpose": "核对婚姻状况",
        "system": "公租房管理系统",
        "scenario": "窗口受理时逐件核对",
        "period": {"from": "2026-11-24", "until": "2027-11-23"},
        "resources": [MARRIAGES],
    } | changes
    mark = pdf.fingerprint(content)
    return content | {
        "fingerprint": mark,
        "qr": pdf.qr_svg(f"{content['number']}/{content['version']}/{mark}"),
    }


def pages(data: dict[str, Any]) -> list[str]:
    document = PdfReader(io.BytesIO(pdf.render(TEMPLATE, data, made_at=NOW)))
    return ["".join(page.extract_text().split()) for page in document.pages]


def test_the_form_says_who_asks_for_what_and_why() -> None:
    [page] = pages(form())
    for words in (
        "南通市政务信息资源使用申请表",
        "SQ-2026-000123",
        "第2版",
        "南通市住房和城乡建设局",
        "11320600XN00001499",
        "沈佳",
        "负责城镇住房保障",
        "公租房资格审核",
        "ZJ-001",
        "核对婚姻状况",
        "公租房管理系统",
        "窗口受理时逐件核对",
        "2026-11-24至2027-11-23",
        "婚姻登记信息",
        "303012/000002",
        "男方姓名、登记日期、婚姻状态",
        "仅限南通市登记机关办理的登记",
        "不直接或间接改变数据形式后提供给第三方",
        "单位盖章处",
        "第1页共1页",
    ):
        assert words in page


def test_what_need_not_be_filled_in_leaves_a_dash() -> None:
    [page] = pages(form(matter=None, scenario=""))
    assert "办理事项—使用目的" in page and "使用场景—使用期限" in page


def test_every_page_carries_the_fingerprint_and_its_place_in_the_whole() -> None:
    data = form(resources=[MARRIAGES] * 30)
    sheets = pages(data)
    assert len(sheets) > 1
    for n, page in enumerate(sheets, 1):
        assert data["fingerprint"] in page
        assert f"第{n}页共{len(sheets)}页" in page
    assert "单位盖章处" in sheets[-1]


def test_what_a_clerk_types_is_never_markup() -> None:
    assert "#let*粗*$x$<a>[]" in pages(form(purpose="#let *粗* $x$ <a> []"))[0]


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("☑核对 ☐留存 😀", "☑核对☐留存😀"),
        ("𠮷某某", "𠮷某某"),
        ("李\U00031350", "李〔U+31350〕"),
        ("\u202e途用", "〔U+202E〕途用"),
    ],
)
def test_a_character_no_face_has_is_printed_as_its_code_point(typed: str, printed: str) -> None:
    """One ☑, one rare surname, once made the form unprintable. Everywhere somebody types, and in
    the name of the file's author."""
    content = form(
        purpose=typed,
        contact={"name": typed, "phone": typed},
        duty=typed,
        system=typed,
        applicant={"name": typed, "credit_code": "11320600XN00001499", "office": typed},
        resources=[MARRIAGES | {"name": typed, "items": [typed], "scope": typed}],
    )
    assert "".join(pages(content)).count(printed) == 10


def test_a_resource_with_very_many_items_loses_none() -> None:
    items = [f"信息项{n:03d}号" for n in range(900)]
    bare = [
        page.removeprefix("序号资源名称及编码提供部门方式申请的信息项及范围").split("编号SQ-")[0]
        for page in pages(form(resources=[MARRIAGES | {"items": items}]))
    ]
    assert len(bare) > 5
    assert [item for item in items if item not in "".join(bare)] == []


def test_the_same_form_is_the_same_bytes_and_a_changed_one_another_fingerprint() -> None:
    data = form()
    assert pdf.render(TEMPLATE, data, made_at=NOW) == pdf.render(TEMPLATE, data, made_at=NOW)
    assert form(purpose="别的目的")["fingerprint"] != data["fingerprint"]


def test_a_form_with_a_hole_is_not_printed() -> None:
    data = form()
    del data["purpose"]
    with pytest.raises(typst.TypstError, match="purpose"):
        pdf.render(TEMPLATE, data, made_at=NOW)


def test_a_special_circumstance_stands_on_it_where_there_is_one() -> None:
    season = "季节性应用（每年 6、7、8 月使用）"
    assert any("".join(season.split()) in page for page in pages(form(circumstance=season)))
    assert not any("特殊情况" in page for page in pages(form()))
