"""Read one .xls: a script that `workbooks` runs as a process of its own, for the parser ends the
process at some damaged files.

``python read_xls.py < FILE`` writes JSON to standard output: of each sheet ``name``, ``hidden``,
``merged`` ([first row, column, last row] of areas of several rows, from 0) and ``rows``. A cell is
a text, a number, a truth value, ``["date" | "datetime" | "time", text]`` or ``["seconds",
number]``. Exit status 3: this is no readable .xls; 4: too large. Imports nothing of huitong, and
gets no environment.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from datetime import timedelta
from typing import Any

from python_calamine import CalamineWorkbook, SheetVisibleEnum

#: what the kernel allows this process: bytes of memory, seconds of processor, no file written
MEMORY, SECONDS = 1 << 30, 20
#: the most cells of a sheet, the empty ones between others included, and characters in all
CELLS, CHARACTERS = 3_000_000, 50_000_000


class TooLarge(Exception):
    """More than anybody imports."""


def sheets(content: bytes) -> list[dict[str, Any]]:
    """Every sheet. Raises `TooLarge`, or whatever the parser does."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    read, size = [], 0
    for about in book.sheets_metadata:
        sheet = book.get_sheet_by_name(about.name)
        if sheet.total_height * sheet.total_width > CELLS:
            raise TooLarge
        rows = sheet.to_python(skip_empty_area=False)
        size += sum(len(cell) for row in rows for cell in row if isinstance(cell, str))
        if size > CHARACTERS:
            raise TooLarge
        merged = [
            (first, column, last)
            for (first, column), (last, _) in sheet.merged_cell_ranges or ()
            if last > first
        ]
        read.append(
            {
                "name": about.name,
                "hidden": about.visible != SheetVisibleEnum.Visible,
                "merged": merged,
                "rows": [[_cell(cell) for cell in row] for row in rows],
            }
        )
    return read


def _cell(value: Any) -> Any:
    if isinstance(value, timedelta):
        return ["seconds", value.total_seconds()]
    return (
        value if isinstance(value, (str, int, float)) else [type(value).__name__, value.isoformat()]
    )


def main() -> int:
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    try:
        json.dump(sheets(sys.stdin.buffer.read()), sys.stdout)
    except TooLarge:
        return 4
    except Exception:  # whatever it was: such a file cannot be read
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
