"""`huitong catalog search|show|export`: finding entries on the command line, with the rights of a
person (A20)."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from typing import Any

#: entries shown at once, as many as a page of the API
MOST = 200


def _question(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("question", nargs="*", help="words; 信息项：… asks for entries by items")
    parser.add_argument(
        "--facet",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="body, theme, industry, share_class, share_mode, format, …; several may be given",
    )
    parser.add_argument(
        "--sort",
        default="",
        help="-published, -used (most grants first), name or body; else by relevance",
    )


def _some(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= MOST):
        raise argparse.ArgumentTypeError(f"a number from 1 to {MOST}")
    return int(text)


def search_options(parser: argparse.ArgumentParser) -> None:
    _question(parser)
    parser.add_argument(
        "--limit", type=_some, default=20, help=f"entries at most (20); up to {MOST}, more: export"
    )
    parser.add_argument("--facets", action="store_true", help="count the facets, too")


def export_options(parser: argparse.ArgumentParser) -> None:
    _question(parser)
    parser.add_argument("--format", choices=("csv", "json"), default="csv")


def _matches(actor: Any, options: argparse.Namespace, *, facets: bool = False) -> Any:
    from dataclasses import fields

    from huitong.catalog import queries
    from huitong.catalog.queries import Filters
    from huitong.catalog.queries.search import SORTS
    from huitong.cli.processes import CannotRun

    if options.sort not in SORTS:
        raise CannotRun(f"--sort={options.sort}: one of {', '.join(filter(None, SORTS))}")

    chosen: dict[str, list[str]] = {"sort": [options.sort]}
    names = {field.name for field in fields(Filters)} - {"sort"}
    for pair in options.facet:
        name, _, value = pair.partition("=")
        if name not in names or not value:
            raise CannotRun(f"--facet {pair}: NAME=VALUE, with one of {', '.join(sorted(names))}")
        chosen.setdefault(name, []).append(value)
    filters = Filters.from_query(lambda name: chosen.get(name, []))
    return queries.search(actor, " ".join(options.question), filters, facets=facets)


def _row(entry: Any) -> dict[str, Any]:
    version = entry.text
    return {
        "id": entry.pk,
        "code": entry.code,
        "name": version.name,
        "body": entry.body.short_name,
        "share_class": version.share_class,
        "published_at": version.published_at.isoformat() if version.published_at else None,
        "grants": entry.uses,
        "summary": version.summary,
    }


def search(actor: Any, options: argparse.Namespace) -> int:
    from dataclasses import asdict

    matches = _matches(actor, options, facets=options.facets)
    answer: dict[str, Any] = {
        "count": matches.count,
        "items": [_row(entry) for entry in matches[: options.limit]],
    }
    if options.facets:
        answer["facets"] = [asdict(facet) for facet in matches.facets]
    print(json.dumps(answer, ensure_ascii=False, indent=1))
    return 0


def show(actor: Any, options: argparse.Namespace) -> int:
    from huitong.catalog import queries

    pk = int(options.entry) if options.entry.isdecimal() else None
    if pk is None:
        pk = queries.entry_by_code(actor, options.entry).pk
    entry = queries.entry_for(actor, pk)
    print(json.dumps(queries.whole_for(actor, entry), ensure_ascii=False, indent=1))
    return 0


def export(actor: Any, options: argparse.Namespace) -> int:
    """All of it, some at a time, however many there are."""
    rows = (_row(entry) for entry in _matches(actor, options).entries)
    if options.format == "json":
        for row in rows:
            print(json.dumps(row, ensure_ascii=False))
        return 0
    from huitong.ui.lists.files import words
    from huitong.ui.rules import cell

    writer = csv.writer(sys.stdout, lineterminator="\n")
    for number, row in enumerate(rows):
        if not number:
            writer.writerow(row)
        writer.writerow([cell(words(value)) for value in row.values()])
    return 0


def one_entry(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("entry", help="its id, or its code")
