"""Sealing on a real PostgreSQL: order, concurrency, restores, what is refused, what goes
outside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone

from huitong.audit import actions, jobs, queries
from huitong.audit.models import Checkpoint, Leaf, Node, Publication, Witnessed
from huitong.audit.rules.note import CheckpointText, Note, parse_notes
from huitong.audit.rules.signing import load_or_create
from huitong.audit.rules.tree import roots_by_consistency
from huitong.kernel import ledger
from huitong.kernel.actor import Actor
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible

pytestmark = pytest.mark.django_db(transaction=True)
ACTOR = Actor(person=7, name="钱经办人", body=3, body_name="市住建局")


def act(count: int = 1, verb: str = "demo.act") -> list[Entry]:
    with writing("test"):
        return [ledger.append(ACTOR, verb, "A28") for _ in range(count)]


def owner(*statements: str) -> None:
    """What the owner of the database can do: everything, once the triggers are off."""
    with connection.cursor() as cursor:
        for table in (
            "kernel_entry",
            "audit_leaf",
            "audit_node",
            "audit_checkpoint",
            "audit_publication",
        ):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)


@contextmanager
def undone() -> Iterator[None]:
    """Roll back what is done inside: several forgeries of one ledger."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def other_connection() -> psycopg.Connection:
    d = connection.settings_dict
    return psycopg.connect(
        host=d["HOST"], port=d["PORT"], user=d["USER"], password=d["PASSWORD"], dbname=d["NAME"]
    )


INSERT = (
    "INSERT INTO kernel_entry (at, actor, verb, article, law, kind, object_type, object_id, before,"
    " after, reasons, request_key, request_digest) VALUES (now(), '{}', 'late', 'A28', '', '', '',"
    " '', '{}', '{}', '', '', '') RETURNING seq"
)


def test_entries_become_leaves_without_gaps_and_every_one_can_be_proven() -> None:
    entries = act(5)
    assert actions.seal(batch=2).size == 5
    entries += act(4)
    head = actions.seal()
    assert list(Leaf.objects.order_by("number").values_list("number", "entry_id")) == list(
        enumerate(e.pk for e in entries)
    )
    assert Node.objects.count() == 4 + 2 + 1  # of nine leaves: four pairs, two fours, one eight
    for entry in Entry.objects.all():
        proof = queries.proof_of(entry)
        assert proof is not None and proof.checkpoint == head
        assert queries.proves(entry, proof)
    assert Note.parse(head.note).signers(queries.keys()) == [queries.signer().name]


def test_sealing_nothing_signs_nothing() -> None:
    assert actions.seal() is None
    act()
    assert actions.seal() is not None
    assert actions.seal() is None
    assert Entry.objects.count() == 1  # sealing leaves no entry behind


def test_an_entry_committed_late_is_sealed_after_those_that_came_before_it() -> None:
    """Its serial number is lower than others' already committed; its leaf comes when it comes,
    and nothing is lost."""
    with other_connection() as late:
        first = late.execute(INSERT).fetchone()[0]
        second = act()[0]
        assert first < second.pk
        # an older transaction is still running: nothing younger may be sealed yet
        assert actions.seal() is None
        late.commit()
        actions.seal()
    assert list(Leaf.objects.order_by("number").values_list("entry_id", flat=True)) == [
        first,
        second.pk,
    ]


def test_one_that_began_before_but_took_its_number_later_waits_for_nobody() -> None:
    with other_connection() as idle:
        idle.execute("SELECT 1")  # open, but has not written: holds nothing up
        act()
        assert actions.seal().size == 1
        late = idle.execute(INSERT).fetchone()[0]
        idle.commit()
    assert actions.seal().size == 2
    assert Leaf.objects.get(number=1).entry_id == late


def test_only_one_seals_at_a_time() -> None:
    act()
    with other_connection() as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [0x6875_7469])
        assert actions.seal() is None
        other.rollback()
    assert actions.seal().size == 1


