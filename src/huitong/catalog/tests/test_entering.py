"""The bureau enters for a department (代录): who may do what in which state, who sees it, what it is
marked by, and one workbook for many (A7, A8, A10, A12)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.cast import Cast

from huitong.catalog import actions, jobs, queries
from huitong.catalog.models import ChangeSet, Entry
from huitong.catalog.queries import entering
from huitong.catalog.rules import EntryState
from huitong.catalog.rules.sheets import SheetFile
from huitong.catalog.tests.marriage import COMPLETE, drafted, published
from huitong.catalog.tests.workbooks import COMPLETE as ROW
from huitong.catalog.tests.workbooks import book_of, content_of
from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours
from huitong.work import queries as work

pytestmark = pytest.mark.django_db
S = EntryState
CLEARED = ["state", "work"]
WHY = {"reasons": "该部门来文请求代为录入", "request": "通民函〔2026〕7号"}
#: state → who may do what in it; whoever is not named there may do nothing
MAY: dict[EntryState, dict[str, set[str]]] = {
    S.ENTERING: {
        "bureau_operator": {"edit", "add_ground", "drop_ground", "hand_over", "discard"},
        "second": {"edit", "add_ground", "drop_ground", "hand_over", "discard"},
        "civil_operator": {"take_over", "discard"},
    },
    S.DRAFT: {
        "civil_operator": {
            *("edit", "add_ground", "drop_ground", "submit", "discard", "ask_entering")
        }
    },
    S.IN_DEPARTMENT: {"civil_manager": {"pass_department", "return_department"}},
    # not who entered it
    S.WITH_BUREAU: {"second": {"pass_bureau", "return_bureau"}},
    S.RETURNED: {
        "civil_operator": {
            *("edit", "add_ground", "drop_ground", "submit", "discard", "ask_entering")
        }
    },
}
WHO = (
    *("bureau_operator", "second", "bureau_manager", "civil_operator", "civil_manager"),
    *("hr_operator", "hr_manager", "platform_operator", "security_admin"),
)


@pytest.fixture
def city(cast: Cast) -> Cast:
    actions.register_system(cast.civil_operator, name="业务管理系统")
    cast.colleague("bureau_operator", "second")
    return cast


def entered(city: Cast, name: str = "婚姻登记信息", **changes: Any) -> Entry:
    """What the bureau's operator is entering for Civil Affairs, all of it."""
    entry: Entry = actions.enter_for(
        city.bureau_operator, body=city.body("civil").pk, name=name, **WHY
    )
    actions.edit(city.bureau_operator, entry.case, **COMPLETE | changes)
    return queries.entry_for(city.bureau_operator, entry.pk)


def brought_to(city: Cast, state: EntryState) -> Case:
    """The case of an entry that was entered for its department, in this state."""
    case = Case.objects.get(pk=entered(city).case_id)
    if state is S.ENTERING:
        return case
    actions.hand_over(city.bureau_operator, case)
    if state is not S.DRAFT:
        actions.submit(city.civil_operator, case, cleared=CLEARED)
    if state not in (S.DRAFT, S.IN_DEPARTMENT):
        actions.pass_department(city.civil_manager, case, cleared=CLEARED)
    if state is S.RETURNED:
        actions.return_bureau(city.second, case, ground="unclear", remarks={"summary": "请写明"})
    return Case.objects.get(pk=case.pk)


def may(actor: Actor, case: Case) -> set[str]:
    if not Case.objects.visible_to(actor).filter(pk=case.pk).exists():
        return set()
    return {row.verb for row, _ in doing.open_to(actor, case)}


@pytest.mark.parametrize("state", MAY, ids=str)
def test_who_may_do_what_in_which_state(city: Cast, state: EntryState) -> None:
    case = brought_to(city, state)
    assert case.state == state
    assert {who: verbs for who in WHO if (verbs := may(getattr(city, who), case))} == MAY[state]


