"""What a worker does for its killed fellows: jobs they were at are done again (jobs are idempotent by house law)."""

from __future__ import annotations

import logging

from procrastinate import exceptions
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

log = logging.getLogger(__name__)
#: seconds without a sign of life after which a worker counts as dead; it gives one every ten
SILENCE = 30.0


@app.periodic(cron="* * * * * */20")
@app.task(name="housekeeping.rescue", queue="housekeeping", queueing_lock="housekeeping.rescue")
async def rescue(timestamp: int = 0) -> None:
    """Put back the jobs of workers that are gone."""
    manager = app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=SILENCE):
        try:
            await manager.retry_job(job)
            log.warning("job %s (%s) was left by a dead worker and is done again", job.id, job.task_name)
        except exceptions.UniqueViolation:  # the same job waits already: this one is superfluous
            await manager.finish_job(job, status=Status.ABORTED, delete_job=True)
