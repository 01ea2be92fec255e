"""A release changes a limit: a city that runs gets it, and keeps what it decided itself (A36)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitong.cli.commands import migrate
from huitong.cli.doctor import database as doctor
from huitong.kernel.actor import Actor
from huitong.kernel.clocks import Clock
from huitong.kernel.grounds import DecisionGround, grounds_for
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import NotYours, limit
from huitong.kernel.workdays import (
    CalendarDay,
    CalendarYear,
    Limit,
    limit_row,
    load_calendar,
    today,
)
from huitong.organizations import actions, queries
from huitong.organizations.queries import shipping
from huitong.organizations.rules.shipping import plan

KEY = ("law", "article", "name", "in_force")
LATER = date(2031, 1, 1)
LAW, DECISION = "nantong-2020", limit("A22")


def row(since: date = LATER, amount: int = 8, **more: Any) -> dict[str, Any]:
    return {
        "law": LAW,
        "article": "A22",
        "name": "",
        "in_force": since,
        "until": None,
        "amount": amount,
        "note": "",
    } | more


# -- the rule --------------------------------------------------------------------------------------

OLD = row(date(2020, 2, 19), 10)


def test_a_new_row_is_added_and_one_that_is_here_left_alone() -> None:
    result = plan([OLD, row()], [OLD], KEY)
    assert result.add == [row()] and not result.end and not result.held
    assert not plan([OLD, row()], [OLD, row()], KEY).changes


def test_a_row_of_the_same_day_is_never_edited_only_its_remark_may_differ() -> None:
    noted = OLD | {"note": "已核实"}
    assert not plan([OLD], [noted], KEY).held
    changed = OLD | {"amount": 7}
    assert plan([OLD], [changed], KEY).held == [(OLD, changed)]


def test_a_shipped_end_ends_a_row_of_the_release_and_no_row_the_city_ended() -> None:
    ended = OLD | {"until": date(2030, 12, 31)}
    assert plan([ended], [OLD], KEY).end == [ended]
    assert not plan([ended], [OLD | {"until": date(2027, 1, 1)}], KEY).changes
    assert not plan([OLD], [ended], KEY).changes
    assert plan([ended], [OLD | {"amount": 7}], KEY).end == []


def test_the_citys_own_row_goes_before_a_later_one_of_a_release() -> None:
    own = row(date(2027, 1, 1), 5)
    assert plan([OLD, row()], [OLD, own], KEY).held == [(row(), own)]
    over = own | {"until": date(2028, 1, 1)}
    assert plan([OLD, row()], [OLD, over], KEY).add == [row()], "it has ended by then"
    other = own | {"article": "A23"}
    assert plan([OLD, row()], [OLD, other], KEY).add == [row()], "another line"


DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))
ROWS = st.lists(
    st.builds(row, DAYS, st.integers(1, 3)), max_size=6, unique_by=lambda r: r["in_force"]
)


@given(ROWS, ROWS)
def test_taking_it_once_leaves_nothing_to_take_and_no_row_here_changed(
    shipped: Any, present: Any
) -> None:
    first = plan(shipped, present, KEY)
    after = [*present, *first.add]
    again = plan(shipped, after, KEY)
    assert not again.changes and all(r in after for r in present)
    assert len({r["in_force"] for r in after}) == len(after)
    assert {r["in_force"] for r, _ in first.held} == {r["in_force"] for r, _ in again.held}


# -- the whole way ---------------------------------------------------------------------------------


@pytest.fixture
def ships(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A release whose files hold these lines beside those of today."""
    read = shipping.read
    more: dict[str, list[dict[str, str]]] = {}
    monkeypatch.setattr(shipping, "read", lambda file: [*read(file), *more.get(file, [])])
    return more


def line(file: str, **values: str) -> dict[str, str]:
    return dict.fromkeys(shipping.read(file)[0], "") | values


@pytest.mark.django_db
def test_today_nothing_is_missing() -> None:
    entries = Entry.objects.count()
    assert migrate.take_shipped() == [] and Entry.objects.count() == entries
    assert [f.state for f in doctor.shipped_rules()] == ["good"]


