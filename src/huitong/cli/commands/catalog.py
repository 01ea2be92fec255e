"""The catalog on the command line: searched, shown, taken along; as a workbook, out and in again;
checked, what it lacks.

With the rights of a person, as `huitong do`: HUITONG_TOKEN, or --as USERNAME for an operator of
this machine.
"""

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from huitong.cli import finding, reports, workbooks


def arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    for name, (_, about, more) in ACTS.items():
        act = acts.add_parser(name, help=about)
        act.add_argument("--as", dest="as_user", metavar="USERNAME", help="act as this person")
        act.add_argument("--as-body", type=int, metavar="BODY", help="in this body")
        more(act)


def run(options: argparse.Namespace) -> int:
    from huitong.cli.commands.do import actor
    from huitong.cli.django_ready import database, ready

    with database():
        ready()
        from huitong.kernel.procedure import Problem

        try:
            return ACTS[options.act][0](actor(options.as_user, options.as_body), options)
        except Problem as problem:
            print(json.dumps(problem.as_body(), ensure_ascii=False, indent=1), file=sys.stderr)
            return 1


Act = tuple[
    Callable[[Any, argparse.Namespace], int], str, Callable[[argparse.ArgumentParser], None]
]
#: what can be done: how, what it is for, and its options
ACTS: dict[str, Act] = {
    "search": (finding.search, "find entries, as the page does", finding.search_options),
    "show": (finding.show, "everything an entry says, as JSON", finding.one_entry),
    "export": (finding.export, "all that a search finds, as CSV or JSON", finding.export_options),
    "template": (workbooks.template, "the empty workbook of the own body", workbooks.writing),
    "workbook": (workbooks.workbook, "the own entries, to be edited", workbooks.writing),
    "import": (workbooks.take_in, "check a workbook, or write its drafts", workbooks.importing),
    "check": (reports.check, "check every entry by today's rules, by rule", reports.nothing),
    "coverage": (reports.coverage, "what has no entry and no reason why", reports.nothing),
}
