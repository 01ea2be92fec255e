"""Data standards and code lists are objects of their own: filed with the bureau, cited by items,
kept as they were by what is published (A9)."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from openpyxl import Workbook
from tests.cast import Cast

from huitong.catalog import actions, queries
from huitong.catalog.forms.rows import ITEM_COLUMNS
from huitong.catalog.models import Code, CodeList, CodeListVersion, Standard
from huitong.catalog.rules import EntryFacts, ItemRow, check
from huitong.catalog.rules.standards import measures_of, rows_of
from huitong.catalog.tests.marriage import ITEMS, drafted, published
from huitong.catalog.tests.workbooks import cell, exported, handed_in
from huitong.cli import main
from huitong.kernel import shipped
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import AgainstRules, Malformed, NotYours
from huitong.kernel.workdays import today
from huitong.organizations import actions as organizations

SEX = "人的性别代码（GB/T 2261.1-2003）第1版"
VALUES = [{"code": "1", "label": "结婚"}, {"code": "2", "label": "离婚"}]
DAY = date(2026, 1, 1)


def filed(cast: Cast, name: str = "婚姻登记类型", **more: Any) -> CodeList:
    given = {"in_force": DAY, "values": VALUES} | more
    return actions.register_code_list(cast.civil_operator, name=name, **given)


def newest(row: CodeList) -> CodeListVersion:
    return row.versions.order_by("-number")[0]


def citing(title: str, standard: str = "") -> list[dict[str, Any]]:
    """The items of marriage registrations, the last of which cites these."""
    return [*ITEMS[:-1], ITEMS[-1] | {"code_list": title, "standard": standard}]


# -- values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "1 结婚\n2 离婚",
        "1\t结婚\n\n2\t离婚\n",
        "1,结婚\n2，离婚",
        '[{"code":"1","label":"结婚"},{"code":"2","label":"离婚"}]',
    ],
)
def test_values_are_read_as_people_paste_them(text: str):
    assert rows_of(text) == VALUES


def test_a_line_without_a_meaning_is_named():
    with pytest.raises(ValueError, match="“99”没有含义"):
        rows_of("1 结婚\n99")


@pytest.mark.parametrize(
    ("codes", "numeric", "longest"),
    [(("1", "2", "10"), True, 2), (("01", "02"), False, 2), (("A",), False, 1), (("0",), True, 1)],
)
def test_only_codes_written_in_one_way_are_numbers(codes: Any, numeric: bool, longest: int):
    measures = measures_of(codes)
    assert (measures["numeric"], measures["longest"]) == (numeric, longest)


@pytest.mark.parametrize(
    ("item", "numeric", "wrong"),
    [
        ({"type": "D"}, True, True),
        ({"type": "L"}, True, True),
        ({"type": "I"}, True, False),
        ({"type": "I"}, False, True),
        ({"type": "C", "length": 2}, False, False),
        ({"type": "C", "length": 1}, False, True),
        ({"type": "C"}, False, False),
    ],
)
def test_an_item_holds_the_codes_it_cites(item: dict[str, Any], numeric: bool, wrong: bool):
    cited = {"id": 1, "name": "性别", "number": 1, "newest": SEX, "longest": 2, "numeric": numeric}
    row = ItemRow(name="性别", code_list=SEX, **item)
    found_by = {f.rule for f in check(EntryFacts(items=(row,), code_lists={SEX: cited}))}
    assert ("code_list_unfit" in found_by) is wrong


@pytest.mark.django_db
def test_a_new_city_begins_with_the_national_ones():
    """Values as the standards have them; see data/README.md for where they were read."""
    assert set(Standard.objects.values_list("number", flat=True)) == {
        row["number"] for row in shipped.rows("catalog", "standards")
    }
    marriage = CodeList.objects.get(name="婚姻状况代码")
    assert dict(newest(marriage).codes.values_list("code", "label"))["30"] == "丧偶"
    nations = newest(CodeList.objects.get(name="民族代码"))
    assert (nations.size, nations.longest, nations.numeric) == (56, 2, False), "01 is no number"
    assert marriage.body is None and marriage.standard.number == "GB/T 2261.2-2003"


# -- filing ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_is_registered_is_filed_with_the_bureau_which_sees_all_bodies(cast: Cast):
    standard = actions.register_standard(
        cast.civil_operator,
        number="MZ/T 044-2013",
        name="婚姻登记信息规范",
        kind="industry",
        in_force=DAY,
    )
    row = filed(cast, standard=standard.pk)
    assert newest(row).title == "婚姻登记类型（MZ/T 044-2013）第1版"
    assert (row.filed_by, row.filed_at.date()) == (cast.civil_operator.name, row.filed_at.date())
    act = LedgerEntry.objects.get(verb="catalog.register_code_list")
    assert (act.article, act.after["size"]) == ("A9", 2)
    bureau = cast.client("bureau_operator")
    page = bureau.get("/catalog/code-lists/", {"owner": row.body_id}).content.decode()
    assert "婚姻登记类型" in page and "人的性别代码" not in page and 'name="owner"' in page
    answer = bureau.get("/catalog/standards/", {"kind": "industry", "format": "csv"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "MZ/T 044-2013" in text and cast.civil_operator.name in text and "GB/T" not in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"values": [*VALUES, VALUES[0]]}, "values"),
        ({"values": []}, "values"),
        ({"values": "1 结婚\n2"}, "values"),
        ({"values": [{"code": "1", "label": ""}]}, "values.0.label"),
        ({"name": "婚"}, "name"),
    ],
)
def test_values_that_mean_nothing_are_refused_by_their_field(cast: Cast, given: Any, field: str):
    with pytest.raises(Malformed) as refused:
        filed(cast, **given)
    assert list(refused.value.fields) == [field]


@pytest.mark.django_db
def test_a_body_changes_what_it_filed_and_nothing_else(cast: Cast):
    row = filed(cast)
    for stranger in (cast.hr_operator, cast.bureau_operator):
        with pytest.raises(NotYours):
            actions.renew_code_list(stranger, code_list=row.pk, in_force=DAY, values=VALUES)
    with pytest.raises(NotYours):
        actions.end_code_list(
            cast.civil_operator, code_list=CodeList.objects.get(name="民族代码").pk, until=today()
        )
    platform = Standard.objects.get(number="GB/T 4761-2008")
    changed = actions.change_standard(
        cast.bureau_operator, standard=platform.pk, name=platform.name, in_force=platform.in_force,
        until=date(2030, 1, 1),
    )  # fmt: skip
    assert changed.until == date(2030, 1, 1), "what came with the platform is the bureau's to keep"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE catalog_code SET label = ''",
        "DELETE FROM catalog_code",
        "UPDATE catalog_codelistversion SET title = 'x'",
    ],
)
def test_a_version_that_was_filed_never_changes(cast: Cast, change: str):
    """By whoever holds the connection: what cites it means what it meant."""
    with pytest.raises(DatabaseError, match="insert-only"), transaction.atomic():
        connection.cursor().execute(change)


# -- cited by items --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_item_cites_what_is_filed_and_everybody_reads_it(cast: Cast):
    row = filed(cast)
    title = newest(row).title
    entry = published(
        cast.civil_operator,
        cast.civil_manager,
        cast.bureau_operator,
        items=[*ITEMS, ITEMS[0] | {"name": "登记类型", "column": "kind", "is_key": False,
                                   "code_list": title, "standard": "GB/T 2261.2-2003"}],
    )  # fmt: skip
    reader = cast.client("hr_operator")
    page = reader.get(f"/catalog/{entry.pk}/").content.decode()
    assert f'href="/catalog/code-lists/{row.pk}/?version=1">{title}</a>' in page
    assert "GB/T 2261.2-2003" in page
    item = reader.get(f"/catalog/{entry.pk}.json").json()["items"][-1]
    assert (item["code_list"], item["standard"]) == (title, "GB/T 2261.2-2003")
    text = reader.get(f"/catalog/code-lists/{row.pk}/").content.decode()
    assert "结婚" in text and f'<a href="/catalog/{entry.pk}/">婚姻登记信息</a>' in text
    # another version follows: what is published keeps the one it was published with
    tomorrow = today() + timedelta(1)
    more = [*VALUES, {"code": "3", "label": "补领"}]
    actions.renew_code_list(cast.civil_operator, code_list=row.pk, in_force=today(), values=more)
    assert queries.whole(queries.entry_for(cast.hr_operator, entry.pk))["items"][-1][
        "code_list"
    ].endswith("第1版")
    assert "code_list_ended" in {f.rule for f in queries.findings_of(entry.published)}
    assert "补领" not in reader.get(f"/catalog/code-lists/{row.pk}/?version=1").content.decode()
    with pytest.raises(Malformed):
        actions.renew_code_list(
            cast.civil_operator, code_list=row.pk, in_force=DAY - timedelta(400), values=more
        )
    actions.renew_code_list(cast.civil_operator, code_list=row.pk, in_force=tomorrow, values=VALUES)
    assert queries.code_list_for(cast.hr_operator, row.pk).newest.endswith("第2版"), "not yet"


@pytest.mark.django_db
@pytest.mark.parametrize("cited", [{"code_list": "没有的字典"}, {"standard": "GB/T 0-0000"}])
def test_what_nobody_filed_cannot_be_cited(cast: Cast, cited: dict[str, str]):
    entry = drafted(cast.civil_operator)
    with pytest.raises(Malformed) as refused:
        actions.edit(cast.civil_operator, entry.case, items=[ITEMS[0], ITEMS[1] | cited])
    (name,) = cited
    assert list(refused.value.fields) == [f"items.1.{name}"]


@pytest.mark.django_db
def test_the_grid_offers_what_holds_and_takes_a_name_or_a_number(cast: Cast):
    """A clerk types 人的性别代码, or pastes GB/T 2261.1-2003, and both mean the version in force."""
    ended = filed(cast, "停用的类型")
    actions.end_code_list(cast.civil_operator, code_list=ended.pk, until=today())
    row = filed(cast)
    entry, client = drafted(cast.civil_operator), cast.client("civil_operator")
    url = f"/compile/{entry.pk}/items/"
    page = client.get(url).content.decode()
    assert f'<option value="{newest(row).title}"' in page
    for typed in ("人的性别代码", "GB/T 2261.1-2003", SEX):
        cells = {c.name: [c.words(c.start)] for c in ITEM_COLUMNS}
        cells |= {"name": ["性别"], "column": ["xb"], "code_list": [typed], "level": ["二级"]}
        posted = {f"items.{name}": values for name, values in cells.items()}
        assert client.post(url, posted | {"stay": "1"}).status_code == 302, typed
        assert entry.draft.items.get().code_list_id == SEX
    posted["items.code_list"] = ["随便写的"]
    answer = client.post(url, posted | {"stay": "1"})
    assert answer.status_code == 422 and "没有“随便写的”这个选项" in answer.content.decode()


# -- pages and doors -------------------------------------------------------------------------------


def excel(*rows: tuple[object, ...]) -> SimpleUploadedFile:
    book, content = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(content)
    return SimpleUploadedFile("值.xlsx", content.getvalue())


@pytest.mark.django_db
def test_a_file_is_read_into_the_grid_and_filed_only_after_it_was_looked_at(cast: Cast):
    client = cast.client("civil_operator")
    url = "/catalog/code-lists/new/"
    blank = {
        "values.code": [""],
        "values.label": [""],
        "name": "登记类型",
        "in_force": "2026-01-01",
    }
    sheet = excel(("代码表",), ("代码", "名称"), ("01", "结婚"), ("02", "离婚"))
    answer = client.post(url, blank | {"read": "1", "file": sheet})
    page = answer.content.decode()
    assert answer.status_code == 200 and 'value="01"' in page and "已读入 2 行" in page
    assert not CodeList.objects.filter(name="登记类型").exists()
    values = {"values.code": ["01", "02"], "values.label": ["结婚", "离婚"]}
    answer = client.post(url, blank | values)
    row = CodeList.objects.get(name="登记类型")
    assert answer.status_code == 302 and answer.url == f"/catalog/code-lists/{row.pk}/"
    assert list(newest(row).codes.values_list("code", flat=True)) == ["01", "02"]
    for wrong, words in (
        (SimpleUploadedFile("x.xlsx", b"PK\x03\x04broken"), "读入文件"),
        (excel(("甲", "乙"), ("1", "2")), "没有认出"),
    ):
        answer = client.post(url, blank | {"read": "1", "file": wrong})
        assert answer.status_code == 200 and words in answer.content.decode()


@pytest.mark.django_db
def test_wrong_values_stay_on_the_page_with_what_is_wrong(cast: Cast):
    posted = {
        "values.code": ["1", "1"],
        "values.label": ["结婚", "离婚"],
        "name": "登记类型",
        "in_force": "2026-01-01",
    }
    answer = cast.client("civil_operator").post("/catalog/code-lists/new/", posted)
    page = answer.content.decode()
    assert answer.status_code == 422 and "代码重复：1" in page and 'value="离婚"' in page


@pytest.mark.django_db
def test_the_same_by_api_and_nobody_outside_reads(cast: Cast):
    row = filed(cast)
    token = organizations.create_token(cast.hr_operator, label="脚本", days=1)["token"]
    api = Client(headers={"Authorization": f"Bearer {token}"})
    lists = api.get("/api/catalog/code-lists").json()["items"]
    (own,) = [one for one in lists if one["id"] == row.pk]
    assert own["newest"] == newest(row).title and own["body"] == row.body_id
    (version,) = api.get(f"/api/catalog/code-lists/{row.pk}/versions").json()["items"]
    codes = api.get(f"/api/catalog/code-lists/versions/{version['id']}/codes").json()
    assert codes["items"] == VALUES
    numbers = [s["number"] for s in api.get("/api/catalog/standards").json()["items"]]
    assert "GB/T 3304-1991" in numbers
    for url in ("/catalog/code-lists/", "/catalog/standards/", f"/catalog/code-lists/{row.pk}/"):
        assert cast.client("hr_operator").get(url).status_code == 200
        assert cast.client("audit_admin").get(url).status_code == 403
    for url in (f"/catalog/code-lists/{row.pk}/renew/", f"/catalog/code-lists/{row.pk}/end/"):
        assert cast.client("hr_operator").get(url).status_code == 403
        assert cast.client("civil_operator").get(url).status_code == 200


@pytest.mark.django_db
def test_what_has_ended_gets_no_new_version_until_its_end_is_moved(cast: Cast):
    row, client = filed(cast), cast.client("civil_operator")
    url = f"/catalog/code-lists/{row.pk}/"
    page = client.get(url).content.decode()
    assert "登记新版本" in page and ">停用<" in page
    with writing("test"):
        CodeList.objects.filter(pk=row.pk).update(until=today() - timedelta(1))
    page = client.get(url).content.decode()
    assert "登记新版本" not in page and ">改停用日期<" in page
    again = {"code_list": row.pk, "in_force": today(), "values": VALUES}
    with pytest.raises(AgainstRules, match="已于"):
        actions.renew_code_list(cast.civil_operator, **again)
    assert "改停用日期" in client.get(f"{url}end/").content.decode()
    assert client.post(f"{url}end/", {"until": today() + timedelta(9)}).status_code == 302
    assert actions.renew_code_list(cast.civil_operator, **again) == row


@pytest.mark.django_db
def test_the_same_by_command_with_values_as_pasted(
    cast: Cast, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DATABASE_URL", "postgresql://given-by-the-test")
    given = ["--name=婚姻登记类型", "--in-force=2026-01-01", "--values=1 结婚\n2 离婚"]
    assert main(["do", "catalog.register_code_list", "--as", "civil_operator", *given]) == 0
    row = CodeList.objects.get(name="婚姻登记类型")
    assert [*newest(row).codes.values("code", "label")] == VALUES
    assert row.filed_by == cast.civil_operator.name and capsys.readouterr().out
    twice = ["--name=民政编码", "--in-force=2026-01-01", "--values=1 结婚\n1 离婚"]
    assert main(["do", "catalog.register_code_list", "--as", "civil_operator", *twice]) != 0
    assert "代码重复：1" in capsys.readouterr().err


@pytest.mark.django_db
def test_a_heir_keeps_what_was_filed(cast: Cast):
    row = filed(cast)
    standard = actions.register_standard(
        cast.civil_operator, number="MZ 1-2026", name="本局规范", kind="department", in_force=DAY
    )
    former, heir = cast.body("civil"), cast.body("hr")
    actions.pass_on(cast.system, predecessors=[former.pk], heir=heir.pk, on=today())
    assert CodeList.objects.get(pk=row.pk).body_id == heir.pk
    assert Standard.objects.get(pk=standard.pk).body_id == heir.pk
    renewed = actions.renew_code_list(
        cast.hr_operator, code_list=row.pk, in_force=today(), values=VALUES
    )
    assert Code.objects.filter(version__code_list=renewed).count() == 4


@pytest.mark.django_db
def test_a_workbook_says_what_items_cite_and_takes_it_by_name(cast: Cast):
    """Out, a name typed into one cell, in again: the version in force is cited; what nobody filed
    is said at its cell."""
    clerk = cast.civil_operator
    entry = drafted(clerk)
    book = exported(clerk)
    cell(book, "信息项", "数据字典", 2).value = "人的性别代码"
    cell(book, "信息项", "数据标准", 2).value = "GB/T 2261.1-2003"
    changes = handed_in(clerk, book)
    assert changes.state == "ready", changes.faults
    actions.apply_changes(clerk, changes=changes.pk)
    item = entry.draft.items.get(position=1)
    assert (item.code_list_id, item.standard_id) == (SEX, "GB/T 2261.1-2003")
    again = exported(clerk)
    assert cell(again, "信息项", "数据字典", 2).value == SEX
    cell(again, "信息项", "数据字典", 2).value = "人的性別代码表"
    wrong = handed_in(clerk, again)
    assert "人的性別代码表" in str(wrong.faults) and SEX in str(wrong.faults), "which may be meant"
