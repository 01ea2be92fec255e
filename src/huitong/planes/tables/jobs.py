"""What the worker does for the table plane: keep the schedules in step, and carry out runs."""

from __future__ import annotations

import logging

from huitong.access import queries as access
from huitong.catalog import queries as catalog
from huitong.kernel import jobs, vault
from huitong.kernel.actor import Actor
from huitong.planes.tables import actions, queries
from huitong.planes.tables.compile import compile, holder
from huitong.planes.tables.engine import Delivery, DeliveryProblem, Progress, Undecided, outcome
from huitong.planes.tables.engine import run as move
from huitong.planes.tables.models import Run
from huitong.planes.tables.reconcile import reconcile as bring_in_step
from huitong.planes.tables.rules import PATIENCE, own_problem, problem_words
from huitong.scope import ScopeError

log = logging.getLogger(__name__)


class Stopped(Exception):
    """The plane itself does not go on; the argument is a key of `rules.OWN_PROBLEMS`."""


@jobs.periodic(cron="* * * * * */10")
@jobs.task("tables.reconcile", queue="tables", queueing_lock="tables.reconcile")
def reconcile(timestamp: int = 0) -> None:
    """Every ten seconds, and after every change of a grant."""
    bring_in_step()


@jobs.task("tables.deliver", queue="tables")
def deliver(run: int) -> None:
    """Carry out one run. May be called any number of times for the same run, also after `kill
    -9`: it happens once in effect."""
    with queries.alone(run) as mine:
        found = Run.objects.select_related("schedule").filter(pk=run).first()
        if mine and found is not None and found.active:
            _carry_out(queries.platform(), found)


def _carry_out(system: Actor, run: Run) -> None:
    run = actions.start(system, run=run.pk)
    try:
        delivery = _moved(system, run)
    except DeliveryProblem as problem:
        if run.attempts < PATIENCE and _in_doubt(run, problem):
            actions.doubt(run, problem_words(problem.as_body()))
        else:
            actions.fail(system, run=run.pk, problem=problem.as_body())
    except Stopped as stopped:
        actions.fail(system, run=run.pk, problem=own_problem(str(stopped)))
    except vault.Unreadable:
        actions.fail(system, run=run.pk, problem=own_problem("no_address"))
    except ScopeError as wrong:
        actions.fail(
            system, run=run.pk, problem=DeliveryProblem("scope_unusable", "", str(wrong)).as_body()
        )
    # the platform's own: the job is run again, and asks the target what became of this attempt
    except jobs.DATABASE_GONE:
        raise
    except Exception as wrong:
        log.exception("table run %s failed", run.pk)
        actions.fail(system, run=run.pk, problem=own_problem("unexpected", type(wrong).__name__))
    else:
        actions.finish(system, run=run.pk, delivery=delivery.to_json())


def _in_doubt(run: Run, problem: DeliveryProblem) -> bool:
    """May this run have happened although it failed? Then it stays open, and the target is asked
    under the same key."""
    return isinstance(problem, Undecided) or (
        run.attempts > 1 and problem.side == "target" and not problem.paused
    )


def _done_before(run: Run) -> Delivery | None:
    """What an attempt that was cut off had done, also when the grant has ended since: what was
    delivered is recorded."""
    target = run.schedule.grant.target
    return (
        outcome(
            str(run.key),
            target.schema or "public",
            catalog.address_of(target),
            guard=catalog.guard(),
        )
        if target
        else None
    )


def _moved(system: Actor, run: Run) -> Delivery:
    """The engine's run. Raises `DeliveryProblem`, `Stopped`, `ScopeError`."""
    if run.attempts > 1 and (done := _done_before(run)):
        return done
    live = queries.live_tables()
    grant = live.get(run.schedule.grant_id)
    if grant is None:
        raise Stopped("grant_ended")
    targets, source = access.targets(system), access.sources(system, [grant.mount]).get(grant.mount)
    if source is None or grant.target not in targets:
        raise Stopped("no_address")
    if holder(grant, live.values(), targets).grant != grant.grant:
        raise Stopped("target_taken")
    target = targets[grant.target]
    plan = compile(str(run.key), grant, source, target, fall_confirmed=run.fall_confirmed)

    def told(progress: Progress) -> None:
        if not queries.is_live(grant.grant):
            raise Stopped("grant_ended")
        actions.advance(run, progress.stage, progress.rows, progress.bytes)

    return move(
        plan,
        source.address,
        target.address,
        guard=catalog.guard(),
        keys=access.token_keys(grant),
        progress=told,
    )
