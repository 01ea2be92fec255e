"""No condition of one's own: each sharing condition names the law it rests on, and the bureau
strikes one that does not (A8; the decree)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.cast import Cast
from tests.journeys.doors import Api, Command
from tests.sharing import CLEARED, Sharing

from huitong.catalog import actions, queries
from huitong.catalog.models import Entry
from huitong.catalog.rules import EntryFacts, Severity, Shape, binds, check, conditions, stated
from huitong.catalog.rules.terms import without_basis
from huitong.catalog.tests.marriage import TERMS
from huitong.catalog.tests.test_checks import CONDITIONAL, KEY, NAME
from huitong.catalog.tests.test_checks import facts as checked
from huitong.catalog.tests.workbooks import cell, exported, handed_in
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours
from huitong.kernel.workdays import today
from huitong.organizations import actions as organizations
from huitong.work.models import Notice

LAW = {"document": "个人信息保护法", "article": "第六条"}
OWN = {"text": "须经本局领导签字同意", "document": "", "article": ""}
WRONG = OWN | {"document": "本局内部规定", "article": "第三条"}
WHY = "没有法律、法规或国家规定作依据。"


def facts(**values: Any) -> EntryFacts:
    return EntryFacts(share_class="2", **values)


def key_of(entry: Entry, text: str) -> str:
    return next(t.key for t in stated(fresh(entry).draft) if text in t.what)


def fresh(entry: Entry) -> Entry:
    return Entry.objects.get(pk=entry.pk)


def adopt(cast: Cast) -> None:
    organizations.adopt_law(
        cast.system_admin, law="national-2025", in_force=today(), basis="市政府办公室通知"
    )


def under_review(sharing: Sharing, *terms: dict[str, str]) -> Entry:
    """An entry with these conditions, before the bureau."""
    cast = sharing.cast
    entry = sharing.entry(submitted=False, sharing_terms=[*TERMS, *terms])
    actions.submit(cast.civil_operator, entry.case, cleared=CLEARED)
    actions.pass_department(cast.civil_manager, entry.case, cleared=CLEARED)
    return entry


# -- rules -----------------------------------------------------------------------------------------


def test_a_shape_and_a_sentence_no_row_speaks_of_have_no_basis() -> None:
    bare = facts(shapes=["masked", "named_bodies"], condition="用于核验。")
    assert [t.what for t in without_basis(bare)] == ["仅提供给指定部门", "脱敏后提供", "用于核验"]
    masked = {"shape": "masked", "text": "姓名脱敏"} | LAW
    assert [t.what for t in without_basis(facts(shapes=["masked"], sharing_terms=[masked]))] == []
    only_shape = facts(shapes=["masked"], sharing_terms=[masked], condition="用于核验。")
    assert [t.what for t in without_basis(only_shape)] == ["用于核验"], "a condition of their own"
    explained = facts(
        shapes=["masked"], sharing_terms=[masked, {"text": "核验"} | LAW], condition="说明"
    )
    assert without_basis(explained) == [], "beside a row in words a sentence explains"
    assert "no_condition_words" not in {f.rule for f in check(facts(sharing_terms=[masked]))}
    assert without_basis(EntryFacts(share_class="1", condition="旧的说明")) == []


@pytest.mark.parametrize("named", ["document", "article"])
def test_a_basis_names_the_law_and_its_article(named: str) -> None:
    half = {"shape": "masked", "text": "姓名脱敏", named: LAW[named]}
    assert len(without_basis(facts(shapes=["masked"], sharing_terms=[half]))) == 1


def test_a_struck_shape_binds_nobody_until_it_is_given_another_basis() -> None:
    bare = facts(shapes=["named_bodies"])
    [term] = stated(bare)
    struck = [dict(term) | {"on": today(), "by": "李静", "why": WHY}]
    assert binds(bare, Shape.NAMED_BODIES, []) and not binds(bare, Shape.NAMED_BODIES, struck)
    again = facts(
        shapes=["named_bodies"],
        sharing_terms=[{"shape": "named_bodies", "text": "限民政系统"} | LAW],
    )
    assert binds(again, Shape.NAMED_BODIES, struck)
    assert not binds(again, Shape.MASKED, [])


def test_conditions_in_words_name_their_bases_and_leave_out_what_is_struck() -> None:
    rows = [{"text": "用于核验。"} | LAW, OWN]
    both = facts(sharing_terms=rows)
    assert conditions(both) == ["用于核验。依据：《个人信息保护法》第六条。", f"{OWN['text']}。"]
    struck = [OWN | {"on": today(), "by": "李静", "why": WHY}]
    assert len(conditions(facts(sharing_terms=rows, struck=struck))) == 1


def test_what_a_row_says_of_a_shape_is_said_or_missed() -> None:
    rows = [{"shape": "masked", "text": "姓名只留首字。"} | LAW]
    rows += [{"shape": "named_bodies", "text": "仅提供给指定部门"} | LAW]
    e = facts(shapes=["masked", "named_bodies"], named_bodies=("民政局",), sharing_terms=rows)
    named, masked = conditions(e)
    assert masked.endswith("。姓名只留首字。依据：《个人信息保护法》第六条。")
    assert named == "仅提供给：民政局。依据：《个人信息保护法》第六条。"
    left = [
        f for f in check(facts(shapes=["masked"], sharing_terms=rows)) if "不会生效" in f.message
    ]
    assert [(f.rule, f.field) for f in left] == [("unnamed_condition", "sharing_terms")]
    assert "仅提供给指定部门" in left[0].message


def test_conditions_are_said_in_words():
    masked, text = conditions(checked(**CONDITIONAL))
    assert "登记机关（保留首字）" in masked and text == "用于住房保障。"
    alike = conditions(
        checked(
            **CONDITIONAL
            | {
                "condition": "用于核验",
                "items": [
                    KEY,
                    NAME | {"mask": "name"},
                    NAME | {"name": "受理窗口", "mask": "name"},
                ],
            }
        )
    )
    assert alike == ["脱敏后提供：登记机关、受理窗口（保留首字）。", "用于核验。"]
    assert (
        "所有政务部门" in conditions(checked())[0]
        and "备案" in conditions(checked(share_class="3"))[0]
    )
    assert (
        "事项编码"
        in conditions(checked(control_parameters=[{"name": "matter", "title": "事项编码"}]))[-1]
    )


# -- both laws -------------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


def severity(entry: Entry) -> Severity | None:
    rows = {f.rule: f.severity for f in queries.findings_of(fresh(entry).draft)}
    return rows.get("condition_without_basis")


def test_under_the_rules_of_2020_it_is_a_recommendation(sharing: Sharing) -> None:
    cast = sharing.cast
    entry = under_review(sharing, OWN)
    assert severity(entry) is Severity.WARNING
    key = key_of(entry, OWN["text"])
    with pytest.raises(AgainstRules, match="尚未采用《政务数据共享条例》"):
        actions.strike_condition(cast.bureau_operator, case=entry.case_id, term=key, reasons=WHY)
    page = cast.client("bureau_operator").get(f"/review/{entry.case_id}/").content.decode()
    assert "未写明依据" in page and "strike_condition" not in page


def test_under_the_decree_it_stops_the_submission(sharing: Sharing) -> None:
    cast = sharing.cast
    adopt(cast)
    entry = sharing.entry(submitted=False, sharing_terms=[*TERMS, OWN])
    assert severity(entry) is Severity.ERROR
    with pytest.raises(Malformed) as refused:
        actions.submit(cast.civil_operator, entry.case, cleared=CLEARED)
    assert list(refused.value.fields) == ["sharing_terms"] and OWN["text"] in refused.value.detail
    actions.edit(cast.civil_operator, entry.case, sharing_terms=TERMS)
    actions.submit(cast.civil_operator, entry.case, cleared=CLEARED)


def test_a_running_case_keeps_the_law_it_was_opened_under(sharing: Sharing) -> None:
    entry = sharing.entry(submitted=False, sharing_terms=[OWN])
    adopt(sharing.cast)
    assert severity(entry) is Severity.WARNING
    again = sharing.entry(submitted=False, sharing_terms=[OWN], name="收养登记信息")
    assert severity(again) is Severity.ERROR
    assert faults_of_workbook(sharing.cast) == {"收养登记信息"}


def test_a_workbook_is_judged_without_what_was_struck(sharing: Sharing) -> None:
    cast = sharing.cast
    entry = sharing.entry("marriage", sharing_terms=[*TERMS, OWN])
    adopt(cast)
    key = key_of(entry, OWN["text"])
    actions.strike_condition(cast.bureau_operator, case=entry.draft.case_id, term=key, reasons=WHY)
    actions.update(cast.civil_operator, entry=entry.pk)
    assert severity(entry) is None and faults_of_workbook(cast) == set()


def faults_of_workbook(cast: Cast) -> set[str]:
    """The entries whose conditions a workbook is told of, where all entries of a body come back
    with one thing changed."""
    book = exported(cast.civil_operator)
    rows = {3 + n: entry for n, entry in enumerate(queries.stored_entries(cast.civil_operator))}
    for at in rows:
        cell(book, "目录", "联系处室", at).value = "婚姻登记处"
    own = handed_in(cast.civil_operator, book)
    assert (own.state, own.same) == ("ready", 0), own.faults
    basis = [fault["row"] for fault in own.faults if "没有写明依据" in fault["message"]]
    return {rows[at].values["name"] for at in basis}


# -- striking --------------------------------------------------------------------------------------


def test_the_reviewer_strikes_and_the_provider_is_told(sharing: Sharing) -> None:
    cast = sharing.cast
    adopt(cast)
    entry = under_review(sharing, WRONG)
    key = key_of(entry, OWN["text"])
    page = cast.client("bureau_operator").get(f"/review/{entry.case_id}/").content.decode()
    assert "《本局内部规定》第三条" in page
    assert f"catalog.strike_condition/?case={entry.case_id}&amp;term={key}" in page
    for who in ("civil_operator", "bureau_manager", "stranger_operator"):
        with pytest.raises(NotYours):
            actions.strike_condition(getattr(cast, who), case=entry.case_id, term=key, reasons=WHY)
    with pytest.raises(Malformed):
        actions.strike_condition(
            cast.bureau_operator, case=entry.case_id, term="nothing", reasons=WHY
        )
    actions.strike_condition(cast.bureau_operator, case=entry.case_id, term=key, reasons=WHY)
    with pytest.raises(AgainstRules, match="已经撤销"):
        actions.strike_condition(cast.bureau_operator, case=entry.case_id, term=key, reasons=WHY)
    row = LedgerEntry.objects.get(verb="catalog.strike_condition")
    assert (row.article, row.object_id, row.reasons) == ("D", str(entry.pk), WHY)
    notices = Notice.objects.filter(title__startswith="共享条件已撤销", case=entry.case_id)
    assert set(notices.values_list("person", flat=True)) == {
        cast.civil_operator.person,
        cast.civil_manager.person,
    }
    # reviewed on, published: the entry says when and why
    actions.pass_bureau(cast.bureau_operator, entry.case)
    actions.publish(cast.bureau_manager, entry.case)
    page = cast.client("housing_operator").get(f"/catalog/{entry.pk}/").content.decode()
    assert WHY in page and f"<del>{OWN['text']}</del>" in page
    answer = cast.client("housing_operator").get(f"/catalog/{entry.pk}.json").json()
    assert not any(OWN["text"] in line for line in answer["conditions"])
    assert [(r["text"], r["why"], r["on"]) for r in answer["struck"]] == [
        (OWN["text"], WHY, str(today()))
    ]


def test_struck_returned_and_submitted_again(sharing: Sharing) -> None:
    """The same words with the same basis stay struck; another basis is judged anew."""
    cast = sharing.cast
    adopt(cast)
    entry = under_review(sharing, WRONG)
    case = Case.objects.get(pk=entry.case_id)
    strike = {"case": case.pk, "reasons": WHY}
    first = key_of(entry, OWN["text"])
    actions.strike_condition(cast.bureau_operator, term=first, **strike)

    def round_again(term: dict[str, str]) -> set[str]:
        case.refresh_from_db()
        actions.return_bureau(
            cast.bureau_operator, case, ground="unclear", remarks={"sharing_terms": "请写明依据"}
        )
        actions.edit(cast.civil_operator, case, sharing_terms=[*TERMS, term])
        actions.submit(cast.civil_operator, case, cleared=CLEARED)
        actions.pass_department(cast.civil_manager, case, cleared=CLEARED)
        return {t.text for t in queries.facts_of(queries.version_of(case)).struck}

    assert round_again(WRONG) == {OWN["text"]}, "the same again is struck still"
    other = WRONG | {"document": "本局另一内部规定"}
    assert round_again(other) == set()
    second = key_of(entry, OWN["text"])
    assert second != first
    actions.strike_condition(cast.bureau_operator, term=second, **strike)
    assert len(fresh(entry).struck) == 2
    assert round_again(TERMS[1] | {"text": "另一条件"}) == set(), "left out, nothing is struck"


def test_a_condition_of_a_published_entry_no_longer_binds_new_applications(
    sharing: Sharing,
) -> None:
    """An entry of before the decree, for one body only and with no basis for it."""
    cast = sharing.cast
    named = {"shapes": ["masked", "named_bodies"], "named_bodies": [cast.body("hr").pk]}
    entry = sharing.entry("marriage", sharing_terms=[], **named)
    assert not queries.admits(entry, cast.housing_operator.body)
    adopt(cast)
    case = entry.draft.case_id
    choose = queries.terms.standing_choices(cast.bureau_operator, Case.objects.get(pk=case))
    assert [label.partition("（")[0] for _, label in choose] == [
        "仅提供给指定部门",
        "用于住房保障资格审核",
    ]
    masked = key_of(entry, "脱敏后提供")
    with pytest.raises(AgainstRules, match="由信息项的设置落实"):
        actions.strike_condition(cast.bureau_operator, case=case, term=masked, reasons=WHY)
    for key, _ in choose:
        actions.strike_condition(cast.bureau_operator, case=case, term=key, reasons=WHY)
    entry = fresh(entry)
    assert queries.admits(entry, cast.housing_operator.body)
    page = cast.client("housing_operator").get(f"/catalog/{entry.pk}/").content.decode()
    assert "申请使用" in page and "仅提供给：" not in page
    # a dispute, or another look, came to it: the manager restores it
    with pytest.raises(NotYours):
        actions.restore_condition(cast.bureau_operator, case=case, term=choose[0][0], reasons=WHY)
    actions.restore_condition(
        cast.bureau_manager, case=case, term=choose[0][0], reasons="已补充依据。"
    )
    assert not queries.admits(fresh(entry), cast.housing_operator.body)
    with pytest.raises(AgainstRules, match="没有被撤销"):
        actions.restore_condition(
            cast.bureau_manager, case=case, term=choose[0][0], reasons="已补充依据。"
        )


def test_an_update_carries_what_was_struck(sharing: Sharing) -> None:
    cast = sharing.cast
    adopt(cast)
    entry = sharing.entry("marriage", sharing_terms=[*TERMS, WRONG])
    key = key_of(entry, OWN["text"])
    actions.strike_condition(cast.bureau_operator, case=entry.draft.case_id, term=key, reasons=WHY)
    updating = actions.update(cast.civil_operator, entry=entry.pk)
    rules = {f.rule for f in queries.findings_of(fresh(updating).draft)}
    assert "struck_condition" in rules
    draft = fresh(entry).case_id
    with pytest.raises(NotVisible):  # its body's own until it is passed on
        actions.strike_condition(cast.bureau_operator, case=draft, term=key, reasons=WHY)


def test_it_is_struck_through_api_and_command(
    sharing: Sharing, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://given-by-the-test")
    cast = sharing.cast
    adopt(cast)
    entry = under_review(sharing, WRONG, OWN | {"document": "会议纪要", "article": "第2号"})
    api, command = Api(cast), Command(cast, capsys)
    first, second = (t.key for t in stated(fresh(entry).draft) if t.text == OWN["text"])
    url = "/api/do/catalog.strike_condition"

    def post(who: str) -> int:
        given = {"case": entry.case_id, "term": first, "reasons": WHY}
        return api._client(who).post(url, given, content_type="application/json").status_code

    assert (post("civil_operator"), post("bureau_operator"), post("bureau_operator")) == (
        403,
        200,
        409,
    )
    verb, given = "catalog.strike_condition", {"term": second, "reasons": WHY}
    assert command.do("bureau_operator", verb, entry.case_id, **given) == 200, command.text
    assert len(fresh(entry).struck) == 2


def test_the_page_asks_before_it_strikes(sharing: Sharing) -> None:
    cast = sharing.cast
    adopt(cast)
    entry = under_review(sharing, WRONG)
    key = key_of(entry, OWN["text"])
    bureau = cast.client("bureau_operator")
    address = f"/do/catalog.strike_condition/?case={entry.case_id}&term={key}"
    form = bureau.get(address).content.decode()
    assert re.search(f'value="{key}"[^>]* checked', form)
    given = {"case": entry.case_id, "term": key, "reasons": WHY}
    answer = bureau.post("/do/catalog.strike_condition/", given)
    assert "已有授权不变" in answer.content.decode() and not fresh(entry).struck
