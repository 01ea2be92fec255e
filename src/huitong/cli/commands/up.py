"""Start everything and keep it running: database, pages, jobs, gateway, search index. Ctrl-C stops
it.

Without DATABASE_URL the embedded PostgreSQL is used; data, keys and logs lie in the data folder
(HUITONG_DATA).
"""

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--once",
        action="store_true",
        help="stop as soon as the first page is served; exit code 0 if it was",
    )


def run(options: argparse.Namespace) -> int:
    from huitong.cli.supervisor import Supervisor

    return Supervisor(once=options.once).run()
