"""The way of a doubt (A29): raised, verified, sent on, corrected, confirmed; who sees it, and what
of it is never kept in clear."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from tests.objecting import DONE, PERSON_TEXT, REQUEST, RIGHT, WRONG, Objecting
from tests.sharing import RISK

from huitong.access import actions as access
from huitong.catalog.tests.marriage import republished
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours
from huitong.kernel.workdays import load_calendar, today
from huitong.objections import actions, queries
from huitong.objections.models import Objection
from huitong.objections.rules import Doubt, S, Satisfaction
from huitong.organizations import actions as organizations
from huitong.planes.gateway.rules import Verdict
from huitong.scope import identifiers

pytestmark = pytest.mark.django_db


# -- raised ----------------------------------------------------------------------------------------


def test_one_clerk_raises_it_and_the_bureau_is_told_at_once(objecting: Objecting) -> None:
    cast, objection = objecting.cast, objecting.raised()
    case = objecting.case(objection)
    assert case.number.startswith("YY") and objecting.at(objection) is S.WITH_PROVIDER
    assert case.awaiting == [f"{cast.body('civil').pk}:operator"]
    assert objection.plane == "gateway" and objection.delivered_at is not None
    assert any("提出疑义" in text for text in objecting.titles("bureau_operator"))
    clock = Clock.objects.get(case=case)
    assert (clock.name, clock.article, clock.amount, clock.unit) == ("verify", "C", 5, "wd")


def test_under_the_decree_the_answer_is_due_in_ten_working_days(objecting: Objecting) -> None:
    objecting.adopt_decree()
    objection = objecting.raised()
    clock = Clock.objects.get(case=objection.case_id)
    assert (clock.article, clock.amount, clock.unit) == ("D", 10, "wd")
    actions.uphold(objecting.cast.civil_operator, objecting.case(objection), reasons=RIGHT)
    entry = Entry.objects.filter(verb="objection.uphold").latest("seq")
    assert entry.article == "D"


def test_who_sees_an_entry_doubts_its_catalog_and_nothing_more(objecting: Objecting) -> None:
    objection = objecting.about_entry("stranger")
    assert objection.grant_id is None and objection.kind == Doubt.CATALOG
    for kind in (Doubt.AUTHORIZATION, Doubt.USE, Doubt.CONTENT):
        with pytest.raises(Malformed) as wrong:
            objecting.about_entry("stranger", kind=kind)
        assert "kind" in wrong.value.fields
    with pytest.raises(NotVisible):
        actions.report(
            objecting.cast.stranger_operator,
            kind=Doubt.CATALOG,
            words="看不到的目录",
            entry=objecting.sharing.entry(submitted=False, name="婚姻登记草稿").pk,
        )


def test_nobody_doubts_their_own_data_or_anothers_grant(objecting: Objecting) -> None:
    objecting.called()
    with pytest.raises(AgainstRules, match="本部门的数据"):
        objecting.about_entry("civil")
    given = WRONG | {"grant": objecting.grant().pk, "delivery": REQUEST}
    for who, refusal in (
        ("civil_operator", NotYours),
        ("bureau_operator", NotYours),
        ("stranger_operator", NotVisible),
        ("housing_manager", NotYours),
    ):
        with pytest.raises(refusal):
            actions.report(getattr(objecting.cast, who), **given)
    with pytest.raises(Malformed):
        actions.report(objecting.cast.housing_operator, kind=Doubt.CATALOG, words="没有指明")


def test_content_is_doubted_of_what_was_delivered_only(objecting: Objecting) -> None:
    denied = "0f0e0d0c-0000-4000-8000-000000000001"
    objecting.called(denied, Verdict.TOO_FAST)
    for delivery in (denied, "没有的编号", "'; DROP TABLE x; --"):
        with pytest.raises(Malformed) as wrong:
            objecting.raised(delivery=delivery)
        assert set(wrong.value.fields) == {"delivery"}
    assert not Objection.objects.exists()


def test_a_past_grant_can_still_be_doubted(objecting: Objecting) -> None:
    objecting.called()
    grant = objecting.grant()
    access.revoke(objecting.cast.civil_manager, objecting.sharing.case(grant), **RISK)
    assert objecting.at(objecting.raised()) is S.WITH_PROVIDER


# -- values of persons -----------------------------------------------------------------------------


def everything_kept() -> str:
    """Every row of every table, as text, but for the files' bytes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
            " AND table_type = 'BASE TABLE'"
        )
        names = [name for (name,) in cursor.fetchall()]
        rows = []
        for name in names:
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{name}" t')
            rows += [text for (text,) in cursor.fetchall()]
    return "\n".join(rows)


