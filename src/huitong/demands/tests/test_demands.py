"""The ways of a demand (A24, A25): to the body, to the bureau, sent on, promised, put off, met."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from tests.demanding import Demanding
from tests.sharing import Sharing

from huitong.demands import actions, queries
from huitong.demands.models import Answer, Demand
from huitong.demands.rules import Kind, S
from huitong.kernel.clocks import Clock
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours
from huitong.kernel.workdays import SHANGHAI, today
from huitong.work.models import Notice

pytestmark = pytest.mark.django_db
WHY = "该数据由公积金中心管理，不在本部门系统中。"
LATER = {"ground": "not_digital", "reasons": "历史档案正在扫描录入，年底完成。"}


def on(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    """Let the steps that follow be taken on this day."""
    moment = datetime.combine(day, time(9, 30), SHANGHAI)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)


def clocks(demand: Demand) -> dict[str, tuple[date, date, int | None]]:
    """The running clocks: since when, until when, whose."""
    rows = Clock.objects.filter(case=demand.case_id, stopped_on=None)
    return {row.name: (row.started_on, row.due_on, row.body) for row in rows}


def notices_of(demanding: Demanding, person: str) -> list[str]:
    rows = Notice.objects.filter(person=getattr(demanding.cast, person).person)
    return [row.title for row in rows.order_by("pk")]


# -- written, stamped, submitted -------------------------------------------------------------------


def test_two_people_and_a_stamp_stand_between_a_need_and_the_body(demanding: Demanding) -> None:
    cast, demand = demanding.cast, demanding.drafted()
    clerk, case = cast.housing_operator, demanding.case(demand)
    assert case.number.startswith("XQ") and demanding.at(demand) is S.DRAFT
    with pytest.raises(AgainstRules, match="尚未打印"):
        actions.seal(clerk, case, scan=demanding_scan(demanding), archive_number="ZJ-1")
    actions.print_form(clerk, case)
    scan = demanding.scan(demand)
    actions.edit(clerk, case, **demanding.content(purpose="核对申请人婚姻状况与住房情况"))
    with pytest.raises(AgainstRules, match="原打印件作废"):
        actions.seal(clerk, case, scan=scan, archive_number="ZJ-2026-031")
    actions.print_form(clerk, case)
    with pytest.raises(Malformed, match="第 1 版的盖章件"):
        actions.seal(clerk, case, scan=scan, archive_number="ZJ-2026-031")
    actions.seal(clerk, case, scan=demanding.scan(demand), archive_number="ZJ-2026-031")
    with pytest.raises(NotYours):
        actions.submit(clerk, case)
    actions.submit(cast.housing_manager, case, opinion="属实")
    assert demanding.at(demand) is S.WITH_BODY
    assert demanding.case(demand).parties["provider"] == cast.body("civil").pk
    with pytest.raises(AgainstRules):
        actions.edit(clerk, case, **demanding.content())


def demanding_scan(demanding: Demanding) -> int:
    """A scan of somebody's print: of another demand of the same body."""
    other = demanding.drafted(title="住房公积金缴存信息")
    actions.print_form(demanding.cast.housing_operator, demanding.case(other))
    return demanding.scan(other)


def test_the_scan_of_another_demand_or_of_an_application_is_refused(
    demanding: Demanding, sharing: Sharing
) -> None:
    cast, demand = demanding.cast, demanding.drafted()
    actions.print_form(cast.housing_operator, demanding.case(demand))
    form = sharing.sealed(sharing.mount("division"))
    for scan in (demanding_scan(demanding), form.scan_id):
        with pytest.raises(Malformed, match="的盖章件，不是"):
            actions.seal(
                cast.housing_operator,
                demanding.case(demand),
                scan=scan,
                archive_number="ZJ-2026-031",
            )


