"""The yearly census (A11): opened by the bureau, answered entry by entry, signed, accepted, late
ones reminded and listed, closed with a report the ledger vouches for; nothing that happens
meanwhile breaks it."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from tests.cast import Cast
from tests.thawing import thawed

from huitong import reactions
from huitong.catalog import queries
from huitong.catalog.actions import census
from huitong.catalog.models import Census, CensusAnswer, CensusReport, Entry, Version
from huitong.catalog.queries import Progress
from huitong.catalog.rules.census import CENSUS_PART, CensusOutcome
from huitong.catalog.tests.changing import entry_of, fresh, publish_again, three_entries
from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import AgainstRules, Malformed, NotYours, Problem
from huitong.kernel.workdays import today
from huitong.organizations import actions as organizations
from huitong.organizations.rules import SuccessionKind
from huitong.work import jobs
from huitong.work.models import Notice

pytestmark = pytest.mark.django_db
WHY = "字段有增减"


@pytest.fixture
def entries(cast: Cast) -> dict[str, Entry]:
    return three_entries(cast)


def launched(cast: Cast, *bodies: str, days: int = 20, **more: Any) -> dict[str, Case]:
    """A census of these bodies: their parts by name, and the whole."""
    whole: Case = census.launch(
        cast.bureau_operator,
        year=more.pop("year", 2026),
        begins_on=more.pop("begins_on", today()),
        ends_on=today() + timedelta(days),
        bodies=[cast.body(name).pk for name in bodies],
        **more,
    )
    parts = {part.body_of("provider"): part for part in whole.children.all()}
    return {name: parts[cast.body(name).pk] for name in bodies} | {"whole": whole}


def answered(cast: Cast, part: Case, who: str = "civil", outcome: str = "change") -> None:
    """Everything of a part answered alike."""
    keys = [entry.pk for entry in queries.entries_of_part(part)]
    census.answer(
        getattr(cast, f"{who}_operator"), part, entries=keys, outcome=outcome, reasons=WHY
    )


def accepted(cast: Cast, part: Case, who: str = "civil") -> None:
    """A part brought to its end."""
    if queries.entries_of_part(part).exists():
        answered(cast, part, who)
    census.submit(getattr(cast, f"{who}_operator"), part)
    census.sign(getattr(cast, f"{who}_manager"), part)
    census.accept(cast.bureau_operator, part)


def over(case: Case, days: int = 30) -> None:
    """The time of a census was over some days ago."""
    day = today() - timedelta(days)
    with writing("test"):
        Census.objects.filter(case=case).update(ends_on=day)
        Clock.objects.filter(case__parent=case).update(due_on=day, warn_on=day, half_on=day)
        Case.objects.filter(parent=case, closed_at=None).update(due_on=day)


# -- the way through -------------------------------------------------------------------------------


def test_from_the_first_answer_to_the_report(cast: Cast, entries: dict[str, Entry]) -> None:
    all_ = launched(cast, "civil", "housing")
    part, whole = all_["civil"], all_["whole"]
    assert part in Case.objects.waiting_for(cast.civil_operator)
    assert not CensusAnswer.objects.exists(), "no row before somebody says something"
    with pytest.raises(AgainstRules, match="还有 2 项目录没有核对"):
        census.submit(cast.civil_operator, part)
    marriage, divorce = entries["marriage"].pk, entries["divorce"].pk
    census.answer(
        cast.civil_operator, part, entries=[marriage], outcome="unchanged", reasons="核对无误"
    )
    census.answer(
        cast.civil_operator, part, entries=[divorce], outcome="retire", reasons="不再采集"
    )
    census.add_missing(cast.civil_operator, part, name="收养登记信息", reasons="系统已建成")
    census.submit(cast.civil_operator, part)
    with pytest.raises(NotYours):
        census.sign(cast.civil_operator, part)
    census.sign(cast.civil_manager, part)
    assert not Clock.objects.filter(case=part, stopped_on=None).exists()
    census.question(cast.bureau_operator, part, entries=[divorce], remark="仍有部门在使用")
    with pytest.raises(AgainstRules, match="提了意见"):
        census.accept(cast.bureau_operator, part)
    census.return_part(cast.bureau_operator, part, reasons="见目录旁的意见")
    assert Clock.objects.filter(case=part, stopped_on=None).count() == 1
    with pytest.raises(AgainstRules, match="还有 1 项"):
        census.submit(cast.civil_operator, part)
    census.answer(cast.civil_operator, part, entries=[divorce], outcome="change", reasons=WHY)
    census.submit(cast.civil_operator, part)
    census.sign(cast.civil_manager, part)
    census.accept(cast.bureau_operator, part)
    accepted(cast, all_["housing"], "housing")
    publish_again(entries["divorce"], days_ago=-1)
    jobs.finish_parent(whole.pk)
    assert fresh(whole).state == "done"
    report = CensusReport.objects.get(census__case=whole)
    row = next(r for r in report.content["bodies"] if r["body"] == cast.body("civil").pk)
    numbers = ("entries", "unchanged", "change", "retire", "missing", "updated", "unanswered")
    assert [row[n] for n in numbers] == [2, 1, 1, 0, 1, 1, 0]
    assert row["signed_on"] == row["accepted_on"] == str(today()) and not row["late"]
    assert report.content["totals"]["entries"] == 3
    ended = LedgerEntry.objects.get(case=whole.pk, verb="census.finish")
    assert ended.after["sha256"] == report.sha256 == queries.digest_of(report.content)
    with pytest.raises(DatabaseError), transaction.atomic(), writing("test"):
        CensusReport.objects.update(sha256="0" * 64)
    content = cast.client("bureau_operator").get(f"/catalog/census/{whole.pk}/report/").content
    assert report.sha256 in content.decode() and "内容与摘要不符" not in content.decode()


def test_what_todays_checks_doubt_is_explained(cast: Cast, entries: dict[str, Entry]) -> None:
    part = launched(cast, "civil")["civil"]
    assert queries.findings_of(entries["marriage"].published), "an entry of before the checks"
    with pytest.raises(Malformed, match="今天的检查有提示"):
        census.answer(
            cast.civil_operator, part, entries=[entries["marriage"].pk], outcome="unchanged"
        )
    for outcome in ("change", "retire"):
        with pytest.raises(Malformed, match="请写明理由"):
            census.answer(
                cast.civil_operator, part, entries=[entries["marriage"].pk], outcome=outcome
            )
    with pytest.raises(Malformed):
        census.answer(
            cast.civil_operator, part, entries=[entries["house"].pk], outcome="change", reasons=WHY
        )


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"begins_on": today() + timedelta(1)}, "begins_on"),
        ({"begins_on": date(2019, 1, 1)}, "begins_on"),
        ({"ends_on": today()}, "ends_on"),
        ({"year": 1999}, "year"),
        ({"bodies": [999_999]}, "bodies"),
        ({"instructions": ""}, "instructions"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_opened(
    cast: Cast, given: dict[str, Any], field: str
) -> None:
    whole = {"year": 2026, "begins_on": today(), "ends_on": today() + timedelta(9)} | given
    with pytest.raises(Malformed) as wrong:
        census.launch(cast.bureau_operator, **whole)
    assert field in wrong.value.fields and not Census.objects.exists()


def test_one_a_year_and_one_called_off_can_be_opened_anew(cast: Cast) -> None:
    whole = launched(cast, "civil")["whole"]
    with pytest.raises(Malformed, match="已经发起"):
        launched(cast, "civil")
    assert Case.objects.filter(kind="census").count() == 1
    with pytest.raises(NotYours):
        census.launch(
            cast.civil_operator, year=2027, begins_on=today(), ends_on=today() + timedelta(9)
        )
    census.cancel(cast.bureau_operator, whole, reasons="截止日期有误")
    assert fresh(whole).state == "called_off"
    assert not whole.children.filter(closed_at=None).exists()
    launched(cast, "civil")


def test_all_bodies_in_force_unless_chosen_and_one_left_out_comes_later(cast: Cast) -> None:
    whole = launched(cast)["whole"]
    assert whole.children.count() == 7
    with pytest.raises(Malformed, match="已在普查之列"):
        census.ask_also(cast.bureau_operator, whole, bodies=[cast.body("civil").pk])
    part = whole.children.get(parties__provider=cast.body("civil").pk)
    census.call_off(cast.bureau_operator, part, reasons="误下达")
    census.ask_also(cast.bureau_operator, whole, bodies=[cast.body("civil").pk])
    assert whole.children.filter(closed_at=None).count() == 7


# -- time ------------------------------------------------------------------------------------------


def test_reminded_at_half_time_and_near_the_end_then_late_and_listed(
    cast: Cast, entries: dict[str, Entry]
) -> None:
    all_ = launched(cast, "civil", begins_on=today() - timedelta(10), days=20)
    part, whole = all_["civil"], all_["whole"]
    clock = Clock.objects.get(case=part)
    assert (clock.started_on, clock.due_on) == (today() - timedelta(10), today() + timedelta(20))
    notices = Notice.objects.filter(person=cast.civil_operator.person)
    for day, kind in (
        (clock.half_on, "warning"),
        (clock.warn_on, "warning"),
        (clock.due_on + timedelta(1), "overdue"),
    ):
        before = notices.filter(kind=kind).count()
        jobs.watch(day)
        assert notices.filter(kind=kind).count() == before + 1, day
    over(whole)
    page = cast.client("bureau_operator").get(f"/catalog/census/{whole.pk}/?late=on")
    assert "市民政局" in page.content.decode()
    assert "超期未完成的目录普查" in cast.client("bureau_manager").get("/").content.decode()
    assert "已超期" in cast.client("civil_operator").get("/limits/").content.decode()


def test_ended_with_who_is_not_done(cast: Cast, entries: dict[str, Entry]) -> None:
    all_ = launched(cast, "civil", "housing")
    whole = all_["whole"]
    with pytest.raises(AgainstRules, match="届满之后"):
        census.close(cast.bureau_manager, whole, reasons="提前结束")
    answered(cast, all_["housing"], "housing")
    census.submit(cast.housing_operator, all_["housing"])
    census.sign(cast.housing_manager, all_["housing"])
    over(whole)
    with pytest.raises(AgainstRules, match="1 个部门已签核"):
        census.close(cast.bureau_manager, whole, reasons="到期")
    census.accept(cast.bureau_operator, all_["housing"])
    census.close(cast.bureau_manager, whole, reasons="到期")
    states = {row["name"]: row["state"] for row in CensusReport.objects.get().content["bodies"]}
    assert states == {"市民政局": "未完成", "市住建局": "已验收"}
    assert CensusReport.objects.get().content["totals"]["unanswered"] == 2
    late = {row["name"]: row["late"] for row in CensusReport.objects.get().content["bodies"]}
    assert late["市民政局"]
    jobs.finish_parent(whole.pk)  # nothing more happens
    assert CensusReport.objects.count() == 1


# -- what happens meanwhile ------------------------------------------------------------------------


def test_what_is_published_meanwhile_need_not_be_answered(
    cast: Cast, entries: dict[str, Entry]
) -> None:
    part = launched(cast, "civil")["civil"]
    late_one = entry_of(cast.body("civil").pk, "殡葬服务信息")
    with thawed():
        Version.objects.filter(entry=late_one).update(
            published_at=fresh(part).opened_at + timedelta(1)
        )
    assert late_one not in queries.entries_of_part(part)
    accepted(cast, part)
    numbers = queries.progress_by_part(queries.census_of(part), [part])[part.pk]
    assert (numbers.entries, numbers.new, numbers.percent) == (2, 1, 100)


def test_a_body_with_nothing_submits_at_once(cast: Cast) -> None:
    part = launched(cast, "finance")["finance"]
    accepted(cast, part, "finance")
    assert fresh(part).state == "accepted" and Progress().percent is None


@pytest.mark.parametrize("before", ["open", "accepted"])
def test_merged_bodies_answer_for_all_they_have(
    cast: Cast, entries: dict[str, Entry], before: str
) -> None:
    """Both parts become the heir's; what either had answered holds; nothing counts twice."""
    all_ = launched(cast, "civil", "housing")
    whole = all_["whole"]
    if before == "accepted":
        accepted(cast, all_["civil"])
    else:
        census.answer(
            cast.civil_operator,
            all_["civil"],
            entries=[entries["marriage"].pk],
            outcome="change",
            reasons=WHY,
        )
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
    for part in whole.children.filter(closed_at=None).order_by("pk"):
        accepted(cast, fresh(part), "housing")
    jobs.finish_parent(whole.pk)
    [row] = CensusReport.objects.get().content["bodies"]
    assert (row["entries"], row["change"], row["unanswered"]) == (3, 3, 0)


