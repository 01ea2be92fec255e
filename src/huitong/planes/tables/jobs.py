"""Jobs of the table plane: reconcile the schedules, carry out runs."""

from __future__ import annotations

import logging

from huitong.access import queries as access
from huitong.catalog import queries as catalog
from huitong.kernel import jobs, vault
from huitong.kernel.actor import Actor
from huitong.organizations import queries as organizations
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
    """The plane itself stops the run; the argument is a key of `rules.OWN_PROBLEMS`."""


@jobs.periodic(cron="* * * * * */10")
@jobs.task("tables.reconcile", queue="tables", queueing_lock="tables.reconcile")
def reconcile(timestamp: int = 0) -> None:
    """Reconcile every ten seconds, and after every change of a grant."""
    bring_in_step()


@jobs.task("tables.deliver", queue="tables")
def deliver(run: int) -> None:
    """Carry out one run. Safe to call any number of times for the same run, also after `kill
    -9`: it takes effect once."""
    with queries.alone(run) as locked:
        row = Run.objects.select_related("schedule").filter(pk=run).first()
        if locked and row is not None and row.active:
            _carry_out(organizations.platform(), row)


def _carry_out(system: Actor, run: Run) -> None:
    run = actions.start(system, run=run.pk)
    try:
        delivery = _move(system, run)
    except DeliveryProblem as problem:
        if run.attempts < PATIENCE and _in_doubt(run, problem):
            actions.leave_open(run, problem_words(problem.as_body()))
        else:
            actions.fail(system, run=run.pk, problem=problem.as_body())
    except Stopped as stopped:
        actions.fail(system, run=run.pk, problem=own_problem(str(stopped)))
    except vault.Unreadable:
        actions.fail(system, run=run.pk, problem=own_problem("no_address"))
    except ScopeError as error:
        actions.fail(
            system, run=run.pk, problem=DeliveryProblem("scope_unusable", "", str(error)).as_body()
        )
    # the platform's own: the job is run again, and asks the target what became of this attempt
    except jobs.DATABASE_GONE:
        raise
    except Exception as error:
        log.exception("table run %s failed", run.pk)
        actions.fail(system, run=run.pk, problem=own_problem("unexpected", type(error).__name__))
    else:
        actions.finish(system, run=run.pk, delivery=delivery.to_json())


def _in_doubt(run: Run, problem: DeliveryProblem) -> bool:
    """Whether a failed run may have been delivered: then it stays open, and the target's record
    decides under the same key."""
    return isinstance(problem, Undecided) or (
        run.attempts > 1 and problem.side == "target" and not problem.paused
    )


def _delivered_before(run: Run) -> Delivery | None:
    """The delivery of an attempt that was cut off, to be recorded even if the grant has ended
    since."""
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


def _move(system: Actor, run: Run) -> Delivery:
    """The engine's run. Raises `DeliveryProblem`, `Stopped`, `ScopeError`."""
    if run.attempts > 1 and (done := _delivered_before(run)):
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

    def report(progress: Progress) -> None:
        if not queries.is_live(grant.grant):
            raise Stopped("grant_ended")
        actions.advance(run, progress.stage, progress.rows, progress.bytes)

    return move(
        plan,
        source.address,
        target.address,
        guard=catalog.guard(),
        keys=access.token_keys(grant),
        progress=report,
    )