def test_the_manager_sends_back_and_the_stamp_counts_no_more(demanding: Demanding) -> None:
    cast, demand = demanding.cast, demanding.sealed()
    actions.send_back(
        cast.housing_manager, demanding.case(demand), reasons="请写明需要的时间范围。"
    )
    demand.refresh_from_db()
    assert (demand.scan_id, demand.printed_hash) == (None, "")
    assert "scan" not in demanding.case(demand).facts
    actions.print_form(cast.housing_operator, demanding.case(demand))
    demand.refresh_from_db()
    assert demand.version == 2


@pytest.mark.parametrize(
    "changes,field",
    [
        ({"addressed": "housing"}, "addressed"),
        ({"duty": "civil"}, "duty"),
        ({"matter": "civil"}, "matter"),
        ({"items": []}, "items"),
        ({"items": ["  "]}, "items"),
        ({"title": "秘"}, "title"),
        ({"purpose": "【机密】核对"}, "purpose"),
    ],
)
def test_what_a_demand_cannot_say(demanding: Demanding, changes: Any, field: str) -> None:
    cast = demanding.cast
    named = {"addressed": cast.body, "duty": cast.duty, "matter": cast.matter}
    values = {k: named[k](v).pk if k in named else v for k, v in changes.items()}
    values |= {"addressed": [values["addressed"]]} if "addressed" in values else {}
    with pytest.raises((Malformed, AgainstRules)) as refused:
        actions.draft(cast.housing_operator, **demanding.content() | values)
    if isinstance(refused.value, Malformed):
        assert any(key.partition(".")[0] == field for key in refused.value.fields)
    assert not Demand.objects.exists()


# -- the body answers ------------------------------------------------------------------------------


