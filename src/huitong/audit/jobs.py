"""What the worker does for audit by itself: seal, publish, inspect. Each may run at any time and any number of times."""

from __future__ import annotations

from procrastinate.contrib.django import app

from huitong.audit import actions


@app.periodic(cron="* * * * * */10")
@app.task(name="audit.seal", queue="audit", queueing_lock="audit.seal", lock="audit.seal")
def seal(timestamp: int = 0) -> None:
    """Seal what is new and bring the checkpoint out; a place that was unreachable is tried again here."""
    actions.seal()
    actions.publish()


@app.periodic(cron="17 2 * * *")
@app.task(name="audit.inspect", queue="audit", queueing_lock="audit.inspect", lock="audit.inspect")
def inspect(timestamp: int = 0) -> None:
    """Read the whole ledger against its seals, every night."""
    actions.inspect()


@app.periodic(cron="41 3 * * *")
@app.task(name="audit.sweep", queue="audit", queueing_lock="audit.sweep")
def sweep(timestamp: int = 0) -> None:
    """Remove the files of old exports."""
    actions.sweep()
