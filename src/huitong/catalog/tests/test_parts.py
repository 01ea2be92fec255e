"""The parts of a census and of a change of law: who may call one off, what it leaves behind, what
counts as an update, what can be read of it later (A11)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections
from tests.cast import Cast

from huitong import reactions
from huitong.catalog import queries
from huitong.catalog.actions import census, changes
from huitong.catalog.models import Census, CensusAnswer, CensusReport, Entry
from huitong.catalog.rules import Extent
from huitong.catalog.tests.changing import by_bureau, by_civil, fresh, publish_again, three_entries
from huitong.catalog.tests.test_census import WHY, accepted, answered, launched, over
from huitong.kernel import doing
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import AgainstRules, Malformed
from huitong.kernel.workdays import today
from huitong.organizations import actions as organizations
from huitong.organizations.rules import SuccessionKind
from huitong.work import jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def entries(cast: Cast) -> dict[str, Entry]:
    return three_entries(cast)


# -- calling off -----------------------------------------------------------------------------------


def test_an_operator_does_not_end_a_census_by_calling_late_bodies_off(
    cast: Cast, entries: dict[str, Entry]
) -> None:
    all_ = launched(cast, "civil", "housing")
    whole = all_["whole"]
    over(whole)
    census.call_off(cast.bureau_operator, all_["civil"], reasons="误下达给民政局")
    with pytest.raises(AgainstRules, match="只剩这一个部门") as refused:
        census.call_off(cast.bureau_operator, all_["housing"], reasons="也撤回")
    assert "由负责人结束普查" in refused.value.remedy
    assert fresh(all_["housing"]).is_open and fresh(whole).is_open
    census.close(cast.bureau_manager, whole, reasons="到期")
    report = CensusReport.objects.get().content
    assert [row["name"] for row in report["bodies"]] == ["市住建局"]
    assert report["called_off"] == [
        {
            "name": "市民政局",
            "on": str(today()),
            "by": cast.bureau_operator.name,
            "reasons": "误下达给民政局",
        }
    ]
    page = cast.client("bureau_operator").get(f"/catalog/census/{whole.pk}/report/")
    assert "误下达给民政局" in page.content.decode()


def test_who_is_omitted_is_named_while_it_runs_and_in_the_report(cast: Cast) -> None:
    """Each body looks through its catalog once a year: a census sent to a few is not the city's."""
    all_ = launched(cast, "stranger", "finance")
    whole, address = all_["whole"], f"/catalog/census/{all_['whole'].pk}/"
    page = cast.client("bureau_operator").get(address).content.decode()
    assert "5 个在册部门没有列入本次普查" in page and "市民政局" in page
    others = cast.client("finance_operator").get(address).content.decode()
    assert "没有列入" not in others, "it is the bureau's to mend"
    late = {name: cast.body(name).pk for name in ("bureau", "civil", "hr", "rudong")}
    census.ask_also(cast.bureau_operator, whole, bodies=list(late.values()))
    for part in whole.children.filter(parties__provider__in=list(late.values())):
        census.call_off(cast.bureau_operator, part, reasons="由所属部门一并核对")
    accepted(cast, all_["stranger"], "stranger")
    accepted(cast, all_["finance"], "finance")
    jobs.finish_parent(whole.pk)
    report = CensusReport.objects.get().content
    assert report["omitted"] == ["市住建局"] and len(report["called_off"]) == len(late)
    page = cast.client("bureau_operator").get(f"{address}report/").content.decode()
    assert "1 个在册部门没有列入本次普查" in page and "市住建局" in page


def test_nor_a_change_and_the_last_body_says_that_nothing_concerns_it(
    cast: Cast, entries: dict[str, Entry]
) -> None:
    whole = by_bureau(cast, entries["marriage"], entries["house"])
    changes.send(cast.bureau_operator, whole)
    first, last = whole.children.order_by("pk")
    changes.call_off(cast.bureau_operator, first, reasons="与该部门无关")
    with pytest.raises(AgainstRules, match="只剩这一个部门"):
        changes.call_off(cast.bureau_operator, last, reasons="也无关")
    changes.cancel(cast.bureau_operator, whole, reasons="登记有误")
    assert fresh(last).state == "called_off" and fresh(whole).state == "cancelled"


