"""What `huitong catalog check` and `huitong catalog coverage` say (A10)."""

from __future__ import annotations

import argparse
import json
from typing import Any


def nothing(parser: argparse.ArgumentParser) -> None:
    """Nothing but who asks."""


def check(actor: Any, options: argparse.Namespace) -> int:
    """Check everything now, in this process, and count by rule; 1 where something must be put
    right."""
    from huitong.catalog import actions, jobs, queries
    from huitong.catalog.rules import Severity

    report = actions.check_catalog(actor)
    jobs.check_all(report=report.pk)
    report.refresh_from_db()
    rules = queries.report.counts_by_rule(queries.report.check_findings(actor, report))
    answer = {
        "report": report.pk,
        "state": report.state,
        "versions": report.done,
        "rules": [
            {
                "rule": row["rule"],
                "title": row["of"].title,
                "severity": row["severity"],
                "findings": row["findings"],
                "entries": row["entries"],
                "bodies": row["bodies"],
            }
            for row in rules
        ],
    }
    print(json.dumps(answer, ensure_ascii=False, indent=1))
    return int(any(row["severity"] == Severity.ERROR for row in rules))


def coverage(actor: Any, options: argparse.Namespace) -> int:
    """The numbers of every body for the bureau, else what of one's own is open."""
    from dataclasses import asdict

    from huitong.catalog import queries

    rows = (
        queries.coverage.coverage_numbers()
        if queries.coverage.oversees(actor)
        else [line for line in queries.coverage.own_coverage(actor).lines if line.is_open]
    )
    print(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1, default=str))
    return 0
