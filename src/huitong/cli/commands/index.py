"""Follow the catalog with the search index: one per web host (needs a database that is running).

A second one on the same data folder waits until the first has ended. Without it, search is done by
the database.
"""

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(options: argparse.Namespace) -> int:
    import signal
    from threading import Event

    from huitong.cli.django_ready import ready

    ready()
    from huitong.catalog.management.follower import follow

    stop = Event()
    for wish in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wish, lambda *_: stop.set())
    follow(stop)
    return 0