def test_no_number_and_no_value_of_a_person_is_kept_in_clear(objecting: Objecting) -> None:
    person = PERSON_TEXT
    objection = objecting.raised(
        words=f"张某（{person}）的登记日期不对，电话13912345678。",
        locator=f"身份号码 {person}",
        held="张某某 20200108",
        believed="张某某 20200801",
    )
    case = objecting.case(objection)
    actions.uphold(
        objecting.cast.civil_operator, case, reasons=f"经核对档案，{person} 的记录无误。"
    )
    database = everything_kept()
    for secret in (person, "13912345678", "20200108", "20200801"):
        assert secret not in database, secret
    assert objection.locator == f"身份号码 {person[:6]}********{person[14:]}"
    assert identifiers.citizen_number_fault(person) is None


def test_the_two_bodies_read_the_values_and_each_look_is_recorded(objecting: Objecting) -> None:
    cast, objection = objecting.cast, objecting.raised()
    for who in ("housing_operator", "civil_operator", "civil_manager"):
        pair = actions.look(getattr(cast, who), objection=objection.pk)
        assert pair == {"held": "2020-01-08", "believed": "2020-08-01"}
    with pytest.raises(NotYours):
        actions.look(cast.bureau_operator, objection=objection.pk)
    for who in ("stranger_operator", "hr_manager"):
        with pytest.raises(NotVisible):
            actions.look(getattr(cast, who), objection=objection.pk)
    looks = Entry.objects.filter(verb="objections.look")
    assert looks.count() == 3
    assert "2020-08-01" not in json.dumps([row.after for row in looks], ensure_ascii=False)
    with pytest.raises(AgainstRules, match="没有登记"):
        actions.look(cast.housing_operator, objection=objecting.about_entry().pk)


@pytest.mark.parametrize("field", ["words", "locator", "held", "believed"])
def test_what_is_marked_as_classified_is_refused_in_every_field(
    objecting: Objecting, field: str
) -> None:
    with pytest.raises(AgainstRules, match="密"):
        objecting.raised(**{field: "机密★10年"})
    assert not Objection.objects.exists()


# -- verified --------------------------------------------------------------------------------------


def test_right_as_it_is_with_specific_reasons(objecting: Objecting) -> None:
    cast, objection = objecting.cast, objecting.raised()
    for reasons in ("", "无", "。。。"):
        with pytest.raises(Malformed):
            actions.uphold(cast.civil_operator, objecting.case(objection), reasons=reasons)
    with pytest.raises(NotYours):
        actions.uphold(cast.housing_operator, objecting.case(objection), reasons=RIGHT)
    objection = objecting.upheld(objection)
    assert objecting.at(objection) is S.ANSWERED and objection.finding == "right"
    assert any(RIGHT in text for text in objecting.titles("housing_operator"))
    actions.evaluate(cast.housing_operator, objecting.case(objection), satisfied=Satisfaction.YES)
    assert objecting.at(objection) is S.UPHELD


