"""Run the API gateway (Envoy) with the configuration in the data folder.

It keeps serving, and closing grants as they expire, while everything else is down.
"""

import argparse
import os


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--show", action="store_true", help="print the command instead of running it"
    )


def run(options: argparse.Namespace) -> int:
    from huitong.cli.parts import gateway_command
    from huitong.cli.place import Place

    command = gateway_command(Place.configured())
    if options.show:
        print(" ".join(command))
        return 0
    # Envoy takes this process's place, and with it its signals
    return os.execv(command[0], command)  # noqa: S606
