"""Many people act at once while the ledger is being sealed; then the owner of the database tries to
rewrite it.

First: no illegal state, no lost entry, every seal verifies, also for transactions that commit long
after they began. Second: whatever the owner changes, with triggers off and every seal made anew
with the true key, is found from one checkpoint that left the machine before.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huitong.audit import actions, queries
from huitong.audit.models import Checkpoint, Leaf
from huitong.audit.rules.note import Note
from huitong.audit.rules.offline import Zip, verify
from huitong.audit.rules.tree import roots_by_consistency
from huitong.kernel import doing
from huitong.kernel.actor import BUREAU, CONSUMER, PROVIDER, Actor, Post
from huitong.kernel.case import Case
from huitong.kernel.ledger import Entry
from huitong.kernel.procedure import End, Problem, Procedure, State, opens, state
from huitong.kernel.procedure import step as row

pytestmark = pytest.mark.django_db(transaction=True)
BUREAU_BODY, CONSUMER_BODY, PROVIDER_BODY = 1, 2, 3


class S(State):
    DRAFT = state("draft", "草稿", private=True, editable=True)
    WAITING = state("waiting", "待受理")
    DECIDING = state("deciding", "待审核")
    GRANTED = state("granted", "已同意", end=End.GRANTED)
    REFUSED = state("refused", "不同意", end=End.REFUSED)
    ENDED = state("ended", "已撤回", end=End.WITHDRAWN, private=True)


FIRE = Procedure(
    "fire",
    "火线",
    "nantong-2020",
    date(2020, 2, 19),
    (
        opens("draft", "A20", CONSUMER(Post.OPERATOR), S.DRAFT),
        row("submit", "A20", CONSUMER(Post.MANAGER), {S.DRAFT}, S.WAITING),
        row(
            "send_back",
            "A21",
            BUREAU(Post.OPERATOR),
            {S.WAITING},
            S.DRAFT,
            reasons=True,
            reopens="paper",
            optional=True,
        ),
        row("accept", "A21", BUREAU(Post.OPERATOR), {S.WAITING}, S.DECIDING),
        row("grant", "A22", PROVIDER(Post.MANAGER), {S.DECIDING}, S.GRANTED),
        row("refuse", "A22", PROVIDER(Post.MANAGER), {S.DECIDING}, S.REFUSED, reasons=True),
        row(
            "withdraw",
            "A20",
            CONSUMER(Post.OPERATOR),
            {S.DRAFT, S.WAITING, S.DECIDING},
            S.ENDED,
            optional=True,
        ),
    ),
    prefix="F",
)


def register() -> None:
    """Every verb of the table, each doing no more than its row says."""
    for verb in FIRE.verbs:
        if verb == "draft":

            def act(actor: Actor, case: Case) -> None:
                case.between(consumer=actor.body, provider=PROVIDER_BODY)

        elif verb in ("send_back", "refuse"):

            def act(actor: Actor, case: Case, *, reasons: str = "") -> None: ...

        else:

            def act(actor: Actor, case: Case) -> None: ...

        act.__name__ = verb
        doing.step(FIRE)(act)


PEOPLE = {
    "draft": Actor(11, "经办", CONSUMER_BODY, "使用部门", frozenset({Post.OPERATOR}), BUREAU_BODY),
    "submit": Actor(12, "负责", CONSUMER_BODY, "使用部门", frozenset({Post.MANAGER}), BUREAU_BODY),
    "accept": Actor(13, "受理", BUREAU_BODY, "大数据局", frozenset({Post.OPERATOR}), BUREAU_BODY),
    "grant": Actor(14, "审批", PROVIDER_BODY, "提供部门", frozenset({Post.MANAGER}), BUREAU_BODY),
}
WHO = PEOPLE | {
    "send_back": PEOPLE["accept"],
    "refuse": PEOPLE["grant"],
    "withdraw": PEOPLE["draft"],
}
AUDITOR = Actor(15, "审计", BUREAU_BODY, "大数据局", frozenset({Post.AUDIT_ADMIN}), BUREAU_BODY)


@dataclass(frozen=True)
class Deed:
    """One attempt: on which case, what, how long the transaction stays open before it ends, and
    whether it is undone."""

    case: int
    verb: str
    linger: float
    undone: bool


DEEDS = st.builds(
    Deed,
    st.integers(0, 2),
    st.sampled_from(sorted(set(WHO) - {"draft"})),
    st.sampled_from([0, 0, 0, 0.01, 0.08]),
    st.sampled_from([False] * 5 + [True]),
)


@pytest.fixture(autouse=True)
def fire(live_db: Any) -> Iterator[None]:
    """The toy procedure, known for the length of a test."""
    copies = [(registry, dict(registry)) for registry in (doing.VERBS, doing.PROCEDURES)]
    register()
    yield
    for registry, was in copies:
        registry.clear()
        registry.update(was)  # type: ignore[arg-type]


@pytest.fixture
def as_runtime(live_db: Any) -> None:
    """Django connected as the product is: by the role that may not change the ledger."""
    parts = urlsplit(live_db.url)
    connections.close_all()
    connections["default"].settings_dict.update(USER=parts.username, PASSWORD=parts.password)


# -- under fire ------------------------------------------------------------------------------------


class Undone(Exception):
    pass


def attempt(deed: Deed, cases: list[int]) -> int | None:
    """The entry this attempt left in the ledger; None when it was refused or undone."""
    given = {"reasons": "理由"} if deed.verb in ("send_back", "refuse") else {}
    try:
        with transaction.atomic():
            entry = doing.perform(
                WHO[deed.verb], f"fire.{deed.verb}", given, case=cases[deed.case]
            ).entry
            time.sleep(deed.linger)
            if deed.undone:
                raise Undone
    except (Problem, Undone):
        return None
    return entry.pk


def worker(deeds: list[Deed], cases: list[int]) -> list[int]:
    try:
        return [entry for deed in deeds if (entry := attempt(deed, cases)) is not None]
    finally:
        connections.close_all()


def sealer(stop: threading.Event) -> None:
    try:
        while not stop.is_set():
            actions.seal(batch=3)
            time.sleep(0.005)
    finally:
        connections.close_all()


def test_nothing_illegal_nothing_lost_and_every_seal_verifies(as_runtime: None) -> None:
    outcomes: list[int] = []

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.lists(DEEDS, min_size=4, max_size=10), min_size=6, max_size=8))
    def storm(plan: list[list[Deed]]) -> None:
        opened = [doing.perform(WHO["draft"], "fire.draft", {}) for _ in range(3)]
        cases = [done.case.pk for done in opened if done.case]
        stop = threading.Event()
        with ThreadPoolExecutor(len(plan) + 2) as pool:
            sealers = [pool.submit(sealer, stop) for _ in range(2)]
            workers = [pool.submit(worker, deeds, cases) for deeds in plan]
            outcomes.extend(
                [done.entry.pk for done in opened]
                + [entry for w in workers for entry in w.result()]
            )
            stop.set()
            for running in sealers:
                running.result()
        # none lost, none left by what was refused or undone
        assert set(Entry.objects.values_list("pk", flat=True)) == set(outcomes)
        for case in cases:
            legal(case)

    storm()
    actions.seal()
    assert sorted(Leaf.objects.values_list("entry", flat=True)) == sorted(outcomes)
    assert list(Leaf.objects.order_by("number").values_list("number", flat=True)) == list(
        range(len(outcomes))
    )
    assert actions.inspect().faults == []
    grown()


def legal(case: int) -> None:
    """The ledger tells one unbroken story, every step of which stands in the table, and it ends
    where the case now is."""
    state = ""
    for entry in Entry.objects.filter(case=case).order_by("seq"):
        verb = entry.verb.removeprefix("fire.")
        assert entry.before["state"] == state
        assert any(state in r.origin or (r.opening and not state) for r in FIRE.rows(verb))
        state = entry.after["state"]
        assert state in {s.value for r in FIRE.rows(verb) for s in r.targets}
    assert Case.objects.get(pk=case).state == state


def grown() -> None:
    """Every checkpoint is of one ledger that only grew."""
    heads = list(Checkpoint.objects.order_by("size"))
    assert len(heads) > 6
    for old, new in pairwise(heads):
        roots = bytes(old.root), bytes(new.root)
        assert (
            roots_by_consistency(
                queries.suite(),
                old.size,
                new.size,
                roots[0],
                queries.consistency(old.size, new.size),
            )
            == roots
        )
        assert Note.parse(new.note).signers(queries.keys())


# -- the owner of the database ---------------------------------------------------------------------

OFF = ("kernel_entry", "audit_leaf", "audit_node", "audit_checkpoint")
FORGERIES: dict[str, str] = {
    "reasons": "UPDATE kernel_entry SET reasons = '改过' WHERE seq = {a}",
    "actor": 'UPDATE kernel_entry SET actor = actor || \'{{"name": "别人"}}\' WHERE seq = {a}',
    "body": "UPDATE kernel_entry SET body = 99 WHERE seq = {a}",
    "time": "UPDATE kernel_entry SET at = at - interval '1 day' WHERE seq = {a}",
    "after": "UPDATE kernel_entry SET after = '{{}}' WHERE seq = {a}",
    "delete": "DELETE FROM kernel_entry WHERE seq = {a}",
    "cut tail": "DELETE FROM kernel_entry WHERE seq >= {a}",
    "swap": (
        "UPDATE kernel_entry e SET (xid, at, verb, before, after) = (SELECT o.xid, o.at, o.verb,"
        " o.before, o.after FROM kernel_entry o WHERE o.seq = {a} + {b} - e.seq)"
        " WHERE e.seq IN ({a}, {b})"
    ),
    "renumber": "UPDATE kernel_entry SET seq = seq + 100000 WHERE seq = {a}",
    "insert": (
        "INSERT INTO kernel_entry SELECT (jsonb_populate_record(e, '{{\"seq\": 90000}}')).* FROM"
        " kernel_entry e WHERE seq = {a}"
    ),
}


def test_whatever_the_owner_rewrites_is_found_from_a_checkpoint_that_left() -> None:
    for _ in range(4):
        case = doing.perform(WHO["draft"], "fire.draft", {}).case
        for verb in ("submit", "accept", "grant"):
            doing.perform(WHO[verb], f"fire.{verb}", {}, case=case.pk)
        actions.seal()
    trusted = Note.parse(queries.latest().note)
    seqs = list(Entry.objects.order_by("seq").values_list("seq", flat=True))

    def detects(*statements: str) -> bool:
        """Whether the platform itself, or the export checked outside, shows it. All is undone
        afterwards."""
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    for statement in statements:
                        cursor.execute(statement)
                inspected = actions.inspect()
                package = actions.export(AUDITOR, reasons="核验")
                path = queries.package_file(AUDITOR, package.pk)[1]
                report = verify(Zip(path), [trusted], queries.keys())
                path.unlink()
                transaction.set_rollback(True)
                return bool(inspected.faults) or not report.ok
        except queries.LedgerBroken:
            return True

    assert not detects("SELECT 1")  # an honest ledger passes

    @settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.sampled_from(sorted(FORGERIES)),
        st.integers(0, len(seqs) - 1),
        st.integers(1, len(seqs) - 1),
        st.booleans(),
    )
    def rewrite(name: str, at: int, other: int, sealed_anew: bool) -> None:
        # put in before the last one: what comes after it is a new entry like any other
        if name == "insert":
            at = min(at, len(seqs) - 2)
        a, b = seqs[at], seqs[(at + other) % len(seqs)]
        off = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in OFF]
        drop = [
            f"ALTER TABLE {table} DROP CONSTRAINT {foreign_key(table)}"
            for table in ("audit_leaf", "audit_publication")
        ]
        anew = ["TRUNCATE audit_leaf, audit_node, audit_checkpoint"] if sealed_anew else []
        assert detects(*off, *drop, FORGERIES[name].format(a=a, b=b), *anew), (name, sealed_anew)

    rewrite()


def foreign_key(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'",
            [table],
        )
        return str(cursor.fetchone()[0])