@pytest.mark.parametrize("who", WHO)
def test_only_the_bureaus_operator_begins_it(city: Cast, who: str) -> None:
    actor: Actor = getattr(city, who)
    entry = published(city.civil_operator, city.civil_manager, city.second)
    if who in ("bureau_operator", "second"):
        actions.enter_for(actor, body=city.body("civil").pk, name="收养登记信息", **WHY)
        actions.update_for(actor, entry=entry.pk, **WHY)
        return
    with pytest.raises(NotYours):
        actions.enter_for(actor, body=city.body("civil").pk, name="收养登记信息", **WHY)
    with pytest.raises(NotYours):
        actions.update_for(actor, entry=entry.pk, **WHY)
    assert entering.departments(actor) == []
    assert Entry.objects.count() == 1


def test_it_is_for_another_body_that_stands_and_with_a_reason(city: Cast) -> None:
    clerk, civil = city.bureau_operator, city.body("civil").pk
    for given, field in (
        ({"body": clerk.body, **WHY}, "body"),
        ({"body": 10**6, **WHY}, "body"),
        ({"body": civil}, "reasons"),
        ({"body": civil, "reasons": "……"}, "reasons"),
    ):
        with pytest.raises(Malformed) as wrong:
            actions.enter_for(clerk, name="婚姻登记信息", **given)
        assert field in wrong.value.fields
    assert not Entry.objects.exists() and not Case.objects.exists()


def test_department_and_bureau_see_it_from_its_beginning_and_nobody_else(city: Cast) -> None:
    entry = entered(city)
    for who in WHO[:5]:
        assert queries.entry_for(getattr(city, who), entry.pk) == entry, who
        assert Case.objects.visible_to(getattr(city, who)).filter(pk=entry.case_id).exists(), who
    for who in WHO[5:]:
        with pytest.raises(NotVisible):
            queries.entry_for(getattr(city, who), entry.pk)
    own = drafted(city.civil_operator, "收养登记信息")
    with pytest.raises(NotVisible):
        queries.entry_for(city.bureau_operator, own.pk)
    assert [e.pk for e in entering.entered(city.bureau_operator)] == [entry.pk]
    assert [e.pk for e in entering.entered(city.civil_operator)] == [entry.pk]
    assert not entering.entered(city.hr_operator).exists()


def test_it_begins_with_what_is_known_of_the_department_and_names_its_systems_alone(
    city: Cast,
) -> None:
    alien = actions.register_system(city.hr_operator, name="社保系统")
    entry = entered(city)
    assert entry.draft.system is not None and entry.draft.system.body_id == entry.body_id
    with pytest.raises(NotVisible):
        actions.edit(city.bureau_operator, entry.case, system=alien.pk)
    with pytest.raises(AgainstRules, match="涉密"):
        actions.enter_for(
            city.bureau_operator, body=entry.body_id, name="收养登记信息", classified=True, **WHY
        )


def test_the_department_takes_it_over_hands_it_back_or_gives_it_up(city: Cast) -> None:
    case = Case.objects.get(pk=entered(city).case_id)
    actions.take_over(city.civil_operator, case)
    with pytest.raises((AgainstRules, NotYours)):
        actions.edit(city.bureau_operator, case, summary="改写")
    actions.ask_entering(city.civil_operator, case, reasons="请补充信息项")
    actions.edit(city.bureau_operator, case, keywords=["婚姻"])
    actions.discard(city.civil_operator, case)
    assert Case.objects.get(pk=case.pk).state == S.DISCARDED
    own = drafted(city.civil_operator, "收养登记信息")
    assert "ask_entering" not in may(city.civil_operator, own.case)
    with pytest.raises(AgainstRules):
        actions.ask_entering(city.civil_operator, own.case, reasons="请补充信息项")


