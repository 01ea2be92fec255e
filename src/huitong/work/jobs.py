"""The platform's own work on cases: watch the clocks, deliver notices, send the daily digest, put
jobs of dead workers back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone
from procrastinate import RetryStrategy, exceptions
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

from huitong.connectors import ConnectorProblem, GuardedClient
from huitong.kernel import doing, jobs, vault
from huitong.kernel.procedure import AgainstRules, NotVisible
from huitong.kernel.workdays import today
from huitong.organizations import queries as organizations
from huitong.work import actions, queries
from huitong.work.models import Delivery
from huitong.work.rules import Channel

log = logging.getLogger(__name__)


# -- clocks ----------------------------------------------------------------------------------------


def watch(on: date) -> int:
    """Warn of what running clocks and watches have reached by a day, and take the steps that are
    due when a limit is over. Returns how many were warned about. Safe to run at any time."""
    clocks, watches = queries.reached(on), queries.watches_reached(on)

    def warn(clock: int) -> None:
        with suppress(AgainstRules):  # its case has moved on meanwhile
            actions.warn(organizations.platform(), clock=clock, on=on)

    def warn_of_watch(watch: int) -> None:
        with suppress(AgainstRules):  # it was met meanwhile
            actions.warn_of_watch(organizations.platform(), watch=watch, on=on)

    jobs.each([clock.pk for clock, _ in clocks], warn, "work.watch_clocks")
    jobs.each([row.pk for row, _ in watches], warn_of_watch, "work.watch_clocks")
    jobs.each([*queries.lapsed(on), *queries.ready_to_end()], _take, "work.watch_clocks")
    return len(clocks) + len(watches)


def _take(step: tuple[str, int]) -> None:
    verb, case = step
    with suppress(AgainstRules, NotVisible):
        doing.perform(organizations.platform(), verb, {}, case=case)


@jobs.periodic(cron="5 * * * *")
@jobs.task("work.watch_clocks", queue="clocks", queueing_lock="work.watch_clocks")
def watch_clocks(timestamp: int) -> None:
    """Watch the clocks every hour, so that a new day is noticed however long the worker was away.
    Notices that no step settled are settled then, and follows end with the right to read."""
    watch(today())
    if queries.overtaken().exists():
        actions.settle_rest(organizations.platform())
    if queries.follows_without_right().exists():
        actions.end_follows(organizations.platform())


@jobs.task("work.finish_parent", queue="clocks")
def finish_parent(parent: int) -> None:
    """Take the step that ends a case with its parts, now that a part is over; left alone while
    parts are running. The hourly watch looks once more."""
    for step in queries.ready_to_end(parent):
        _take(step)


# -- notices ---------------------------------------------------------------------------------------


def _mail(address: str, subject: str, text: str) -> None:
    send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [address], fail_silently=False)


def line(delivery: Delivery) -> str:
    """A notice as the lines of a message: title, text, address."""
    notice = delivery.notice
    parts = [notice.title, notice.text, settings.PUBLIC_URL + notice.url if notice.url else ""]
    return "\n".join(part for part in parts if part)


def by_mail(deliveries: list[Delivery]) -> None:
    first = deliveries[0].notice
    subject = first.title if len(deliveries) == 1 else f"今日 {len(deliveries)} 条消息"
    _mail(
        deliveries[0].address or first.person.email,
        f"[{settings.SITE_NAME}] {' '.join(subject.split())}",
        "\n\n".join(map(line, deliveries)),
    )


def by_webhook(deliveries: list[Delivery]) -> None:
    """Post notices, signed, to the person's address. Raises OSError for any answer but 2xx."""
    hook = queries.webhook_of(deliveries[0].notice.person_id)
    if hook is None:  # removed since
        return
    notices = [
        {
            "id": n.pk,
            "kind": n.kind,
            "title": n.title,
            "text": n.text,
            "at": n.at.isoformat(),
            "url": settings.PUBLIC_URL + n.url if n.url else "",
        }
        for n in (d.notice for d in deliveries)
    ]
    secret = vault.decrypt(hook.secret, f"webhook:{hook.person_id}")
    with GuardedClient(queries.guard(), most_bytes=65536) as client:
        answer = client.send_webhook(hook.url, {"notices": notices}, secret.encode())
    if not 200 <= answer.status < 300:
        raise OSError(f"the receiver answered {answer.status}")