def test_after_a_restore_into_a_fresh_cluster_sealing_goes_on() -> None:
    """Transaction numbers start again there: old entries carry numbers far above those of the
    new ones."""
    act(3)
    owner("UPDATE kernel_entry SET xid = xid + 1000000000")
    actions.seal()
    young = act(2)
    actions.seal()
    act()
    assert actions.seal().size == 6
    assert list(
        Leaf.objects.filter(number__gte=3, number__lt=5)
        .order_by("number")
        .values_list("entry_id", flat=True)
    ) == [e.pk for e in young]
    assert actions.inspect().faults == []


def test_consistency_between_checkpoints_is_proven() -> None:
    sizes = []
    for count in (3, 4, 6):
        act(count)
        sizes.append(actions.seal().size)
    old, _, new = sizes
    roots = {c.size: bytes(c.root) for c in Checkpoint.objects.all()}
    assert roots_by_consistency(
        queries.suite(), old, new, roots[old], queries.consistency(old, new)
    ) == (roots[old], roots[new])
    for wrong in ((0, 3), (3, 14), (5, 3)):
        with pytest.raises(AgainstRules):
            queries.consistency(*wrong)


def test_a_ledger_may_be_sealed_with_sm3_and_stays_with_it(settings) -> None:
    settings.LEDGER_SUITE = "sm3"
    act()
    assert CheckpointText.parse(Note.parse(actions.seal().note).text).suite == "sm3"
    settings.LEDGER_SUITE = "sha256"
    act()
    assert actions.seal().suite == "sm3"
    assert actions.inspect().faults == []


BROKEN = (
    "UPDATE audit_leaf SET hash = repeat('x', 32)::bytea WHERE number = 2",
    "DELETE FROM audit_leaf WHERE number = 2",
    "UPDATE audit_node SET hash = repeat('x', 32)::bytea WHERE level = 1",
    "DELETE FROM audit_checkpoint",
    "UPDATE audit_checkpoint SET root = repeat('x', 32)::bytea",
)


def test_nothing_is_signed_on_top_of_a_broken_tree() -> None:
    act(3)
    actions.seal()
    act()
    for forged in BROKEN:
        with undone():
            owner(forged)
            with pytest.raises(queries.LedgerBroken):
                actions.seal()
            jobs.seal(timestamp=0)  # goes on publishing, and says so
            assert queries.status().trouble, forged
    assert actions.seal().size == 4


