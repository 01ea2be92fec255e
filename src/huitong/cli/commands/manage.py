"""Django's own commands, for instance `huitong manage check` (`huitong manage help` lists them)."""

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--owner", action="store_true", help="connect as the owner of the tables")
    parser.add_argument("words", nargs=argparse.REMAINDER, help="command and its options")


def run(options: argparse.Namespace) -> int:
    from django.core.management import execute_from_command_line

    from huitong.cli.django_ready import database, ready

    with database():
        ready(as_owner=options.owner)
        execute_from_command_line(["huitong manage", *options.words])
    return 0
