"""Run the shaping service: answers of table-made APIs, cut to what each grant lets through."""

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--threads", type=int, default=16, metavar="N", help="calls answered at the same time (16)"
    )


def run(options: argparse.Namespace) -> int:
    from huitong.cli.place import Place
    from huitong.planes.gateway.engine.process import folder
    from huitong.planes.gateway.engine.serve import serve

    place = folder(Place.configured().data)
    serve(place, place / "shaping.sock", options.threads)
    return 0