def test_entries_proposed_for_withdrawal_stay_a_point_for_the_bureau(
    cast: Cast, entries: dict[str, Entry]
) -> None:
    part = launched(cast, "civil")["civil"]
    answered(cast, part, outcome="retire")
    assert queries.to_withdraw(cast.bureau_operator).count() == 2
    assert queries.to_withdraw(cast.civil_operator).count() == 2
    assert not queries.to_withdraw(cast.housing_operator).exists()
    page = cast.client("bureau_operator").get("/catalog/to-withdraw/").content.decode()
    assert "婚姻登记信息" in page and "2026 年度目录普查" in page and WHY in page
    assert "拟撤销发布的目录" in cast.client("bureau_operator").get("/").content.decode()


# -- any sequence ----------------------------------------------------------------------------------


def invariants(cast: Cast, whole: Case) -> None:
    """What holds after whatever was done."""
    rows = CensusAnswer.objects.filter(census__case=whole, entry__isnull=False)
    assert rows.count() == rows.values("entry").distinct().count()
    about = queries.census_of(whole)
    for part in whole.children.all():
        numbers = queries.progress_by_part(about, [part])[part.pk]
        listed = queries.entries_of_part(part)
        assert listed.count() == numbers.entries
        assert listed.filter(queries.UNANSWERED).count() == numbers.left
        assert queries.missing_of(part).count() == numbers.missing
        if part.state in ("accepted", "signing"):
            assert not numbers.left
        running = Clock.objects.filter(case=part, stopped_on=None).count()
        rule = CENSUS_PART.clock("census")
        assert rule is not None and running == (part.state in rule.states)
    ended = not fresh(whole).is_open
    assert CensusReport.objects.filter(census=about).exists() == (fresh(whole).state == "done")
    assert not (ended and whole.children.filter(closed_at=None).exists())


