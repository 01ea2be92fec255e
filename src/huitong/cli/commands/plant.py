"""Fill an empty installation with the city of the demonstration (`huitong demo` does it by
itself)."""

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(options: argparse.Namespace) -> int:
    from huitong.cli.django_ready import database, ready
    from huitong.cli.place import Place

    with database(make=True):
        ready()
        from huitong.cli.demo.city import plant

        run = Place.configured().data / "run"
        print(
            f"{len(plant(run)) - 1} accounts; who they are, and their password:"
            f" {run / 'demo-accounts'}"
        )
    return 0
