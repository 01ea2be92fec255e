"""Serve the pages and the API (needs a database that is running).

For deployments in which a service manager keeps the parts; `huitong up` starts it by itself.
"""

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    from huitong.cli.place import WEB_ADDRESS

    parser.add_argument(
        "--listen",
        default=None,
        metavar="HOST:PORT",
        help=f"host:port (HUITONG_LISTEN, else {WEB_ADDRESS})",
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=None,
        metavar="N",
        help="processes (HUITONG_WEB_WORKERS, else one a core)",
    )


def run(options: argparse.Namespace) -> int:
    from huitong.cli.web import serve

    return serve(options.listen, options.workers)