def test_what_was_answered_before_a_body_was_called_off_holds_when_it_is_asked_again(
    cast: Cast, entries: dict[str, Entry]
) -> None:
    all_ = launched(cast, "civil", "housing")
    part, whole = all_["civil"], all_["whole"]
    census.answer(
        cast.civil_operator, part, entries=[entries["marriage"].pk], outcome="retire", reasons=WHY
    )
    census.add_missing(cast.civil_operator, part, name="收养登记信息")
    census.call_off(cast.bureau_operator, part, reasons="误下达")
    assert queries.whole_of_census(cast.bureau_operator, queries.census_of(whole)).missing == 0
    census.ask_also(cast.bureau_operator, whole, bodies=[cast.body("civil").pk])
    again = whole.children.get(parties__provider=cast.body("civil").pk, closed_at=None)
    numbers = queries.progress_by_part(queries.census_of(whole), [again, fresh(part)])
    assert (numbers[again.pk].entries, numbers[again.pk].answered) == (2, 1)
    assert numbers[again.pk].missing == 1 and numbers[part.pk].entries == 0


def test_nothing_is_proposed_for_withdrawal_by_what_was_called_off(
    cast: Cast, entries: dict[str, Entry]
) -> None:
    """A part of a census, a whole census with a part accepted already, a part of a change, a
    change."""

    def wishes() -> set[str]:
        rows = list(queries.to_withdraw(cast.bureau_operator))
        assert set(queries.wishes_of(list(entries.values()))) == {row.pk for row in rows}
        return {row.name for row in rows}

    all_ = launched(cast, "civil", "housing")
    answered(cast, all_["civil"], outcome="retire")
    answered(cast, all_["housing"], "housing", outcome="retire")
    assert len(wishes()) == 3
    census.call_off(cast.bureau_operator, all_["civil"], reasons="误下达")
    assert wishes() == {"购房家庭信息"}
    census.submit(cast.housing_operator, all_["housing"])
    census.sign(cast.housing_manager, all_["housing"])
    census.ask_also(cast.bureau_operator, all_["whole"], bodies=[cast.body("finance").pk])
    census.accept(cast.bureau_operator, all_["housing"])
    census.cancel(cast.bureau_operator, all_["whole"], reasons="截止日期有误")
    assert not wishes()
    whole = by_bureau(cast, *entries.values())
    changes.send(cast.bureau_operator, whole)
    for name, chosen in (("civil", "marriage"), ("housing", "house")):
        part = whole.children.get(parties__provider=cast.body(name).pk)
        changes.settle(
            getattr(cast, f"{name}_operator"),
            part,
            entries=[entries[chosen].pk],
            outcome="withdraw",
            reasons=WHY,
        )
    assert wishes() == {"婚姻登记信息", "购房家庭信息"}
    other = by_bureau(cast, entries["marriage"])
    changes.send(cast.bureau_operator, other, bodies=[cast.body("finance").pk])
    changes.cancel(cast.bureau_operator, whole, reasons="登记有误")
    assert not wishes()


# -- what counts -----------------------------------------------------------------------------------


def test_a_version_that_corrects_whom_to_call_is_no_update(
    cast: Cast, entries: dict[str, Entry]
) -> None:
    entry = entries["marriage"]
    answering = launched(cast, "civil")["civil"]
    answered(cast, answering)
    _, part = by_civil(cast, 10, entries=[entry.pk])
    publish_again(entry, days_ago=3, change=Extent.CONTACT)
    with pytest.raises(Malformed, match="只更正联系方式或备注的不算"):
        changes.settle(cast.civil_operator, part, entries=[entry.pk], outcome="changed")
    about = queries.census_of(answering)
    assert queries.progress_by_part(about, [answering])[answering.pk].updated == 0
    assert not queries.entries_of_part(answering).get(pk=entry.pk).updated_to
    publish_again(entry, days_ago=2)
    publish_again(entry, days_ago=1, change=Extent.CONTACT)
    changes.settle(cast.civil_operator, part, entries=[entry.pk], outcome="changed")
    assert queries.progress_by_part(about, [answering])[answering.pk].updated == 1
    assert queries.entries_of_part(answering).get(pk=entry.pk).updated_to == 3