def test_what_is_entered_is_marked_wherever_it_is_read(city: Cast) -> None:
    case = brought_to(city, S.WITH_BUREAU)
    assert case.title.startswith("代录目录：") and case.facts["entered"] == "bureau"
    assert case.facts["entering"] == {
        "body_name": "市大数据局",
        "by": city.bureau_operator.name,
        **WHY,
    }
    opening = LedgerEntry.objects.get(verb="entry.enter_for")
    assert opening.after["entered_for"] == city.body("civil").pk
    assert opening.reasons == WHY["reasons"] and opening.after["given"]["request"] == WHY["request"]
    actions.pass_bureau(city.second, case)
    actions.publish(city.civil_operator, case)
    entry = queries.entry_for(city.hr_operator, queries.entry_of(case).pk)
    assert entry.published.content["entered_by"] == "市大数据局"
    assert queries.whole(entry)["entered_by"] == "市大数据局"
    page = city.client("hr_operator").get(f"/catalog/{entry.pk}/").content.decode()
    assert "市大数据局代录，经市民政局审核确认" in page
    again = Case.objects.get(pk=actions.update(city.civil_operator, entry=entry.pk).case_id)
    actions.edit(city.civil_operator, again, keywords=["婚姻"])
    assert queries.version_of(again).entered_by == "" and "代录" not in again.title


def test_whoever_entered_neither_reviews_nor_codes_it(city: Cast) -> None:
    case = brought_to(city, S.WITH_BUREAU)
    for act, given in (
        (actions.pass_bureau, {}),
        (actions.return_bureau, {"ground": "unclear", "remarks": {"summary": "请写明"}}),
    ):
        with pytest.raises(NotYours, match="经手该事项"):
            act(city.bureau_operator, case, **given)
    page = city.client("bureau_operator").get(f"/review/{case.pk}/").content.decode()
    assert "审核通过并赋码" not in page
    actions.pass_bureau(city.second, case)
    assert queries.entry_of(case).code


# -- one workbook for many -------------------------------------------------------------------------


def handed_in(city: Cast, *rows: dict[str, str], items: Any = None) -> ChangeSet:
    own = actions.hand_in_workbook(
        city.bureau_operator,
        name="民政局目录.xlsx",
        file=SheetFile(content_of(book_of(*rows, items=items))),
        body=city.body("civil").pk,
        **WHY,
    )
    jobs.check_workbook(changes=own.pk)
    return queries.change_set_for(city.bureau_operator, own.pk)


def test_a_workbook_is_entered_for_a_department_as_one_set(city: Cast) -> None:
    own = handed_in(city, ROW, ROW | {"资源名称": "收养登记信息"})
    assert own.state == "ready", own.faults
    assert (own.body, own.entered_by) == (city.body("civil"), "市大数据局")
    with pytest.raises(NotYours):
        actions.apply_changes(city.civil_operator, changes=own.pk)
    actions.apply_changes(city.bureau_operator, changes=own.pk)
    cases = [row.case for row in own.rows.select_related("case")]
    assert {case.state for case in cases} == {S.ENTERING}
    assert all(case.facts["entering"]["reasons"] == WHY["reasons"] for case in cases)
    assert {e.pk for e in entering.entered(city.civil_operator)} == {
        row.entry_id for row in own.rows.all()
    }
    with pytest.raises(AgainstRules):
        actions.submit_changes(city.civil_operator, changes=own.pk, cleared=CLEARED)
    with pytest.raises(NotYours):
        actions.hand_over_changes(city.civil_operator, changes=own.pk)
    actions.hand_over_changes(city.bureau_operator, changes=own.pk)
    actions.submit_changes(city.civil_operator, changes=own.pk, cleared=CLEARED)
    actions.pass_changes(city.civil_manager, changes=own.pk, cleared=CLEARED)
    with pytest.raises(Malformed, match="2 条不能审核"):
        actions.approve_changes(city.bureau_operator, changes=own.pk)
    actions.approve_changes(city.second, changes=own.pk)
    actions.publish_changes(city.civil_operator, changes=own.pk)
    assert all(e.published.entered_by for e in Entry.objects.select_related("current"))


