"""What the worker does for access by itself: end grants whose period is over, watch those nobody
uses, tell whose grant ends soon."""

from __future__ import annotations

from contextlib import suppress

from huitong.access import actions, queries
from huitong.kernel import jobs
from huitong.kernel.case import Case
from huitong.kernel.procedure import AgainstRules
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations


@jobs.periodic(cron="3 * * * *")
@jobs.task("access.expire", queueing_lock="access.expire", lock="access.expire")
def expire(timestamp: int = 0) -> None:
    """Grants past their last day: planes have stopped by themselves, now the record says so and
    the parties are told."""
    platform = organizations.platform()

    def end(case: Case) -> None:
        with suppress(AgainstRules):  # ended by somebody in this very moment
            actions.expire(platform, case)

    jobs.each(
        Case.objects.filter(pk__in=queries.grants_to_expire().order_by().values("case")).order_by(
            "pk"
        ),
        end,
        "access.expire",
    )


@jobs.periodic(cron="23 * * * *")
@jobs.task(
    "access.offer_renewals", queueing_lock="access.offer_renewals", lock="access.offer_renewals"
)
def offer_renewals(timestamp: int = 0) -> None:
    """Grants that end soon: their consumers are told once that they may apply again."""
    platform = organizations.platform()

    def offer(grant: int) -> None:
        with suppress(AgainstRules):  # ended by somebody in this very moment
            actions.offer_renewal(platform, grant=grant)

    due = queries.renewals_to_offer(today()).values_list("pk", flat=True)
    jobs.each(due, offer, "access.offer_renewals")


@jobs.periodic(cron="17 * * * *")
@jobs.task("access.watch_use", queueing_lock="access.watch_use", lock="access.watch_use")
def watch_use(timestamp: int = 0) -> None:
    """Every hour: the limits of disuse begin with each grant and start again with its use; those
    of providing end with the first delivery."""
    platform = organizations.platform()
    jobs.each(
        queries.uses_to_watch().items(),
        lambda use: actions.watch_use(platform, grant=use[0], since=use[1]),
        "access.watch_use",
    )
    jobs.each(
        queries.provisions_to_end().items(),
        lambda end: actions.end_provision(platform, grant=end[0], on=end[1]),
        "access.watch_use",
    )
