"""Changes of law and function (A11): registered, sent out, settled entry by entry; counted from the
day they were made public, overdue at birth when that was long ago."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from tests.cast import Cast

from huitong import reactions
from huitong.catalog import queries
from huitong.catalog.actions import changes
from huitong.catalog.models import AffectedEntry, Entry, LawChange
from huitong.catalog.rules.changes import Settlement, counts_from, names_of
from huitong.catalog.tests.changing import (
    LAW,
    by_bureau,
    by_civil,
    fresh,
    publish_again,
    three_entries,
)
from huitong.kernel import doing
from huitong.kernel.actor import Actor
from huitong.kernel.case import Case
from huitong.kernel.clocks import Clock
from huitong.kernel.ledger import Entry as LedgerEntry
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours, Problem
from huitong.kernel.workdays import SHANGHAI, load_calendar, today
from huitong.organizations import actions as organizations
from huitong.organizations.rules import SuccessionKind
from huitong.work import jobs
from huitong.work.models import Notice

# -- rules -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "text", "cited"),
    [
        ("中华人民共和国婚姻法", "依据《婚姻法》第九条", True),
        ("《中华人民共和国婚姻法》（2021 年修订）", "依据《婚姻法》第九条", True),
        ("婚姻登记条例〔2024〕", "按婚姻登记条例办理", True),
        ("江苏省婚姻登记条例", "依据《婚姻登记条例》", False),  # another one: the state's
        ("婚姻法", "婚姻登记", False),
        ("《法》", "依法", False),  # too short to mean anything
    ],
)
def test_a_document_is_cited_in_more_ways_than_one(document: str, text: str, cited: bool) -> None:
    assert any(name in text for name in names_of(document)) is cited
    assert all(len(name) >= 3 for name in names_of(document))


def test_a_version_counts_from_the_day_after_or_from_the_registration() -> None:
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert counts_from(date(2026, 11, 20), noon) == noon, "registered on the day itself"
    assert counts_from(date(2026, 11, 2), noon) == datetime(2026, 11, 3, tzinfo=UTC)


# -- a city ----------------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


@pytest.fixture
def entries(cast: Cast) -> dict[str, Entry]:
    return three_entries(cast)


def test_the_clock_counts_from_the_day_of_publicity(cast: Cast, entries: dict[str, Entry]) -> None:
    _, part = by_civil(cast, 7, entries=[entries["marriage"].pk])
    clock = Clock.objects.get(case=part)
    since = today() - timedelta(7)
    assert (clock.article, clock.started_on, clock.amount) == ("A11", since, 15)
    assert part.due_on == load_calendar().after(since, 15).on
    assert part in Case.objects.waiting_for(cast.civil_operator)


@pytest.mark.parametrize(("hours", "counts"), [(-1, False), (2, True)], ids=["before", "after"])
def test_a_version_of_the_next_morning_is_one_for_the_change(
    cast: Cast, entries: dict[str, Entry], hours: int, counts: bool
) -> None:
    """The day after begins at midnight in the city, when it is still the day before in UTC."""
    change, _ = by_civil(cast, 20, entries=[(key := entries["marriage"].pk)])
    midnight = datetime.combine(change.published_on + timedelta(1), time(), SHANGHAI)
    age = datetime.now(UTC) - midnight - timedelta(hours=hours)
    publish_again(entries["marriage"], age / timedelta(1))
    assert (key in queries.versions_since(change, [key])) is counts


def test_registered_late_it_is_overdue_at_birth_and_shows(
    cast: Cast, entries: dict[str, Entry]
) -> None:
    whole, part = by_civil(cast, 60)
    assert part.due_on is not None and part.due_on < today()
    jobs.watch(today())
    late = Notice.objects.filter(kind="overdue")
    assert late.filter(person=cast.civil_manager.person).exists()
    assert late.filter(person=cast.bureau_operator.person).exists()
    for who, url in (
        ("bureau_operator", "/limits/?due=overdue"),
        ("bureau_operator", "/catalog/changes/"),
        ("bureau_operator", f"/catalog/changes/{whole.case_id}/"),
        ("civil_manager", "/"),
    ):
        assert "超期" in cast.client(who).get(url).content.decode(), url
    for who, url in (("bureau_operator", "/"), ("civil_manager", "/")):
        assert "超期未更新的目录" in cast.client(who).get(url).content.decode()
    assert "超期未更新的目录" not in cast.client("housing_operator").get("/").content.decode()
    assert LAW in cast.client("civil_manager").get("/catalog/changes/?late=on").content.decode()
    assert part.title in cast.client("civil_operator").get("/todo/").content.decode()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"published_on": today() + timedelta(1)}, "published_on"),
        ({"published_on": date(2020, 2, 18)}, "published_on"),
        ({"document": "《 法 》"}, "document"),
        ({"kind": "rumour"}, "kind"),
        ({"concerns": ""}, "concerns"),
        ({"entries": [999_999]}, "entries"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_registered(
    cast: Cast, given: dict[str, Any], field: str
) -> None:
    whole = {"kind": "law", "document": LAW, "published_on": today(), "concerns": "修订"} | given
    with pytest.raises(Malformed) as wrong:
        changes.register(cast.civil_operator, **whole)
    assert field in wrong.value.fields
    assert not LawChange.objects.exists() and not Case.objects.filter(parent__isnull=False).exists()


def test_entries_are_proposed_where_they_cite_the_document(
    cast: Cast, entries: dict[str, Entry]
) -> None:
    case = by_bureau(cast)
    rows = queries.entries_to_include(cast.bureau_operator, case)
    cited = queries.citing(rows, LAW)
    assert {entry.name for entry in cited} == {"婚姻登记信息", "购房家庭信息"}
    where = queries.where_cited(list(cited), LAW)
    assert where[entries["marriage"].pk] == "共享条件"
    assert where[entries["house"].pk] == "不予共享依据（第二十条）"
    with writing("test"):
        cast.matter("civil").__class__.objects.filter(pk=cast.matter("civil").pk).update(
            basis=f"《{LAW}》第三条"
        )
    by_duty = queries.of_duties(rows, cast.bureau_operator, LAW)
    assert {entry.name for entry in by_duty} == {"婚姻登记信息", "离婚登记信息"}


def test_a_body_counts_in_its_own_entries_alone(cast: Cast, entries: dict[str, Entry]) -> None:
    _, part = by_civil(cast)
    own = queries.entries_to_include(cast.civil_operator, part)
    assert {entry.name for entry in own} == {"婚姻登记信息", "离婚登记信息"}
    with pytest.raises(Malformed):
        changes.take_in(cast.civil_operator, part, entries=[entries["house"].pk])
    changes.take_in(cast.civil_operator, part, entries=[entries["divorce"].pk])
    with pytest.raises(Malformed):
        changes.take_in(cast.civil_operator, part, entries=[entries["divorce"].pk])


def test_the_bureau_sends_each_body_its_own_and_the_last_ends_the_whole(
    cast: Cast, entries: dict[str, Entry]
) -> None:
    whole = by_bureau(cast, entries["marriage"], entries["house"])
    assert whole in Case.objects.waiting_for(cast.bureau_operator)
    for who in ("civil_operator", "housing_operator"):
        rows = queries.changes_visible_to(getattr(cast, who))
        assert not rows.exists(), "not sent yet"
    finance = cast.body("finance").pk
    changes.send(cast.bureau_operator, whole, bodies=[finance])
    parts = {part.body_of("provider"): part for part in whole.children.all()}
    assert set(parts) == {cast.body("civil").pk, cast.body("housing").pk, finance}
    changes.settle(
        cast.civil_operator,
        parts[cast.body("civil").pk],
        entries=[entries["marriage"].pk],
        outcome="unchanged",
        reasons="使用条件不受修订影响",
    )
    changes.settle(
        cast.housing_operator,
        parts[cast.body("housing").pk],
        entries=[entries["house"].pk],
        outcome="withdraw",
        reasons="依据已被删去，且本局不再采集",
    )
    jobs.finish_parent(whole.pk)
    assert fresh(whole).is_open
    changes.settle(
        cast.finance_operator, parts[finance], outcome="unchanged", reasons="本局目录不涉及"
    )
    jobs.finish_parent(whole.pk)
    assert fresh(whole).state == "done"
    assert LedgerEntry.objects.filter(case=whole.pk, verb="catalog_change.finish").count() == 1


def test_nobody_reads_what_another_body_has_to_settle(
    cast: Cast, entries: dict[str, Entry]
) -> None:
    whole = by_bureau(cast, entries["marriage"], entries["house"])
    changes.send(cast.bureau_operator, whole)
    visible = queries.affected_visible_to(cast.civil_operator)
    assert [row.entry.name for row in visible] == ["婚姻登记信息"]
    page = cast.client("civil_operator").get(f"/catalog/changes/{whole.pk}/").content.decode()
    assert "市民政局" in page and "市住建局" not in page
    theirs_part = whole.children.get(parties__provider=cast.body("housing").pk)
    client = cast.client("civil_operator")
    assert client.get(f"/catalog/changes/parts/{theirs_part.pk}/").status_code == 404
    assert client.get(f"/catalog/changes/{whole.pk}/choose/").status_code == 403
    assert cast.client("stranger_operator").get(f"/catalog/changes/{whole.pk}/").status_code == 404
    with pytest.raises(NotVisible):
        changes.settle(cast.civil_operator, theirs_part, outcome="unchanged", reasons="无关")
    for verb in ("include", "send", "cancel"):
        with pytest.raises(NotYours):
            doing.perform(
                cast.civil_operator,
                f"catalog_change.{verb}",
                {"entries": [entries["divorce"].pk]} if verb == "include" else {},
                case=whole.pk,
            )


def test_changed_is_what_a_version_says_not_what_a_clerk_says(
    cast: Cast, entries: dict[str, Entry]
) -> None:
    entry = entries["marriage"]
    publish_again(entry, days_ago=12)  # before it was made public
    _, part = by_civil(cast, 10, entries=[entry.pk, entries["divorce"].pk])
    with pytest.raises(Malformed, match="还没有发布新版本"):
        changes.settle(cast.civil_operator, part, entries=[entry.pk], outcome="changed")
    publish_again(entry, days_ago=4)  # before it was registered
    changes.settle(cast.civil_operator, part, entries=[entry.pk], outcome="changed")
    row = AffectedEntry.objects.get(entry=entry)
    assert (row.outcome, row.version) == (Settlement.CHANGED, 3)
    assert fresh(part).is_open
    with pytest.raises(Malformed, match="请写明理由"):
        changes.settle(
            cast.civil_operator, part, entries=[entries["divorce"].pk], outcome="unchanged"
        )
    changes.settle(
        cast.civil_operator,
        part,
        entries=[entries["divorce"].pk],
        outcome="unchanged",
        reasons="只登记离婚日期，不受影响",
    )
    assert fresh(part).state == "settled"
    assert Clock.objects.get(case=part).stopped_on == today()
    with pytest.raises(AgainstRules):
        changes.settle(
            cast.civil_operator, part, entries=[entry.pk], outcome="unchanged", reasons="再改"
        )


def test_registered_on_the_day_a_version_of_that_morning_does_not_count(
    cast: Cast, entries: dict[str, Entry]
) -> None:
    publish_again(entries["marriage"])
    _, part = by_civil(cast, entries=[entries["marriage"].pk])
    with pytest.raises(Malformed):
        changes.settle(
            cast.civil_operator, part, entries=[entries["marriage"].pk], outcome="changed"
        )
    publish_again(entries["marriage"], days_ago=-0.0001)
    changes.settle(cast.civil_operator, part, entries=[entries["marriage"].pk], outcome="changed")
    assert fresh(part).state == "settled"


def test_what_was_sent_out_wrongly_is_called_off_and_can_be_sent_anew(
    cast: Cast, entries: dict[str, Entry]
) -> None:
    whole = by_bureau(cast, *entries.values())
    changes.send(cast.bureau_operator, whole)
    housing = whole.children.get(parties__provider=cast.body("housing").pk)
    changes.call_off(cast.bureau_operator, housing, reasons="与住建局无关")
    assert not AffectedEntry.objects.filter(part=housing).exists()
    changes.include(cast.bureau_operator, whole, entries=[entries["house"].pk])
    assert whole.children.filter(closed_at=None).count() == 2
    changes.cancel(cast.bureau_operator, whole, reasons="文件尚未公布")
    assert fresh(whole).state == "cancelled"
    assert not whole.children.filter(closed_at=None).exists()
    assert not Clock.objects.filter(case__parent=whole, stopped_on=None).exists()


def test_a_merged_body_settles_what_its_predecessor_had_to(
    cast: Cast, entries: dict[str, Entry]
) -> None:
    whole = by_bureau(cast, *entries.values())
    changes.send(cast.bureau_operator, whole)
    civil, housing = cast.body("civil"), cast.body("housing")
    organizations.succeed(
        cast.system_admin,
        kind=SuccessionKind.MERGE,
        predecessors=[civil.pk],
        successors=[housing.pk],
        on=today(),
        document="通编〔2026〕9号",
    )
    seq = LedgerEntry.objects.get(verb="organizations.succeed").seq
    reactions.react(seq, "pass_resources_on")
    parts = list(whole.children.order_by("pk"))
    assert {part.body_of("provider") for part in parts} == {housing.pk}
    for part in parts:
        keys = [key for key, _ in queries.entries_to_settle(cast.housing_operator, part)]
        changes.settle(
            cast.housing_operator, part, entries=keys, outcome="unchanged", reasons="不受影响"
        )
    jobs.finish_parent(whole.pk)
    assert fresh(whole).state == "done"


# -- any sequence ----------------------------------------------------------------------------------


def invariants(whole: Case) -> None:
    """What holds after whatever was done."""
    rows = AffectedEntry.objects.filter(change__case=whole)
    assert rows.count() == rows.values("entry").distinct().count()
    for part in whole.children.all():
        own = rows.filter(part=part)
        running = Clock.objects.filter(case=part, stopped_on=None).count()
        assert running == (1 if part.is_open else 0)
        if part.state == "settled":
            assert not own.filter(outcome="").exists()
        if part.is_open and own.exists():
            assert own.filter(outcome="").exists(), "the last settled one ends the part"
    for row in rows.exclude(outcome=""):
        assert bool(row.version) == (row.outcome == Settlement.CHANGED)
        assert row.reasons or row.outcome == Settlement.CHANGED
    if not fresh(whole).is_open:
        assert not whole.children.filter(closed_at=None).exists()


@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_done_in_whatever_order_nothing_is_lost(
    cast: Cast, entries: dict[str, Entry], seed: int
) -> None:
    chance = random.Random(seed)
    whole = by_bureau(cast, days_ago=chance.choice([0, 3, 40]))
    actors: list[Actor] = [cast.bureau_operator, cast.civil_operator, cast.housing_operator]
    acts = 0
    for _ in range(30):
        cases = [whole, *whole.children.order_by("pk")]
        case, actor = chance.choice(cases), chance.choice(actors)
        open_steps = doing.open_to(actor, fresh(case)) if actor.body in case.bodies else []
        if chance.random() < 0.15:
            publish_again(chance.choice(list(entries.values())), days_ago=-chance.random())
        if not open_steps:
            continue
        _, verb = chance.choice(open_steps)
        if verb.verb == "cancel" and chance.random() < 0.9:
            continue
        some = chance.sample([entry.pk for entry in entries.values()], chance.choice([1, 2]))
        given: dict[str, Any] = {
            "settle": {
                "entries": some,
                "outcome": chance.choice(list(Settlement)).value,
                "reasons": chance.choice(["", "不受影响"]),
            },
            "call_off": {"reasons": "误分"},
            "cancel": {"reasons": "误登记"},
            "send": {},
        }.get(verb.verb, {"entries": some})
        try:
            doing.perform(actor, verb.name, given, case=case.pk)
            acts += 1
        except Problem:
            pass
        jobs.finish_parent(whole.pk)
        invariants(whole)
    assert acts > 1
