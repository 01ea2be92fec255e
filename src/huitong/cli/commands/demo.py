"""Start huitong with a made-up city, play the platform's main job on it step by step, then serve
it.

The story runs on the real thing: real databases of departments, real Envoy, the ledger, statutory
clocks. Around it lies a city as it looks after years of use: 300 entries of 40 departments, 2,000
cases, a year of deliveries, written as prepared data.

Data folder: `demo` inside the usual one, unless HUITONG_DATA says otherwise; delete it to begin
anew. The accounts and their password, made at random, are printed at every start. A second factor
is not asked for.
"""

import argparse
import os


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--once",
        action="store_true",
        help="stop after the story; exit code 0 only if every step held",
    )
    parser.add_argument("--no-story", action="store_true", help="only the city and its people")
    parser.add_argument(
        "--no-past",
        action="store_true",
        help="a platform just begun: without the entries, cases and deliveries of years before",
    )


def run(options: argparse.Namespace) -> int:
    from huitong import default_data
    from huitong.cli.demo.fronts import DepartmentServer
    from huitong.cli.supervisor import Supervisor

    os.environ.setdefault("HUITONG_DATA", str(default_data() / "demo"))
    os.environ.setdefault("HUITONG_SECOND_FACTOR", "optional")
    return Supervisor(
        once=options.once,
        steps=("migrate", "plant") if options.no_past else ("migrate", "plant", "past"),
        greeting="demo-accounts",
        beside=(DepartmentServer,),
        story="" if options.no_story else "story",
    ).run()
