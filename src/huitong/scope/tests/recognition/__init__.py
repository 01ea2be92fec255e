"""Labelled columns with traps, and how well recognition does on them (A8)."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from huitong.scope.suggest import recognise

FOLDER = Path(__file__).parent
BETWEEN = "¦"


@dataclass(frozen=True)
class Labelled:
    """A column and what a person says it holds; empty = nobody's data."""

    label: str
    trap: str
    column: str
    comment: str
    values: tuple[str, ...]

    @property
    def answer(self) -> str:
        """What recognition says of it."""
        sign = recognise(self.column, self.comment, self.values)
        return sign.kind if sign else ""


def columns(half: str) -> Iterator[Labelled]:
    """``half``: ``tune``, which the rules may be tuned on, or ``held``, which they are reported
    on."""
    with (FOLDER / f"{half}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            values = tuple(row["values"].split(BETWEEN))
            yield Labelled(row["label"], row["trap"], row["column"], row["comment"], values)


@dataclass(frozen=True)
class Score:
    """Of one kind: how many columns there are, how many were recognised, how many of those
    rightly."""

    there: int
    recognised: int
    right: int

    @property
    def precision(self) -> float:
        return self.right / self.recognised if self.recognised else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.there


def scores(half: str) -> dict[str, Score]:
    """Precision and recall of each kind."""
    rows = [(one.label, one.answer) for one in columns(half)]
    labels, answers = Counter(a for a, _ in rows), Counter(b for _, b in rows)
    right = Counter(a for a, b in rows if a == b)
    return {
        kind: Score(labels[kind], answers[kind], right[kind]) for kind in sorted(labels) if kind
    }


def table(half: str) -> str:
    """The scores as a table of Markdown."""
    lines = ["| kind | columns | precision | recall |", "|---|---|---|---|"]
    lines += [
        f"| `{kind}` | {score.there} | {score.precision:.3f} | {score.recall:.3f} |"
        for kind, score in scores(half).items()
    ]
    return "\n".join(lines)
