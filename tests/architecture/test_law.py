"""What the law says of who acts and by when, typed by hand from its text, against everything we
have made of it: procedures, clocks, limits, documents, both ways (A7-A28).

`tests/inputs/law` holds the text; nothing in it comes from our tables. Where matrices of other
tests read the same table as the code, a wrong number or seat would agree with itself; here it
fails.
"""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from huitong.catalog.actions import census, changes
from huitong.demands import actions as demands
from huitong.documents.rules.articles import ARTICLES
from huitong.kernel import doing
from huitong.kernel.clocks import Clock
from huitong.kernel.laws import citation
from huitong.kernel.procedure import WATCHES, End, limit
from huitong.kernel.workdays import DAY_SET, today
from huitong.organizations.views.columns import part_words

ROOT = Path(__file__).parents[2]
LAW = "nantong-2020"
NUMERALS = {"三": "3"}
#: as docs/procedures.md calls the seats
PARTIES = {
    "provider": "提供部门",
    "consumer": "使用部门",
    "claimant": "提出部门",
    "respondent": "对方部门",
    "bureau": "大数据管理局",
    "enterer": "大数据管理局代录",
    "system": "平台",
}
#: ends that take something from a body, or give it
GRAVE = (End.GRANTED, End.REFUSED, End.REVOKED, End.LAPSED)
POSTS = {"operator": "经办人", "manager": "负责人"}


def table(path: str) -> list[dict[str, str]]:
    return list(csv.DictReader((ROOT / path).read_text(encoding="utf-8").splitlines()))


ROWS = table(f"tests/inputs/law/{LAW}.csv")
#: acts outside of cases, by the name of their verb
RECORDED = [r for r in ROWS if r["kind"] == "recorded"]
STEPS = {
    (r["kind"], r["verb"], r["article"], r["party"], r["post"])
    for r in ROWS
    if r["verb"] and r not in RECORDED
}
LIMITS = {(r["article"], r["limit"], r["amount"], r["unit"]) for r in ROWS if r["amount"]}
USED = {(r["kind"], r["state"], r["article"], r["amount"], r["unit"]) for r in ROWS if r["state"]}


def own_procedures(law: str = LAW) -> dict[str, Any]:
    """The procedures of the product under a law, by kind; toys of the tests are none."""
    doing.load()
    return {
        kind: tables[law]
        for kind, tables in doing.PROCEDURES.items()
        if law in tables
        and any(
            verb.run.__module__.startswith("huitong.")
            for verb in doing.VERBS.values()
            if tables[law] in verb.tables
        )
    }


def test_the_typed_text_holds_its_own_numbers() -> None:
    """Each limit is read out of the sentence it stands in."""
    for row in ROWS:
        if row["amount"] and row["verb"] not in ("decline", "refuse"):
            words = {"wd": "个工作日", "month": "个月"}[row["unit"]]
            [number] = re.findall(rf"([\d三]+){words}", row["text"])
            assert NUMERALS.get(number, number) == row["amount"], row
        assert row["text"] and re.fullmatch(r"A([1-9]|[12]\d|3[0-6])", row["article"]), row


def test_what_is_typed_is_what_the_article_says() -> None:
    """Word for word, but for what is left out between (…); so are the local rules that go on under
    the decree."""
    for row in [*ROWS, *table("tests/inputs/law/national-2025.csv")]:
        if row["article"] not in ARTICLES:
            continue  # the decree's, recalled
        whole = "".join(ARTICLES[row["article"]].paragraphs)
        for part in row["text"].split("…"):
            assert part in whole, f"{row['article']} does not say {part}"


def test_every_step_is_the_laws_and_every_duty_with_a_procedure_has_its_step() -> None:
    steps = {
        (kind, row.verb, row.article, row.who.party, str(row.who.post))
        for kind, procedure in own_procedures().items()
        for row in procedure.steps
    }
    assert steps - STEPS == set(), "a step nobody has read in the law: who acts, by which article?"
    assert STEPS - steps == set(), "a duty of the law that no procedure has"


