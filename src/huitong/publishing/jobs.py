"""Stops of delivery that nobody watches (A16, A28). Hours are UTC."""

from huitong.kernel import jobs
from huitong.organizations import queries as organizations
from huitong.publishing import actions, queries


@jobs.periodic(cron="51 22 * * *")
@jobs.task("publishing.watch_stops", queue="clocks", queueing_lock="publishing.watch_stops")
def watch_stops(timestamp: int = 0) -> None:
    """Every morning: the limit of a stop begins where none runs, as after an upgrade."""
    platform = organizations.platform()
    jobs.each(
        queries.stops_to_watch(),
        lambda mount: actions.watch_stop(platform, mount=mount),
        "publishing.watch_stops",
    )
