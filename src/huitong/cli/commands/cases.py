"""List running matters, or show one with what may be done now: `huitong cases --as USER [ID]`."""

from __future__ import annotations

import argparse
import json
import sys


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("case", nargs="?", type=int, help="one case's id")
    parser.add_argument(
        "--as", dest="as_user", metavar="USERNAME", help="as this person; otherwise HUITONG_TOKEN"
    )
    parser.add_argument(
        "--waiting", action="store_true", help="only what waits at this person's desk"
    )
    parser.add_argument("--kind", help="only this kind of case")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument(
        "--limit",
        type=int,
        default=50,
        metavar="N",
        help="at most so many, the youngest first (50)",
    )


def run(options: argparse.Namespace) -> int:
    from huitong.cli.django_ready import database, ready

    with database():
        ready()
        from huitong.cli.commands.do import actor
        from huitong.kernel import doing
        from huitong.kernel.case import Case
        from huitong.kernel.procedure import NotVisible, Problem

        doing.load()
        try:
            who = actor(options.as_user)
            rows = Case.objects.visible_to(who).order_by("-pk")
            if options.case is not None:
                rows = rows.filter(pk=options.case)
                if not rows:
                    raise NotVisible("该事项")
            rows = rows.waiting_for(who) if options.waiting else rows
            rows = rows.filter(kind=options.kind) if options.kind else rows
            for case in rows[: options.limit]:
                _show(case, who, options.json)
        except Problem as problem:
            print(json.dumps(problem.as_body(), ensure_ascii=False, indent=1), file=sys.stderr)
            return 1
    return 0


def _show(case, who, as_json: bool) -> None:  # type: ignore[no-untyped-def]
    from huitong.kernel import doing

    state = doing.procedure_of(case).state(case.state).label
    can = {f"{case.kind}.{row.verb}": row.label for row, _ in doing.open_to(who, case)}
    if as_json:
        print(
            json.dumps(
                {
                    "id": case.pk,
                    "number": case.number,
                    "kind": case.kind,
                    "title": case.title,
                    "state": case.state,
                    "due_on": case.due_on,
                    "actions": can,
                },
                ensure_ascii=False,
                default=str,
            )
        )
    else:
        due = f" 到期 {case.due_on}{'（暂算）' if case.provisional else ''}" if case.due_on else ""
        print(f"{case.pk:>6} {case.number} {state}{due} {case.title}")
        for verb, label in can.items():
            print(f"       {label}: huitong do {verb} --case {case.pk}")
