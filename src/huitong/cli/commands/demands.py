"""Print what was demanded, what bodies owe or duties need: `huitong demands [LIST] --as USER`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

#: so many rows are drawn at a time
STRETCH = 200


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "list",
        nargs="?",
        default="demands",
        choices=["demands", "responsibilities", "duties"],
        help="what was demanded, what bodies owe, or what duties need and have (demands)",
    )
    parser.add_argument(
        "--as", dest="as_user", metavar="USERNAME", help="as this person; otherwise HUITONG_TOKEN"
    )
    parser.add_argument(
        "--limit", type=int, default=1000, metavar="N", help="at most so many rows (1000)"
    )


def run(options: argparse.Namespace) -> int:
    from huitong.cli.django_ready import database, ready

    with database():
        ready()
        from huitong.cli.commands.do import actor
        from huitong.kernel import doing
        from huitong.kernel.procedure import Problem

        doing.load()
        try:
            for row in islice(_rows(actor(options.as_user), options.list), options.limit):
                print(json.dumps(row, ensure_ascii=False, default=str))
        except Problem as problem:
            print(json.dumps(problem.as_body(), ensure_ascii=False, indent=1), file=sys.stderr)
            return 1
    return 0


def _rows(who: Any, chosen: str) -> Iterator[dict[str, Any]]:
    """The rows of a list, as the API answers them, a stretch at a time."""
    from huitong.demands import queries
    from huitong.kernel.workdays import load_calendar
    from huitong.organizations import queries as organizations

    calendar, names = load_calendar(), organizations.all_body_names()
    if chosen == "demands":
        rows: Any = queries.with_promise(queries.submitted_demands(who))
        yield from (queries.demand_data(demand) for demand in rows.iterator(STRETCH))
    elif chosen == "responsibilities":
        rows = queries.responsibilities(who).order_by("due_on", "pk")
        for page in _stretches(rows):
            yield from (
                line.data() for line in queries.responsibility_lines(who, page, calendar, names)
            )
    else:
        rows = queries.duties_listed(who).order_by("body__division_code", "body_id", "pk")
        for page in _stretches(rows):
            yield from (line.data() for line in queries.duty_lines(who, page))


def _stretches(rows: Any) -> Iterator[list[Any]]:
    every = rows.iterator(STRETCH)
    while page := list(islice(every, STRETCH)):
        yield page
