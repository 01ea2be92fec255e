"""Tell the demonstration's story on a running `huitong demo`; told again, it does nothing twice
and ends the same."""

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(options: argparse.Namespace) -> int:
    from huitong.cli.django_ready import ready
    from huitong.cli.place import Place
    from huitong.cli.processes import CannotRun

    data = Place.configured().data
    if not (data / "run" / "fronts.json").exists():
        raise CannotRun(f"no demonstration runs on {data}: start it with `huitong demo`")
    ready()
    from huitong.cli.demo.story import play

    return play(data)
