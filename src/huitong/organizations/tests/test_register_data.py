"""The shipped registers hang together: divisions, bodies, duties."""

import csv
import re
from collections import Counter
from importlib.resources import files

from huitong.scope.identifiers import credit_code_fault

DATA = files("huitong.organizations") / "data"


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((DATA / name).read_text(encoding="utf-8").splitlines()))


DIVISIONS = {r["code"]: r for r in rows("divisions.csv")}
BODIES = {r["name"]: r for r in rows("nantong_bodies.csv")}


def test_every_division_has_its_parent_and_successor() -> None:
    assert [c for c, r in DIVISIONS.items() if r["parent_code"] not in {"", *DIVISIONS}] == []
    assert [c for c, r in DIVISIONS.items() if r["successor"] not in {"", *DIVISIONS}] == []
    assert [c for c, r in DIVISIONS.items() if r["parent_code"] == ""] == ["320000"]


def test_divisions_are_counted_as_published() -> None:
    assert Counter(r["level"] for r in DIVISIONS.values()) == {
        "province": 1,
        "city": 1,
        "county": 11,
        "zone": 4,
        "township": 136,
        "village": 2005,
    }


def test_national_codes_are_digits_and_local_ones_cannot_be_mistaken_for_them() -> None:
    assert all(c.isdigit() == (r["source"] != "local") for c, r in DIVISIONS.items())


def test_the_counties_in_force_today_are_the_seven() -> None:
    now = {c for c, r in DIVISIONS.items() if r["level"] == "county" and not r["valid_to"]}
    assert now == {"320612", "320613", "320614", "320623", "320681", "320682", "320685"}


def test_every_body_lies_in_a_known_division_under_a_known_parent() -> None:
    assert all(r["division_code"] in DIVISIONS for r in BODIES.values())
    assert [n for n, r in BODIES.items() if r["parent"] not in {"", *BODIES}] == []
    assert (
        len({r["credit_code"] for r in BODIES.values()})
        == len(BODIES)
        == len(rows("nantong_bodies.csv"))
    )


def test_every_credit_code_is_right_in_form_and_marked_as_invented() -> None:
    assert [c for r in BODIES.values() if credit_code_fault(c := r["credit_code"])] == []
    assert all(r["invented"] == "1" and r["credit_code"][8:10] == "XN" for r in BODIES.values())


def test_there_is_one_bureau_and_a_managing_organ_for_each_county_and_zone() -> None:
    assert [n for n, r in BODIES.items() if r["bureau"] == "1"] == ["南通市大数据管理局"]
    assert sum(r["managing_organ"] == "1" for r in BODIES.values()) == 10


def test_every_matter_belongs_to_a_body_and_every_municipal_department_has_a_duty() -> None:
    matters = rows("duties_matters.csv")
    assert len({m["matter_code"] for m in matters}) == len(matters)
    owners = {m["body"] for m in matters}
    assert owners <= set(BODIES)
    assert {n for n, r in BODIES.items() if r["kind"] == "department" and not r["parent"]} <= owners


def test_what_clerks_read_is_in_chinese_punctuation() -> None:
    texts = {m["duty"] for m in rows("duties_matters.csv")} | {
        r["note"] for r in DIVISIONS.values()
    }
    assert [text for text in texts if re.search(r"[\u3400-\u9fff][,;:(]", text)] == []
