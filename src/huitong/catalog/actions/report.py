"""The checks run over the whole catalog, or over a body's own, in the background (A10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils import timezone
from pydantic import Field

from huitong.catalog import queries
from huitong.catalog.models import CheckFinding, CheckReport, Version
from huitong.catalog.rules import Finding, ScanState
from huitong.kernel import jobs
from huitong.kernel.actor import BODY, SYSTEM, Actor, Post
from huitong.kernel.doing import note, recorded
from huitong.kernel.ledger import writing
from huitong.kernel.procedure import AgainstRules

MAY_ASK = (BODY(Post.OPERATOR), BODY(Post.MANAGER), SYSTEM(Post.OPERATOR))
BY_PLATFORM = SYSTEM(Post.OPERATOR)
ReportId = Annotated[int, Field(title="检查报告")]


@recorded("A10", *MAY_ASK, label="检查全部目录")
def check_catalog(actor: Actor) -> CheckReport:
    """Have every entry checked by today's rules: for the bureau those of all bodies, for another
    body its own. Raises `AgainstRules` while one is being made."""
    whole = actor.is_system or actor.bureau
    try:
        with transaction.atomic():
            report: CheckReport = CheckReport.objects.create(
                body_id=None if whole else actor.body, asked_by=actor.person
            )
    except IntegrityError:
        raise AgainstRules(
            "正在检查，尚未结束。", article="A10", remedy="请等待本次检查结束。"
        ) from None
    jobs.defer("catalog.check_all", lock=f"check:{report.body_id}", report=report.pk)
    return report


def begin_report(report: CheckReport) -> None:
    """Count what is to be looked at; after a crash it goes on where it was."""
    with transaction.atomic(), writing("catalog.check_all"):
        report.state = ScanState.RUNNING
        report.total = queries.report.versions_to_check(report.body_id).count()
        report.save(update_fields=["state", "total"])


def note_findings(
    report: CheckReport, versions: list[Version], judge: Callable[[Version], list[Finding]]
) -> None:
    """Keep what is found in these versions, and that they were looked at."""
    rows = [
        CheckFinding(
            report=report,
            entry_id=version.entry_id,
            body_id=version.entry.body_id,
            name=version.name,
            published=version.is_published,
            inside=not version.is_published and not version.reached_bureau,
            rule=finding.rule,
            severity=finding.severity,
            field=finding.field[:120],
            sentence=f"{finding.sentence}。{finding.remedy}"[:600],
            other=finding.entry,
        )
        for version in versions
        for finding in judge(version)
    ]
    with transaction.atomic(), writing("catalog.check_all"):
        CheckFinding.objects.bulk_create(rows, batch_size=500)
        report.done += len(versions)
        report.place = versions[-1].pk
        report.save(update_fields=["done", "place"])


@recorded("A10", BY_PLATFORM, label="完成目录检查")
def finish_report(
    actor: Actor,
    *,
    report: ReportId,
    error: Annotated[str, Field(title="原因", max_length=300)] = "",
) -> CheckReport:
    """The report is done, or was not made: its numbers are kept, the findings of the one before
    are not."""
    row = CheckReport.objects.select_for_update().get(pk=report)
    row.state, row.error = (ScanState.FAILED if error else ScanState.DONE), error
    row.ended_at = timezone.now()
    counts: dict[str, dict[str, int]] = {}
    numbers = row.findings.order_by().values_list("rule", "body").annotate(n=Count("pk"))
    for rule, body, n in numbers:
        counts.setdefault(rule, {})[str(body)] = n
    row.counts = counts
    row.save()
    if not error:
        older = CheckReport.objects.filter(body=row.body_id, pk__lt=row.pk)
        CheckFinding.objects.filter(report__in=older).delete()
    note(entries=row.done, findings=sum(n for by in counts.values() for n in by.values()))
    return row