def test_the_months_end_and_ten_working_days_count_from_receipt(
    demanding: Demanding, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Received on Friday 30 January 2026: ten working days end on 13 February, the month on its
    last day, the 28th, a Saturday that is worked."""
    demand, civil = demanding.sealed(), demanding.cast.body("civil").pk
    on(monkeypatch, received := date(2026, 1, 30))
    actions.submit(demanding.cast.housing_manager, demanding.case(demand))
    assert clocks(demand) == {
        "obstacle": (received, date(2026, 2, 13), civil),
        "publish": (received, date(2026, 2, 28), civil),
    }
    assert demanding.case(demand).due_on == date(2026, 2, 13)


def test_the_month_runs_on_through_a_promise(
    demanding: Demanding, monkeypatch: pytest.MonkeyPatch
) -> None:
    demand, cast = demanding.submitted(), demanding.cast
    before = clocks(demand)["publish"]
    with pytest.raises(Malformed, match="最迟须于"):
        actions.promise(
            cast.civil_operator, demanding.case(demand), planned_on=before[1] + timedelta(1)
        )
    with pytest.raises(Malformed, match="早于今天"):
        actions.promise(
            cast.civil_operator, demanding.case(demand), planned_on=today() - timedelta(1)
        )
    actions.promise(cast.civil_operator, demanding.case(demand), planned_on=before[1])
    assert demanding.at(demand) is S.PROMISED
    assert clocks(demand) == {"publish": before}, "the ten days are kept, the month runs on"
    assert "需求申请有答复：婚姻登记信息" in notices_of(demanding, "housing_operator")


def test_another_body_has_its_own_limits(
    demanding: Demanding, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent on to another body on 10 February 2026: its ten working days, with the Spring Festival
    in between, end on 2 March, its month on 10 March."""
    cast, demand = demanding.cast, demanding.sealed()
    on(monkeypatch, date(2026, 1, 30))
    actions.submit(cast.housing_manager, demanding.case(demand))
    on(monkeypatch, date(2026, 2, 9))
    actions.not_ours(
        cast.civil_operator, demanding.case(demand), reasons=WHY, right_body=cast.body("hr").pk
    )
    bureau, hr = cast.body("bureau").pk, cast.body("hr").pk
    assert clocks(demand) == {"assign": (date(2026, 2, 9), date(2026, 2, 11), bureau)}
    on(monkeypatch, sent := date(2026, 2, 10))
    actions.assign(cast.bureau_operator, demanding.case(demand), body=hr)
    assert clocks(demand) == {
        "obstacle": (sent, date(2026, 3, 2), hr),
        "publish": (sent, date(2026, 3, 10), hr),
    }


def test_who_said_not_ours_reads_on_and_is_asked_again_only_with_words(
    demanding: Demanding,
) -> None:
    cast, demand = demanding.cast, demanding.submitted()
    civil = cast.body("civil").pk
    actions.not_ours(cast.civil_operator, demanding.case(demand), reasons=WHY)
    assert demanding.at(demand) is S.TO_ASSIGN
    assert queries.demand_for(cast.civil_operator, demand.pk)
    with pytest.raises((NotYours, AgainstRules)):
        actions.promise(cast.civil_operator, demanding.case(demand), planned_on=today())
    assert any("有答复" in title for title in notices_of(demanding, "housing_manager"))
    with pytest.raises(Malformed, match="须写明依据"):
        actions.assign(cast.bureau_operator, demanding.case(demand), body=civil)
    with pytest.raises(Malformed, match="提出需求的部门"):
        actions.assign(
            cast.bureau_operator, demanding.case(demand), body=cast.body("housing").pk, words="x"
        )
    actions.assign(
        cast.bureau_operator,
        demanding.case(demand),
        body=civil,
        words="三定规定第三条明确由贵局管理。",
    )
    case = demanding.case(demand)
    assert (case.state, case.parties["provider"], case.parties["readers"]) == (
        S.WITH_BODY,
        civil,
        [],
    )
    actions.promise(cast.civil_operator, case, planned_on=today())


def test_an_obstacle_is_told_filed_and_answered_again_on_its_day(demanding: Demanding) -> None:
    cast, demand = demanding.cast, demanding.submitted()
    until = today() + timedelta(60)
    with pytest.raises(Malformed, match="今天以后"):
        actions.obstacle(cast.civil_operator, demanding.case(demand), until=today(), **LATER)
    with pytest.raises(Malformed):
        actions.obstacle(
            cast.civil_operator, demanding.case(demand), until=until, ground="", reasons=""
        )
    actions.obstacle(cast.civil_operator, demanding.case(demand), until=until, **LATER)
    assert demanding.at(demand) is S.DEFERRED
    assert {name: row[1] for name, row in clocks(demand).items()} == {"deferred": until}
    assert list(queries.filed(queries.submitted_demands(cast.bureau_operator))) == [demand]
    assert any("报送备案" in title for title in notices_of(demanding, "bureau_operator"))
    assert any("有答复" in title for title in notices_of(demanding, "housing_operator"))
    # it lasts longer than thought: said again, for another day
    actions.obstacle(
        cast.civil_operator, demanding.case(demand), until=until + timedelta(30), **LATER
    )
    assert {n: row[1] for n, row in clocks(demand).items()} == {"deferred": until + timedelta(30)}
    # overcome: now the month runs, from today
    actions.promise(cast.civil_operator, demanding.case(demand), planned_on=today() + timedelta(7))
    assert clocks(demand)["publish"][0] == today() and "until" not in demanding.case(demand).facts
    kinds = [row.kind for row in Answer.objects.filter(demand=demand)]
    assert kinds == [Kind.DEFERRED, Kind.DEFERRED, Kind.PROMISED]


# -- met -------------------------------------------------------------------------------------------


def test_only_an_entry_that_can_be_applied_for_answers(
    demanding: Demanding, sharing: Sharing
) -> None:
    """Not another body's, not one unpublished, unshared, unmounted or for others."""
    cast, demand = demanding.cast, demanding.submitted(addressed="hr")
    case = demanding.case(demand)
    foreign = sharing.mount("marriage").entry
    with pytest.raises(NotYours, match="本部门的目录"):
        actions.answer(cast.hr_operator, case, entry=foreign.pk)
    with pytest.raises(NotVisible):
        actions.answer(cast.hr_operator, case, entry=999_999)
    with pytest.raises(NotVisible):
        actions.answer(cast.civil_operator, case, entry=foreign.pk)
    assert demanding.at(demand) is S.WITH_BODY

    own = demanding.submitted(title="行政区划代码")
    clerk, own_case = cast.civil_operator, demanding.case(own)
    draft = sharing.entry("division", submitted=False, name="行政区划代码草稿")
    with pytest.raises(AgainstRules, match="尚未发布"):
        actions.answer(clerk, own_case, entry=draft.pk)
    unmounted = sharing.entry("division", name="行政区划代码")
    with pytest.raises(AgainstRules, match="尚未挂接"):
        actions.answer(clerk, own_case, entry=unmounted.pk)
    assert queries.find_answers(clerk, own_case, "区划") == []
    others = sharing.entry(
        "division",
        name="行政区划内部代码",
        share_class="2",
        shapes=["named_bodies"],
        named_bodies=[cast.body("hr").pk],
        condition="仅提供给人社部门。",
    )
    with pytest.raises(AgainstRules, match="只提供给指定的部门"):
        actions.answer(clerk, own_case, entry=others.pk)
    assert demanding.at(own) is S.WITH_BODY and not Answer.objects.filter(demand=own).exists()


def test_a_mounted_entry_meets_the_demand_and_the_demander_is_told(
    demanding: Demanding, sharing: Sharing
) -> None:
    cast, demand = demanding.cast, demanding.submitted()
    entry = sharing.mount("marriage").entry
    clerk, case = cast.civil_operator, demanding.case(demand)
    assert [pk for pk, _ in queries.find_answers(clerk, case, "婚姻")] == [entry.pk]
    actions.answer(clerk, case, entry=entry.pk, words="每日更新。")
    demand.refresh_from_db()
    assert (demanding.at(demand), demand.entry_id) == (S.ANSWERED, entry.pk)
    assert not clocks(demand) and not demanding.case(demand).is_open
    assert "需求申请已有目录答复：婚姻登记信息" in notices_of(demanding, "housing_operator")


def test_the_bureau_points_to_what_the_catalog_has(demanding: Demanding, sharing: Sharing) -> None:
    cast, demand = demanding.cast, demanding.submitted(addressed="")
    case, entry = demanding.case(demand), sharing.mount("marriage").entry
    assert demanding.at(demand) is S.TO_ASSIGN and "provider" not in case.parties
    assert [pk for pk, _ in queries.find_answers(cast.bureau_operator, case, "婚姻")] == [entry.pk]
    with pytest.raises(NotYours):
        actions.point(cast.bureau_manager, case, entry=entry.pk)
    actions.point(cast.bureau_operator, case, entry=entry.pk)
    assert demanding.at(demand) is S.ANSWERED


def test_no_body_has_it_and_the_demander_is_told_why(demanding: Demanding) -> None:
    cast, demand = demanding.cast, demanding.submitted(addressed="")
    with pytest.raises(Malformed):
        actions.close(cast.bureau_operator, demanding.case(demand), reasons="无")
    actions.close(
        cast.bureau_operator,
        demanding.case(demand),
        reasons="各部门均不采集该数据，建议由贵局自行登记。",
    )
    assert demanding.at(demand) is S.UNMET
    assert "需求申请已办结：婚姻登记信息" in notices_of(demanding, "housing_manager")


@pytest.mark.parametrize(
    "addressed,recipient", [("civil", "civil_operator"), ("", "bureau_operator")]
)
def test_it_may_be_withdrawn_until_it_is_answered(
    demanding: Demanding, addressed: str, recipient: str
) -> None:
    cast, demand = demanding.cast, demanding.submitted(addressed=addressed)
    actions.withdraw(cast.housing_operator, demanding.case(demand), reasons="已通过其他途径取得。")
    demand.refresh_from_db()
    assert demanding.at(demand) is S.WITHDRAWN and not clocks(demand)
    assert demand.scan_id is not None, "what was submitted stays what it was"
    assert "需求申请已撤回：婚姻登记信息" in notices_of(demanding, recipient)
    with pytest.raises(AgainstRules):
        actions.withdraw(cast.housing_operator, demanding.case(demand))
