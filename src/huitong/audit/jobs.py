"""What the worker does for audit by itself: seal, publish, inspect, sweep. Hours are UTC: the
nights of Shanghai.

Each may run at any time, any number of times and twice at once. So none takes a job lock: one that
was killed would hold it.
"""

from __future__ import annotations

import logging

from huitong.audit import actions
from huitong.audit.queries import LedgerBroken
from huitong.kernel import jobs

log = logging.getLogger(__name__)


@jobs.periodic(cron="* * * * * */10")
@jobs.task("audit.seal", queue="audit", queueing_lock="audit.seal")
def seal(timestamp: int = 0) -> None:
    """Seal what is new and bring the checkpoint out; a place that was unreachable is tried again
    here."""
    try:
        actions.seal()
    # the status page says so too, until it is resolved; a failed job every ten seconds helps nobody
    except LedgerBroken as broken:
        log.critical("the ledger is not sealed any more: %s", broken)
    finally:  # what was signed before leaves the machine all the same
        actions.publish()


@jobs.periodic(cron="17 18 * * *")
@jobs.task("audit.inspect", queue="audit", queueing_lock="audit.inspect")
def inspect(timestamp: int = 0) -> None:
    """Read the whole ledger against its seals, every night."""
    actions.inspect()


@jobs.periodic(cron="41 19 * * *")
@jobs.task("audit.sweep", queue="audit", queueing_lock="audit.sweep")
def sweep(timestamp: int = 0) -> None:
    """Remove the files of old exports."""
    actions.sweep()