@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_done_in_whatever_order_the_numbers_are_right(
    cast: Cast, entries: dict[str, Entry], seed: int
) -> None:
    chance = random.Random(seed)
    all_ = launched(cast, "civil", "housing")
    whole = all_["whole"]
    actors: list[Actor] = [
        getattr(cast, f"{body}_{post}")
        for body in ("civil", "housing", "bureau")
        for post in ("operator", "manager")
    ]
    acts = 0
    for _ in range(20):
        case = chance.choice([whole, *list(whole.children.order_by("pk")) * 2])
        if chance.random() < 0.1:
            publish_again(chance.choice(list(entries.values())), days_ago=-chance.random())
        current = fresh(case)
        moves = [
            (actor, verb)
            for actor in actors
            if actor.body in current.bodies or actor.bureau
            for _, verb in doing.open_to(actor, current)
        ]
        if not moves:
            continue
        weights = [
            4 if verb.verb in ("answer", "submit", "sign", "accept") else 1 for _, verb in moves
        ]
        [(actor, verb)] = chance.choices(moves, weights)
        if verb.verb in ("cancel", "call_off", "ask_also") and chance.random() < 0.9:
            continue
        own = [] if case == whole else queries.entries_of_part(current).order_by("pk")
        listed = [entry.pk for entry in own]
        some = chance.sample(listed, min(len(listed), chance.choice([1, 2]))) or [1]
        given: dict[str, Any] = {
            "answer": {
                "entries": some,
                "outcome": chance.choice(list(CensusOutcome)).value,
                "reasons": chance.choice(["", WHY, WHY, WHY]),
            },
            "add_missing": {"name": f"资源{chance.randint(1, 3)}"},
            "drop_missing": {"missing": 1},
            "question": {"entries": some, "remark": chance.choice(["", "请核对"])},
            "ask_also": {"bodies": [cast.body("finance").pk]},
        }.get(verb.verb, {})
        if verb.verb in ("return_part", "send_back", "cancel", "call_off", "close"):
            given = {"reasons": "须重新核对"}
        try:
            doing.perform(actor, verb.name, given, case=case.pk)
            acts += 1
        except Problem:
            pass
        jobs.finish_parent(whole.pk)
        invariants(cast, whole)
    assert acts > 2