def test_wrong_and_corrected_by_a_day_confirmed_by_another(objecting: Objecting) -> None:
    cast, objection = objecting.cast, objecting.raised()
    with pytest.raises(Malformed) as wrong:
        early = today() - timedelta(1)
        actions.admit(cast.civil_operator, objecting.case(objection), planned_on=early)
    assert "planned_on" in wrong.value.fields
    latest = load_calendar().deadline(today(), 20, "wd").on
    assert queries.latest_correction(today()) == latest
    with pytest.raises(Malformed, match=f"{latest}.*本市设定"):
        late = latest + timedelta(1)
        actions.admit(cast.civil_operator, objecting.case(objection), planned_on=late)
    organizations.add_limit(
        cast.system_admin,
        law="city",
        article="C",
        name="correct_objection",
        amount=5,
        unit="wd",
        in_force=today(),
        basis="本市从严",
    )
    with pytest.raises(Malformed, match="本市设定"):
        actions.admit(cast.civil_operator, objecting.case(objection), planned_on=latest)
    objection = objecting.admitted(objection)
    clock = Clock.objects.get(case=objection.case_id, stopped_on=None)
    assert (clock.name, clock.due_on) == ("correct", today() + timedelta(3))
    for day in (today() + timedelta(1), today() - timedelta(1)):
        given: dict[str, Any] = {"corrected_on": day, "correction": DONE}
        with pytest.raises(Malformed):
            actions.correct(cast.civil_operator, objecting.case(objection), **given)
    given = {"corrected_on": today(), "correction": DONE}
    actions.correct(cast.civil_operator, objecting.case(objection), **given)
    with pytest.raises(NotYours):
        actions.confirm(cast.civil_operator, objecting.case(objection))
    actions.send_back(
        cast.civil_manager, objecting.case(objection), reasons="登记档案的扫描件也要更正。"
    )
    assert objecting.at(objection) is S.CORRECTING
    actions.correct(cast.civil_operator, objecting.case(objection), **given)
    actions.confirm(cast.civil_manager, objecting.case(objection))
    assert objecting.at(objection) is S.ANSWERED
    for who in ("housing_operator", "bureau_operator"):
        assert any(DONE in text for text in objecting.titles(who)), who
    objecting.lapsed(objection, "evaluate")
    objection = objecting.again(objection)
    assert objecting.at(objection) is S.CORRECTED and objection.satisfied is None


def test_a_correction_is_read_by_others_once_it_is_confirmed(objecting: Objecting) -> None:
    """By pages and API, in the doubt and in the record of its case: what the clerk says was
    corrected is its own body's until its head stands by it."""
    cast, objection = objecting.cast, objecting.corrected()

    def read(who: str) -> str:
        token = organizations.create_token(getattr(cast, who), label="查看", days=1)["token"]
        api = Client(headers={"Authorization": f"Bearer {token}"})
        records = api.get(f"/api/cases/{objection.case_id}/entries").json()["items"]
        acts = [f"/api/audit/entries/{record['seq']}" for record in records]
        texts = [json.dumps(api.get(act).json(), ensure_ascii=False) for act in acts]
        page = cast.client(who)
        pages = [f"/cases/{objection.case_id}/", *(f"/audit/{r['seq']}/" for r in records)]
        texts += [page.get(where).content.decode() for where in pages]
        assert len(records) == len(Entry.objects.filter(case=objection.case_id))
        return "".join((json.dumps(records, ensure_ascii=False), *texts))

    others = ("housing_operator", "bureau_operator")
    assert not [who for who in others if DONE in read(who)]
    assert DONE in cast.client("civil_manager").get(f"/cases/{objection.case_id}/").content.decode()
    actions.confirm(cast.civil_manager, objecting.case(objection))
    confirmed = Entry.objects.get(case=objection.case_id, verb="objection.confirm")
    assert confirmed.after["correction"] == DONE and confirmed.after["corrected_on"]
    assert not [who for who in others if DONE not in read(who)]


def test_a_catalog_is_corrected_by_a_version_published_since(objecting: Objecting) -> None:
    cast, objection = objecting.cast, objecting.admitted(objecting.about_entry())
    given: dict[str, Any] = {"corrected_on": today(), "correction": "已更新目录摘要。"}
    for version in (None, 1, 99):
        with pytest.raises(Malformed) as wrong:
            case = objecting.case(objection)
            actions.correct(cast.civil_operator, case, version=version, **given)
        assert "version" in wrong.value.fields
    republished(
        cast.civil_operator,
        cast.civil_manager,
        cast.bureau_operator,
        objection.entry,
        summary="全市登记机关办理并逐日汇总的登记信息，1986 年至今。",
    )
    case = objecting.case(objection)
    assert queries.versions_since(cast.civil_operator, case) == [(2, "第 2 版")]
    actions.correct(cast.civil_operator, case, version=2, **given)
    assert objecting.again(objection).corrected_by == 2


