"""A city's registers come in at once, quickly, with one ledger entry each, and again without
change."""

from __future__ import annotations

from pathlib import Path

from huitong.kernel.actor import Actor
from huitong.kernel.ledger import Entry
from huitong.organizations import actions, queries
from huitong.organizations.models import Body, Division, Duty, Matter

DATA = Path(queries.__file__).parents[1] / "data"


def test_nantong_is_loaded_in_seconds_and_reloading_changes_nothing(db: None) -> None:
    counts = actions.load_city(system := Actor.system("装载"), DATA)
    assert counts["divisions"] == {"added": 2158, "changed": 0, "same": 0}
    assert (
        Division.objects.count() == 2158
        and Body.objects.count() == 74
        and Matter.objects.count() == 103
    )
    assert Body.objects.get(short_name="市社保中心").parent == Body.objects.get(
        short_name="市人社局"
    )
    assert queries.bureau() == Body.objects.get(name="南通市大数据管理局")
    assert list(Entry.objects.order_by("seq").values_list("verb", flat=True)) == [
        "organizations.import_divisions",
        "organizations.import_bodies",
        "organizations.import_duties",
    ]
    duties = Duty.objects.count()
    again = actions.load_city(system, DATA)
    assert [r["same"] for r in again.values()] == [2158, 74, 103] and Duty.objects.count() == duties


def test_the_ledger_keeps_a_digest_of_a_table_not_its_rows(db: None) -> None:
    actions.load_city(Actor.system("装载"), DATA)
    recorded = Entry.objects.get(verb="organizations.import_divisions").after
    assert recorded["sheet"].startswith("2158 行，sha256 ") and recorded["added"] == 2158


def test_each_county_has_its_managing_organ(db: None) -> None:
    actions.load_city(Actor.system("装载"), DATA)
    organs = Body.objects.filter(
        managing_organ=True,
        division_code__in=Division.objects.filter(level="county", valid_to=None).values("code"),
    )
    assert organs.count() == 7 and all(
        organ.parent is not None for organ in organs.select_related("parent")
    )
