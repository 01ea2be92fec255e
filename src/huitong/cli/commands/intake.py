"""Grants of an older platform, or papers, brought in: the template, a table checked, handed in for
another person to confirm (`huitong do intake.confirm --case ID`).

With the rights of a person, as `huitong do`: HUITONG_TOKEN, or --as USERNAME for an operator of
this machine.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any


def arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    empty = acts.add_parser("template", help="the empty table, with how it is filled in")
    empty.add_argument("output", type=Path, help="where to write it (.xlsx)")
    for name, about in (
        ("check", "what a table comes to; nothing is written"),
        ("prepare", "hand a table in, to be confirmed"),
    ):
        act = acts.add_parser(name, help=about)
        act.add_argument("file", type=Path, help="the table (.xlsx, .xls) or a CSV")
        act.add_argument("--source", required=True, help="the older platform, or 纸质档案")
        act.add_argument(
            "--paper",
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help="the scan of a paper the table names; may be given several times",
        )
        act.add_argument("--as", dest="as_user", metavar="USERNAME", help="act as this person")
        act.add_argument("--as-body", type=int, metavar="BODY", help="in this body")
        if name == "prepare":
            act.add_argument(
                "--leave-out", action="store_true", help="hand in the right rows, without the wrong"
            )


def run(options: argparse.Namespace) -> int:
    from huitong.cli.django_ready import database, ready

    if options.act == "template":
        ready()
        from huitong.access.forms.intake import template

        options.output.write_bytes(template())
        return 0
    with database():
        ready()
        from huitong.cli.commands.do import actor
        from huitong.kernel.procedure import Problem

        try:
            return _take(actor(options.as_user, options.as_body), options)
        except Problem as problem:
            print(json.dumps(problem.as_body(), ensure_ascii=False, indent=1), file=sys.stderr)
            return 1


def _take(actor: Any, options: argparse.Namespace) -> int:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from huitong.access import queries
    from huitong.access.rules.intake import GRANTS
    from huitong.cli.commands.do import outcome
    from huitong.kernel import doing
    from huitong.organizations.rules import sheet_of
    from huitong.work import actions as work

    doing.load()
    verb = doing.VERBS["intake.prepare"]
    queries.check_may_prepare_intake(actor)
    sheet = sheet_of(GRANTS, _content(options.file))
    papers = [
        work.attach(actor, upload=SimpleUploadedFile(path.name, _content(path))).pk
        for path in options.paper
    ]
    given = {"source": options.source, "sheet": sheet, "papers": papers}
    typed = verb.validate(given)
    check = queries.check_intake(actor, typed["source"], sheet, papers)
    answer: dict[str, Any] = {
        "right": len(check.grants),
        "before": [f"第 {row} 行（原编号 {number}）" for row, number in check.before],
        "faults": [f"{error.where} {error.message}" for error in check.report.errors],
        "notes": check.report.notes,
    }
    wrong = bool(check.report.errors)
    if options.act == "prepare" and check.grants and (options.leave_out or not wrong):
        given["leave_out"] = options.leave_out
        answer |= outcome(doing.perform(actor, verb.name, given))
        wrong = False
    print(json.dumps(answer, ensure_ascii=False, indent=1, default=str))
    return 1 if wrong else 0


def _content(path: Path) -> bytes:
    from huitong.cli.processes import CannotRun

    try:
        return path.read_bytes()
    except OSError as wrong:
        raise CannotRun(f"{path}: {wrong.strerror}") from None
