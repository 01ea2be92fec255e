"""One lead a datum, nobody collects it again (一数一源; the decree): the register, the check, and the
answer a reviewer owes."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from openpyxl import Workbook
from tests.cast import Cast
from tests.journeys.doors import Api, Command
from tests.sharing import CLEARED

from huitong.catalog import actions, queries
from huitong.catalog.models import Datum, Entry, Lead
from huitong.catalog.queries.leads import leads_of_others
from huitong.catalog.rules import EntryFacts, check, why_alone
from huitong.catalog.rules.leads import DatumRow, LeadOfItem, faults_of_rows, period_words
from huitong.catalog.tests.marriage import GIVEN, drafted, published
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import Malformed, NotYours
from huitong.kernel.workdays import today
from huitong.organizations import actions as organizations
from huitong.organizations.models import Body
from huitong.work.models import Notice

BASIS = "市数据工作领导小组〔2025〕2 号"
FROM = date(2025, 9, 1)
FOR_ALL: dict[str, Any] = {
    "share_class": "1",
    "shapes": [],
    "condition": "",
    "sharing_terms": [],
    "items": [GIVEN | {"name": "登记单位", "column": "office", "length": 80, "is_key": True}],
}


def row(cast: Cast, name: str, body: str, synonyms: str = "") -> dict[str, Any]:
    return {"name": name, "synonyms": synonyms, "body": cast.body(body).pk, "basis": BASIS}


def registered(cast: Cast, body: str = "hr", name: str = "登记机关", synonyms: str = "") -> Datum:
    rows = [row(cast, name, body, synonyms)]
    return actions.register_data(cast.bureau_operator, in_force=FROM, data=rows)


def adopt(cast: Cast) -> None:
    organizations.adopt_law(
        cast.system_admin, law="national-2025", in_force=today(), basis="市政府办公室通知"
    )


def findings(entry: Entry) -> dict[str, tuple[str, int | None]]:
    version = Entry.objects.get(pk=entry.pk).draft
    rows = (f for f in queries.all_findings_of(version) if f.rule == "not_the_lead")
    return {f.field: (f.message, f.entry) for f in rows}


# -- rules -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin,stops", [("own", True), ("third_party", True), ("delegated", False), ("system", False)]
)
def test_only_who_collects_it_itself_is_named(origin: str, stops: bool) -> None:
    leads = (LeadOfItem("身份证号", "公民身份号码", "市公安局", 7, "人口基本信息"),)
    facts = EntryFacts(origin=origin, leads=leads, law="national-2025")
    rows = [f for f in check(facts) if f.rule == "not_the_lead"]
    assert [(f.field, f.entry, f.answered) for f in rows] == (
        [("items.身份证号", 7, True)] if stops else []
    )
    assert ("须写明理由" in why_alone(rows, ())) is stops
    assert not any(f.answered for f in check(facts.model_copy(update={"law": "nantong-2020"})))


def test_a_word_belongs_to_one_datum() -> None:
    def datum(name: str, synonyms: str = "") -> DatumRow:
        return DatumRow(name=name, synonyms=synonyms, body=1, basis=BASIS)

    rows = [datum("公民身份号码", "身份证号"), datum("证件号", "身份证号、证号"), datum("户籍地址")]
    assert faults_of_rows(rows, {}) == {"1.synonyms": "“身份证号”已登记为“公民身份号码”"}
    assert list(faults_of_rows(rows[2:], {"户籍地址": "户籍地址"})) == ["0.name"]


pytestmark = pytest.mark.django_db


# -- the register ----------------------------------------------------------------------------------


def test_a_lead_stands_from_its_first_day_to_its_last() -> None:
    on, day = date(2026, 11, 30), timedelta(1)
    assert period_words(on, on, on) == period_words(on, None, on) == "现行"
    assert period_words(on + day, None, on) == "尚未开始"
    assert period_words(on - day, on - day, on) == "已结束"


def test_the_bureau_registers_all_rows_or_none(cast: Cast) -> None:
    rows = [row(cast, "婚姻状况", "civil"), row(cast, "参保状态", "hr", "参保情况")]
    for who in ("civil_operator", "bureau_manager"):
        with pytest.raises(NotYours):
            actions.register_data(getattr(cast, who), in_force=FROM, data=rows)
    wrong = [*rows, row(cast, "参保情况", "hr"), row(cast, "甲乙", "hr") | {"body": 987654}]
    with pytest.raises(Malformed) as refused:
        actions.register_data(cast.bureau_operator, in_force=FROM, data=wrong)
    assert set(refused.value.fields) == {"data.2.name", "data.3.body"}
    assert not Datum.objects.exists()
    actions.register_data(cast.bureau_operator, in_force=FROM, data=rows)
    assert Lead.objects.count() == 2
    notice = Notice.objects.get(person=cast.hr_operator.person, title__contains="参保状态")
    assert notice.title.startswith("确定为数源部门")
    assert LedgerEntry.objects.get(verb="catalog.register_data").article == "D"


def test_a_name_that_is_too_long_or_registered_is_refused_at_its_field(cast: Cast) -> None:
    keeper, long = cast.bureau_operator, "甲" * 101
    registered(cast, "hr", "参保状态", "参保情况")
    rows = [row(cast, "婚姻状况", "civil"), row(cast, "户籍地址", "hr", f"住址、{long}")]
    with pytest.raises(Malformed, match="最多 100 个字，现有 101 个") as refused:
        actions.register_data(keeper, in_force=FROM, data=rows)
    assert list(refused.value.fields) == ["data.1.synonyms"]
    datum = registered(cast, "civil", "婚姻状况")
    for name, synonyms, field, why in (
        ("婚姻状况", long, "synonyms", "现有 101 个"),
        ("婚姻状况", "参保情况", "synonyms", "已登记为“参保状态”"),
        ("参保情况", "", "name", "已登记为“参保状态”"),
    ):
        with pytest.raises(Malformed, match=why) as refused:
            actions.rename_datum(keeper, datum=datum.pk, name=name, synonyms=synonyms)
        assert list(refused.value.fields) == [field]


def dissolved(cast: Cast, body: str, day: date) -> int:
    pk = cast.body(body).pk
    with writing("test"):
        Body.objects.filter(pk=pk).update(valid_to=day)
    return pk


def test_a_dissolved_body_becomes_no_lead(cast: Cast) -> None:
    datum, former = registered(cast, "hr"), dissolved(cast, "civil", today() - timedelta(1))
    with pytest.raises(Malformed, match="已撤销") as refused:
        registered(cast, "civil", "婚姻状况")
    assert list(refused.value.fields) == ["data.0.body"]
    about = {"datum": datum.pk, "basis": BASIS, "in_force": today()}
    with pytest.raises(Malformed, match="已撤销"):
        actions.replace_lead(cast.bureau_operator, body=former, **about)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_register_one_word_at_the_same_moment_one_is_refused(cast: Cast) -> None:
    rows = [row(cast, "参保状态", "hr"), row(cast, "参保情况", "civil", "参保状态")]
    ready = Barrier(2)

    def register(given: dict[str, Any]) -> str:
        try:
            ready.wait(30)
            actions.register_data(
                cast.bureau_operator,
                in_force=FROM,
                data=[given] + [row(cast, f"{given['name']}{n}", "hr") for n in range(200)],
            )
        except Malformed as refused:
            return refused.detail
        finally:
            connections.close_all()
        return ""

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(register, rows))
    assert sorted(map(bool, answers)) == [False, True] and "已登记为" in "".join(answers)
    assert Datum.objects.filter(words__contains=["参保状态"]).count() == 1


# -- the check -------------------------------------------------------------------------------------


def test_what_another_body_leads_is_named_with_where_it_is_shared(cast: Cast) -> None:
    registered(cast, "hr", "经办机关", "登记机关、登记单位")
    entry = drafted(cast.civil_operator)
    [(field, (message, shared))] = findings(entry).items()
    assert (field, shared) == ("items.登记机关", None)
    assert cast.body("hr").short_name in message and "经办机关" in message
    hands = (cast.hr_operator, cast.hr_manager, cast.bureau_operator)
    source = published(*hands, "经办机关基本信息", **FOR_ALL)
    assert findings(entry)["items.登记机关"][1] == source.pk
    page = cast.client("civil_operator").get(f"/compile/{entry.pk}/check/").content.decode()
    assert f"/catalog/{source.pk}/" in page and "已发布“经办机关基本信息”" in page
    assert findings(source) == {}, "the lead itself"
    own = cast.client("civil_operator").get(f"/catalog/{source.pk}/").content.decode()
    assert "是经办机关的数源部门" in own
    judge = queries.judge_of_many()
    many = [f for f in judge(Entry.objects.get(pk=entry.pk).draft) if f.rule == "not_the_lead"]
    assert [(f.field, f.entry) for f in many] == [("items.登记机关", source.pk)]
    actions.edit(cast.civil_operator, entry.case, origin="delegated")
    assert findings(entry) == {}, "not collected by itself"


def test_where_all_leads_publish_is_asked_once(cast: Cast, django_assert_num_queries: Any) -> None:
    """Of names in capitals too."""
    registered(cast, "hr", "登记单位", "GPS轨迹、GPS定位")
    rows = [row(cast, f"证件{n}", "hr") for n in range(3)]
    actions.register_data(cast.bureau_operator, in_force=FROM, data=rows)
    item = GIVEN | {"name": "GPS定位", "column": "office", "length": 80, "is_key": True}
    hands = (cast.hr_operator, cast.hr_manager, cast.bureau_operator)
    source = published(*hands, "车辆轨迹信息", **FOR_ALL | {"items": [item]})
    names = ["GPS轨迹", "证件0", "证件1", "证件2"]
    with django_assert_num_queries(2):
        rows_led = leads_of_others(cast.body("civil").pk, names)
    assert {(lead.item, lead.entry) for lead in rows_led} == {
        ("GPS轨迹", source.pk),
        *((name, None) for name in names[1:]),
    }


def under_review(cast: Cast) -> Case:
    entry = drafted(cast.civil_operator)
    actions.submit(cast.civil_operator, entry.case, cleared=CLEARED)
    actions.pass_department(cast.civil_manager, entry.case, cleared=CLEARED)
    return Case.objects.get(pk=entry.case_id)


def test_under_the_decree_the_reviewer_answers_or_returns_it(cast: Cast) -> None:
    registered(cast)
    adopt(cast)
    case = under_review(cast)
    bureau = cast.client("bureau_operator")
    review = bureau.get(f"/review/{case.pk}/").content.decode()
    assert "数源部门是" in review
    with pytest.raises(Malformed) as refused:
        actions.pass_bureau(cast.bureau_operator, case)
    assert list(refused.value.fields) == ["reasons"]
    posted = bureau.post(f"/review/{case.pk}/", {"decision": "pass", "reasons": ""})
    assert "请写明仍然通过的理由" in posted.content.decode()
    actions.return_bureau(
        cast.bureau_operator, case, ground="unclear", remarks={"items": "请向数源部门申请"}
    )
    actions.submit(cast.civil_operator, case, cleared=CLEARED)
    actions.pass_department(cast.civil_manager, case, cleared=CLEARED)
    why = "登记机关随婚姻登记产生，不另行采集。"
    actions.pass_bureau(cast.bureau_operator, case, reasons=why)
    entry = LedgerEntry.objects.filter(verb="entry.pass_bureau").latest("seq")
    assert entry.reasons == why and "not_the_lead" in entry.after["warnings"]


def test_under_the_rules_of_2020_it_is_a_recommendation(cast: Cast) -> None:
    registered(cast)
    case = under_review(cast)
    review = cast.client("bureau_operator").get(f"/review/{case.pk}/").content.decode()
    assert "数源部门是" in review
    assert actions.pass_bureau(cast.bureau_operator, case).code


# -- doors -----------------------------------------------------------------------------------------


def excel(*rows: tuple[str, ...]) -> io.BytesIO:
    book = Workbook()
    for cells in rows:
        book.active.append(cells)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    file.name = "data.xlsx"
    return file


def test_a_file_is_read_into_the_form_and_registered(cast: Cast) -> None:
    bureau, hr = cast.client("bureau_operator"), cast.body("hr")
    file = excel(
        ("数据名称", "其他叫法", "标准代码", "数源部门", "依据"),
        ("参保状态", "参保情况", "DE00123", hr.name, BASIS),
    )
    given = {"in_force": "2025-09-01", "read": "1", "file": file}
    page = bureau.post("/catalog/leads/new/", given).content.decode()
    assert "已读入 1 行" in page and "DE00123" in page and not Datum.objects.exists()
    cells = {"name": "参保状态", "synonyms": "参保情况", "code": "DE00123", "basis": BASIS}
    posted = {f"data.{name}": text for name, text in cells.items()}
    posted |= {"data.body": hr.short_name, "in_force": "2025-09-01"}
    assert bureau.post("/catalog/leads/new/", posted).status_code == 302
    again = bureau.post("/catalog/leads/new/", posted)
    assert again.status_code == 422 and "已登记为“参保状态”" in again.content.decode()
    reader = cast.client("civil_operator")
    page = reader.get("/catalog/leads/?q=参保情况").content.decode()
    assert "参保状态" in page and "登记数源部门" not in page
    assert reader.get("/catalog/leads/new/").status_code == 403
    file = b"".join(reader.get("/catalog/leads/?format=csv").streaming_content).decode()
    assert "DE00123" in file and hr.short_name in file
    page = bureau.get("/catalog/leads/?state=now").content.decode()
    assert f"catalog.replace_lead/?datum={Datum.objects.get().pk}" in page
    assert "参保状态" not in bureau.get("/catalog/leads/?state=other").content.decode()


def test_what_is_refused_stands_beside_its_cell_with_row_and_column(cast: Cast) -> None:
    registered(cast, "hr", "参保状态")
    hr, civil = cast.body("hr").short_name, cast.body("civil").short_name
    typed: dict[str, Any] = {
        "data.name": ["婚姻状况", "", "参保状态"],
        "data.synonyms": ["婚姻情况", "", "参保情况"],
        "data.code": ["", "", "DE00123"],
        "data.body": [civil, "", hr],
        "data.basis": [BASIS, "", BASIS],
        "in_force": "2025-09-01",
    }
    answer = cast.client("bureau_operator").post("/catalog/leads/new/", typed)
    page = answer.content.decode()
    assert answer.status_code == 422 and Datum.objects.count() == 1
    fault = "“参保状态”已登记为“参保状态”"
    assert f"第 3 行 数据名称：{fault}" in page and f'id="data-3-name-error">{fault}' in page
    for cell in ("婚姻状况", "婚姻情况", "参保情况", "DE00123", civil):
        assert f'value="{cell}"' in page, "what was typed is there still"


def test_it_is_kept_through_api_and_command(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://given-by-the-test")
    api, command = Api(cast), Command(cast, capsys)
    given = {"in_force": "2025-09-01", "data": [row(cast, "婚姻状况", "civil")]}
    assert api.do("civil_operator", "catalog.register_data", **given) == 403
    assert api.do("bureau_operator", "catalog.register_data", **given) == 200
    assert api.do("bureau_operator", "catalog.register_data", **given) == 422
    given["data"] = [row(cast, "参保状态", "hr")]
    assert command.do("bureau_operator", "catalog.register_data", **given) == 200, command.text
    answer = api._client("civil_operator").get("/api/catalog/leads", {"name": "婚姻状况"}).json()
    [lead] = answer["items"]
    assert (lead["body"], lead["until"]) == (cast.body("civil").short_name, None)
    given = {"datum": lead["datum"], "until": "2026-12-31"}
    assert command.do("bureau_operator", "catalog.end_lead", **given) == 200, command.text
    assert Lead.objects.get(datum=lead["datum"]).until == date(2026, 12, 31)