SENDERS: Mapping[Channel, Callable[[list[Delivery]], None]] = {
    Channel.MAIL: by_mail,
    Channel.WEBHOOK: by_webhook,
}
FAILURES = (OSError, SMTPException, ConnectorProblem, vault.Unreadable)


def send(deliveries: list[Delivery]) -> None:
    """Send the notices of one person over one channel as one message, and record the outcome.
    Raises what the channel raised."""
    keys = [d.pk for d in deliveries]
    try:
        # nothing goes to an account that was closed since, or to who left the body
        if open_deliveries := queries.still_addressed(deliveries):
            SENDERS[Channel(deliveries[0].channel)](open_deliveries)
    except FAILURES as error:
        actions.delivered(
            organizations.platform(),
            deliveries=keys,
            error=f"{type(error).__name__}: {error}"[:300],
        )
        raise
    actions.delivered(organizations.platform(), deliveries=keys)


@jobs.task("work.deliver", queue="notices", retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def deliver(delivery: int) -> None:
    """Send one notice over one channel; the job is retried when the channel fails."""
    if waiting := queries.undelivered(pk=delivery):
        send(waiting)


@jobs.periodic(cron="*/10 * * * *")
@jobs.task("work.digest", queue="notices", queueing_lock="work.digest")
def digest(timestamp: int) -> None:
    """Send the digests that are due at this moment (seconds since 1970), one message a person and
    channel; one that fails is tried again the next time."""
    failed: list[Exception] = []
    for deliveries in queries.for_digest(datetime.fromtimestamp(timestamp, UTC)):
        try:
            send(deliveries)
        except jobs.DATABASE_GONE:
            raise
        except Exception as error:  # one that fails stops no other
            failed.append(error)
    if failed:
        raise ExceptionGroup(f"{len(failed)} digests were not sent", failed)


# -- clearing away ---------------------------------------------------------------------------------


@jobs.periodic(cron="15 18 * * *")  # 02:15 in Nantong
@jobs.task("work.clear_drafts", queue="clocks", queueing_lock="work.clear_drafts")
def clear_drafts(timestamp: int = 0) -> None:
    """Let drafts go whose time is over."""
    actions.clear_drafts(timezone.now())


@jobs.periodic(cron="25 18 * * *")  # 02:25 in Nantong
@jobs.task("work.clear_undoable", queue="clocks", queueing_lock="work.clear_undoable")
def clear_undoable(timestamp: int = 0) -> None:
    """Let go of the steps that can be undone no more."""
    doing.clear_undoable(timezone.now())


# -- jobs whose worker died ------------------------------------------------------------------------

#: seconds without a sign of life after which a worker counts as dead; it gives one every two
#: (settings)
SILENCE = 10.0


@jobs.periodic(cron="* * * * * */5")
@jobs.task("work.rescue", queue="clocks", queueing_lock="work.rescue")
async def rescue(timestamp: int = 0) -> None:
    """Put the jobs of dead workers back: each may run again, so a killed worker costs time only."""
    manager = app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=SILENCE):
        try:
            await manager.retry_job(job)
            log.warning(
                "job %s (%s) was left by a dead worker and is done again", job.id, job.task_name
            )
        except exceptions.UniqueViolation:  # the same job waits already: this one is superfluous
            await manager.finish_job(job, status=Status.ABORTED, delete_job=True)
        except jobs.DATABASE_GONE:
            raise
        except Exception:  # one that cannot be put back keeps no other from it
            log.exception("job %s (%s) could not be put back", job.id, job.task_name)
