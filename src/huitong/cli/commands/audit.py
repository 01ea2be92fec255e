"""Seal, publish, inspect and export the ledger.

`huitong audit export` acts as an audit administrator (--as, who have no tokens): who takes the
ledger out of the house is on record, at the server too.
"""

import argparse
import shutil
import sys
from pathlib import Path

from huitong.cli.processes import CannotRun


def arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    acts.add_parser("status", help="how far the ledger is sealed, and where its checkpoints went")
    acts.add_parser("seal", help="seal what is new now, and publish the checkpoint")
    acts.add_parser(
        "inspect",
        help=(
            "read the whole ledger against its seals and the checkpoints"
            " outside (exit code 1: faults)"
        ),
    )
    acts.add_parser("checkpoint", help="print the latest signed checkpoint, to be kept elsewhere")
    acts.add_parser("key", help="print the public key")
    export = acts.add_parser(
        "export", help="write all sealed entries to a zip that anybody can verify"
    )
    export.add_argument("output", type=Path, help="where to write the zip")
    export.add_argument(
        "--as",
        dest="as_user",
        metavar="USERNAME",
        required=True,
        help="as this audit administrator",
    )
    export.add_argument("--first", type=int, default=0, help="leaf number to begin with (0)")
    export.add_argument("--reasons", required=True, help="why; it goes on record")


def run(options: argparse.Namespace) -> int:
    from huitong.cli.django_ready import database, ready

    with database():
        ready()
        from huitong.audit.queries import LedgerBroken

        try:
            return {
                "status": _status,
                "seal": _seal,
                "inspect": _inspect,
                "checkpoint": _checkpoint,
                "key": _key,
                "export": _export,
            }[options.act](options)
        except LedgerBroken as broken:
            raise CannotRun(str(broken)) from None


def _status(options: argparse.Namespace) -> int:
    from huitong.audit import queries

    now = queries.status()
    print(f"sealed {now.sealed}, waiting {now.unsealed} (oldest for {now.lag_seconds:.0f} s)")
    for target in now.targets:
        print(
            f"{target.name}:"
            f" {f'{target.size} entries at {target.at}' if target.at else 'nothing yet'}"
            f" {target.trouble}".rstrip()
        )
    if not now.targets:
        print(
            "no checkpoint leaves this machine: set HUITONG_CHECKPOINT_DIRS or"
            " HUITONG_CHECKPOINT_PEERS"
        )
    if inspection := now.inspection:
        print(
            f"last inspection {inspection.at}: {inspection.entries} entries,"
            f" {inspection.compared} outside"
            f" checkpoints, {len(inspection.faults)} faults"
        )
    return 0


def _seal(options: argparse.Namespace) -> int:
    from huitong.audit import actions

    head = actions.seal()
    print(f"sealed up to {head.size}" if head else "nothing to seal")
    troubles = [publication for publication in actions.publish() if not publication.done]
    for publication in troubles:
        print(f"{publication.target}: {publication.said}", file=sys.stderr)
    return 1 if troubles else 0


def _inspect(options: argparse.Namespace) -> int:
    from huitong.audit import actions
    from huitong.audit.rules.reading import fault_words

    inspection = actions.inspect()
    print(
        f"{inspection.entries} entries, {inspection.compared} outside checkpoints,"
        f" {inspection.seconds:.1f} s:"
        f" {len(inspection.faults)} faults"
    )
    for fault in inspection.faults:
        print("：".join(fault_words(fault)))
    return 1 if inspection.faults else 0


def _checkpoint(options: argparse.Namespace) -> int:
    from huitong.audit import queries

    head = queries.latest()
    print(head.note if head else "", end="")
    return 0 if head else 1


def _key(options: argparse.Namespace) -> int:
    from huitong.audit import queries

    print(*queries.keys(), sep="\n")
    return 0


def _export(options: argparse.Namespace) -> int:
    from huitong.audit import actions, queries
    from huitong.cli.commands.do import actor as actor_of
    from huitong.kernel.procedure import Problem

    if options.output.exists():
        print(f"{options.output} exists already", file=sys.stderr)
        return 2
    try:
        actor = actor_of(options.as_user)
        package = actions.export(actor, first=options.first, reasons=options.reasons)
    except Problem as problem:
        print(problem.detail, problem.remedy, sep="\n", file=sys.stderr)
        return 1
    shutil.move(queries.package_file(actor, package.pk)[1], options.output)
    print(
        f"{options.output}: {package.entries} entries up to checkpoint {package.size}, SHA-256"
        f" {package.digest}"
    )
    return 0
