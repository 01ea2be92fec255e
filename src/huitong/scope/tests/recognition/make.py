"""Make the labelled columns by which recognition is measured: ``python -m
huitong.scope.tests.recognition.make`` writes ``tune.csv`` and ``held.csv`` anew, the same each
time.

Two halves: names of columns are dealt out between them once, values follow from a seed of each.
Rules are tuned on the one, reported on the other. People, bodies and numbers are invented, check
digits are right.
"""

from __future__ import annotations

import csv
from pathlib import Path
from random import Random

from huitong.scope.tests.recognition import inventing as of
from huitong.scope.tests.recognition.inventing import Maker
from huitong.scope.tests.recognition.traps import TRAPS

FOLDER = Path(__file__).parent
SEEDS = {"tune": 20200219, "held": 20261129}
VALUES = 20  # a column
BETWEEN = "¦"
#: (column, comment), as in ``names.csv``
Names = list[tuple[str, str]]

#: label → what its columns hold, in turn
KINDS: dict[str, list[Maker]] = {
    "citizen_number": [
        of.citizen,
        of.citizen,
        of.citizen,
        of.citizen_small,
        of.citizens_of_old,
        of.old_citizen,
    ],
    "credit_code": [of.credit],
    "bank_card": [of.card, of.card, of.spaced_card],
    "mobile": [of.mobile, of.mobile, of.spaced_mobile],
    "phone": [of.landline, of.any_phone],
    "email": [of.email],
    "address": [of.address],
    "name": [of.name],
    "plate": [of.plate],
    "passport": [of.passport],
    "medical": [of.illness, of.illness, of.finding, of.blood],
}

# -- dealing out -----------------------------------------------------------------------------------

EACH_KIND, EACH_TRAP = 30, 6


def names_of(label: str, trap: str) -> Names:
    """How such columns are called in systems of departments; a comment may be missing."""
    with (FOLDER / "names.csv").open(encoding="utf-8", newline="") as file:
        return [
            (row["column"], row["comment"])
            for row in csv.DictReader(file)
            if (row["label"], row["trap"]) == (label, trap)
        ]


def halves(names: Names, dealt: Random) -> dict[str, Names]:
    """Names are dealt out once: what one half is tuned on the other has never been called."""
    shuffled = names[:]
    dealt.shuffle(shuffled)
    return {"tune": shuffled[::2], "held": shuffled[1::2]}


def values_of(make: Maker, r: Random) -> list[str]:
    """Twenty, some not given, now and then one cut short: as in life."""
    values = [make(r) for _ in range(VALUES)]
    for _ in range(r.randrange(4)):
        values[r.randrange(VALUES)] = r.choice(("", "", "无", "-", "不详"))
    if r.random() < 0.3 and len(values[0]) > 3:
        at = r.randrange(VALUES)
        values[at] = values[at][:-1]
    return values


TYPES = {"citizen_number": "char(18)", "mobile": "varchar(20)", "bank_card": "varchar(30)"}


def rows_of(half: str) -> list[list[str]]:
    r, dealt, rows = Random(SEEDS[half]), Random(11), []
    for label, makers in KINDS.items():
        called = halves(names_of(label, ""), dealt)[half]
        for n in range(EACH_KIND):
            column, comment = called[n % len(called)]
            values = values_of(makers[n % len(makers)], r)
            rows.append([label, "", column, comment, TYPES.get(label, "varchar(200)"), *values])
    for trap, begin in TRAPS.items():
        called = halves(names_of("", trap), dealt)[half]
        for n in range(EACH_TRAP):
            column, comment = called[n % len(called)]
            rows.append(["", trap, column, comment, "varchar(200)", *values_of(begin(r), r)])
    return [[*row[:5], BETWEEN.join(row[5:])] for row in rows]


def main() -> None:
    for half in SEEDS:
        with (FOLDER / f"{half}.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(["label", "trap", "column", "comment", "type", "values"])
            writer.writerows(rows_of(half))


if __name__ == "__main__":
    main()