def test_what_is_not_its_duty_goes_on_to_the_source(objecting: Objecting) -> None:
    cast, objection = objecting.cast, objecting.raised()
    civil, hr, housing = (cast.body(name).pk for name in ("civil", "hr", "housing"))
    case = objecting.case(objection)
    with pytest.raises(Malformed):
        actions.not_ours(
            cast.civil_operator, case, reasons="数据来自其他部门。", right_body=housing
        )
    actions.not_ours(cast.civil_operator, case, reasons="数据来自人社局。", right_body=hr)
    assert objecting.at(objection) is S.TO_ASSIGN
    page = cast.client("bureau_operator").get(f"/cases/{case.pk}/").content.decode()
    assert "原校核部门认为应由市人社局校核" in page, "who sends it on reads whom it was told of"
    assert queries.visible_to(cast.civil_operator).filter(pk=objection.pk).exists(), "reads on"
    with pytest.raises(NotYours):
        actions.look(cast.civil_operator, objection=objection.pk)
    for body, words in ((civil, ""), (housing, ""), (10**9, "")):
        with pytest.raises(Malformed):
            case = objecting.case(objection)
            actions.assign(cast.bureau_operator, case, body=body, words=words)
    actions.assign(cast.bureau_operator, objecting.case(objection), body=hr)
    assert objecting.case(objection).awaiting == [f"{hr}:operator"]
    assert Clock.objects.filter(case=objection.case_id, name="verify").count() == 2
    with pytest.raises(NotYours):
        actions.uphold(cast.civil_operator, objecting.case(objection), reasons=RIGHT)
    actions.uphold(cast.hr_operator, objecting.case(objection), reasons=RIGHT)
    assert objecting.at(objection) is S.ANSWERED


def test_it_is_withdrawn_until_it_is_answered(objecting: Objecting) -> None:
    cast, objection = objecting.cast, objecting.raised()
    actions.withdraw(cast.housing_operator, objecting.case(objection), reasons="已自行核实。")
    assert objecting.at(objection) is S.WITHDRAWN
    assert any("已撤回" in text for text in objecting.titles("civil_operator"))
    admitted = objecting.admitted()
    with pytest.raises(AgainstRules):
        actions.withdraw(cast.housing_operator, objecting.case(admitted))


# -- who sees it -----------------------------------------------------------------------------------

EVERYBODY = (
    "housing_operator",
    "housing_manager",
    "civil_operator",
    "civil_manager",
    "bureau_operator",
    "bureau_manager",
    "hr_operator",
    "stranger_manager",
    "system_admin",
    "audit_admin",
)


def test_the_parties_and_the_bureau_see_it_and_nobody_else(objecting: Objecting) -> None:
    cast, objection = objecting.cast, objecting.raised()
    readers = {
        who
        for who in EVERYBODY
        if queries.visible_to(getattr(cast, who)).filter(pk=objection.pk).exists()
    }
    assert readers == set(EVERYBODY[:6])
    assert [o.pk for o in queries.received(cast.civil_operator)] == [objection.pk]
    assert [o.pk for o in queries.raised(cast.housing_manager)] == [objection.pk]
    assert [o.pk for o in queries.every(cast.bureau_manager)] == [objection.pk]
    assert not queries.every(cast.civil_manager).exists()


def test_an_heir_goes_on_with_the_doubts_of_its_predecessor(objecting: Objecting) -> None:
    cast, objection = objecting.cast, objecting.raised()
    civil, hr = cast.body("civil").pk, cast.body("hr").pk
    organizations.succeed(
        cast.system_admin,
        kind="merge",
        predecessors=[civil],
        successors=[hr],
        on=today(),
        document="通政发〔2026〕9号",
    )
    for _ in range(2):
        actions.pass_on(cast.system, predecessors=[civil], heir=hr, on=today())
    assert objecting.again(objection).provider_id == hr
    assert objecting.case(objection).body_of("provider") == hr
    passed = Entry.objects.filter(verb="objections.pass_on").latest("seq")
    assert passed.after["cases"] == []


def test_an_heir_is_asked_again_only_with_words_for_what_its_predecessor_declined(
    objecting: Objecting,
) -> None:
    cast, objection = objecting.cast, objecting.raised()
    civil, hr = cast.body("civil").pk, cast.body("hr").pk
    case = objecting.case(objection)
    actions.not_ours(cast.civil_operator, case, reasons="数据来自人社局。")
    actions.pass_on(cast.system, predecessors=[civil], heir=hr, on=today())
    assert objecting.again(objection).declined == [hr]
    passed = Entry.objects.filter(verb="objections.pass_on").latest("seq")
    assert passed.after["cases"] == [case.pk]
    with pytest.raises(Malformed, match="转交须写明依据"):
        actions.assign(cast.bureau_operator, objecting.case(objection), body=hr)
