"""How every benchmark ends: a table for people, then one line of JSON with every figure and
ratio."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path


def median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 3)


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    memory = int(
        next(
            line
            for line in Path("/proc/meminfo").read_text().splitlines()
            if line.startswith("MemTotal")
        ).split()[1]
    )
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(memory / 1024**2, 1),
        "python": platform.python_version(),
        "architecture": platform.machine(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Left-aligned first column, the rest right-aligned."""
    cells = [
        [f"{c:,.2f}" if isinstance(c, float) else str(c) for c in row] for row in (columns, *rows)
    ]
    widths = [max(len(row[i]) for row in cells) for i in range(len(columns))]
    print(f"\n{title}")
    for number, row in enumerate(cells):
        print(
            "  "
            + "  ".join(
                c.rjust(w) if i else c.ljust(w)
                for i, (c, w) in enumerate(zip(row, widths, strict=True))
            )
        )
        if not number:
            print("  " + "  ".join("-" * w for w in widths))
    print()


def finish(name: str, figures: Mapping[str, object]) -> None:
    """The last line, for machines."""
    print(
        json.dumps({"bench": name, **figures, "machine": machine()}, ensure_ascii=False), flush=True
    )
