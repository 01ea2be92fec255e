"""The catalog as a workbook on the command line: template, export, import."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any


def writing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("output", type=Path, help="where to write the workbook (.xlsx)")
    _for_another(parser)


def _for_another(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--for",
        dest="body",
        type=int,
        metavar="BODY",
        help="the department the bureau enters for (its number); the actor's own body without it",
    )


def importing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the workbook (.xlsx, .xls) or a CSV")
    parser.add_argument(
        "--apply", action="store_true", help="write the drafts when the file is right"
    )
    parser.add_argument(
        "--faults", type=Path, metavar="FILE", help="where to write the file with what is wrong"
    )
    _for_another(parser)
    parser.add_argument("--reasons", default="", help="with --for: why the bureau enters for it")
    parser.add_argument("--request", default="", help="with --for: the department's request")


def template(actor: Any, options: argparse.Namespace) -> int:
    """Write the empty workbook of the actor's body."""
    from huitong.catalog import queries
    from huitong.catalog.forms import sheets

    body = queries.entering.provider_for(actor, options.body)
    lookup = sheets.Lookup(*queries.names_for_workbook(actor, body))
    options.output.write_bytes(sheets.template(lookup))
    return 0


def workbook(actor: Any, options: argparse.Namespace) -> int:
    """Write every entry of the actor's body, to be edited and imported again."""
    from huitong.catalog import queries
    from huitong.catalog.forms import sheets

    body = queries.entering.provider_for(actor, options.body)
    lookup = sheets.Lookup(*queries.names_for_workbook(actor, body))
    options.output.write_bytes(sheets.export(queries.stored_entries(actor, body=body), lookup))
    return 0


def take_in(actor: Any, options: argparse.Namespace) -> int:
    """Check a workbook and say what it would change; with ``--apply`` write the drafts. Exit code
    1: it must be mended first."""
    from huitong.catalog import actions, jobs, queries
    from huitong.catalog.rules.sheets import SetState, SheetFile
    from huitong.cli.processes import CannotRun

    try:
        content = options.file.read_bytes()
    except OSError as wrong:
        raise CannotRun(f"{options.file}: {wrong.strerror}") from None
    own = actions.hand_in_workbook(
        actor,
        name=options.file.name[-200:],
        file=SheetFile(content),
        body=options.body,
        reasons=options.reasons,
        request=options.request,
    )
    jobs.check_workbook(changes=own.pk)  # here and now: a worker that comes later finds it done
    checked = queries.change_set_for(actor, own.pk)
    if checked.state == SetState.READY and options.apply:
        actions.apply_changes(actor, changes=own.pk)
        checked = queries.change_set_for(actor, own.pk)
    if options.faults and checked.state == SetState.FAULTY:
        options.faults.write_bytes(queries.annotated_copy(actor, own.pk)[1])
    answer = {
        "change_set": checked.pk,
        "state": checked.state,
        **queries.counts_of(actor, checked),
        "same": checked.same,
        "error": checked.error,
        "faults": [f"{f['sheet']}!{f['cell']} {f['message']}" for f in checked.faults],
    }
    print(json.dumps(answer, ensure_ascii=False, indent=1))
    if checked.state in (SetState.READY, SetState.APPLIED):
        return 0
    print("mend the file and import it again", file=sys.stderr)
    return 1