def test_neither_the_runtime_role_nor_the_owner_simply_changes_what_is_sealed(
    runtime: psycopg.Connection,
) -> None:
    act(2)
    actions.seal()
    for statement in (
        "DELETE FROM audit_leaf",
        "UPDATE audit_node SET hash = ''",
        "TRUNCATE audit_checkpoint CASCADE",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            runtime.execute(statement)
        with (
            other_connection() as owner,
            pytest.raises(psycopg.errors.InsufficientPrivilege, match="insert-only"),
        ):
            owner.execute(statement)


def test_a_host_with_another_key_does_not_seal(settings) -> None:
    act()
    actions.seal()
    was, first = str(queries.signer().key), queries.signer()
    settings.LEDGER_KEY = settings.LEDGER_KEY.with_name("other.pem")
    queries.signer.cache_clear()
    try:
        act()
        with pytest.raises(queries.LedgerBroken, match="HUITONG_LEDGER_KEY"):
            actions.seal()
        settings.LEDGER_OLD_KEYS = [was]  # the key was changed on purpose
        queries.signer.cache_clear()
        assert actions.seal().size == 2
        assert queries.signer().name == first.name, "it is the same ledger"
        assert actions.inspect().faults == []
    finally:
        queries.signer.cache_clear()


def test_the_sealed_form_of_an_entry_never_changes() -> None:
    """If this fails, every entry sealed so far would look forged: give new columns to new
    entries only."""
    entry = Entry(
        seq=1,
        xid=2,
        at=datetime(2026, 11, 23, 3, 4, 5, 6, UTC),
        actor={"name": "王"},
        person=3,
        body=4,
        verb="a.b",
        article="A28",
        law="nantong-2020",
        kind="a",
        case=5,
        object_type="k.o",
        object_id="6",
        before={"x": None},
        after={"y": [1, True, "z"]},
        reasons="因",
        request_key="k",
        request_digest="d",
    )
    assert entry.canonical().decode() == (
        '{"actor":{"name":"王"},"after":{"y":[1,true,"z"]},"article":"A28",'
        '"at":"2026-11-23T03:04:05.000006+00:00","before":{"x":null},"body":4,"case":5,'
        '"kind":"a","law":"nantong-2020","object_id":"6","object_type":"k.o","person":3,'
        '"reasons":"因","request_digest":"d","request_key":"k","seq":1,"verb":"a.b","xid":2}'
    )


# -- outside ---------------------------------------------------------------------------------------


def test_checkpoints_are_appended_outside_and_a_place_that_fails_is_tried_again(
    settings, tmp_path: Path
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    settings.CHECKPOINT_DIRS = [tmp_path / "share", blocked]
    act()
    jobs.seal(timestamp=0)
    jobs.seal(timestamp=0)
    act()
    jobs.seal(timestamp=0)
    notes = list(parse_notes(next((tmp_path / "share").iterdir()).read_text()))
    assert [CheckpointText.parse(note.text).size for note in notes] == [1, 2]
    share, failing = queries.status().targets
    assert (share.size, share.trouble, failing.size) == (2, "", None)
    assert "blocked" in failing.trouble
    assert Publication.objects.filter(done=False).count() == 1  # said once, not every ten seconds
    blocked.unlink()
    actions.publish()
    assert queries.status().targets[1].size == 2
    assert queries.sizes_outside(2) == [1, 2]


def test_a_checkpoint_goes_to_a_peer_which_keeps_it(settings, live_server) -> None:
    """The peer here is another process of the same platform: it knows our key, so it keeps our
    checkpoint."""
    url = live_server.url.replace("localhost", "127.0.0.1") + "/checkpoint"
    settings.CHECKPOINT_PEERS, settings.ALLOWED_NETWORKS = (
        [url],
        [f"127.0.0.1:{live_server.thread.port}"],
    )
    act()
    actions.seal()
    assert [p.done for p in actions.publish()] == [False]
    assert "404" in queries.status().targets[0].trouble  # it does not know us
    settings.WITNESSED_KEYS = [str(queries.signer().key)]
    assert [p.done for p in actions.publish()] == [True]
    assert (queries.status().targets[0].size, Witnessed.objects.get().note) == (
        1,
        queries.latest().note,
    )


def test_a_peer_that_cannot_be_reached_is_named(settings) -> None:
    settings.CHECKPOINT_PEERS = ["http://127.0.0.1:9/checkpoint"]
    act()
    actions.seal()
    assert [p.done for p in actions.publish()] == [False]
    assert "不允许连接" in queries.status().targets[0].trouble


def test_the_checkpoints_of_peers_are_kept_and_a_fork_is_told(settings, tmp_path: Path) -> None:
    peer = load_or_create(tmp_path / "peer.pem", "rudong.example/ledger")
    settings.WITNESSED_KEYS = [str(peer.key)]
    notes = [str(peer.sign(str(CheckpointText(peer.name, 4, bytes([n]) * 32)))) for n in (1, 2)]
    assert actions.witness(notes[0]) == actions.witness(notes[0])
    with pytest.raises(AgainstRules, match="分叉"):
        actions.witness(notes[1])
    assert Witnessed.objects.count() == 2
    assert [(p.origin, p.size, p.forked) for p in queries.peers()] == [(peer.name, 4, True)]
    with pytest.raises(Malformed):
        actions.witness(notes[0].replace("\n4\n", "\n5\n"))
    with pytest.raises(Malformed):
        actions.witness("no checkpoint")
    unknown = load_or_create(tmp_path / "unknown.pem")
    with pytest.raises(NotVisible):
        actions.witness(str(unknown.sign(str(CheckpointText(unknown.name, 4, bytes(32))))))


def test_status_says_how_far_sealing_has_come() -> None:
    act(2)
    actions.seal()
    act()
    status = queries.status()
    assert (status.sealed, status.unsealed, status.checkpoint.size) == (2, 1, 2)
    assert 0 <= status.lag_seconds < 60
    assert status.oldest_unsealed <= timezone.now()
