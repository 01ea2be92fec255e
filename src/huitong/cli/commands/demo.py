"""Start huitong with a made-up city to look at: bodies, people, registers. Nothing of yours is touched.

Its data folder is `demo` inside the usual one, unless HUITONG_DATA says otherwise; delete it to begin anew. The accounts and
their password, made at random, are printed at every start. A second factor is not asked for.
"""

import argparse
import os


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="stop as soon as the first page is served; exit code 0 if it was")


def run(options: argparse.Namespace) -> int:
    from huitong.cli.supervisor import Supervisor
    from huitong.settings import default_data

    os.environ.setdefault("HUITONG_DATA", str(default_data() / "demo"))
    os.environ.setdefault("HUITONG_SECOND_FACTOR", "optional")
    return Supervisor(once=options.once, steps=("migrate", "plant"), greeting="demo-accounts").run()
