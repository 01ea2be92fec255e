"""How files lie on the page: short enough to be read in one sitting, narrow enough for two side by
side. `ruff format` does the rest."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

from tests.each import each

ROOT = Path(__file__).parents[2]
MOST_LINES = 400
MOST_CHARACTERS = 100
GRAB_BAGS = {"helpers", "utils", "common", "misc", "base", "v2"}


def own_files() -> list[str]:
    """Every file under version control, or about to be, that we write by hand and a formatter or
    the eye reads as code. Migrations are written by Django; prose, data and templates are not
    counted by the line."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    return sorted(
        name
        for name in set(listed)
        if (ROOT / name).is_file()
        and "/migrations/" not in name
        and (name.endswith(".py") or name in ("Makefile", "pyproject.toml"))
    )


def room_of(name: str) -> str:
    """``src/huitong/work/tests/test_todo.py`` stands in the room ``src/huitong/work``."""
    parts = name.split("/")
    return "/".join(parts[: 3 if parts[0] == "src" else 1])


def lines_of(name: str) -> list[str]:
    return (ROOT / name).read_text(encoding="utf-8").splitlines()


def is_an_index(name: str) -> bool:
    """Whether a package's file only says which names it hands on: nobody reads that top-down, and a
    room would have to be cut where its next verb is named."""
    body = ast.parse((ROOT / name).read_text(encoding="utf-8")).body[1:]
    rest = [node for node in body if not isinstance(node, ast.Import | ast.ImportFrom)]
    return name.endswith("/__init__.py") and [
        ast.unparse(target) for node in rest for target in getattr(node, "targets", [node])
    ] == ["__all__"]


def wide_lines(name: str) -> list[int]:
    return [n for n, line in enumerate(lines_of(name), 1) if len(line) > MOST_CHARACTERS]


@each(name for name in own_files() if name.endswith(".py"))
def test_a_file_is_read_top_down_in_one_sitting(name: str) -> None:
    count = len(lines_of(name))
    assert count <= MOST_LINES or is_an_index(name), (
        f"{name} has {count} lines: split it by noun into a package of the same name"
    )
    assert Path(name).stem not in GRAB_BAGS, (
        f"{name} is a grab-bag: name the file after what it is about"
    )


def test_no_line_is_wider_than_the_page() -> None:
    places = [f"{name}:{n}" for name in own_files() for n in wide_lines(name)]
    assert not places, (
        f"more than {MOST_CHARACTERS} characters (a Chinese one counts as one) at {places}: break"
        " SQL before its keywords, regular expressions between alternatives, sentences between"
        " words; put the reason for an ignore on the line above it"
    )
