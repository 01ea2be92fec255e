"""Stamp and scan a printed form as an office does with paper: for trying the demonstration,
never for a real application."""

import argparse
import sys
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "form", type=Path, help="the PDF of the application form, as 打印件 gives it"
    )
    parser.add_argument(
        "scan",
        type=Path,
        nargs="?",
        help="where the scan goes (default: beside the form, with -scan)",
    )


def run(options: argparse.Namespace) -> int:
    from pypdfium2 import PdfiumError

    from huitong.cli.demo.stamping import stamped

    scan = options.scan or options.form.with_name(f"{options.form.stem}-scan.pdf")
    try:
        scan.write_bytes(stamped(options.form.read_bytes()))
    except (OSError, PdfiumError) as wrong:
        print(f"huitong stamp: {options.form}: {wrong}", file=sys.stderr)
        return 2
    print(f"stamped and scanned, with the red seal of nobody: {scan}")
    return 0
