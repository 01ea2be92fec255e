"""Importing tables: every error by row and column, nothing half done, digest in the ledger;
calendar and limits (A3, A21)."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from tests.cast import Cast

from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, Malformed, NotYours, limit
from huitong.kernel.workdays import (
    CalendarDay,
    CalendarYear,
    Limit,
    limit_row,
    load_calendar,
    today,
)
from huitong.organizations import actions, queries
from huitong.organizations.models import Duty, Matter
from huitong.organizations.rules import Sheet, read_sheet

HEAD = "机构,职责,事项编码,事项名称,事项类型,依据\n"


def excel(rows: list[list[object]]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        (HEAD + "南通市民政局,负责养老服务,MZ-900,养老机构备案,其他,养老法\n").encode(),
        (HEAD + "南通市民政局,负责养老服务,MZ-900,养老机构备案,其他,养老法\n").encode("utf-8-sig"),
        (HEAD + "南通市民政局,负责养老服务,MZ-900,养老机构备案,其他,养老法\n").encode("gb18030"),
        excel(
            [
                HEAD.strip().split(","),
                ["南通市民政局", "负责养老服务", "MZ-900", "养老机构备案", "其他", "养老法"],
            ]
        ),
    ],
)
def test_duties_come_from_csv_in_both_encodings_and_from_excel(cast: Cast, content: bytes) -> None:
    assert actions.import_duties(cast.bureau_operator, sheet=read_sheet("duties", content)) == {
        "added": 1,
        "changed": 0,
        "same": 0,
    }
    matter = Matter.objects.get(code="MZ-900")
    assert (matter.duty.text, matter.duty.body, matter.basis) == (
        "负责养老服务",
        cast.body("civil"),
        "养老法",
    )
    again = read_sheet(
        "duties",
        (HEAD + "南通市民政局,负责养老服务,MZ-900,养老机构设立备案,其他,养老法\n").encode(),
    )
    assert actions.import_duties(cast.bureau_operator, sheet=again) == {
        "added": 0,
        "changed": 1,
        "same": 0,
    }


def test_every_error_is_told_by_row_and_column_and_nothing_is_written(cast: Cast) -> None:
    before = (Duty.objects.count(), Matter.objects.count(), Entry.objects.count())
    sheet = read_sheet(
        "duties",
        (
            HEAD
            + "南通市民政局,负责养老服务,MZ-901,甲,,\n南通市没有局,某职责,MZ-902,乙,,\n南通市民政局,负责养老服务,MZ-903,,,\n"
            ",负责,MZ-904,丙,,\n南通市民政局,负责别的,MZ-901,丁,,\n南通市民政局,负责登记,ZJ-001,抢来的,,\n"
        ).encode(),
    )
    with pytest.raises(Malformed) as why:
        actions.import_duties(cast.bureau_operator, sheet=sheet)
    assert why.value.fields == {
        "第 3 行“机构”": ["没有名为“南通市没有局”的机构"],
        "第 4 行“事项名称”": ["事项编码与名称须同时填写"],
        "第 5 行“机构”": ["必须填写"],
        "第 6 行“事项编码”": ["与第 2 行重复"],
        "第 7 行“事项编码”": ["该事项编码已属其他机构"],
    }
    assert (Duty.objects.count(), Matter.objects.count(), Entry.objects.count()) == before


def test_a_dry_run_says_what_would_happen(cast: Cast) -> None:
    sheet = read_sheet(
        "duties",
        (
            HEAD
            + "南通市民政局,负责养老服务,MZ-900,养老机构备案,,\n南通市民政局,负责全市婚姻登记管理,MZ-001,婚姻登记,,\n"
        ).encode(),
    )
    report = queries.check_import("duties", sheet, cast.bureau_operator)
    assert (report.added, report.changed, report.errors) == (
        1,
        1,
        [],
    ) and not Matter.objects.filter(code="MZ-900").exists()


def test_a_department_imports_only_its_own(cast: Cast) -> None:
    sheet = read_sheet(
        "duties", (HEAD + "南通市民政局,负责养老服务,MZ-900,养老机构备案,,\n").encode()
    )
    assert actions.import_duties(cast.civil_manager, sheet=sheet)["added"] == 1
    with pytest.raises(Malformed, match="只能导入本部门"):
        actions.import_duties(cast.housing_manager, sheet=sheet)
    with pytest.raises(NotYours):
        actions.import_duties(cast.civil_operator, sheet=sheet)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "没有数据行"),
        (HEAD.encode(), "没有数据行"),
        (b"\x00\x01\x02binary", "无法识别"),
        (b"PK\x03\x04broken", "无法打开 Excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1broken", "无法打开 Excel"),
        ("甲,甲\n1,2\n".encode(), "重复"),
        (b"x" * (10 * 1024 * 1024 + 1), "10 MB"),
    ],
)
def test_what_is_no_table_is_refused_by_content(content: bytes, problem: str) -> None:
    with pytest.raises(Malformed, match=problem):
        read_sheet("duties", content)


def test_a_zip_bomb_is_not_unpacked() -> None:
    import zipfile

    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(201):
            part.write(b"\0" * 1024 * 1024)
    assert len(out.getvalue()) < 1024 * 1024
    with pytest.raises(Malformed, match="解开后过大"):
        read_sheet("duties", out.getvalue())


INPUTS = Path(__file__).parents[4] / "tests" / "inputs" / "imports"


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("longnum.xlsx", "第 2 行“事项编码”"),
        ("unquoted-comma.csv", "第 2 行“E 列”"),
        ("open-quote.csv", "file"),
    ],
)
def test_a_file_that_cannot_be_taken_as_it_stands_writes_nothing(
    cast: Cast, name: str, where: str
) -> None:
    before = (Duty.objects.count(), Matter.objects.count(), Entry.objects.count())
    with pytest.raises(Malformed) as why:
        actions.import_duties(
            cast.bureau_operator, sheet=read_sheet("duties", (INPUTS / name).read_bytes())
        )
    assert next(iter(why.value.fields)) == where
    assert (Duty.objects.count(), Matter.objects.count(), Entry.objects.count()) == before


@pytest.mark.parametrize("name", ["trailing-commas.csv", "mac-cr.csv"])
def test_a_file_as_other_offices_save_it_is_imported(cast: Cast, name: str) -> None:
    sheet = read_sheet("duties", (INPUTS / name).read_bytes())
    assert actions.import_duties(cast.bureau_operator, sheet=sheet)["added"] == 1


def test_columns_of_no_use_are_mentioned_and_one_column_under_two_names_is_refused(
    cast: Cast,
) -> None:
    sheet = read_sheet("duties", "机构,职责,电话\n南通市民政局,负责养老服务,0513\n".encode())
    assert queries.check_import("duties", sheet, cast.bureau_operator).notes == [
        "模板中没有这些列，未导入：电话"
    ]
    twice = read_sheet("duties", "机构,职责,duty\n南通市民政局,负责养老服务,别的\n".encode())
    with pytest.raises(Malformed, match="出现两次"):
        queries.check_import("duties", twice, cast.bureau_operator)


def test_bodies_are_imported_with_parents_and_a_new_name_is_no_import(cast: Cast) -> None:
    row = {
        "name": "南通市测试局",
        "short_name": "市测试局",
        "kind": "政府部门",
        "credit_code": "11320600XN00002662",
        "division_code": "320600",
    }
    unit = {
        "name": "南通市测试中心",
        "short_name": "测试中心",
        "kind": "institution",
        "credit_code": "12320600XN0000477E",
        "division_code": "320600",
        "parent": "南通市测试局",
    }
    assert actions.import_bodies(cast.system_admin, sheet=Sheet([unit, row]))["added"] == 2
    assert queries.search(cast.system_admin, "测试中心").get().parent.name == "南通市测试局"
    with pytest.raises(Malformed, match="机构承继"):
        actions.import_bodies(cast.system_admin, sheet=Sheet([row | {"name": "南通市另一局"}]))
    with pytest.raises(Malformed, match="只能有一个"):
        actions.import_bodies(cast.system_admin, sheet=Sheet([row | {"bureau": "是"}]))
    with pytest.raises(Malformed, match="校验码"):
        actions.import_bodies(
            cast.system_admin, sheet=Sheet([row | {"credit_code": "11320600XN00002661"}])
        )


def test_an_import_never_takes_the_bureau_its_part(cast: Cast) -> None:
    """The column may be missing in a file: without the bureau nobody could administer the
    platform any more."""
    head = cast.body("bureau")
    row = {
        "name": head.name,
        "short_name": "大数据局",
        "kind": head.kind,
        "credit_code": head.credit_code,
        "division_code": head.division_code,
    }
    with pytest.raises(Malformed, match="机构承继"):
        actions.import_bodies(cast.system_admin, sheet=Sheet([row]))
    assert (
        actions.import_bodies(cast.system_admin, sheet=Sheet([row | {"bureau": "是"}]))["changed"]
        == 1
    )


def test_what_has_ended_is_not_imported_again(cast: Cast) -> None:
    with writing("test"):
        Duty.objects.filter(pk=cast.duty("civil").pk).update(valid_to=today() - timedelta(1))
        Matter.objects.filter(pk=cast.matter("hr").pk).update(valid_to=today() - timedelta(1))
    lines = [
        f"{duty.body.name},{duty.text},{code},登记,,"
        for duty, code in (
            (cast.duty("civil"), "MZ-909"),
            (cast.duty("hr"), cast.matter("hr").code),
        )
    ]
    with pytest.raises(Malformed) as why:
        actions.import_duties(
            cast.bureau_operator, sheet=read_sheet("duties", (HEAD + "\n".join(lines)).encode())
        )
    assert list(why.value.fields) == ["第 2 行“职责”", "第 3 行“事项编码”"]


# -- calendar and limits ---------------------------------------------------------------------------


def clock_into_2027(cast: Cast) -> Clock:
    with writing("test"):
        case = Case.objects.create(kind="t", law="nantong-2020", state="waiting")
        clock = Clock(
            case=case,
            state="waiting",
            article="A22",
            amount=10,
            unit="wd",
            started_on=date(2026, 12, 25),
        )
        clock.aim(load_calendar())
        clock.save()
        case.due_on, case.provisional = clock.due_on, clock.provisional
        case.save()
    return clock


def test_loading_a_year_aims_running_clocks_anew(cast: Cast) -> None:
    clock = clock_into_2027(cast)
    assert clock.provisional and clock.due_on == date(2027, 1, 11)
    sheet = read_sheet(
        "calendar",
        "日期,类型,名称\n2027-01-01,放假,元旦\n2027-01-04,放假,元旦\n2027/1/9,上班,元旦调休\n".encode(),
    )
    actions.import_calendar(
        cast.system_admin, year=2027, sheet=sheet, source="国办发明电〔2026〕9号"
    )
    clock.refresh_from_db()
    clock.case.refresh_from_db()
    # one day off, one Saturday worked
    assert not clock.provisional and clock.due_on == clock.case.due_on == date(2027, 1, 11)
    assert not clock.case.provisional
    entry = Entry.objects.get(verb="organizations.import_calendar")
    assert entry.after["moved"] == 1 and entry.after["days"] == 3
    sheet = read_sheet(
        "calendar", "日期,类型,名称\n2027-01-01,放假,元旦\n2027-01-04,放假,元旦\n".encode()
    )
    actions.import_calendar(
        cast.system_admin, year=2027, sheet=sheet, source="国办发明电〔2026〕9号更正"
    )
    clock.refresh_from_db()
    assert (
        clock.due_on == date(2027, 1, 12)
        and CalendarDay.objects.filter(day__year=2027).count() == 2
    )
    assert CalendarYear.objects.get(year=2027).source.endswith("更正")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("2027-01-02,放假,多余", "本来就是休息日"),
        ("2027-01-05,上班,多余", "本来就是工作日"),
        ("2026-10-01,放假,国庆", "不在 2027 年"),
        ("元旦,放假,元旦", "不是日期"),
        ("2027-01-01,歇,元旦", "放假 或 上班"),
    ],
)
def test_calendar_rows_are_checked(cast: Cast, line: str, problem: str) -> None:
    with pytest.raises(Malformed, match=problem):
        actions.import_calendar(
            cast.system_admin,
            year=2027,
            sheet=read_sheet("calendar", f"日期,类型,名称\n{line}\n".encode()),
            source="国办发明电〔2026〕9号",
        )
    assert not CalendarYear.objects.filter(year=2027).exists()


def test_a_limit_is_added_never_edited(cast: Cast) -> None:
    given = {
        "law": "nantong-2020",
        "article": "A22",
        "amount": 7,
        "unit": "wd",
        "basis": "市政府决定",
    }
    with pytest.raises(AgainstRules, match="2020-02-19"):
        actions.add_limit(cast.system_admin, in_force=date(2020, 2, 19), **given)
    actions.add_limit(cast.system_admin, in_force=date(2027, 1, 1), **given)
    assert limit_row(limit("A22"), date(2026, 12, 31)).amount == 10
    assert limit_row(limit("A22"), date(2027, 1, 1)).amount == 7
    with pytest.raises(Malformed, match="没有这个规则"):
        actions.add_limit(
            cast.system_admin, in_force=date(2027, 1, 1), **given | {"law": "atlantis-1"}
        )


def test_a_recalled_limit_is_confirmed_with_its_source(cast: Cast) -> None:
    row = Limit.objects.filter(confidence="recalled").first()
    assert row is not None
    actions.confirm_limit(cast.system_admin, limit=row.pk, source="国务院令第 809 号原文")
    row.refresh_from_db()
    assert row.confidence == "verified" and "809" in row.note
    with pytest.raises(AgainstRules):
        actions.confirm_limit(cast.system_admin, limit=row.pk, source="再来一次")
