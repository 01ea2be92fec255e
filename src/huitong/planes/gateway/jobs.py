"""What the worker does for the API plane: keep its configuration in line, and take in the evidence."""

from __future__ import annotations

from django.conf import settings

from huitong.kernel import jobs
from huitong.kernel.actor import Actor
from huitong.organizations import queries as organizations
from huitong.planes.gateway import actions, queries
from huitong.planes.gateway.engine import log
from huitong.planes.gateway.engine.process import folder
from huitong.planes.gateway.reconcile import reconcile


@jobs.periodic(cron="* * * * * */10")
@jobs.task("gateway.reconcile", queueing_lock="gateway.reconcile", lock="gateway.reconcile")
def keep_in_line(timestamp: int = 0) -> None:
    """The safety net: grants reach the gateway by reactions within a second, this mends whatever was missed."""
    reconcile()


@jobs.periodic(cron="* * * * * */5")
@jobs.task("gateway.evidence", queueing_lock="gateway.evidence", lock="gateway.evidence")
def take_evidence(timestamp: int = 0) -> int:
    """Read what the gateway wrote since; returns the number of lines."""
    place, taken = folder(settings.DATA), 0
    head = organizations.bureau()
    platform = Actor.system("接口平面", bureau_body=head.pk if head else None)
    for path in log.files(place / "access.log"):
        while batch := log.read(path, queries.position_of(log.identity(path))):
            actions.record_calls(platform, file=batch.file, start=batch.start, offset=batch.offset, lines=batch.lines)
            taken += len(batch.lines)
        if log.left(path):
            path.unlink()
    if (place / "admin.sock").exists():
        log.turn(place / "access.log", place / "admin.sock")
    return taken
