"""Every procedure of the product, cell by cell: whatever a table does not allow is refused
(A17)."""

from __future__ import annotations

import ast
from itertools import product
from pathlib import Path

import pytest

from huitong.kernel import doing
from huitong.kernel.actor import PARTIES, SYSTEM, Post, Seat
from huitong.kernel.laws import LAWS
from huitong.kernel.procedure import (
    AgainstRules,
    End,
    InCase,
    Malformed,
    NotYours,
    Problem,
    State,
    Tone,
)

doing.load()
ROOT = Path(__file__).parents[2]

TABLES = [
    table
    for laws in doing.PROCEDURES.values()
    for table in laws.values()
    if table.kind not in ("probe",)
]
SEATS = [Seat(party, post) for party in PARTIES for post in Post]
NAMES = [f"{t.kind}-{t.law}" for t in TABLES]
VALUES = {"reasons": "理由", "ground": "other", "scan": 1}


def facts_of(table):
    """Every combination of the facts on which rows of the table count."""
    named = {}
    for row in table.steps:
        if row.only:
            named.setdefault(row.only[0], {"something else"}).add(row.only[1])
    return [dict(zip(named, values, strict=True)) for values in product(*named.values())]


@pytest.mark.parametrize("table", TABLES, ids=NAMES)
def test_every_cell_is_allowed_exactly_when_the_table_says(table):
    demanded = dict.fromkeys((d for row in table.steps for d in row.demands), "given") | VALUES
    for facts in facts_of(table):
        allowed = {
            (row.verb, state, row.who)
            for row in table.steps
            if row.fits(facts)
            for state in row.origin or {None}
        }
        for verb, state, seat in product(table.verbs, [None, *table.states], SEATS):
            if (verb, state, seat) in allowed:
                assert table.check(verb, state, {seat}, demanded | facts).fits(facts)
            else:
                with pytest.raises((NotYours, AgainstRules)):
                    table.check(verb, state, {seat}, demanded | facts)


@pytest.mark.parametrize("table", TABLES, ids=NAMES)
def test_every_state_is_reached_and_has_a_name(table):
    reached = {s for row in table.steps if row.opening for s in row.targets}
    for _ in table.states:
        reached |= {s for row in table.steps if row.origin & reached for s in row.targets}
    assert reached == table.states
    assert all(s.label != s.value for s in table.states), "a state is called by its Chinese word"
    assert all(row.label != row.verb for row in table.steps), "a step is called by its Chinese word"


@pytest.mark.parametrize("table", TABLES, ids=NAMES)
def test_every_state_answers_every_question(table):
    """Pages and lists ask the table, never a list of states of their own."""
    for state in table.states:
        assert isinstance(state, State), f"{state!r}: states are members of kernel.procedure.State"
        assert state.tone in Tone and state.private in (True, False)
        assert state.editable in (True, False) and state.stage >= 0
        assert (state.end is None) == bool(table.duties(state)), f"{state}: a duty or an end"
        assert state.closes == (state.end is not None and state.end is not End.RUNNING_ON)


@pytest.mark.parametrize("table", TABLES, ids=NAMES)
def test_what_is_reopened_forgets_and_what_is_private_stays_so(table):
    for row in table.steps:
        back = any(s.editable for s in row.targets) and not any(s.editable for s in row.origin)
        assert row.opening or not back or row.reopens, (
            f"{table.kind}.{row.verb}: say what it reopens"
        )
    beginners = {row.who.party for row in table.steps if row.opening} | {"system"}
    for state in (state for state in table.states if state.private):
        assert {row.who.party for row in table.steps if state in row.origin} <= beginners


def test_nobody_keeps_a_list_of_states_of_their_own():
    """A literal list, set or dict of two states or more outside a table of rules is one."""
    literals = []
    for path in sorted((ROOT / "src").rglob("*.py")):
        parts = path.relative_to(ROOT / "src" / "huitong").parts
        if "tests" in parts or "rules" in parts or "rules.py" in parts or "demo" in parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.List | ast.Set | ast.Tuple | ast.Dict):
                members = node.keys if isinstance(node, ast.Dict) else node.elts
                states = [m for m in members if _is_state(m)]
                if len(states) > 1:
                    literals.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not literals, f"ask the properties of the states instead: {literals}"


def _is_state(node):
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in ("S", "G", "EntryState", "State")
        and node.attr.isupper()
    )


@pytest.mark.parametrize("table", TABLES, ids=NAMES)
def test_demands_are_refused_by_name(table):
    for row in table.steps:
        for demand in row.demands:
            others = dict.fromkeys(row.demands - {demand}, "given") | dict(
                [row.only] if row.only else []
            )
            with pytest.raises(Malformed) as wrong:
                table.check(row.verb, next(iter(row.origin), None), {row.who}, others)
            assert demand in wrong.value.fields and wrong.value.article == row.article


def weight_of(table, row):
    """Why a person should confirm this step before it is done: it ends the matter, or hands it to
    another body; empty where neither is so, and for what the platform does."""
    if row.who.party == SYSTEM.name:
        return ""
    if any(target.end is not None for target in row.targets):
        return "it ends the matter"
    duties = [seat for target in row.targets for seat in table.duties(target)]
    if any(seat.party not in (row.who.party, SYSTEM.name) for seat in duties):
        return "it hands the matter to another body"
    return ""


@pytest.mark.parametrize("table", TABLES, ids=NAMES)
def test_weighty_steps_are_confirmed_unless_the_table_says_why_not(table):
    """What ends a matter or hands it to another body is confirmed with a summary; nothing says
    why it is not without need."""
    for row in table.steps:
        weight = weight_of(table, row)
        name = f"{table.kind}.{row.verb} ({row.who.label})"
        assert row.confirmed or row.at_once or not weight, f"{name}: {weight}; say final=True"
        assert not row.at_once or (weight and not row.confirmed), f"{name}: at_once without need"


@pytest.mark.parametrize("table", TABLES, ids=NAMES)
def test_every_verb_of_a_table_can_be_done(table):
    missing = [verb for verb in table.verbs if f"{table.kind}.{verb}" not in doing.VERBS]
    assert not missing, f"{table.kind}: write {missing} in actions.py under @step"


@pytest.mark.django_db
@pytest.mark.parametrize("table", TABLES, ids=NAMES)
def test_every_clock_finds_its_dated_limit(table):
    from huitong.kernel.workdays import limit_row

    for rule in table.clocks:
        for ref in filter(None, (rule.limit, rule.extension)):
            if not isinstance(ref, InCase):
                assert limit_row(ref, max(table.in_force, LAWS[ref.law].in_force)).amount > 0


@pytest.mark.parametrize(
    "verb",
    sorted(
        (v for v in doing.VERBS.values() if not v.name.startswith(("test_", "probe."))),
        key=lambda v: v.name,
    ),
    ids=lambda v: v.name,
)
def test_every_verb_reads_well_in_all_doors(verb):
    assert any("一" <= c <= "鿿" for c in verb.label), f"{verb.name}: give it a Chinese label"
    assert verb.is_step or verb.who or verb.anyone, f"{verb.name}: deny by default: name who may"
    for name, field in verb.given.model_fields.items():
        assert field.title or name in ("reasons",), (
            f"{verb.name}: {name} needs Annotated[…, Field(title=…)]"
        )


def test_problems_carry_their_status():
    assert {
        p.__name__: p.status
        for p in Problem.__subclasses__()
        if p.__module__.startswith("huitong.kernel")
    } == {"NotVisible": 404, "NotYours": 403, "AgainstRules": 409, "Malformed": 422}
