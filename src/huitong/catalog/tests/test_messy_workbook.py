"""A workbook as a real clerk makes it comes back so that the clerk can mend it without help (A7);
one that is none, or wants to harm, gets a clear answer. No database: files and what is entry of
them."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.styles import PatternFill
from PIL import Image as Picture

from huitong.catalog.forms import sheets
from huitong.catalog.forms.sheets.layout import ENTRIES, PARTS, STATED
from huitong.catalog.rules import ELEMENTS, Kind
from huitong.catalog.rules.sheets import Outcome, StoredEntry
from huitong.catalog.tests.workbooks import COMPLETE, book_of, content_of

LOOKUP = sheets.Lookup(
    {"婚姻登记系统": 5, "社会救助系统": 6},
    {"市住建局": 7, "市财政局": 8},
    {"南通市住房和城乡建设局": 7},
)
RED, YELLOW, GREEN = "FFFFC7CE", "FFFFEB9C", "FFE2F0D9"


def messy() -> bytes:
    """As clerks make them: a title over merged cells, headings of their own, full-width digits,
    blanks around names, cells merged down, codes that are wrong, rows twice, a formula, a number
    that lost its zeros, a pasted screenshot, remarks at the foot."""
    book = Workbook()
    page = book.active
    page.title = "目录"
    page["A1"] = "市民政局政务信息资源目录填报表（２０２６年）"
    page.merge_cells("A1:I1")
    page.append(["填表人：王经办", None, "联系电话：0513-85512345"])
    page.append(
        ["序号", "信息资源名称", "资源名称", "信息系统名称", "资源摘要", "资源分类", "共享类型", "共享方式",
         "更新周期", "数据更新周期"]
    )  # fmt: skip
    page["B3"] = "处室"
    rows: list[list[Any]] = [
        ["１", "婚姻处", "　婚姻登记信息 ", "婚姻登记系统", "全市婚姻登记机关办理的登记信息。", "人口信息", "有条件共享",
         "库表，接口", "", "每日"],
        ["２", "婚姻处", "收养登记信息", "登记系统", "=1+1", "101", "有条件共亨", "API接口", "", "每 日"],
        ["３", "救助处", "低保对象信息", "社会救助系统", "全市最低生活保障对象的基本情况。", "社会保障", "２", "库表", "", "3"],
        ["３", "救助处", "低保对象信息", "社会救助系统", "全市最低生活保障对象的基本情况。", "社会保障", "２", "库表", "", "3"],
        ["４", "救助处", "低保对象信息", "社会救助系统", "另一份。", "社会保障", "2", "库表", "", "每月"],
    ]  # fmt: skip
    for row in rows:
        page.append(row)
    page.merge_cells("B4:B5")
    page["C5"].comment = Comment("请核对", "王经办")
    page["C5"].fill = PatternFill("solid", fgColor="FF00FF00")
    items = book.create_sheet("信息项")
    items.append(
        [
            "资源名称",
            "信息项名称",
            "字段名",
            "数据类型",
            "长度",
            "是否主键",
            "分级",
            "共享类型",
            "脱敏",
        ]
    )
    for line in (
        ["婚姻登记信息", "登记编号", "REG_NO", "varchar2", "３０", "√", "2级", "无条件", "无"],
        [None, "男方姓名", "M_NAME", "字符串", "50.0个", "", "三级（敏感）", "有条件", "姓名"],
        [None, "登记日期", "REG_DATE", "日期", 10, "", "二级", "无条件", "不脱敏"],
        [None, "登记日期", "REG_DATE", "日期", 10, "", "二级", "无条件", "不脱敏"],
        ["收养登记", "登记编号", "NO", "字符型", 30, "是", "二级", "无条件", "不脱敏"],
    ):
        items.append(line)
    items.merge_cells("A2:A5")
    picture = io.BytesIO()
    Picture.new("RGB", (40, 30), "white").save(picture, "PNG")
    page.add_image(Image(picture), "L4")
    book.create_sheet("Sheet3")
    return content_of(book)


def checked(content: bytes, stored: tuple[StoredEntry, ...] = ()) -> tuple[sheets.Book, Outcome]:
    book = sheets.read_book(content, LOOKUP)
    return book, sheets.plan(book, stored, LOOKUP, lambda marks: {})


def faults(book: sheets.Book) -> dict[str, str]:
    return {f"{f.sheet}!{f.cell}": f.message for f in book.faults if f.grave}


def test_a_messy_file_comes_back_so_that_a_clerk_can_mend_it() -> None:
    content = messy()
    book, outcome = checked(content)
    assert {at: words.partition("，")[0] for at, words in faults(book).items()} == {
        "目录!D5": "本部门没有登记“登记系统”这个信息系统",
        "目录!E5": "公式没有计算结果",
        "目录!G5": "没有“有条件共亨”这个选项",
        "目录!C8": "资源名称“低保对象信息”与第 6 行重复",
        "信息项!E3": "请填 1 至 100000000 的整数",
        "信息项!A6": "“目录”表中没有“收养登记”",
    }
    mended = {f"{f.sheet}!{f.cell}": f.message for f in book.mended}
    assert mended["目录!A4"] == "全角字符改为半角：“1”"
    assert mended["目录!C4"] == "去掉了前后的空格"
    assert mended["目录!J5"] == "“每 日”读作“每日”"
    assert mended["目录!C7"] == "与第 6 行完全相同，只读取一次"
    assert mended["信息项!A3"] == "与第 2 行的单元格合并在一起，按那一行的内容读取"
    assert mended["信息项!B5"] == "与第 4 行完全相同，只读取一次"
    assert mended["信息项!D2"] == "“varchar2”读作“字符型”"
    assert any("1 张图片" in note for note in book.notes)
    assert any("B 列“处室”" in note for note in book.notes)
    assert [one.name for one in outcome.planned] == ["低保对象信息"] and outcome.grave == 6

    copy = load_workbook(io.BytesIO(sheets.annotated(content, book)))
    page, items = copy["目录"], copy["信息项"]
    for cell, words in faults(book).items():
        sheet, _, at = cell.partition("!")
        assert copy[sheet][at].fill.fgColor.rgb == RED, cell
        assert words[:60] in copy[sheet][at].comment.text, cell
    assert page["J5"].fill.fgColor.rgb == GREEN
    assert page["K3"].value == "问题"
    assert page["K5"].value.splitlines()[0].startswith("信息系统名称：本部门没有登记")
    assert "共享类型：没有“有条件共亨”这个选项，是不是“有条件共享”？" in page["K5"].value
    assert page["K7"].value is None, "what was put right asks nothing of the clerk"
    assert items["J3"].value.startswith("长度：请填 1 至")
    # what the clerk's file said is still there
    assert page["A1"].value.startswith("市民政局政务信息资源目录填报表")
    assert "A1:I1" in {str(area) for area in page.merged_cells.ranges}
    assert page["C5"].comment.author == "王经办" and page["C5"].fill.fgColor.rgb == "FF00FF00"
    assert page["C4"].value == "　婚姻登记信息 " and len(page._images) == 1
    assert page["E5"].value == "=1+1" and page["E5"].data_type == "s", "a formula is text now"
    # and in front is the list of what is wrong, with ways to the cells
    listed = copy["问题清单"]
    assert copy.active.title == "问题清单"
    rows = [[c.value for c in row] for row in listed.iter_rows(min_row=2, max_row=7)]
    assert {(row[0], f"{row[1]}!{row[2]}") for row in rows} == {("错误", at) for at in faults(book)}
    assert listed["C2"].hyperlink.target == "#'目录'!D5"


def test_the_mended_copy_is_read_without_its_marks() -> None:
    """The clerk mends the copy and uploads it: what we wrote into it is no content, and is gone
    from the next copy."""
    content = messy()
    copy = load_workbook(io.BytesIO(sheets.annotated(content, sheets.read_book(content, LOOKUP))))
    page, items = copy["目录"], copy["信息项"]
    page["D5"], page["E5"], page["G5"] = (
        "婚姻登记系统",
        "全市收养登记机关办理的登记信息。",
        "有条件共享",
    )
    page.delete_rows(8)
    items["E3"], items["A6"] = 50, "收养登记信息"
    again = content_of(copy)
    book, outcome = checked(again)
    assert faults(book) == {}
    assert [(one.name, len(one.given.get("items", ()))) for one in outcome.planned] == [
        ("婚姻登记信息", 3),
        ("收养登记信息", 1),
        ("低保对象信息", 0),
    ]
    clean = load_workbook(io.BytesIO(sheets.annotated(again, book)))
    assert clean["目录"]["G5"].fill.fgColor.rgb not in (RED, GREEN)
    assert clean["目录"]["G5"].comment is None
    assert clean["目录"]["K3"].value == "问题" and clean["目录"]["L3"].value is None
    assert clean.sheetnames.count("问题清单") == 1


def test_what_is_missing_is_a_hint_and_keeps_nothing_back() -> None:
    """A draft may be incomplete: the clerk reads what is to be added before it is submitted."""
    book, outcome = checked(content_of(book_of({"资源名称": "收养登记信息"}, items=[])))
    assert outcome.grave == 0 and outcome.planned[0].open > 5
    hints = [f for f in book.faults if not f.grave]
    assert "缺少“资源摘要”。请补充。" in [f.message for f in hints]
    content = content_of(book_of({"资源名称": "收养登记信息", "资源摘要": None}, items=[]))
    copy = load_workbook(io.BytesIO(sheets.annotated(content, checked(content)[0])))
    assert copy["目录"]["C2"].fill.fgColor.rgb == YELLOW
    assert "提交前须补充：缺少“资源摘要”" in copy["目录"]["C2"].comment.text
    assert "信息系统名称：缺少" in copy["目录"]["D2"].value, "of a column that is not there"


def test_what_hangs_on_another_choice_is_left_out_and_said() -> None:
    """A condition beside 无条件共享 means nothing (A8)."""
    book, outcome = checked(
        content_of(book_of(COMPLETE | {"信息系统名称": "婚姻登记系统", "共享类型": "无条件共享"}))
    )
    assert "condition" not in outcome.planned[0].given
    assert "共享条件说明" in [f.heading for f in book.mended]


def test_every_element_has_a_column_and_comes_back_as_it_went() -> None:
    """All that an entry can say stands in the workbook; an export read again changes nothing."""
    elements = {n for n, e in ELEMENTS.items() if not e.filled_in}
    assert elements == STATED
    items = [
        {
            "name": "姓名",
            "column": "xm",
            "type": "C",
            "length": 20,
            "nullable": True,
            "is_key": False,
            "level": "3",
            "share_class": "2",
            "mask": "name",
            "dictionary": "",
            "remark": "=1",
            "column_type": "varchar",
            "suggestion": {},
            "declined": "",
        }
    ]
    samples: dict[Kind, Any] = {
        Kind.TEXT: "+cmd|' /C calc'!A0",
        Kind.WORDS: ["婚姻", "登记"],
        Kind.CODES: ["307001/000001"],
        Kind.SYSTEM: 5,
        Kind.BODIES: [7, 8],
        Kind.ITEMS: items,
        Kind.PARAMETERS: [{"name": "sx", "title": "事项", "kind": "matter", "recorded": "plain"}],
        Kind.TERMS: [
            {"shape": "", "text": "只供核验", "document": "个人信息保护法", "article": "第六条"}
        ],
        Kind.GROUNDS: [],
    }
    values: dict[str, Any] = {}
    for name, element in ELEMENTS.items():
        if element.kind is Kind.CHOICE:
            values[name] = str(element.choices[-1 if name == "open_class" else 0])
        elif element.kind is Kind.CHOICES:
            values[name] = [str(c) for c in element.choices[:2]]
        else:
            values[name] = samples.get(element.kind)
    values |= {"share_class": "2", "name": "婚姻登记信息", "shapes": ["named_bodies", "masked"]}
    values |= {"personal_reason": "", "open_mode": "none", "open_condition": ""}
    stored = StoredEntry(3, 9, "307001/000009", "草稿", 12, values)
    content = sheets.export([stored], LOOKUP)
    out = load_workbook(io.BytesIO(content))
    assert {c.data_type for sheet in out for row in sheet.iter_rows() for c in row} <= {"s", "n"}
    book, outcome = checked(content, (stored,))
    texts = [f for f in book.faults if f.grave]
    assert [(f.heading, f.message[:7]) for f in texts] == [("说明", "单元格是公式，")], texts
    items[0]["remark"] = "备注"
    book, outcome = checked(sheets.export([stored], LOOKUP), (stored,))
    assert (outcome.same, outcome.planned, [f for f in book.faults if f.grave]) == (1, [], [])
    assert ENTRIES.by_name["entry"].locked and len(PARTS) >= 3


def test_a_csv_of_a_chinese_excel_is_read() -> None:
    """GB 18030 with a title, as Excel saves it; its copy is a workbook."""
    text = "目录\r\n序号,资源名称,共享类型\r\n1,收养登记信息,有条件共享\r\n2,低保信息,有条件\r\n"
    content = text.encode("gb18030")
    book, _ = checked(content)
    assert [r.name for r in book.records] == ["收养登记信息", "低保信息"]
    assert list(faults(book).values()) and "C4" in next(iter(faults(book)))
    copy = load_workbook(io.BytesIO(sheets.annotated(content, book)))
    assert copy["表1"]["C4"].fill.fgColor.rgb == RED and copy["表1"]["D2"].value == "问题"


def test_the_template_offers_what_may_be_chosen() -> None:
    book = load_workbook(io.BytesIO(sheets.template(LOOKUP)))
    assert book.sheetnames[:3] == ["填写说明", "目录", "信息项"]
    assert book["选项"].sheet_state == "hidden"
    page = book["目录"]
    heads = {c.value: c.column_letter for c in page[2]}
    rules = {str(r.sqref).split(":")[0]: r for r in page.data_validations.dataValidation}
    shares = rules[f"{heads['共享类型*']}3"]
    assert shares.type == "list" and shares.formula1.startswith("'选项'!")
    column = shares.formula1.split("$")[1]
    offered = [book["选项"][f"{column}{n}"].value for n in range(1, 4)]
    assert offered == ["无条件共享", "有条件共享", "不予共享"]
    assert "库表、接口、文件" in rules[f"{heads['共享方式*']}3"].prompt
    assert "填写说明" in str(book["填写说明"]["A1"].value)