@pytest.mark.django_db
def test_a_changed_limit_reaches_the_city_counts_from_its_day_and_is_on_record(
    sharing: Any, ships: Any
) -> None:
    application = sharing.accepted(sharing.mount("marriage"))
    running = Clock.objects.get(case=application.case, stopped_on=None)
    ships["limits.csv"] = [
        line("limits.csv", law=LAW, article="A22", amount="8", unit="wd", in_force=str(today()))
        | {"confidence": "verified"}
    ]
    [missing] = doctor.shipped_rules()
    assert missing.state == "broken" and missing.remedy == "huitong migrate"
    [report] = migrate.take_shipped()
    assert report == f"limits: added {LAW} A22 from {today()} (8 wd)"
    assert limit_row(DECISION, today()).amount == 8
    assert limit_row(DECISION, today() - timedelta(1)).amount == 10
    running.refresh_from_db()
    assert running.amount == 10, "a case that runs keeps the limit it was promised"
    entry = Entry.objects.latest("seq")
    assert entry.verb == "organizations.take_shipped" and entry.article == "A36"
    assert entry.after["limits"]["added"][0]["amount"] == 8
    assert migrate.take_shipped() == [] and Entry.objects.latest("seq") == entry
    assert [f.state for f in doctor.shipped_rules()] == ["good"]


@pytest.mark.django_db
def test_what_the_city_decided_itself_stands_and_is_named(cast: Any, ships: Any) -> None:
    own = actions.add_limit(
        cast.system_admin,
        law=LAW,
        article="A22",
        amount=5,
        unit="wd",
        in_force=date(2027, 1, 1),
        basis="本市从严规定",
    )
    ships["limits.csv"] = [
        line("limits.csv", law=LAW, article="A22", amount="8", unit="wd", in_force=str(LATER))
    ]
    [report] = migrate.take_shipped()
    assert (
        report == f"limits: kept the city's own {LAW} A22 from 2027-01-01 (5 wd),"
        f" did not take {LAW} A22 from {LATER} (8 wd)"
    )
    assert limit_row(DECISION, LATER).pk == own.pk
    ok, held = doctor.shipped_rules()
    assert (ok.state, held.state) == ("good", "note") and "2027-01-01" in held.detail


@pytest.mark.django_db
def test_a_ground_comes_and_one_is_ended(ships: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = shipping.read("grounds.csv")
    ended = next(r for r in rows if (r["law"], r["code"]) == (LAW, "source_limited")) | {
        "until": "2026-06-30"
    }
    fresh = rows[0] | {"code": "not_assessed", "label": "未通过安全评估", "in_force": "2026-07-01"}
    others = [r for r in rows if (r["law"], r["code"]) != (LAW, "source_limited")]
    monkeypatch.setattr(
        shipping, "read", lambda file: [*others, ended, fresh] if file == "grounds.csv" else []
    )
    monkeypatch.setattr(queries, "SHIPPED", shipping.SHIPPED[1:])
    monkeypatch.setattr(shipping, "SHIPPED", shipping.SHIPPED[1:])
    assert len(migrate.take_shipped()) == 2
    codes = {g.code for g in grounds_for("application.grant", law=LAW, on=date(2026, 7, 1))}
    assert "not_assessed" in codes and "source_limited" not in codes
    before = grounds_for("application.grant", law=LAW, on=date(2026, 6, 30))
    assert "source_limited" in {g.code for g in before}
    assert DecisionGround.objects.filter(law=LAW, code="source_limited").count() == 1


@pytest.mark.django_db
def test_a_new_calendar_year_comes_moves_running_clocks_and_never_a_loaded_year(
    sharing: Any, ships: Any
) -> None:
    year = max(loaded.year for loaded in queries.loaded_years()) + 1
    application = sharing.accepted(sharing.mount("marriage"))
    clock = Clock.objects.get(case=application.case, stopped_on=None)
    with writing("later"):
        clock.started_on = date(year, 1, 4)
        clock.aim(load_calendar())
        clock.save()
    due = clock.due_on
    assert clock.provisional
    ships["calendar.csv"] = [
        {"date": f"{year}-01-{day:02}", "kind": "off", "name": "试", "source": "国办通知"}
        for day in (11, 12, 13, 14)
    ]
    assert f"calendar: added the year {year}" in migrate.take_shipped()
    clock.refresh_from_db()
    assert clock.due_on > due and not clock.provisional
    assert CalendarYear.objects.get(year=year).source == "随版本提供：国办通知"
    with writing("the city"):
        CalendarDay.objects.filter(day=date(year, 1, 14)).delete()
    assert migrate.take_shipped() == []


@pytest.mark.django_db
def test_nobody_but_the_platform_takes_them(cast: Any) -> None:
    for who in (cast.system_admin, cast.bureau_manager):
        with pytest.raises(NotYours):
            actions.take_shipped(who)
    assert actions.take_shipped(Actor.system())["limits"]["added"] == []


@pytest.mark.django_db
@pytest.mark.parametrize("table", shipping.SHIPPED, ids=lambda table: table.words)
def test_a_table_in_use_holds_exactly_what_was_shipped(table: shipping.Shipped) -> None:
    """A fresh installation, made by migrations, and the file agree."""
    names = list(table.rows()[0])
    assert list(table.model._default_manager.order_by("pk").values(*names)) == table.rows()
    assert Limit.objects.exists()
