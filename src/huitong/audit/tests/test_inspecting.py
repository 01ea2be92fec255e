"""Reading the ledger again: what the owner of the database did, what its runtime role could add,
what lies outside."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from tests.cast import Cast

from huitong.audit import actions, jobs, queries
from huitong.audit.models import Inspection
from huitong.audit.tests.test_sealing import INSERT, act, owner, undone
from huitong.kernel.ledger import Entry

pytestmark = pytest.mark.django_db(transaction=True)

REDO_LEAF = (
    "UPDATE audit_leaf SET hash = sha256('\\x00'::bytea || convert_to('{}', 'UTF8'))"
    " WHERE number = 2"
)


FORGED = (
    (
        [
            "UPDATE kernel_entry SET reasons = '改过' WHERE seq = (SELECT entry_id FROM audit_leaf"
            " WHERE number = 2)"
        ],
        "changed",
    ),
    (
        [
            "UPDATE kernel_entry SET person = 1 WHERE seq = (SELECT entry_id FROM audit_leaf"
            " WHERE number = 2)"
        ],
        "changed",
    ),
    ([REDO_LEAF], "root"),
    (["DELETE FROM audit_leaf WHERE number = 2"], "removed"),
    (["DELETE FROM audit_leaf WHERE number = 4"], "tail"),
    (["UPDATE audit_checkpoint SET note = replace(note, '5', '6')"], "signature"),
)


def test_an_inspection_finds_what_the_owner_did() -> None:
    act(5)
    actions.seal()
    for forged, kind in FORGED:
        with undone():
            owner(*forged)
            assert kind in {fault["kind"] for fault in actions.inspect().faults}, forged
    assert actions.inspect().faults == []
    assert Inspection.objects.count() == 1


def test_an_inspection_finds_an_entry_slipped_in() -> None:
    act(2)
    actions.seal()
    act(3)
    actions.seal()
    owner(INSERT.replace("(at,", "(xid, at,").replace("VALUES (", "VALUES (1, "))
    assert [fault["kind"] for fault in actions.inspect().faults] == ["inserted"]


def test_an_inspection_finds_a_cut_tail_from_the_folder_outside(settings, tmp_path: Path) -> None:
    settings.CHECKPOINT_DIRS = [tmp_path]
    act(2)
    actions.seal()
    act(3)
    actions.seal()
    actions.publish()
    assert (actions.inspect().compared, actions.inspect().faults) == (1, [])
    owner(
        "DELETE FROM audit_publication",
        "DELETE FROM audit_checkpoint WHERE size = 5",
        "DELETE FROM audit_leaf WHERE number >= 2",
        "DELETE FROM audit_node WHERE index > 0 OR level > 1",
        "DELETE FROM kernel_entry WHERE seq NOT IN (SELECT entry_id FROM audit_leaf)",
    )
    assert [fault["kind"] for fault in actions.inspect().faults] == ["tail"]


def test_an_inspection_is_not_misled_by_what_is_sealed_while_it_reads(
    settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sealer goes on meanwhile: a checkpoint younger than the one the reading began with
    proves no cut tail."""
    settings.CHECKPOINT_DIRS = [tmp_path]
    act(2)
    jobs.seal(timestamp=0)
    for name in ("latest", "outside_notes"):
        query, waiting = getattr(queries, name), [True]

        def meanwhile(query=query, waiting=waiting):
            before = query() if query.__name__ == "latest" else None
            if waiting.pop() if waiting else False:
                act()
                jobs.seal(timestamp=0)
            return before or query()

        with monkeypatch.context() as patched:
            patched.setattr(queries, name, meanwhile)
            assert actions.inspect().faults == []
    assert actions.inspect().size == 4


def test_a_damaged_file_outside_is_a_fault_and_the_others_are_compared(
    settings, tmp_path: Path
) -> None:
    settings.CHECKPOINT_DIRS = [tmp_path]
    act(2)
    jobs.seal(timestamp=0)
    whole = next(tmp_path.iterdir())
    (tmp_path / "a.checkpoints").write_text(whole.read_text()[:-20])
    (tmp_path / "b.checkpoints").write_bytes(b"\xff\xfe")
    (tmp_path / "c.checkpoints").mkdir()
    inspection = actions.inspect()
    assert inspection.compared == 1
    assert [(f["kind"], Path(f["file"]).name) for f in inspection.faults] == [
        ("unreadable", f"{n}.checkpoints") for n in "abc"
    ]


# -- somebody with the password of the role the product runs as ------------------------------------

ADDED = (
    "INSERT INTO kernel_entry ({more}at, actor, verb, article, law, kind, object_type, object_id,"
    " before, after, reasons, request_key, request_digest) VALUES ({said}now(), '{{}}', 'false',"
    " 'A28', '', '', '', '', '{{}}', '{{}}', '', '', '')"
)


def test_the_runtime_role_cannot_slip_an_entry_in_between(runtime: psycopg.Connection) -> None:
    act(3)
    first = Entry.objects.order_by("seq").first()
    runtime.execute("SELECT nextval('kernel_entry_seq_seq')")  # a number left free
    for more, values in (
        ("xid, ", "1, "),
        ("xid, ", f"{2**62}, "),
        ("seq, ", f"{first.pk - 1}, "),
        ("seq, ", "1000000, "),
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="given its numbers"):
            runtime.execute(ADDED.format(more=more, said=values))
    runtime.execute("CREATE TEMP TABLE kernel_entry (seq bigserial)")
    runtime.execute(
        "SELECT setval('pg_temp.kernel_entry_seq_seq', 999999),"
        " nextval('pg_temp.kernel_entry_seq_seq')"
    )
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="given its numbers"):
        runtime.execute(
            ADDED.format(more="seq, ", said="1000000, ").replace("INTO ", "INTO public.")
        )
    runtime.execute("DROP TABLE pg_temp.kernel_entry")
    # a false entry can be added, at the end, as the product itself adds
    runtime.execute(ADDED.format(more="", said=""))
    assert Entry.objects.latest("seq").verb == "false" and actions.seal().size == 4


INSERTED = (
    (
        (
            "INSERT INTO audit_checkpoint (size, root, at, suite, key, note) VALUES (2, '', now(),"
            " 'sha256', 'k', 'n')"
        ),
        "signature",
    ),
    (
        (
            "INSERT INTO audit_checkpoint (size, root, at, suite, key, note) VALUES (1000000000000,"
            " '', now(), 'md5', 'k', 'n')"
        ),
        "signature",
    ),
    (
        (
            "INSERT INTO audit_leaf (number, entry_id, hash) SELECT 1000000000000, max(seq), ''"
            " FROM kernel_entry"
        ),
        "inserted",
    ),
)


@pytest.mark.parametrize(("forged", "kind"), INSERTED, ids=[sql[:28] for sql, _ in INSERTED])
def test_what_the_runtime_role_adds_to_the_seal_is_told_and_breaks_no_page(
    forged: str, kind: str, cast: Cast, runtime: psycopg.Connection
) -> None:
    act(4)
    actions.seal()
    entry = act()[0] if "audit_leaf" in forged else Entry.objects.latest("seq")
    runtime.execute(forged)
    assert kind in {fault["kind"] for fault in actions.inspect().faults}
    page = cast.client("audit_admin")
    for url in ("/audit/", f"/audit/{entry.pk}/"):
        assert page.get(url).status_code == 200
    assert "核验发现" in page.get("/audit/status/").content.decode()
    assert page.get("/checkpoint/consistency", {"old": 1, "size": 4}).status_code in (200, 503)
