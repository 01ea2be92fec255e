"""docs/operations.md names every environment variable the code reads, and none it does not."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import huitong
from huitong.cli.parts import BACK_OFF, RECIPES

SOURCE = Path(huitong.__file__).parent
DOC = (SOURCE.parent.parent / "docs/operations.md").read_text()
VARIABLE = re.compile(r"(HUITONG_[A-Z_]+|DATABASE_(OWNER_)?URL)")
#: read by a computed name in `settings.key_file`
COMPUTED = {"HUITONG_SECRET_KEY", "HUITONG_MASTER_KEY"}


def read_by_the_code() -> set[str]:
    """Every string in the sources that is the name of a variable."""
    names = set(COMPUTED)
    for path in SOURCE.rglob("*.py"):
        if "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and VARIABLE.fullmatch(node.value)
            ):
                names.add(node.value)
    return names


def test_every_variable_is_in_the_table_and_the_table_names_no_other() -> None:
    documented = {match[0] for match in VARIABLE.findall("\n".join(re.findall("`([A-Z_]+)`", DOC)))}
    read = read_by_the_code()
    # names put together: f"HUITONG_SITE_{…}"
    beginnings = tuple(name for name in read if name.endswith("_"))
    missing = {
        n
        for n in read
        if n not in documented
        and not (n in beginnings and any(d.startswith(n) for d in documented))
    }
    stale = {name for name in documented - read if not name.startswith(beginnings or "-")}
    assert not missing, (
        f"say in docs/operations.md, table Settings, what these mean: {sorted(missing)}"
    )
    assert not stale, f"docs/operations.md names variables nobody reads: {sorted(stale)}"


def test_the_parts_and_the_pauses_are_as_told() -> None:
    for recipe in RECIPES:
        assert f"| {recipe.name} |" in DOC
    assert ", ".join(f"{pause:g}" for pause in BACK_OFF[:-1]) in DOC
    assert f"every {BACK_OFF[-1]:g} seconds" in DOC.replace("\n", " ")
