"""Runs from grant to row: scheduled, delivered, recorded, stopped (A13, A28, A30)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.utils import timezone
from tests.sharing import RISK, Sharing

from huitong.access import actions as access
from huitong.access import queries as access_queries
from huitong.kernel.ledger import Entry, writing
from huitong.kernel.procedure import AgainstRules, Malformed, NotVisible, NotYours
from huitong.planes.tables import actions, jobs, queries
from huitong.planes.tables.models import Run, Schedule
from huitong.planes.tables.reconcile import reconcile
from huitong.planes.tables.rules import RunState
from huitong.planes.tables.tests.town import Cutting
from huitong.work import queries as work

pytestmark = pytest.mark.django_db
ITEMS = ["登记编号", "男方姓名"]


def step(grant: Any) -> Run:
    """Reconcile, and carry out the run it queued."""
    reconcile()
    run = Run.objects.filter(schedule__grant=grant).latest("pk")
    jobs.deliver(run.pk)
    run.refresh_from_db()
    return run


def again(sharing: Sharing, grant: Any) -> Run:
    run = actions.run_now(sharing.cast.housing_operator, grant=grant.pk)
    jobs.deliver(run.pk)
    run.refresh_from_db()
    return run


def arrived(sharing: Sharing) -> list[Any]:
    with psycopg.connect(sharing.target_url) as target:
        return target.execute("SELECT * FROM marriage ORDER BY 1").fetchall()


def change(sharing: Sharing, statement: str, side: str = "source") -> None:
    with psycopg.connect(getattr(sharing, f"{side}_url"), autocommit=True) as database:
        database.execute(statement)


def test_a_grant_becomes_rows(sharing: Sharing, grant: Any) -> None:
    run = step(grant)
    assert (run.state, run.rows, run.inserted) == (RunState.DELIVERED, 32, 32), run.problem
    rows = arrived(sharing)
    assert len(rows) == 32
    with psycopg.connect(sharing.target_url) as target:
        names = [c.name for c in target.execute("SELECT * FROM marriage").description or ()]
    assert names == ["reg_no", "m_name", "m_id", "reg_date"]
    assert {r[1] for r in rows} <= {"王**", "李**", "张*", "欧***"} and {r[2] for r in rows} == {
        "110105********002X"
    }


def test_a_run_is_told_with_counts_and_checksums_of_both_sides(
    sharing: Sharing, grant: Any
) -> None:
    run = step(grant)
    entry = Entry.objects.get(verb="tables.finish")
    assert (
        entry.object_id == str(run.pk) and entry.article == "A30" and entry.actor["name"] == "平台"
    )
    assert (entry.after["rows"], entry.after["inserted"]) == (32, 32)
    assert entry.after["source_checksum"] == entry.after["target_checksum"] == run.source_checksum
    fact = access_queries.deliveries_of(grant).get()
    assert (fact.plane, fact.reference, fact.rows, fact.checksum) == (
        "tables",
        str(run.key),
        32,
        run.target_checksum,
    )
    assert fact.detail["receiver"] == "市住建局"
    assert [words for _, words in run.log][-1].startswith("送达 32 行")


def test_changes_and_deletions_arrive_with_the_next_run(sharing: Sharing, grant: Any) -> None:
    step(grant)
    change(
        sharing,
        "UPDATE marriage SET m_name = '赵敏' WHERE reg_no = 'A1';"
        " DELETE FROM marriage WHERE reg_no = 'A2';"
        "UPDATE marriage SET area = '320500' WHERE reg_no = 'A3';"
        " UPDATE marriage SET office = '崇川区' WHERE reg_no = 'A4'",
    )
    reconcile()
    assert Run.objects.count() == 1, "not due before its cycle"
    plan = Schedule.objects.get()
    assert timezone.now() < plan.next_at < timezone.now() + timedelta(days=12)
    reconcile(plan.next_at + timedelta(minutes=1))
    run = Run.objects.latest("pk")
    jobs.deliver(run.pk)
    run.refresh_from_db()
    assert (run.state, run.trigger, run.rows) == (RunState.DELIVERED, "cycle", 30)
    # the office of A4 is not granted; A3 left the filter
    assert (run.inserted, run.updated, run.deleted) == (0, 1, 2)
    rows = {r[0]: r for r in arrived(sharing)}
    assert rows["A1"][1] == "赵*" and not {"A2", "A3"} & set(rows)


def test_reconciling_any_number_of_times_makes_one_run(sharing: Sharing, grant: Any) -> None:
    for _ in range(3):
        reconcile()
    run = Run.objects.get()
    jobs.deliver(run.pk)
    jobs.deliver(run.pk)
    assert (
        Entry.objects.filter(verb="tables.start").count()
        == Entry.objects.filter(verb="tables.finish").count()
        == 1
    )


def test_the_platform_killed_after_the_commit_finds_its_run_done(
    sharing: Sharing, grant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine committed in the consumer's database, then we died before noting it."""
    reconcile()
    run = Run.objects.get()
    with monkeypatch.context() as dying:
        dying.setattr(
            actions, "finish", lambda *args, **more: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        with pytest.raises(KeyboardInterrupt):
            jobs.deliver(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.RUNNING and len(arrived(sharing)) == 32
    # what the second attempt would find, were it a second delivery
    change(sharing, "DELETE FROM marriage WHERE reg_no = 'A1'")
    assert [r.pk for r in queries.cut_off()] == [run.pk]
    reconcile()
    jobs.deliver(run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempts, run.rows, len(arrived(sharing))) == (
        RunState.DELIVERED,
        2,
        32,
        32,
    )
    assert access_queries.deliveries_of(grant).count() == 1


@pytest.fixture
def between(sharing: Sharing, settings: Any) -> Iterator[Cutting]:
    """The consumer's database behind a line that breaks at the first delivery."""
    change(sharing, "DROP TABLE IF EXISTS marriage, huitong_runs CASCADE", side="target")
    with Cutting(sharing.target["port"]) as between:
        settings.ALLOWED_NETWORKS = [*settings.ALLOWED_NETWORKS, f"127.0.0.1:{between.port}"]
        sharing.target = {**sharing.target, "port": between.port}
        yield between


@pytest.mark.parametrize("revoked", [False, True], ids=["goes on", "revoked meanwhile"])
@pytest.mark.usefixtures("between")
def test_a_delivery_whose_answer_was_lost_is_recorded_once(sharing: Sharing, revoked: bool) -> None:
    """The target committed and the line broke: the run stays open until the target has been
    asked, whatever became of the grant."""
    grant = sharing.granted(sharing.mount("marriage", "table"), items=ITEMS)
    run = step(grant)
    assert (run.state, run.problem, access_queries.deliveries_of(grant).count()) == (
        RunState.RUNNING,
        {},
        0,
    )
    assert "尚待向目标库核实" in run.log[-1][1] and len(arrived(sharing)) == 40
    if revoked:
        access.revoke(sharing.cast.civil_manager, sharing.case(grant), **RISK)
    run = step(grant)
    assert (run.state, run.attempts, run.rows, run.inserted) == (RunState.DELIVERED, 2, 40, 40), (
        run.problem
    )
    assert access_queries.deliveries_of(grant).get().status == RunState.DELIVERED
    with psycopg.connect(sharing.target_url) as target:
        assert target.execute("SELECT run_id FROM huitong_runs").fetchall() == [(str(run.key),)]


def test_a_run_in_doubt_waits_for_its_target_but_not_for_ever(
    between: Cutting, sharing: Sharing, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = sharing.granted(sharing.mount("marriage", "table"), items=ITEMS)
    assert step(grant).state == RunState.RUNNING
    between.close()
    assert step(grant).state == RunState.RUNNING, "nobody there to ask"
    monkeypatch.setattr(jobs, "PATIENCE", 3)
    run = step(grant)
    assert (run.state, run.attempts, run.problem["code"]) == (RunState.FAILED, 3, "refused")


@pytest.mark.parametrize("verb", ["revoke", "suspend", "give_back"])
def test_a_grant_that_ended_moves_nothing(sharing: Sharing, grant: Any, verb: str) -> None:
    step(grant)
    change(sharing, "DELETE FROM marriage WHERE reg_no = 'A1'")
    on_its_way = actions.run_now(sharing.cast.housing_operator, grant=grant.pk)
    who = sharing.cast.housing_operator if verb == "give_back" else sharing.cast.civil_manager
    getattr(access, verb)(
        who, sharing.case(grant), **({"reasons": "不再需要"} if verb == "give_back" else RISK)
    )
    jobs.deliver(on_its_way.pk)
    on_its_way.refresh_from_db()
    assert on_its_way.problem["code"] == "grant_ended" and len(arrived(sharing)) == 32
    reconcile()
    plan = Schedule.objects.get()
    assert plan.ended_at is not None and plan.next_at is None
    with pytest.raises(AgainstRules):
        actions.run_now(sharing.cast.housing_operator, grant=grant.pk)
    if verb == "suspend":
        access.resume(sharing.cast.civil_manager, sharing.case(grant), reasons="恢复")
        assert step(grant).state == RunState.DELIVERED and len(arrived(sharing)) == 31


def test_a_grant_revoked_while_rows_are_flowing_commits_nothing(
    sharing: Sharing, grant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reconcile()
    run, stages = Run.objects.get(), []
    advance = actions.advance

    def revoked_meanwhile(run: Run, stage: str, rows: int, bytes: int) -> None:
        advance(run, stage, rows, bytes)
        stages.append(stage)
        if stage == "applying":
            access.revoke(sharing.cast.civil_manager, sharing.case(grant), **RISK)

    monkeypatch.setattr(actions, "advance", revoked_meanwhile)
    jobs.deliver(run.pk)
    run.refresh_from_db()
    assert stages[-1] == "applying" and run.problem["code"] == "grant_ended"
    with psycopg.connect(sharing.target_url) as target:
        assert target.execute("SELECT to_regclass('public.marriage')").fetchone() == (None,)


def test_an_unreachable_target_is_named_and_then_succeeds(
    sharing: Sharing, grant: Any, settings: Any
) -> None:
    allowed = settings.ALLOWED_NETWORKS
    settings.ALLOWED_NETWORKS = []
    run = step(grant)
    plan = Schedule.objects.get()
    assert run.state == RunState.PAUSED and run.problem["code"] == "address_refused"
    assert run.problem["who"] and run.problem["remedy"] and plan.paused_at and plan.next_at is None
    assert [n.url for n in work.unread_of(sharing.cast.housing_operator)][:1] == [
        f"/exchange/runs/{run.pk}/"
    ]
    settings.ALLOWED_NETWORKS = allowed
    assert again(sharing, grant).state == RunState.DELIVERED
    plan.refresh_from_db()
    assert plan.paused_at is None and plan.failures == 0 and plan.next_at is not None


def test_what_may_pass_by_itself_is_tried_again(
    sharing: Sharing, grant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(sharing, "CREATE TABLE marriage (wait int)", side="target")
    with psycopg.connect(sharing.target_url) as holding:
        holding.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('public.marriage', 20200219))"
        )
        run = step(grant)
    assert (run.state, run.problem["code"]) == (RunState.FAILED, "already_running")
    plan = Schedule.objects.get()
    assert plan.failures == 1 and timezone.now() < plan.next_at < timezone.now() + timedelta(
        minutes=2
    )
    change(sharing, "DROP TABLE marriage", side="target")
    reconcile(plan.next_at)
    retry = Run.objects.latest("pk")
    jobs.deliver(retry.pk)
    retry.refresh_from_db()
    assert (retry.trigger, retry.state) == ("retry", RunState.DELIVERED)


def test_two_sides_that_disagree_publish_nothing(sharing: Sharing, grant: Any) -> None:
    step(grant)
    change(
        sharing,
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.m_name := '改';"
        " RETURN NEW; END $$;"
        "CREATE TRIGGER spoil BEFORE INSERT OR UPDATE ON marriage FOR EACH ROW"
        " EXECUTE FUNCTION spoil()",
        side="target",
    )
    change(sharing, "UPDATE marriage SET m_name = '赵敏' WHERE reg_no = 'A1'")
    before = arrived(sharing)
    run = again(sharing, grant)
    change(sharing, "DROP FUNCTION spoil CASCADE", side="target")
    assert (run.state, run.problem["code"]) == (RunState.PAUSED, "mismatch") and arrived(
        sharing
    ) == before


def test_without_its_key_no_table_is_granted(sharing: Sharing) -> None:
    """Should one be all the same, `no_key` stops its runs."""
    with pytest.raises(Malformed, match="主键"):
        sharing.granted(sharing.mount("marriage", "table"), items=["男方姓名", "登记日期"])


def test_without_a_granted_key_nothing_is_published(sharing: Sharing) -> None:
    change(sharing, "DROP TABLE IF EXISTS marriage, huitong_runs CASCADE", side="target")
    grant = sharing.granted(sharing.mount("marriage", "table"))
    with writing("test"):  # as grants were made before decisions asked for the key
        grant.scope |= {
            "items": ["男方姓名", "登记日期"],
            "masks": {"男方姓名": grant.scope["masks"]["男方姓名"]},
        }
        grant.save()
    run = step(grant)
    assert (run.state, run.problem["code"], run.problem["who"]) == (
        RunState.PAUSED,
        "no_key",
        "提供部门",
    )
    with psycopg.connect(sharing.target_url) as target:
        assert target.execute("SELECT to_regclass('public.marriage')").fetchone() == (None,)


def test_columns_of_the_consumer_are_left_alone(sharing: Sharing, grant: Any) -> None:
    step(grant)
    change(sharing, "ALTER TABLE marriage ADD COLUMN remark text DEFAULT '自用'", side="target")
    change(sharing, "UPDATE marriage SET m_name = '赵敏' WHERE reg_no = 'A1'")
    assert again(sharing, grant).state == RunState.DELIVERED
    assert {r[-1] for r in arrived(sharing)} == {"自用"}


def test_far_fewer_rows_wait_for_the_provider(sharing: Sharing, grant: Any) -> None:
    change(
        sharing,
        "INSERT INTO marriage SELECT 'B' || n, '王', NULL, '2020-01-01', '如东县', '320623'"
        " FROM generate_series(1, 200) n",
    )
    assert step(grant).rows == 232
    change(sharing, "DELETE FROM marriage WHERE reg_no LIKE 'B%'")
    run = again(sharing, grant)
    assert (run.state, run.problem["code"]) == (RunState.PAUSED, "rows_fell") and len(
        arrived(sharing)
    ) == 232
    with pytest.raises(NotYours):
        actions.run_now(sharing.cast.housing_operator, grant=grant.pk, confirm_fall=True)
    confirmed = actions.run_now(sharing.cast.civil_operator, grant=grant.pk, confirm_fall=True)
    jobs.deliver(confirmed.pk)
    confirmed.refresh_from_db()
    assert (confirmed.state, confirmed.deleted) == (RunState.DELIVERED, 200)


def test_two_grants_never_share_a_table(sharing: Sharing, grant: Any) -> None:
    step(grant)
    second = sharing.granted(sharing.mount("marriage", "table"), items=ITEMS)
    assert step(second).problem["code"] == "target_taken"
    assert Run.objects.filter(schedule__grant=grant).count() == 1


def test_the_parties_pause_and_resume(sharing: Sharing, grant: Any) -> None:
    cast = sharing.cast
    step(grant)
    actions.pause(cast.civil_operator, grant=grant.pk, reasons="源库检修")
    with pytest.raises(AgainstRules):
        actions.run_now(cast.housing_operator, grant=grant.pk)
    reconcile(timezone.now() + timedelta(days=30))
    assert Run.objects.count() == 1
    actions.resume(cast.housing_operator, grant=grant.pk)
    assert step(grant).state == RunState.DELIVERED
    for stranger, refusal in (
        (cast.stranger_operator, NotVisible),
        (cast.bureau_operator, NotYours),
        (cast.housing_manager, NotYours),
    ):
        for act in (actions.run_now, actions.pause, actions.resume):
            with pytest.raises(refusal):
                act(
                    stranger,
                    grant=grant.pk,
                    **({"reasons": "源库检修"} if act is actions.pause else {}),
                )