def test_a_set_is_undone_until_the_department_has_it(city: Cast) -> None:
    own = handed_in(city, ROW)
    actions.apply_changes(city.bureau_operator, changes=own.pk)
    actions.undo_changes(city.bureau_operator, changes=own.pk)
    assert {row.case.state for row in own.rows.select_related("case")} == {S.DISCARDED}
    again = handed_in(city, ROW)
    actions.apply_changes(city.bureau_operator, changes=again.pk)
    actions.hand_over_changes(city.bureau_operator, changes=again.pk)
    with pytest.raises(AgainstRules):
        actions.undo_changes(city.bureau_operator, changes=again.pk)


def test_a_workbook_changes_what_the_bureau_is_entering_and_no_draft_of_the_departments_own(
    city: Cast,
) -> None:
    own = drafted(city.civil_operator, "收养登记信息")
    entry = entered(city)
    stored = {
        one.entry: one.editable
        for one in queries.stored_entries(city.bureau_operator, body=entry.body_id)
    }
    assert stored == {entry.pk: True}
    by_civil = {e.entry: e.editable for e in queries.stored_entries(city.civil_operator)}
    assert by_civil == {own.pk: True, entry.pk: False}
    row = ROW | {"资源名称": "收养登记信息", "平台编号": str(own.pk), "校验码": "1"}
    refused = handed_in(city, row)
    assert refused.state == "faulty" and "没有平台编号" in refused.faults[0]["message"]


def test_whoever_entered_keeps_no_old_codes(city: Cast) -> None:
    own = handed_in(city, ROW | {"资源代码": "307001/000077"})
    assert own.state == "ready", own.faults
    actions.apply_changes(city.bureau_operator, changes=own.pk)
    actions.hand_over_changes(city.bureau_operator, changes=own.pk)
    actions.submit_changes(city.civil_operator, changes=own.pk, cleared=CLEARED)
    actions.pass_changes(city.civil_manager, changes=own.pk, cleared=CLEARED)
    with pytest.raises(NotYours, match="沿用代码须由另一人"):
        actions.keep_old_codes(city.bureau_operator, changes=own.pk)
    actions.keep_old_codes(city.second, changes=own.pk)
    assert Entry.objects.get().code == "307001/000077"


def test_what_its_file_said_is_the_affair_of_who_handed_it_in(city: Cast) -> None:
    own = handed_in(city, ROW | {"共享类型": "随便"})
    assert own.state == "faulty"
    assert queries.annotated_copy(city.bureau_operator, own.pk)[1]
    for who in ("civil_operator", "hr_operator"):
        with pytest.raises(NotVisible):
            queries.annotated_copy(getattr(city, who), own.pk)
    with pytest.raises(Malformed) as wrong:
        actions.hand_in_workbook(
            city.bureau_operator,
            name="无理由.xlsx",
            file=SheetFile(content_of(book_of(ROW))),
            body=city.body("civil").pk,
        )
    assert "reasons" in wrong.value.fields
    with pytest.raises(NotYours):
        actions.hand_in_workbook(
            city.hr_operator,
            name="别的部门.xlsx",
            file=SheetFile(content_of(book_of(ROW))),
            body=city.body("civil").pk,
            **WHY,
        )


def test_its_notices_reach_the_department_once(city: Cast) -> None:
    """One of a draft, one of a set however many entries it has: to operator and manager."""
    from tests.journeys.test_an_entry_is_updated import react

    def notices(actor: Actor, title: str) -> list[str]:
        rows = work.notices_of(actor).filter(title__startswith=title)
        return list(rows.values_list("text", flat=True))

    entered(city)
    react("entry.enter_for")
    for who in ("civil_operator", "civil_manager"):
        [text] = notices(getattr(city, who), "市大数据局为本部门代录：目录：婚姻登记信息")
        assert WHY["reasons"] in text and "接手编制" in text
    own = handed_in(city, ROW | {"资源名称": "收养登记信息"}, ROW | {"资源名称": "低保信息"})
    actions.apply_changes(city.bureau_operator, changes=own.pk)
    react("catalog.apply_changes")
    assert len(notices(city.civil_operator, "市大数据局为本部门代录：一批目录")) == 1
    assert not work.notices_of(city.hr_operator).exists()
