"""What the State Council's decree says of who acts and by when, typed by hand, against the tables
made of it. Its text could not be opened: the file says of each row what is recalled.
"""

from __future__ import annotations

import re

from tests.architecture.test_law import PARTIES, POSTS, ROOT, check_ways, own_procedures, table

from huitong.kernel.procedure import WATCHES, InCase

LAW = "national-2025"
ROWS = table(f"tests/inputs/law/{LAW}.csv")
SHIPPED = [r for r in table("src/huitong/kernel/data/limits.csv") if r["law"] == LAW]


def test_every_step_is_typed_and_every_typed_step_is_there() -> None:
    steps = {
        (kind, row.verb, row.article, row.who.party, str(row.who.post))
        for kind, procedure in own_procedures(LAW).items()
        for row in procedure.steps
    }
    assert steps == {
        (r["kind"], r["verb"], r["article"], r["party"], r["post"]) for r in ROWS if r["verb"]
    }


def test_what_the_decree_wants_said_and_what_comes_of_an_act() -> None:
    check_ways(LAW, ROWS)


def test_every_limit_is_typed_and_recalled_until_the_text_has_been_read() -> None:
    assert {(r["article"], r["name"], r["amount"], r["unit"]) for r in SHIPPED} == {
        (r["article"], r["limit"], r["amount"], r["unit"]) for r in ROWS if r["amount"]
    }
    assert {r["confidence"] for r in SHIPPED} == {"recalled"}
    assert all(r["remark"].startswith(("recalled", "ours", "gap: ", "watch: ")) for r in ROWS)


def test_every_watch_is_typed_with_who_answers_for_it() -> None:
    watched = {
        (kind, rule.limit.name, rule.seat.party)
        for kind, rule in WATCHES.items()
        if rule.limit.law == LAW
    }
    assert watched == {
        (r["remark"].removeprefix("watch: "), r["limit"], r["party"])
        for r in ROWS
        if r["remark"].startswith("watch: ")
    }


def test_each_clock_runs_where_the_typed_row_says_and_for_whom() -> None:
    amounts = {r["name"]: (r["amount"], r["unit"]) for r in SHIPPED}
    running = {
        (kind, str(state), rule.limit.name, seat.party, str(seat.post), *amounts[rule.limit.name])
        for kind, procedure in own_procedures(LAW).items()
        for rule in procedure.clocks
        if not isinstance(rule.limit, InCase) and rule.limit.law == LAW
        for state in rule.states
        if (seat := procedure.awaits(state)) is not None
    }
    assert running == {
        (r["kind"], r["state"], r["limit"], r["party"], r["post"], r["amount"], r["unit"])
        for r in ROWS
        if r["state"]
    }


def test_the_page_of_procedures_says_the_same() -> None:
    page = (ROOT / "docs/procedures.md").read_text(encoding="utf-8")
    kinds = re.split(r"^## .*?\(`(\w+)`, ([\w-]+),.*$", page, flags=re.M)[1:]
    printed = set()
    for kind, law, text in zip(*[iter(kinds)] * 3, strict=True):
        for line in text.splitlines() if law == LAW else ():
            cells = [cell.strip() for cell in line.split("|")]
            if line.startswith("| ") and cells[2].startswith("`"):
                printed.add((kind, cells[2].strip("`"), cells[3], cells[4]))
    assert printed == {
        (r["kind"], r["verb"], r["article"], PARTIES[r["party"]] + POSTS[r["post"]])
        for r in ROWS
        if r["verb"]
    }
