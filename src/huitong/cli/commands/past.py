"""Give the demonstration its past: years of entries, cases and deliveries (`huitong demo` does it).

Written once, after `huitong plant`; a second call changes nothing. Refused in a city that is no
demonstration.
"""

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(options: argparse.Namespace) -> int:
    from huitong.cli.django_ready import database, ready

    with database():
        ready()
        from huitong.cli.demo.actions import plant_past
        from huitong.cli.new_city import INSTALLER
        from huitong.kernel.ledger import Entry

        if Entry.objects.filter(verb="demo.plant_past").exists():
            return 0
        written = plant_past(INSTALLER)
        print(", ".join(f"{count} {name}" for name, count in written.items()))
    return 0
