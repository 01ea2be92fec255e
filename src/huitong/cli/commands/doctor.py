"""Name each missing or broken part and its remedy; exit code 1 when something is broken.

An embedded database that is not running is started for the time of the examination; one that was
never made is not made.
"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from huitong.cli.doctor import Finding

SIGNS = {"good": "✓", "note": "!", "broken": "✗"}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--json", action="store_true", help="one JSON list of {name, state, detail, remedy}"
    )
    parser.add_argument(
        "--tests", action="store_true", help="also what `make test` wants (Chromium, fonts)"
    )


def run(options: argparse.Namespace) -> int:
    from huitong.cli.doctor import examine, machine

    findings = list(examine((*machine.CHECKS, *((machine.for_tests,) if options.tests else ()))))
    findings += look_into_database()
    if options.json:
        print(json.dumps([finding.as_dict() for finding in findings], ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            print(f"{SIGNS[finding.state]} {finding.name}: {finding.detail}")
            if finding.remedy:
                print(f"    → {finding.remedy}")
    return int(any(finding.state == "broken" for finding in findings))


def look_into_database() -> list[Finding]:
    from huitong.cli.django_ready import WrongSetting, database, ready
    from huitong.cli.doctor import broken, examine, note
    from huitong.cli.doctor import database as checks
    from huitong.cli.processes import CannotRun

    if checks.never_started():
        return [
            note("database", "not made yet in this data folder", "`huitong up` makes and starts it")
        ]
    try:
        with database():
            ready()
            reached = list(examine((checks.reachable,)))
            if any(finding.name == "database" and finding.state == "broken" for finding in reached):
                return reached
            return reached + list(examine(checks.CHECKS[1:]))
    except WrongSetting as wrong:
        return [
            broken("settings", str(wrong), "correct it; docs/operations.md lists every setting")
        ]
    except CannotRun as why:
        return [broken("database", str(why), "see logs/database.log in the data folder")]