def test_what_is_missed_counts_in_the_part_that_named_it(
    cast: Cast, entries: dict[str, Entry]
) -> None:
    """Of two merged bodies each part keeps what it named."""
    all_ = launched(cast, "civil", "housing")
    census.add_missing(cast.civil_operator, all_["civil"], name="收养登记信息")
    for name in ("住房保障信息", "物业企业信息"):
        census.add_missing(cast.housing_operator, all_["housing"], name=name)
    organizations.succeed(
        cast.system_admin,
        kind=SuccessionKind.MERGE,
        predecessors=[cast.body("civil").pk],
        successors=[cast.body("housing").pk],
        on=today(),
        document="通编〔2026〕9号",
    )
    seq = LedgerEntry.objects.get(verb="organizations.succeed").seq
    reactions.react(seq, "pass_resources_on")
    about = queries.census_of(all_["whole"])
    parts = [fresh(all_["civil"]), fresh(all_["housing"])]
    numbers = queries.progress_by_part(about, parts)
    assert [numbers[part.pk].missing for part in parts] == [1, 2]
    assert queries.whole_of_census(cast.bureau_operator, about).missing == 3


@pytest.mark.parametrize("what", ["census", "change"])
def test_numbers_that_do_not_belong_are_named(
    cast: Cast, entries: dict[str, Entry], what: str
) -> None:
    house, own = entries["house"].pk, entries["marriage"].pk
    with pytest.raises(Malformed) as refused:
        if what == "census":
            part = launched(cast, "civil")["civil"]
            census.answer(
                cast.civil_operator, part, entries=[own, house], outcome="change", reasons=WHY
            )
        else:
            _, part = by_civil(cast)
            changes.take_in(cast.civil_operator, part, entries=[own, house])
    [text] = refused.value.fields["entries"]
    assert str(house) in text and str(own) not in text.replace(str(house), "")


# -- later -----------------------------------------------------------------------------------------


def test_what_was_answered_stays_readable_when_the_entry_has_gone_elsewhere(
    cast: Cast, entries: dict[str, Entry]
) -> None:
    part = launched(cast, "civil")["civil"]
    accepted(cast, part)
    jobs.finish_parent(part.parent_id)
    with writing("test"):
        Entry.objects.filter(pk=entries["marriage"].pk).update(body=cast.body("housing").pk)
    page = cast.client("civil_operator").get(f"/catalog/census/parts/{part.pk}/").content.decode()
    assert "婚姻登记信息" in page and "离婚登记信息" in page and "2 / 2 项" in page
    with writing("test"):
        Census.objects.update(year=2025)
    foreign = launched(cast, "housing")["housing"]
    names = {entry.name for entry in queries.entries_of_part(foreign)}
    assert names == {"婚姻登记信息", "购房家庭信息"}
    answered(cast, foreign, "housing")
    assert CensusAnswer.objects.filter(entry=entries["marriage"]).count() == 2


# -- at once ---------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_operators_who_open_the_same_year_at_once_open_one(cast: Cast) -> None:
    together = Barrier(2)
    given = {
        "year": 2026,
        "begins_on": str(today()),
        "ends_on": str(today() + timedelta(9)),
        "bodies": [cast.body("civil").pk],
    }

    def open_it(_: int) -> str:
        try:
            together.wait(10)
            doing.perform(cast.bureau_operator, "census.launch", given)
        except Malformed as refused:
            return "".join(refused.fields["year"])
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(open_it, range(2)))
    assert outcomes == ["2026 年度的普查已经发起", "done"]
    assert Case.objects.filter(kind="census").count() == 1 == Census.objects.count()


@pytest.mark.django_db(transaction=True)
def test_two_operators_do_not_call_the_last_two_bodies_off_at_once(cast: Cast) -> None:
    all_ = launched(cast, "civil", "housing")
    together = Barrier(2)

    def call_off(name: str) -> bool:
        try:
            together.wait(10)
            census.call_off(cast.bureau_operator, all_[name], reasons="误下达")
        except AgainstRules:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(call_off, ["civil", "housing"]))
    assert outcomes == [False, True]
    assert all_["whole"].children.filter(closed_at=None).count() == 1