def test_every_article_that_lays_down_a_duty_is_typed_with_its_act_or_its_gap() -> None:
    """From A4, where duties begin, to A34: whose they are, and what of ours fulfils them."""
    doing.load()
    assert {r["article"] for r in ROWS} >= {f"A{n}" for n in range(4, 35)}
    for row in RECORDED:
        verb = doing.VERBS[row["verb"]]
        assert verb.article == row["article"], row
        assert (row["party"], row["post"]) in {(s.party, str(s.post)) for s in verb.who}, row
    whole = (ROOT / "docs/regulation.md").read_text(encoding="utf-8")
    for row in ROWS:
        if not row["verb"] and not row["amount"]:
            assert row["remark"].startswith(("gap: ", "no act: ")), row
        if row["remark"].startswith("gap: "):
            assert re.search(rf"^## {row['article']} .*: gap$", whole, re.M), row


def check_ways(law: str, rows: list[dict[str, str]]) -> None:
    """What the law wants with an act stands in its step, reasons or a stamped paper; and whatever
    refuses, grants or ends what somebody has is an outcome typed from the text, both ways."""
    wants, outcomes = set(), set()
    for kind, procedure in own_procedures(law).items():
        for row in procedure.steps:
            one = (kind, row.verb, row.article, row.who.party)
            wants |= {(*one, demand) for demand in row.demands}
            outcomes |= {(*one, str(s.end)) for s in row.targets if s.end in GRAVE}
    typed = [((r["kind"], r["verb"], r["article"], r["party"]), r) for r in rows if r["verb"]]
    assert {(*one, r["demands"]) for one, r in typed if r["demands"]} - wants == set()
    assert {(*one, r["outcome"]) for one, r in typed if r["outcome"]} == outcomes


def test_what_the_law_wants_said_and_what_comes_of_an_act() -> None:
    check_ways(LAW, ROWS)
    reasoned = {(r["article"], r["verb"]) for r in ROWS if "说明" in r["text"] and r["verb"]}
    assert reasoned == {
        (r["article"], r["verb"]) for r in ROWS if r["demands"] == "reasons" and "说明" in r["text"]
    }
    stamped = {(r["article"], r["verb"]) for r in ROWS if r["demands"] == "scan"}
    assert all("盖" in r["text"] for r in ROWS if (r["article"], r["verb"]) in stamped)


def test_every_limit_is_the_laws_and_no_limit_of_the_law_is_missing() -> None:
    shipped = {
        (row["article"], row["name"], row["amount"], row["unit"])
        for row in table("src/huitong/kernel/data/limits.csv")
        if row["law"] == LAW
    }
    assert shipped == LIMITS


def test_a_limit_no_procedure_uses_is_named_as_a_gap() -> None:
    used = {row["article"] + row["limit"] for row in ROWS if row["state"]}
    for row in ROWS:
        if row["amount"] and row["article"] + row["limit"] not in used:
            assert not row["verb"], row
            if row["remark"].startswith("watch: "):
                watched = WATCHES[row["remark"].removeprefix("watch: ")]
                assert watched.limit == limit(row["article"], row["limit"]), row
                assert (watched.seat.party, row["party"]) == (row["party"],) * 2, row
            else:
                assert row["remark"].startswith("gap: "), row


def test_every_watch_is_the_laws() -> None:
    """A limit over what is no case stands in the law as typed, too."""
    doing.load()
    named = {row["remark"].removeprefix("watch: ") for row in ROWS}
    watched = {kind for kind, rule in WATCHES.items() if rule.limit.law == LAW}
    assert {kind for kind in watched if not kind.startswith("test_")} <= named


def test_what_the_city_sets_itself_is_shown_as_such_and_never_as_an_article() -> None:
    """A limit of the city's own is cited without an article, and each says what it is for."""
    own = [row for row in table("src/huitong/kernel/data/limits.csv") if row["law"] == "city"]
    assert own and len({row["name"] for row in own}) == len(own)
    for row in own:
        cited = citation(row["article"])
        assert (cited.law.code, cited.article, cited.words) == ("city", 0, "本市设定")
        assert row["note"], "what it is for and why the law gives no number"


def test_each_of_several_limits_of_an_article_is_called_by_a_word() -> None:
    """The city's as those of any law: on the page of limits a clerk reads no key."""
    doing.load()
    for row in table("src/huitong/kernel/data/limits.csv"):
        assert not row["name"] or part_words(row["name"]) != "其他分项", (
            f"{row['law']} {row['name']}: call it where its procedure names it (`limit`)"
        )


