"""Do the jobs: reactions, notices, clocks, reconciling (needs a database that is running).

Any number may run on the gateway's host; a job is done by one of them.
"""

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--concurrency", type=int, default=4, metavar="N", help="jobs at the same time (4)"
    )


def run(options: argparse.Namespace) -> int:
    from django.core.management import call_command

    from huitong.cli.django_ready import ready

    ready()
    call_command(
        "procrastinate",
        "worker",
        "--concurrency",
        str(options.concurrency),
        "--shutdown-graceful-timeout",
        "10",
        "--delete-jobs",
        "successful",
    )
    return 0
