"""Run the control server: gives the API gateway its configuration and notes what it has taken.

It needs only the data folder, so the gateway can be started while everything else is down.
"""

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(options: argparse.Namespace) -> int:
    from huitong.cli.place import Place
    from huitong.planes.gateway.engine import control
    from huitong.planes.gateway.engine.process import folder

    control.run(folder(Place.configured().data))
    return 0