@pytest.mark.django_db
def test_the_clocks_of_a_case_that_runs_are_the_laws(sharing: Any, demanding: Any) -> None:
    """Of both ways an application may go, of a demand, of a change of law and of a census, each
    clock that is set: whose, how long, over what. One that runs on from state to state is answered
    for by who owes the move in each."""
    by_provider, by_platform = sharing.mount("marriage"), sharing.mount("division")
    sharing.accepted(by_provider)
    sharing.accepted(by_platform)
    demand = demanding.submitted()
    demands.obstacle(
        sharing.cast.civil_operator,
        demanding.case(demand),
        ground="not_digital",
        reasons="档案正在电子化，完成前无法发布。",
        until=today() + timedelta(30),
    )
    changes.register(
        sharing.cast.civil_operator,
        kind="law",
        document="婚姻登记条例",
        published_on=today(),
        concerns="修订",
    )
    census.launch(
        sharing.cast.bureau_operator,
        year=2026,
        begins_on=today(),
        ends_on=today() + timedelta(30),
        bodies=[sharing.cast.body("civil").pk],
    )
    clocks = Clock.objects.select_related("case")
    rows, seats = set(), set()
    for clock in clocks:
        if citation(clock.article).law.code != LAW:
            continue
        table = doing.procedure_of(clock.case)
        assert (clock.party, clock.post) == table.awaits(clock.state)
        amount = ("", "") if clock.unit == DAY_SET else (str(clock.amount), clock.unit)
        for state in table.clock(clock.name).states:
            rows.add((clock.case.kind, state, clock.article, *amount))
            seats.add((state, *table.awaits(state)))
    assert rows == USED
    assert seats == {(r["state"], r["party"], r["post"]) for r in ROWS if r["state"]}


# -- documents -------------------------------------------------------------------------------------


def test_the_page_of_procedures_says_what_the_law_says() -> None:
    page = (ROOT / "docs/procedures.md").read_text(encoding="utf-8")
    kinds = re.split(r"^## .*?\(`(\w+)`, ([\w-]+),.*$", page, flags=re.M)[1:]
    printed, clocks = set(), set()
    for kind, law, text in zip(*[iter(kinds)] * 3, strict=True):
        if law != LAW:
            continue
        lines = [line.split("|") for line in text.splitlines() if line.startswith("| ")]
        head = [cell.strip() for cell in lines[0]]
        for line in lines[1:]:
            row = dict(zip(head, (cell.strip() for cell in line), strict=False))
            printed.add((kind, row["verb"].strip("`"), row["article"], row["who"]))
        clocks |= {(kind, *hit) for hit in re.findall(r"^  (\w+): .*\((A\d+) clock\)", text, re.M)}
    expected = {(k, verb, article, PARTIES[p] + POSTS[post]) for k, verb, article, p, post in STEPS}
    assert printed == expected
    assert clocks == {(kind, state, article) for kind, state, article, _, _ in USED}


#: what no law counts: a filter of a list of ours, an example of a component
OUR_COUNTS = {"5 个工作日内到期", "5 个工作日后到期", "剩 0 个工作日"}
COUNTED = re.compile(r"[^\"'\n]{0,3}[\d一二三四五六七八九十两]+ ?个?(?:工作日|个月)[^\"'\n]{0,3}")


def test_no_text_counts_a_limit_by_itself() -> None:
    """A limit is a dated row, and the city's to change: a page that says its number from memory
    goes on saying it from the day on which there is another."""
    counted = {}
    for path in sorted((ROOT / "src/huitong").rglob("*")):
        parts = set(path.relative_to(ROOT / "src/huitong").parts)
        if path.suffix not in (".html", ".toml", ".py", ".js", ".typ") or parts & {
            *("tests", "demo", "vendor", "migrations", "regulation.toml", "styleguide.html")
        }:
            continue
        hits = COUNTED.findall(path.read_text(encoding="utf-8"))
        if bad := [hit for hit in hits if "下一个工作日" not in hit and not counts_for_us(hit)]:
            counted[str(path.relative_to(ROOT))] = bad
    assert not counted, f"say 规定的时限, or read the row: {counted}"


def counts_for_us(hit: str) -> bool:
    return any(hit.strip("（）：，。 ") in words or words in hit for words in OUR_COUNTS)


def test_numbers_in_prose_are_the_laws() -> None:
    """What the glossary counts under an article, the law counts under it."""
    text = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    counted = set(re.findall(r"(\d+)(?: working days?| months?)? \((A\d+)\)", text))
    assert {article for _, article in counted} >= {"A21", "A22", "A23", "A26"}
    assert counted <= {(row["amount"], row["article"]) for row in ROWS}
