"""The shipped calendar and limits are what the notices and the rules say."""

import csv
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date, timedelta
from importlib import import_module
from importlib.resources import files

import chinese_calendar
import pytest
from django.apps import apps

from huitong.kernel.adoption import AdoptedLaw, adopted
from huitong.kernel.grounds import DecisionGround, grounds_for
from huitong.kernel.laws import citation
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import AgainstRules, limit
from huitong.kernel.workdays import Limit, limit_row, limits_in_force

DATA = files("huitong.kernel") / "data"


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((DATA / name).read_text(encoding="utf-8").splitlines()))


def days(first: date, last: date) -> Iterator[date]:
    yield from (first + timedelta(days=n) for n in range((last - first).days + 1))


CALENDAR = {date.fromisoformat(r["date"]): r["kind"] for r in rows("calendar.csv")}


def works(day: date) -> bool:
    return CALENDAR.get(day, "off" if day.weekday() >= 5 else "work") == "work"


def test_every_day_2004_to_2026_is_what_the_notices_say() -> None:
    wrong = [
        d
        for d in days(date(2004, 1, 1), date(2026, 12, 31))
        if works(d) != chinese_calendar.is_workday(d)
    ]
    assert wrong == []


def test_only_exceptions_are_listed() -> None:
    assert all((kind == "off") == (day.weekday() < 5) for day, kind in CALENDAR.items())


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2026, 2, 12), 10, date(2026, 3, 4)),
        (date(2026, 9, 24), 2, date(2026, 9, 29)),
        (date(2026, 9, 18), 10, date(2026, 10, 9)),
        (date(2026, 4, 29), 15, date(2026, 5, 22)),
    ],
)
def test_the_rules_own_vectors_come_out(start: date, count: int, end: date) -> None:
    counted = [d for d in days(start + timedelta(days=1), date(2026, 12, 31)) if works(d)]
    assert counted[count - 1] == end


def test_provisional_days_are_weekdays_of_years_without_a_notice() -> None:
    ahead = [date.fromisoformat(r["date"]) for r in rows("provisional.csv")]
    assert {d.year for d in ahead} == set(range(2027, 2036))
    assert all(d.weekday() < 5 for d in ahead)
    # Spring Festival 2030 is 3 February, seven minutes after midnight in Beijing
    assert date(2030, 2, 4) in ahead


def test_the_limits_of_the_2020_rules() -> None:
    shipped = {
        (r["article"], r["name"]): (int(r["amount"]), r["unit"])
        for r in rows("limits.csv")
        if r["law"] == "nantong-2020"
    }
    assert shipped == {
        ("A11", ""): (15, "wd"),
        ("A21", ""): (1, "wd"),
        ("A22", ""): (10, "wd"),
        ("A23", ""): (2, "wd"),
        ("A25", "publish"): (1, "month"),
        ("A25", "obstacle"): (10, "wd"),
        ("A26", "unused"): (3, "month"),
    }


def test_what_was_only_recalled_of_the_national_law_says_so() -> None:
    """The text of the decree with its articles could not be opened: every number of it waits to be
    confirmed, and none is filed under an article of another law."""
    national = [r for r in rows("limits.csv") if r["law"] == "national-2025"]
    assert national and {r["confidence"] for r in national} == {"recalled"}
    for row in rows("limits.csv"):
        assert citation(row["article"]).law.code == row["law"]


def test_a_dated_row_stands_from_its_first_day_to_its_last(db: None) -> None:
    """A limit, a ground and a law the city has adopted alike (A36)."""
    on, day = date(2026, 11, 30), timedelta(1)
    span = {"in_force": on, "until": on + day}
    with writing("test"):
        Limit.objects.create(law="city", article="C", name="test", amount=3, unit="wd", **span)
        DecisionGround.objects.create(
            law="nantong-2020", code="test", label="试", verbs=["application.refuse"], **span
        )
        AdoptedLaw.objects.create(law="national-2025", basis="试", **span)
    for at, stands in ((on - day, False), (on, True), (on + day, True), (on + 2 * day, False)):
        grounds = grounds_for("application.refuse", law="nantong-2020", on=at)
        assert ("test" in {row.code for row in grounds}) is stands
        assert ("national-2025" in adopted(at)) is stands
        assert (("city", "C", "test") in limits_in_force(at)) is stands
        with nullcontext() if stands else pytest.raises(AgainstRules):
            assert limit_row(limit("C", "test"), at).amount == 3


def test_a_limit_the_city_recorded_itself_stays_verified(db: None) -> None:
    """Only the limits that moved here from the decree's draft are marked as recalled."""
    with writing("test"):
        own = Limit.objects.create(
            law="national-2025",
            article="A23",
            amount=2,
            unit="wd",
            in_force=date(2026, 6, 1),
            note="本市政府办公室通知核定",
        )
    import_module("huitong.kernel.migrations.0007_growth_data").forward(apps, None)
    own.refresh_from_db()
    assert own.confidence == "verified"
