"""Claim: a workbook of 1,000 entries with 10,000 items is read, checked and compared, and then
written as drafts, in seconds, in memory that does not grow with it.

In an embedded PostgreSQL, in one process, as the worker and the web server do it: a file of new
entries is read, checked and compared with what there is; the drafts are written in one act; they
are exported; every entry of the export is edited in one cell, read and compared again; the edits
are written, and undone. Times are of the wall, with the processor's beside them. ``--entries``
says how many.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tests.installation import environment

from benchmarks._report import finish, table
from huitong.cli.postgres import EmbeddedPostgres

T = TypeVar("T")
ITEMS = 10


class Watch:
    """How long each step takes, and what the process holds at most after it."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, float, float, int]] = []

    def __call__(self, name: str, step: Callable[[], T]) -> T:
        wall, cpu = time.perf_counter(), time.process_time()
        result = step()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        self.rows.append((name, round(wall, 2), round(cpu, 2), memory))
        return result


def workbook(entries: int) -> bytes:
    """A workbook as Excel saves it, complete, of so many entries."""
    from openpyxl import Workbook

    from huitong.catalog.tests.workbooks import COMPLETE

    book = Workbook(write_only=True)
    page, items = book.create_sheet("目录"), book.create_sheet("信息项")
    page.append(["序号", *COMPLETE])
    items.append(("目录序号", "名称", "列名", "类型", "长度", "主键", "分级", "共享类型", "脱敏"))
    for n in range(1, entries + 1):
        page.append([n, *(COMPLETE | {"资源名称": f"第{n}号登记信息"}).values()])
        for i in range(1, ITEMS + 1):
            mask = "姓名（保留首字）" if i == 2 else "不脱敏"
            key = "是" if i == 1 else "否"
            items.append((n, f"登记内容{i}", f"c{i}", "字符型", 30, key, "二级", "无条件", mask))
    file = io.BytesIO()
    book.save(file)
    return saved(file.getvalue())


def saved(content: bytes) -> bytes:
    """A workbook with its texts where Excel and WPS save them, in the table of shared strings;
    openpyxl writes each into its cell."""
    places: dict[bytes, int] = {}

    def shared(cell: re.Match[bytes]) -> bytes:
        place = places.setdefault(cell[2], len(places))
        return b'%st="s"><v>%d</v></c>' % (cell[1], place)

    inline = re.compile(rb'(<c [^>]*?)t="inlineStr"><is>(<t[^>]*>[^<]*</t>)</is></c>')
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", 8) as new:
        parts = {name: old.read(name) for name in old.namelist()}
        for name in [name for name in parts if name.startswith("xl/worksheets/sheet")]:
            parts[name] = inline.sub(shared, parts[name])
            assert b"inlineStr" not in parts[name]
        strings = b"".join(b"<si>%s</si>" % text for text in places)
        parts["xl/sharedStrings.xml"] = (
            b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s</sst>'
            % strings
        )
        parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
            b"</Types>",
            b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.'
            b'openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>',
        )
        for name, part in parts.items():
            new.writestr(name, part)
    return file.getvalue()


def edited(content: bytes) -> bytes:
    """An export with one cell of every entry changed."""
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content))
    page = book["目录"]
    [column] = [cell.column for cell in page[2] if cell.value == "备注"]
    for row in range(3, page.max_row + 1):
        page.cell(row, column, "已核对")
    file = io.BytesIO()
    book.save(file)
    return saved(file.getvalue())


def measure(entries: int) -> Watch:
    from tests.cast import Cast

    from huitong.catalog import actions, jobs, queries
    from huitong.catalog.forms import sheets
    from huitong.catalog.models import ChangeSet
    from huitong.catalog.rules.sheets import SheetFile
    from huitong.kernel.ledger import writing

    with writing("benchmark"):
        cast = Cast()
    clerk, watch = cast.civil_operator, Watch()
    actions.register_system(clerk, name="业务管理系统")

    def handed_in(content: bytes) -> ChangeSet:
        own = actions.hand_in_workbook(clerk, name="目录.xlsx", file=SheetFile(content))
        jobs.check_workbook(changes=own.pk)
        return ChangeSet.objects.get(pk=own.pk)

    content = workbook(entries)
    watch("the process before", lambda: None)
    own = watch("new: read, check, compare", lambda: handed_in(content))
    assert (own.state, own.rows.count()) == ("ready", entries), own.faults[:3]
    watch("new: write the drafts", lambda: actions.apply_changes(clerk, changes=own.pk))

    def export() -> bytes:
        lookup = sheets.Lookup(*queries.names_for_workbook(clerk))
        return sheets.export(queries.stored_entries(clerk), lookup)

    again = edited(watch("export", export))
    other = watch("edited: read, check, compare", lambda: handed_in(again))
    assert (other.state, other.rows.count()) == ("ready", entries), other.faults[:3]
    watch("edited: write the changes", lambda: actions.apply_changes(clerk, changes=other.pk))
    watch("edited: undo", lambda: actions.undo_changes(clerk, changes=other.pk))
    return watch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=1000)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="huitong-sheets-"))
    folder.chmod(0o711)
    try:
        with EmbeddedPostgres(folder):
            settings = environment(folder, HUITONG_SECOND_FACTOR="optional")
            command = [sys.executable, "-m", "huitong.cli", "migrate"]
            subprocess.run(command, env=settings, check=True, capture_output=True)
            os.environ.update(settings)
            from huitong.cli.django_ready import ready

            ready()
            watch = measure(options.entries)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    table(
        f"{options.entries:,} entries with {options.entries * ITEMS:,} items",
        ("step", "s", "processor s", "memory MB at most"),
        watch.rows,
    )
    finish(
        "sheets",
        {
            "entries": options.entries,
            "items": options.entries * ITEMS,
            "steps": {name: {"s": s, "cpu_s": cpu, "mb": mb} for name, s, cpu, mb in watch.rows},
            "check_and_write_s": round(sum(row[1] for row in watch.rows[1:3]), 2),
        },
    )


if __name__ == "__main__":
    main()
