"""Jobs of the API plane: keep its configuration in line with the grants, read the evidence."""

from __future__ import annotations

import time
from pathlib import Path

from django.conf import settings

from huitong.kernel import jobs
from huitong.planes.gateway import actions, queries
from huitong.planes.gateway.engine import log
from huitong.planes.gateway.engine.process import folder
from huitong.planes.gateway.reconcile import platform, reconcile

#: a look at all grants is followed by this many times its length without one, at most so many
#: seconds
REST, LONGEST_REST_S = 20, 600
_rest_until = 0.0


@jobs.periodic(cron="* * * * * */10")
@jobs.task("gateway.reconcile", queueing_lock="gateway.reconcile", lock="gateway.reconcile")
def keep_in_line(timestamp: int = 0) -> None:
    """Reconcile the gateway every ten seconds, in case a reaction to a change of grants was
    missed; less often where that takes longer than half a second."""
    global _rest_until
    begin = time.monotonic()
    if begin < _rest_until:
        return
    reconcile()
    end = time.monotonic()
    _rest_until = end + min(REST * (end - begin), LONGEST_REST_S)


@jobs.periodic(cron="* * * * * */5")
@jobs.task("gateway.evidence", queueing_lock="gateway.evidence", lock="gateway.evidence")
def take_evidence(timestamp: int = 0) -> int:
    """Read the new lines of the gateway's logs; returns their number."""
    place, count, system = folder(settings.DATA), 0, platform()

    def take(path: Path) -> None:
        nonlocal count
        while batch := log.read(path, queries.position_of(log.identity(path))):
            actions.record_calls(
                system, file=batch.file, start=batch.start, offset=batch.offset, lines=batch.lines
            )
            count += len(batch.lines)
        if log.is_left(path):
            path.unlink()

    jobs.each(log.files(place / "access.log"), take, "gateway.evidence")
    if (place / "admin.sock").exists():
        log.turn(place / "access.log", place / "admin.sock")
    return count
