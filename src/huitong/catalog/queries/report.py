"""Reports of the checks over the whole catalog: what is looked at, who reads what of it (A10)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from huitong.catalog.models import CheckFinding, CheckReport, Version
from huitong.catalog.rules import RULES, ScanState, Severity
from huitong.kernel.actor import Actor, Post
from huitong.kernel.procedure import NotVisible

#: versions read at a time: a report's memory
CHUNK = 100
BY_NAME = {rule.name: rule for rule in RULES}


def versions_to_check(body: int | None) -> QuerySet[Version]:
    """Every published version, and every draft that runs beside or before one."""
    rows = Version.objects.filter(
        Q(current_of__isnull=False) | Q(latest_of__isnull=False, case__closed_at=None)
    )
    return rows if body is None else rows.filter(entry__body=body)


def chunks_to_check(body: int | None, after: int = 0) -> Iterator[list[Version]]:
    """These versions from a place on, a chunk at a time, with all that the rules need."""
    rows = (
        versions_to_check(body)
        .select_related("entry__body", "entry__unit", "system", "case")
        .prefetch_related("items", "grounds")
        .order_by("pk")
    )
    last = after
    while chunk := list(rows.filter(pk__gt=last)[:CHUNK]):
        yield chunk
        last = chunk[-1].pk


def reports_visible_to(actor: Actor) -> QuerySet[CheckReport]:
    """To the bureau those of the whole city and its own, to a body its own and the city's, of which
    it reads its part."""
    if actor.is_system:
        return CheckReport.objects.all()
    if actor.body is None or not actor.has(Post.OPERATOR, Post.MANAGER):
        return CheckReport.objects.none()
    return CheckReport.objects.filter(Q(body=None) | Q(body=actor.body))


def report_for(actor: Actor, pk: int) -> CheckReport:
    """Raises `NotVisible`."""
    if (report := reports_visible_to(actor).filter(pk=pk).first()) is None:
        raise NotVisible("该检查报告")
    return report


def last_report(actor: Actor) -> CheckReport | None:
    """The youngest report that is done and says all that the actor may read: to the bureau the
    whole city's."""
    rows = reports_visible_to(actor).filter(state=ScanState.DONE)
    rows = rows.filter(body=None) if actor.bureau else rows
    return rows.order_by("-ended_at", "-pk").first()


def running_report(actor: Actor) -> CheckReport | None:
    """The report being made for the actor: by the bureau of the city, else of the own body."""
    rows = reports_visible_to(actor).filter(state__in=[ScanState.QUEUED, ScanState.RUNNING])
    return rows.filter(body=None if actor.bureau else actor.body).first()


def check_findings(actor: Actor, report: CheckReport | None) -> QuerySet[CheckFinding]:
    """What of a report the actor may read: the bureau all but drafts it has not received, a body
    what is its own."""
    rows = CheckFinding.objects.filter(report=report)
    if report is None or not (actor.is_system or actor.has(Post.OPERATOR, Post.MANAGER)):
        return rows.none()
    if actor.is_system:
        return rows
    own = Q(body=actor.body)
    return rows.filter(own | Q(inside=False)) if actor.bureau else rows.filter(own)


def counts_by_rule(findings: QuerySet[CheckFinding]) -> list[dict[str, Any]]:
    """How often each rule found something, in how many entries of how many bodies; in the order of
    the table, the errors first."""
    rows = findings.order_by().values("rule", "severity")
    counted = rows.annotate(
        findings=Count("pk"),
        entries=Count("entry", distinct=True),
        bodies=Count("body", distinct=True),
    )
    places = {name: n for n, name in enumerate(BY_NAME)}
    ordered = sorted(
        (row for row in counted if row["rule"] in places),
        key=lambda row: (row["severity"] != Severity.ERROR, places[row["rule"]]),
    )
    return [{"of": BY_NAME[row["rule"]], **row} for row in ordered]


def counts_by_body(findings: QuerySet[CheckFinding]) -> QuerySet[CheckFinding, dict[str, Any]]:
    """How many findings each body has, errors and warnings, in how many entries."""
    return (
        findings.order_by()
        .values("body", short_name=F("body__short_name"))
        .annotate(
            errors=Count("pk", filter=Q(severity=Severity.ERROR)),
            warnings=Count("pk", filter=Q(severity=Severity.WARNING)),
            entries=Count("entry", distinct=True),
        )
    )
